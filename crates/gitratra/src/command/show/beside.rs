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

/// Rows of a table of steps, at most, where nobody says how days are folded.
const ROWS: usize = 45;

/// The steps of a range: as asked, or the smallest that make a table one can look at.
fn steps(range: DayRange, step: Option<Step>) -> Vec<DayRange> {
    let all = [Step::Day, Step::Week, Step::Month];
    let fits = |step: &Step| step.of(range).len() <= ROWS;
    let usual = all.into_iter().find(fits).unwrap_or(Step::Month);
    step.unwrap_or(usual).of(range)
}

/// The range up to now, where it ends with the newest day of traffic: what is told of a moment is
/// newer.
fn open_ended(range: DayRange, traffic: &Series, newest: Option<Day>) -> DayRange {
    let is_open = traffic
        .range()
        .is_none_or(|known| range.last() >= known.last());
    let last = match newest {
        Some(newest) if is_open => range.last().max(newest),
        _ => range.last(),
    };
    DayRange::new(range.first(), last).unwrap_or(range)
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
    pub(super) async fn read(
        store: &Store,
        repo: RepoId,
        (range, traffic): (DayRange, &Series),
        step: Option<Step>,
    ) -> Result<Self> {
        let ledger: StarLedger = store.star_ledger(repo).await?;
        let newest = store.counters(repo, None).await?;
        let newest = newest
            .last()
            .map(|run| (run.days.last(), run.counters.stars));
        let known = ledger.range();
        let range = open_ended(range, traffic, newest.map(|(day, _)| day));
        // Where everything is asked for, what is told of stars alone may begin long before traffic.
        let range = match known {
            Some(known) if range.first() == Day::MIN => {
                DayRange::new(known.first(), range.last()).unwrap_or(range)
            }
            _ => range,
        };
        let steps = steps(range, step).into_iter();
        let steps = steps.map(|step| {
            let total = step.iter().rev().find_map(|day| ledger.total_on(day));
            (step, ledger.change(step), total)
        });
        Ok(Self {
            range,
            newest: newest.filter(|(day, _)| range.contains(*day)),
            change: ledger.change(range),
            steps: steps.collect(),
        })
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
    (range, traffic): (DayRange, &Series),
    step: Option<Step>,
    voice: Voice,
) -> String {
    let newest = counters.last().map(|run| run.days.last());
    let range = open_ended(range, traffic, newest);
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
    show_standing(&show, voice.page())
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
        (range, traffic): (DayRange, &Series),
        rules: &[Rule],
    ) -> Result<Self> {
        let releases = store.releases(repo).await?;
        let assets = || releases.iter().flat_map(|release| &release.assets);
        let newest = assets().filter_map(|asset| asset.downloads.last());
        let newest = newest.map(|(days, _)| days.last()).max();
        let range = open_ended(range, traffic, newest);
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
        Ok(Self {
            range,
            total: download::total(programs.map(|file| &file.history), range),
            platforms,
            files,
        })
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
