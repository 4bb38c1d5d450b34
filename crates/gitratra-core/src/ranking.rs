//! Referrers and popular paths: ranked totals over a window, never a day's traffic.

use std::fmt;

use jiff::Timestamp;

use crate::Count;

/// Which ranked list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ranking {
    /// Sites that visitors came from.
    Referrers,
    /// Pages that visitors looked at.
    Paths,
}

impl Ranking {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Referrers, Self::Paths];

    /// The word used in URLs, SQL, help and output.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Referrers => "referrers",
            Self::Paths => "paths",
        }
    }
}

impl fmt::Display for Ranking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// A total over the 14 days of a window.
///
/// It has no addition and no subtraction: today's total minus yesterday's is not a day's traffic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rolling(pub Count);

/// One line of a ranked list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ranked {
    /// The referrer (`Google`, `github.com`) or the path (`/owner/name/issues`), as GitHub wrote it.
    pub name: String,
    /// The page's title, for paths.
    pub title: Option<String>,
    /// Its total over the window.
    pub total: Rolling,
}

/// One decoded answer of a ranked list, in GitHub's order (by count, descending; at most ten).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RankedReading {
    /// Which list.
    pub ranking: Ranking,
    /// The server's time of the answer.
    pub read_at: Timestamp,
    /// The lines; empty is a measurement.
    pub lines: Vec<Ranked>,
}
