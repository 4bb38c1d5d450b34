//! The hourly limit: what headers say about it, what is left, and which answers are about a limit
//! at all.

use std::time::Duration;

use gitratra_core::Timestamp;
use jiff::SignedDuration;

use crate::head::Head;
use crate::refusal;

/// One of the budgets that GitHub counts apart from each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resource {
    /// That of the REST API.
    Core,
    /// That of GraphQL.
    GraphQl,
}

impl Resource {
    /// GitHub's word in `X-RateLimit-Resource`.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Core => "core",
            Self::GraphQl => "graphql",
        }
    }
}

/// The state of the hourly limit, by the server's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Requests an hour.
    pub limit: u64,
    /// Requests that are left.
    pub remaining: u64,
    /// When they are all there again.
    pub reset_at: Timestamp,
}

/// Two answers whose resets lie so close together speak of the same hour.
const SAME_HOUR: SignedDuration = SignedDuration::from_secs(5);

/// What GitHub asks for where it does not say how long: at least a minute.
const UNNAMED_WAIT: SignedDuration = SignedDuration::from_secs(60);

/// What is left of the hour, as far as answers have told, and what of it is ours to spend.
#[derive(Debug)]
pub(crate) struct Budget {
    known: Option<Known>,
    /// The part of the hour's limit that this client spends at most.
    share: f64,
    /// What this client spent since the hour began; where the hour is over, since then.
    spent: u64,
}

#[derive(Debug, Clone, Copy)]
struct Known {
    rate: Rate,
    /// The reset on the clock that measures waiting.
    resets: Duration,
    /// That moment has come, and no answer has told of the next hour yet.
    is_over: bool,
}

/// How many requests may be under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Left {
    /// Nobody knows.
    Unknown,
    /// So many.
    Some(u64),
    /// None before this moment.
    None(Timestamp),
    /// None of this client's share before this moment.
    ShareSpent(Timestamp),
}

impl Budget {
    /// `share` is more than 0 and at most 1.
    pub(crate) fn new(share: f64) -> Self {
        Self {
            known: None,
            share,
            spent: 0,
        }
    }

    /// Notes that so many points of this client were counted, or may have been; what the answer
    /// says is taken in before.
    pub(crate) fn spend(&mut self, points: u64, now: Duration) {
        self.turn_hour(now);
        self.spent = self.spent.saturating_add(points);
    }

    /// Begins to count anew where the hour is over by now.
    fn turn_hour(&mut self, now: Duration) {
        let over = |known: &&mut Known| !known.is_over && known.resets <= now;
        if let Some(known) = self.known.as_mut().filter(over) {
            known.is_over = true;
            self.spent = 0;
        }
    }

    /// Takes in the first word of an hour; what was spent since the one before ended belongs to it.
    fn begin_hour(&mut self, fresh: Known) {
        if self.known.is_some_and(|known| !known.is_over) {
            self.spent = 0;
        }
        self.known = Some(fresh);
    }

    /// The part of a limit that this client may spend in an hour: never nothing, since then it
    /// would stand still for ever.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "limits are thousands, and the share is not negative"
    )]
    fn allowance(&self, limit: u64) -> u64 {
        ((limit as f64 * self.share) as u64).max(1)
    }

    /// Takes in what an answer made at `at` says; answers may come out of order.
    pub(crate) fn observe(&mut self, rate: Rate, at: Timestamp, now: Duration) {
        self.turn_hour(now);
        let fresh = Known {
            rate,
            resets: now + until(rate.reset_at, at),
            is_over: false,
        };
        let Some(known) = self.known else {
            return self.begin_hour(fresh);
        };
        let later = rate.reset_at.duration_since(known.rate.reset_at);
        if at >= known.rate.reset_at || later > SAME_HOUR {
            self.begin_hour(fresh);
        } else if later.abs() <= SAME_HOUR {
            self.known = Some(Known {
                rate: Rate {
                    limit: rate.limit,
                    remaining: rate.remaining.min(known.rate.remaining),
                    reset_at: rate.reset_at.max(known.rate.reset_at),
                },
                resets: fresh.resets.max(known.resets),
                is_over: false,
            });
        }
    }

    /// Takes in the server's time: the hour may be over sooner than was reckoned.
    pub(crate) fn tell_time(&mut self, at: Timestamp, now: Duration) {
        if let Some(known) = self
            .known
            .as_mut()
            .filter(|known| known.rate.reset_at <= at)
        {
            known.resets = known.resets.min(now);
        }
        self.turn_hour(now);
    }

    /// The end of the present hour and what may be spent in it, where both are known.
    pub(crate) fn hour(&self) -> Option<(Timestamp, u64)> {
        let known = self.known.filter(|known| !known.is_over)?;
        Some((known.rate.reset_at, self.allowance(known.rate.limit)))
    }

    /// The latest known state.
    pub(crate) fn rate(&self) -> Option<Rate> {
        self.known.map(|known| known.rate)
    }

    /// Whether so many percent of what may be spent in this hour are left, as far as answers have
    /// told.
    pub(crate) fn has_spare(&mut self, percent: u64, now: Duration) -> bool {
        self.turn_hour(now);
        let Some(known) = self.known.filter(|known| !known.is_over) else {
            return true;
        };
        let allowance = self.allowance(known.rate.limit);
        let ours = allowance.saturating_sub(self.spent);
        known.rate.remaining.min(ours) * 100 >= allowance * percent
    }

    /// What is left for a request that costs so many points.
    pub(crate) fn left(&mut self, cost: u64, now: Duration) -> Left {
        self.turn_hour(now);
        let Some(known) = self.known else {
            return Left::Unknown;
        };
        let ours = self.allowance(known.rate.limit).saturating_sub(self.spent);
        if known.is_over {
            // Whoever spent a whole share in answers that never came asks on, one by one.
            return Left::Some(known.rate.limit.min(ours).max(1));
        }
        match known.rate.remaining {
            0 => Left::None(known.rate.reset_at),
            // One request an hour is always allowed, even if it costs more than the share.
            _ if ours < cost && self.spent > 0 => Left::ShareSpent(known.rate.reset_at),
            remaining => Left::Some(remaining.min(ours)),
        }
    }
}

/// The time from `at` to `then`, not below zero.
pub(crate) fn until(then: Timestamp, at: Timestamp) -> Duration {
    then.duration_since(at).try_into().unwrap_or_default()
}

/// Which limit an answer speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limit {
    /// The hourly one is used up.
    Primary {
        /// When to come back.
        until: Option<Timestamp>,
    },
    /// One of those that GitHub does not count out: too many at once, too fast.
    Secondary {
        /// How long GitHub asks to wait, where it says.
        wait: Option<Duration>,
    },
}

impl Limit {
    /// Reads a 403 or 429 to a question of this resource; nothing where it is about permission.
    pub(crate) fn of(head: &Head, message: &str, resource: Resource) -> Option<Self> {
        let message = message.to_ascii_lowercase();
        let is_secondary = is_secondary(&message);
        let speaks_of_limit = message.contains("rate limit");
        let is_primary = !is_secondary
            && (message.contains("api rate limit exceeded")
                || (speaks_of_limit && head.remaining().is_none()));
        // The last request of the hour may be one that is refused for its own reasons.
        let is_used_up = head.remaining() == Some(0) && !refusal::is_permission(&message);
        let at = head.date();
        if is_primary || is_used_up {
            return Some(Self::Primary {
                until: come_back(head, at, resource),
            });
        }
        let is_limit =
            is_secondary || speaks_of_limit || head.status == 429 || head.has_retry_after();
        is_limit.then(|| Self::secondary(head))
    }

    /// Reads an error inside a GraphQL answer, by its type and its words; nothing where it is about
    /// something else.
    ///
    /// *Source*: docs.github.com, "Rate limits and query limits for the GraphQL API".
    pub(crate) fn of_error(head: &Head, word: &str, message: &str) -> Option<Self> {
        let message = message.to_ascii_lowercase();
        if is_secondary(&message) {
            return Some(Self::secondary(head));
        }
        let is_named = matches!(word, "RATE_LIMITED" | "RATE_LIMIT");
        (is_named || message.contains("rate limit")).then(|| Self::Primary {
            until: come_back(head, head.date(), Resource::GraphQl),
        })
    }

    fn secondary(head: &Head) -> Self {
        let wait = head.retry_after(head.date());
        Self::Secondary {
            wait: wait.map(|wait| wait.try_into().unwrap_or_default()),
        }
    }
}

/// Whether GitHub's words (in lower case) are about one of the limits that it does not count out.
fn is_secondary(message: &str) -> bool {
    message.contains("secondary rate limit")
        || message.contains("abuse detection")
        || message.contains("submitted too quickly")
}

/// When the hourly limit lets ask again: the latest of what the headers say, at least a second on.
fn come_back(head: &Head, at: Option<Timestamp>, resource: Resource) -> Option<Timestamp> {
    let reset = head.rate(resource).map(|rate| rate.reset_at);
    let after = |wait| at.and_then(|at| at.checked_add(wait).ok());
    let retry = head.retry_after(at).and_then(after);
    let soonest = after(SignedDuration::from_secs(1));
    match reset.max(retry) {
        Some(then) => Some(then).max(soonest),
        None => after(UNNAMED_WAIT),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + secs).unwrap()
    }

    fn rate(remaining: u64, reset_secs: i64) -> Rate {
        Rate {
            limit: 5000,
            remaining,
            reset_at: at(reset_secs),
        }
    }

    fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    #[test]
    fn answers_out_of_order_keep_the_smaller_rest() {
        let mut budget = Budget::new(1.0);
        budget.observe(rate(10, 100), at(0), secs(0));
        budget.observe(rate(12, 100), at(0), secs(0));
        assert_eq!(budget.left(1, secs(1)), Left::Some(10));
        budget.observe(rate(9, 101), at(1), secs(1));
        assert_eq!(budget.left(1, secs(1)), Left::Some(9));
        // An answer of the hour before says nothing about this one.
        budget.observe(rate(0, 40), at(0), secs(2));
        assert_eq!(budget.left(1, secs(2)), Left::Some(9));
    }

    #[test]
    fn a_new_hour_fills_up() {
        let mut budget = Budget::new(1.0);
        budget.observe(rate(0, 3), at(0), secs(0));
        assert_eq!(budget.left(1, secs(2)), Left::None(at(3)));
        assert_eq!(budget.left(1, secs(3)), Left::Some(5000));
        budget.observe(rate(4999, 6), at(3), secs(3));
        assert_eq!(budget.left(1, secs(3)), Left::Some(4999));
    }

    #[test]
    fn a_share_counts_what_is_ours_and_no_more() {
        let mut budget = Budget::new(0.001);
        budget.spend(1, secs(0));
        budget.observe(rate(4000, 100), at(0), secs(0));
        assert_eq!(budget.left(1, secs(0)), Left::Some(4));
        for _ in 0..3 {
            budget.spend(1, secs(1));
        }
        assert_eq!(budget.left(1, secs(1)), Left::Some(1));
        budget.observe(rate(3, 100), at(1), secs(1));
        budget.spend(1, secs(1));
        assert_eq!(budget.left(1, secs(1)), Left::ShareSpent(at(100)));
        budget.observe(rate(0, 100), at(2), secs(2));
        assert_eq!(budget.left(1, secs(2)), Left::None(at(100)));
        // What is spent between two hours belongs to the later one.
        assert_eq!(budget.left(1, secs(100)), Left::Some(5));
        budget.spend(1, secs(101));
        assert_eq!(budget.left(1, secs(101)), Left::Some(4));
        budget.observe(rate(4999, 3700), at(101), secs(101));
        assert_eq!(budget.left(1, secs(101)), Left::Some(4));
        // An hour that ends sooner than was reckoned begins the count anew.
        budget.observe(rate(4999, 7300), at(3700), secs(200));
        assert_eq!(budget.left(1, secs(200)), Left::Some(5));
    }

    #[test]
    fn a_part_of_the_share_is_kept_from_what_can_wait() {
        let mut budget = Budget::new(0.5);
        let now = Duration::ZERO;
        assert!(budget.has_spare(50, now));
        let rate = |remaining| Rate {
            limit: 100,
            remaining,
            reset_at: at(3600),
        };
        budget.observe(rate(90), at(0), now);
        budget.spend(25, now);
        assert!(budget.has_spare(50, now));
        budget.spend(1, now);
        assert!(!budget.has_spare(50, now));
        assert!(budget.has_spare(10, now));
        // Others spend of the same hour.
        let mut budget = Budget::new(0.5);
        budget.observe(rate(24), at(0), now);
        assert!(!budget.has_spare(50, now));
        assert!(budget.has_spare(50, Duration::from_secs(3600)));
    }

    #[test]
    fn the_smallest_share_is_one_request() {
        let mut budget = Budget::new(1e-9);
        budget.observe(rate(5000, 100), at(0), secs(0));
        assert_eq!(budget.left(1, secs(0)), Left::Some(1));
    }

    #[test]
    fn the_servers_time_ends_the_hour() {
        let mut budget = Budget::new(1.0);
        budget.observe(rate(0, 1000), at(0), secs(0));
        budget.tell_time(at(999), secs(1));
        assert_eq!(budget.left(1, secs(1)), Left::None(at(1000)));
        budget.tell_time(at(1000), secs(2));
        assert_eq!(budget.left(1, secs(2)), Left::Some(5000));
    }

    fn check(status: u16, headers: &[(&str, &str)], message: &str, expected: Option<Limit>) {
        let mut map = HeaderMap::new();
        let date = ("date", "Sun, 06 Nov 1994 08:49:37 GMT");
        for (name, value) in headers.iter().chain([&date]) {
            let name: HeaderName = name.parse().unwrap();
            map.append(name, HeaderValue::from_str(value).unwrap());
        }
        let head = Head {
            status,
            headers: map,
        };
        assert_eq!(
            Limit::of(&head, message, Resource::Core),
            expected,
            "{status} {message}"
        );
    }

    #[test]
    fn a_403_is_a_limit_only_where_something_says_so() {
        let date: Timestamp = "1994-11-06T08:49:37Z".parse().unwrap();
        let reset = date.as_second() + 100;
        let reset_text = reset.to_string();
        let used_up = [
            ("x-ratelimit-limit", "60"),
            ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-reset", &*reset_text),
        ];
        let until = Timestamp::from_second(reset).ok();
        let primary = Some(Limit::Primary { until });
        let secondary = |wait: Option<u64>| {
            Some(Limit::Secondary {
                wait: wait.map(secs),
            })
        };
        let minute = date.checked_add(SignedDuration::from_secs(60)).ok();
        let exceeded = "API rate limit exceeded for user ID 1.";
        check(403, &used_up, exceeded, primary);
        check(429, &used_up, "", primary);
        check(403, &used_up, "You have no more requests", primary);
        check(403, &used_up, "Must have push access to repository", None);
        check(403, &[], "Must have push access to repository", None);
        check(403, &[("x-ratelimit-remaining", "7")], "", None);
        check(
            403,
            &[],
            "You have exceeded a secondary rate limit. Please wait a few minutes",
            secondary(None),
        );
        let plenty = [("x-ratelimit-remaining", "7")];
        check(
            403,
            &plenty,
            exceeded,
            Some(Limit::Primary { until: minute }),
        );
        check(403, &plenty, "Some new rate limit", secondary(None));
        let abuse = "You have triggered an abuse detection mechanism";
        check(403, &[("retry-after", "60")], abuse, secondary(Some(60)));
        check(403, &[("retry-after", "7")], "", secondary(Some(7)));
        check(403, &[("retry-after", "soon")], "", secondary(None));
        let dated = [("retry-after", "Sun, 06 Nov 1994 08:50:00 GMT")];
        check(429, &dated, "", secondary(Some(23)));
        check(429, &[], "", secondary(None));
        check(403, &[], exceeded, Some(Limit::Primary { until: minute }));
    }
}
