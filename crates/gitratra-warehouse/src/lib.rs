//! The history as partitioned Parquet, for programs that read folders: a file for each table and
//! month, in a folder or in a store that speaks S3, kept up to date exactly once.
//!
//! [`rows`] tells the rows of every table out of the store, and is what `export` writes as well.
//! [`marks`] says cheaply of which months anything may have changed, [`run()`] writes those anew:
//! each file is replaced at once and as a whole, under a name that never changes, so that whoever
//! reads all files of a folder meets no row twice. What was written is told by a [`manifest`] in the
//! warehouse itself, put last, which no state of any store can contradict.
//!
//! This crate does not ask for the time, and decides nothing about what it carries.

mod bucket;
mod error;
mod file;
mod folder;
mod hold;
pub mod manifest;
pub mod marks;
mod part;
mod place;
pub mod rows;
mod run;

pub use bucket::BucketPlace;
pub use error::WarehouseError;
pub use folder::FolderPlace;
pub use manifest::Manifest;
pub use part::Part;
pub use place::{Body, BoxFuture, Expected, Found, Place, PlaceError, Version};
pub use rows::{Wanted, What};
pub use run::{Done, Options, Request, run};
