//! Referrers and popular paths: totals over a window, kept under the window's last day. Names are
//! long and come back every day, so each is kept once and numbered.

use std::collections::HashMap;

use futures_util::FutureExt;
use gitratra_core::{Ranked, RankedReading, Ranking, RepoId, Rolling, Timestamp, Window};

use super::sighting::count;
use crate::engine::Tx;
use crate::error::Fault;
use crate::sql;
use crate::value::{params, storable, whole_second};
use crate::{Store, StoreError};

impl Store {
    /// The newest window of a list that was read. *Shape*: the largest first, equals by name; an
    /// empty list is a measurement.
    pub async fn newest_ranked(
        &self,
        repo: RepoId,
        ranking: Ranking,
    ) -> Result<Option<(Window, Vec<Ranked>)>, StoreError> {
        self.read(move |tx| newest(tx, repo, ranking).boxed()).await
    }
}

/// A line as it is kept.
struct Line {
    name_id: i64,
    title: Option<String>,
    total: Option<Rolling>,
    /// Whether it is of the reading that is being kept, or of one made at the same second.
    is_current: bool,
}

/// Keeps a list. Of two readings of the same window the newer one stays, all of it; of two made at
/// the same second the larger totals, name by name. A title is the one that came with the newest
/// window.
pub(crate) async fn save(
    tx: &mut Tx<'_>,
    repo: RepoId,
    window: Window,
    reading: &RankedReading,
) -> Result<(), Fault> {
    let ranking = reading.ranking;
    let read_at = whole_second(reading.read_at);
    let before = read_before(tx, repo, ranking, window).await?;
    if before.is_some_and(|before| before > read_at) {
        return Ok(());
    }
    let newest = newest_window(tx, repo, ranking).await?;
    let may_title = newest.is_none_or(|newest| newest <= window);
    let mut known = of_window(tx, repo, ranking, window).await?;
    for line in known.values_mut() {
        line.is_current = before == Some(read_at);
    }
    let mut sets = Vec::with_capacity(reading.lines.len());
    for line in &reading.lines {
        let name = storable(&line.name);
        let kept = match known.remove(name.as_ref()) {
            Some(kept) => kept,
            None => named(tx, repo, ranking, line).await?,
        };
        let is_title = if kept.is_current {
            line.title > kept.title
        } else {
            line.title.is_some() && line.title != kept.title
        };
        let title = if may_title && is_title {
            let params = params![repo, ranking, kept.name_id, line.title.clone()];
            tx.execute(&sql::RANKED_NAME_TITLE, &params).await?;
            line.title.clone()
        } else {
            kept.title
        };
        let total = match kept.total {
            Some(Rolling(before)) if kept.is_current => before.larger(line.total.0),
            _ => line.total.0,
        };
        if kept.total != Some(Rolling(total)) {
            sets.push(params![
                repo,
                ranking,
                window.last,
                kept.name_id,
                total.count(),
                total.uniques().get(),
            ]);
        }
        let line = Line {
            name_id: kept.name_id,
            title,
            total: Some(Rolling(total)),
            is_current: true,
        };
        known.insert(name.into_owned(), line);
    }
    tx.execute_each(&sql::RANKED_SAVE, &sets).await?;
    let replaced = known.values().filter(|line| !line.is_current);
    let replaced: Vec<_> = replaced
        .map(|line| params![repo, ranking, window.last, line.name_id])
        .collect();
    tx.execute_each(&sql::RANKED_REMOVE, &replaced).await?;
    let lines = reading.lines.len() as u64;
    let params = params![repo, ranking, window.last, read_at, lines];
    tx.execute(&sql::RANKED_WINDOW_SAVE, &params).await?;
    Ok(())
}

/// When the window that is held was read.
async fn read_before(
    tx: &mut Tx<'_>,
    repo: RepoId,
    ranking: Ranking,
    window: Window,
) -> Result<Option<Timestamp>, Fault> {
    let params = params![repo, ranking, window.last];
    let rows = tx.query(&sql::RANKED_WINDOW_READ_AT, &params).await?;
    rows.first().map(|row| row.time(0)).transpose()
}

/// The number of a name, which is given where it has none yet.
async fn named(
    tx: &mut Tx<'_>,
    repo: RepoId,
    ranking: Ranking,
    line: &Ranked,
) -> Result<Line, Fault> {
    let params = params![repo, ranking, line.name.as_str()];
    if let Some(row) = tx.query(&sql::RANKED_NAME, &params).await?.first() {
        return Ok(Line {
            name_id: row.int(0)?,
            title: row.opt_text(1)?.map(str::to_owned),
            total: None,
            is_current: false,
        });
    }
    let params = params![repo, ranking, line.name.as_str(), line.title.clone()];
    let added = tx.query(&sql::RANKED_NAME_ADD, &params).await?;
    let row = added
        .first()
        .ok_or_else(|| Fault::corrupt("no number for a name".into()))?;
    Ok(Line {
        name_id: row.int(0)?,
        title: line.title.clone(),
        total: None,
        is_current: false,
    })
}

async fn newest(
    tx: &mut Tx<'_>,
    repo: RepoId,
    ranking: Ranking,
) -> Result<Option<(Window, Vec<Ranked>)>, Fault> {
    let Some(window) = newest_window(tx, repo, ranking).await? else {
        return Ok(None);
    };
    let lines = of_window(tx, repo, ranking, window).await?;
    let lines = lines.into_iter().filter_map(|(name, line)| {
        Some(Ranked {
            name,
            title: line.title,
            total: line.total?,
        })
    });
    let mut lines: Vec<Ranked> = lines.collect();
    lines.sort_by(|a, b| {
        let largest_first = b.total.0.count().cmp(&a.total.0.count());
        largest_first.then_with(|| a.name.cmp(&b.name))
    });
    Ok(Some((window, lines)))
}

async fn newest_window(
    tx: &mut Tx<'_>,
    repo: RepoId,
    ranking: Ranking,
) -> Result<Option<Window>, Fault> {
    let params = params![repo, ranking];
    let rows = tx.query(&sql::RANKED_WINDOW_NEWEST, &params).await?;
    let last = rows.first().map(|row| row.day(0)).transpose()?;
    Ok(last.map(|last| Window { last }))
}

async fn of_window(
    tx: &mut Tx<'_>,
    repo: RepoId,
    ranking: Ranking,
    window: Window,
) -> Result<HashMap<String, Line>, Fault> {
    let params = params![repo, ranking, window.last];
    let rows = tx.query(&sql::RANKED_OF_WINDOW, &params).await?;
    let lines = rows.iter().map(|row| {
        let line = Line {
            name_id: row.int(0)?,
            title: row.opt_text(2)?.map(str::to_owned),
            total: Some(Rolling(count(row.whole(3)?, row.whole(4)?)?)),
            is_current: true,
        };
        Ok((row.text(1)?.to_owned(), line))
    });
    lines.collect()
}
