//! `doctor`: what is in order and what is not, and what to change. It changes nothing itself.

mod credentials;
mod finding;
mod losses;
mod machine;
mod repositories;
mod shown;

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use anyhow::Result;
use gitratra_core::{Rules, Timestamp};
use gitratra_github::{Client, Credential, RetryPolicy};
use gitratra_store::{Problem, Store, StoreError};
use gitratra_sync::{Asker, Event};
use serde::Serialize;

use crate::Exit;
use crate::args;
use crate::askers::{Credentials, Found};
use crate::clock::machine_time;
use crate::configured::What;
use crate::connect;
use crate::output::Voice;
use crate::progress::Progress;
use crate::settings::Settings;

use self::credentials::Account;
use self::finding::{Area, Check, State};
use self::losses::{Danger, FirstLoss};
use self::repositories::{Etags, Patient, Standing};
use super::gaps;
use super::repos::{self, Tracked};

pub(super) use self::losses::{Loss, Reach, is_urgent, next as next_loss};

/// Of more repositories than these, GitHub is asked only with `--live` or by name.
const FEW: usize = 25;

/// Everything that was found.
#[derive(Serialize)]
struct Report {
    checks: Vec<Check>,
    repos: Vec<Line>,
    credentials: Vec<Account>,
    first_loss: Option<FirstLoss>,
    /// GitHub's time, or that of its last answer where it cannot be reached.
    now: Option<String>,
    is_reached: bool,
}

#[derive(Serialize)]
struct Line {
    repo: String,
    id: Option<u64>,
    is_private: Option<bool>,
    newest_day: Option<String>,
    days_safe: Option<u32>,
    next_day_lost_on: Option<String>,
    gone_since: Option<String>,
    /// Whether GitHub was asked; else this is what the store knows of its last answers.
    is_live: bool,
    endpoints: BTreeMap<&'static str, Standing>,
}

pub(super) async fn run(args: &args::Doctor, settings: &Settings, voice: Voice) -> Result<Exit> {
    let mut checks = machine::configuration(settings);
    let location = settings.location()?;
    let opened = machine::open(&location).await;
    let (mut known, reading) = match &opened {
        Ok(Some(store)) => match Known::read(store).await {
            Ok(known) => (known, None),
            Err(error) => (Known::default(), Some(error)),
        },
        _ => (Known::default(), None),
    };
    let fleet = known.tracked.len();
    let tracked = chosen(
        &args.repos,
        opened.as_ref().ok().and_then(Option::as_ref),
        std::mem::take(&mut known.tracked),
        voice,
    )
    .await?;
    let is_live = args.live || !args.repos.is_empty() || tracked.len() <= FEW;
    let tells_all = !args.repos.is_empty() || tracked.len() <= FEW;

    let jobs = settings.jobs(None)?;
    let points = settings.points_per_minute(None)?;
    let found = Credentials::new(settings, points, jobs, 1.0)
        .look(&[])
        .await;
    let reads_lists = known.rules.has_all() || known.rules.owners().next().is_some();
    let asked = who(&found, settings, &known.rules, reads_lists).await?;
    checks.extend(asked.checks);
    checks.push(machine::clock(asked.now, machine_time()));
    let helds = tracked.iter().map(|tracked| &tracked.held);
    checks.extend(asked.now.and_then(|now| losses::outage(helds, now)));

    checks.extend(machine::store(&location, &opened).await);
    checks.extend(
        reading
            .as_ref()
            .map(|error| machine::trouble("reading", error)),
    );
    if let Ok(Some(store)) = &opened {
        checks.extend(machine::copy(settings, store).await);
        checks.push(machine::last_stored(known.last_stored, asked.now));
        checks.extend(machine::collectors(store).await);
    }
    if let Some(path) = location.path() {
        checks.extend(machine::disk(
            machine::disk_of(path),
            fleet.max(tracked.len()),
        ));
    }
    let now = asked.now.or(known.latest);

    let patients = if is_live {
        let etags = match &opened {
            Ok(Some(store)) => etags(store, &asked.able).await,
            _ => Etags::new(),
        };
        live(&asked.able, &etags, &tracked, jobs, voice).await
    } else {
        recalled(&tracked, &known)
    };
    let is_readable = opened.is_ok() && reading.is_none();
    if tracked.is_empty() {
        checks.push(nothing_tracked(&known.rules, is_readable));
    }
    let as_of = tracked.iter().filter_map(|tracked| tracked.held.asked_at());
    let as_of = as_of.min().filter(|_| !is_live);
    checks.extend(repositories::shown(&patients, tells_all, as_of));
    checks.extend(repositories::beside(&known.problems, &tracked));

    let mut first_loss = None;
    if is_readable {
        let mut dangers = dangers(&tracked, &patients, now);
        first_loss = losses::first(&dangers);
        let is_sure = asked.now.is_some();
        checks.extend(losses::checks(&mut dangers, now, is_sure, tells_all));
    } else {
        let found = "not known, as the store cannot be read";
        checks.push(Check::new(Area::Days, "first loss", State::Unknown, found));
    }
    if let Ok(Some(store)) = &opened {
        checks.extend(lost(store, &tracked, now).await);
    }
    if let Ok(Some(store)) = opened {
        store.close().await;
    }

    checks.sort_by_key(|check| check.area);
    let exit = finding::exit(&checks);
    let report = Report {
        repos: lines(&tracked, patients, now.filter(|_| is_readable)),
        credentials: asked.accounts,
        first_loss,
        now: now.map(|now| format!("{now:.0}")),
        is_reached: asked.now.is_some(),
        checks,
    };
    if args.json.json {
        voice.json(&report)?;
    } else {
        voice.data(&shown::text(&report.checks))?;
    }
    Ok(exit)
}

/// What the store knows that bears on the checks.
#[derive(Default)]
struct Known {
    tracked: Vec<Tracked>,
    rules: Rules,
    problems: Vec<Problem>,
    last_stored: Option<Timestamp>,
    latest: Option<Timestamp>,
    has_passed: bool,
}

impl Known {
    async fn read(store: &Store) -> Result<Self, StoreError> {
        let all = repos::held(store).await?;
        Ok(Self {
            tracked: all
                .into_iter()
                .filter(|tracked| tracked.is_tracked)
                .collect(),
            rules: Rules::new(store.rules().await?),
            problems: store.problems().await?,
            last_stored: store.latest_stored().await?,
            latest: store.latest_time().await?,
            has_passed: store.last_run().await?.is_some(),
        })
    }
}

/// The repositories to look at: those that are named, or all that are tracked.
async fn chosen(
    names: &[String],
    store: Option<&Store>,
    tracked: Vec<Tracked>,
    voice: Voice,
) -> Result<Vec<Tracked>> {
    if names.is_empty() {
        return Ok(tracked);
    }
    let mut known = match store {
        Some(store) => repos::held(store).await.unwrap_or_default(),
        None => Vec::new(),
    };
    let mut chosen: Vec<Tracked> = Vec::new();
    for text in names {
        let name = text.parse()?;
        let found = match store {
            Some(store) => store.find(&name).await.ok().flatten(),
            None => None,
        };
        if let Some(found) = found.as_ref().filter(|found| found.is_former) {
            voice.say(&format!("\"{name}\" is called \"{}\" now", found.name));
        }
        let id = found.map(|found| found.id);
        if chosen
            .iter()
            .any(|one| one.name == name || (id.is_some() && one.id == id))
        {
            continue;
        }
        let place = known
            .iter()
            .position(|one| one.id == id && (id.is_some() || one.name == name));
        chosen.push(match place {
            Some(place) => known.swap_remove(place),
            None => Tracked::unknown(name),
        });
    }
    Ok(chosen)
}

/// Who can ask, and what was found out of each.
struct Who<'a> {
    able: Vec<&'a Asker>,
    accounts: Vec<Account>,
    checks: Vec<Check>,
    /// GitHub's time, where it was reached.
    now: Option<Timestamp>,
}

async fn who<'a>(
    found: &'a Found,
    settings: &Settings,
    rules: &Rules,
    reads_lists: bool,
) -> Result<Who<'a>> {
    let mut who = Who {
        able: Vec::new(),
        accounts: Vec::new(),
        checks: Vec::new(),
        now: None,
    };
    for asker in &found.askers {
        let examined = credentials::examine(asker, rules, reads_lists).await;
        who.now = who.now.or(asker.client.server_now());
        if examined.is_taken {
            who.able.push(asker);
        }
        who.accounts.push(examined.account);
        who.checks.extend(examined.checks);
    }
    if who.now.is_none() && found.askers.is_empty() {
        who.now = anonymous_time(settings).await?;
    }
    let is_app_wrong = |label: &str| {
        let configured = settings.credentials();
        configured
            .iter()
            .any(|one| one.label == label && matches!(one.what, What::App { .. }))
    };
    for missing in &found.missing {
        let is_wrong = !found.askers.is_empty() || is_app_wrong(&missing.label);
        let (check, account) = credentials::unusable(missing, is_wrong && who.now.is_some());
        who.accounts.push(account);
        who.checks.push(check);
    }
    Ok(who)
}

/// What time it is by GitHub's clock, asked by nobody.
async fn anonymous_time(settings: &Settings) -> Result<Option<Timestamp>> {
    const PATIENCE: Duration = Duration::from_secs(4);
    let retry = RetryPolicy {
        attempts: 1,
        ..RetryPolicy::default()
    };
    let client: Client =
        connect::client_at(settings.api_url()?, Credential::Anonymous, 0, 1, retry)?;
    // A refusal tells the time as well.
    let _ = tokio::time::timeout(PATIENCE, client.rate_limit()).await;
    Ok(client.server_now())
}

/// The validators of what is held; without them the answers only cost more.
async fn etags(store: &Store, askers: &[&Asker]) -> Etags {
    let mut etags = Etags::new();
    for asker in askers {
        let held = store.etags(&asker.fingerprint).await.unwrap_or_default();
        etags.insert(asker.fingerprint.clone(), held);
    }
    etags
}

async fn live(
    askers: &[&Asker],
    etags: &Etags,
    tracked: &[Tracked],
    jobs: usize,
    voice: Voice,
) -> Vec<Patient> {
    if askers.is_empty() {
        let leave =
            |tracked| repositories::leave(tracked, "not asked, there is no credential to ask with");
        return tracked.iter().map(leave).collect();
    }
    let progress = Progress::new(voice);
    progress.on(Event::Planned(tracked.len()));
    let done = |name: &gitratra_core::RepoName| progress.on(Event::Visited(name.to_string()));
    let all: Vec<&Tracked> = tracked.iter().collect();
    let patients = repositories::ask_all(askers, etags, &all, jobs, &done).await;
    progress.end();
    patients
}

fn recalled(tracked: &[Tracked], known: &Known) -> Vec<Patient> {
    let mut of: HashMap<_, Vec<&Problem>> = HashMap::new();
    for problem in &known.problems {
        of.entry(problem.repo).or_default().push(problem);
    }
    let recall = |tracked: &Tracked| {
        let problems = tracked.id.and_then(|id| of.get(&id));
        let problems = problems.map_or(&[][..], Vec::as_slice);
        repositories::recall(tracked, problems, known.has_passed)
    };
    tracked.iter().map(recall).collect()
}

fn nothing_tracked(rules: &Rules, is_readable: bool) -> Check {
    if !is_readable {
        let found = "what is tracked is not known, as the store cannot be read";
        return Check::new(Area::Repositories, "none", State::Unknown, found);
    }
    let (found, action) = if rules.patterns().is_empty() {
        (
            "nothing is tracked, so nothing is collected",
            "`gitratra track OWNER/NAME` or `gitratra sync OWNER/NAME` begins",
        )
    } else {
        (
            "no repository that the rules match was read yet",
            "`gitratra sync` reads them, and `gitratra serve` goes on doing so",
        )
    };
    Check::new(Area::Repositories, "none", State::Warn, found).action(action)
}

/// The next day of a repository that is lost: nothing where it is gone, and where nobody knows
/// whether it is there at all.
fn loss_of(tracked: &Tracked, patient: &Patient, now: Option<Timestamp>) -> Option<Loss> {
    let is_found = patient.is_live && patient.standings.values().any(|one| one.state == State::Ok);
    let is_there = patient.id.is_some() && (tracked.gone.is_none() || is_found);
    losses::next(Reach::of(&tracked.held), now).filter(|_| is_there)
}

/// Those of which days can be lost.
fn dangers(tracked: &[Tracked], patients: &[Patient], now: Option<Timestamp>) -> Vec<Danger> {
    let all = tracked.iter().zip(patients);
    let there = all.filter(|(tracked, patient)| {
        patient.id.is_some() && tracked.gone.is_none() || loss_of(tracked, patient, now).is_some()
    });
    let danger = |(tracked, patient): (&Tracked, &Patient)| Danger {
        repo: patient.name.to_string(),
        reach: Reach::of(&tracked.held),
        loss: loss_of(tracked, patient, now),
    };
    there.map(danger).collect()
}

/// The days that were never seen, counted.
async fn lost(store: &Store, tracked: &[Tracked], now: Option<Timestamp>) -> Option<Check> {
    let (mut days, mut of) = (0, 0);
    for tracked in tracked {
        let Some(id) = tracked.id else { continue };
        let rows = store.days(id, None).await.ok()?;
        let gaps = gaps::days(tracked, rows, now);
        days += gaps;
        of += usize::from(gaps > 0);
    }
    losses::gaps(days, of)
}

fn lines(tracked: &[Tracked], patients: Vec<Patient>, now: Option<Timestamp>) -> Vec<Line> {
    let line = |(tracked, patient): (&Tracked, Patient)| {
        let loss = loss_of(tracked, &patient, now);
        Line {
            repo: patient.name.to_string(),
            id: patient.id.map(|id| id.0),
            is_private: tracked.id.map(|_| tracked.is_private),
            newest_day: tracked.held.newest().map(|day| day.to_string()),
            days_safe: tracked.days_safe(now),
            next_day_lost_on: loss.map(|loss| loss.on.to_string()),
            gone_since: tracked.gone.map(|gone| format!("{:.0}", gone.since)),
            is_live: patient.is_live,
            endpoints: patient.standings,
        }
    };
    tracked.iter().zip(patients).map(line).collect()
}

/// A moment as people read it.
fn moment(at: Timestamp) -> String {
    format!("{} UTC", at.strftime("%Y-%m-%d %H:%M"))
}

/// A number of bytes as people read it.
#[expect(clippy::cast_precision_loss, reason = "one decimal is shown")]
fn bytes(number: u64) -> String {
    let units = ["KiB", "MiB", "GiB", "TiB"];
    let mut size = number as f64 / 1024.0;
    let mut unit = 0;
    while size >= 1024.0 && unit + 1 < units.len() {
        size /= 1024.0;
        unit += 1;
    }
    format!("{size:.1} {}", units[unit])
}
