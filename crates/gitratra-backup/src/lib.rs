//! Copies of a store that were looked at after they were written, in a folder or in an S3-compatible
//! store; and putting one back.
//!
//! A copy is one state of the store, taken while the program goes on writing, and is always a SQLite
//! file, whichever engine it comes from. [`make`] writes one file, [`put_back`] restores one, and
//! [`keep`] writes one more into a [`Target`], reads it back from there, checks it, and lets go of
//! old ones. This crate asks nobody for the time: it comes in as an argument.
//!
//! A copy holds all that the store does: the hashes of passwords and tokens, and the keys that
//! addresses are signed with. Only its owner may read the file.

mod bucket;
mod check;
mod error;
mod file;
mod kept;
mod names;
mod restore;
mod target;

pub use bucket::{Bucket, BucketOptions, why};
pub use check::Checked;
pub use error::BackupError;
pub use file::{Copied, make};
pub use kept::{Kept, keep};
pub use names::{Keep, name_of, time_of};
pub use restore::{Restore, Restored, put_back};
pub use target::Target;
