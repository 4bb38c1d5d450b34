//! The simulated GitHub of a run, as a program that can be killed; and what it says of the truth.
//!
//! Who it is follows from its seed, so that it is the same after a restart but for what was asked of
//! it: that is gathered while it lives.

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use gitratra_sim::{Day, Time};
use serde_json::Value;

use super::http::ask;
use super::net::{Net, Server};
use super::process::Process;

/// What a run is about.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scale {
    pub(super) repos: usize,
    /// Simulated seconds in a second.
    pub(super) speed: f64,
    /// Requests in a minute that GitHub takes.
    pub(super) points: u32,
    pub(super) seed: u64,
}

pub(super) const TOKEN: &str = "ghp_chaos";

const BEGAN: &str = "2026-03-10T12:00:00Z";

/// Whoever asks the same again sooner than this, in simulated seconds, does not know that it was
/// asked: a collector alone never does.
const APART: i64 = 5 * 60;
const MINUTE_SECS: f64 = 60.0;

/// What was asked in the whole run.
#[derive(Debug, Default)]
pub(super) struct Asked {
    pub(super) total: u64,
    pub(super) traffic: u64,
    /// Requests that were gone from the log before they were looked at.
    pub(super) missed: u64,
    pub(super) by_status: BTreeMap<u16, u64>,
    /// How often the same was asked again too soon.
    pub(super) doubled: u64,
    last: BTreeMap<(u64, String), i64>,
    /// When requests came that counted, by the simulated clock.
    minute: std::collections::VecDeque<i64>,
    /// Most that came within a minute of the real clock.
    pub(super) peak: usize,
    /// Violations that the simulation counted, of lives that are over and of this one.
    violations: [[u64; 2]; 2],
}

impl Asked {
    fn take(&mut self, entry: &Value, speed: f64) {
        self.total += 1;
        let status = entry["status"].as_u64().unwrap_or_default();
        let status = u16::try_from(status).unwrap_or_default();
        *self.by_status.entry(status).or_default() += 1;
        let at = entry["at"].as_str().and_then(|at| at.parse::<Time>().ok());
        let Some(at) = at.map(Time::secs) else { return };
        let target = entry["target"].as_str().unwrap_or_default();
        self.minute.push_back(at);
        #[expect(clippy::cast_possible_truncation, reason = "some days")]
        let window = (MINUTE_SECS * speed) as i64;
        while self
            .minute
            .front()
            .is_some_and(|first| at - first >= window)
        {
            self.minute.pop_front();
        }
        self.peak = self.peak.max(self.minute.len());
        if !target.contains("/traffic/") || target.contains("per=week") {
            return;
        }
        self.traffic += 1;
        let Some(id) = entry["repo_id"].as_u64() else {
            return;
        };
        let key = (id, entry["endpoint"].to_string());
        let before = self.last.insert(key, at);
        self.doubled += u64::from(before.is_some_and(|before| at - before < APART));
    }

    /// Requests that broke the secondary limits or went on after, and those after the hour was used
    /// up.
    pub(super) fn violations(&self) -> [u64; 2] {
        let [over, now] = self.violations;
        [over[0] + now[0], over[1] + now[1]]
    }
}

/// The program at work.
pub(super) struct Github {
    program: PathBuf,
    log: PathBuf,
    namespace: Option<String>,
    listen: SocketAddr,
    /// Where this process reaches it.
    control: SocketAddr,
    scale: Scale,
    process: Option<Process>,
    is_frozen: bool,
    /// The last time that it told, and when.
    clock: (Time, Instant),
    /// How far its log was read in this life.
    read_to: u64,
    pub(super) asked: Asked,
    pub(super) peak_kilobytes: u64,
}

impl Github {
    pub(super) fn start(
        program: &Path,
        folder: &Path,
        net: Option<&Net>,
        scale: Scale,
    ) -> Result<Self> {
        let port = match net {
            Some(_) => 8000,
            None => TcpListener::bind("127.0.0.1:0")?.local_addr()?.port(),
        };
        let (listen, control) = match net {
            // Within its namespace nobody else is there to hear it.
            Some(net) => ("0.0.0.0".to_owned(), net.address(Server::Github, 0)),
            None => ("127.0.0.1".to_owned(), "127.0.0.1".to_owned()),
        };
        let mut github = Self {
            program: program.to_owned(),
            log: folder.join("github.log"),
            namespace: net.map(|net| net.of_server(Server::Github)),
            listen: format!("{listen}:{port}").parse()?,
            control: format!("{control}:{port}").parse()?,
            scale,
            process: None,
            is_frozen: false,
            clock: (BEGAN.into(), Instant::now()),
            read_to: 0,
            asked: Asked::default(),
            peak_kilobytes: 0,
        };
        github.start_again()?;
        Ok(github)
    }

    /// Starts it at the time that it would be had it gone on.
    pub(super) fn start_again(&mut self) -> Result<()> {
        let mut command = match &self.namespace {
            Some(namespace) => {
                let mut command = Command::new("ip");
                command
                    .args(["netns", "exec", namespace])
                    .arg(&self.program);
                command
            }
            None => Command::new(&self.program),
        };
        let Scale {
            repos, speed, seed, ..
        } = self.scale;
        let at = serde_json::to_value(self.now())?;
        command
            .args(["--listen", &self.listen.to_string()])
            // What happened is drawn by when it began.
            .args(["--since", BEGAN])
            .args(["--at", at.as_str().context("a time is a text")?])
            .args(["--repos", &repos.to_string(), "--speed", &speed.to_string()])
            .args(["--seed", &seed.to_string(), "--log", "20000"])
            .args(["--token", TOKEN, "--threads", "1"]);
        self.process = Some(Process::start(command, &self.log)?);
        self.read_to = 0;
        let began = Instant::now();
        loop {
            let points = self.scale.points;
            let path = format!("/_sim/limits?points={points}&graphql_points={points}");
            match ask(self.control, "POST", &path) {
                Ok(_) => break,
                Err(_) if began.elapsed() < Duration::from_secs(20) => {
                    std::thread::sleep(Duration::from_millis(20));
                }
                Err(error) => return Err(error.context("the simulated GitHub does not start")),
            }
        }
        self.look()
    }

    pub(super) fn kill(&mut self) -> Result<()> {
        // What was asked since the last look would be lost.
        let _ = self.look();
        if let Some(mut process) = self.process.take() {
            process.kill()?;
        }
        let [over, now] = &mut self.asked.violations;
        over[0] += now[0];
        over[1] += now[1];
        *now = [0, 0];
        Ok(())
    }

    pub(super) fn freeze(&mut self) -> Result<()> {
        // What was asked until now is known before nobody answers.
        self.look()?;
        self.is_frozen = true;
        self.process().and_then(Process::freeze)
    }

    pub(super) fn thaw(&mut self) -> Result<()> {
        self.is_frozen = false;
        self.process().and_then(Process::thaw)
    }

    fn process(&self) -> Result<&Process> {
        self.process
            .as_ref()
            .context("the simulated GitHub was killed")
    }

    /// Where a collector asks.
    pub(super) fn url(&self, net: Option<&Net>, number: usize) -> String {
        let host = match net {
            Some(net) => net.address(Server::Github, number),
            None => self.control.ip().to_string(),
        };
        format!("http://{host}:{}", self.control.port())
    }

    /// What its clock shows, as far as is known here.
    pub(super) fn now(&self) -> Time {
        let (then, at) = self.clock;
        let since = at.elapsed().as_secs_f64() * self.scale.speed;
        #[expect(clippy::cast_possible_truncation, reason = "some months")]
        then.plus_secs(since as i64)
    }

    /// Takes in what was asked since the last look.
    pub(super) fn look(&mut self) -> Result<()> {
        if self.is_frozen || self.process.is_none() {
            return Ok(());
        }
        let text = ask(
            self.control,
            "GET",
            &format!("/_sim/log?from={}", self.read_to),
        )?;
        let value: Value = serde_json::from_str(&text)?;
        for entry in value["entries"].as_array().into_iter().flatten() {
            self.asked.take(entry, self.scale.speed);
        }
        let next = value["next"].as_u64().context("the log has an end")?;
        let skipped = value["skipped"].as_u64().unwrap_or_default();
        self.asked.missed += skipped;
        self.read_to = next;
        let counters: Value = serde_json::from_str(&ask(self.control, "GET", "/_sim/counters")?)?;
        let number = |name: &str| counters[name].as_u64().unwrap_or_default();
        self.asked.violations[1] = [number("secondary_violations"), number("primary_violations")];
        let clock: Value = serde_json::from_str(&ask(self.control, "GET", "/_sim/clock")?)?;
        let at: Time = serde_json::from_value(clock["at"].clone())?;
        self.clock = (at, Instant::now());
        let memory = self.process.as_ref().and_then(Process::memory);
        self.peak_kilobytes = self.peak_kilobytes.max(memory.map_or(0, |(_, peak)| peak));
        Ok(())
    }

    /// The numbers of all repositories, which follow each other.
    pub(super) fn repositories(&self) -> Result<Vec<u64>> {
        let first = ask(self.control, "GET", "/_sim/repo?repo=octo/amber-api")?;
        let first: Value = serde_json::from_str(&first)?;
        let first = first["id"].as_u64().context("a repository has a number")?;
        let number = u64::try_from(self.scale.repos)?;
        Ok((first..first + number).collect())
    }

    /// The newest day that was published of a repository.
    pub(super) fn newest(&self, id: u64, metric: &str) -> Result<Day> {
        let path = format!("/_sim/newest?repo={id}&metric={metric}");
        let value: Value = serde_json::from_str(&ask(self.control, "GET", &path)?)?;
        Ok(serde_json::from_value(value["day"].clone())?)
    }

    /// What really happened on each of some days: the day's number with count and uniques.
    pub(super) fn truth(
        &self,
        id: u64,
        metric: &str,
        (from, to): (Day, Day),
    ) -> Result<Vec<(Day, (u64, u64))>> {
        let (first, last) = (serde_json::to_value(from)?, serde_json::to_value(to)?);
        let (first, last) = (first.as_str(), last.as_str());
        let path = format!(
            "/_sim/truth?repo={id}&metric={metric}&from={}&to={}",
            first.unwrap_or_default(),
            last.unwrap_or_default()
        );
        let days: Vec<Value> = serde_json::from_str(&ask(self.control, "GET", &path)?)?;
        let read = |day: &Value| {
            let number = |name: &str| day[name].as_u64().context("a number");
            let counts = (number("count")?, number("uniques")?);
            Ok((serde_json::from_value(day["day"].clone())?, counts))
        };
        days.iter().map(read).collect()
    }

    /// Simulated days since the beginning.
    pub(super) fn days_passed(&self) -> i32 {
        self.now().day().number() - Time::from(BEGAN).day().number()
    }
}
