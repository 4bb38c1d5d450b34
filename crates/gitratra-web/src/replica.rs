//! A copy that the store's server makes of itself: pages are read from it as long as it is good
//! enough, and from the store where it is not.
//!
//! The store's own numbers may be some seconds old there. Who may see what, and what somebody has
//! changed by hand, never is: whatever changes either is counted in the store ([`Mark`]), the count is
//! read for each request, and the copy answers only as far as it has come to it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use gitratra_store::{Mark, Store, StoreError};

use crate::ReplicaState;

/// How often it is looked at how far the store has written, and how far the copy has followed.
const LOOK: Duration = Duration::from_secs(1);
/// What is shown is no older than this.
const MOST_LAG: Duration = Duration::from_secs(30);
/// Whoever did not look for so long begins anew.
const STALE: Duration = Duration::from_secs(5);
/// How long a copy that was found behind is left alone.
const BEHIND: Duration = Duration::from_millis(250);
/// How long it may take to say how far it has come.
const PATIENCE: Duration = Duration::from_secs(3);
/// Being behind for so long is worth a word.
const WORTH_A_WORD: Duration = Duration::from_secs(30);

/// A copy to read from, with what is known of it. Clones share it.
#[derive(Clone)]
pub(crate) struct Replica {
    inner: Arc<Inner>,
}

struct Inner {
    copy: Store,
    state: Mutex<State>,
}

/// What is known of the copy.
#[derive(Debug, Default)]
struct State {
    /// How far the store had written at which moment, the oldest first.
    written: VecDeque<(Instant, i64)>,
    /// What the store's last count was.
    counted: Option<Mark>,
    /// How far the copy had come when it was last looked at.
    followed: Option<Mark>,
    /// It is not asked before.
    not_before: Option<Instant>,
    /// Since when it is of no use.
    trouble: Option<Trouble>,
}

#[derive(Debug, Clone, Copy)]
struct Trouble {
    since: Instant,
    is_told: bool,
}

impl State {
    /// What the copy has to hold for whoever asks now.
    fn needed(&self, now: Instant) -> Option<Mark> {
        let counted = self.counted?;
        let old = |(at, _): &&(Instant, i64)| now.duration_since(*at) >= MOST_LAG;
        let newest_old = self.written.iter().rev().find(old);
        let (_, position) = newest_old.or_else(|| self.written.front())?;
        Some(Mark {
            position: *position,
            ..counted
        })
    }

    fn write_down(&mut self, now: Instant, position: i64) {
        let last = self.written.back();
        if last.is_some_and(|(at, _)| now.duration_since(*at) > STALE) {
            self.written.clear();
        }
        self.written.push_back((now, position));
        // One that is old enough is all that is needed of those.
        while self
            .written
            .get(1)
            .is_some_and(|(at, _)| now.duration_since(*at) >= MOST_LAG)
        {
            self.written.pop_front();
        }
    }

    /// How old the newest thing is that the copy may lack.
    fn lag(&self, now: Instant) -> Option<Duration> {
        let followed = self.followed?;
        let lacks = |(_, position): &&(Instant, i64)| *position > followed.position;
        let first = self.written.iter().find(lacks);
        Some(first.map_or(Duration::ZERO, |(at, _)| now.duration_since(*at)))
    }
}

impl Replica {
    pub(crate) fn new(copy: Store) -> Self {
        Self {
            inner: Arc::new(Inner {
                copy,
                state: Mutex::default(),
            }),
        }
    }

    pub(crate) fn copy(&self) -> &Store {
        &self.inner.copy
    }

    /// Says what the copy has to hold from now on. What was counted before, and comes late, changes
    /// nothing.
    pub(crate) fn must_hold(&self, counted: Mark) {
        let mut state = self.inner.state();
        let is_late = |known: Mark| known.place == counted.place && known.changes > counted.changes;
        if !state.counted.is_some_and(is_late) {
            state.counted = Some(counted);
        }
        if let Some(needed) = state.needed(Instant::now()) {
            self.inner.copy.must_hold(needed);
        }
    }

    /// Whether it is worth asking.
    pub(crate) fn is_usable(&self) -> bool {
        let state = self.inner.state();
        let now = Instant::now();
        state.followed.is_some() && state.not_before.is_none_or(|until| until <= now)
    }

    /// After an answer that was none: leaves the copy alone for a moment.
    pub(crate) fn doubt(&self) {
        self.inner.state().not_before = Some(Instant::now() + BEHIND);
    }

    pub(crate) fn state(&self) -> ReplicaState {
        let state = self.inner.state();
        ReplicaState {
            is_used: state.followed.is_some() && state.trouble.is_none(),
            lag: state.lag(Instant::now()),
        }
    }

    /// Looks at the store and its copy from time to time, as long as somebody needs to know.
    pub(crate) async fn watch(self, store: Store) {
        let inner = Arc::downgrade(&self.inner);
        drop(self);
        while let Some(inner) = Weak::upgrade(&inner) {
            inner.look(&store).await;
            drop(inner);
            tokio::time::sleep(LOOK).await;
        }
    }
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn look(&self, store: &Store) {
        let asked = Instant::now();
        let Ok(Ok(written)) = tokio::time::timeout(PATIENCE, store.mark_with_position()).await
        else {
            // Without the store there are no pages, and whoever asks for one is told.
            return;
        };
        self.state().write_down(asked, written.position);
        let followed = match tokio::time::timeout(PATIENCE, self.copy.followed()).await {
            Ok(Ok(followed)) if followed.place == written.place => Ok(followed),
            Ok(Ok(_)) => Err("it is a copy of another store".to_owned()),
            Ok(Err(error)) => Err(cause_of(&error)),
            Err(_) => Err(format!("it took more than {} s", PATIENCE.as_secs())),
        };
        self.judge(followed, Instant::now());
    }

    /// Takes down how far the copy has come, and tells once where it cannot be used any more, and
    /// once where it can again.
    fn judge(&self, followed: Result<Mark, String>, now: Instant) {
        let place = self.copy.location();
        let mut state = self.state();
        state.followed = followed.as_ref().ok().copied();
        let needed = state.needed(now);
        let is_behind = followed
            .as_ref()
            .is_ok_and(|followed| needed.is_none_or(|needed| !needed.is_held_by(followed)));
        let why = match &followed {
            Err(why) => Some(why.as_str()),
            // Nobody has asked for a page yet.
            Ok(_) if is_behind && state.counted.is_some() => Some("it lags too far behind"),
            Ok(_) => None,
        };
        let Some(why) = why else {
            if state.trouble.take().is_some_and(|trouble| trouble.is_told) {
                tracing::warn!("the copy \"{place}\" is read from again");
            }
            return;
        };
        let trouble = state.trouble.get_or_insert(Trouble {
            since: now,
            is_told: false,
        });
        // That it lacks the last change for a moment is as it should be.
        let is_news = followed.is_err() || now.duration_since(trouble.since) >= WORTH_A_WORD;
        if is_news && !trouble.is_told {
            trouble.is_told = true;
            tracing::warn!(
                "the copy \"{place}\" cannot be read from: {why}; everything is read from the store \
                 itself until it can"
            );
        }
    }
}

/// What is behind the error that stands for a copy of no use.
fn cause_of(error: &StoreError) -> String {
    match error {
        StoreError::Copy {
            source: Some(source),
            ..
        } => source.to_string(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(changes: i64, position: i64) -> Mark {
        Mark {
            place: 1,
            changes,
            position,
        }
    }

    #[test]
    fn a_copy_needs_the_last_count_and_what_was_written_half_a_minute_ago() {
        let began = Instant::now();
        let mut state = State::default();
        assert_eq!(state.needed(began), None);
        state.counted = Some(mark(7, 0));
        assert_eq!(state.needed(began), None);
        for second in 0..40 {
            let position = 100 + i64::try_from(second).unwrap();
            state.write_down(began + Duration::from_secs(second), position);
        }
        // At the beginning nothing is known of half a minute ago, so all of it is needed.
        let at = |seconds| began + Duration::from_secs(seconds);
        assert_eq!(state.needed(at(39)), Some(mark(7, 109)));
        assert_eq!(state.written.len(), 31);
        state.write_down(at(50), 200);
        assert_eq!(state.needed(at(50)), Some(mark(7, 200)));
    }

    #[test]
    fn the_lag_is_how_old_the_first_thing_is_that_is_missing() {
        let began = Instant::now();
        let at = |seconds| began + Duration::from_secs(seconds);
        let mut state = State::default();
        assert_eq!(state.lag(began), None);
        state.write_down(at(0), 10);
        state.write_down(at(1), 20);
        state.write_down(at(2), 30);
        for (position, expected) in [(30, 0), (29, 1), (20, 1), (19, 2), (5, 3)] {
            state.followed = Some(mark(0, position));
            assert_eq!(state.lag(at(3)), Some(Duration::from_secs(expected)));
        }
    }
}
