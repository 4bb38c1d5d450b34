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

    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Views,
        Self::Clones,
        Self::Referrers,
        Self::Paths,
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
            Self::Repository => "repository",
            Self::Repositories => "repositories",
            Self::User => "user",
            Self::RateLimit => "rate_limit",
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
