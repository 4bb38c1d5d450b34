//! What a client has done so far, in numbers.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::FailureKind;

/// What a client has done so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counters {
    /// Requests sent, those after redirects and retries included.
    pub sent: u64,
    /// Answers that said "unchanged".
    pub not_modified: u64,
    /// Requests that were sent again after trouble or because GitHub asked to slow down.
    pub retried: u64,
    /// Answers with a value.
    pub ok: u64,
    /// Answers that led to another address, which was asked next.
    pub redirected: u64,
    /// Requests that failed, also those that were sent again, in the order of
    /// [`FailureKind::WORDS`].
    pub failed: [u64; FailureKind::WORDS.len()],
}

impl Counters {
    /// How often requests ended in which way, under words that stay the same: `ok`,
    /// `not_modified`, `redirected` and those of [`FailureKind::WORDS`].
    ///
    /// *Shape*: always all of them, in this order. Together they are [`Counters::sent`] without
    /// what is under way or was given up half-way.
    pub fn outcomes(&self) -> impl Iterator<Item = (&'static str, u64)> + use<> {
        let good = [
            ("ok", self.ok),
            ("not_modified", self.not_modified),
            ("redirected", self.redirected),
        ];
        let failed = FailureKind::WORDS.into_iter().zip(self.failed);
        good.into_iter().chain(failed)
    }
}

/// How one request ended.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Outcome<'a> {
    Ok,
    NotModified,
    Redirected,
    Failed(&'a FailureKind),
}

/// The counters while they count.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    sent: AtomicU64,
    retried: AtomicU64,
    ok: AtomicU64,
    not_modified: AtomicU64,
    redirected: AtomicU64,
    failed: [AtomicU64; FailureKind::WORDS.len()],
}

impl Tally {
    pub(crate) fn send(&self) {
        self.sent.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn retry(&self) {
        self.retried.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn end(&self, outcome: Outcome<'_>) {
        let counter = match outcome {
            Outcome::Ok => &self.ok,
            Outcome::NotModified => &self.not_modified,
            Outcome::Redirected => &self.redirected,
            Outcome::Failed(kind) => &self.failed[kind.place()],
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn read(&self) -> Counters {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counters {
            sent: read(&self.sent),
            not_modified: read(&self.not_modified),
            retried: read(&self.retried),
            ok: read(&self.ok),
            redirected: read(&self.redirected),
            failed: self.failed.each_ref().map(read),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_are_named_and_none_is_left_out() {
        let tally = Tally::default();
        tally.send();
        tally.end(Outcome::Failed(&FailureKind::Refused));
        let outcomes: Vec<_> = tally.read().outcomes().collect();
        assert_eq!(outcomes.len(), 3 + FailureKind::WORDS.len());
        assert_eq!(outcomes.last(), Some(&("refused", 1)));
        assert_eq!(outcomes.iter().map(|(_, count)| count).sum::<u64>(), 1);
    }
}
