//! Passes over many repositories of the simulated GitHub.

use anyhow::Result;
use gitratra_sim::{Limits, Sim};

use super::measure::{run, time};
use crate::say;

const TOKEN: &str = "ghp_bench";

fn fleet(repositories: usize, latency_ms: u64) -> Sim {
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

/// The surroundings of a run, and its arguments for a pass over everything.
fn variables(url: &str) -> [(&str, &str); 3] {
    [
        ("GITRATRA_API_URL", url),
        ("GITRATRA_TOKEN", TOKEN),
        ("GITRATRA_DB", "bench.db"),
    ]
}

const PASS: [&str; 6] = ["sync", "octo/*", "--points-per-minute", "0", "--jobs", "50"];

/// Wall time against requests × latency ÷ jobs.
pub(super) fn latency() -> Result<()> {
    const LATENCY_MS: u64 = 80;
    let sim = fleet(1_000, LATENCY_MS);
    let folder = tempfile::tempdir()?;
    let url = sim.url();
    let took = time(folder.path(), &variables(&url), &PASS)?;
    let requests = sim.counters().total;
    #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
    let ideal = (requests * LATENCY_MS) as f64 / 1000.0 / 50.0;
    let wall = took.wall.as_secs_f64();
    say(&format!(
        "  {wall:.2} s for {requests} requests, ideal {ideal:.2} s, {:.2} times that",
        wall / ideal
    ));
    Ok(())
}

/// CPU for each repository.
pub(super) fn cpu() -> Result<()> {
    const REPOSITORIES: u32 = 1_000;
    let sim = fleet(REPOSITORIES as usize, 0);
    let folder = tempfile::tempdir()?;
    let url = sim.url();
    for pass in ["first pass", "a day later", "nothing new (304)"] {
        let took = time(folder.path(), &variables(&url), &PASS)?;
        say(&format!(
            "  {pass}: {:.3} ms CPU a repository, {:.2} s wall",
            took.cpu.as_secs_f64() * 1000.0 / f64::from(REPOSITORIES),
            took.wall.as_secs_f64()
        ));
        if pass == "first pass" {
            sim.advance_days(1);
        }
    }
    Ok(())
}

/// Peak memory, first pass and second.
pub(super) fn memory() -> Result<()> {
    let sim = fleet(10_000, 0);
    let folder = tempfile::tempdir()?;
    let url = sim.url();
    for pass in ["first pass", "a day later"] {
        let took = run(folder.path(), &variables(&url), &PASS)?;
        #[expect(clippy::cast_precision_loss, reason = "megabytes with one digit")]
        let megabytes = took.memory as f64 / 1e6;
        say(&format!(
            "  {pass}: {megabytes:.1} MB, {:.1} s wall",
            took.wall.as_secs_f64()
        ));
        sim.advance_days(1);
    }
    Ok(())
}
