//! Who may send, and when: everything that holds a request back, in one place.
//!
//! A request passes the gate before each sending and stays counted until its [`Flight`] is dropped,
//! so a future that is dropped half-way leaves the numbers right.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use gitratra_core::Timestamp;
use tokio::sync::{Notify, Semaphore, SemaphorePermit};

use crate::clock::Clock;
use crate::failure::Hint;
use crate::limit::{Rate, Resource, until};
use crate::meter::{Hold, Meter, Price, Until};
use crate::purse::Purse;

/// Where GitHub asks to slow down without saying for how long; each further time twice as long.
const FIRST_PAUSE: Duration = Duration::from_secs(60);
/// A pause longer than this is not waited for.
const LONGEST_PAUSE: Duration = Duration::from_mins(15);

/// Points a minute that GitHub allows for GraphQL; a query counts one.
///
/// *Source*: docs.github.com, "Rate limits for the REST API", secondary rate limits.
const MOST_QUERIES: u32 = 2000;

/// The gate of one client.
pub(crate) struct Gate {
    state: Mutex<State>,
    changed: Notify,
    slots: Semaphore,
    purse: Option<Arc<dyn Purse>>,
    /// One at a time asks for more to spend.
    taking: tokio::sync::Mutex<()>,
    clock: Arc<dyn Clock>,
}

/// Why nothing is sent any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The credential was refused.
    Unauthorized(Refusal),
    /// A limit is used up.
    Limited {
        /// Until then, by the server's clock.
        until: Option<Timestamp>,
        /// Not the limit itself, but this client's share of it.
        is_share: bool,
    },
}

/// How the credential was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: Option<u16>,
    /// GitHub's words.
    pub(crate) message: String,
    pub(crate) hint: Hint,
}

/// What a request costs, and of which budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fare {
    pub(crate) resource: Resource,
    pub(crate) price: Price,
}

#[derive(Debug)]
struct State {
    core: Meter,
    graphql: Meter,
    in_flight: u64,
    /// While it is unknown how the server takes requests, they go one by one: at the start, when
    /// the budget is unknown, and after GitHub asked to slow down.
    is_trial: bool,
    refused: Option<Refusal>,
    /// As a used-up hour, but for both budgets, and for questions that cost nothing as well.
    banned: Option<Until>,
    pause: Pause,
    /// The server's time of the latest answer, and when that came.
    server: Option<(Timestamp, Duration)>,
}

#[derive(Debug, Default)]
struct Pause {
    until: Duration,
    /// When GitHub last asked to slow down; answers to requests sent before are the same event.
    asked: Option<Duration>,
    /// How often it asked since requests last went well.
    times: u32,
}

enum Verdict {
    Go,
    Refuse(Stop),
    WaitUntil(Duration),
    WaitForAnswer,
    /// Nothing is left to spend of what was given.
    Take,
}

/// A request under way.
pub(crate) struct Flight<'a> {
    gate: &'a Gate,
    /// When it passed the gate.
    pub(crate) started: Duration,
    fare: Fare,
    _slot: SemaphorePermit<'a>,
}

impl Gate {
    /// At most `points_per_minute` of each of the two APIs.
    pub(crate) fn new(
        points_per_minute: u32,
        rate_share: f64,
        concurrency: usize,
        clock: Arc<dyn Clock>,
        purse: Option<Arc<dyn Purse>>,
    ) -> Self {
        let of = |points: u32| {
            let mut meter = Meter::new(points, rate_share);
            if purse.is_some() {
                meter.share(points);
            }
            meter
        };
        Self {
            state: Mutex::new(State {
                core: of(points_per_minute),
                graphql: of(points_per_minute.min(MOST_QUERIES)),
                in_flight: 0,
                is_trial: true,
                refused: None,
                banned: None,
                pause: Pause::default(),
                server: None,
            }),
            changed: Notify::new(),
            slots: Semaphore::new(concurrency),
            purse,
            taking: tokio::sync::Mutex::new(()),
            clock,
        }
    }

    /// The same where GitHub's minute takes so long on the clock that measures waiting.
    pub(crate) fn with_minute(self, minute: Duration) -> Self {
        let mut state = self.state();
        state.core.set_minute(minute);
        state.graphql.set_minute(minute);
        drop(state);
        self
    }

    /// Waits until a request may be sent.
    pub(crate) async fn pass(&self, fare: Fare) -> Result<Flight<'_>, Stop> {
        let slot = self
            .slots
            .acquire()
            .await
            .expect("the slots are never closed");
        loop {
            // Listening starts before looking, so that no change in between is missed.
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            let now = self.clock.now();
            let verdict = self.state().verdict(fare, now);
            match verdict {
                Verdict::Go => {
                    return Ok(Flight {
                        gate: self,
                        started: now,
                        fare,
                        _slot: slot,
                    });
                }
                Verdict::Refuse(stop) => return Err(stop),
                Verdict::WaitForAnswer => changed.await,
                Verdict::Take => self.take_share(fare).await?,
                Verdict::WaitUntil(then) => {
                    tokio::select! {
                        () = self.clock.sleep(then.saturating_sub(now)) => {}
                        () = changed => {}
                    }
                }
            }
        }
    }

    /// Has more given to spend.
    async fn take_share(&self, fare: Fare) -> Result<(), Stop> {
        let _alone = self.taking.lock().await;
        let Fare { resource, price } = fare;
        let asked = self.clock.now();
        let want = self
            .state()
            .meter(resource)
            .want(resource.word(), price, asked);
        let (Some(want), Some(purse)) = (want, &self.purse) else {
            // Another request had it done meanwhile.
            return Ok(());
        };
        let share = purse.take(want).await;
        let share = share.map_err(|why| tracing::warn!("{why}")).ok();
        let now = self.clock.now();
        let mut state = self.state();
        let is_no_use = state.meter(resource).give(want, share, asked, now);
        drop(state);
        self.changed.notify_waiters();
        match is_no_use {
            true => Err(Stop::Limited {
                until: None,
                is_share: true,
            }),
            false => Ok(()),
        }
    }

    /// Gives back what was given of the hour and not spent, so that others may spend it.
    pub(crate) async fn give_back(&self) {
        let Some(purse) = &self.purse else { return };
        for resource in [Resource::Core, Resource::GraphQl] {
            let left = self.state().meter(resource).let_go();
            if let Some((ends_at, points)) = left {
                purse.give_back(resource.word(), ends_at, points).await;
            }
        }
    }

    /// Takes in the time of an answer, and what it says of the limit of a resource.
    pub(crate) fn observe(&self, at: Option<Timestamp>, resource: Resource, rate: Option<Rate>) {
        let now = self.clock.now();
        let mut state = self.state();
        if let Some(at) = at {
            state.server = Some((at, now));
            // The server's word is nearer the truth than a wait measured here.
            let is_over = |until: &mut Until| until.server.is_some_and(|then| then <= at);
            state.banned.take_if(is_over);
            let State { core, graphql, .. } = &mut *state;
            for meter in [core, graphql] {
                meter.exhausted.take_if(is_over);
                meter.budget.tell_time(at, now);
            }
        }
        if let (Some(rate), Some(at)) = (rate, at.or_else(|| state.server_now(now))) {
            state.meter(resource).budget.observe(rate, at, now);
        }
    }

    /// Notes that a request was taken well: others may go side by side.
    pub(crate) fn went_well(&self, flight: &Flight<'_>) {
        let mut state = self.state();
        state.meter(flight.fare.resource).is_no_longer_new();
        if state.pause.asked.is_none_or(|asked| flight.started > asked) {
            state.is_trial = false;
            state.pause.times = 0;
        }
    }

    /// Notes that no answer came, which says nothing about how the server takes requests, but must
    /// not hold up the others.
    pub(crate) fn had_no_answer(&self, flight: &Flight<'_>) {
        let mut state = self.state();
        state.meter(flight.fare.resource).is_no_longer_new();
        if state.pause.asked.is_none() {
            state.is_trial = false;
        }
    }

    /// Notes that a request was counted against the hour, or may have been.
    pub(crate) fn spend(&self, flight: &Flight<'_>) {
        let Fare { resource, price } = flight.fare;
        self.spend_points(resource, price.hourly);
    }

    /// Notes that so many points of the hour were counted.
    pub(crate) fn spend_points(&self, resource: Resource, points: u64) {
        let now = self.clock.now();
        self.state().meter(resource).spend(points, now);
    }

    /// Notes that the credential was refused.
    pub(crate) fn refuse(&self, refusal: Refusal) {
        self.state().refused = Some(refusal);
        self.changed.notify_waiters();
    }

    /// Notes that the hourly limit is used up and gives when to come back: later each time where
    /// waiting has not helped, as when the reset that a server names has passed already.
    pub(crate) fn exhaust(
        &self,
        flight: &Flight<'_>,
        until: Option<Timestamp>,
    ) -> Option<Timestamp> {
        let now = self.clock.now();
        let mut state = self.state();
        let resource = flight.fare.resource;
        let wait = state.meter(resource).meet_end(flight.started, now);
        let until = until.map(|until| {
            state
                .server_now(now + wait)
                .max(Some(until))
                .unwrap_or(until)
        });
        state.meter(resource).exhausted = Some(state.moment(until, now));
        drop(state);
        self.changed.notify_waiters();
        until
    }

    /// Notes that a request that counts was answered with a value.
    pub(crate) fn had_value(&self, flight: &Flight<'_>) {
        self.state().meter(flight.fare.resource).had_value();
    }

    /// Notes that GitHub asked to slow down and gives the pause that follows. The error is the
    /// moment of coming back where that is too far away to wait for, or where waiting has not
    /// helped.
    pub(crate) fn slow_down(
        &self,
        flight: &Flight<'_>,
        wait: Option<Duration>,
        is_last: bool,
    ) -> Result<Duration, Option<Timestamp>> {
        let now = self.clock.now();
        let mut state = self.state();
        if state.pause.asked.is_none_or(|asked| flight.started > asked) {
            state.pause.asked = Some(now);
            state.pause.times += 1;
        }
        let doublings = state.pause.times.saturating_sub(1).min(16);
        let wait = wait.unwrap_or(FIRST_PAUSE * (1 << doublings));
        let wait = wait.max(Duration::from_secs(1));
        state.is_trial = true;
        state.pause.until = state.pause.until.max(now + wait);
        let pause = state.pause.until - now;
        let result = if is_last || pause > LONGEST_PAUSE {
            let server = state.server_now(now + pause);
            let here = now + pause;
            state.banned = Some(Until { server, here });
            Err(server)
        } else {
            Ok(pause)
        };
        drop(state);
        self.changed.notify_waiters();
        result
    }

    /// Counts points of REST that were spent elsewhere within the last minute.
    pub(crate) fn preload(&self, points: u32) {
        let now = self.clock.now();
        self.state().core.preload(points, now);
    }

    /// The latest known state of the hourly limit of REST.
    pub(crate) fn rate(&self) -> Option<Rate> {
        self.state().core.budget.rate()
    }

    /// Whether so many percent of the hour's requests that may be sent are left.
    pub(crate) fn has_spare(&self, percent: u64) -> bool {
        let now = self.clock.now();
        self.state().core.has_spare(percent, now)
    }

    /// The server's time now, reckoned from its latest answer.
    pub(crate) fn server_now(&self) -> Option<Timestamp> {
        let now = self.clock.now();
        self.state().server_now(now)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No step of the state can be left half done, so a panic elsewhere does not spoil it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        let now = self.gate.clock.now();
        let mut state = self.gate.state();
        state.in_flight -= 1;
        let Fare { resource, price } = self.fare;
        state.meter(resource).end(price, now);
        drop(state);
        self.gate.changed.notify_waiters();
    }
}

impl State {
    /// Decides about one request, and counts it where it goes.
    fn verdict(&mut self, fare: Fare, now: Duration) -> Verdict {
        let Fare { resource, price } = fare;
        if let Some(refusal) = &self.refused {
            return Verdict::Refuse(Stop::Unauthorized(refusal.clone()));
        }
        let is_ahead = |until: &Until| until.here > now;
        let exhausted = self.meter(resource).exhausted;
        let exhausted = exhausted.filter(|_| price.hourly > 0);
        if let Some(until) = self.banned.into_iter().chain(exhausted).find(is_ahead) {
            let (until, is_share) = (until.server, false);
            return Verdict::Refuse(Stop::Limited { until, is_share });
        }
        if self.pause.until > now {
            return Verdict::WaitUntil(self.pause.until);
        }
        if self.is_trial && self.in_flight > 0 {
            return Verdict::WaitForAnswer;
        }
        match self.meter(resource).hold(price, now) {
            None => {}
            Some(Hold::At(then)) => return Verdict::WaitUntil(then),
            Some(Hold::AfterAnswer) => return Verdict::WaitForAnswer,
            Some(Hold::Unpaid) => return Verdict::Take,
            Some(Hold::UsedUp { until, is_share }) => {
                let until = Some(until);
                return Verdict::Refuse(Stop::Limited { until, is_share });
            }
        }
        self.meter(resource).start(price);
        self.in_flight += 1;
        Verdict::Go
    }

    fn meter(&mut self, resource: Resource) -> &mut Meter {
        match resource {
            Resource::Core => &mut self.core,
            Resource::GraphQl => &mut self.graphql,
        }
    }

    fn server_now(&self, now: Duration) -> Option<Timestamp> {
        let (at, came) = self.server?;
        at.checked_add(now.saturating_sub(came)).ok()
    }

    fn moment(&self, server: Option<Timestamp>, now: Duration) -> Until {
        let wait = server
            .zip(self.server_now(now))
            .map_or(FIRST_PAUSE, |(then, at)| until(then, at));
        Until {
            server,
            here: now + wait,
        }
    }
}
