//! What can go wrong, by what the caller can do about it.

use std::error::Error;
use std::sync::Arc;

use rusqlite::ErrorCode;
use tokio_postgres::error::{DbError, SqlState};

use crate::Location;

/// The error behind an error.
pub type Cause = Arc<dyn Error + Send + Sync>;

/// Why the store cannot do what it was asked. `location` is the place without any password.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// Something else is there. It was not touched.
    #[error("\"{location}\" is no store: {why}; it was left as it is, name another place")]
    NotAStore {
        /// The place.
        location: String,
        /// What is there.
        why: String,
    },
    /// The store was written by a newer program. It was not touched.
    #[error(
        "\"{location}\" was written by a newer gitratra (schema {found}, this one knows {known}); \
         it was left as it is, update gitratra"
    )]
    Newer {
        /// The place.
        location: String,
        /// The schema found.
        found: i64,
        /// The newest schema this program knows.
        known: i64,
    },
    /// The place is wrong or closed to us.
    #[error("cannot open \"{location}\": {why}")]
    CannotOpen {
        /// The place.
        location: String,
        /// What is wrong and what to change.
        why: String,
        /// The error behind it.
        source: Option<Cause>,
    },
    /// Others kept the store busy for longer than we wait.
    #[error("\"{location}\" is kept busy by another process; try again when it has ended")]
    Busy {
        /// The place.
        location: String,
    },
    /// No space is left. What was being written is not half there.
    #[error("no space is left for \"{location}\"; make room, nothing was written by halves")]
    Full {
        /// The place.
        location: String,
    },
    /// The store can be read and not written.
    #[error(
        "\"{location}\" can be read but not written; check the owner and the permissions of it \
         and of its folder"
    )]
    ReadOnly {
        /// The place.
        location: String,
    },
    /// The server does not answer.
    #[error("cannot reach \"{location}\"; check that the server runs and accepts connections")]
    Unreachable {
        /// The place.
        location: String,
        /// The error behind it.
        source: Cause,
    },
    /// What is stored cannot be.
    #[error("\"{location}\" is damaged, it holds {what}; put a backup back")]
    Corrupt {
        /// The place.
        location: String,
        /// What was found.
        what: String,
    },
    /// A mistake of ours, or of the machine.
    #[error("\"{location}\" failed unexpectedly")]
    Internal {
        /// The place.
        location: String,
        /// The error behind it.
        source: Cause,
    },
}

/// What went wrong inside, before it is known where.
#[derive(Debug, Clone)]
pub(crate) enum Fault {
    /// What an engine, the pool or a migration said.
    Engine(Cause),
    Corrupt(String),
    NotAStore(String),
    Newer {
        found: i64,
        known: i64,
    },
    CannotOpen(String, Option<Cause>),
    Closed,
}

impl Fault {
    pub(crate) fn corrupt(what: String) -> Self {
        Self::Corrupt(what)
    }

    /// Says where it happened.
    pub(crate) fn at(self, location: &Location) -> StoreError {
        let location = location.to_string();
        match self {
            Self::Engine(cause) => by_cause(location, cause),
            Self::Corrupt(what) => StoreError::Corrupt { location, what },
            Self::NotAStore(why) => StoreError::NotAStore { location, why },
            Self::Newer { found, known } => StoreError::Newer {
                location,
                found,
                known,
            },
            Self::CannotOpen(why, source) => StoreError::CannotOpen {
                location,
                why,
                source,
            },
            Self::Closed => StoreError::Internal {
                location,
                source: Arc::new(Closed),
            },
        }
    }
}

/// The store was closed, or its writer has ended.
#[derive(Debug, thiserror::Error)]
#[error("the store is closed")]
struct Closed;

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Engine(Arc::new(error))
    }
}

impl From<tokio_postgres::Error> for Fault {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Engine(Arc::new(error))
    }
}

impl From<deadpool_postgres::PoolError> for Fault {
    fn from(error: deadpool_postgres::PoolError) -> Self {
        match error {
            deadpool_postgres::PoolError::Closed => Self::Closed,
            other => Self::Engine(Arc::new(other)),
        }
    }
}

impl From<refinery::Error> for Fault {
    fn from(error: refinery::Error) -> Self {
        use refinery::error::Kind;
        match error.kind() {
            Kind::DivergentVersion(found, _) | Kind::MissingVersion(found) => Self::NotAStore(
                format!("its schema \"{found}\" is not the one that gitratra makes"),
            ),
            _ => Self::Engine(Arc::new(error)),
        }
    }
}

/// Looks through an error and what is behind it for the first one that tells the caller what to do.
fn by_cause(location: String, cause: Cause) -> StoreError {
    let mut next: Option<&(dyn Error + 'static)> = Some(&*cause);
    while let Some(error) = next {
        if let Some(code) = error
            .downcast_ref::<rusqlite::Error>()
            .and_then(rusqlite::Error::sqlite_error_code)
        {
            return by_code(location, code, cause);
        }
        if let Some(error) = error.downcast_ref::<DbError>() {
            return by_state(location, &error.code().clone(), cause);
        }
        let is_closed = error
            .downcast_ref::<tokio_postgres::Error>()
            .is_some_and(tokio_postgres::Error::is_closed);
        let is_timeout = matches!(
            error.downcast_ref(),
            Some(deadpool_postgres::PoolError::Timeout(_))
        );
        if is_closed || is_timeout || error.is::<std::io::Error>() {
            return StoreError::Unreachable {
                location,
                source: cause,
            };
        }
        next = error.source();
    }
    StoreError::Internal {
        location,
        source: cause,
    }
}

fn by_code(location: String, code: ErrorCode, source: Cause) -> StoreError {
    match code {
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => StoreError::Busy { location },
        ErrorCode::DiskFull => StoreError::Full { location },
        ErrorCode::ReadOnly => StoreError::ReadOnly { location },
        ErrorCode::CannotOpen | ErrorCode::PermissionDenied => StoreError::CannotOpen {
            location,
            why: "check that its folder is there and can be written".into(),
            source: Some(source),
        },
        ErrorCode::NotADatabase => StoreError::NotAStore {
            location,
            why: "it is no SQLite database".into(),
        },
        ErrorCode::DatabaseCorrupt => StoreError::Corrupt {
            location,
            what: source.to_string(),
        },
        _ => StoreError::Internal { location, source },
    }
}

/// The codes are those of PostgreSQL's appendix "PostgreSQL Error Codes"; two characters name a
/// class of them.
fn by_state(location: String, state: &SqlState, source: Cause) -> StoreError {
    let cannot_open = |location, source, why: &str| StoreError::CannotOpen {
        location,
        why: why.into(),
        source: Some(source),
    };
    let code = state.code();
    match code.get(..2).unwrap_or(code) {
        "08" => StoreError::Unreachable { location, source },
        "28" => cannot_open(location, source, "check user and password"),
        "3D" => cannot_open(
            location,
            source,
            "there is no such database, create it first",
        ),
        "3F" => cannot_open(location, source, "there is no such schema, create it first"),
        "XX" => StoreError::Corrupt {
            location,
            what: source.to_string(),
        },
        _ => match *state {
            SqlState::DISK_FULL => StoreError::Full { location },
            SqlState::READ_ONLY_SQL_TRANSACTION => StoreError::ReadOnly { location },
            SqlState::T_R_SERIALIZATION_FAILURE
            | SqlState::T_R_DEADLOCK_DETECTED
            | SqlState::LOCK_NOT_AVAILABLE
            | SqlState::TOO_MANY_CONNECTIONS => StoreError::Busy { location },
            SqlState::ADMIN_SHUTDOWN | SqlState::CRASH_SHUTDOWN | SqlState::CANNOT_CONNECT_NOW => {
                StoreError::Unreachable { location, source }
            }
            SqlState::INSUFFICIENT_PRIVILEGE => cannot_open(
                location,
                source,
                "the user may not do this, grant usage and create on the schema",
            ),
            SqlState::DUPLICATE_TABLE => StoreError::NotAStore {
                location,
                why: "its schema already has other tables with our names".into(),
            },
            _ => StoreError::Internal { location, source },
        },
    }
}
