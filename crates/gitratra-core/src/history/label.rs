//! What a repository is called, what it is, and that it is gone.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::History;
use crate::RepoName;

/// What a repository is called and what it is, as it was confirmed last.
#[derive(Debug, Clone)]
pub struct Label {
    /// When that was.
    pub named_at: Timestamp,
    /// Its name.
    pub name: RepoName,
    /// Its identity in GraphQL, where it was ever given.
    pub node_id: Option<String>,
    /// Only seen by those who were invited.
    pub is_private: bool,
    /// Made from another repository.
    pub is_fork: bool,
    /// Read-only.
    pub is_archived: bool,
}

impl Label {
    /// Of two labels of one second the larger stays, so that their order does not matter. A private
    /// one is larger: nobody should see more for a tie.
    fn rank(&self) -> (Timestamp, bool, String, bool, bool) {
        let name = self.name.to_string();
        (
            self.named_at,
            self.is_private,
            name,
            self.is_fork,
            self.is_archived,
        )
    }
}

impl PartialEq for Label {
    fn eq(&self, other: &Self) -> bool {
        self.rank() == other.rank() && self.node_id == other.node_id
    }
}

impl Eq for Label {}

/// That GitHub does not answer for a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct GoneFact {
    /// When that was first met.
    pub since: Timestamp,
    /// The status of the answer, 404 or 451.
    pub status: u16,
}

/// A name and the time over which it was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameSpan {
    /// As it was spelled last.
    pub spelled: String,
    /// The first time.
    pub first_seen: Timestamp,
    /// The last time.
    pub last_seen: Timestamp,
}

impl History {
    pub(super) fn join_label(&mut self, other: &Self) {
        self.first_seen = match (self.first_seen, other.first_seen) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        self.label = match (self.label.take(), &other.label) {
            (Some(own), Some(told)) => {
                let node_id = own.node_id.clone().max(told.node_id.clone());
                let mut label = if told.rank() > own.rank() {
                    told.clone()
                } else {
                    own
                };
                label.node_id = node_id;
                Some(label)
            }
            (own, told) => own.or_else(|| told.clone()),
        };
        self.gone = self.gone.max(other.gone);
        self.settle_gone();
        join_names(&mut self.names, &other.names);
    }

    /// Whoever was confirmed afterwards is not gone.
    pub fn settle_gone(&mut self) {
        let named_at = self.label.as_ref().map(|label| label.named_at);
        self.gone = self.gone.filter(|gone| Some(gone.since) >= named_at);
    }
}

fn join_names(names: &mut BTreeMap<String, NameSpan>, others: &BTreeMap<String, NameSpan>) {
    for (key, told) in others {
        let kept = names.entry(key.clone()).or_insert_with(|| told.clone());
        if (told.last_seen, &told.spelled) > (kept.last_seen, &kept.spelled) {
            kept.spelled.clone_from(&told.spelled);
        }
        kept.first_seen = kept.first_seen.min(told.first_seen);
        kept.last_seen = kept.last_seen.max(told.last_seen);
    }
}
