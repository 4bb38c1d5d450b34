//! Passes over many repositories of the simulated GitHub.

use anyhow::Result;
use gitratra_sim::{Limits, Sim};

use super::Measured;
use super::measure::{run, time};
use crate::say;

const TOKEN: &str = "ghp_bench";

pub(super) fn fleet(repositories: usize, latency_ms: u64) -> Sim {
    Sim::builder()
        .seed(3)
        .at("2026-03-10T12:00:00Z")
        .limits(Limits::none())
        .log_capacity(0)
        .latency_ms(latency_ms)
        .fleet("octo", repositories)
        .token(TOKEN)
        .start_on_thread()
}

/// The surroundings of a run.
pub(super) fn variables(url: &str) -> [(&str, &str); 3] {
    [
        ("GITRATRA_API_URL", url),
        ("GITRATRA_TOKEN", TOKEN),
        ("GITRATRA_DB", "bench.db"),
    ]
}

/// Arguments for a pass over everything.
const PASS: [&str; 6] = ["sync", "octo/*", "--points-per-minute", "0", "--jobs", "50"];

/// Wall time against requests × latency ÷ jobs.
pub(super) fn latency() -> Result<Measured> {
    const LATENCY_MS: u64 = 80;
    let sim = fleet(1_000, LATENCY_MS);
    let folder = tempfile::tempdir()?;
    let url = sim.url();
    let took = time(folder.path(), &variables(&url), &PASS)?;
    let requests = sim.counters().total;
    let ideal = each(requests * LATENCY_MS, 50) / 1000.0;
    let wall = took.wall.as_secs_f64();
    say(&format!(
        "  {wall:.2} s for {requests} requests, ideal {ideal:.2} s, {:.2} times that",
        wall / ideal
    ));
    Ok(vec![("latency", wall / ideal)])
}

/// CPU and requests for each repository.
pub(super) fn cpu() -> Result<Measured> {
    const REPOSITORIES: u64 = 1_000;
    let sim = fleet(1_000, 0);
    let folder = tempfile::tempdir()?;
    let url = sim.url();
    let mut measured = Vec::new();
    let mut before = 0;
    for (cpu, requests) in [
        ("cpu-first", Some("requests-first")),
        ("cpu-next", Some("requests-next")),
        ("cpu-unchanged", None),
    ] {
        let took = time(folder.path(), &variables(&url), &PASS)?;
        let millis = took.cpu.as_secs_f64() * 1000.0;
        let all = sim.counters().total;
        let sent = each(all - before, REPOSITORIES);
        before = all;
        say(&format!(
            "  {cpu}: {:.3} ms CPU and {sent:.2} requests a repository, {:.2} s wall",
            millis / each(REPOSITORIES, 1),
            took.wall.as_secs_f64()
        ));
        measured.push((cpu, millis / each(REPOSITORIES, 1)));
        measured.extend(requests.map(|name| (name, sent)));
        if cpu == "cpu-first" {
            sim.advance_days(1);
        }
    }
    Ok(measured)
}

/// Clock and CPU of a pass over a large fleet, by one pattern.
pub(super) fn fleet_at_once() -> Result<Measured> {
    let sim = fleet(10_000, 0);
    let folder = tempfile::tempdir()?;
    let took = time(folder.path(), &variables(&sim.url()), &PASS)?;
    let (wall, cpu) = (took.wall.as_secs_f64(), took.cpu.as_secs_f64());
    say(&format!("  {wall:.2} s wall, {cpu:.2} s CPU"));
    Ok(vec![("pass-wall", wall), ("pass-cpu", cpu)])
}

/// Peak memory, first pass and second.
pub(super) fn memory() -> Result<Measured> {
    let sim = fleet(10_000, 0);
    let folder = tempfile::tempdir()?;
    let url = sim.url();
    let mut measured = Vec::new();
    for name in ["memory-first", "memory-next"] {
        let took = run(folder.path(), &variables(&url), &PASS)?;
        let megabytes = each(took.memory, 1_000_000);
        say(&format!(
            "  {name}: {megabytes:.1} MB, {:.1} s wall",
            took.wall.as_secs_f64()
        ));
        measured.push((name, megabytes));
        sim.advance_days(1);
    }
    Ok(measured)
}

/// A number for each of others.
pub(super) fn each(number: u64, of: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "some digits are shown")]
    let (number, of) = (number as f64, of as f64);
    number / of
}
