//! Releases of one repository, and how often their files were downloaded on each day.
//!
//! GitHub tells running totals only: of each file that is there, since it was uploaded. What is
//! deleted here stays known to tests.

use std::sync::Mutex;

use serde::{Deserialize, Serialize};

use crate::clock::{DAY_SECS, Day, Time};
use crate::daily::{Daily, arrived};
use crate::lock;
use crate::noise::{Noise, Topic};

/// A release as a test describes it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleaseSpec {
    tag: String,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    published: Option<Time>,
    #[serde(default)]
    draft: bool,
    #[serde(default)]
    prerelease: bool,
    #[serde(default)]
    assets: Vec<AssetSpec>,
}

impl ReleaseSpec {
    /// A release of that tag, published when the simulation learns of it, without files.
    pub fn new(tag: impl Into<String>) -> Self {
        Self {
            tag: tag.into(),
            name: None,
            published: None,
            draft: false,
            prerelease: false,
            assets: Vec::new(),
        }
    }

    /// Under that title.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Published, with its files, at that moment.
    #[must_use]
    pub fn published(mut self, at: impl Into<Time>) -> Self {
        self.published = Some(at.into());
        self
    }

    /// Not published: only those who may push see it, and nobody downloads it.
    #[must_use]
    pub fn draft(mut self) -> Self {
        self.draft = true;
        self
    }

    /// Marked as not ready.
    #[must_use]
    pub fn prerelease(mut self) -> Self {
        self.prerelease = true;
        self
    }

    /// Adds a file; a name alone is downloaded about five times a day.
    #[must_use]
    pub fn asset(mut self, asset: impl Into<AssetSpec>) -> Self {
        self.assets.push(asset.into());
        self
    }
}

impl From<&str> for ReleaseSpec {
    fn from(tag: &str) -> Self {
        Self::new(tag)
    }
}

/// A file of a release as a test describes it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssetSpec {
    name: String,
    #[serde(default = "usual_size")]
    size: u64,
    #[serde(default = "usual_downloads")]
    downloads: Daily,
}

fn usual_size() -> u64 {
    1_000_000
}

fn usual_downloads() -> Daily {
    Daily::About(5.0)
}

impl AssetSpec {
    /// A file of a million bytes that is downloaded about five times a day.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            size: usual_size(),
            downloads: usual_downloads(),
        }
    }

    /// Of that many bytes.
    #[must_use]
    pub fn size(mut self, bytes: u64) -> Self {
        self.size = bytes;
        self
    }

    /// Downloaded so often.
    #[must_use]
    pub fn downloads(mut self, daily: Daily) -> Self {
        self.downloads = daily;
        self
    }
}

impl From<&str> for AssetSpec {
    fn from(name: &str) -> Self {
        Self::new(name)
    }
}

/// What a test may know of a file, whether or not it is still there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AssetRecord {
    /// GitHub's number of the file.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// GitHub's number of its release.
    pub release_id: u64,
    /// The tag of its release.
    pub tag: String,
    /// When it was uploaded.
    pub uploaded: Time,
    /// When it was deleted, alone or with its release.
    pub removed: Option<Time>,
    /// The running total that is told of it, or was when it was deleted.
    pub total: u64,
}

/// The releases of one repository.
#[derive(Debug)]
pub(crate) struct Releases {
    repo_id: u64,
    list: Vec<Release>,
    /// How many releases and files were numbered.
    numbered: u64,
}

#[derive(Debug)]
pub(crate) struct Release {
    pub(crate) id: u64,
    pub(crate) tag: String,
    pub(crate) name: Option<String>,
    pub(crate) draft: bool,
    pub(crate) prerelease: bool,
    pub(crate) published: Time,
    removed: Option<Time>,
    assets: Vec<Asset>,
}

#[derive(Debug)]
pub(crate) struct Asset {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) size: u64,
    pub(crate) uploaded: Time,
    downloads: Daily,
    removed: Option<Time>,
    /// When its total was set back to 0.
    reset: Option<Time>,
    tally: Mutex<Tally>,
}

/// How many downloads there would have been by the beginning of a day.
#[derive(Clone, Copy, Debug)]
struct Tally {
    day: Day,
    total: u64,
}

fn is_there(from: Time, removed: Option<Time>, at: Time) -> bool {
    from <= at && removed.is_none_or(|removed| at < removed)
}

impl Releases {
    pub(crate) fn new(repo_id: u64, specs: &[ReleaseSpec], now: Time) -> Result<Self, String> {
        let mut releases = Self {
            repo_id,
            list: Vec::new(),
            numbered: 0,
        };
        for spec in specs {
            releases.publish(spec, now)?;
        }
        Ok(releases)
    }

    /// Adds a release and gives its number.
    pub(crate) fn publish(&mut self, spec: &ReleaseSpec, now: Time) -> Result<u64, String> {
        let published = spec.published.unwrap_or(now);
        let is_taken = |known: &Release| known.tag == spec.tag && known.removed.is_none();
        if self.list.iter().any(is_taken) {
            return Err(format!("there is a release \"{}\" already", spec.tag));
        }
        let id = self.next_id();
        let assets = spec.assets.iter();
        let assets = assets.map(|asset| {
            let downloads = match spec.draft {
                true => Daily::Steady(0),
                false => asset.downloads.clone(),
            };
            Asset::new(
                self.next_id(),
                asset.name.clone(),
                asset.size,
                published,
                downloads,
            )
        });
        let assets = assets.collect();
        self.list.push(Release {
            id,
            tag: spec.tag.clone(),
            name: spec.name.clone(),
            draft: spec.draft,
            prerelease: spec.prerelease,
            published,
            removed: None,
            assets,
        });
        Ok(id)
    }

    /// Deletes a release and its files; its tag stays.
    pub(crate) fn delete(&mut self, tag: &str, now: Time) -> Result<(), String> {
        let release = self.release(tag)?;
        release.removed = Some(now);
        let assets = release.assets.iter_mut();
        for asset in assets.filter(|asset| asset.removed.is_none()) {
            asset.removed = Some(now);
        }
        Ok(())
    }

    /// Uploads a file anew: another number, and a total that begins at 0.
    pub(crate) fn replace(&mut self, tag: &str, name: &str, now: Time) -> Result<u64, String> {
        let id = self.next_id();
        let release = self.release(tag)?;
        let old = release.asset(name)?;
        old.removed = Some(now);
        let new = Asset::new(id, name.into(), old.size, now, old.downloads.clone());
        release.assets.push(new);
        Ok(id)
    }

    /// Deletes one file.
    pub(crate) fn remove(&mut self, tag: &str, name: &str, now: Time) -> Result<(), String> {
        self.release(tag)?.asset(name)?.removed = Some(now);
        Ok(())
    }

    /// Sets the total of a file back to 0, under the same number.
    pub(crate) fn reset(&mut self, tag: &str, name: &str, now: Time) -> Result<(), String> {
        self.release(tag)?.asset(name)?.reset = Some(now);
        Ok(())
    }

    fn next_id(&mut self) -> u64 {
        self.numbered += 1;
        self.repo_id
            .wrapping_mul(10_000)
            .wrapping_add(self.numbered)
    }

    fn release(&mut self, tag: &str) -> Result<&mut Release, String> {
        let mut list = self.list.iter_mut();
        let found = list.find(|known| known.tag == tag && known.removed.is_none());
        found.ok_or_else(|| format!("no release \"{tag}\""))
    }

    /// What is there, drafts only for those who may see them, the newest first.
    pub(crate) fn listed(&self, at: Time, with_drafts: bool) -> Vec<&Release> {
        let list = self.list.iter().filter(|release| {
            is_there(release.published, release.removed, at) && (with_drafts || !release.draft)
        });
        let mut list: Vec<_> = list.collect();
        list.sort_by_key(|release| std::cmp::Reverse((release.published, release.id)));
        list
    }

    /// The tags that releases made, and the moments; a tag stays when its release is deleted.
    pub(crate) fn tags(&self, at: Time) -> impl Iterator<Item = (&str, Time)> {
        let made = self
            .list
            .iter()
            .filter(move |release| !release.draft && release.published <= at);
        made.map(|release| (release.tag.as_str(), release.published))
    }

    /// Every file there ever was.
    pub(crate) fn records(&self, noise: Noise, at: Time) -> Vec<AssetRecord> {
        let of_release = |release: &Release| {
            let record = |asset: &Asset| AssetRecord {
                id: asset.id,
                name: asset.name.clone(),
                release_id: release.id,
                tag: release.tag.clone(),
                uploaded: asset.uploaded,
                removed: asset.removed,
                total: asset.total(noise, at),
            };
            release.assets.iter().map(record).collect::<Vec<_>>()
        };
        self.list.iter().flat_map(of_release).collect()
    }

    /// The downloads of one file on a day, those after a reset of its total included.
    pub(crate) fn downloads(&self, noise: Noise, asset_id: u64, day: Day) -> Result<u64, String> {
        let mut assets = self.list.iter().flat_map(|release| &release.assets);
        let found = assets.find(|asset| asset.id == asset_id);
        let found = found.ok_or_else(|| format!("no file {asset_id}"))?;
        Ok(found.on(noise, day))
    }
}

impl Release {
    fn asset(&mut self, name: &str) -> Result<&mut Asset, String> {
        let tag = &self.tag;
        let mut assets = self.assets.iter_mut();
        let found = assets.find(|asset| asset.name == name && asset.removed.is_none());
        found.ok_or_else(|| format!("no file \"{name}\" in the release \"{tag}\""))
    }

    /// The files that are there, in the order in which they were uploaded.
    pub(crate) fn assets(&self, at: Time) -> impl Iterator<Item = &Asset> {
        let assets = self.assets.iter();
        assets.filter(move |asset| is_there(asset.uploaded, asset.removed, at))
    }
}

impl Asset {
    fn new(id: u64, name: String, size: u64, uploaded: Time, downloads: Daily) -> Self {
        let tally = Tally {
            day: uploaded.day(),
            total: 0,
        };
        Self {
            id,
            name,
            size,
            uploaded,
            downloads,
            removed: None,
            reset: None,
            tally: Mutex::new(tally),
        }
    }

    /// The running total: downloads since it was uploaded, or since its total was set back.
    pub(crate) fn total(&self, noise: Noise, at: Time) -> u64 {
        let at = self.removed.map_or(at, |removed| at.min(removed));
        let reset = self.reset.filter(|reset| *reset <= at);
        self.between(noise, reset.unwrap_or(self.uploaded), at)
    }

    fn on(&self, noise: Noise, day: Day) -> u64 {
        let end = day.start().plus_secs(DAY_SECS);
        let end = self.removed.map_or(end, |removed| end.min(removed));
        self.between(noise, day.start(), end)
    }

    fn between(&self, noise: Noise, from: Time, until: Time) -> u64 {
        let from = from.max(self.uploaded);
        if until <= from {
            return 0;
        }
        let before = self.by(noise, from);
        self.by(noise, until).saturating_sub(before)
    }

    /// Downloads by a moment, as if it had been there since its first day began.
    fn by(&self, noise: Noise, at: Time) -> u64 {
        let on = |day| self.downloads.on(noise, Topic::Downloads, self.id, day);
        let day = at.day();
        let mut tally = lock(&self.tally);
        let total = match tally.day <= day {
            true => {
                while tally.day < day {
                    tally.total += on(tally.day);
                    tally.day = tally.day.plus(1);
                }
                tally.total
            }
            // A day long past is counted back to, so that questions about the past do not cost
            // the present its tally.
            false => {
                let since = (day.number()..tally.day.number()).map(Day::from_number);
                tally.total.saturating_sub(since.map(on).sum())
            }
        };
        total + arrived(on(day), at.secs() - day.start().secs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_are_the_sum_of_the_days_and_survive_looking_back() {
        let spec = ReleaseSpec::new("v1")
            .published("2026-03-01T18:00:00Z")
            .asset("tool");
        let releases = Releases::new(7, &[spec], "2026-03-10".into()).unwrap();
        let noise = Noise::new(1);
        let total = |at: Time| releases.records(noise, at)[0].total;
        let id = releases.records(noise, "2026-03-10".into())[0].id;
        let mut sum = 0;
        for n in 0..60 {
            let day = Day::from("2026-02-25").plus(n);
            sum += releases.downloads(noise, id, day).unwrap();
            assert_eq!(total(day.plus(1).start()), sum, "{day}");
            total("2026-03-03".into());
        }
        assert!(sum > 200, "{sum}");
    }
}
