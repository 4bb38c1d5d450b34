//! What `show` tells beside traffic, as pages: stars, forks, downloads, referrers and paths.

use gitratra_answer::reach::{of_range, steps};
use gitratra_answer::{AllDownloads, Asked, Stars, Told};
use gitratra_core::figures::Step;
use gitratra_core::rolling::InRange;
use gitratra_core::{DayRange, Series};
use gitratra_render::term::{
    FileLine, ShowDownloads, ShowSources, ShowStanding, ShowStars, show_downloads, show_sources,
    show_standing, show_stars,
};
use gitratra_store::CounterRun;

use crate::output::Voice;

/// Stars, step by step.
pub(super) fn stars_page(stars: &Stars, voice: Voice) -> String {
    let show = ShowStars {
        range: stars.range,
        newest: stars.newest,
        change: stars.change,
        steps: &stars.steps,
    };
    show_stars(&show, voice.page())
}

/// Downloads, by platform and file.
pub(super) fn downloads_page(all: &AllDownloads, voice: Voice) -> String {
    let files: Vec<FileLine<'_>> = all
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
        range: all.range,
        total: all.total,
        platforms: &all.platforms,
        files: &files,
    };
    show_downloads(&show, voice.page())
}

/// Referrers or paths of a range.
pub(super) fn sources_page(told: &Told, range: DayRange, voice: Voice) -> String {
    let ranked = told.sources.ranked(range);
    let lines: Vec<(&str, InRange)> = ranked
        .iter()
        .map(|(name, found)| (name.as_str(), *found))
        .collect();
    let shown = ShowSources {
        ranking: told.ranking,
        range,
        lines: &lines,
    };
    show_sources(&shown, voice.page())
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
    let range = of_range(asked, traffic.range(), own)?;
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
