//! How fast this machine is at the moment: a fixed piece of work, done by the database in memory, so
//! that how this task is built makes little difference. Times are compared after it.

use anyhow::{Context, Result};
use rusqlite::Connection;

/// Rows that are made, added up and sorted.
const ROWS: u32 = 400_000;

/// CPU milliseconds of the best of some runs.
pub(super) fn millis() -> Result<f64> {
    const RUNS: usize = 5;
    let mut best = f64::INFINITY;
    let memory = Connection::open_in_memory()?;
    for _ in 0..RUNS {
        let began = thread_millis()?;
        let work = format!(
            "with recursive n (x) as (select 1 union all select x + 1 from n where x < {ROWS}) \
             select sum(y) from (select x * 7919 % 100003 as y from n order by y, x)"
        );
        let _: i64 = memory.query_row(&work, [], |row| row.get(0))?;
        best = best.min(thread_millis()? - began);
    }
    Ok(best)
}

/// CPU time of this thread.
fn thread_millis() -> Result<f64> {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat")
        .context("CPU times are read from Linux's /proc")?;
    let nanos: u64 = told
        .split(' ')
        .next()
        .and_then(|ran| ran.parse().ok())
        .context("no time in /proc/thread-self/schedstat")?;
    #[expect(clippy::cast_precision_loss, reason = "milliseconds")]
    let millis = nanos as f64 / 1e6;
    Ok(millis)
}
