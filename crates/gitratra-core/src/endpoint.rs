//! What can be asked of GitHub, by the words that reports and the store use.

use std::fmt;

use crate::{Metric, Ranking};

/// One kind of question to GitHub.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Endpoint {
    /// Daily views of a repository.
    Views,
    /// Daily clones of a repository.
    Clones,
    /// The ten largest referrers of a repository.
    Referrers,
    /// The ten most popular paths of a repository.
    Paths,
    /// Views of a repository by week.
    ViewsByWeek,
    /// Clones of a repository by week.
    ClonesByWeek,
    /// Stars of a repository by day.
    Stars,
    /// Releases of a repository and their downloads.
    Releases,
    /// Stars, forks, watchers and issues of many repositories at once.
    Counters,
    /// How often workflows of a repository ran on a day.
    WorkflowRuns,
    /// What a repository is: its number, name and visibility.
    Repository,
    /// Lists of repositories.
    Repositories,
    /// Who the credential belongs to.
    User,
    /// The state of the rate limit.
    RateLimit,
}

impl Endpoint {
    /// The four that are asked of each repository.
    pub const TRAFFIC: [Self; 4] = [Self::Views, Self::Clones, Self::Referrers, Self::Paths];

    /// What else is asked of a repository; none of it is lost by waiting as a day of traffic is.
    pub const OTHERS: [Self; 6] = [
        Self::ViewsByWeek,
        Self::ClonesByWeek,
        Self::Stars,
        Self::Releases,
        Self::Counters,
        Self::WorkflowRuns,
    ];

    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::Views,
        Self::Clones,
        Self::Referrers,
        Self::Paths,
        Self::ViewsByWeek,
        Self::ClonesByWeek,
        Self::Stars,
        Self::Releases,
        Self::Counters,
        Self::WorkflowRuns,
        Self::Repository,
        Self::Repositories,
        Self::User,
        Self::RateLimit,
    ];

    /// The word used in reports, SQL and output.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Views => "views",
            Self::Clones => "clones",
            Self::Referrers => "referrers",
            Self::Paths => "paths",
            Self::ViewsByWeek => "views_by_week",
            Self::ClonesByWeek => "clones_by_week",
            Self::Stars => "stars",
            Self::Releases => "releases",
            Self::Counters => "counters",
            Self::WorkflowRuns => "workflow_runs",
            Self::Repository => "repository",
            Self::Repositories => "repositories",
            Self::User => "user",
            Self::RateLimit => "rate_limit",
        }
    }
}

impl Endpoint {
    /// The question for a metric's weeks.
    #[must_use]
    pub const fn by_week(metric: Metric) -> Self {
        match metric {
            Metric::Views => Self::ViewsByWeek,
            Metric::Clones => Self::ClonesByWeek,
        }
    }
}

impl From<Metric> for Endpoint {
    fn from(metric: Metric) -> Self {
        match metric {
            Metric::Views => Self::Views,
            Metric::Clones => Self::Clones,
        }
    }
}

impl From<Ranking> for Endpoint {
    fn from(ranking: Ranking) -> Self {
        match ranking {
            Ranking::Referrers => Self::Referrers,
            Ranking::Paths => Self::Paths,
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}
