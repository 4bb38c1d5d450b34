//! What a pass tells about itself when it is over.

use std::collections::BTreeSet;
use std::fmt;

use gitratra_core::{Day, Endpoint, Metric, RepoName, Timestamp};
use gitratra_github::{Counters, Failure, FailureKind, Rate};
use gitratra_store::StoreError;

/// Why a pass could not go on at all; what was recorded before stays.
#[derive(Debug, thiserror::Error)]
pub enum PassError {
    /// The store cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// GitHub does not take the credential.
    #[error(transparent)]
    Unauthorized(Failure),
}

/// One question of one repository that was not answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// `owner/name`, or the pattern whose listing failed.
    pub repo: String,
    /// What was asked.
    pub endpoint: Endpoint,
    /// HTTP status of GitHub's answer, if there was one.
    pub status: Option<u16>,
    /// What GitHub said, or what went wrong on the way.
    pub message: String,
    /// What to do about it.
    pub action: String,
}

impl Trouble {
    /// Keeps what a failure says, under the name by which the repository was asked.
    #[must_use]
    pub fn of(repo: &str, failure: &Failure) -> Self {
        Self {
            repo: repo.to_owned(),
            endpoint: failure.endpoint,
            status: failure.status,
            message: failure.message.clone(),
            action: failure.action(),
        }
    }
}

/// Something worth knowing that is no failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// A repository was matched by a pattern, but the credential may not push to it, which reading
    /// traffic needs.
    NoPushAccess(RepoName),
    /// A name that was asked for is left out by a rule.
    Excluded {
        /// The name.
        name: RepoName,
        /// The pattern that leaves it out.
        by: String,
    },
    /// A repository goes by another name now.
    Renamed {
        /// The name it was known by.
        from: RepoName,
        /// The name it has now.
        to: RepoName,
    },
    /// A repository moved to a name that no rule matches; its history stays, and ends.
    LeftRules {
        /// The name it was known by.
        from: RepoName,
        /// The name it has now.
        to: RepoName,
    },
    /// GitHub left organisations out of a list until the token is authorised for them.
    HiddenOrganizations(Vec<String>),
    /// Every repository fell silent on a day, which is not believed yet.
    Suspect(Metric, Day),
    /// Something beside traffic was not told; it is asked again, and nothing of traffic is lost.
    Untold(Trouble),
    /// So many repositories were not asked about what is told beside traffic, since too little was
    /// left of the hour's requests.
    Left(u64),
    /// Another collector is reading these right now, and they are left to it.
    LeftToOther {
        /// Their names.
        names: Vec<String>,
        /// Where that collector runs, as far as it told.
        host: Option<String>,
    },
    /// So many repositories were read by another collector while the pass was under way.
    ReadByOther(u64),
    /// Another collector is asking what is told beside traffic.
    OthersElsewhere,
    /// Something beside traffic that a credential may not see, or that the server does not have.
    Withheld {
        /// What was asked.
        endpoint: Endpoint,
        /// Of how many repositories.
        number: u64,
        /// The first of them, with the reason.
        first: Trouble,
    },
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoPushAccess(name) => write!(
                f,
                "{name} is left out: reading traffic needs push access, which this token does not \
                 have"
            ),
            Self::Excluded { name, by } => write!(f, "{name} is left out by the rule \"{by}\""),
            Self::Renamed { from, to } => write!(f, "{from} is called {to} now"),
            Self::LeftRules { from, to } => write!(
                f,
                "{from} is called {to} now, which no rule matches, so it is not read any more; go \
                 on with `gitratra track {to}`"
            ),
            Self::HiddenOrganizations(organizations) => write!(
                f,
                "GitHub left out the organisations {} until this token is authorised for their \
                 single sign-on (SSO): https://github.com/settings/tokens",
                organizations.join(", ")
            ),
            Self::Suspect(metric, day) => write!(
                f,
                "all {metric} of {day} are zero, which is unlikely: they are kept aside until a \
                 later reading settles them"
            ),
            Self::Untold(trouble) => {
                let (repo, endpoint) = (&trouble.repo, trouble.endpoint);
                let (message, action) = (&trouble.message, &trouble.action);
                write!(f, "{endpoint} of {repo} were not told: {message}; {action}")
            }
            Self::Left(number) => write!(
                f,
                "stars, releases and what else is told beside traffic were not asked of {number} \
                 repositories, since little is left of the hour's requests: the next pass, or \
                 `gitratra serve`, goes on"
            ),
            Self::LeftToOther { names, host } => {
                const NAMED: usize = 5;
                write!(f, "{}", names[..names.len().min(NAMED)].join(", "))?;
                if names.len() > NAMED {
                    write!(f, " and {} more", names.len() - NAMED)?;
                }
                let (are, they) = match names.len() {
                    1 => ("is", "it"),
                    _ => ("are", "they"),
                };
                let who = collector_on(host.as_deref());
                write!(
                    f,
                    " {are} being read by {who} right now, and {they} {are} left to it"
                )
            }
            Self::ReadByOther(1) => {
                write!(f, "1 repository was read by another collector meanwhile")
            }
            Self::ReadByOther(number) => write!(
                f,
                "{number} repositories were read by another collector meanwhile"
            ),
            Self::OthersElsewhere => write!(
                f,
                "stars, releases and what else is told beside traffic are being asked by another \
                 collector right now, and are left to it"
            ),
            Self::Withheld {
                endpoint,
                number,
                first,
            } => {
                let repo = &first.repo;
                match number {
                    0 | 1 => write!(f, "{endpoint} of {repo}")?,
                    number => write!(f, "{endpoint} of {number} repositories, {repo} among them,")?,
                }
                let (message, action) = (&first.message, &first.action);
                write!(f, " are not told: {message}; {action}")
            }
        }
    }
}

/// A collector by its machine.
pub(crate) fn collector_on(host: Option<&str>) -> String {
    match host {
        Some(host) => format!("the collector on \"{host}\""),
        None => "another collector".to_owned(),
    }
}

/// How a pass ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// Everything that was to be asked was asked.
    Done,
    /// The rate limit is used up.
    RateLimited {
        /// When GitHub answers again, if it said so.
        until: Option<Timestamp>,
    },
    /// The caller wanted to stop.
    Interrupted,
    /// GitHub cannot be reached.
    Unreachable(String),
}

/// The account of one pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The number under which its account is kept; nothing with a dry run.
    pub run: Option<u64>,
    /// When it began, by GitHub's clock.
    pub started_at: Timestamp,
    /// When it ended, by GitHub's clock: the time of its last answer.
    pub finished_at: Timestamp,
    /// Repositories of which every endpoint was read.
    pub ok: u64,
    /// Repositories of which an endpoint failed.
    pub failed: u64,
    /// Repositories that were not asked: not due, not allowed, or not reached any more.
    pub skipped: u64,
    /// Requests by outcome.
    pub requests: Counters,
    /// The rate limit as last seen.
    pub rate: Option<Rate>,
    /// Repository-days that became known.
    pub new_days: u64,
    /// What failed.
    pub troubles: Vec<Trouble>,
    /// What else is worth knowing.
    pub notes: Vec<Note>,
    /// Names of the repositories that were asked, or with a dry run would be.
    pub asked: Vec<String>,
    /// Names of the repositories that were to be asked and were not reached.
    pub unreached: Vec<String>,
    /// Names of the repositories that another collector was reading, so that they were left to it.
    pub left_to_others: Vec<String>,
    /// Credentials that GitHub does not take, where others were left to go on with.
    pub refused: BTreeSet<String>,
    /// How it ended.
    pub ended: Ended,
}

impl Report {
    /// Whether anything is left to be done, so that a script should know.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.troubles.is_empty() && self.refused.is_empty() && self.ended == Ended::Done
    }
}

/// Whether a failure concerns the whole pass and not only its repository.
pub(crate) fn stops_everything(failure: &Failure) -> bool {
    matches!(
        failure.kind,
        FailureKind::Unauthorized | FailureKind::RateLimited { .. }
    )
}

/// An error with its causes, as one line.
pub(crate) fn told(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |line, cause| format!("{line}: {cause}"))
}
