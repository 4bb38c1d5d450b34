//! Collectors that share one PostgreSQL: how much faster three are than one.
//!
//! The programs are `gitratra serve` as anybody runs it, each with its own jobs and connections. What
//! is measured is the time from their start until every repository was asked for its traffic.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::Measured;
use super::measure::{clean, program};
use super::pass::{fleet, variables};
use crate::say;
use crate::tidy::root;

const REPOSITORIES: u64 = 3_000;
const LATENCY_MS: u64 = 80;
const JOBS: &str = "16";
/// Longer than this it does not take; something is wrong then.
const PATIENCE: Duration = Duration::from_secs(300);

/// A scratch server, which ends with this.
struct Server {
    folder: tempfile::TempDir,
    url: String,
}

impl Server {
    fn start() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let url = scratch(&["start"], folder.path())?;
        Ok(Self { folder, url })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = scratch(&["stop"], self.folder.path());
    }
}

fn scratch(words: &[&str], folder: &Path) -> Result<String> {
    let script = root()?.join("scripts/postgres-for-tests");
    let output = Command::new(script)
        .args(words)
        .arg(folder)
        .stderr(Stdio::inherit())
        .output()?;
    if !output.status.success() {
        bail!("scripts/postgres-for-tests {} failed", words.join(" "));
    }
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// Collectors at work, which end with this.
struct Crowd(Vec<Child>);

impl Drop for Crowd {
    fn drop(&mut self) {
        for child in &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// One, and three.
pub(super) fn speed_up() -> Result<Measured> {
    let one = collect(1)?;
    let three = collect(3)?;
    let times = one.as_secs_f64() / three.as_secs_f64();
    say(&format!(
        "  one {:.1} s, three {:.1} s, {times:.2} times as fast",
        one.as_secs_f64(),
        three.as_secs_f64()
    ));
    Ok(vec![("crowd", times)])
}

fn collect(collectors: usize) -> Result<Duration> {
    let server = Server::start()?;
    let sim = fleet(usize::try_from(REPOSITORIES)?, LATENCY_MS);
    let folder = tempfile::tempdir()?;
    let url = sim.url();
    let [api, token, _] = variables(&url);
    let surroundings = [api, token, ("GITRATRA_DB", server.url.as_str())];
    let gitratra = |args: &[&str]| -> Result<Command> {
        let mut command = clean(&program()?, folder.path());
        command
            .args(args)
            .envs(surroundings)
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        Ok(command)
    };
    let tracked = gitratra(&["track", "octo/*"])?
        .stderr(Stdio::null())
        .status()?;
    if !tracked.success() {
        bail!("gitratra track failed");
    }
    let args = [
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--points-per-minute",
        "0",
        "--jobs",
        JOBS,
    ];
    let before = sim.counters().traffic();
    let began = Instant::now();
    let mut crowd = Crowd(Vec::new());
    for _ in 0..collectors {
        let child = gitratra(&args)?.stderr(Stdio::null()).spawn();
        crowd
            .0
            .push(child.context("gitratra serve does not start")?);
    }
    while sim.counters().traffic() - before < 4 * REPOSITORIES {
        if began.elapsed() > PATIENCE {
            let asked = sim.counters().traffic() - before;
            bail!("{asked} questions in {} s", PATIENCE.as_secs());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(began.elapsed())
}
