//! A collector with its store and a simulated GitHub, on a clock that does not wait.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gitratra_core::alarm::{Bounds, Message};
use gitratra_core::{Day, Metric, Pattern, RepoId, Rules};
use gitratra_github::{
    ApiUrl, BoxFuture, Client, Clock, Credential, Options, Purse, RetryPolicy, SecretString,
    TokioClock,
};
use gitratra_sim::{Limits, Sim, SimBuilder, Time, Timing};
use gitratra_store::Store;
use gitratra_sync::{
    Asker, AskerKind, AskerSource, Collector, CollectorError, Messenger, SharedPurse, Status,
    Terms, Watch,
};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::place::Place;

/// Waiting on this clock moves the simulated one, at once. At its end it stops the collector.
pub(crate) struct LeapClock {
    sim: Arc<Sim>,
    began: i64,
    /// What has passed of the present second.
    part: Mutex<Duration>,
    end: i64,
    stop: CancellationToken,
}

impl Clock for LeapClock {
    fn now(&self) -> Duration {
        let secs = u64::try_from(self.sim.now().secs() - self.began).unwrap();
        Duration::from_secs(secs) + *self.part.lock().unwrap()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            // Whatever can go on without time passing goes first.
            tokio::task::yield_now().await;
            let whole = {
                let mut part = self.part.lock().unwrap();
                *part += duration;
                let whole = part.as_secs();
                *part -= Duration::from_secs(whole);
                i64::try_from(whole).unwrap()
            };
            if self.sim.now().secs() + whole < self.end {
                self.sim.advance_secs(whole);
                return;
            }
            self.sim.set_clock(Time::from_secs(self.end));
            self.stop.cancel();
            std::future::pending::<()>().await;
        })
    }
}

/// The tokens that the collector may use, which a test may change while it runs.
pub(crate) struct Tokens {
    url: String,
    tokens: Mutex<Vec<String>>,
    /// What the operator calls any of them; otherwise each is called by itself.
    pub(crate) label: Option<&'static str>,
    clock: Mutex<Option<Arc<dyn Clock>>>,
    share: f64,
    points: u32,
    /// Where several processes spend one budget.
    sharing: Option<(Store, Terms)>,
}

impl Tokens {
    pub(crate) fn set(&self, tokens: &[&str]) {
        *self.tokens.lock().unwrap() = tokens.iter().map(ToString::to_string).collect();
    }

    /// The same tokens in another process, which waits by this clock.
    pub(crate) fn elsewhere(&self, clock: Arc<dyn Clock>, store: &Store, terms: &Terms) -> Self {
        Self {
            url: self.url.clone(),
            tokens: Mutex::new(self.tokens.lock().unwrap().clone()),
            label: self.label,
            clock: Mutex::new(Some(clock)),
            share: self.share,
            points: self.points,
            sharing: Some((store.clone(), terms.clone())),
        }
    }

    /// The same by another way to GitHub.
    pub(crate) fn by_way_of(self, url: &str) -> Self {
        Self {
            url: url.to_owned(),
            ..self
        }
    }

    fn purse(&self, fingerprint: &str) -> Option<Arc<dyn Purse>> {
        let (store, terms) = self.sharing.clone()?;
        Some(Arc::new(SharedPurse::new(
            store,
            terms,
            fingerprint.to_owned(),
        )))
    }

    pub(crate) fn asker(&self, token: &str) -> Asker {
        let credential = Credential::Token(SecretString::from(token.to_owned()));
        let fingerprint = credential.fingerprint();
        let clock = self.clock.lock().unwrap().clone().unwrap();
        let client = Client::new(Options {
            retry: RetryPolicy {
                seed: Some(1),
                ..RetryPolicy::default()
            },
            clock,
            rate_share: self.share,
            purse: self.purse(&fingerprint),
            points_per_minute: self.points,
            ..Options::new(ApiUrl::parse(&self.url).unwrap(), credential)
        });
        Asker {
            label: self.label.unwrap_or(token).to_owned(),
            client: client.unwrap(),
            fingerprint,
            kind: AskerKind::Person,
        }
    }
}

impl AskerSource for Tokens {
    fn askers<'a>(&'a self, known: &'a [Asker]) -> BoxFuture<'a, Result<Vec<Asker>, String>> {
        Box::pin(async move {
            let tokens = self.tokens.lock().unwrap().clone();
            let asker = |token: &String| {
                let print = Credential::Token(SecretString::from(token.clone())).fingerprint();
                let kept = known.iter().find(|asker| asker.fingerprint == print);
                kept.cloned().unwrap_or_else(|| self.asker(token))
            };
            Ok(tokens.iter().map(asker).collect())
        })
    }
}

/// Keeps the messages that it is given to send.
#[derive(Default)]
pub(crate) struct Letters {
    pub(crate) sent: Mutex<Vec<Message>>,
}

impl Messenger for Letters {
    fn send<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(async move {
            self.sent.lock().unwrap().push(message.clone());
            Ok(())
        })
    }
}

pub(crate) struct House {
    pub(crate) sim: Arc<Sim>,
    pub(crate) store: Store,
    pub(crate) tokens: Tokens,
    pub(crate) status: Status,
    pub(crate) letters: Letters,
    pub(crate) receivers: Vec<gitratra_core::alarm::Receiver>,
    /// Whose workflow runs are counted.
    pub(crate) runs_of: Rules,
    began: Time,
    pub(crate) place: Place,
}

pub(crate) const TOKEN: &str = "ghp_test";

impl House {
    pub(crate) async fn new(share: f64, build: impl FnOnce(SimBuilder) -> SimBuilder) -> Self {
        Self::at(Place::file(), share, build).await
    }

    /// With its store in this place.
    pub(crate) async fn at(
        place: Place,
        share: f64,
        build: impl FnOnce(SimBuilder) -> SimBuilder,
    ) -> Self {
        let limits = Limits::default().timing(Timing::Clock);
        let sim = Sim::builder()
            .at("2026-03-10T12:00:00Z")
            .log_capacity(0)
            .limits(limits);
        let sim = Arc::new(build(sim).start().await);
        Self {
            tokens: Tokens {
                url: sim.url(),
                tokens: Mutex::new(vec![TOKEN.to_owned()]),
                label: None,
                clock: Mutex::new(None),
                share,
                points: 900,
                sharing: None,
            },
            began: sim.now(),
            sim,
            store: Store::open(&place.location()).await.unwrap(),
            status: Status::default(),
            letters: Letters::default(),
            receivers: Vec::new(),
            runs_of: Rules::default(),
            place,
        }
    }

    pub(crate) async fn track(&self, patterns: &[&str]) {
        let patterns: Vec<Pattern> = patterns.iter().map(|text| text.parse().unwrap()).collect();
        self.store.add_rules(&patterns).await.unwrap();
    }

    /// Runs the collector until that time of the simulated clock.
    pub(crate) async fn collect_until(&self, end: impl Into<Time>) {
        self.try_until(end).await.unwrap();
    }

    pub(crate) async fn try_until(&self, end: impl Into<Time>) -> Result<(), CollectorError> {
        let end: Time = end.into();
        let stop = CancellationToken::new();
        let clock = Arc::new(LeapClock {
            sim: Arc::clone(&self.sim),
            began: self.sim.now().secs(),
            part: Mutex::new(Duration::ZERO),
            end: end.secs(),
            stop: stop.clone(),
        });
        *self.tokens.clock.lock().unwrap() = Some(Arc::clone(&clock) as Arc<dyn Clock>);
        let real = Arc::new(TokioClock::new());
        let terms = Terms::new("test".into(), "here".into(), real);
        let mut collector = Collector::new(gitratra_sync::House {
            store: &self.store,
            copier: None,
            warehouse: None,
            source: &self.tokens,
            clock,
            watch: Watch {
                bounds: Bounds::default(),
                receivers: self.receivers.clone(),
                messenger: &self.letters,
            },
            status: self.status.clone(),
            jobs: 8,
            runs_of: self.runs_of.clone(),
            terms: &terms,
            stop,
            doubt_time: Arc::new(Notify::new()),
        });
        collector.run().await
    }

    /// Makes a single pass.
    pub(crate) async fn pass(&self) {
        let report = self.pass_of(gitratra_sync::Ask::Due, None, &|_| {}).await;
        assert_eq!(report.ended, gitratra_sync::Ended::Done);
    }

    /// Makes a single pass, with others or alone.
    pub(crate) async fn pass_of(
        &self,
        ask: gitratra_sync::Ask,
        terms: Option<Terms>,
        on_event: &(dyn Fn(gitratra_sync::Event) + Sync),
    ) -> gitratra_sync::Report {
        let stop = CancellationToken::new();
        *self.tokens.clock.lock().unwrap() = Some(Arc::new(LeapClock {
            sim: Arc::clone(&self.sim),
            began: self.sim.now().secs(),
            part: Mutex::new(Duration::ZERO),
            end: i64::MAX,
            stop: stop.clone(),
        }));
        let askers = self.tokens.askers(&[]).await.unwrap();
        let options = gitratra_sync::Options {
            ask,
            jobs: 8,
            runs_of: self.runs_of.clone(),
            is_dry_run: false,
            waits_for_limit: true,
            terms,
            interrupt: stop,
        };
        let report = gitratra_sync::run(&askers, &self.store, &options, on_event).await;
        report.unwrap()
    }

    /// Runs the collector so many days on.
    pub(crate) async fn collect_days(&self, days: i64) {
        let end = self.sim.now().plus_secs(days * 86_400);
        self.collect_until(end).await;
    }

    /// The machine is off.
    pub(crate) fn sleep_days(&self, days: i64) {
        self.sim.advance_days(days);
    }

    /// Every day of every repository that was published since the start (and in the window then)
    /// and is not held as it was, as `name metric day`.
    pub(crate) async fn losses(&self, ids: &[u64]) -> BTreeSet<String> {
        self.losses_since(ids, self.began.day().plus(-14)).await
    }

    /// The same from a day on.
    pub(crate) async fn losses_since(
        &self,
        ids: &[u64],
        first: impl Into<gitratra_sim::Day>,
    ) -> BTreeSet<String> {
        let first = first.into();
        let mut lost = BTreeSet::new();
        for id in ids {
            let held = self.store.days(RepoId(*id), None).await.unwrap();
            for (metric, theirs) in [
                (Metric::Views, gitratra_sim::Metric::Views),
                (Metric::Clones, gitratra_sim::Metric::Clones),
            ] {
                let newest = self.sim.newest(*id, theirs);
                let mut day = first;
                while day <= newest {
                    let ours = Day::from_epoch_days(day.number().into()).unwrap();
                    let row = held.iter().find(|row| row.day == ours);
                    let value = row.and_then(|row| row.value(metric));
                    let held =
                        value.map(|value| (value.count.count(), value.count.uniques().get()));
                    if held != Some(self.sim.truth(*id, theirs, day)) {
                        lost.insert(format!("{id} {metric} {day}: {held:?}"));
                    }
                    day = day.plus(1);
                }
            }
        }
        lost
    }

    /// Numbers of the repositories of a fleet.
    pub(crate) fn ids(&self) -> Vec<u64> {
        self.sim.requests_by_repo().into_keys().collect()
    }
}
