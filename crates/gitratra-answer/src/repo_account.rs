//! Everything that is told of a repository as JSON.

use gitratra_core::{Metric, Ranking, Timestamp, plan};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    About, CountersAccount, DownloadsAccount, MachinesAccount, MarkAccount, MetricAccount,
    ProfileAccount, RankingAccount, RepoAnswer, SourcesAccount, SpikeAccount, StarsAccount,
};

/// Everything that is told of a repository.
#[derive(Debug, Serialize, ToSchema)]
pub struct RepoAccount<'a> {
    /// Its present name.
    pub repo: &'a str,
    /// Nothing where the range asked for touches no known day.
    pub from: Option<String>,
    /// The last day.
    pub to: Option<String>,
    /// Views and clones.
    pub metrics: Vec<MetricAccount>,
    /// Nothing where none were read by the end of the range.
    pub counters: Option<CountersAccount>,
    /// The newest lists, as GitHub gave them.
    pub rankings: Vec<RankingAccount<'a>>,
    /// Referrers and paths of the range itself.
    pub sources: Vec<SourcesAccount<'a>>,
    /// How many clones of the range workflow runs may have made.
    pub clones_by_machines: Option<MachinesAccount>,
    /// How its owners describe it.
    pub profile: Option<ProfileAccount<'a>>,
    /// Notes, releases and tags of the range, by day.
    pub marks: Vec<MarkAccount<'a>>,
    /// Stars of the range.
    pub stars: Option<StarsAccount>,
    /// Downloads of the range.
    pub downloads: Option<DownloadsAccount<'a>>,
    /// Days far above the usual; left out where they were not looked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spikes: Option<Vec<SpikeAccount<'a>>>,
    /// How far it is known; left out where that was not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<StateAccount>,
}

/// How far a repository is known.
#[derive(Debug, Serialize, ToSchema)]
pub struct StateAccount {
    newest_day: Option<String>,
    /// Days left, today included, until one is lost.
    days_safe: Option<u32>,
    is_private: bool,
    is_archived: bool,
    is_gone: bool,
    former_names: Vec<String>,
    problems: Vec<ProblemAccount>,
}

/// A question to GitHub that failed the last time.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemAccount {
    endpoint: &'static str,
    status: Option<u16>,
    message: String,
    /// What to do about it.
    action: String,
    since: String,
}

impl ProblemAccount {
    /// As it is told.
    #[must_use]
    pub fn of(problem: &gitratra_store::Problem) -> Self {
        Self {
            endpoint: problem.endpoint.word(),
            status: problem.status,
            message: problem.message.clone(),
            action: problem.action.clone(),
            since: format!("{:.0}", problem.since),
        }
    }
}

impl StateAccount {
    /// As it is at a time.
    #[must_use]
    pub fn of(about: &About, now: Timestamp) -> Self {
        let newest = about.held.newest();
        Self {
            newest_day: newest.map(|day| day.to_string()),
            days_safe: newest
                .filter(|_| about.gone.is_none())
                .map(|newest| plan::days_safe(newest, now)),
            is_private: about.is_private,
            is_archived: about.is_archived,
            is_gone: about.gone.is_some(),
            former_names: about.former.iter().map(ToString::to_string).collect(),
            problems: about.problems.iter().map(ProblemAccount::of).collect(),
        }
    }
}

/// What of an answer is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Views or clones.
    Traffic(Metric),
    /// Referrers or paths.
    Sources(Ranking),
    /// Stars.
    Stars,
    /// Downloads.
    Downloads,
}

impl<'a> RepoAccount<'a> {
    /// What an answer says: one part of it, or all.
    #[must_use]
    pub fn of_answer(
        (name, about): (&'a str, &'a About),
        answer: Option<&'a RepoAnswer>,
        part: Option<Part>,
        now: Timestamp,
    ) -> Self {
        let wants = |of: Part| part.is_none_or(|part| part == of);
        let range = answer.map(|answer| answer.range);
        let metrics = answer.into_iter().flat_map(|answer| {
            let traffic = answer.traffic.iter();
            let traffic = traffic.filter(|traffic| wants(Part::Traffic(traffic.metric)));
            traffic.map(|traffic| {
                let of = (&answer.series, traffic.metric);
                MetricAccount::of(of.0, of.1, &traffic.people, answer.range, answer.step)
            })
        });
        let lists = answer.into_iter().flat_map(|answer| &answer.newest_lists);
        let sources = answer.into_iter().flat_map(|answer| {
            let told = answer.sources.iter();
            let told = told.filter(|told| wants(Part::Sources(told.ranking)));
            told.map(|told| SourcesAccount::of(told, answer.range))
        });
        let spikes = answer.into_iter().flat_map(|answer| &answer.spikes);
        let stars = answer.and_then(|answer| answer.stars.as_ref());
        let downloads = answer.and_then(|answer| answer.downloads.as_ref());
        let marks = answer.into_iter().flat_map(|answer| &answer.marks);
        let machines = answer.and_then(|answer| answer.machines.as_ref());
        Self {
            repo: name,
            from: range.map(|range| range.first().to_string()),
            to: range.map(|range| range.last().to_string()),
            metrics: metrics.collect(),
            counters: answer
                .and_then(|answer| answer.standing.as_ref())
                .map(CountersAccount::of),
            rankings: lists
                .filter(|(ranking, ..)| wants(Part::Sources(*ranking)))
                .map(RankingAccount::of)
                .collect(),
            sources: sources.collect(),
            clones_by_machines: machines
                .filter(|_| wants(Part::Traffic(Metric::Clones)))
                .map(MachinesAccount::of),
            profile: about.profile.as_ref().map(ProfileAccount::of),
            marks: marks.map(MarkAccount::of).collect(),
            stars: stars.filter(|_| wants(Part::Stars)).map(StarsAccount::of),
            downloads: downloads
                .filter(|_| wants(Part::Downloads))
                .map(DownloadsAccount::of),
            spikes: Some(spikes.map(|found| SpikeAccount::of(name, found)).collect()),
            state: Some(StateAccount::of(about, now)),
        }
    }
}
