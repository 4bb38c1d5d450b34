//! Several collectors over one store, on either engine: each a process that may be frozen, killed or
//! cut off, on a clock that all of them share.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use gitratra_core::Rules;
use gitratra_core::alarm::{Bounds, Receiver};
use gitratra_github::{BoxFuture, Clock};
use gitratra_sim::{Right, Sim, Time, TokenSpec};
use gitratra_store::{Location, Store};
use gitratra_sync::{Collector, CollectorError, Status, Terms, Watch};
use tokio::sync::{Notify, oneshot};
use tokio_util::sync::CancellationToken;

use crate::house::{House, Letters, TOKEN, Tokens};
use crate::place::Place;

/// A clock that several share: time passes once nobody has anything to do any more, and then to the
/// first moment that somebody waits for.
pub(crate) struct QuietClock {
    sim: Arc<Sim>,
    began: Time,
    passed: Mutex<Duration>,
    sleepers: Mutex<Vec<(Duration, oneshot::Sender<()>)>>,
    /// How often anybody looked at it.
    looks: AtomicU64,
    /// The server of the store, which tells whether it has something to do.
    server: Option<tokio_postgres::Client>,
}

impl QuietClock {
    pub(crate) async fn new(house: &House) -> Arc<Self> {
        Arc::new(Self {
            sim: Arc::clone(&house.sim),
            began: house.sim.now(),
            passed: Mutex::default(),
            sleepers: Mutex::default(),
            looks: AtomicU64::new(0),
            server: house.place.connection().await,
        })
    }

    /// Lets time pass until then.
    pub(crate) async fn run_until(&self, end: Time) {
        const QUIET: Duration = Duration::from_millis(4);
        let signs = || (self.looks.load(Ordering::SeqCst), self.sim.counters().total);
        while self.sim.now().secs() < end.secs() {
            let (before, began) = (signs(), Instant::now());
            tokio::time::sleep(QUIET).await;
            // Where that woke up late others may not have been let go on either.
            let is_late = began.elapsed() > QUIET * 2;
            if !is_late && signs() == before && !self.is_server_busy().await && signs() == before {
                self.leap();
            }
        }
    }

    /// Lets time pass as long as something goes on, which may be a month.
    pub(crate) async fn run_while<T>(&self, work: impl Future<Output = T>) -> T {
        let end = self.sim.now().plus_secs(31 * 86_400);
        tokio::select! {
            done = work => done,
            () = self.run_until(end) => panic!("it never ends"),
        }
    }

    /// Whether somebody else is in the middle of something with the server. Who was frozen in it is
    /// not waited for.
    async fn is_server_busy(&self) -> bool {
        const QUESTION: &str = "
            select count(*)
            from pg_stat_activity
            where datname = current_database()
            and pid <> pg_backend_pid()
            and (
                state = 'active'
                or (
                    state like 'idle in transaction%'
                    and clock_timestamp() - state_change < interval '50 milliseconds'
                )
            )";
        let Some(server) = &self.server else {
            return false;
        };
        let row = server.query_one(QUESTION, &[]).await.unwrap();
        row.get::<_, i64>(0) > 0
    }

    /// Waits until that much time has passed.
    pub(crate) async fn pass(&self, secs: i64) {
        let end = self.sim.now().plus_secs(secs);
        while self.sim.now().secs() < end.secs() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    fn leap(&self) {
        let mut sleepers = self.sleepers.lock().unwrap();
        sleepers.retain(|(_, wake)| !wake.is_closed());
        let Some(first) = sleepers.iter().map(|(at, _)| *at).min() else {
            return;
        };
        let mut passed = self.passed.lock().unwrap();
        *passed = first.max(*passed);
        let secs = i64::try_from(passed.as_secs()).unwrap();
        self.sim.set_clock(self.began.plus_secs(secs));
        let all = std::mem::take(&mut *sleepers);
        let (due, later): (Vec<_>, Vec<_>) = all.into_iter().partition(|(at, _)| *at <= *passed);
        *sleepers = later;
        for (_, wake) in due {
            let _ = wake.send(());
        }
    }
}

impl Clock for QuietClock {
    fn now(&self) -> Duration {
        self.looks.fetch_add(1, Ordering::SeqCst);
        *self.passed.lock().unwrap()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let (wake, woken) = oneshot::channel();
            let at = self.now() + duration;
            self.sleepers.lock().unwrap().push((at, wake));
            let _ = woken.await;
        })
    }
}

/// What a process may suffer.
#[derive(Default)]
pub(crate) struct Fate {
    is_frozen: AtomicBool,
    is_killed: AtomicBool,
    waker: Mutex<Option<Waker>>,
}

impl Fate {
    pub(crate) fn freeze(&self) {
        self.is_frozen.store(true, Ordering::SeqCst);
    }

    pub(crate) fn thaw(&self) {
        self.is_frozen.store(false, Ordering::SeqCst);
        self.wake();
    }

    pub(crate) fn kill(&self) {
        self.is_killed.store(true, Ordering::SeqCst);
        self.wake();
    }

    fn wake(&self) {
        if let Some(waker) = self.waker.lock().unwrap().take() {
            waker.wake();
        }
    }
}

/// A process: nothing of it goes on while it is frozen, and nothing is tidied up when it is killed.
pub(crate) struct Process<'a> {
    work: Option<Pin<Box<dyn Future<Output = ()> + Send + 'a>>>,
    fate: Arc<Fate>,
}

impl Future for Process<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        *self.fate.waker.lock().unwrap() = Some(context.waker().clone());
        if self.fate.is_killed.load(Ordering::SeqCst) {
            self.work = None;
        }
        if self.fate.is_frozen.load(Ordering::SeqCst) {
            return Poll::Pending;
        }
        match &mut self.work {
            Some(work) => work.as_mut().poll(context),
            None => Poll::Ready(()),
        }
    }
}

/// One of several collectors.
pub(crate) struct Member {
    name: &'static str,
    pub(crate) store: Store,
    pub(crate) tokens: Tokens,
    pub(crate) terms: Terms,
    clock: Arc<QuietClock>,
    pub(crate) letters: Letters,
    pub(crate) receivers: Vec<Receiver>,
    pub(crate) status: Status,
    pub(crate) fate: Arc<Fate>,
    pub(crate) stop: CancellationToken,
    /// How it ended.
    pub(crate) outcome: Mutex<Option<Result<(), CollectorError>>>,
}

impl Member {
    pub(crate) async fn new(house: &House, name: &'static str, clock: &Arc<QuietClock>) -> Self {
        let way = house.place.location();
        Self::by_way_of(house, name, clock, &way, &house.sim.url()).await
    }

    /// One that reaches the store and GitHub in its own ways.
    pub(crate) async fn by_way_of(
        house: &House,
        name: &'static str,
        clock: &Arc<QuietClock>,
        store: &Location,
        github: &str,
    ) -> Self {
        let shared = Arc::clone(clock) as Arc<dyn Clock>;
        let store = Store::open(store).await.unwrap();
        let terms = Terms {
            is_clock_shared: true,
            ..Terms::new(name.into(), name.into(), Arc::clone(&shared))
        };
        let tokens = house.tokens.elsewhere(shared, &store, &terms);
        Self {
            name,
            tokens: tokens.by_way_of(github),
            store,
            terms,
            clock: Arc::clone(clock),
            letters: Letters::default(),
            receivers: Vec::new(),
            status: Status::default(),
            fate: Arc::default(),
            stop: CancellationToken::new(),
            outcome: Mutex::default(),
        }
    }

    pub(crate) fn run(&self) -> Process<'_> {
        let work = async {
            let mut collector = Collector::new(gitratra_sync::House {
                store: &self.store,
                copier: None,
                warehouse: None,
                source: &self.tokens,
                clock: Arc::clone(&self.clock) as Arc<dyn Clock>,
                watch: Watch {
                    bounds: Bounds::default(),
                    receivers: self.receivers.clone(),
                    messenger: &self.letters,
                },
                status: self.status.clone(),
                jobs: JOBS,
                runs_of: Rules::default(),
                terms: &self.terms,
                stop: self.stop.clone(),
                doubt_time: Arc::new(Notify::new()),
            });
            let outcome = collector.run().await;
            *self.outcome.lock().unwrap() = Some(outcome);
        };
        Process {
            work: Some(Box::pin(work)),
            fate: Arc::clone(&self.fate),
        }
    }

    /// Demands that it ended by being asked to.
    fn assert_well(&self) {
        let outcome = self.outcome.lock().unwrap();
        assert!(
            !matches!(*outcome, Some(Err(_))),
            "{}: {outcome:?}",
            self.name
        );
    }

    /// Returns once it is in the middle of a round.
    pub(crate) async fn in_a_round(&self, store: &Store) {
        loop {
            let leased = store.repositories_of_leases(self.name).await.unwrap();
            if !leased.is_empty() {
                return;
            }
            tokio::time::sleep(Duration::from_micros(500)).await;
        }
    }
}

pub(crate) async fn house(place: Place, repos: usize) -> House {
    let house = House::at(place, 1.0, |sim| {
        sim.fleet("octo", repos)
            .token(TOKEN)
            .token(TokenSpec::classic(SPARE, "deputy").can(Right::Admin, "*"))
            .log_capacity(1_000_000)
    })
    .await;
    house.track(&["*"]).await;
    house
}

/// The token of another person, who sees the same.
pub(crate) const SPARE: &str = "ghp_spare";

/// A collector alone asks for the same no sooner again than after this.
const APART: i64 = 5 * 60;

/// How often days or lists of a repository were asked for again too soon.
pub(crate) fn doubled(sim: &Sim) -> usize {
    let mut last: BTreeMap<(u64, String), i64> = BTreeMap::new();
    let mut doubled = 0;
    for entry in sim.log() {
        let is_traffic = entry.target.contains("/traffic/") && !entry.target.contains("per=week");
        let Some(id) = entry.repo_id.filter(|_| is_traffic) else {
            continue;
        };
        let key = (id, format!("{:?}", entry.endpoint));
        let before = last.insert(key, entry.at.secs());
        doubled += usize::from(before.is_some_and(|before| entry.at.secs() - before < APART));
    }
    doubled
}

const END: &str = "2026-03-14T12:00:00Z";
pub(crate) const REPOS: usize = 120;
/// Requests that one collector has under way at most.
pub(crate) const JOBS: usize = 8;

/// Everything was collected, politely; so much was asked twice at most, beside the one question by
/// which each collector tests itself at its start.
pub(crate) async fn assert_good(house: &House, collectors: usize, most_doubled: usize) {
    let ids = house.ids();
    assert_eq!(ids.len(), REPOS);
    assert_eq!(house.losses(&ids).await.into_iter().next(), None);
    let counters = house.sim.counters();
    assert_eq!(counters.secondary_violations, 0);
    assert_eq!(counters.primary_violations, 0);
    assert!(counters.peak_points <= 900, "{}", counters.peak_points);
    let doubled = doubled(&house.sim);
    assert!(doubled <= most_doubled + collectors, "{doubled}");
}

pub(crate) async fn collect(
    members: &[&Member],
    clock: &QuietClock,
    fates: impl Future<Output = ()>,
) {
    let all = futures_util::future::join_all(members.iter().map(|member| member.run()));
    let story = async {
        fates.await;
        let end = Time::from(END);
        clock.pass(end.secs() - clock.sim.now().secs()).await;
        members.iter().for_each(|member| member.stop.cancel());
    };
    clock.run_while(async { tokio::join!(all, story) }).await;
    members.iter().for_each(|member| member.assert_well());
}
