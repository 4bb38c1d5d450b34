//! What can go wrong, by what the caller can do about it.

use std::error::Error;
use std::sync::Arc;

use deadpool_postgres::{PoolError, TimeoutType};
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
    /// The server has as many connections as it takes.
    #[error(
        "the server of \"{location}\" takes no more connections; end some, or raise its \
         max_connections or the limit of the role"
    )]
    Crowded {
        /// The place.
        location: String,
    },
    /// No server takes writes, since all that answer are standbys.
    #[error(
        "no server of \"{location}\" takes writes, those that answer are standbys; promote one, \
         or name all servers in the address"
    )]
    Standby {
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
        "\"{location}\" can be read but not written; {}",
        mend_read_only(location)
    )]
    ReadOnly {
        /// The place.
        location: String,
    },
    /// What was open cannot be opened any more: the file was deleted, moved away or replaced by
    /// something else, or the server no longer lets us in.
    #[error("\"{location}\" was open and cannot be used any more: {why}")]
    Lost {
        /// The place.
        location: String,
        /// What is wrong and what to change.
        why: String,
        /// The error behind it.
        source: Option<Cause>,
    },
    /// The disk does not do what it is asked.
    #[error(
        "the disk of \"{location}\" does not work; check that it is healthy, and has room within \
         any quota"
    )]
    Disk {
        /// The place.
        location: String,
        /// The error behind it.
        source: Cause,
    },
    /// The server does not answer.
    #[error("cannot reach \"{location}\"; check that the server runs and accepts connections")]
    Unreachable {
        /// The place.
        location: String,
        /// The error behind it.
        source: Cause,
    },
    /// A copy to read from lags too far behind, where there is no source, or cannot be asked: read
    /// from the store itself.
    #[error("\"{location}\" cannot be read from now: {}", why_not(.source))]
    Copy {
        /// The place.
        location: String,
        /// The error behind it.
        source: Option<Cause>,
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

impl StoreError {
    /// Whether the same open store works again, without a restart, once others have ended or
    /// somebody has done what the message says: worth waiting for and trying again. Nothing is half
    /// written meanwhile. The others are not cured by waiting: something else is there, a newer
    /// program was at it, it is damaged, it was never open, or it is a mistake of ours.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        match self {
            Self::Busy { .. }
            | Self::Crowded { .. }
            | Self::Standby { .. }
            | Self::Full { .. }
            | Self::ReadOnly { .. }
            | Self::Lost { .. }
            | Self::Disk { .. }
            | Self::Unreachable { .. }
            | Self::Copy { .. } => true,
            Self::NotAStore { .. }
            | Self::Newer { .. }
            | Self::CannotOpen { .. }
            | Self::Corrupt { .. }
            | Self::Internal { .. } => false,
        }
    }

    /// What cannot be opened although it was open has been lost, and may come back.
    pub(crate) fn while_open(self) -> Self {
        match self {
            Self::CannotOpen {
                location,
                why,
                source,
            } => Self::Lost {
                location,
                why,
                source,
            },
            other => other,
        }
    }
}

fn why_not(source: &Option<Cause>) -> &'static str {
    match source {
        Some(_) => "it does not answer as a copy of the store should",
        None => "it does not hold yet what the store held when it was asked",
    }
}

/// What to do about a place that takes no writes.
fn mend_read_only(location: &str) -> &'static str {
    match location.contains("://") {
        true => {
            "it is a standby, or set to read only: name the server that takes writes, or all of them"
        }
        false => {
            "check the owner and the permissions of it, of the files beside it that have its name, \
             and of its folder"
        }
    }
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
pub(crate) struct Closed;

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

impl From<PoolError> for Fault {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Closed => Self::Closed,
            PoolError::Backend(error) => error.into(),
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
        if let Some(told) = by_connection(&location, error, &cause) {
            return told;
        }
        next = error.source();
    }
    StoreError::Internal {
        location,
        source: cause,
    }
}

/// What an error of the way to a server says; nothing where it is about something else.
fn by_connection(
    location: &str,
    error: &(dyn Error + 'static),
    cause: &Cause,
) -> Option<StoreError> {
    let location = location.to_owned();
    let unreachable = |location| StoreError::Unreachable {
        location,
        source: cause.clone(),
    };
    let cannot_open = |location, why: &str| StoreError::CannotOpen {
        location,
        why: why.into(),
        source: Some(cause.clone()),
    };
    if let Some(PoolError::Timeout(which)) = error.downcast_ref() {
        return Some(match which {
            TimeoutType::Wait => StoreError::Busy { location },
            TimeoutType::Create | TimeoutType::Recycle => unreachable(location),
        });
    }
    if error.is::<tokio::time::error::Elapsed>() {
        return Some(unreachable(location));
    }
    if let Some(error) = error.downcast_ref::<std::io::Error>() {
        let inner = error.get_ref();
        let is_tls = inner.is_some_and(|inner| inner.is::<rustls::Error>());
        return Some(if is_tls {
            let why = "no secure connection to the server, check its certificate";
            cannot_open(location, why)
        } else {
            unreachable(location)
        });
    }
    let error = error.downcast_ref::<tokio_postgres::Error>()?;
    if error.is_closed() {
        return Some(unreachable(location));
    }
    if is_standby(error) {
        return Some(StoreError::Standby { location });
    }
    // The driver has no other sign that a server does not know TLS.
    let is_plain = error
        .source()
        .is_some_and(|source| source.to_string() == "server does not support TLS");
    let why = "the server does not speak TLS, which sslmode asks for";
    is_plain.then(|| cannot_open(location, why))
}

/// Whether a server was left because it takes no writes.
pub(crate) fn is_standby(error: &tokio_postgres::Error) -> bool {
    let source = error.source();
    let io = source.and_then(|source| source.downcast_ref::<std::io::Error>());
    // The driver has no other sign of it.
    io.is_some_and(|io| io.to_string() == "database does not allow writes")
}

fn by_code(location: String, code: ErrorCode, source: Cause) -> StoreError {
    match code {
        ErrorCode::DatabaseBusy
        | ErrorCode::DatabaseLocked
        | ErrorCode::FileLockingProtocolFailed => StoreError::Busy { location },
        ErrorCode::SystemIoFailure => StoreError::Disk { location, source },
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
        "58" => StoreError::Disk { location, source },
        _ => match *state {
            SqlState::DATA_CORRUPTED | SqlState::INDEX_CORRUPTED => StoreError::Corrupt {
                location,
                what: source.to_string(),
            },
            SqlState::DISK_FULL => StoreError::Full { location },
            SqlState::READ_ONLY_SQL_TRANSACTION => StoreError::ReadOnly { location },
            SqlState::T_R_SERIALIZATION_FAILURE
            | SqlState::T_R_DEADLOCK_DETECTED
            | SqlState::LOCK_NOT_AVAILABLE
            | SqlState::QUERY_CANCELED
            | SqlState::OUT_OF_MEMORY => StoreError::Busy { location },
            SqlState::TOO_MANY_CONNECTIONS => StoreError::Crowded { location },
            SqlState::ADMIN_SHUTDOWN
            | SqlState::CRASH_SHUTDOWN
            | SqlState::CANNOT_CONNECT_NOW
            | SqlState::DATABASE_DROPPED
            | SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT => {
                StoreError::Unreachable { location, source }
            }
            SqlState::UNDEFINED_TABLE | SqlState::UNDEFINED_COLUMN => cannot_open(
                location,
                source,
                "its tables are not there, put a backup back",
            ),
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

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;

    /// What is told where this statement fails on a small database.
    fn check(before: &str, statement: &str) -> StoreError {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("small.db");
        let connection = Connection::open(&path).unwrap();
        let table = "create table t (x text not null); insert into t values ('a');";
        connection.execute_batch(table).unwrap();
        let other = Connection::open(&path).unwrap();
        other.busy_timeout(std::time::Duration::ZERO).unwrap();
        other.execute_batch(before).unwrap();
        if before.is_empty() {
            connection.execute_batch("begin immediate").unwrap();
        }
        let error = other.execute_batch(statement).unwrap_err();
        Fault::from(error).at(&Location::file("small.db"))
    }

    #[test]
    fn each_failure_says_what_to_do() {
        let write = "insert into t values (hex(zeroblob(100000)))";
        let busy = check("", write);
        assert!(matches!(busy, StoreError::Busy { .. }), "{busy}");
        let full = check("pragma max_page_count = 3", write);
        assert!(matches!(full, StoreError::Full { .. }), "{full}");
        let read_only = check("pragma query_only = true", write);
        assert!(
            matches!(read_only, StoreError::ReadOnly { .. }),
            "{read_only}"
        );
        let mistake = check("pragma max_page_count = 3", "insert into t values (null)");
        assert!(matches!(mistake, StoreError::Internal { .. }), "{mistake}");
    }

    #[test]
    fn an_error_never_repeats_the_one_behind_it() {
        let cause: Cause = Arc::new(std::io::Error::other("the reason"));
        let location = Location::file("x.db");
        for fault in [
            Fault::Engine(cause.clone()),
            Fault::CannotOpen("no".into(), Some(cause)),
            Fault::Closed,
        ] {
            let error = fault.at(&location);
            let source = error.source().unwrap().to_string();
            assert!(!error.to_string().contains(&source), "{error}");
            assert!(error.to_string().contains("\"x.db\""), "{error}");
        }
    }
}
