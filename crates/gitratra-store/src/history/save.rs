//! Writes what a join changed of a repository.

use std::collections::BTreeMap;

use gitratra_core::history::{History, Runs};
use gitratra_core::import::Tally;
use gitratra_core::{Day, DayRange, Metric, RepoId, Source, Uniques};

use super::ranked;
use crate::engine::Tx;
use crate::error::Fault;
use crate::runs::Run;
use crate::sql;
use crate::table::asked::{self, Account};
use crate::table::releases::{KnownAsset, KnownRelease, asset_cells, release_cells};
use crate::table::traffic_day::{self, Kept};
use crate::table::{counters, mark, profile, source, told_total, traffic_week};
use crate::value::params;

/// Writes what `after` has and `before` had not. A history never forgets, so that nothing is deleted
/// but rows whose days are in other rows now.
pub(super) async fn save(tx: &mut Tx<'_>, before: &History, after: &History) -> Result<(), Fault> {
    if before == after {
        return Ok(());
    }
    label(tx, before, after).await?;
    accounts(tx, before, after).await?;
    days(tx, before, after).await?;
    weeks(tx, before, after).await?;
    ranked::save(tx, before, after).await?;
    counted(tx, before, after).await?;
    told(tx, before, after).await?;
    stars(tx, before, after).await?;
    releases(tx, before, after).await?;
    downloads(tx, before, after).await?;
    notes(tx, before, after).await
}

/// What is new or other than it was.
pub(super) fn changed<'a, K: Ord, V: PartialEq>(
    before: &'a BTreeMap<K, V>,
    after: &'a BTreeMap<K, V>,
) -> impl Iterator<Item = (&'a K, &'a V)> {
    let is_other = |(key, value): &(&K, &V)| before.get(*key) != Some(*value);
    after.iter().filter(is_other)
}

async fn label(tx: &mut Tx<'_>, before: &History, after: &History) -> Result<(), Fault> {
    let repo = after.repo;
    let of = |history: &History| (history.label.clone(), history.first_seen, history.gone);
    if let Some(label) = after.label.as_ref().filter(|_| of(before) != of(after)) {
        let params = params![
            repo,
            label.node_id.as_deref(),
            label.name.to_string(),
            label.name.key(),
            label.is_private,
            label.is_fork,
            label.is_archived,
            after.first_seen.unwrap_or(label.named_at),
            label.named_at,
            after.gone.map(|gone| i64::from(gone.status)),
            after.gone.map(|gone| gone.since),
        ];
        let seen = (repo, label.name.key(), label.is_private);
        mark::count_labels(tx, &[seen]).await?;
        tx.execute(&sql::REPO_PUT, &params).await?;
    }
    let names = changed(&before.names, &after.names);
    let rows: Vec<_> = names
        .map(|(key, span)| {
            let (first, last) = (span.first_seen, span.last_seen);
            params![repo, key.as_str(), span.spelled.as_str(), first, last]
        })
        .collect();
    tx.execute_each(&sql::REPO_NAME_PUT, &rows).await?;
    Ok(())
}

/// Accounts reach as far as what was joined; how questions failed is this store's own.
async fn accounts(tx: &mut Tx<'_>, before: &History, after: &History) -> Result<(), Fault> {
    let told: Vec<_> = changed(&before.answered, &after.answered).collect();
    if told.is_empty() {
        return Ok(());
    }
    let mut known = asked::of_repo(tx, after.repo).await?;
    let accounts = told.into_iter().map(|(endpoint, answered)| {
        let account = known.remove(endpoint);
        let mut account = account.unwrap_or_else(|| Account::first(answered.at));
        if answered.at >= account.asked.asked_at {
            account.asked.answer(answered.newest, answered.at);
            account.failure = None;
        } else {
            account.asked.answered_at = Some(answered.at);
            account.reach(answered.newest);
        }
        (*endpoint, account)
    });
    let accounts: Vec<_> = accounts.collect();
    asked::save(tx, after.repo, &accounts).await
}

async fn days(tx: &mut Tx<'_>, before: &History, after: &History) -> Result<(), Fault> {
    let told: Vec<_> = changed(&before.days, &after.days).collect();
    if told.is_empty() {
        return Ok(());
    }
    let numbers = source::numbers(tx, after.sources.names()).await?;
    let number = |source: Source| {
        let name = after.sources.name(source);
        let number = name.and_then(|name| numbers.get(name)).copied();
        number.unwrap_or(Source::GITHUB).with_doubt_of(source)
    };
    let rows: Vec<(Day, [Kept; 2])> = told
        .into_iter()
        .map(|(day, known)| {
            let kept = known.each_ref().map(|known| Kept {
                record: known.record.as_ref().map(|of| of.renumbered(number)),
                window_uniques: known.window_uniques.map(Uniques::get),
            });
            (*day, kept)
        })
        .collect();
    let rows: Vec<(Day, &[Kept; 2])> = rows.iter().map(|(day, kept)| (*day, kept)).collect();
    traffic_day::save(tx, after.repo, &rows).await
}

async fn weeks(tx: &mut Tx<'_>, before: &History, after: &History) -> Result<(), Fault> {
    let told = changed(&before.weeks, &after.weeks).flat_map(|(week, told)| {
        let both = Metric::ALL.into_iter().zip(told);
        both.filter_map(|(metric, told)| Some((metric, *week, (*told)?)))
    });
    let told: Vec<_> = told.collect();
    traffic_week::save(tx, after.repo, &told).await
}

/// Rows of runs that are no more, and those that were not there.
fn runs_changed<V: Copy + Ord>(before: &Runs<V>, after: &Runs<V>) -> [Vec<(DayRange, V)>; 2] {
    let only = |these: &Runs<V>, those: &Runs<V>| -> Vec<(DayRange, V)> {
        let theirs = those.all();
        let is_other = |run: &&(DayRange, V)| {
            let at = theirs.partition_point(|(days, _)| days.last() < run.0.last());
            theirs.get(at) != Some(*run)
        };
        these.all().iter().filter(is_other).copied().collect()
    };
    [only(before, after), only(after, before)]
}

async fn counted(tx: &mut Tx<'_>, before: &History, after: &History) -> Result<(), Fault> {
    let repo = after.repo;
    let [removed, mut added] = runs_changed(&before.counters, &after.counters);
    let newest = after.counters.all().last().copied();
    if before.counted != after.counted {
        added.extend(newest.filter(|newest| !added.contains(newest)));
    }
    let removed: Vec<_> = removed
        .iter()
        .map(|(days, _)| params![repo, days.last()])
        .collect();
    let added: Vec<_> = added
        .into_iter()
        .map(|(days, value)| {
            // Of any other day but the newest it is not known any more.
            let read = after.counted.filter(|(day, _)| *day == days.last());
            let read_at = read.map(|(_, at)| at);
            counters::cells(repo, &Run { days, value }, read_at)
        })
        .collect();
    tx.execute_each(&sql::COUNTER_RUN_REMOVE, &removed).await?;
    tx.execute_each(&sql::COUNTER_RUN_SAVE, &added).await?;
    Ok(())
}

/// Profiles, tags and runs of workflows.
async fn told(tx: &mut Tx<'_>, before: &History, after: &History) -> Result<(), Fault> {
    let repo = after.repo;
    let profiles: Vec<_> = changed(&before.profiles, &after.profiles)
        .map(|(at, of)| profile::cells(repo, of, *at))
        .collect();
    tx.execute_each(&sql::PROFILE_SAVE, &profiles).await?;
    let tags: Vec<_> = changed(&before.tags, &after.tags)
        .map(|(name, day)| params![repo, name.as_str(), *day])
        .collect();
    tx.execute_each(&sql::TAG_SAVE, &tags).await?;
    for tally in Tally::ALL {
        let told = changed(&before.totals, &after.totals);
        let told = told.filter(|((of, _), _)| *of == tally);
        let told: Vec<_> = told.map(|((_, day), total)| (*day, *total)).collect();
        told_total::join(tx, after.repo, tally, &told, true).await?;
    }
    let runs: Vec<_> = changed(&before.workflow_days, &after.workflow_days)
        .map(|(day, runs)| params![repo, *day, *runs])
        .collect();
    tx.execute_each(&sql::WORKFLOW_DAY_SAVE, &runs).await?;
    Ok(())
}

async fn stars(tx: &mut Tx<'_>, before: &History, after: &History) -> Result<(), Fault> {
    let repo = after.repo;
    let days: Vec<_> = changed(&before.stars.days, &after.stars.days)
        .map(|(day, stars)| params![repo, *day, stars.given, stars.still])
        .collect();
    tx.execute_each(&sql::STAR_DAY_SAVE, &days).await?;
    let [removed, added] = runs_changed(&before.stars.read, &after.stars.read);
    let removed: Vec<_> = removed
        .iter()
        .map(|(days, _)| params![repo, days.last()])
        .collect();
    let added: Vec<_> = added
        .iter()
        .map(|(days, at)| params![repo, days.first(), days.last(), *at])
        .collect();
    tx.execute_each(&sql::STAR_SPAN_REMOVE, &removed).await?;
    tx.execute_each(&sql::STAR_SPAN_ADD, &added).await?;
    Ok(())
}

async fn releases(tx: &mut Tx<'_>, before: &History, after: &History) -> Result<(), Fault> {
    let repo = after.repo;
    let releases: Vec<_> = changed(&before.releases, &after.releases)
        .map(|(id, of)| {
            let release = KnownRelease {
                id: *id,
                tag: of.tag.clone(),
                name: of.name.clone(),
                published_at: of.published_at,
                is_prerelease: of.is_prerelease,
                seen_at: of.seen_at,
                gone_since: of.gone_since,
                assets: Vec::new(),
            };
            release_cells(repo, &release)
        })
        .collect();
    tx.execute_each(&sql::RELEASE_SAVE, &releases).await?;
    let assets: Vec<_> = changed(&before.assets, &after.assets)
        .map(|(id, of)| {
            let asset = KnownAsset {
                id: *id,
                name: of.name.clone(),
                size: of.size,
                created_at: of.created_at,
                gone_since: of.gone_since,
                downloads: Vec::new(),
            };
            asset_cells(repo, of.release, &asset)
        })
        .collect();
    tx.execute_each(&sql::ASSET_SAVE, &assets).await?;
    Ok(())
}

async fn downloads(tx: &mut Tx<'_>, before: &History, after: &History) -> Result<(), Fault> {
    let repo: RepoId = after.repo;
    let none = Runs::new();
    let (mut removed, mut added) = (Vec::new(), Vec::new());
    for (asset, totals) in changed(&before.downloads, &after.downloads) {
        let was = before.downloads.get(asset).unwrap_or(&none);
        let [gone, new] = runs_changed(was, totals);
        removed.extend(
            gone.iter()
                .map(|(days, _)| params![repo, days.last(), *asset]),
        );
        let cells = |(days, total): &(DayRange, u64)| {
            params![repo, *asset, days.first(), days.last(), *total]
        };
        added.extend(new.iter().map(cells));
    }
    tx.execute_each(&sql::ASSET_RUN_REMOVE, &removed).await?;
    tx.execute_each(&sql::ASSET_RUN_ADD, &added).await?;
    Ok(())
}

async fn notes(tx: &mut Tx<'_>, before: &History, after: &History) -> Result<(), Fault> {
    for (note, written_at) in changed(&before.notes, &after.notes) {
        let params = params![after.repo, note.0, note.1.as_str(), *written_at];
        let statement = if before.notes.contains_key(note) {
            &sql::NOTE_PUT
        } else {
            &sql::NOTE_ADD
        };
        tx.query(statement, &params).await?;
    }
    Ok(())
}
