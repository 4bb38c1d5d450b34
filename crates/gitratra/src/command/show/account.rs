//! What `show --json` writes of a repository.

use gitratra_answer::{
    CountersAccount, DownloadsAccount, MachinesAccount, MarkAccount, MetricAccount, ProfileAccount,
    RankingAccount, RepoAccount, SourcesAccount, StarsAccount,
};
use gitratra_core::DayRange;

use crate::args::Show;

use super::{Known, metrics, step};

/// What is known, as far as it is shown.
pub(super) fn of<'a>(
    repo: &'a str,
    known: &'a Known,
    range: Option<DayRange>,
    args: &Show,
) -> RepoAccount<'a> {
    let metrics = range.into_iter().flat_map(|range| {
        let metrics = metrics(args.metric).iter();
        metrics.map(move |metric| {
            let people = known.people(*metric).within(range);
            MetricAccount::of(&known.series, *metric, &people, range, step(args.by))
        })
    });
    let sources = range
        .into_iter()
        .flat_map(|range| known.sources.iter().map(move |list| (range, list)));
    RepoAccount {
        repo,
        from: range.map(|range| range.first().to_string()),
        to: range.map(|range| range.last().to_string()),
        metrics: metrics.collect(),
        counters: range.and_then(|range| Some(CountersAccount::of(&known.counters(range)?))),
        rankings: known.lists.iter().map(RankingAccount::of).collect(),
        sources: sources
            .map(|(range, told)| SourcesAccount::of(told, range))
            .collect(),
        clones_by_machines: known.machines.as_ref().map(MachinesAccount::of),
        profile: known.profile.as_ref().map(ProfileAccount::of),
        marks: known.marks_in(range).map(MarkAccount::of).collect(),
        stars: known.stars.as_ref().map(StarsAccount::of),
        downloads: known.downloads.as_ref().map(DownloadsAccount::of),
        spikes: None,
        state: None,
    }
}
