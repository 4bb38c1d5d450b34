//! How much may be asked: GitHub's primary limit by the hour, and the secondary limits of
//! 900 points in any 60 seconds and 100 requests at once.
//!
//! Figures: <https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api>.
//! Whoever goes on while refused is counted, so a test can demand that nobody does.

use std::collections::VecDeque;

use crate::clock::Time;

/// How a refusal says when to come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// Not at all.
    Absent,
    /// In seconds.
    Secs,
    /// As an HTTP date.
    HttpDate,
}

/// By which clock "any 60 seconds" is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timing {
    /// By the real time at which requests arrive.
    Arrival,
    /// By the simulated clock.
    Clock,
}

/// The limits of every credential.
#[derive(Clone, Debug)]
pub struct Limits {
    pub(crate) enforced: bool,
    pub(crate) primary: u64,
    pub(crate) anonymous: u64,
    pub(crate) window_secs: i64,
    pub(crate) points: u64,
    pub(crate) concurrent: u64,
    pub(crate) timing: Timing,
    pub(crate) status: u16,
    pub(crate) retry_after: RetryAfter,
    pub(crate) hold_secs: i64,
}

impl Default for Limits {
    /// GitHub's own: 5,000 an hour, 60 without a token, 900 points a minute, 100 at once.
    fn default() -> Self {
        Self {
            enforced: true,
            primary: 5000,
            anonymous: 60,
            window_secs: 3600,
            points: 900,
            concurrent: 100,
            timing: Timing::Arrival,
            status: 403,
            retry_after: RetryAfter::Secs,
            hold_secs: 60,
        }
    }
}

impl Limits {
    /// No limits: everything is counted and nothing refused.
    pub fn none() -> Self {
        Self {
            enforced: false,
            primary: 1_000_000_000,
            anonymous: 1_000_000_000,
            ..Self::default()
        }
    }

    /// So many requests in a window of `window_secs` simulated seconds for each credential.
    #[must_use]
    pub fn primary(mut self, requests: u64, window_secs: i64) -> Self {
        self.primary = requests;
        self.window_secs = window_secs;
        self
    }

    /// So many points in any 60 seconds.
    #[must_use]
    pub fn points(mut self, per_minute: u64) -> Self {
        self.points = per_minute;
        self
    }

    /// So many requests at once.
    #[must_use]
    pub fn concurrent(mut self, requests: u64) -> Self {
        self.concurrent = requests;
        self
    }

    /// By which clock "any 60 seconds" is measured.
    #[must_use]
    pub fn timing(mut self, timing: Timing) -> Self {
        self.timing = timing;
        self
    }

    /// Refusals have this status (403 or 429), and say so when to come back.
    #[must_use]
    pub fn refusal(mut self, status: u16, retry_after: RetryAfter) -> Self {
        self.status = status;
        self.retry_after = retry_after;
        self
    }

    /// Who broke a secondary limit is refused for this many seconds.
    #[must_use]
    pub fn hold_secs(mut self, secs: i64) -> Self {
        self.hold_secs = secs;
        self
    }
}

/// What becomes of a request as far as limits go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Allowed,
    /// The hour's budget was used up before.
    PrimaryRefused,
    /// A secondary limit is broken, or was and still holds for `wait_secs`.
    SecondaryRefused {
        wait_secs: i64,
    },
}

/// The numbers of the `x-ratelimit-` headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Budget {
    pub(crate) limit: u64,
    pub(crate) used: u64,
    pub(crate) reset: Time,
}

impl Budget {
    pub(crate) fn remaining(self) -> u64 {
        self.limit.saturating_sub(self.used)
    }
}

/// What one user, one installation or the anonymous address has asked for.
#[derive(Debug)]
pub(crate) struct Pool {
    pub(crate) limit: u64,
    used: u64,
    window_start: Option<Time>,
    /// When each of the last 60 seconds' points was spent.
    points: VecDeque<f64>,
    pub(crate) in_flight: u64,
    held_until: Option<f64>,
    pub(crate) peak_points: u64,
}

/// When a request came.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrival {
    pub(crate) at: Time,
    /// Real seconds since the simulation began.
    pub(crate) real_secs: f64,
}

/// What a request costs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    /// Of the 900 in any 60 seconds: 1 to read, 5 to write.
    pub(crate) points: u64,
    /// Nothing of the hour's budget.
    pub(crate) is_free: bool,
}

impl Pool {
    pub(crate) fn new(limit: u64) -> Self {
        Self {
            limit,
            used: 0,
            window_start: None,
            points: VecDeque::new(),
            in_flight: 0,
            held_until: None,
            peak_points: 0,
        }
    }

    /// Takes a request in.
    ///
    /// Refused requests do not count as points, but each is counted by the caller.
    pub(crate) fn arrive(&mut self, limits: &Limits, arrival: Arrival, cost: Cost) -> Verdict {
        self.in_flight += 1;
        let secs = match limits.timing {
            Timing::Arrival => arrival.real_secs,
            Timing::Clock => arrival.at.secs() as f64,
        };
        if let Some(until) = self.held_until {
            if secs < until {
                let wait_secs = (until - secs).ceil() as i64;
                return Verdict::SecondaryRefused { wait_secs };
            }
            self.held_until = None;
        }
        while self.points.front().is_some_and(|at| secs - at >= 60.0) {
            self.points.pop_front();
        }
        let points = self.points.len() as u64 + cost.points;
        let is_broken = points > limits.points || self.in_flight > limits.concurrent;
        if limits.enforced && is_broken {
            self.held_until = Some(secs + limits.hold_secs as f64);
            let wait_secs = limits.hold_secs;
            return Verdict::SecondaryRefused { wait_secs };
        }
        self.points.extend((0..cost.points).map(|_| secs));
        self.peak_points = self.peak_points.max(points);
        if cost.is_free {
            return Verdict::Allowed;
        }
        self.roll(limits, arrival.at);
        if limits.enforced && self.used >= self.limit {
            return Verdict::PrimaryRefused;
        }
        self.window_start.get_or_insert(arrival.at);
        self.used += 1;
        Verdict::Allowed
    }

    /// Gives back what an unchanged answer (304) cost.
    pub(crate) fn refund(&mut self) {
        self.used = self.used.saturating_sub(1);
    }

    pub(crate) fn set_remaining(&mut self, limits: &Limits, remaining: u64, at: Time) {
        self.roll(limits, at);
        self.window_start.get_or_insert(at);
        self.used = self.limit.saturating_sub(remaining);
    }

    pub(crate) fn budget(&mut self, limits: &Limits, at: Time) -> Budget {
        self.roll(limits, at);
        Budget {
            limit: self.limit,
            used: self.used.min(self.limit),
            reset: self
                .window_start
                .unwrap_or(at)
                .plus_secs(limits.window_secs),
        }
    }

    fn roll(&mut self, limits: &Limits, at: Time) {
        let is_over = |start: Time| at.secs() - start.secs() >= limits.window_secs;
        if self.window_start.is_some_and(is_over) {
            self.window_start = None;
            self.used = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrival(secs: f64) -> Arrival {
        Arrival {
            at: Time::from_secs(secs as i64),
            real_secs: secs,
        }
    }

    const READ: Cost = Cost {
        points: 1,
        is_free: false,
    };

    fn arrive(pool: &mut Pool, limits: &Limits, secs: f64) -> Verdict {
        let verdict = pool.arrive(limits, arrival(secs), READ);
        pool.in_flight -= 1;
        verdict
    }

    #[test]
    fn the_budget_comes_back_when_its_window_ends() {
        let limits = Limits::default().primary(2, 100);
        let mut pool = Pool::new(2);
        assert_eq!(arrive(&mut pool, &limits, 0.0), Verdict::Allowed);
        assert_eq!(arrive(&mut pool, &limits, 1.0), Verdict::Allowed);
        assert_eq!(arrive(&mut pool, &limits, 99.0), Verdict::PrimaryRefused);
        let budget = pool.budget(&limits, Time::from_secs(99));
        assert_eq!((budget.remaining(), budget.reset.secs()), (0, 100));
        assert_eq!(arrive(&mut pool, &limits, 100.0), Verdict::Allowed);
    }

    #[test]
    fn points_are_counted_in_any_sixty_seconds() {
        let limits = Limits::default().points(3).hold_secs(10);
        let mut pool = Pool::new(5000);
        for secs in [0.0, 30.0, 59.0] {
            assert_eq!(arrive(&mut pool, &limits, secs), Verdict::Allowed);
        }
        assert_eq!(arrive(&mut pool, &limits, 60.5), Verdict::Allowed);
        let refused = |wait_secs| Verdict::SecondaryRefused { wait_secs };
        assert_eq!(arrive(&mut pool, &limits, 61.0), refused(10));
        assert_eq!(arrive(&mut pool, &limits, 65.0), refused(6));
        assert_eq!(arrive(&mut pool, &limits, 92.0), Verdict::Allowed);
    }

    #[test]
    fn writing_costs_five_points() {
        let limits = Limits::default().points(6);
        let mut pool = Pool::new(5000);
        let write = Cost { points: 5, ..READ };
        assert_eq!(pool.arrive(&limits, arrival(0.0), write), Verdict::Allowed);
        assert_eq!(pool.arrive(&limits, arrival(1.0), READ), Verdict::Allowed);
        assert_ne!(pool.arrive(&limits, arrival(2.0), READ), Verdict::Allowed);
        assert_eq!(pool.peak_points, 6);
    }

    #[test]
    fn too_many_at_once_are_refused() {
        let limits = Limits::default().concurrent(1);
        let mut pool = Pool::new(5000);
        assert_eq!(pool.arrive(&limits, arrival(0.0), READ), Verdict::Allowed);
        let verdict = pool.arrive(&limits, arrival(0.0), READ);
        assert_eq!(verdict, Verdict::SecondaryRefused { wait_secs: 60 });
    }
}
