//! Releases of a history and their files.

use jiff::Timestamp;

use super::{History, keep};

/// A release.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReleaseFacts {
    /// When it was last told; the telling that is later stays.
    pub seen_at: Timestamp,
    /// The tag it stands for.
    pub tag: String,
    /// Its title, where it has one.
    pub name: Option<String>,
    /// When it was published.
    pub published_at: Option<Timestamp>,
    /// Whether it is marked as not ready.
    pub is_prerelease: bool,
    /// When it was missing; the later time stays, and only where it was not told afterwards.
    pub gone_since: Option<Timestamp>,
}

/// A file of a release. A file is never put up again under the number it had, so what is gone stays
/// gone, since the earlier time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssetFacts {
    /// The release that it belongs to.
    pub release: u64,
    /// Its name.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// When it was uploaded.
    pub created_at: Option<Timestamp>,
    /// When it was first missing.
    pub gone_since: Option<Timestamp>,
}

impl ReleaseFacts {
    /// Takes in what was told of it elsewhere.
    pub fn join(&mut self, other: &Self) {
        let gone_since = self.gone_since.max(other.gone_since);
        let told = |of: &Self| Self {
            gone_since: None,
            ..of.clone()
        };
        *self = told(self).max(told(other));
        self.gone_since = gone_since.filter(|since| *since >= self.seen_at);
    }
}

impl AssetFacts {
    /// Takes in what was told of it elsewhere.
    pub fn join(&mut self, other: &Self) {
        let gone_since = match (self.gone_since, other.gone_since) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        let rank = |of: &Self| (of.release, of.name.clone(), of.size, of.created_at);
        if rank(other) > rank(self) {
            *self = other.clone();
        }
        self.gone_since = gone_since;
    }
}

impl History {
    pub(super) fn join_releases(&mut self, other: &Self) {
        for (id, told) in &other.releases {
            match self.releases.get_mut(id) {
                Some(kept) => kept.join(told),
                None => {
                    self.releases.insert(*id, told.clone());
                }
            }
        }
        for (id, told) in &other.assets {
            match self.assets.get_mut(id) {
                Some(kept) => kept.join(told),
                None => {
                    self.assets.insert(*id, told.clone());
                }
            }
        }
        for (id, totals) in &other.downloads {
            keep(&mut self.downloads, id, totals, |_, _| false);
            if let Some(kept) = self.downloads.get_mut(id) {
                kept.join(totals);
            }
        }
    }
}
