//! Several collectors over one store: what one asks the others do not, and whoever dies or stands
//! still is replaced.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use gitratra_core::Rules;
use gitratra_core::alarm::Bounds;
use gitratra_github::{BoxFuture, Clock};
use gitratra_sim::{Sim, Time};
use gitratra_store::Store;
use gitratra_sync::{Collector, Status, Terms, Watch};
use tokio::sync::{Notify, oneshot};
use tokio_util::sync::CancellationToken;

use crate::house::{House, Letters, TOKEN, Tokens};

/// A clock that several share: time passes once nobody has anything to do any more, and then to the
/// first moment that somebody waits for.
struct QuietClock {
    sim: Arc<Sim>,
    began: Time,
    passed: Mutex<Duration>,
    sleepers: Mutex<Vec<(Duration, oneshot::Sender<()>)>>,
    /// How often anybody looked at it.
    looks: AtomicU64,
}

impl QuietClock {
    fn new(sim: &Arc<Sim>) -> Arc<Self> {
        Arc::new(Self {
            sim: Arc::clone(sim),
            began: sim.now(),
            passed: Mutex::default(),
            sleepers: Mutex::default(),
            looks: AtomicU64::new(0),
        })
    }

    /// Lets time pass until then.
    async fn run_until(&self, end: Time) {
        const QUIET: Duration = Duration::from_millis(4);
        let signs = || (self.looks.load(Ordering::SeqCst), self.sim.counters().total);
        while self.sim.now().secs() < end.secs() {
            let before = signs();
            tokio::time::sleep(QUIET).await;
            if signs() == before {
                self.leap();
            }
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
struct Fate {
    is_frozen: AtomicBool,
    is_killed: AtomicBool,
    waker: Mutex<Option<Waker>>,
}

impl Fate {
    fn freeze(&self) {
        self.is_frozen.store(true, Ordering::SeqCst);
    }

    fn thaw(&self) {
        self.is_frozen.store(false, Ordering::SeqCst);
        self.wake();
    }

    fn kill(&self) {
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
struct Process<'a> {
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
struct Member {
    name: &'static str,
    store: Store,
    tokens: Tokens,
    terms: Terms,
    clock: Arc<QuietClock>,
    letters: Letters,
    status: Status,
    fate: Arc<Fate>,
    stop: CancellationToken,
}

impl Member {
    async fn new(house: &House, name: &'static str, clock: &Arc<QuietClock>) -> Self {
        let shared = Arc::clone(clock) as Arc<dyn Clock>;
        let store = Store::open(house.store.location()).await.unwrap();
        let terms = Terms {
            is_clock_shared: true,
            ..Terms::new(name.into(), "here".into(), Arc::clone(&shared))
        };
        Self {
            name,
            tokens: house.tokens.elsewhere(shared, &store, &terms),
            store,
            terms,
            clock: Arc::clone(clock),
            letters: Letters::default(),
            status: Status::default(),
            fate: Arc::default(),
            stop: CancellationToken::new(),
        }
    }

    fn run(&self) -> Process<'_> {
        let work = async {
            let mut collector = Collector::new(gitratra_sync::House {
                store: &self.store,
                copier: None,
                warehouse: None,
                source: &self.tokens,
                clock: Arc::clone(&self.clock) as Arc<dyn Clock>,
                watch: Watch {
                    bounds: Bounds::default(),
                    receivers: Vec::new(),
                    messenger: &self.letters,
                },
                status: self.status.clone(),
                jobs: JOBS,
                runs_of: Rules::default(),
                terms: &self.terms,
                stop: self.stop.clone(),
                doubt_time: Arc::new(Notify::new()),
            });
            collector.run().await.unwrap();
        };
        Process {
            work: Some(Box::pin(work)),
            fate: Arc::clone(&self.fate),
        }
    }

    /// Returns once it is in the middle of a round.
    async fn in_a_round(&self, store: &Store) {
        loop {
            let leased = store.repositories_of_leases(self.name).await.unwrap();
            if !leased.is_empty() {
                return;
            }
            tokio::time::sleep(Duration::from_micros(500)).await;
        }
    }
}

async fn house(repos: usize) -> House {
    let house = House::new(1.0, |sim| {
        sim.fleet("octo", repos)
            .token(TOKEN)
            .log_capacity(1_000_000)
    })
    .await;
    house.track(&["*"]).await;
    house
}

/// A collector alone asks for the same no sooner again than after this.
const APART: i64 = 5 * 60;

/// How often days or lists of a repository were asked for again too soon.
fn doubled(sim: &Sim) -> usize {
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
const REPOS: usize = 120;
/// Requests that one collector has under way at most.
const JOBS: usize = 8;

/// Everything was collected, politely; so much was asked twice at most, beside the one question by
/// which each collector tests itself at its start.
async fn assert_good(house: &House, collectors: usize, most_doubled: usize) {
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

async fn collect(members: &[&Member], clock: &QuietClock, fates: impl Future<Output = ()>) {
    let all = futures_util::future::join_all(members.iter().map(|member| member.run()));
    let time = async {
        clock.run_until(END.into()).await;
        for member in members {
            member.stop.cancel();
        }
    };
    tokio::join!(all, time, fates);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_collectors_ask_no_more_than_one() {
    let alone = house(REPOS).await;
    let clock = QuietClock::new(&alone.sim);
    let one = Member::new(&alone, "one", &clock).await;
    collect(&[&one], &clock, async {}).await;
    assert_good(&alone, 1, 0).await;

    let house = house(REPOS).await;
    let clock = QuietClock::new(&house.sim);
    let one = Member::new(&house, "one", &clock).await;
    let two = Member::new(&house, "two", &clock).await;
    let three = Member::new(&house, "three", &clock).await;
    collect(&[&one, &two, &three], &clock, async {}).await;
    assert_good(&house, 3, 0).await;
    let (all, few) = (house.sim.counters(), alone.sim.counters());
    let (all, few) = (all.traffic(), few.traffic());
    assert!(all <= few + few / 20, "{all} instead of {few}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_killed_in_a_round_is_replaced() {
    let house = house(REPOS).await;
    let clock = QuietClock::new(&house.sim);
    let one = Member::new(&house, "one", &clock).await;
    let two = Member::new(&house, "two", &clock).await;
    let three = Member::new(&house, "three", &clock).await;
    collect(&[&one, &two, &three], &clock, async {
        two.in_a_round(&house.store).await;
        two.fate.kill();
    })
    .await;
    // What was on its way then.
    assert_good(&house, 3, JOBS).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_stood_still_drops_the_rest_of_its_round() {
    const TIMES: usize = 3;
    let house = house(REPOS).await;
    let clock = QuietClock::new(&house.sim);
    let one = Member::new(&house, "one", &clock).await;
    let two = Member::new(&house, "two", &clock).await;
    collect(&[&one, &two], &clock, async {
        for _ in 0..TIMES {
            two.in_a_round(&house.store).await;
            two.fate.freeze();
            let thaw = house.sim.now().plus_secs(240);
            while house.sim.now().secs() < thaw.secs() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            two.fate.thaw();
        }
    })
    .await;
    assert_good(&house, 2, JOBS * TIMES).await;
}
