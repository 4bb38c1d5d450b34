//! Measures what `docs/performance.md` records, with the release program against the simulated
//! GitHub, and says what has become slower since it was recorded. Nothing fails of it: machines differ
//! and are noisy, and a person decides.

mod crowd;
mod figure;
mod history;
mod import;
mod measure;
mod pass;
mod planner;
mod record;
mod web;
mod web_load;
mod web_store;
mod yardstick;

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};

use self::figure::{FIGURES, Figure, digits, named};
use self::record::{Change, Entry, Record};
use crate::say;
use crate::tidy::root;

pub(crate) use self::record::check;

/// What a bench measured, by the names of the figures.
type Measured = Vec<(&'static str, f64)>;

/// A bench.
struct Bench {
    name: &'static str,
    what: &'static str,
    /// How often it is run for a figure: what is always the same needs no second time.
    runs: usize,
    /// Whether it is run only where it is named.
    is_named: bool,
    /// Whether it runs the release program, which is then built.
    is_of_program: bool,
    run: fn() -> Result<Measured>,
}

const BENCHES: &[Bench] = &[
    Bench {
        name: "latency",
        what: "a pass over 1,000 repositories at 80 ms a request, 50 at once",
        runs: 3,
        is_named: false,
        is_of_program: true,
        run: pass::latency,
    },
    Bench {
        name: "cpu",
        what: "CPU of a pass over 1,000 repositories at 0 ms, first and second day",
        runs: 3,
        is_named: false,
        is_of_program: true,
        run: pass::cpu,
    },
    Bench {
        name: "pass",
        what: "a pass over 10,000 repositories at 0 ms",
        runs: 3,
        is_named: false,
        is_of_program: true,
        run: pass::fleet_at_once,
    },
    Bench {
        name: "memory",
        what: "peak memory of a pass over 10,000 repositories",
        runs: 1,
        is_named: false,
        is_of_program: true,
        run: pass::memory,
    },
    Bench {
        name: "show",
        what: "`gitratra show` on five years of one repository, start included",
        runs: 3,
        is_named: false,
        is_of_program: true,
        run: history::show,
    },
    Bench {
        name: "size",
        what: "bytes on disk for each repository-day, days arriving one a pass",
        runs: 1,
        is_named: false,
        is_of_program: false,
        run: history::size,
    },
    Bench {
        name: "import",
        what: "a million rows of CSV",
        runs: 3,
        is_named: false,
        is_of_program: true,
        run: import::million,
    },
    Bench {
        name: "planner",
        what: "20 simulated days of 100,000 repositories, without HTTP and without a store",
        runs: 1,
        is_named: false,
        is_of_program: false,
        run: planner::days,
    },
    Bench {
        name: "binary",
        what: "the stripped release program",
        runs: 1,
        is_named: false,
        is_of_program: true,
        run: measure::binary,
    },
    Bench {
        name: "years",
        what: "ten years of 10,000 repositories imported (10 minutes and 4 GB)",
        runs: 1,
        is_named: true,
        is_of_program: true,
        run: import::years,
    },
    Bench {
        name: "crowd",
        what: "one collector and three on one PostgreSQL at 80 ms",
        runs: 1,
        is_named: true,
        is_of_program: true,
        run: crowd::speed_up,
    },
    Bench {
        name: "web",
        what: "books of 10,000 repositories and five years, and questions to them (take --release)",
        runs: 1,
        is_named: true,
        is_of_program: false,
        run: web::books,
    },
    Bench {
        name: "load",
        what: "requests to GITRATRA_LOAD_URL: a steady rate, then as many as it answers",
        runs: 1,
        is_named: true,
        is_of_program: false,
        run: web_load::load,
    },
];

/// What is wanted.
#[derive(Debug, Default)]
struct Wish {
    names: Vec<String>,
    is_quick: bool,
    records: bool,
    only_shows: bool,
}

impl Wish {
    fn of(words: &[String]) -> Result<Self> {
        let mut wish = Self::default();
        for word in words {
            match word.as_str() {
                "--quick" => wish.is_quick = true,
                "--record" => wish.records = true,
                "--show" => wish.only_shows = true,
                name if exists(name) => wish.names.push(name.to_owned()),
                other => {
                    let known: Vec<_> = BENCHES.iter().map(|bench| bench.name).collect();
                    bail!(
                        "there is no bench \"{other}\": there are {}; and --quick, --record, --show",
                        known.join(", ")
                    );
                }
            }
        }
        Ok(wish)
    }

    fn has(&self, bench: &Bench) -> bool {
        match self.names.is_empty() {
            true => !bench.is_named,
            false => self.names.iter().any(|name| name == bench.name),
        }
    }
}

pub(crate) fn exists(name: &str) -> bool {
    BENCHES.iter().any(|bench| bench.name == name)
}

/// Runs the named benches, or all that are not run only where they are named. `--quick` runs each
/// once, `--record` keeps what was measured, `--show` only puts what was kept into the page.
///
/// # Errors
/// Where a name is unknown or the program under test fails.
pub(crate) fn run(words: &[String]) -> Result<()> {
    let wish = Wish::of(words)?;
    let root = root()?;
    let mut record = Record::read(&root)?;
    if wish.only_shows {
        return record.save(&root);
    }
    let wanted = || BENCHES.iter().filter(|bench| wish.has(bench));
    if wanted().any(|bench| bench.is_of_program) {
        measure::build()?;
    }
    let yardstick = yardstick::millis()?;
    say(&format!("the yardstick takes {yardstick:.0} ms of CPU"));
    let mut all: BTreeMap<&'static str, Vec<f64>> = BTreeMap::new();
    for bench in wanted() {
        say(&format!("{}: {}", bench.name, bench.what));
        let runs = if wish.is_quick { 1 } else { bench.runs };
        for _ in 0..runs {
            for (name, value) in (bench.run)()? {
                all.entry(name).or_default().push(value);
            }
        }
    }
    let revision = measure::revision()?;
    let on = measure::today()?;
    let cores = i64::try_from(std::thread::available_parallelism()?.get())?;
    let mut now = BTreeMap::new();
    for (name, values) in all {
        let figure = named(name).with_context(|| format!("there is no figure \"{name}\""))?;
        let Some(value) = figure.of_runs(&values) else {
            continue;
        };
        let entry = Entry {
            value,
            spread: spread(&values),
            runs: i64::try_from(values.len())?,
            on: on.clone(),
            revision: revision.clone(),
            cores,
            yardstick,
        };
        now.insert(name.to_owned(), entry);
    }
    tell(&record, &now);
    if wish.records {
        record.0.extend(now);
        record.save(&root)?;
        say(&format!("recorded in {}", record::FILE));
    }
    Ok(())
}

/// How far values lie apart, as a part of the smallest.
fn spread(values: &[f64]) -> f64 {
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(0.0, f64::max);
    match least > 0.0 {
        true => most / least - 1.0,
        false => 0.0,
    }
}

/// Prints what was measured beside what was recorded.
fn tell(record: &Record, now: &BTreeMap<String, Entry>) {
    let mut rows =
        vec![["figure", "target", "measured", "recorded", "change", ""].map(String::from)];
    let mut slower = Vec::new();
    for figure in FIGURES {
        let Some(entry) = now.get(figure.name) else {
            continue;
        };
        let then = record.0.get(figure.name);
        let change = record.change(figure, entry);
        let missed = figure
            .target
            .is_some_and(|target| !target.is_met(entry.value));
        rows.push([
            figure.name.into(),
            figure.target_words(),
            figure.words(entry.value),
            then.map_or("–".into(), |then| {
                format!("{} ({})", digits(then.value), then.on)
            }),
            words(change),
            if missed { "misses its target" } else { "" }.into(),
        ]);
        if let Change::Worse(part) = change {
            slower.push(worse(figure, part));
        }
    }
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let widths: Vec<usize> = (0..6).filter_map(width).collect();
    for row in &rows {
        let cells = row.iter().zip(&widths);
        let cells = cells.map(|(cell, width)| format!("{cell:<width$}"));
        say(cells.collect::<Vec<_>>().join("  ").trim_end());
    }
    match slower.is_empty() {
        true => say("nothing is worse than it was recorded, beyond noise"),
        false => {
            for line in slower {
                say(&line);
            }
        }
    }
}

fn words(change: Change) -> String {
    match change {
        Change::New => "new".into(),
        Change::Incomparable => "not comparable".into(),
        Change::Same(part) => format!("{:+.0} %", part * 100.0),
        Change::Better(part) => format!("{:+.0} %, better", part * 100.0),
        Change::Worse(part) => format!("{:+.0} %, WORSE", part * 100.0),
    }
}

fn worse(figure: &Figure, part: f64) -> String {
    let by = match figure.unit.is_time() {
        true => " (the yardstick taken into account)",
        false => "",
    };
    let noise = figure.unit.noise() * 100.0;
    format!(
        "worse: {} by {:+.0} %{by}, of which {noise:.0} % may be noise: {}",
        figure.name,
        part * 100.0,
        figure.what
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words_of(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn names_choose_and_without_any_what_takes_long_is_left_out() {
        let wish = Wish::of(&words_of("cpu --quick")).unwrap();
        let chosen = |wish: &Wish| -> Vec<&str> {
            let chosen = BENCHES.iter().filter(|bench| wish.has(bench));
            chosen.map(|bench| bench.name).collect()
        };
        assert_eq!(chosen(&wish), ["cpu"]);
        assert!(wish.is_quick && !wish.records);
        let all = chosen(&Wish::of(&[]).unwrap());
        assert!(all.contains(&"size") && !all.contains(&"years"));
        let error = Wish::of(&words_of("cup")).unwrap_err().to_string();
        assert!(error.starts_with("there is no bench \"cup\": there are latency, cpu"));
    }

    #[test]
    fn runs_lie_apart_by_a_part_of_the_smallest() {
        assert!((spread(&[2.0, 2.5, 2.2]) - 0.25).abs() < 1e-9);
        assert!(spread(&[3.0]).abs() < 1e-9);
    }
}
