//! Why a collector ends.

use gitratra_github::Failure;
use gitratra_store::StoreError;

/// Why a collector cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum CollectorError {
    /// The store fails in a way that waiting does not mend.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There are no credentials.
    #[error("{0}")]
    Credentials(String),
    /// GitHub takes none of the credentials.
    #[error("GitHub takes no credential: {0}")]
    Unauthorized(Failure),
    /// None of what is tracked can be read.
    #[error("none of the tracked repositories can be read: {0}")]
    Unreadable(String),
}
