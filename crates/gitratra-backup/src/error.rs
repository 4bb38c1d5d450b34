//! What can go wrong, by what the caller can do about it.

use std::path::Path;

use gitratra_store::StoreError;

/// Why a copy was not made, or not put back.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A store could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Something has this name already. It was left as it is.
    #[error("\"{place}\" is there already; it was left as it is, name another one")]
    Exists {
        /// The file.
        place: String,
    },
    /// The store that a copy is to be put into holds something. It was left as it is.
    #[error("\"{place}\" holds a history already; it was left as it is")]
    NotEmpty {
        /// The store.
        place: String,
    },
    /// The copy breaks rules that hold for every store. Nothing was changed.
    #[error(
        "\"{place}\" is damaged in {wrong} places, the first is: {first}; nothing was changed, take \
         another copy"
    )]
    Unsound {
        /// The copy.
        place: String,
        /// How many places.
        wrong: u64,
        /// The first of them.
        first: String,
    },
    /// What was read back is not what was written. It was removed again where that was possible.
    #[error("the copy \"{place}\" is not what was written: {what}; look after that disk or bucket")]
    Differs {
        /// The copy.
        place: String,
        /// What is different.
        what: String,
    },
    /// A file or a folder does not do what it is asked.
    #[error("cannot {what} \"{place}\"; check that it is there, its permissions and its room")]
    File {
        /// What was tried.
        what: &'static str,
        /// The file or the folder.
        place: String,
        /// The error behind it.
        source: std::io::Error,
    },
    /// A bucket does not do what it is asked.
    #[error(
        "cannot {what} \"{place}\": {why}; check the bucket, the endpoint, the region and \
         AWS_ACCESS_KEY_ID"
    )]
    Bucket {
        /// What was tried.
        what: &'static str,
        /// The bucket with the name in it.
        place: String,
        /// What it answers: a status and a code, and nothing else of it, since buckets repeat keys
        /// and tokens in what they say.
        why: String,
    },
    /// A setting cannot be used.
    #[error("{0}")]
    Setting(String),
}

impl BackupError {
    pub(crate) fn file(
        what: &'static str,
        path: &Path,
    ) -> impl FnOnce(std::io::Error) -> Self + use<> {
        let place = path.display().to_string();
        move |source| Self::File {
            what,
            place,
            source,
        }
    }
}
