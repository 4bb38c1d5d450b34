//! `series`: one metric of one repository over time.

use gitratra_answer::reach::{of_range, steps, to_read};
use gitratra_answer::{
    About, AllDownloads, Asked, DownloadsAccount, Stars, StarsAccount, usual_step,
};
use gitratra_core::figures::Step;
use gitratra_core::platform::Rule;
use gitratra_core::{Counters, Day, DayRange, Metric, download};
use gitratra_store::CounterRun;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::traffic;
use crate::asked::{By, day, days_of, limit, no_cursor, range};
use crate::fault::Fault;
use crate::legend::Subject;
use crate::reply::Reply;
use crate::seen::Seen;

/// Platforms and files that are told at most.
const FILES: usize = 25;

/// What is asked.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Question {
    /// The repository as owner/name, also by a name that it had before
    repo: String,
    /// What is counted; views where nothing is said
    metric: Option<Told>,
    /// 7d, 30d, 12w, 1y, all or FROM..TO with days as YYYY-MM-DD; 30d where nothing is said
    range: Option<String>,
    /// How days are folded; what fits the range where nothing is said
    by: Option<By>,
    /// So many steps at most, 1 to 400; 100 where nothing is said
    limit: Option<u32>,
    /// `next_cursor` of the answer before
    cursor: Option<String>,
}

/// What can be told over time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Told {
    /// Page loads
    Views,
    /// Full clones
    Clones,
    /// Stars given, taken away and standing
    Stars,
    /// Copies of the repository on GitHub
    Forks,
    /// Those who are told of everything that happens
    Watchers,
    /// Open issues, without pull requests
    OpenIssues,
    /// Open pull requests
    OpenPulls,
    /// Downloads of the files of releases
    Downloads,
}

/// A counter at the end of a step.
#[derive(Serialize)]
struct CounterStep {
    from: String,
    to: String,
    value: Option<u64>,
    /// The day on which it stood so.
    day: Option<String>,
    state: &'static str,
}

/// Downloads of a step.
#[derive(Serialize)]
struct DownloadsStep {
    from: String,
    to: String,
    at_least: Option<u64>,
    at_most: Option<u64>,
    kind: &'static str,
    days_missing: u64,
}

/// A metric of a range, before it is cut.
struct Whole {
    range: DayRange,
    data: Value,
    unit: &'static str,
    subjects: Vec<Subject>,
    stranger: &'static [&'static str],
    remarks: Vec<String>,
}

impl Question {
    pub(super) async fn answer(self, seen: &Seen, rules: &[Rule]) -> Result<Reply, Fault> {
        let most = limit(self.limit, 100, 400)?;
        let asked = range(self.range.as_deref(), 30)?;
        let begin = self.cursor.as_deref().map(|cursor| day("cursor", cursor));
        let begin = begin.transpose().map_err(|_| no_cursor())?;
        let about = seen.repository(&self.repo).await?;
        let step = self.by.map(Step::from);
        let metric = self.metric.unwrap_or(Told::Views);
        let whole = match metric {
            Told::Views => of_traffic(seen, &about, asked, step, Metric::Views).await?,
            Told::Clones => of_traffic(seen, &about, asked, step, Metric::Clones).await?,
            Told::Stars => of_stars(seen, &about, asked, step).await?,
            Told::Downloads => of_downloads(seen, &about, asked, step, rules).await?,
            Told::Forks => of_counter(seen, &about, asked, step, |of| Some(of.forks)).await?,
            Told::Watchers => of_counter(seen, &about, asked, step, |of| of.watchers).await?,
            Told::OpenIssues => of_counter(seen, &about, asked, step, |of| of.open_issues).await?,
            Told::OpenPulls => of_counter(seen, &about, asked, step, |of| of.open_pulls).await?,
        };
        let headline = format!("{}: {} over time.", about.name, metric.words());
        let mut data = whole.data;
        let (cut, next_cursor) = cut(&mut data, begin, most);
        if let Value::Object(fields) = &mut data {
            fields.insert("repo".to_owned(), Value::String(about.name.to_string()));
        }
        Ok(Reply {
            range: Some(whole.range),
            subjects: whole.subjects,
            remarks: whole.remarks,
            stranger: whole.stranger,
            cut,
            next_cursor,
            ..Reply::new(headline, whole.unit, data)
        })
    }
}

impl Told {
    const fn words(self) -> &'static str {
        match self {
            Self::Views => "views",
            Self::Clones => "clones",
            Self::Stars => "stars",
            Self::Forks => "forks",
            Self::Watchers => "watchers",
            Self::OpenIssues => "open issues",
            Self::OpenPulls => "open pull requests",
            Self::Downloads => "downloads",
        }
    }
}

/// Leaves so many of the steps from a day on, and says how many of how many that are.
fn cut(data: &mut Value, begin: Option<Day>, most: usize) -> (Option<String>, Option<String>) {
    let Some(Value::Array(steps)) = data.get_mut("steps") else {
        return (None, None);
    };
    let first = |step: &Value| -> Option<Day> { step.get("from")?.as_str()?.parse().ok() };
    let of = steps.len();
    if let Some(begin) = begin {
        steps.retain(|step| first(step) >= Some(begin));
    }
    let skipped = of - steps.len();
    let next = steps.get(most).and_then(first).map(|day| day.to_string());
    steps.truncate(most);
    let is_cut = steps.len() < of;
    let told =
        is_cut.then(|| format!("steps {} to {} of {of}", skipped + 1, skipped + steps.len()));
    (told, next)
}

/// What is said where nothing is known.
fn nothing(about: &About, of: &str) -> Fault {
    match about.known {
        Some(known) => Fault::Range(format!(
            "no {of} of {} are known in that range; days of traffic are known from {known}",
            about.name
        )),
        None => Fault::Bad(format!(
            "nothing was read of {} yet: whoever runs gitratra does so by `gitratra sync {}`",
            about.name, about.name
        )),
    }
}

async fn of_traffic(
    seen: &Seen,
    about: &About,
    asked: Asked,
    step: Option<Step>,
    metric: Metric,
) -> Result<Whole, Fault> {
    let known = about.known.ok_or_else(|| nothing(about, metric.word()))?;
    let range = days_of(asked, known)?;
    let step = step.unwrap_or_else(|| usual_step(range));
    let series = traffic::series(seen.store(), about, range).await?;
    let account = traffic::account(seen.store(), about, &series, (metric, range, step)).await?;
    Ok(Whole {
        range,
        data: super::json(account),
        unit: traffic::UNIT,
        subjects: vec![Subject::Traffic, Subject::Uniques],
        stranger: &[],
        remarks: vec!["a week or month at either end may be cut by the range".to_owned()],
    })
}

async fn of_stars(
    seen: &Seen,
    about: &About,
    asked: Asked,
    step: Option<Step>,
) -> Result<Whole, Fault> {
    let stars = Stars::read(seen.store(), about.id, (asked, about.known), step).await?;
    let stars = stars.ok_or_else(|| nothing(about, "stars"))?;
    Ok(Whole {
        range: stars.range,
        data: super::json(StarsAccount::of(&stars)),
        unit: "stars: given on the days of a step, their change, and the total at its end",
        subjects: vec![Subject::Stars],
        stranger: &[],
        remarks: Vec::new(),
    })
}

async fn of_counter(
    seen: &Seen,
    about: &About,
    asked: Asked,
    step: Option<Step>,
    value: impl Fn(&Counters) -> Option<u64>,
) -> Result<Whole, Fault> {
    let read = to_read(asked, about.known, 0);
    let runs = seen.store().counters(about.id, read).await?;
    let ends = runs.first().zip(runs.last());
    let own = ends.and_then(|(first, last)| DayRange::new(first.days.first(), last.days.last()));
    let range = own.and_then(|own| of_range(asked, about.known, Some(own)));
    let range = range.ok_or_else(|| nothing(about, "counters"))?;
    let steps = steps(range, step).into_iter();
    let steps = steps.map(|step| counter_step(&runs, step, &value));
    Ok(Whole {
        range,
        data: json!({"kind": "measured", "steps": super::json(steps.collect::<Vec<_>>())}),
        unit: "how many there were when last read on or before the end of a step",
        subjects: vec![Subject::Counters],
        stranger: &[],
        remarks: Vec::new(),
    })
}

fn counter_step(
    runs: &[CounterRun],
    step: DayRange,
    value: impl Fn(&Counters) -> Option<u64>,
) -> CounterStep {
    let within = runs.iter().rev().filter_map(|run| {
        let days = run.days.intersection(step)?;
        Some((days.last(), value(&run.counters)?))
    });
    let newest = within.into_iter().next();
    CounterStep {
        from: step.first().to_string(),
        to: step.last().to_string(),
        value: newest.map(|(_, value)| value),
        day: newest.map(|(day, _)| day.to_string()),
        state: if newest.is_some() { "measured" } else { "gap" },
    }
}

async fn of_downloads(
    seen: &Seen,
    about: &About,
    asked: Asked,
    step: Option<Step>,
    rules: &[Rule],
) -> Result<Whole, Fault> {
    let all = AllDownloads::read(seen.store(), about.id, (asked, about.known), rules).await?;
    // Without any file nobody knows whether there is none or releases were never read.
    let all = all.filter(|all| !all.files.is_empty());
    let all = all.ok_or_else(|| nothing(about, "downloads"))?;
    let steps = steps(all.range, step).into_iter().map(|step| {
        let downloads = download::total(all.programs().map(|file| &file.history), step);
        let is_known = downloads.days_missing < step.days().unsigned_abs();
        DownloadsStep {
            from: step.first().to_string(),
            to: step.last().to_string(),
            at_least: is_known.then(|| downloads.count.lower()),
            at_most: is_known.then(|| downloads.count.upper()),
            kind: if is_known {
                super::kind_of(downloads.count)
            } else {
                "gap"
            },
            days_missing: downloads.days_missing,
        }
    });
    let steps = super::json(steps.collect::<Vec<_>>());
    let mut data = super::json(DownloadsAccount::of(&all));
    let mut remarks = Vec::new();
    if let Value::Object(fields) = &mut data {
        for name in ["files", "platforms"] {
            if let Some(Value::Array(lines)) = fields.get_mut(name)
                && lines.len() > FILES
            {
                remarks.push(format!("{name}: the {FILES} largest of {}", lines.len()));
                lines.truncate(FILES);
            }
        }
        fields.insert("steps".to_owned(), steps);
    }
    Ok(Whole {
        range: all.range,
        data,
        unit: "downloads of release files, without checksums and signatures",
        subjects: vec![Subject::Downloads],
        stranger: &["file", "release"],
        remarks,
    })
}
