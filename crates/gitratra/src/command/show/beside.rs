//! What `show` tells beside traffic: stars, forks, downloads, and clones by machines.

use std::collections::BTreeMap;

use anyhow::Result;
use gitratra_core::download::{self, AssetHistory, Downloads};
use gitratra_core::figures::Step;
use gitratra_core::machine::{self, MachineTotal};
use gitratra_core::platform::{self, Content, Rule};
use gitratra_core::stargazing::{StarChange, StarLedger};
use gitratra_core::{Bounds, Day, DayRange, Measured, Metric, RepoId, Series};
use gitratra_render::term::{
    FileLine, ShowDownloads, ShowStanding, ShowStars, show_downloads, show_standing, show_stars,
};
use gitratra_store::{CounterRun, Store};
use serde::Serialize;

use crate::output::Voice;
use crate::range::Asked;

/// Rows of a table of steps, at most, where nobody says how days are folded.
const ROWS: usize = 45;

/// The steps of a range: as asked, or the smallest that make a table one can look at.
fn steps(range: DayRange, step: Option<Step>) -> Vec<DayRange> {
    let all = [Step::Day, Step::Week, Step::Month];
    let fits = |step: &Step| step.of(range).len() <= ROWS;
    let usual = all.into_iter().find(fits).unwrap_or(Step::Month);
    step.unwrap_or(usual).of(range)
}

/// What a range means for something of which `own` days are known: where its ends are open, it
/// reaches as far as these and traffic do. Nothing where nothing is known in it.
pub(super) fn of_range(asked: Asked, traffic: &Series, own: Option<DayRange>) -> Option<DayRange> {
    let known = match (traffic.range(), own) {
        (Some(traffic), Some(own)) => {
            let first = traffic.first().min(own.first());
            DayRange::new(first, traffic.last().max(own.last()))?
        }
        (one, other) => one.or(other)?,
    };
    match asked {
        // A range of so many days begins where that of traffic does.
        Asked::Last(_) => {
            let begins = asked.of(traffic.range().unwrap_or(known))?.first();
            DayRange::new(begins, known.last())
        }
        Asked::All => own,
        Asked::Between(_) => asked.of(known)?.intersection(known),
    }
}

/// How many clones of a range workflow runs may have made; nothing where runs are not counted.
pub(super) async fn machines(
    store: &Store,
    repo: RepoId,
    series: &Series,
    range: DayRange,
) -> Result<Option<MachineTotal>> {
    let runs = store.workflow_days(repo, None).await?;
    if runs.is_empty() {
        return Ok(None);
    }
    let clones = Measured::of(series.days(), Metric::Clones);
    let estimates = machine::estimate(&clones, &Measured::new(runs));
    Ok(Some(machine::total(&estimates, range)))
}

/// Stars, step by step.
pub(super) struct Stars {
    range: DayRange,
    newest: Option<(Day, u64)>,
    change: StarChange,
    steps: Vec<(DayRange, StarChange, Option<u64>)>,
}

impl Stars {
    /// Nothing where nothing is known in the range.
    pub(super) async fn read(
        store: &Store,
        repo: RepoId,
        (asked, traffic): (Asked, &Series),
        step: Option<Step>,
    ) -> Result<Option<Self>> {
        let ledger: StarLedger = store.star_ledger(repo).await?;
        let newest = store.counters(repo, None).await?;
        let newest = newest
            .last()
            .map(|run| (run.days.last(), run.counters.stars));
        let Some(range) = of_range(asked, traffic, ledger.range()) else {
            return Ok(None);
        };
        let steps = steps(range, step).into_iter();
        let steps = steps.map(|step| {
            let total = step.iter().rev().find_map(|day| ledger.total_on(day));
            (step, ledger.change(step), total)
        });
        Ok(Some(Self {
            range,
            newest: newest.filter(|(day, _)| range.contains(*day)),
            change: ledger.change(range),
            steps: steps.collect(),
        }))
    }

    pub(super) fn page(&self, voice: Voice) -> String {
        let show = ShowStars {
            range: self.range,
            newest: self.newest,
            change: self.change,
            steps: &self.steps,
        };
        show_stars(&show, voice.page())
    }
}

#[derive(Serialize)]
pub(super) struct StarsAccount {
    from: String,
    to: String,
    #[serde(flatten)]
    whole: StarsOf,
    steps: Vec<StarsStep>,
}

#[derive(Serialize)]
struct StarsStep {
    from: String,
    to: String,
    total: Option<u64>,
    #[serde(flatten)]
    of: StarsOf,
}

#[derive(Serialize)]
struct StarsOf {
    /// On the days that are told.
    given: Option<u64>,
    given_kind: &'static str,
    days_told: u64,
    of_days: u64,
    change: Option<i64>,
    change_kind: &'static str,
    lost: Option<BoundsAccount>,
}

/// A number that lies between two, with the kind that follows.
#[derive(Serialize)]
pub(super) struct BoundsAccount {
    kind: &'static str,
    at_least: u64,
    at_most: u64,
}

impl BoundsAccount {
    fn of(bounds: Bounds) -> Self {
        Self {
            kind: super::account::kind(bounds.number()),
            at_least: bounds.lower(),
            at_most: bounds.upper(),
        }
    }
}

impl StarsOf {
    fn of(change: &StarChange, range: DayRange) -> Self {
        let of_days = range.days().unsigned_abs();
        let days_told = of_days.saturating_sub(change.days_missing);
        Self {
            given: (days_told > 0).then_some(change.given),
            given_kind: "measured",
            days_told,
            of_days,
            change: change.net,
            change_kind: "measured",
            lost: change.lost.map(BoundsAccount::of),
        }
    }
}

impl StarsAccount {
    pub(super) fn of(stars: &Stars) -> Self {
        let step = |(range, change, total): &(DayRange, StarChange, Option<u64>)| StarsStep {
            from: range.first().to_string(),
            to: range.last().to_string(),
            total: *total,
            of: StarsOf::of(change, *range),
        };
        Self {
            from: stars.range.first().to_string(),
            to: stars.range.last().to_string(),
            whole: StarsOf::of(&stars.change, stars.range),
            steps: stars.steps.iter().map(step).collect(),
        }
    }
}

/// Forks as they stood, step by step.
pub(super) fn forks_page(
    counters: &[CounterRun],
    (asked, traffic): (Asked, &Series),
    step: Option<Step>,
    voice: Voice,
) -> Option<String> {
    let first = counters.first().map(|run| run.days.first());
    let last = counters.last().map(|run| run.days.last());
    let own = first
        .zip(last)
        .and_then(|(first, last)| DayRange::new(first, last));
    let range = of_range(asked, traffic, own)?;
    let at_end = |step: DayRange| {
        let run = counters
            .iter()
            .rfind(|run| run.days.intersection(step).is_some());
        run.map(|run| run.counters.forks)
    };
    let steps: Vec<(DayRange, Option<u64>)> = steps(range, step)
        .into_iter()
        .map(|step| (step, at_end(step)))
        .collect();
    let show = ShowStanding {
        what: "forks",
        range,
        steps: &steps,
    };
    Some(show_standing(&show, voice.page()))
}

/// A file of a release.
struct File {
    file: String,
    release: String,
    platform: String,
    history: AssetHistory,
    downloads: Downloads,
    ever: u64,
}

/// Downloads of a range, by platform and file.
pub(super) struct AllDownloads {
    range: DayRange,
    total: Downloads,
    platforms: Vec<(String, Downloads)>,
    files: Vec<File>,
}

impl AllDownloads {
    pub(super) async fn read(
        store: &Store,
        repo: RepoId,
        (asked, traffic): (Asked, &Series),
        rules: &[Rule],
    ) -> Result<Option<Self>> {
        let releases = store.releases(repo).await?;
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
        // Checksums and signatures are fetched along, and are nobody's download of the program.
        let is_beside = |platform: &str| {
            let beside = [Content::Checksum, Content::Signature, Content::Metadata];
            beside.iter().any(|content| content.word() == platform)
        };
        let programs = files.iter().filter(|file| !is_beside(&file.platform));
        Ok(Some(Self {
            range,
            total: download::total(programs.map(|file| &file.history), range),
            platforms,
            files,
        }))
    }

    pub(super) fn page(&self, voice: Voice) -> String {
        let files: Vec<FileLine<'_>> = self
            .files
            .iter()
            .map(|file| FileLine {
                file: &file.file,
                release: &file.release,
                platform: file.platform.clone(),
                downloads: file.downloads,
                ever: file.ever,
            })
            .collect();
        let show = ShowDownloads {
            range: self.range,
            total: self.total,
            platforms: &self.platforms,
            files: &files,
        };
        show_downloads(&show, voice.page())
    }
}

#[derive(Serialize)]
pub(super) struct DownloadsAccount<'a> {
    from: String,
    to: String,
    /// Without checksums, signatures and what else only describes files.
    #[serde(flatten)]
    total: DownloadsOf,
    platforms: Vec<PlatformAccount<'a>>,
    files: Vec<FileAccount<'a>>,
}

#[derive(Serialize)]
struct DownloadsOf {
    kind: &'static str,
    at_least: u64,
    at_most: u64,
    /// Days on which those of any of the files are not known; they are not in the numbers.
    days_missing: u64,
}

#[derive(Serialize)]
struct PlatformAccount<'a> {
    platform: &'a str,
    platform_kind: &'static str,
    #[serde(flatten)]
    of: DownloadsOf,
}

#[derive(Serialize)]
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
            kind: super::account::kind(downloads.count.number()),
            at_least: downloads.count.lower(),
            at_most: downloads.count.upper(),
            days_missing: downloads.days_missing,
        }
    }
}

impl<'a> DownloadsAccount<'a> {
    pub(super) fn of(all: &'a AllDownloads) -> Self {
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

#[derive(Serialize)]
pub(super) struct MachinesAccount {
    kind: &'static str,
    at_least: u64,
    at_most: u64,
    /// Clones of the days that stand behind it.
    of_clones: u64,
    days: u64,
    days_missing: u64,
}

impl MachinesAccount {
    pub(super) fn of(total: &MachineTotal) -> Self {
        Self {
            kind: "estimate",
            at_least: total.by_machines.lower(),
            at_most: total.by_machines.upper(),
            of_clones: total.clones,
            days: total.days,
            days_missing: total.days_missing,
        }
    }
}
