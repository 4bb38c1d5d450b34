//! Measures what `docs/performance.md` records, with the release program against the simulated
//! GitHub. Figures are printed, never asserted: machines differ and are noisy.

mod history;
mod measure;
mod pass;

use anyhow::{Result, bail};

use crate::say;

/// A bench by name, with the sentence that says what it measures.
type Bench = (&'static str, &'static str, fn() -> Result<()>);

const BENCHES: &[Bench] = &[
    (
        "latency",
        "a pass over 1,000 repositories at 80 ms a request, 50 at once",
        pass::latency,
    ),
    (
        "cpu",
        "CPU of a pass over 1,000 repositories at 0 ms, first and second day",
        pass::cpu,
    ),
    (
        "memory",
        "peak memory of a pass over 10,000 repositories",
        pass::memory,
    ),
    (
        "show",
        "`gitratra show` on five years of one repository, start included",
        history::show,
    ),
    (
        "size",
        "bytes on disk for each repository-day, days arriving one a pass",
        history::size,
    ),
    ("binary", "the stripped release program", measure::binary),
];

/// Runs the named benches, or all of them.
///
/// # Errors
/// Where a name is unknown or the program under test fails.
pub(crate) fn run(names: &[String]) -> Result<()> {
    if let Some(name) = names
        .iter()
        .find(|name| BENCHES.iter().all(|(known, ..)| known != name))
    {
        let known: Vec<_> = BENCHES.iter().map(|(name, ..)| *name).collect();
        bail!(
            "there is no bench \"{name}\": there are {}",
            known.join(", ")
        );
    }
    measure::build()?;
    for (name, what, bench) in BENCHES {
        if names.is_empty() || names.iter().any(|wanted| wanted == name) {
            say(&format!("{name}: {what}"));
            bench()?;
        }
    }
    Ok(())
}
