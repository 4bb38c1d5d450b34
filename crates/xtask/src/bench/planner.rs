//! A hundred thousand repositories, by the test of the collector's crate that simulates them.

use std::process::Command;

use anyhow::{Context, Result, bail};

use super::Measured;
use crate::tidy::root;

/// Repositories.
const FLEET: &str = "100000";

/// Twenty simulated days.
pub(super) fn days() -> Result<Measured> {
    let args = [
        "test",
        "--release",
        "--quiet",
        "-p",
        "gitratra-sync",
        "--lib",
        "at_scale",
    ];
    let output = Command::new("cargo")
        .args(args)
        .args(["--", "--nocapture"])
        .env("GITRATRA_FLEET", FLEET)
        .current_dir(root()?)
        .output()?;
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        bail!("{told}{}", String::from_utf8_lossy(&output.stderr));
    }
    let line = told.lines().find_map(|line| line.split_once("at_scale "));
    let (_, line) = line.with_context(|| format!("nothing was measured: {told}"))?;
    crate::say(&format!("  {line}"));
    let number = |name: &str| -> Result<f64> {
        let mut words = line.split_whitespace();
        let found = words.find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
        let found = found.with_context(|| format!("no {name} in \"{line}\""))?;
        Ok(found.parse()?)
    };
    Ok(vec![
        ("planner-cpu", number("cpu_ms_mean")? / 1000.0),
        ("planner-memory", number("peak_mb")?),
        ("planner-wait", number("wait_hours")?),
        ("planner-requests", number("requests_each")?),
    ])
}
