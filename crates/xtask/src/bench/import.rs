//! Moving in: tables of days that are made here and read by the real program.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use gitratra_core::Day;

use super::Measured;
use super::measure::{run, time};
use super::pass::each;
use crate::say;

const FIRST: &str = "2016-01-01";
const ARGS: [&str; 6] = [
    "import",
    "days.csv",
    "--from",
    "csv",
    "--columns",
    "repo=repo,day=day,views=views,views_uniques=views_uniques,clones=clones,clones_uniques=clones_uniques",
];
const VARIABLES: [(&str, &str); 1] = [("GITRATRA_DB", "bench.db")];

/// A million rows: 500 repositories with 2,000 days each.
pub(super) fn million() -> Result<Measured> {
    let folder = tempfile::tempdir()?;
    write_days(&folder.path().join("days.csv"), 500, 2_000)?;
    let took = time(folder.path(), &VARIABLES, &ARGS)?;
    std::fs::remove_file(folder.path().join("bench.db"))?;
    let memory = run(folder.path(), &VARIABLES, &ARGS)?.memory;
    let (wall, cpu) = (took.wall.as_secs_f64(), took.cpu.as_secs_f64());
    say(&format!(
        "  {wall:.1} s wall, {cpu:.1} s CPU, {:.0} MB of memory",
        each(memory, 1_000_000)
    ));
    Ok(vec![
        ("import-wall", wall),
        ("import-cpu", cpu),
        ("import-memory", each(memory, 1_000_000)),
    ])
}

/// Ten years of ten thousand repositories, in a folder that may be named (`GITRATRA_BENCH_DIR`).
pub(super) fn years() -> Result<Measured> {
    const REPOSITORIES: u64 = 10_000;
    const DAYS: u64 = 3_650;
    let folder = match std::env::var_os("GITRATRA_BENCH_DIR") {
        Some(folder) => tempfile::tempdir_in(PathBuf::from(folder))?,
        None => tempfile::tempdir()?,
    };
    let table = folder.path().join("days.csv");
    write_days(&table, REPOSITORIES, DAYS.cast_signed())?;
    say(&format!(
        "  a table of {:.0} MB",
        each(std::fs::metadata(&table)?.len(), 1_000_000)
    ));
    let took = run(folder.path(), &VARIABLES, &ARGS)?;
    let bytes = std::fs::metadata(folder.path().join("bench.db"))?.len();
    let wall = took.wall.as_secs_f64();
    say(&format!(
        "  {wall:.0} s wall, {:.0} s CPU, {:.0} MB of memory, a file of {:.0} MB",
        took.cpu.as_secs_f64(),
        each(took.memory, 1_000_000),
        each(bytes, 1_000_000)
    ));
    Ok(vec![
        ("years-wall", wall),
        ("years-cpu", took.cpu.as_secs_f64()),
        ("years-memory", each(took.memory, 1_000_000)),
        ("years-size", each(bytes, REPOSITORIES * DAYS)),
    ])
}

/// Counts that differ from day to day, without chance.
fn write_days(path: &Path, repositories: u64, days: i64) -> Result<()> {
    let file = File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
    let mut to = BufWriter::with_capacity(1 << 20, file);
    writeln!(to, "repo,day,views,views_uniques,clones,clones_uniques")?;
    let first: Day = FIRST.parse()?;
    let names: Vec<String> = (0..days).map(|day| first.plus(day).to_string()).collect();
    for repo in 0..repositories {
        for (number, day) in names.iter().enumerate() {
            let mixed = (repo * 100_003 + number as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40;
            let (views, clones) = (mixed % 900, mixed % 90);
            writeln!(
                to,
                "octo/repository-{repo},{day},{views},{},{clones},{}",
                views.div_ceil(3),
                clones.div_ceil(3)
            )?;
        }
    }
    to.flush()?;
    Ok(())
}
