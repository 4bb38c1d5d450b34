//! What the fleet page is made of: reading a book and asking it.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use gitratra_answer::Asked;
use gitratra_answer::fleet::{Book, FleetQuestion, Pace, Roll, Sort};
use gitratra_core::Metric;
use gitratra_store::{FleetRepo, Location, Store};

use super::{Measured, web_store};
use crate::say;

const RANGES: &[(&str, Asked)] = &[
    ("7d", Asked::Last(7)),
    ("30d", Asked::Last(30)),
    ("90d", Asked::Last(90)),
    ("1y", Asked::Last(365)),
    ("all", Asked::All),
];

/// How often what is quick is measured.
const QUICK: usize = 9;
/// How often a question is asked.
const ASKED: usize = 200;

/// Reads books of several ranges, with the file in the system's memory and without, and asks them.
pub(super) fn books() -> Result<Measured> {
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let path = web_store::store().await?;
        opening(&path).await?;
        let mut measured = Vec::new();
        for (word, asked) in RANGES {
            let cpu = range(&path, word, *asked).await?;
            // Built without optimisation this task says nothing of the program.
            if *word == "30d" && !cfg!(debug_assertions) {
                measured.push(("book-cpu", cpu.as_secs_f64() * 1000.0));
            }
        }
        Ok(measured)
    })
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn millis(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}

async fn opening(path: &Path) -> Result<()> {
    let mut times = Vec::new();
    let mut bytes = 0;
    let store = Store::open(&Location::file(path)).await?;
    for _ in 0..QUICK {
        let began = Instant::now();
        bytes = Roll::read(&store).await?.bytes();
        times.push(began.elapsed());
    }
    store.close().await;
    let size = std::fs::metadata(path)?.len();
    say(&format!(
        "  the store has {} MB; the roll is read in {} (median of {QUICK}) and takes {} KB",
        size / 1_000_000,
        millis(median(times)),
        bytes / 1000
    ));
    Ok(())
}

/// One range: cold, warm, questions. Returns the CPU time of a book that is warm.
async fn range(path: &Path, word: &str, asked: Asked) -> Result<Duration> {
    forget_file(path)?;
    let store = Store::open(&Location::file(path)).await?;
    let began = Instant::now();
    let roll = Arc::new(Roll::read(&store).await?);
    let known = roll.known(&|_| true).context("the store is empty")?;
    let range = asked.of(known).context("the range is empty")?;
    let mut book = Book::read(&store, roll.clone(), (range, None), Pace::Awaited).await?;
    let cold = began.elapsed();
    let tries = if range.days() > 100 { 3 } else { QUICK };
    let mut times = Vec::new();
    let used = cpu()?;
    for _ in 0..tries {
        let began = Instant::now();
        book = Book::read(&store, roll.clone(), (range, None), Pace::Awaited).await?;
        times.push(began.elapsed());
    }
    let used = (cpu()? - used) / u32::try_from(tries)?;
    let mut alone = Vec::new();
    for _ in 0..tries {
        let began = Instant::now();
        Book::read(&store, roll.clone(), (range, None), Pace::Ahead).await?;
        alone.push(began.elapsed());
    }
    say(&format!(
        "  {word}: {} cold with its roll, {} warm (median of {tries}, {} of CPU), \
         {} by one connection, {:.1} MB",
        millis(cold),
        millis(median(times)),
        millis(used),
        millis(median(alone)),
        mega(book.bytes())
    ));
    ask(&book);
    store.close().await;
    Ok(used)
}

#[expect(clippy::cast_precision_loss, reason = "megabytes with one digit")]
fn mega(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}

fn ask(book: &Book) {
    let now = book.range().last().plus(1).start();
    let plain = FleetQuestion::all(&|_| true, 50, now);
    let is_public = |repo: &FleetRepo| !repo.is_private;
    let is_third = |repo: &FleetRepo| repo.id.0.is_multiple_of(3);
    let questions = [
        ("all by views", plain),
        (
            "what is public",
            FleetQuestion {
                sees: &is_public,
                ..plain
            },
        ),
        (
            "one owner",
            FleetQuestion {
                owner: Some("owner-7"),
                ..plain
            },
        ),
        (
            "a group",
            FleetQuestion {
                in_group: Some(&is_third),
                ..plain
            },
        ),
        (
            "a search",
            FleetQuestion {
                search: Some("99"),
                ..plain
            },
        ),
        (
            "by name",
            FleetQuestion {
                sort: Sort::Name,
                ..plain
            },
        ),
        (
            "by change",
            FleetQuestion {
                sort: Sort::Percent(Metric::Views),
                ..plain
            },
        ),
        (
            "the last page",
            FleetQuestion {
                offset: 9_950,
                ..plain
            },
        ),
    ];
    let mut told = Vec::new();
    for (what, question) in &questions {
        let times = (0..ASKED).map(|_| {
            let began = Instant::now();
            std::hint::black_box(book.ask(std::hint::black_box(question)));
            began.elapsed()
        });
        told.push(format!("{what} {} µs", median(times.collect()).as_micros()));
    }
    say(&format!("    {}", told.join(", ")));
}

/// Lets the system forget what it holds of a file.
fn forget_file(path: &Path) -> Result<()> {
    let told = Command::new("dd")
        .arg(format!("if={}", path.display()))
        .args(["iflag=nocache", "count=0", "status=none"])
        .status()?;
    if !told.success() {
        bail!("dd cannot let the system forget \"{}\"", path.display());
    }
    Ok(())
}

/// Processor time that this process has used.
fn cpu() -> Result<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let (_, rest) = stat
        .rsplit_once(')')
        .context("no name in /proc/self/stat")?;
    let ticks = rest.split_whitespace().skip(11).take(2);
    let ticks: Vec<u64> = ticks.map(str::parse).collect::<Result<_, _>>()?;
    // Linux counts in hundredths of a second for every program (`man 3 sysconf`, _SC_CLK_TCK).
    Ok(Duration::from_millis(ticks.iter().sum::<u64>() * 10))
}
