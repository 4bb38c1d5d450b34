//! How long it takes to find and explain the spikes of ten years of one repository.
//!
//! `cargo run --release -p gitratra-core --example spike_speed` prints times and asserts nothing.
//! Counts are made up: a weekly rhythm, a slow rise, and a spike now and then.

use std::io::Write;
use std::time::{Duration, Instant};

use gitratra_core::spike::{Clues, Mark, MarkKind, Named, explain, find};
use gitratra_core::{Bounds, Day, Measured};

const DAYS: u64 = 3_652;
const NAMES: u64 = 10;
const TRIES: usize = 200;

fn main() -> std::io::Result<()> {
    let measured = Measured::new((0..DAYS).filter_map(|n| Some((day(n)?, count(n)))));
    let clues = clues();
    let mut finding = Duration::MAX;
    let mut explaining = Duration::MAX;
    let mut spikes = Vec::new();
    let mut explanations = 0;
    for _ in 0..TRIES {
        let started = Instant::now();
        spikes = find(&measured);
        finding = finding.min(started.elapsed());
        let started = Instant::now();
        explanations = spikes
            .iter()
            .map(|spike| explain(spike, &clues).len())
            .sum();
        explaining = explaining.min(started.elapsed());
    }
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "{DAYS} days: {} spikes found in {finding:?}",
        spikes.len()
    )?;
    writeln!(
        out,
        "{explanations} explanations from {NAMES} referrers and as many paths in {explaining:?}"
    )
}

fn day(n: u64) -> Option<Day> {
    Day::from_epoch_days(16_000 + i64::try_from(n).ok()?)
}

/// A number below `end` that looks like chance.
fn scattered(n: u64, end: u64) -> u64 {
    (n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33) % end
}

fn is_spike(n: u64) -> bool {
    n % 97 == 60
}

fn count(n: u64) -> u64 {
    let usual = if n % 7 > 4 { 20 } else { 50 };
    let usual = usual + n / 50 + scattered(n, 15);
    if is_spike(n) { usual * 8 } else { usual }
}

fn clues() -> Clues {
    let named = |name: u64| Named {
        name: format!("site-{name}.example"),
        days: (0..DAYS)
            .filter_map(|n| {
                let had = if is_spike(n) {
                    count(n) / (name + 2)
                } else {
                    scattered(n + name, 9)
                };
                Some((day(n)?, Bounds::new(had, had + name)?))
            })
            .collect(),
    };
    let mark = |n| {
        Some(Mark {
            day: day(n)?,
            kind: MarkKind::Release,
            text: format!("v1.{n}"),
        })
    };
    Clues {
        referrers: (0..NAMES).map(named).collect(),
        paths: (0..NAMES).map(named).collect(),
        stars: Measured::new((0..DAYS).filter_map(|n| Some((day(n)?, scattered(n, 3))))),
        marks: (0..DAYS).step_by(45).filter_map(mark).collect(),
    }
}
