//! Where a setting comes from: flag beats environment beats file. Empty variables count as absent.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use etcetera::BaseStrategy as _;
use gitratra_core::alarm::{Bounds, MOST_DAYS_LEFT};
use gitratra_core::platform::Rule;
use gitratra_core::{Pattern, Rules};
use gitratra_github::{ApiUrl, Clock, TokioClock};
use gitratra_notify::{Channel, Notify, SecretString};
use gitratra_store::Location;
use gitratra_web::ApiOrigin;
use jiff::SignedDuration;
use serde::Deserialize;

use crate::args::Global;
use crate::configured::{self, AppId, Configured, FileKeys, Named};
use crate::copies::{self, Scheduled};
use crate::door::{Door, OidcTable};
use crate::warehouse::{self, Warehouse};

/// GitHub's own API.
const GITHUB_API_URL: &str = "https://api.github.com";

/// The keys of the configuration file.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    db: Option<String>,
    /// A copy of the database to read from.
    read_db: Option<String>,
    api_url: Option<String>,
    token_file: Option<PathBuf>,
    app_id: Option<AppId>,
    app_key_file: Option<PathBuf>,
    client_id: Option<String>,
    #[serde(default)]
    credential: Vec<configured::Table>,
    jobs: Option<usize>,
    points_per_minute: Option<u32>,
    rate_share: Option<f64>,
    /// Which platform a release's file is for, before the rules that are built in.
    platform_rules: Option<Vec<String>>,
    /// Whose workflow runs are counted.
    workflow_runs: Option<Vec<String>>,
    listen: Option<String>,
    /// Sites whose pages may read the API from a browser.
    api_origins: Option<Vec<String>>,
    /// The address by which browsers reach the dashboard.
    public_url: Option<String>,
    /// A proxy of ours stands before the dashboard, whose X-Forwarded-For is believed.
    #[serde(default)]
    behind_proxy: bool,
    /// For how many seconds it goes on answering after SIGTERM.
    drain: Option<u32>,
    /// Who else says who somebody is.
    oidc: Option<OidcTable>,
    /// Fewer days left than this are a trouble.
    alert_days_left: Option<u32>,
    /// Nothing stored for so many hours is a trouble.
    alert_quiet_hours: Option<u32>,
    /// Names private repositories on `/metrics`, which asks nobody who they are.
    metrics_show_private: Option<bool>,
    /// Copies of the store that `serve` makes.
    backup: Option<copies::Table>,
    /// The warehouse that `serve` keeps up to date.
    #[serde(default)]
    warehouse: warehouse::Table,
    /// The channels through which trouble is told.
    #[serde(default)]
    notify: Vec<Notify>,
}

/// The settings that do not belong to one command.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// What it was all read from, so that it can be read again.
    global: Global,
    /// How many times faster than real time is waited.
    speed: f64,
    file: File,
    /// The file that was read.
    path: Option<PathBuf>,
    db: Option<String>,
    api_url: Option<String>,
    named: Named,
}

/// An environment variable that is set and not empty.
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

impl Settings {
    /// Reads the configuration file, which may be absent unless it was named.
    pub(crate) fn read(global: &Global) -> Result<Self> {
        let usual = || default_config().filter(|path| path.exists());
        let path = global.config.clone().or_else(usual);
        let file = match &path {
            Some(path) => read_file(path)?,
            None => File::default(),
        };
        let keys = FileKeys {
            token_file: file.token_file.clone(),
            app_id: file.app_id.clone(),
            app_key_file: file.app_key_file.clone(),
            tables: file.credential.clone(),
        };
        Ok(Self {
            global: global.clone(),
            speed: 1.0,
            named: Named::new(global, &keys)?,
            db: global.db.clone(),
            api_url: global.api_url.clone(),
            file,
            path,
        })
    }

    /// The same settings as they are now.
    pub(crate) fn again(&self) -> Result<Self> {
        Ok(Self::read(&self.global)?.at_speed(self.speed))
    }

    /// The same with all waiting so many times faster.
    pub(crate) fn at_speed(mut self, speed: f64) -> Self {
        self.speed = speed;
        self
    }

    /// How many times faster than real time is waited.
    pub(crate) fn speed(&self) -> f64 {
        self.speed
    }

    /// How long GitHub's minute takes on the clock that measures waiting: whoever simulates GitHub
    /// keeps its limits by real time.
    pub(crate) fn minute(&self) -> Duration {
        let minute = Duration::try_from_secs_f64(60.0 * self.speed);
        minute.unwrap_or(Duration::from_secs(60))
    }

    /// What measures waiting.
    pub(crate) fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(TokioClock::at_speed(self.speed))
    }

    /// Where `serve` answers HTTP.
    pub(crate) fn listen(&self, flag: Option<&str>) -> String {
        flag.map(str::to_owned)
            .or_else(|| variable("GITRATRA_LISTEN"))
            .or_else(|| self.file.listen.clone())
            .unwrap_or_else(|| "127.0.0.1:8080".to_owned())
    }

    /// How the dashboard is guarded.
    pub(crate) fn door(&self) -> Door {
        Door {
            public_url: self.file.public_url.clone(),
            behind_proxy: self.file.behind_proxy,
            oidc: self.file.oidc.clone(),
        }
    }

    /// From when on something is a trouble that is told.
    pub(crate) fn alarm_bounds(&self) -> Result<Bounds> {
        let usual = Bounds::default();
        let days_left = self.file.alert_days_left.unwrap_or(usual.days_left);
        if !(1..=MOST_DAYS_LEFT).contains(&days_left) {
            bail!("alert_days_left = {days_left} is out of range: use 1 to {MOST_DAYS_LEFT}");
        }
        let quiet = match self.file.alert_quiet_hours {
            Some(0) => bail!("alert_quiet_hours = 0 is out of range: use 1 or more"),
            Some(hours) => SignedDuration::from_hours(hours.into()),
            None => usual.quiet,
        };
        Ok(Bounds {
            days_left,
            days_left_in_outage: usual.days_left_in_outage.min(days_left),
            quiet,
        })
    }

    /// The copies of the store that are to be made; nothing where none are.
    pub(crate) fn scheduled(&self) -> Result<Option<Scheduled>> {
        let table = self.file.backup.as_ref();
        let scheduled = table.map(|table| table.scheduled());
        scheduled
            .transpose()
            .context("the table [backup] cannot be used")
    }

    /// Where copies go that are asked for by hand.
    pub(crate) fn target(&self, text: &str) -> Result<gitratra_backup::Target> {
        copies::target(text, self.file.backup.as_ref())
    }

    /// The warehouse that is kept up to date; nothing where none is.
    pub(crate) fn scheduled_warehouse(&self) -> Result<Option<Warehouse>> {
        let scheduled = self.file.warehouse.scheduled(self.platform_rules()?);
        scheduled.context("the table [warehouse] cannot be used")
    }

    /// The warehouse that is asked for by hand.
    pub(crate) fn warehouse(
        &self,
        place: Option<&str>,
        what: &[String],
        repo: &[String],
    ) -> Result<Warehouse> {
        let rules = self.platform_rules()?;
        self.file.warehouse.warehouse(place, what, repo, rules)
    }

    /// Whether `/metrics` names private repositories.
    pub(crate) fn metrics_show_private(&self) -> bool {
        self.file.metrics_show_private.unwrap_or(false)
    }

    /// The configuration file that was read, where there is one.
    pub(crate) fn config_file(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// The channels through which trouble is told, ready to send. Nothing is sent yet.
    pub(crate) fn channels(&self) -> Result<Vec<Channel>> {
        let secret = |name: &str| variable(name).map(SecretString::from);
        let channels = gitratra_notify::open(&self.file.notify, &secret);
        channels.context("the channels of [[notify]] cannot be used")
    }

    /// Every environment variable that may hold a secret of ours.
    pub(crate) fn secret_variables(&self) -> Vec<String> {
        self.named.secret_variables()
    }

    /// All credentials that may ask, in order; none is read yet.
    pub(crate) fn credentials(&self) -> Vec<Configured> {
        self.named.all()
    }

    /// The client id of the OAuth app that people log in through.
    pub(crate) fn client_id(&self, flag: Option<&str>) -> Option<String> {
        flag.map(str::to_owned)
            .or_else(|| variable("GITRATRA_CLIENT_ID"))
            .or_else(|| self.file.client_id.clone())
    }

    /// The database that `--db` names; the environment and the file do not count.
    pub(crate) fn named_location(&self) -> Result<Option<Location>> {
        let named = self.db.as_deref().map(Location::parse);
        Ok(named.transpose()?)
    }

    fn db_text(&self) -> Option<String> {
        self.db
            .clone()
            .or_else(|| variable("GITRATRA_DB"))
            .or_else(|| self.file.db.clone())
    }

    /// Whether a database is named anywhere.
    pub(crate) fn names_database(&self) -> bool {
        self.db_text().is_some()
    }

    /// Where the history is kept.
    pub(crate) fn location(&self) -> Result<Location> {
        let text = match self.db_text() {
            Some(text) => text,
            None => data_folder()?
                .join("gitratra.db")
                .into_os_string()
                .into_string()
                .map_err(|path| {
                    anyhow!("the data folder {path:?} is no Unicode: name a database with --db")
                })?,
        };
        Ok(Location::parse(&text)?)
    }

    /// A copy of the history that its server makes of itself, where there is one to read from.
    pub(crate) fn read_location(&self) -> Result<Option<Location>> {
        let text = self
            .global
            .read_db
            .clone()
            .or_else(|| variable("GITRATRA_READ_DB"))
            .or_else(|| self.file.read_db.clone())
            .filter(|text| !text.is_empty());
        Ok(text.as_deref().map(Location::parse).transpose()?)
    }

    /// How long the dashboard goes on answering after it was told to end, so that whoever shares
    /// requests out notices in time.
    pub(crate) fn drain(&self, flag: Option<u32>) -> Result<Duration> {
        const MOST: u32 = 600;
        let usual = if self.file.behind_proxy { 2 } else { 0 };
        let seconds = layered(flag, "GITRATRA_DRAIN", self.file.drain)?.unwrap_or(usual);
        if seconds > MOST {
            bail!("--drain {seconds} is out of range: use 0 to {MOST}");
        }
        Ok(Duration::from_secs(seconds.into()))
    }

    /// Which GitHub to ask.
    pub(crate) fn api_url(&self) -> Result<ApiUrl> {
        let text = self
            .api_url
            .clone()
            .or_else(|| variable("GITRATRA_API_URL"))
            .or_else(|| variable("GITHUB_API_URL"))
            .or_else(|| self.file.api_url.clone())
            .unwrap_or_else(|| GITHUB_API_URL.to_owned());
        Ok(ApiUrl::parse(&text)?)
    }

    /// Repositories asked at the same time.
    pub(crate) fn jobs(&self, flag: Option<usize>) -> Result<usize> {
        let jobs = layered(flag, "GITRATRA_JOBS", self.file.jobs)?.unwrap_or(8);
        if jobs == 0 || jobs > gitratra_sync::pass::MOST_JOBS {
            bail!(
                "--jobs {jobs} is out of range: use 1 to {}",
                gitratra_sync::pass::MOST_JOBS
            );
        }
        Ok(jobs)
    }

    /// Somebody's own rules of platforms.
    pub(crate) fn platform_rules(&self) -> Result<Vec<Rule>> {
        let rules = self.file.platform_rules.iter().flatten();
        let rules = rules.map(|line| line.parse::<Rule>().context("cannot use platform_rules"));
        rules.collect()
    }

    /// Sites whose pages may read the API from a browser.
    pub(crate) fn api_origins(&self) -> Result<Vec<ApiOrigin>> {
        let origins = self.file.api_origins.iter().flatten();
        let origins =
            origins.map(|text| text.parse::<ApiOrigin>().context("cannot use api_origins"));
        origins.collect()
    }

    /// The repositories whose workflow runs are counted, one request a day each.
    pub(crate) fn workflow_runs(&self, flag: &[String]) -> Result<Rules> {
        let variable = variable("GITRATRA_WORKFLOW_RUNS");
        let variable = variable.map(|list| list.split(',').map(str::to_owned).collect());
        let patterns: Vec<String> = match flag {
            [] => variable.or_else(|| self.file.workflow_runs.clone()),
            given => Some(given.to_vec()),
        }
        .unwrap_or_default();
        let patterns = patterns.iter().map(|text| {
            let text = text.trim();
            let pattern = text.parse::<Pattern>();
            pattern
                .with_context(|| format!("cannot tell whose workflow runs to count by \"{text}\""))
        });
        Ok(Rules::new(patterns.collect::<Result<Vec<_>>>()?))
    }

    /// Requests in any minute; 0 for no limit of our own.
    pub(crate) fn points_per_minute(&self, flag: Option<u32>) -> Result<u32> {
        let points = layered(
            flag,
            "GITRATRA_POINTS_PER_MINUTE",
            self.file.points_per_minute,
        )?;
        Ok(points.unwrap_or(900))
    }

    /// The part of each credential's hourly rate limit that may be used.
    pub(crate) fn rate_share(&self, flag: Option<f64>, usual: f64) -> Result<f64> {
        let share = layered(flag, "GITRATRA_RATE_SHARE", self.file.rate_share)?.unwrap_or(usual);
        if !(share > 0.0 && share <= 1.0) {
            bail!("--rate-share {share} is out of range: use a number above 0 and up to 1");
        }
        Ok(share)
    }
}

fn layered<T>(flag: Option<T>, name: &str, file: Option<T>) -> Result<Option<T>>
where
    T: FromStr,
    T::Err: std::error::Error + Send + Sync + 'static,
{
    if flag.is_some() {
        return Ok(flag);
    }
    match variable(name) {
        Some(text) => {
            let value = text
                .trim()
                .parse()
                .with_context(|| format!("{name}=\"{text}\" cannot be used: set it to a number"))?;
            Ok(Some(value))
        }
        None => Ok(file),
    }
}

fn read_file(path: &Path) -> Result<File> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read the configuration \"{}\"", path.display()))?;
    toml::from_str(&text).map_err(|error| {
        let why = anyhow!(told_without_values(&text, &error));
        why.context(format!(
            "the configuration \"{}\" cannot be used",
            path.display()
        ))
    })
}

/// What is wrong and where, without the line itself and what it sets: that may be a secret.
fn told_without_values(text: &str, error: &toml::de::Error) -> String {
    let mut message = String::new();
    let mut rest = error.message();
    while let Some((before, after)) = rest.split_once("string \"") {
        message.push_str(before);
        message.push_str("a string");
        let end = after.rfind("\", expected").map_or(after.len(), |at| at + 1);
        rest = &after[end..];
    }
    message.push_str(rest);
    let message = message.split_whitespace().collect::<Vec<_>>().join(" ");
    let Some(before) = error.span().and_then(|span| text.get(..span.start)) else {
        return message;
    };
    let line = before.matches('\n').count() + 1;
    let shown = text.lines().nth(line - 1).unwrap_or_default();
    let key = shown.split_once('=').map(|(key, _)| key.trim());
    let is_key = |key: &&str| {
        !key.is_empty()
            && key
                .chars()
                .all(|c| c.is_alphanumeric() || "_-.".contains(c))
    };
    match key.filter(is_key) {
        Some(key) => format!("line {line}, key \"{key}\": {message}"),
        None => format!("line {line}: {message}"),
    }
}

fn default_config() -> Option<PathBuf> {
    let base = etcetera::choose_base_strategy().ok()?;
    Some(base.config_dir().join("gitratra").join("config.toml"))
}

fn data_folder() -> Result<PathBuf> {
    let base = etcetera::choose_base_strategy()
        .context("no home folder is known: name a database with --db or GITRATRA_DB")?;
    Ok(base.data_dir().join("gitratra"))
}

/// Where things are kept that can be made again.
pub(crate) fn cache_folder() -> Result<PathBuf> {
    let base = etcetera::choose_base_strategy()
        .context("no home folder is known: set HOME, or name a database with --db")?;
    Ok(base.cache_dir().join("gitratra"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_is_not_known_is_named() {
        let error = toml::from_str::<File>("jobs = 3\njbos = 4\n").unwrap_err();
        assert!(error.to_string().contains("jbos"), "{error}");
    }

    #[test]
    fn what_is_wrong_is_told_without_the_values() {
        for (text, expected) in [
            (
                "jobs = \"three\"\n",
                "line 1, key \"jobs\": invalid type: a string, expected usize",
            ),
            (
                "jobs = 3\ndb = [\"hunter2\"]\n",
                "line 2, key \"db\": invalid type: sequence, expected a string",
            ),
            (
                "[[notify]]\nkind = \"command\"\nargv = \"hunter2, expected\"\n",
                "invalid type: a string, expected a sequence",
            ),
            (
                "[[notify]]\nkind = \"webhook\"\nurl = \"https://h/hunter2\n",
                "line 3",
            ),
            (
                "[[notify]]\nkind = \"webhook\"\nurl = \"https://h/hunter2\"\nsercet = \"hunter2\"\n",
                "sercet",
            ),
        ] {
            let error = toml::from_str::<File>(text).unwrap_err();
            let told = told_without_values(text, &error);
            assert!(told.contains(expected), "{told}");
            assert!(!told.contains("hunter2"), "{told}");
        }
    }

    #[test]
    fn a_flag_beats_the_file() {
        assert_eq!(
            layered(Some(1), "GITRATRA_NOT_SET", Some(2)).unwrap(),
            Some(1)
        );
        assert_eq!(layered(None, "GITRATRA_NOT_SET", Some(2)).unwrap(), Some(2));
    }
}
