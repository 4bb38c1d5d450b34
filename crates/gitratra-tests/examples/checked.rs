//! How long sealing, copying and checking take, how much room the seals need, and how much memory
//! checking does.
//!
//! `cargo run -p gitratra-tests --example checked [REPOSITORIES] [DAYS]` writes rows as a collector
//! would have left them, straight into the tables, since collecting five years of ten thousand
//! repositories takes hours.

use std::io::Write;
use std::time::Instant;

use gitratra_store::{Location, Store};

type Failure = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let mut numbers = std::env::args().skip(1).map(|text| text.parse::<u32>());
    let repos = numbers.next().transpose()?.unwrap_or(200);
    let days = numbers.next().transpose()?.unwrap_or(1826);
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("checked.db");
    let store = Store::open(&Location::file(&path)).await?;
    fill(&path, repos, days)?;
    let mut out = std::io::stdout().lock();
    let bytes = std::fs::metadata(&path)?.len();
    let count = u64::from(repos) * u64::from(days);
    writeln!(out, "{count} days of {repos} repositories in {bytes} bytes")?;

    let began = Instant::now();
    let sealed = store.seal(None, u64::MAX).await?;
    writeln!(
        out,
        "{} months sealed in {:?}",
        sealed.months,
        began.elapsed()
    )?;
    let began = Instant::now();
    let copy = folder.path().join("copy.db");
    store.copy_to_file(&copy).await?;
    writeln!(out, "copied in {:?}", began.elapsed())?;
    let seals = std::fs::metadata(&copy)?.len() - bytes.min(std::fs::metadata(&copy)?.len());
    writeln!(out, "{:.1} bytes of seals a day", per(seals, count))?;
    let before = peak_kib();
    let began = Instant::now();
    let mut shown = 0;
    let verified = store
        .verify(|finding| {
            shown += 1;
            if shown < 5 {
                let _ = writeln!(std::io::stderr(), "{finding:?}");
            }
        })
        .await?;
    writeln!(
        out,
        "checked in {:?}: {} days, {} months, {} wrong, {} remarks",
        began.elapsed(),
        verified.days,
        verified.months,
        verified.wrong,
        verified.remarks
    )?;
    writeln!(
        out,
        "peak memory {before:?} KiB before, {:?} KiB after",
        peak_kib()
    )?;
    Ok(())
}

/// Repositories with a row for each day.
fn fill(path: &std::path::Path, repos: u32, days: u32) -> Result<(), Failure> {
    let connection = rusqlite::Connection::open(path)?;
    connection.execute_batch("pragma synchronous = off; begin;")?;
    let names = "with recursive n (i) as (select 1 union all select i + 1 from n where i < ?1)
        insert into repo
        select i, null, 'octo/r' || i, 'octo/r' || i, 0, 0, 0, 1600000000, 1600000000, null, null
        from n";
    connection.execute(names, [repos])?;
    let labels = "insert into repo_name
        select repo_id, name_key, full_name, first_seen, named_at from repo";
    connection.execute(labels, [])?;
    let rows = "with recursive d (day) as (
            select 18628 union all select day + 1 from d where day < 18627 + ?1
        )
        insert into traffic_day
        select
            repo_id, day,
            (repo_id * 31 + day * 7) % 97, (repo_id * 31 + day * 7) % 97 / 2, 32400, 1155600, 0,
            (repo_id + day) % 5,
            (repo_id * 13 + day * 5) % 23, (repo_id * 13 + day * 5) % 23 / 2, 32400, 1155600, 0,
            (repo_id + day) % 5
        from repo cross join d";
    connection.execute(rows, [days])?;
    connection.execute_batch("commit; pragma wal_checkpoint(truncate);")?;
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a figure to look at")]
fn per(bytes: u64, days: u64) -> f64 {
    bytes as f64 / days.max(1) as f64
}

/// The most memory that this process has had, where the system tells.
fn peak_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
