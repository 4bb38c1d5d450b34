//! What a place for a warehouse must be able to do, and nothing of how it does it.

use std::collections::BTreeMap;
use std::fs::File;

/// A future that may be sent.
pub type BoxFuture<'a, T> = futures_util::future::BoxFuture<'a, T>;

/// What a file is at a moment: another text as soon as anybody has written it again.
pub type Version = String;

/// What must lie there for a file to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected<'a> {
    /// Nothing.
    Nothing,
    /// This version.
    Version(&'a str),
}

/// What is written.
#[derive(Debug, Clone, Copy)]
pub enum Body<'a> {
    /// These bytes.
    Bytes(&'a [u8]),
    /// A whole file, of so many bytes.
    File(&'a File, u64),
}

/// Why a place did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlaceError {
    /// Something else lies there than was expected. Nothing was written.
    Moved,
    /// It cannot be told whether it was done.
    Failed(String),
}

/// A file and its version, where there is one.
pub type Found = Result<Option<(Vec<u8>, Version)>, PlaceError>;

/// A folder or a bucket. Paths have `/` and are relative to the warehouse.
pub trait Place: Send + Sync {
    /// The place as it was given; it holds no secret.
    fn shown(&self) -> &str;

    /// Whether nobody else can write as long as this is held.
    fn is_alone(&self) -> bool;

    /// Every file that lies there.
    fn list(&self) -> BoxFuture<'_, Result<BTreeMap<String, Version>, PlaceError>>;

    /// A file; nothing where there is none.
    fn read<'a>(&'a self, path: &'a str) -> BoxFuture<'a, Found>;

    /// Writes a file, which appears at once and whole in the place of the one before.
    fn put<'a>(
        &'a self,
        path: &'a str,
        body: Body<'a>,
        expected: Expected<'a>,
    ) -> BoxFuture<'a, Result<Version, PlaceError>>;

    /// Removes a file.
    fn remove<'a>(&'a self, path: &'a str) -> BoxFuture<'a, Result<(), PlaceError>>;
}
