//! A budget that is spent together with others who ask with the same credential: what of it may be
//! spent here is given from outside, some points at a time.
//!
//! The gate's own log and account stay: they keep the pace within what was given.

use std::time::Duration;

use gitratra_core::Timestamp;

use crate::clock::BoxFuture;
use crate::meter::Price;

/// The first points that are asked for, and the most; so many more each time as are used up.
const HANDFULS: (u32, u32) = (5, 60);
/// Points of the hour that are asked for at once.
const HOURLY: u64 = 25;
/// Where nobody answers, this long until the next try; after so many the question ends.
const AGAIN: Duration = Duration::from_secs(2);
const TRIES: u32 = 3;
/// Two ends of an hour so close together are the same.
const SAME_HOUR: jiff::SignedDuration = jiff::SignedDuration::from_secs(5);

/// Where shares of a budget come from.
pub trait Purse: Send + Sync {
    /// Takes a share. The error is for the log: nothing was given then.
    fn take(&self, want: PurseWant) -> BoxFuture<'_, Result<Share, String>>;

    /// Takes back points of the hour that ends then, which were given and not spent. What cannot be
    /// given back counts as spent until the hour is over.
    fn give_back(
        &self,
        resource: &'static str,
        ends_at: Timestamp,
        points: u64,
    ) -> BoxFuture<'_, ()>;
}

/// What is wanted of a budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PurseWant {
    /// GitHub's word for it: `core` or `graphql`.
    pub resource: &'static str,
    /// Points of the minute.
    pub points: u32,
    /// How many all together may spend in a minute; 0 is any number.
    pub per_minute: u32,
    /// What is wanted of the hour, where its end is known.
    pub hour: Option<HourWant>,
}

/// What is wanted of an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HourWant {
    /// Its end, by GitHub's clock.
    pub ends_at: Timestamp,
    /// Points.
    pub points: u64,
    /// What the next request costs, which the first one of an hour may in any case.
    pub least: u64,
    /// How many all together may spend.
    pub allowance: u64,
}

/// What was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// Points of the minute.
    pub points: u32,
    /// How long those may be kept.
    pub holds: Duration,
    /// When it is worth asking for more, where there were too few.
    pub again_in: Duration,
    /// Points of the hour.
    pub hourly: u64,
    /// What is left of the hour for all, after that.
    pub hour_left: u64,
}

/// What was given of one budget and is not spent yet.
#[derive(Debug)]
pub(crate) struct Ours {
    per_minute: u32,
    points: u32,
    good_until: Duration,
    handful: u32,
    hourly: u64,
    /// Points that were spent before the end of their hour was known; they are asked for afterwards.
    debt: u64,
    hour: Option<Timestamp>,
    hour_left: u64,
    wait_until: Duration,
    failures: u32,
}

/// What keeps a request from being paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lack {
    /// More has to be taken.
    Share,
    /// More has to be taken, but not before this moment.
    Until(Duration),
    /// There is no more in this hour.
    Hour,
}

impl Ours {
    pub(crate) fn new(per_minute: u32) -> Self {
        Self {
            per_minute,
            points: 0,
            good_until: Duration::ZERO,
            handful: HANDFULS.0,
            hourly: 0,
            debt: 0,
            hour: None,
            hour_left: u64::MAX,
            wait_until: Duration::ZERO,
            failures: 0,
        }
    }

    /// What keeps a request from going that costs so much beside what is under way. `hour` is the end
    /// of the present hour, as far as that is known.
    pub(crate) fn lacks(
        &self,
        price: Price,
        reserved: u64,
        hour: Option<Timestamp>,
        now: Duration,
    ) -> Option<Lack> {
        let lacks_hour = self.lacks_hour(price, reserved, hour);
        if lacks_hour && self.is_of(hour) && self.hour_left == 0 {
            return Some(Lack::Hour);
        }
        if !lacks_hour && !self.lacks_points(price, now) {
            return None;
        }
        Some(match self.wait_until > now {
            true => Lack::Until(self.wait_until),
            false => Lack::Share,
        })
    }

    fn lacks_points(&self, price: Price, now: Duration) -> bool {
        let points = price.points.min(self.per_minute);
        points > 0 && (now >= self.good_until || self.points < points)
    }

    fn lacks_hour(&self, price: Price, reserved: u64, hour: Option<Timestamp>) -> bool {
        let is_counted = price.hourly > 0 && hour.is_some();
        is_counted && !(self.is_of(hour) && self.hourly >= reserved + price.hourly)
    }

    fn is_of(&self, hour: Option<Timestamp>) -> bool {
        let both = self.hour.zip(hour);
        both.is_some_and(|(ours, hour)| ours.duration_since(hour).abs() <= SAME_HOUR)
    }

    /// What to ask for. `hour` is the end of the present hour and what all may spend in it.
    pub(crate) fn want(
        &mut self,
        resource: &'static str,
        price: Price,
        reserved: u64,
        hour: Option<(Timestamp, u64)>,
        now: Duration,
    ) -> PurseWant {
        let lacks_points = self.lacks_points(price, now);
        let ends_at = hour.map(|(ends_at, _)| ends_at);
        let hour = hour.filter(|_| self.lacks_hour(price, reserved, ends_at));
        if lacks_points {
            let is_used = now < self.good_until;
            let (first, most) = HANDFULS;
            self.handful = if is_used { self.handful * 2 } else { first };
            self.handful = self.handful.min(most);
        }
        let points = self.handful.max(price.points).min(self.per_minute);
        PurseWant {
            resource,
            points: if lacks_points { points } else { 0 },
            per_minute: self.per_minute,
            hour: hour.map(|(ends_at, allowance)| HourWant {
                ends_at,
                points: HOURLY.max(price.hourly).saturating_add(self.debt),
                least: price.hourly,
                allowance,
            }),
        }
    }

    /// Takes in what was given after asking at `asked`.
    pub(crate) fn take(&mut self, want: PurseWant, share: Share, asked: Duration) {
        self.failures = 0;
        if want.points > 0 {
            let is_kept = asked < self.good_until;
            // What is left of before ends when it would have.
            let (kept, until) = match is_kept && self.points > 0 {
                true => (self.points, self.good_until),
                false => (0, asked + share.holds),
            };
            self.points = kept.saturating_add(share.points);
            self.good_until = until.min(asked + share.holds);
            if share.points == 0 {
                self.wait_until = asked + share.again_in;
            }
        }
        if let Some(hour) = want.hour {
            if !self.is_of(Some(hour.ends_at)) {
                self.hourly = 0;
            }
            self.hour = Some(hour.ends_at);
            let paid = self.debt.min(share.hourly);
            self.debt -= paid;
            self.hourly = self.hourly.saturating_add(share.hourly - paid);
            self.hour_left = match share.hourly {
                0 => 0,
                _ => share.hour_left,
            };
        }
    }

    /// Notes that nobody gave anything. True where that is no use any more.
    pub(crate) fn fail(&mut self, now: Duration) -> bool {
        self.failures += 1;
        self.wait_until = now + AGAIN;
        let is_over = self.failures >= TRIES;
        if is_over {
            self.failures = 0;
        }
        is_over
    }

    /// Notes that a request starts.
    pub(crate) fn start(&mut self, price: Price) {
        self.points = self.points.saturating_sub(price.points);
    }

    /// Notes that so many points of the hour were counted.
    pub(crate) fn spend(&mut self, hourly: u64) {
        let paid = self.hourly.min(hourly);
        self.hourly -= paid;
        self.debt = self.debt.saturating_add(hourly - paid);
    }

    /// Lets go of what was given of the hour and not spent; its end, and how much.
    pub(crate) fn let_go(&mut self) -> Option<(Timestamp, u64)> {
        let left = std::mem::take(&mut self.hourly);
        self.hour.filter(|_| left > 0).map(|hour| (hour, left))
    }

    /// What is left of the hour for whoever asks next, where that is known.
    pub(crate) fn left_of(&self, hour: Option<Timestamp>) -> Option<u64> {
        let left = self.hour_left.saturating_add(self.hourly);
        self.is_of(hour).then_some(left)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::clock::Clock;
    use crate::gate::{Fare, Gate, Stop};
    use crate::limit::{Rate, Resource};

    const ONE: Price = Price {
        points: 1,
        hourly: 1,
    };

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + secs).unwrap()
    }

    /// Waiting on it is over at once.
    #[derive(Default)]
    struct Leap(Mutex<Duration>);

    impl Clock for Leap {
        fn now(&self) -> Duration {
            *self.0.lock().unwrap()
        }

        fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
            *self.0.lock().unwrap() += duration;
            Box::pin(tokio::task::yield_now())
        }
    }

    /// Gives what it has, and no more.
    struct Coins {
        points: AtomicU32,
        hourly: AtomicU32,
        is_there: bool,
        asked: Mutex<Vec<PurseWant>>,
    }

    impl Coins {
        fn of(points: u32, hourly: u32) -> Self {
            Self {
                points: points.into(),
                hourly: hourly.into(),
                is_there: true,
                asked: Mutex::default(),
            }
        }
    }

    fn give(from: &AtomicU32, wanted: u32) -> u32 {
        let left = from.load(Ordering::SeqCst);
        let given = left.min(wanted);
        from.store(left - given, Ordering::SeqCst);
        given
    }

    impl Purse for Coins {
        fn take(&self, want: PurseWant) -> BoxFuture<'_, Result<Share, String>> {
            self.asked.lock().unwrap().push(want);
            let hourly = want.hour.map_or(0, |hour| {
                give(&self.hourly, u32::try_from(hour.points).unwrap())
            });
            let share = Share {
                points: give(&self.points, want.points),
                holds: Duration::from_secs(4),
                again_in: Duration::from_secs(30),
                hourly: hourly.into(),
                hour_left: self.hourly.load(Ordering::SeqCst).into(),
            };
            let answer = self.is_there.then_some(share);
            Box::pin(std::future::ready(answer.ok_or_else(|| "gone".to_owned())))
        }

        fn give_back(&self, _: &'static str, _: Timestamp, points: u64) -> BoxFuture<'_, ()> {
            let points = u32::try_from(points).unwrap();
            self.hourly.fetch_add(points, Ordering::SeqCst);
            Box::pin(std::future::ready(()))
        }
    }

    fn gate(purse: &Arc<Coins>) -> (Gate, Arc<Leap>) {
        let clock = Arc::new(Leap::default());
        let purse = Arc::clone(purse) as Arc<dyn Purse>;
        let gate = Gate::new(900, 1.0, 8, clock.clone(), Some(purse));
        (gate, clock)
    }

    /// Sends one after the other, as many as go at once. Returns how many and what ended it.
    async fn send(gate: &Gate, most: u32) -> (u32, Option<Stop>) {
        let fare = Fare {
            resource: Resource::Core,
            price: ONE,
        };
        for sent in 0..most {
            match gate.pass(fare).await {
                Ok(flight) => {
                    gate.spend(&flight);
                    gate.went_well(&flight);
                }
                Err(stop) => return (sent, Some(stop)),
            }
        }
        (most, None)
    }

    #[tokio::test]
    async fn many_points_cost_few_questions() {
        let purse = Arc::new(Coins::of(10_000, 10_000));
        let (gate, _) = gate(&purse);
        assert_eq!(send(&gate, 300).await, (300, None));
        let asked = purse.asked.lock().unwrap().len();
        assert!(asked <= 9, "{asked}");
    }

    #[tokio::test]
    async fn what_was_given_is_not_kept_for_long() {
        let purse = Arc::new(Coins::of(10_000, 10_000));
        let (gate, clock) = gate(&purse);
        send(&gate, 1).await;
        clock.sleep(Duration::from_secs(4)).await;
        send(&gate, 1).await;
        let wants: Vec<u32> = purse
            .asked
            .lock()
            .unwrap()
            .iter()
            .map(|want| want.points)
            .collect();
        assert_eq!(wants, [5, 5]);
    }

    #[tokio::test]
    async fn where_there_are_no_points_they_are_waited_for() {
        let purse = Arc::new(Coins::of(7, 10_000));
        let (gate, clock) = gate(&purse);
        send(&gate, 7).await;
        assert_eq!(clock.now(), Duration::ZERO);
        let refill = async {
            tokio::task::yield_now().await;
            purse.points.store(100, Ordering::SeqCst);
        };
        let (sent, ()) = tokio::join!(send(&gate, 1), refill);
        assert_eq!(sent, (1, None));
        assert!(clock.now() >= Duration::from_secs(30), "{:?}", clock.now());
    }

    #[tokio::test]
    async fn no_more_of_the_hour_is_spent_than_was_given() {
        let purse = Arc::new(Coins::of(10_000, 60));
        let (gate, _) = gate(&purse);
        let rate = Rate {
            limit: 5000,
            remaining: 4000,
            reset_at: at(3000),
        };
        gate.observe(Some(at(0)), Resource::Core, Some(rate));
        let (sent, stop) = send(&gate, 100).await;
        assert_eq!(sent, 60);
        let until = Some(at(3000));
        let is_share = true;
        assert_eq!(stop, Some(Stop::Limited { until, is_share }));
        assert!(!gate.has_spare(1));
    }

    #[tokio::test]
    async fn what_was_spent_before_the_hour_was_known_counts() {
        let purse = Arc::new(Coins::of(10_000, 60));
        let (gate, _) = gate(&purse);
        assert_eq!(send(&gate, 4).await, (4, None));
        let rate = Rate {
            limit: 5000,
            remaining: 4000,
            reset_at: at(3000),
        };
        gate.observe(Some(at(0)), Resource::Core, Some(rate));
        assert_eq!(send(&gate, 100).await.0, 56);
    }

    #[tokio::test]
    async fn what_was_not_spent_of_the_hour_is_given_back() {
        let purse = Arc::new(Coins::of(10_000, 60));
        let (gate, _) = gate(&purse);
        let rate = Rate {
            limit: 5000,
            remaining: 4000,
            reset_at: at(3000),
        };
        gate.observe(Some(at(0)), Resource::Core, Some(rate));
        assert_eq!(send(&gate, 7).await, (7, None));
        gate.give_back().await;
        assert_eq!(purse.hourly.load(Ordering::SeqCst), 53);
        gate.give_back().await;
        assert_eq!(purse.hourly.load(Ordering::SeqCst), 53);
        // Whoever goes on has to ask for more.
        assert_eq!(send(&gate, 100).await.0, 53);
    }

    #[tokio::test]
    async fn where_nobody_gives_anything_nothing_is_sent() {
        let gone = Coins {
            is_there: false,
            ..Coins::of(10_000, 10_000)
        };
        let purse = Arc::new(gone);
        let (gate, _) = gate(&purse);
        let (sent, stop) = send(&gate, 1).await;
        assert_eq!(sent, 0);
        let (until, is_share) = (None, true);
        assert_eq!(stop, Some(Stop::Limited { until, is_share }));
        assert_eq!(purse.asked.lock().unwrap().len(), 3);
    }
}
