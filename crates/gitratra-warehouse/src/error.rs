//! What can go wrong, by what the caller can do about it.

use std::io;

use gitratra_store::StoreError;

/// Why a warehouse was not brought up to date. What lies in it is whole in any case, and the next
/// run goes on.
#[derive(Debug, thiserror::Error)]
pub enum WarehouseError {
    /// The store could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A setting makes no sense.
    #[error("{0}")]
    Setting(String),
    /// The place did not do what it was asked.
    #[error("cannot {what} \"{place}\": {why}")]
    Place {
        /// What was asked.
        what: &'static str,
        /// Of what.
        place: String,
        /// What it answered.
        why: String,
    },
    /// A file could not be made on this machine.
    #[error("cannot make a Parquet file in the folder for temporary ones: {0}")]
    File(#[source] io::Error),
    /// Somebody else is writing.
    #[error("another run is writing to \"{0}\": let it end, then run this again")]
    Busy(String),
    /// Somebody else went on in the place of this run.
    #[error(
        "another run has taken \"{0}\" over, so this one stopped; what is there is whole, and the \
         next run puts right what both have left"
    )]
    Overtaken(String),
    /// What lies there is not ours.
    #[error(
        "\"{place}\" holds files that no run of ours has written, as \"{file}\": name an empty \
         folder or prefix"
    )]
    NotOurs {
        /// The place.
        place: String,
        /// One of the files.
        file: String,
    },
    /// A newer program wrote it.
    #[error("\"{0}\" was written by a newer gitratra: use that one; nothing was changed")]
    Newer(String),
    /// The manifest cannot be read.
    #[error(
        "the manifest of \"{place}\" cannot be read ({why}): put it back, or remove everything \
         there and run this again"
    )]
    Manifest {
        /// The place.
        place: String,
        /// What is wrong with it.
        why: String,
    },
    /// The bucket does not heed conditions.
    #[error(
        "\"{0}\" does not heed If-Match and If-None-Match, so that two runs at once could not see \
         each other: use a store that does, or say with --one-writer that there is never more than \
         one run"
    )]
    Unconditional(String),
    /// Most of what is there would go.
    #[error(
        "{gone} of {of} files in \"{place}\" are of months that the store knows nothing of: is it \
         the right store? --shrink lets them go"
    )]
    Shrinks {
        /// The place.
        place: String,
        /// Files that would go.
        gone: usize,
        /// Of how many.
        of: usize,
    },
}
