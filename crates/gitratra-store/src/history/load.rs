//! Reads everything that is held of a repository.

use std::sync::Arc;

use gitratra_core::history::{
    Answered, AssetFacts, GoneFact, History, KnownDay, Label, NameSpan, ReleaseFacts, Runs, Sources,
};
use gitratra_core::import::Tally;
use gitratra_core::{Day, DayRange, NoteText, Ranking, RepoId, RepoName, Uniques, Window};

use crate::engine::Tx;
use crate::error::Fault;
use crate::sql;
use crate::table::{
    asked, counters, profile, ranked, releases, repo, source, stars, told_total, traffic_day,
    traffic_week,
};
use crate::value::{self, params};

/// Everything that is held of a repository. Without a row in `repo` it has no label.
pub(crate) async fn load(tx: &mut Tx<'_>, repo: RepoId) -> Result<History, Fault> {
    let mut history = History::new(repo);
    label(tx, &mut history).await?;
    for (endpoint, account) in asked::of_repo(tx, repo).await? {
        let newest = account.asked.newest;
        // What was never answered well reaches nowhere.
        if let Some(at) = account.asked.answered_at {
            history.answered.insert(endpoint, Answered { at, newest });
        }
    }
    days(tx, &mut history).await?;
    history.weeks = traffic_week::in_days(tx, repo, DayRange::ALL).await?;
    rankings(tx, &mut history).await?;
    for kept in counters::in_days(tx, repo, DayRange::ALL).await? {
        history.counters.put(kept.run.days, kept.run.value);
        history.counted = kept.read_at.map(|at| (kept.run.days.last(), at));
    }
    for row in tx.query(&sql::PROFILE_OF_REPO, &params![repo]).await? {
        let (seen_at, profile) = profile::profile(&row)?;
        history.profiles.insert(seen_at, profile);
    }
    for row in tx.query(&sql::TAG_OF_REPO, &params![repo]).await? {
        history.tags.insert(row.text(0)?.to_owned(), row.day(1)?);
    }
    history.stars.days = stars::days(tx, repo, DayRange::ALL).await?;
    for span in stars::spans(tx, repo, DayRange::ALL).await? {
        history.stars.read.put(span.days, span.value);
    }
    downloads(tx, &mut history).await?;
    rest(tx, &mut history).await?;
    Ok(history)
}

async fn label(tx: &mut Tx<'_>, history: &mut History) -> Result<(), Fault> {
    let repo = history.repo;
    if let Some(row) = tx.query(&sql::REPO_ONE, &params![repo]).await?.first() {
        let known = repo::repository(row)?;
        history.label = Some(Label {
            named_at: row.time(9)?,
            name: known.name,
            node_id: known.node_id,
            is_private: known.is_private,
            is_fork: known.is_fork,
            is_archived: known.is_archived,
        });
        history.first_seen = Some(row.time(10)?);
        if let Some(status) = row.opt_status(6)? {
            let since = row.time(7)?;
            history.gone = Some(GoneFact { since, status });
            history.settle_gone();
        }
    }
    for row in tx.query(&sql::REPO_NAME_OF_REPO, &params![repo]).await? {
        let name: RepoName = row.parsed(0)?;
        let span = NameSpan {
            spelled: name.to_string(),
            first_seen: row.time(1)?,
            last_seen: row.time(2)?,
        };
        history.names.insert(name.key(), span);
    }
    Ok(())
}

async fn days(tx: &mut Tx<'_>, history: &mut History) -> Result<(), Fault> {
    let kept = traffic_day::load(tx, history.repo, DayRange::ALL).await?;
    let all = source::all(tx).await?;
    let mut used = Vec::new();
    for kept in kept.values().flatten() {
        if let Some(record) = &kept.record {
            let values = record.settled().iter().chain(record.doubted());
            used.extend(values.map(|value| value.source.believed()));
            used.push(record.row().source.believed());
        }
    }
    used.sort_unstable();
    used.dedup();
    let names = used.iter().filter_map(|source| all.get(source));
    let sources = Sources::new(names.cloned());
    let number = |source: gitratra_core::Source| {
        let number = all.get(&source.believed());
        let number = number.map_or(source, |name| sources.number(name));
        number.with_doubt_of(source)
    };
    for (day, both) in kept {
        let known = both.map(|kept| KnownDay {
            record: kept.record.map(|record| record.renumbered(number)),
            window_uniques: kept.window_uniques.map(Uniques::new),
        });
        history.days.insert(day, known);
    }
    history.sources = sources;
    Ok(())
}

async fn rankings(tx: &mut Tx<'_>, history: &mut History) -> Result<(), Fault> {
    let repo = history.repo;
    let rows = tx.query(&sql::RANKED_WINDOWS_SEEN, &params![repo]).await?;
    for row in rows {
        let last: Day = row.day(0)?;
        for (at, ranking) in (1..).zip(Ranking::ALL) {
            if let Some(seen) = row.opt_int(at)? {
                let read_at = value::time(last.end().as_second() + seen)?;
                history.rankings.read(ranking, Window { last }, read_at);
            }
        }
    }
    for ranking in Ranking::ALL {
        let kept = ranked::history(tx, repo, ranking, DayRange::ALL).await?;
        let names: Vec<Arc<str>> = kept.names.iter().map(|of| Arc::from(&*of.name)).collect();
        for (name, known) in names.iter().zip(&kept.names) {
            if let Some(title) = &known.title {
                let titles = &mut history.rankings.titles;
                titles.insert((ranking, name.clone()), title.clone());
            }
        }
        for run in &kept.runs {
            let Some(name) = names.get(run.name) else {
                continue;
            };
            let windows = (ranking, run.first)..=(ranking, run.last);
            for (_, list) in history.rankings.lists.range_mut(windows) {
                list.lines.insert(name.clone(), run.total.0);
            }
        }
    }
    Ok(())
}

async fn downloads(tx: &mut Tx<'_>, history: &mut History) -> Result<(), Fault> {
    let repo = history.repo;
    for release in releases::in_order(tx, repo).await? {
        for asset in release.assets {
            let facts = AssetFacts {
                release: release.id,
                name: asset.name,
                size: asset.size,
                created_at: asset.created_at,
                gone_since: asset.gone_since,
            };
            history.assets.insert(asset.id, facts);
        }
        let facts = ReleaseFacts {
            seen_at: release.seen_at,
            tag: release.tag,
            name: release.name,
            published_at: release.published_at,
            is_prerelease: release.is_prerelease,
            gone_since: release.gone_since,
        };
        history.releases.insert(release.id, facts);
    }
    for (asset, runs) in releases::runs_in(tx, repo, DayRange::ALL).await? {
        let mut totals = Runs::new();
        for run in runs {
            totals.put(run.days, run.value);
        }
        history.downloads.insert(asset, totals);
    }
    Ok(())
}

async fn rest(tx: &mut Tx<'_>, history: &mut History) -> Result<(), Fault> {
    let params = params![history.repo, Day::MIN, Day::MAX];
    for row in tx.query(&sql::NOTE_IN_DAYS, &params).await? {
        let note: (Day, NoteText) = (row.day(1)?, row.parsed(2)?);
        let written_at = row.time(3)?;
        let kept = history.notes.entry(note).or_insert(written_at);
        *kept = (*kept).min(written_at);
    }
    for row in tx.query(&sql::WORKFLOW_DAY_IN_DAYS, &params).await? {
        history.workflow_days.insert(row.day(0)?, row.whole(1)?);
    }
    for tally in Tally::ALL {
        for (day, total) in told_total::in_days(tx, history.repo, tally, DayRange::ALL).await? {
            history.totals.insert((tally, day), total);
        }
    }
    Ok(())
}
