//! A large fleet on a simulated clock: what planner, queue and scope decide, without HTTP and without
//! a store, so that a hundred thousand repositories and weeks of them go by in seconds.
//!
//! What answers is a model of GitHub's habits, and no code of the collector's: each repository has its
//! hour of publication, days stall, all of GitHub stalls, answers fail or are old, hours are used up, a
//! credential is refused for days, and the machine stands still.
//!
//! `GITRATRA_FLEET` says how many repositories there are.

use std::collections::HashMap;
use std::time::Instant;

use gitratra_core::plan;
use gitratra_core::{Asked, Day, Endpoint, Held, RepoId, Repository, Rules, Timestamp};
use gitratra_github::{ApiUrl, Client, Credential, Listed, Options, SecretString};
use gitratra_store::KnownRepo;
use jiff::SignedDuration;

use crate::asker::{Asker, AskerKind};
use crate::queue::Queue;
use crate::scope::{self, Errand, Job, Known, Lists};
use crate::visit::Visited;

/// Installations, of which the first four have a tenth of the fleet each and the smallest budget.
const INSTALLATIONS: usize = 25;
const LARGE: usize = 4;
/// A round's errands and how many go side by side, as the collector has them at its usual 16 jobs.
const JOBS: i64 = 16;
const ERRANDS: usize = 16 * 25;
const LATENCY_MS: i64 = 80;
/// 900 points a minute.
const PACE_MS: i64 = 67;
const DAYS: i64 = 20;

/// What of the credentials is out, and when, in days from the beginning.
const REFUSED: (usize, f64, f64) = (7, 13.0, 16.0);
/// When the machine stands still.
const STILL: (f64, f64) = (9.0, 10.5);
/// The first day that GitHub does not publish in time, and how many there are.
const OUTAGE: (i64, i64) = (5, 3);

fn mixed(seed: u64) -> u64 {
    let seed = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let seed = (seed ^ (seed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let seed = (seed ^ (seed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    seed ^ (seed >> 31)
}

fn dice(id: RepoId, what: i64, sides: u64) -> i64 {
    let rolled = mixed(id.0 ^ mixed(what.unsigned_abs())) % sides;
    rolled.cast_signed()
}

fn first() -> Timestamp {
    "2026-03-10T12:00:00Z".parse().unwrap()
}

fn after(days: f64) -> Timestamp {
    first() + SignedDuration::from_secs_f64(days * 86_400.0)
}

/// When a day of a repository is published.
fn published_at(id: RepoId, day: Day) -> Timestamp {
    let mins = 392 + dice(id, 0, 110) + dice(id, day.epoch_days(), 17);
    let stalls = dice(id, day.epoch_days().div_euclid(7), 400) == 0;
    let late = if stalls && day.epoch_days().rem_euclid(7) == 0 {
        24 * 60 * (1 + dice(id, 1, 4))
    } else {
        0
    };
    let own = day.end() + SignedDuration::from_mins(mins + late);
    let (from, days) = OUTAGE;
    let from = Day::of(first()).plus(from);
    if (0..days).contains(&day.days_since(from)) {
        return own.max(from.plus(days).start() + SignedDuration::from_hours(34));
    }
    own
}

/// The newest day that GitHub tells of a repository.
fn newest_at(id: RepoId, at: Timestamp) -> Day {
    let yesterday = Day::of(at).plus(-1);
    let days = (0..9).rev().map(|back| yesterday.plus(-back));
    let missing = days.into_iter().find(|day| published_at(id, *day) > at);
    missing.map_or(yesterday, |day| day.plus(-1))
}

fn home(id: RepoId, repos: u64) -> usize {
    let tenth = id.0 * 10 / repos;
    match usize::try_from(tenth).unwrap() {
        large if large < LARGE => large,
        _ => LARGE + usize::try_from(id.0).unwrap() % (INSTALLATIONS - LARGE),
    }
}

/// What one credential may spend.
struct Budget {
    hourly: u64,
    left: u64,
    resets_at: Timestamp,
    /// When its pace lets the next request go.
    next_at: Timestamp,
    sent: u64,
    most_of_a_day: u64,
    sent_today: u64,
}

impl Budget {
    fn new(place: usize, repos: u64) -> Self {
        let per_hour = if place < LARGE || place.is_multiple_of(2) {
            5_000
        } else {
            12_500
        };
        // As scarce for a small fleet as for a large one.
        let hourly = per_hour * repos / 100_000;
        Self {
            hourly,
            left: hourly,
            resets_at: first() + SignedDuration::from_mins(place.cast_signed() as i64 * 2),
            next_at: first(),
            sent: 0,
            most_of_a_day: 0,
            sent_today: 0,
        }
    }

    fn take(&mut self, at: Timestamp) -> bool {
        while at >= self.resets_at {
            self.left = self.hourly;
            self.resets_at += SignedDuration::from_hours(1);
        }
        let may = self.left > 0;
        if may {
            self.left -= 1;
            self.sent += 1;
            self.sent_today += 1;
            self.most_of_a_day = self.most_of_a_day.max(self.sent_today);
        }
        may
    }

    fn is_closed(&self, at: Timestamp) -> bool {
        self.left == 0 && at < self.resets_at
    }
}

/// How far a repository was read.
struct Read {
    answered_at: Timestamp,
    views: Day,
    clones: Day,
}

struct World {
    repos: u64,
    budgets: Vec<Budget>,
    held: HashMap<RepoId, Held>,
    read: HashMap<RepoId, Read>,
    lost: Vec<String>,
    longest: SignedDuration,
    requests: u64,
}

impl World {
    fn new(repos: u64) -> Self {
        Self {
            repos,
            budgets: (0..INSTALLATIONS)
                .map(|place| Budget::new(place, repos))
                .collect(),
            held: HashMap::new(),
            read: HashMap::new(),
            lost: Vec::new(),
            longest: SignedDuration::ZERO,
            requests: 0,
        }
    }

    fn closed(&self, now: Timestamp) -> Vec<usize> {
        let (refused, from, to) = REFUSED;
        let is_refused = now >= after(from) && now < after(to);
        let places = 0..INSTALLATIONS;
        let is_closed = |place: &usize| {
            (*place == refused && is_refused) || self.budgets[*place].is_closed(now)
        };
        places.filter(is_closed).collect()
    }

    /// When the first of those that have used up their hour has more.
    fn next_reset(&self, now: Timestamp) -> Option<Timestamp> {
        let closed = self.budgets.iter().filter(|budget| budget.is_closed(now));
        closed.map(|budget| budget.resets_at).min()
    }

    /// Carries out what is due of a repository, beginning at a moment. Returns when that ended.
    fn visit(&mut self, errand: &Errand, begin: Timestamp) -> (Visited, Timestamp) {
        let mut visited = Visited::default();
        let [id] = errand.job.ids()[..] else {
            panic!("every job is about one repository");
        };
        let mut held = self.held.get(&id).cloned().unwrap_or_default();
        let mut at = begin;
        for endpoint in Endpoint::TRAFFIC {
            if plan::due_at(&held, endpoint) > at {
                continue;
            }
            let budget = &mut self.budgets[errand.able[0]];
            let sent_at = at.max(budget.next_at);
            if !budget.take(sent_at) {
                visited.is_unfinished = true;
                break;
            }
            budget.next_at = sent_at + SignedDuration::from_millis(PACE_MS);
            self.requests += 1;
            at = sent_at + SignedDuration::from_millis(LATENCY_MS);
            if !self.answer(id, endpoint, &mut held, at) {
                visited.failed = 1;
            }
        }
        visited.has_read = true;
        self.held.insert(id, held);
        (visited, at)
    }

    /// What GitHub answers; false where it fails.
    fn answer(&mut self, id: RepoId, endpoint: Endpoint, held: &mut Held, at: Timestamp) -> bool {
        let known = held.asked(endpoint);
        let mut asked = known.unwrap_or_else(|| Asked::first(at));
        let luck = dice(id, at.as_millisecond() + endpoint as i64, 100);
        if luck < 2 {
            asked.fail(at);
            held.set(endpoint, asked);
            return false;
        }
        let newest = newest_at(id, at).plus(if luck == 2 { -3 } else { 0 });
        match endpoint {
            Endpoint::Views | Endpoint::Clones => self.keep(id, endpoint, newest, at),
            _ => {}
        }
        let lacked_at = asked.answered_at;
        let next = asked.newest.map(|held| held.plus(1));
        asked.answer(Some(newest), at);
        if endpoint == Endpoint::Views && next == Some(newest) {
            held.rhythm.learn(newest, lacked_at, at);
        }
        held.set(endpoint, asked);
        true
    }

    /// Notes which days an answer brought, and which are in no answer any more.
    fn keep(&mut self, id: RepoId, endpoint: Endpoint, newest: Day, at: Timestamp) {
        let read = self.read.entry(id).or_insert(Read {
            answered_at: first(),
            views: newest,
            clones: newest,
        });
        if endpoint == Endpoint::Views {
            let (refused, from, to) = REFUSED;
            let was_refused = home(id, self.repos) == refused
                && at >= after(from)
                && read.answered_at <= after(to);
            if !was_refused {
                self.longest = self.longest.max(at.duration_since(read.answered_at));
            }
            read.answered_at = at;
        }
        let to = match endpoint {
            Endpoint::Views => &mut read.views,
            _ => &mut read.clones,
        };
        if newest.plus(-14) > *to {
            self.lost.push(format!("{id} {endpoint}: after {to}"));
        }
        *to = newest.max(*to);
    }
}

fn asker(place: usize) -> Asker {
    let credential = Credential::Token(SecretString::from(format!("ghp_{place}")));
    let fingerprint = credential.fingerprint();
    let api = ApiUrl::parse("http://127.0.0.1:9").unwrap();
    Asker {
        label: format!("installation {place}"),
        client: Client::new(Options::new(api, credential)).unwrap(),
        fingerprint,
        kind: AskerKind::Installation {
            account: format!("owner-{place}"),
        },
    }
}

/// What lists tell, and what is known of it.
fn lists(repos: u64) -> (Known, Lists) {
    let (mut known, mut lists) = (Known::default(), Lists::default());
    known.rules = Rules::new(["*".parse().unwrap()]);
    let mut of_place: Vec<Vec<Repository>> = vec![Vec::new(); INSTALLATIONS];
    for id in (0..repos).map(RepoId) {
        let place = home(id, repos);
        let repository = Repository {
            id,
            node_id: Some(format!("R_{id:010}")),
            name: format!("owner-{place}/repository-{id}").parse().unwrap(),
            is_private: false,
            is_fork: false,
            is_archived: false,
            can_push: None,
        };
        let known_repo = KnownRepo {
            repository: repository.clone(),
            former: Vec::new(),
            named_at: first(),
            first_seen: first(),
            gone: None,
        };
        known.repositories.insert(id, known_repo);
        of_place[place].push(repository);
    }
    for (place, repositories) in of_place.into_iter().enumerate() {
        let listed = Listed {
            repositories,
            counters: Vec::new(),
            hidden_organizations: Vec::new(),
            at: first(),
        };
        lists.take(listed, place);
    }
    (known, lists)
}

/// What deciding took.
#[derive(Default)]
struct Clock {
    cpu_ns: u64,
    began: u64,
}

/// CPU time of this thread; the wall clock's where the system does not tell.
fn thread_ns() -> u64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let ran = told.and_then(|told| told.split(' ').next()?.parse().ok());
    ran.unwrap_or_else(|| {
        static BEGAN: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
        u64::try_from(BEGAN.get_or_init(Instant::now).elapsed().as_nanos()).unwrap()
    })
}

impl Clock {
    fn of<T>(&mut self, deciding: impl FnOnce() -> T) -> T {
        self.began = thread_ns();
        let decided = deciding();
        self.cpu_ns += thread_ns().saturating_sub(self.began);
        decided
    }

    fn lap(&mut self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "milliseconds to be printed")]
        let millis = std::mem::take(&mut self.cpu_ns) as f64 / 1e6;
        millis
    }
}

fn peak_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = peak.and_then(|peak| peak.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    kib.unwrap_or_default() / 1000
}

#[test]
fn a_large_fleet_loses_nothing_and_nobody_waits_two_days() {
    let repos = std::env::var("GITRATRA_FLEET").map_or(2_000, |told| told.parse().unwrap());
    let askers: Vec<Asker> = (0..INSTALLATIONS).map(asker).collect();
    let (known, lists) = lists(repos);
    let mut world = World::new(repos);
    let mut queue = Queue::default();
    let (mut now, end) = (first(), after(DAYS as f64));
    let mut scope_at = now;
    let mut chores_at = now;
    let mut day_at = later_day(now);
    let mut clock = Clock::default();
    let (mut days, mut rounds) = (Vec::new(), 0_u64);
    while now < end {
        if now >= after(STILL.0) && now < after(STILL.1) {
            now = after(STILL.1);
        }
        if now >= day_at {
            days.push(clock.lap());
            day_at = later_day(now);
            for budget in &mut world.budgets {
                budget.sent_today = 0;
            }
        }
        if now >= scope_at {
            clock.of(|| {
                let failed = queue.make_room();
                let chosen = scope::choose(&known, &lists, None, &askers, &[]);
                queue.lay_out(chosen.errands, &failed, &known, &world.held, now);
            });
            let hours = crate::collector::list_hours(lists.repositories.len(), queue.len());
            scope_at = now + SignedDuration::from_hours(hours);
        }
        if now >= chores_at {
            clock.of(|| plan::outage(world.held.values(), now));
            chores_at = now + SignedDuration::from_mins(10);
        }
        let closed = world.closed(now);
        let due = clock.of(|| queue.due(now, &closed, ERRANDS));
        let (mut at, mut over, mut unfinished) = (now, now, 0);
        let count = due.len();
        let mut done: Vec<(Job, Visited)> = Vec::with_capacity(count);
        let sent = world.requests;
        for errand in due {
            let (visited, ended) = world.visit(&errand, at);
            at = now
                + SignedDuration::from_millis(
                    (world.requests - sent).cast_signed() * LATENCY_MS / JOBS,
                );
            over = over.max(ended);
            unfinished += usize::from(visited.is_unfinished);
            done.push((errand.job, visited));
        }
        let before = now;
        now = over;
        clock.of(|| queue.account(&done, &known, &world.held, now));
        if count == unfinished {
            let closed = world.closed(now);
            let next = clock.of(|| queue.next(&closed));
            let next = next.into_iter().chain(world.next_reset(now)).min();
            let next = next.unwrap_or(Timestamp::MAX);
            let (least, most) = (SignedDuration::from_secs(30), SignedDuration::from_mins(10));
            now = next.clamp(now + least, now + most);
        } else {
            rounds += 1;
        }
        assert!(now > before, "time stands still at {now}");
    }
    for read in world.read.values() {
        world.longest = world.longest.max(end.duration_since(read.answered_at));
    }
    let wait_hours = world.longest.as_hours();
    // What else is asked beside traffic fits into the rest.
    let fullest = world
        .budgets
        .iter()
        .map(|budget| budget.most_of_a_day * 100 / (budget.hourly * 24))
        .max()
        .unwrap();
    let each = world.requests as f64 / (repos as f64 * DAYS as f64);
    days.push(clock.lap());
    let most = days.iter().copied().fold(0.0, f64::max);
    let mean = days.iter().sum::<f64>() / days.len() as f64;
    println!(
        "at_scale repos={repos} rounds={rounds} cpu_ms_mean={mean:.0} cpu_ms_most={most:.0} \
         peak_mb={} wait_hours={wait_hours} requests_each={each:.2} fullest_percent={fullest}",
        peak_mb()
    );
    assert_eq!(world.read.len() as u64, repos, "all were read");
    assert_eq!(world.lost, Vec::<String>::new());
    assert!(wait_hours < 48, "somebody waited {wait_hours} hours");
    let behind = world.held.values().filter_map(Held::newest).min().unwrap();
    let least = Day::of(end).plus(-8);
    assert!(behind >= least, "somebody has nothing after {behind}");
    assert!(
        fullest <= 90,
        "{fullest} % of a credential's day were spent"
    );
    assert!(each < 6.0, "{each:.2} requests for each repository and day");
}

fn later_day(now: Timestamp) -> Timestamp {
    Day::of(now).end()
}
