//! What files of other tools say, fact by fact, and about whom. Who reads a file says nothing about
//! the store: facts join what is held by [`crate::merge`], in any order and as often as one likes.

use jiff::Timestamp;

use crate::{Count, Day, Metric, RankedReading, RepoId, RepoName, Uniques, Week, Window};

/// About which repository a file speaks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// Its name, and its number where the file has it.
    Named {
        /// The name, which it may have lost since.
        name: RepoName,
        /// GitHub's number.
        id: Option<RepoId>,
    },
    /// A name without an owner.
    Bare(String),
    /// The names of two folders in which its files lie. The upper one may be any folder and no
    /// owner, so that whatever somebody says counts for more.
    Guessed(RepoName),
    /// The file does not say: somebody has to.
    Unnamed,
}

impl Subject {
    /// A repository by its name alone.
    #[must_use]
    pub const fn named(name: RepoName) -> Self {
        Self::Named { name, id: None }
    }
}

/// One thing that a file says about a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// A day of views or clones.
    Day(DayFact),
    /// People of a whole window, counted once.
    Window {
        /// Views or clones.
        metric: Metric,
        /// The window.
        window: Window,
        /// The people.
        uniques: Uniques,
    },
    /// A whole week as GitHub counted it, from Monday to Sunday.
    Week {
        /// Views or clones.
        metric: Metric,
        /// The week.
        week: Week,
        /// Events, and people counted once.
        count: Count,
    },
    /// Referrers or paths with their rolling totals, as one reading. Never a tool's difference of two.
    Ranked {
        /// The window of which they tell; see [`Window::read_on`] where only the time is known.
        window: Window,
        /// The lines.
        reading: RankedReading,
    },
    /// Stars or forks as they stood at the end of a day, or when they were read on it.
    Total {
        /// What was counted.
        tally: Tally,
        /// The UTC day.
        day: Day,
        /// How many there were.
        total: u64,
    },
}

/// One day of views or clones as a file has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayFact {
    /// Views or clones.
    pub metric: Metric,
    /// The UTC day.
    pub day: Day,
    /// Events and people.
    pub count: Count,
    /// When GitHub said so, where the file tells. Without it a day is taken for over, but for the
    /// newest one of a metric that [may have been told running](crate::regime).
    pub read_at: Option<Timestamp>,
    /// Whether it cannot be believed: a zero that the tool puts where it has seen nothing, a number
    /// that it makes out of others.
    pub is_doubted: bool,
}

/// What is counted besides traffic and can be told as a total of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tally {
    /// Stars.
    Stars,
    /// Forks.
    Forks,
}

impl Tally {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Stars, Self::Forks];

    /// The word used in files, help and output.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Stars => "stars",
            Self::Forks => "forks",
        }
    }
}

/// What a file has that is not taken over, told once for the whole file: `referrers: this tool keeps
/// differences of rolling totals, which are no traffic`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LeftOut(pub String);

/// What a file is, as `--from` calls it and as every imported day remembers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The original tool's text.
    Gitratra,
    /// Our archive: a folder of sorted text.
    Archive,
    /// Our export of days: CSV, JSON or JSON Lines.
    Daily,
    /// Our export of days as Parquet.
    Parquet,
    /// jgehrcke/github-repo-stats: a checkout of its data branch.
    GithubRepoStats,
    /// sangonzal/repository-traffic-action and its descendant: CSV files.
    RepositoryTrafficAction,
    /// djdarcy/github-traffic-tracker: JSON of a gist.
    GithubTrafficTracker,
    /// HafidIdrissi/github-traffic-archive: JSON.
    TrafficArchive,
    /// repohistory: the zip of its export.
    Repohistory,
    /// A CSV of anybody's, with a mapping of columns.
    Csv,
    /// Folders of GitHub's own answers.
    Raw,
    /// vladkens/ghstats: `SQLite`.
    Ghstats,
    /// hrodrig/gghstats: `SQLite`.
    Gghstats,
    /// taylorwilsdon/git-clone-stats: `SQLite`.
    GitCloneStats,
    /// rayketcham-lab/gh-tracker: `SQLite`.
    GhTracker,
    /// bulletinmybeard/github-traffic-vault: `SQLite`.
    TrafficVault,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 16] = [
        Self::Gitratra,
        Self::Archive,
        Self::Daily,
        Self::Parquet,
        Self::GithubRepoStats,
        Self::RepositoryTrafficAction,
        Self::GithubTrafficTracker,
        Self::TrafficArchive,
        Self::Repohistory,
        Self::Csv,
        Self::Raw,
        Self::Ghstats,
        Self::Gghstats,
        Self::GitCloneStats,
        Self::GhTracker,
        Self::TrafficVault,
    ];

    /// The word of `--from`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Gitratra => "gitratra",
            Self::Archive => "archive",
            Self::Daily => "daily",
            Self::Parquet => "parquet",
            Self::GithubRepoStats => "github-repo-stats",
            Self::RepositoryTrafficAction => "repository-traffic-action",
            Self::GithubTrafficTracker => "github-traffic-tracker",
            Self::TrafficArchive => "traffic-archive",
            Self::Repohistory => "repohistory",
            Self::Csv => "csv",
            Self::Raw => "raw",
            Self::Ghstats => "ghstats",
            Self::Gghstats => "gghstats",
            Self::GitCloneStats => "git-clone-stats",
            Self::GhTracker => "gh-tracker",
            Self::TrafficVault => "traffic-vault",
        }
    }
}

/// Whom facts are told to.
pub trait Listener {
    /// Takes a fact.
    ///
    /// # Errors
    /// Where nobody wants to hear more; reading then ends without being a failure of the file.
    fn tell(&mut self, about: &Subject, fact: Fact) -> Result<(), Enough>;

    /// Takes note of something that is in the file and is not taken over. The same may be told again.
    fn leave_out(&mut self, what: LeftOut);
}

/// Nobody wants to hear more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("reading was ended")]
pub struct Enough;
