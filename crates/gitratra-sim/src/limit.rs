//! How much may be asked: GitHub's primary limit by the hour, and the secondary limits of
//! 900 points in any 60 seconds and 100 requests at once.
//!
//! GraphQL has an hour and points of its own; the 100 requests at once are shared, and who broke
//! a secondary limit is refused everywhere.
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
    pub(crate) graphql: u64,
    pub(crate) anonymous: u64,
    pub(crate) window_secs: i64,
    pub(crate) points: u64,
    pub(crate) graphql_points: u64,
    pub(crate) concurrent: u64,
    pub(crate) timing: Timing,
    pub(crate) status: u16,
    pub(crate) retry_after: RetryAfter,
    pub(crate) hold_secs: i64,
}

impl Default for Limits {
    /// GitHub's own: 5,000 an hour, 60 without a token, 900 points a minute, 100 at once; for
    /// GraphQL 5,000 an hour and 2,000 a minute.
    fn default() -> Self {
        Self {
            enforced: true,
            primary: 5000,
            graphql: 5000,
            anonymous: 60,
            window_secs: 3600,
            points: 900,
            graphql_points: 2000,
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
            graphql: 1_000_000_000,
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

    /// So many points of GraphQL in the same window for each credential.
    #[must_use]
    pub fn graphql(mut self, points: u64) -> Self {
        self.graphql = points;
        self
    }

    /// So many points of GraphQL in any 60 seconds.
    #[must_use]
    pub fn graphql_points(mut self, per_minute: u64) -> Self {
        self.graphql_points = per_minute;
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

/// The budgets of both interfaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Budgets {
    pub(crate) core: Budget,
    pub(crate) graphql: Budget,
}

impl Budgets {
    pub(crate) fn of(self, resource: Resource) -> Budget {
        match resource {
            Resource::Core => self.core,
            Resource::Graphql => self.graphql,
        }
    }
}

/// What has limits of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resource {
    Core,
    Graphql,
}

impl Resource {
    /// The word in the `x-ratelimit-resource` header.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Core => "core",
            Self::Graphql => "graphql",
        }
    }
}

/// What was spent of one resource.
#[derive(Debug, Default)]
struct Spent {
    used: u64,
    window_start: Option<Time>,
    /// When each of the last 60 seconds' points was spent.
    points: VecDeque<f64>,
}

impl Spent {
    fn roll(&mut self, limits: &Limits, at: Time) {
        let is_over = |start: Time| at.secs() - start.secs() >= limits.window_secs;
        if self.window_start.is_some_and(is_over) {
            self.window_start = None;
            self.used = 0;
        }
    }

    fn budget(&mut self, limits: &Limits, limit: u64, at: Time) -> Budget {
        self.roll(limits, at);
        Budget {
            limit,
            used: self.used.min(limit),
            reset: self
                .window_start
                .unwrap_or(at)
                .plus_secs(limits.window_secs),
        }
    }
}

/// What one user, one installation or the anonymous address has asked for.
#[derive(Debug)]
pub(crate) struct Pool {
    pub(crate) limit: u64,
    core: Spent,
    graphql: Spent,
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
    pub(crate) resource: Resource,
    /// Of the hour: 1, or what a query costs.
    pub(crate) primary: u64,
    /// Of the 900 in any 60 seconds: 1 to read, 5 to write.
    pub(crate) points: u64,
    /// Nothing of the hour's budget.
    pub(crate) is_free: bool,
}

impl Pool {
    pub(crate) fn new(limit: u64) -> Self {
        Self {
            limit,
            core: Spent::default(),
            graphql: Spent::default(),
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
        let (limit, most_points) = match cost.resource {
            Resource::Core => (self.limit, limits.points),
            Resource::Graphql => (limits.graphql, limits.graphql_points),
        };
        let in_flight = self.in_flight;
        let spent = self.spent(cost.resource);
        while spent.points.front().is_some_and(|at| secs - at >= 60.0) {
            spent.points.pop_front();
        }
        let points = spent.points.len() as u64 + cost.points;
        let is_broken = points > most_points || in_flight > limits.concurrent;
        if limits.enforced && is_broken {
            self.held_until = Some(secs + limits.hold_secs as f64);
            let wait_secs = limits.hold_secs;
            return Verdict::SecondaryRefused { wait_secs };
        }
        spent.points.extend((0..cost.points).map(|_| secs));
        let verdict = Self::charge(spent, limits, limit, arrival.at, cost);
        if cost.resource == Resource::Core {
            self.peak_points = self.peak_points.max(points);
        }
        verdict
    }

    fn charge(spent: &mut Spent, limits: &Limits, limit: u64, at: Time, cost: Cost) -> Verdict {
        if cost.is_free {
            return Verdict::Allowed;
        }
        spent.roll(limits, at);
        if limits.enforced && spent.used >= limit {
            return Verdict::PrimaryRefused;
        }
        spent.window_start.get_or_insert(at);
        spent.used += cost.primary;
        Verdict::Allowed
    }

    fn spent(&mut self, resource: Resource) -> &mut Spent {
        match resource {
            Resource::Core => &mut self.core,
            Resource::Graphql => &mut self.graphql,
        }
    }

    /// Gives back what an unchanged answer (304) cost.
    pub(crate) fn refund(&mut self, cost: Cost) {
        let spent = self.spent(cost.resource);
        spent.used = spent.used.saturating_sub(cost.primary);
    }

    /// So much is left of an hour.
    pub(crate) fn set_remaining(
        &mut self,
        limits: &Limits,
        resource: Resource,
        remaining: u64,
        at: Time,
    ) {
        let limit = match resource {
            Resource::Core => self.limit,
            Resource::Graphql => limits.graphql,
        };
        let spent = self.spent(resource);
        spent.roll(limits, at);
        spent.window_start.get_or_insert(at);
        spent.used = limit.saturating_sub(remaining);
    }

    pub(crate) fn budgets(&mut self, limits: &Limits, at: Time) -> Budgets {
        Budgets {
            core: self.core.budget(limits, self.limit, at),
            graphql: self.graphql.budget(limits, limits.graphql, at),
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
        resource: Resource::Core,
        primary: 1,
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
        let budget = pool.budgets(&limits, Time::from_secs(99)).core;
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

    #[test]
    fn graphql_has_an_hour_and_points_of_its_own() {
        let limits = Limits::default()
            .primary(1, 3600)
            .graphql(5)
            .points(1)
            .graphql_points(2);
        let mut pool = Pool::new(1);
        let query = Cost {
            resource: Resource::Graphql,
            primary: 3,
            ..READ
        };
        let mut arrive = |secs: f64, cost| {
            let verdict = pool.arrive(&limits, arrival(secs), cost);
            pool.in_flight -= 1;
            let budgets = pool.budgets(&limits, Time::from_secs(secs as i64));
            (
                verdict,
                budgets.core.remaining(),
                budgets.graphql.remaining(),
            )
        };
        assert_eq!(arrive(0.0, query), (Verdict::Allowed, 1, 2));
        assert_eq!(arrive(1.0, READ), (Verdict::Allowed, 0, 2));
        assert_eq!(arrive(2.0, query), (Verdict::Allowed, 0, 0));
        assert_eq!(arrive(70.0, query), (Verdict::PrimaryRefused, 0, 0));
        arrive(71.0, query);
        let held = Verdict::SecondaryRefused { wait_secs: 60 };
        assert_eq!(arrive(72.0, query), (held, 0, 0));
        assert_ne!(arrive(73.0, READ).0, Verdict::Allowed);
    }
}
