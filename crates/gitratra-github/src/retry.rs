//! When to ask again after trouble on the way, and how long to wait before it.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How patient the client is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetryPolicy {
    /// How often a question is sent at most where the server has trouble or the answer breaks off.
    pub attempts: u32,
    /// How often at most where no connection comes about, so that a missing network shows soon.
    pub connect_attempts: u32,
    /// The first wait lies between nothing and this; each further one up to twice as much.
    pub base: Duration,
    /// No wait is longer than this, unless the server asks for it.
    pub cap: Duration,
    /// Attempts and waits together take no longer than this; waits that the server asked for do
    /// not count.
    pub total: Duration,
    /// The longest wait that a 503 may ask for.
    pub longest_asked: Duration,
    /// How long a connection may take.
    pub connect_timeout: Duration,
    /// How long a request may take, from the connection to the end of the body.
    pub request_timeout: Duration,
    /// Where the random waits start from; none is different in each client.
    pub seed: Option<u64>,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            attempts: 4,
            connect_attempts: 2,
            base: Duration::from_millis(500),
            cap: Duration::from_secs(8),
            total: Duration::from_secs(60),
            longest_asked: Duration::from_secs(60),
            connect_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(30),
            seed: None,
        }
    }
}

/// One kind of trouble that may pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// No connection came about.
    NoConnection,
    /// The connection broke, the answer took too long or was cut short.
    Broken,
    /// The server has trouble of its own, and may say how long.
    Server(Option<Duration>),
}

/// The attempts at one question so far.
#[derive(Debug, Default)]
pub(crate) struct Course {
    failed: u32,
    spent: Duration,
}

impl Course {
    /// How long to wait before the next attempt; nothing where it is time to give up.
    pub(crate) fn wait(
        &mut self,
        policy: &RetryPolicy,
        jitter: &Jitter,
        trouble: Trouble,
        took: Duration,
    ) -> Option<Duration> {
        self.failed += 1;
        self.spent += took;
        let attempts = match trouble {
            Trouble::NoConnection => policy.connect_attempts,
            Trouble::Broken | Trouble::Server(_) => policy.attempts,
        };
        if self.failed >= attempts || self.spent >= policy.total {
            return None;
        }
        if let Trouble::Server(Some(asked)) = trouble {
            return (asked <= policy.longest_asked).then_some(asked);
        }
        let doublings = (self.failed - 1).min(16);
        let most = policy.base.saturating_mul(1 << doublings).min(policy.cap);
        let wait = jitter.up_to(most);
        self.spent += wait;
        (self.spent < policy.total).then_some(wait)
    }
}

/// A small source of random waits, so that clients that failed together do not come back together.
#[derive(Debug)]
pub(crate) struct Jitter(AtomicU64);

impl Jitter {
    pub(crate) fn new(seed: Option<u64>) -> Self {
        Self(AtomicU64::new(
            seed.unwrap_or_else(|| RandomState::new().hash_one(0)),
        ))
    }

    /// A wait between nothing and `most`, all equally likely.
    fn up_to(&self, most: Duration) -> Duration {
        // SplitMix64, <https://prng.di.unimi.it/splitmix64.c>.
        const STEP: u64 = 0x9E37_79B9_7F4A_7C15;
        let mut z = self.0.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^= z >> 31;
        let part = u128::from(z >> 32);
        let nanos = (most.as_nanos() * part) >> 32;
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(trouble: Trouble, took: Duration) -> Vec<Duration> {
        let policy = RetryPolicy::default();
        let jitter = Jitter::new(Some(7));
        let mut course = Course::default();
        std::iter::from_fn(|| course.wait(&policy, &jitter, trouble, took)).collect()
    }

    #[test]
    fn waits_are_random_below_a_bound_that_doubles() {
        let waits = waits(Trouble::Broken, Duration::ZERO);
        assert_eq!(waits.len(), 3, "four attempts have three waits");
        for (wait, most_ms) in waits.iter().zip([500, 1000, 2000]) {
            assert!(*wait <= Duration::from_millis(most_ms), "{wait:?}");
        }
        let jitter = Jitter::new(Some(1));
        let many: Vec<_> = (0..1000)
            .map(|_| jitter.up_to(Duration::from_secs(8)).as_secs())
            .collect();
        assert!((0..8).all(|secs| many.contains(&secs)));
    }

    #[test]
    fn no_network_shows_soon() {
        assert_eq!(waits(Trouble::NoConnection, Duration::ZERO).len(), 1);
    }

    #[test]
    fn time_spent_ends_it() {
        let half_minute = Duration::from_secs(30);
        assert_eq!(waits(Trouble::Broken, half_minute).len(), 1);
    }

    #[test]
    fn a_wait_that_was_asked_for_is_kept_if_it_is_short() {
        let asked = |secs| Trouble::Server(Some(Duration::from_secs(secs)));
        let minute = Duration::from_secs(60);
        assert_eq!(waits(asked(60), Duration::ZERO), [minute; 3]);
        assert!(waits(asked(61), Duration::ZERO).is_empty());
    }
}
