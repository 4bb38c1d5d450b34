//! The traffic of the busiest repositories, as gauges.

use std::fmt;

use gitratra_answer::fleet::FleetAnswer;
use gitratra_core::{Metric, RepoId, RepoName};
use prometheus_client::encoding::DescriptorEncoder;

use super::{Numbers, gauges, signed};

/// What a scrape tells of the traffic.
#[derive(Debug, Default)]
pub(super) struct Values {
    repos: Vec<RepoValues>,
    /// Repositories that are left out.
    untold: u64,
}

/// The traffic of one repository. Pairs are in the order of [`Metric::ALL`].
#[derive(Debug)]
struct RepoValues {
    id: RepoId,
    name: RepoName,
    is_private: bool,
    newest: [Option<u64>; 2],
    recent: [Option<u64>; 2],
    missing: [u64; 2],
    stars: Option<u64>,
}

impl Values {
    /// *Requires*: the answer goes by days.
    pub(super) fn of(fleet: &FleetAnswer) -> Self {
        let repos = fleet.lines.iter().map(|line| {
            let newest = |at: usize| {
                let day = line.repo.newest[at]?;
                let later = day.days_since(fleet.range.first());
                let place = usize::try_from(later).ok()?;
                *line.metrics[at].steps.get(place)?
            };
            let recent = |at: usize| {
                let total = &line.metrics[at].total;
                (total.days_measured + total.days_partial > 0).then_some(total.count)
            };
            RepoValues {
                id: line.repo.id,
                name: line.repo.name.clone(),
                is_private: line.repo.is_private,
                newest: [newest(0), newest(1)],
                recent: [recent(0), recent(1)],
                missing: [0, 1].map(|at: usize| line.metrics[at].total.days_missing),
                stars: line.stars.map(|stars| stars.stars),
            }
        });
        Self {
            untold: (fleet.repos_found - fleet.lines.len().min(fleet.repos_found)) as u64,
            repos: repos.collect(),
        }
    }

    /// Which they are.
    pub(super) fn repos(&self) -> impl Iterator<Item = (RepoId, &RepoName, bool)> {
        let repos = self.repos.iter();
        repos.map(|repo| (repo.id, &repo.name, repo.is_private))
    }
}

impl Numbers {
    /// Gauges, all of them: a correction may lower what was told. Uniques are not among them, since
    /// whoever asks Prometheus for a sum of them would be told a number of people that is none.
    pub(super) fn about_traffic(&self, page: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let (labels, repos) = (&self.labels, &self.values.repos);
        let each = |number: fn(&RepoValues, usize) -> Option<u64>| {
            repos.iter().flat_map(move |repo| {
                Metric::ALL
                    .into_iter()
                    .enumerate()
                    .filter_map(move |(at, metric)| {
                        let label = labels[&repo.id].as_str();
                        let labels = vec![("repo", label), ("metric", metric.word())];
                        Some((labels, signed(number(repo, at)?)))
                    })
            })
        };
        gauges(
            page,
            "gitratra_newest_day_events",
            "Views and clones on the newest published day that is held of the repository, which \
             gitratra_newest_day_timestamp tells.",
            None,
            each(|repo, metric| repo.newest[metric]),
        )?;
        gauges(
            page,
            "gitratra_recent_events",
            "Views and clones of the repository on the 30 days up to the newest one of any, as far \
             as they are known.",
            None,
            each(|repo, metric| repo.recent[metric]),
        )?;
        gauges(
            page,
            "gitratra_recent_missing",
            "Days of these 30 that are not known, between the first and the last known day of the \
             repository.",
            None,
            each(|repo, metric| Some(repo.missing[metric])),
        )?;
        gauges(
            page,
            "gitratra_stars",
            "Stars of the repository when they were last read.",
            None,
            repos.iter().filter_map(|repo| {
                let labels = vec![("repo", labels[&repo.id].as_str())];
                Some((labels, signed(repo.stars?)))
            }),
        )?;
        gauges(
            page,
            "gitratra_repositories_untold",
            "Repositories whose traffic is not told here, since others have more views: a thousand \
             are told.",
            None,
            (!repos.is_empty()).then_some((Vec::new(), signed(self.values.untold))),
        )
    }
}
