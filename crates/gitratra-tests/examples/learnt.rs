//! How long a collector takes to learn from the store what others asked, and to read names anew.
//!
//! `cargo run --release -p gitratra-tests --example learnt [REPOSITORIES]` writes rows as collectors
//! leave them, straight into the tables.

use std::io::Write;
use std::time::Instant;

use gitratra_core::Timestamp;
use gitratra_store::{Location, Store};

type Failure = Box<dyn std::error::Error>;

/// The newest moment at which anything was asked.
const LAST: i64 = 1_773_086_400;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let mut numbers = std::env::args().skip(1).map(|text| text.parse::<u32>());
    let repos = numbers.next().transpose()?.unwrap_or(10_000);
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("learnt.db");
    let store = Store::open(&Location::file(&path)).await?;
    fill(&path, repos)?;
    let mut out = std::io::stdout().lock();
    for _ in 0..3 {
        let began = Instant::now();
        let since = Timestamp::from_second(LAST - 15 * 60)?;
        let learnt = store.held_since(since).await?.len();
        let learning = began.elapsed();
        let began = Instant::now();
        let known = store.repositories().await?.len();
        store.bindings().await?;
        store.rules().await?;
        store.credential_of().await?;
        writeln!(
            out,
            "{learnt} of {known} learnt in {learning:?}; names read in {:?}",
            began.elapsed()
        )?;
    }
    Ok(())
}

/// Repositories with all that is asked of them, over a day.
fn fill(path: &std::path::Path, repos: u32) -> Result<(), Failure> {
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
    let asked = "insert into asked (
            repo_id, endpoint, asked_at, answered_at, newest_day, watched_since, etag, credential,
            answered_by
        )
        select
            repo_id, e.value,
            ?1 - (repo_id * 7919) % 86400, ?1 - (repo_id * 7919) % 86400, 20520, ?1 - 200000,
            '\"0123456789abcdef0123456789abcdef\"', '0123456789abcdef', '0123456789abcdef'
        from repo
        cross join json_each(
            '[\"views\", \"clones\", \"referrers\", \"paths\", \"views_by_week\", \"clones_by_week\", \"stars\", \"releases\",
            \"counters\", \"repository\"]'
        ) as e";
    connection.execute(asked, [LAST])?;
    let rhythms = "insert into rhythm
        select repo_id, '36000 37000 36500 38000 36100 36200 36300 36900 36400 36000' from repo";
    connection.execute(rhythms, [])?;
    connection.execute_batch("commit; pragma wal_checkpoint(truncate);")?;
    Ok(())
}
