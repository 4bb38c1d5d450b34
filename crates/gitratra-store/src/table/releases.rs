//! Releases with their files, and the running totals of downloads in runs of days without a change.
//!
//! A release or a file that is missing where all were told is gone; its history stays. Of a day the
//! larger total is kept: a file's total only grows, and one that is uploaded anew is another file.

use std::collections::{BTreeMap, HashMap, HashSet};

use futures_util::FutureExt;
use gitratra_core::{Asset, Day, DayRange, Release, ReleasesReading, RepoId, Timestamp};

use crate::engine::Tx;
use crate::error::Fault;
use crate::runs::{self, Place, Run};
use crate::sql;
use crate::value::{Row, Value, params, storable, whole_second};
use crate::{Store, StoreError};

/// A release as the store knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownRelease {
    /// GitHub's number of the release.
    pub id: u64,
    /// The tag it stands for.
    pub tag: String,
    /// Its title, where it has one.
    pub name: Option<String>,
    /// When it was published.
    pub published_at: Option<Timestamp>,
    /// Whether it is marked as not ready.
    pub is_prerelease: bool,
    /// When it was last told, by the server's clock; what is told here is from then.
    pub seen_at: Timestamp,
    /// When it was first missing where all releases were told; nothing while it is there.
    pub gone_since: Option<Timestamp>,
    /// Its files, by name; those included that are gone.
    pub assets: Vec<KnownAsset>,
}

/// A file of a release as the store knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownAsset {
    /// GitHub's number of the file.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// When it was uploaded.
    pub created_at: Option<Timestamp>,
    /// When it was first missing; nothing while it is there.
    pub gone_since: Option<Timestamp>,
    /// Its running totals. *Shape*: ascending runs of UTC days; a day in no run was not read.
    /// *Units*: downloads since it was uploaded, the most that were told on the day.
    pub downloads: Vec<(DayRange, u64)>,
}

impl Store {
    /// The releases of a repository with all of their downloads. *Shape*: the newest first.
    pub async fn releases(&self, repo: RepoId) -> Result<Vec<KnownRelease>, StoreError> {
        self.releases_within(repo, None).await
    }

    /// The same with the totals of a range of days alone, or of all. *Shape*: a run that reaches
    /// into the range is whole.
    pub async fn releases_within(
        &self,
        repo: RepoId,
        range: Option<DayRange>,
    ) -> Result<Vec<KnownRelease>, StoreError> {
        let range = range.unwrap_or(DayRange::ALL);
        self.read(move |tx| all(tx, repo, range).boxed()).await
    }

    /// The releases of a repository without their downloads, which are most of what is kept of
    /// them. *Shape*: the newest first.
    pub async fn releases_alone(&self, repo: RepoId) -> Result<Vec<KnownRelease>, StoreError> {
        self.read(move |tx| in_order(tx, repo).boxed()).await
    }
}

/// Keeps what an answer tells.
pub(crate) async fn save(
    tx: &mut Tx<'_>,
    repo: RepoId,
    reading: &ReleasesReading,
) -> Result<(), Fault> {
    let known = all_without_runs(tx, repo).await?;
    let after = told(&known, reading);
    let changed: Vec<_> = after
        .values()
        .filter(|release| known.get(&release.id) != Some(release))
        .collect();
    let releases: Vec<_> = changed
        .iter()
        .map(|release| release_cells(repo, release))
        .collect();
    let is_known = |release: &KnownRelease, asset: &&KnownAsset| {
        let before = known.get(&release.id);
        before.is_some_and(|before| before.assets.contains(asset))
    };
    let assets: Vec<_> = changed
        .iter()
        .flat_map(|release| release.assets.iter().map(move |asset| (release, asset)))
        .filter(|(release, asset)| !is_known(release, asset))
        .map(|(release, asset)| asset_cells(repo, release.id, asset))
        .collect();
    tx.execute_each(&sql::RELEASE_SAVE, &releases).await?;
    tx.execute_each(&sql::ASSET_SAVE, &assets).await?;
    let assets = reading.releases.iter().flat_map(|release| &release.assets);
    let totals: HashMap<u64, u64> = assets.map(|asset| (asset.id, asset.downloads)).collect();
    let place = Place::of(Day::of(reading.read_at));
    let near = runs_in(tx, repo, place.reach()).await?;
    put(tx, repo, place, &near, &totals).await
}

/// Notes that an answer of `seen_at`, which told of the day `told`, was given again just as it was.
pub(crate) async fn see_again(
    tx: &mut Tx<'_>,
    repo: RepoId,
    (told, seen_at): (Day, Timestamp),
    at: Timestamp,
) -> Result<(), Fault> {
    let known = all_without_runs(tx, repo).await?;
    let releases = known.values().filter(|release| release.seen_at == seen_at);
    let assets = releases.flat_map(|release| &release.assets);
    let there: HashSet<u64> = assets
        .filter(|asset| asset.gone_since.is_none())
        .map(|asset| asset.id)
        .collect();
    let place = Place::of(Day::of(at));
    let reach = place.reach();
    let range = DayRange::new(told.min(reach.first()), reach.last()).unwrap_or(reach);
    let runs = runs_in(tx, repo, range).await?;
    let totals = runs.iter().filter(|(asset, _)| there.contains(asset));
    let totals: HashMap<u64, u64> = totals
        .filter_map(|(asset, runs)| {
            let run = runs.iter().find(|run| run.days.contains(told))?;
            Some((*asset, run.value))
        })
        .collect();
    put(tx, repo, place, &runs, &totals).await
}

/// What is known once an answer was taken in.
fn told(
    known: &BTreeMap<u64, KnownRelease>,
    reading: &ReleasesReading,
) -> BTreeMap<u64, KnownRelease> {
    let at = whole_second(reading.read_at);
    let mut after = known.clone();
    for release in &reading.releases {
        let kept = after
            .entry(release.id)
            .or_insert_with(|| found(release, at));
        if kept.seen_at > at {
            add_former(kept, release);
        } else {
            retell(kept, release, at);
        }
    }
    if reading.is_whole {
        let there: HashSet<u64> = reading.releases.iter().map(|release| release.id).collect();
        let missing = after
            .values_mut()
            .filter(|release| !there.contains(&release.id));
        for release in missing.filter(|release| release.seen_at < at) {
            release.gone_since.get_or_insert(at);
            for asset in &mut release.assets {
                asset.gone_since.get_or_insert(at);
            }
        }
    }
    after
}

fn found(release: &Release, at: Timestamp) -> KnownRelease {
    KnownRelease {
        id: release.id,
        tag: String::new(),
        name: None,
        published_at: None,
        is_prerelease: false,
        seen_at: at,
        gone_since: None,
        assets: Vec::new(),
    }
}

/// Takes in what the newest answer about a release says.
fn retell(kept: &mut KnownRelease, release: &Release, at: Timestamp) {
    kept.tag.clone_from(&storable(&release.tag).into_owned());
    kept.name = release
        .name
        .as_deref()
        .map(|name| storable(name).into_owned());
    kept.published_at = release.published_at.map(whole_second);
    kept.is_prerelease = release.is_prerelease;
    kept.seen_at = at;
    kept.gone_since = None;
    for asset in &mut kept.assets {
        asset.gone_since.get_or_insert(at);
    }
    for asset in &release.assets {
        let told = known_asset(asset);
        match kept.assets.iter_mut().find(|kept| kept.id == asset.id) {
            Some(kept) => *kept = told,
            None => kept.assets.push(told),
        }
    }
}

/// Takes in files that an older answer tells of and that were gone by the newest.
fn add_former(kept: &mut KnownRelease, release: &Release) {
    for asset in &release.assets {
        if kept.assets.iter().all(|kept| kept.id != asset.id) {
            kept.assets.push(KnownAsset {
                gone_since: Some(kept.seen_at),
                ..known_asset(asset)
            });
        }
    }
}

fn known_asset(asset: &Asset) -> KnownAsset {
    KnownAsset {
        id: asset.id,
        name: storable(&asset.name).into_owned(),
        size: asset.size,
        created_at: asset.created_at.map(whole_second),
        gone_since: None,
        downloads: Vec::new(),
    }
}

pub(crate) type Runs = HashMap<u64, Vec<Run<u64>>>;

/// Gives files their totals of a day.
async fn put(
    tx: &mut Tx<'_>,
    repo: RepoId,
    place: Place,
    near: &Runs,
    totals: &HashMap<u64, u64>,
) -> Result<(), Fault> {
    let (mut removed, mut added) = (Vec::new(), Vec::new());
    for (asset, total) in totals {
        let near = near.get(asset).map_or(&[][..], Vec::as_slice);
        let before = near.iter().find(|run| run.days.contains(place.day));
        let total = before.map_or(*total, |before| before.value.max(*total));
        let change = runs::put(near, place, Some(total));
        removed.extend(
            change
                .removed
                .iter()
                .map(|run| params![repo, run.days.last(), *asset]),
        );
        added.extend(
            change
                .added
                .iter()
                .map(|run| params![repo, *asset, run.days.first(), run.days.last(), run.value]),
        );
    }
    tx.execute_each(&sql::ASSET_RUN_REMOVE, &removed).await?;
    tx.execute_each(&sql::ASSET_RUN_ADD, &added).await?;
    Ok(())
}

/// The totals that reach into some days, by file.
pub(crate) async fn runs_in(tx: &mut Tx<'_>, repo: RepoId, days: DayRange) -> Result<Runs, Fault> {
    let params = params![repo, days.first(), days.last()];
    let mut runs = Runs::new();
    for row in tx.query(&sql::ASSET_RUN_IN_DAYS, &params).await? {
        let run = Run {
            days: row.days(1)?,
            value: row.whole(3)?,
        };
        runs.entry(number(&row, 0)?).or_default().push(run);
    }
    Ok(runs)
}

async fn all(tx: &mut Tx<'_>, repo: RepoId, range: DayRange) -> Result<Vec<KnownRelease>, Fault> {
    let mut runs = runs_in(tx, repo, range).await?;
    let mut releases = in_order(tx, repo).await?;
    for release in &mut releases {
        for asset in &mut release.assets {
            let own = runs.remove(&asset.id).unwrap_or_default();
            asset.downloads = own.into_iter().map(|run| (run.days, run.value)).collect();
        }
    }
    Ok(releases)
}

async fn all_without_runs(
    tx: &mut Tx<'_>,
    repo: RepoId,
) -> Result<BTreeMap<u64, KnownRelease>, Fault> {
    let releases = in_order(tx, repo).await?.into_iter();
    Ok(releases.map(|release| (release.id, release)).collect())
}

/// The releases without downloads, the newest first.
pub(crate) async fn in_order(tx: &mut Tx<'_>, repo: RepoId) -> Result<Vec<KnownRelease>, Fault> {
    let mut assets: HashMap<u64, Vec<KnownAsset>> = HashMap::new();
    for row in tx.query(&sql::ASSET_OF_REPO, &params![repo]).await? {
        assets
            .entry(number(&row, 1)?)
            .or_default()
            .push(asset(&row)?);
    }
    let rows = tx.query(&sql::RELEASE_OF_REPO, &params![repo]).await?;
    let releases = rows.iter().map(|row| {
        let id = number(row, 0)?;
        Ok(KnownRelease {
            id,
            tag: row.text(1)?.to_owned(),
            name: row.opt_text(2)?.map(str::to_owned),
            published_at: row.opt_time(3)?,
            is_prerelease: row.is(4)?,
            seen_at: row.time(5)?,
            gone_since: row.opt_time(6)?,
            assets: assets.remove(&id).unwrap_or_default(),
        })
    });
    releases.collect()
}

fn asset(row: &Row) -> Result<KnownAsset, Fault> {
    Ok(KnownAsset {
        id: number(row, 0)?,
        name: row.text(2)?.to_owned(),
        size: row.whole(3)?,
        created_at: row.opt_time(4)?,
        gone_since: row.opt_time(5)?,
        downloads: Vec::new(),
    })
}

/// One of GitHub's numbers, of which bits are kept in any case.
fn number(row: &Row, at: usize) -> Result<u64, Fault> {
    Ok(row.int(at)?.cast_unsigned())
}

/// A release as a row.
pub(crate) fn release_cells(repo: RepoId, release: &KnownRelease) -> [Value; 8] {
    params![
        repo,
        release.id,
        release.tag.as_str(),
        release.name.as_deref(),
        release.published_at,
        release.is_prerelease,
        release.seen_at,
        release.gone_since,
    ]
}

/// A file as a row.
pub(crate) fn asset_cells(repo: RepoId, release: u64, asset: &KnownAsset) -> [Value; 7] {
    params![
        repo,
        asset.id,
        release,
        asset.name.as_str(),
        asset.size,
        asset.created_at,
        asset.gone_since,
    ]
}
