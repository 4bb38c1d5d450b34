//! Referrers and paths of a history, window by window.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::keep;
use crate::{Count, Ranking, Window};

/// All lists, and the titles of what is in them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rankings {
    /// Every list that was read. Of two readings of one window the later stays, all of it.
    pub lists: BTreeMap<(Ranking, Window), RankedList>,
    /// Titles of pages. When a title was told is not kept, so that of two the larger text stays.
    pub titles: BTreeMap<(Ranking, Arc<str>), String>,
}

/// One list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RankedList {
    /// When it was read.
    pub read_at: Timestamp,
    /// Totals over the window by name; no lines are a measurement.
    pub lines: BTreeMap<Arc<str>, Count>,
}

impl RankedList {
    /// A list without lines.
    #[must_use]
    pub const fn new(read_at: Timestamp) -> Self {
        Self {
            read_at,
            lines: BTreeMap::new(),
        }
    }
}

impl Rankings {
    /// Takes in that a list was read, which makes an older reading of the same window void.
    ///
    /// Gives the lines of the reading that stays, where that is this one.
    pub fn read(
        &mut self,
        ranking: Ranking,
        window: Window,
        read_at: Timestamp,
    ) -> Option<&mut BTreeMap<Arc<str>, Count>> {
        let list = self.lists.entry((ranking, window));
        let list = list.or_insert_with(|| RankedList::new(read_at));
        if list.read_at < read_at {
            *list = RankedList::new(read_at);
        }
        (list.read_at == read_at).then_some(&mut list.lines)
    }

    /// Takes in one line of a reading; of two of the same second the larger numbers stay.
    pub fn tell(
        &mut self,
        (ranking, window): (Ranking, Window),
        read_at: Timestamp,
        name: Arc<str>,
        total: Count,
    ) {
        if let Some(lines) = self.read(ranking, window, read_at) {
            let kept = lines.entry(name).or_insert(total);
            *kept = kept.larger(total);
        }
    }

    pub(super) fn join(&mut self, other: &Self) {
        for ((ranking, window), list) in &other.lists {
            // A list without lines was read as well.
            self.read(*ranking, *window, list.read_at);
            for (name, total) in &list.lines {
                self.tell((*ranking, *window), list.read_at, name.clone(), *total);
            }
        }
        for (name, title) in &other.titles {
            keep(&mut self.titles, name, title, |kept, told| told > kept);
        }
    }
}
