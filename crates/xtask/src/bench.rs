//! Measures what `docs/performance.md` records, with the release program against the simulated
//! GitHub. Figures are printed, never asserted: machines differ and are noisy.

mod history;
mod measure;
mod pass;
mod web;
mod web_load;
mod web_store;

use anyhow::{Result, bail};

use crate::say;

/// A bench by name, with the sentence that says what it measures.
type Bench = (&'static str, &'static str, fn() -> Result<()>);

/// Benches that are run where they are named, and do not need the program.
const NAMED: &[Bench] = &[
    (
        "web",
        "books of 10,000 repositories and five years, and questions to them (take --release)",
        web::books,
    ),
    (
        "load",
        "requests to GITRATRA_LOAD_URL: a steady rate, then as many as it answers",
        web_load::load,
    ),
];

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
        .find(|name| all().all(|(known, ..)| known != name))
    {
        let known: Vec<_> = all().map(|(name, ..)| *name).collect();
        bail!(
            "there is no bench \"{name}\": there are {}",
            known.join(", ")
        );
    }
    let is_wanted = |(name, ..): &&Bench| names.iter().any(|wanted| wanted == name);
    let of_program = BENCHES
        .iter()
        .filter(|bench| names.is_empty() || is_wanted(bench));
    let of_program: Vec<&Bench> = of_program.collect();
    if !of_program.is_empty() {
        measure::build()?;
    }
    let named = NAMED.iter().filter(is_wanted);
    for (name, what, bench) in of_program.into_iter().chain(named) {
        say(&format!("{name}: {what}"));
        bench()?;
    }
    Ok(())
}

fn all() -> impl Iterator<Item = &'static Bench> {
    BENCHES.iter().chain(NAMED)
}
