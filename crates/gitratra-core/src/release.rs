//! Releases and the running totals of their downloads.

use jiff::Timestamp;

/// A file of a release. GitHub counts how often it was downloaded since it was uploaded, and keeps
/// no history of that; a file that is uploaded anew is another one, whose total begins at zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asset {
    /// GitHub's number of the file.
    pub id: u64,
    /// Its name, as `tool-x86_64-linux.tar.gz`.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// Downloads since it was uploaded.
    pub downloads: u64,
    /// When it was uploaded.
    pub created_at: Option<Timestamp>,
}

/// A release; a draft is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// GitHub's number of the release.
    pub id: u64,
    /// The tag it stands for.
    pub tag: String,
    /// Its title, where it has one.
    pub name: Option<String>,
    /// When it was published.
    pub published_at: Option<Timestamp>,
    /// Whether it is marked as not ready.
    pub is_prerelease: bool,
    /// Its files.
    pub assets: Vec<Asset>,
}

/// One decoded answer about releases, the newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleasesReading {
    /// The server's time of the answer.
    pub read_at: Timestamp,
    /// The releases.
    pub releases: Vec<Release>,
    /// Whether these are all there are, so that a release that is missing is deleted.
    pub is_whole: bool,
}
