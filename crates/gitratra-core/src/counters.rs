//! What GitHub counts of a repository at a moment, beyond traffic: stars, forks, watchers, issues;
//! and what the repository is.

use jiff::Timestamp;

use crate::{Day, RepoId};

/// Numbers of a moment, not of a day. None of them is a number of visitors.
///
/// They have an order, number by number, only so that of two tellings of one day the same one stays
/// everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Counters {
    /// Stars that exist.
    pub stars: u64,
    /// Forks, those included that only their owners see.
    pub forks: u64,
    /// Those who are told of everything that happens (`subscribers_count`). What GitHub calls
    /// `watchers_count` are stars.
    pub watchers: Option<u64>,
    /// Open issues, without pull requests.
    pub open_issues: Option<u64>,
    /// Open pull requests.
    pub open_pulls: Option<u64>,
    /// Open issues and pull requests together, where they cannot be told apart: REST counts them
    /// as one.
    pub open_both: Option<u64>,
    /// Kibibytes on GitHub's disks.
    pub size_kib: Option<u64>,
    /// Releases, where that was told.
    pub releases: Option<u64>,
}

/// Who may see a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Visibility {
    /// Everybody.
    Public,
    /// Those who were invited.
    Private,
    /// The members of an enterprise.
    Internal,
}

impl Visibility {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Public, Self::Private, Self::Internal];

    /// GitHub's word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Private => "private",
            Self::Internal => "internal",
        }
    }
}

/// What a repository is, as its owners describe it. Texts have no control characters and are
/// bounded.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Profile {
    /// The sentence under its name.
    pub description: Option<String>,
    /// The language most of it is written in.
    pub language: Option<String>,
    /// The licence by its SPDX identifier, `NOASSERTION` where GitHub cannot tell.
    pub licence: Option<String>,
    /// Topics, sorted, none twice.
    pub topics: Vec<String>,
    /// Whether it is read-only.
    pub is_archived: bool,
    /// Who may see it.
    pub visibility: Visibility,
}

/// A tag with the day on which what it names was made.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tag {
    /// The UTC day of the tag or, where it carries none, of its commit.
    pub day: Day,
    /// Its name, as `v1.2.0`.
    pub name: String,
}

/// One repository's part of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountersReading {
    /// Which repository answered: the number that the answer itself names.
    pub repo: RepoId,
    /// The server's time of the answer.
    pub read_at: Timestamp,
    /// The numbers.
    pub counters: Counters,
    /// What it is.
    pub profile: Profile,
    /// Its newest tags; nothing where the answer does not speak of tags.
    pub tags: Option<Vec<Tag>>,
}
