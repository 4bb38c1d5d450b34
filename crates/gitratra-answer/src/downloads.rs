//! Downloads of a range, by platform and by file.

use std::collections::BTreeMap;

use gitratra_core::download::{self, AssetHistory, Downloads};
use gitratra_core::platform::{self, Content, Rule};
use gitratra_core::{Day, DayRange, RepoId};
use gitratra_store::{Store, StoreError};
use serde::Serialize;
use utoipa::ToSchema;

use crate::Asked;
use crate::account::kind;
use crate::reach::{of_range, to_read};

/// A file of a release.
#[derive(Debug, Clone)]
pub struct File {
    /// Its name.
    pub file: String,
    /// The tag of its release.
    pub release: String,
    /// What it is for, by its name: an estimate.
    pub platform: String,
    /// How its total grew.
    pub history: AssetHistory,
    /// Its downloads in the range.
    pub downloads: Downloads,
    /// Its downloads since it was uploaded.
    pub ever: u64,
}

/// Downloads of a range, by platform and file.
#[derive(Debug, Clone)]
pub struct AllDownloads {
    /// The days it is about.
    pub range: DayRange,
    /// All of it, without checksums, signatures and what else only describes files.
    pub total: Downloads,
    /// By platform, the most first.
    pub platforms: Vec<(String, Downloads)>,
    /// By file, the most first.
    pub files: Vec<File>,
}

impl AllDownloads {
    /// Nothing where nothing is known in the range. `traffic` are the days of which traffic is known.
    ///
    /// # Errors
    /// What the store says.
    pub async fn read(
        store: &Store,
        repo: RepoId,
        (asked, traffic): (Asked, Option<DayRange>),
        rules: &[Rule],
    ) -> Result<Option<Self>, StoreError> {
        // What was downloaded since the reading before is spread over the days between.
        const MARGIN: i64 = 45;
        let read = to_read(asked, traffic, MARGIN);
        let mut releases = store.releases_within(repo, read).await?;
        if read.is_some() {
            // Of files that were not read near the range nothing is known in it.
            for release in &mut releases {
                release.assets.retain(|asset| !asset.downloads.is_empty());
            }
        }
        let assets = || releases.iter().flat_map(|release| &release.assets);
        let last = assets().filter_map(|asset| asset.downloads.last());
        let last = last.map(|(days, _)| days.last()).max();
        // Before the first reading a file was downloaded since its upload.
        let firsts = assets().flat_map(|asset| {
            let read = asset.downloads.first().map(|(days, _)| days.first());
            read.into_iter().chain(asset.created_at.map(Day::of))
        });
        let own = firsts.min().zip(last);
        let own = own.and_then(|(first, last)| DayRange::new(first, last));
        let Some(range) = of_range(asked, traffic, own) else {
            return Ok(None);
        };
        let mut files: Vec<File> = releases
            .iter()
            .flat_map(|release| release.assets.iter().map(move |asset| (release, asset)))
            .map(|(release, asset)| {
                let history = AssetHistory::new(&asset.totals());
                File {
                    file: asset.name.clone(),
                    release: release.tag.clone(),
                    platform: platform::classify(&asset.name, rules).to_string(),
                    downloads: download::total([&history], range),
                    history,
                    ever: asset.downloads.last().map_or(0, |(_, total)| *total),
                }
            })
            .collect();
        let most = |downloads: &Downloads| (downloads.count.lower(), downloads.count.upper());
        files.sort_by(|one, other| {
            let by_count = most(&other.downloads).cmp(&most(&one.downloads));
            by_count.then_with(|| (&one.file, &one.release).cmp(&(&other.file, &other.release)))
        });
        let mut of: BTreeMap<&str, Vec<&AssetHistory>> = BTreeMap::new();
        for file in &files {
            of.entry(&file.platform).or_default().push(&file.history);
        }
        let platforms = of
            .into_iter()
            .map(|(platform, files)| (platform.to_owned(), download::total(files, range)));
        let mut platforms: Vec<_> = platforms.collect();
        platforms
            .sort_by(|(one, a), (other, b)| most(b).cmp(&most(a)).then_with(|| one.cmp(other)));
        let programs = files.iter().filter(|file| file.is_program());
        Ok(Some(Self {
            range,
            total: download::total(programs.map(|file| &file.history), range),
            platforms,
            files,
        }))
    }
}

impl AllDownloads {
    /// The files that somebody wanted.
    pub fn programs(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| file.is_program())
    }
}

impl File {
    /// Whether somebody wanted it: checksums and signatures are fetched along, and are nobody's
    /// download of the program.
    #[must_use]
    pub fn is_program(&self) -> bool {
        let beside = [Content::Checksum, Content::Signature, Content::Metadata];
        beside.iter().all(|content| content.word() != self.platform)
    }
}

/// Downloads as they are told.
#[derive(Debug, Serialize, ToSchema)]
pub struct DownloadsAccount<'a> {
    from: String,
    to: String,
    /// Without checksums, signatures and what else only describes files.
    #[serde(flatten)]
    total: DownloadsOf,
    platforms: Vec<PlatformAccount<'a>>,
    files: Vec<FileAccount<'a>>,
}

#[derive(Debug, Serialize, ToSchema)]
struct DownloadsOf {
    kind: &'static str,
    at_least: u64,
    at_most: u64,
    /// Days on which those of any of the files are not known; they are not in the numbers.
    days_missing: u64,
}

#[derive(Debug, Serialize, ToSchema)]
struct PlatformAccount<'a> {
    platform: &'a str,
    platform_kind: &'static str,
    #[serde(flatten)]
    of: DownloadsOf,
}

#[derive(Debug, Serialize, ToSchema)]
struct FileAccount<'a> {
    file: &'a str,
    release: &'a str,
    platform: &'a str,
    platform_kind: &'static str,
    since_upload: u64,
    #[serde(flatten)]
    of: DownloadsOf,
}

impl DownloadsOf {
    fn of(downloads: &Downloads) -> Self {
        Self {
            kind: kind(downloads.count.number()),
            at_least: downloads.count.lower(),
            at_most: downloads.count.upper(),
            days_missing: downloads.days_missing,
        }
    }
}

impl<'a> DownloadsAccount<'a> {
    /// As they are told.
    #[must_use]
    pub fn of(all: &'a AllDownloads) -> Self {
        let platforms = all
            .platforms
            .iter()
            .map(|(platform, downloads)| PlatformAccount {
                platform,
                platform_kind: "estimate",
                of: DownloadsOf::of(downloads),
            });
        let files = all.files.iter().map(|file| FileAccount {
            file: &file.file,
            release: &file.release,
            platform: &file.platform,
            platform_kind: "estimate",
            since_upload: file.ever,
            of: DownloadsOf::of(&file.downloads),
        });
        Self {
            from: all.range.first().to_string(),
            to: all.range.last().to_string(),
            total: DownloadsOf::of(&all.total),
            platforms: platforms.collect(),
            files: files.collect(),
        }
    }
}
