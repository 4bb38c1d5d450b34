//! What else is asked of repositories once their traffic is read: weeks, stars, releases and workflow
//! runs of each, and the counters of a hundred at once.
//!
//! All of it can wait, so it is asked only where half of the hour's requests are left, and whatever
//! comes of it counts for nothing in the account of traffic.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::Ordering;

use futures_util::StreamExt;
use futures_util::stream;
use gitratra_core::plan::{self, Extent};
use gitratra_core::{Day, Endpoint, Held, Metric, RepoId, RepoName, Rules, Timestamp};
use gitratra_github::{Client, CountedMany, Failure, FailureKind, Target};
use gitratra_store::{Outcome, StoreError};
use jiff::SignedDuration;

use crate::read::outcome;
use crate::report::{Trouble, stops_everything};
use crate::round::Ending;
use crate::scope::{Errand, Known};
use crate::visit::{Shared, Visited, lock};

/// Who is asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Subject {
    id: RepoId,
    name: RepoName,
    /// The id that GraphQL knows it by, where it was told.
    node_id: Option<String>,
    /// The credential that asks, by its place.
    place: usize,
}

/// What is asked of one repository.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Wish {
    subject: Subject,
    endpoints: Vec<Endpoint>,
    /// Since when the first of them has been due.
    due_at: Timestamp,
}

/// What is due.
#[derive(Debug, Default)]
pub(crate) struct Wishes {
    each: Vec<Wish>,
    /// Whose counters are asked for, by the place of the credential.
    counted: BTreeMap<usize, Vec<Subject>>,
}

/// What decides about what is due.
pub(crate) struct Wanted<'a> {
    pub(crate) known: &'a Known,
    pub(crate) held: &'a HashMap<RepoId, Held>,
    pub(crate) extents: &'a HashMap<RepoId, Extent>,
    /// The repositories whose workflow runs are counted.
    pub(crate) runs_of: &'a Rules,
    /// Credentials that ask nothing now, by their places.
    pub(crate) closed: &'a [usize],
    pub(crate) now: Timestamp,
}

/// Without GraphQL counters are asked of each repository by itself, which is dear, so rarely.
const ALONE: SignedDuration = SignedDuration::from_hours(24 * 10);

impl Wanted<'_> {
    /// What is due of the repositories of these errands, what has waited longest first and of so
    /// many repositories at most; counters come in hundreds and are all there.
    pub(crate) fn due<'e>(&self, errands: impl Iterator<Item = &'e Errand>, most: usize) -> Wishes {
        let mut wishes = Wishes::default();
        let mut seen = BTreeSet::new();
        for errand in errands {
            let able = errand
                .able
                .iter()
                .find(|place| !self.closed.contains(place));
            let Some(place) = able else { continue };
            for id in errand.job.ids() {
                let known = self.known.repositories.get(&id);
                let there = known.filter(|_| self.known.gone(&errand.job, id).is_none());
                let Some(known) = there.filter(|_| seen.insert(id)) else {
                    continue;
                };
                let subject = Subject {
                    id,
                    name: known.repository.name.clone(),
                    node_id: known.repository.node_id.clone(),
                    place: *place,
                };
                self.add(subject, &mut wishes);
            }
        }
        wishes
            .each
            .sort_by_key(|wish| (wish.due_at, wish.subject.id));
        wishes.each.truncate(most);
        wishes
    }

    fn add(&self, subject: Subject, wishes: &mut Wishes) {
        let Some(held) = self.held.get(&subject.id) else {
            return;
        };
        let extent = self.extents.get(&subject.id).copied().unwrap_or_default();
        let due_at = |endpoint| plan::other_due_at(held, &extent, endpoint, self.now);
        if due_at(Endpoint::Counters) <= self.now {
            let of_place = wishes.counted.entry(subject.place).or_default();
            of_place.push(subject.clone());
        }
        let counts_runs = || {
            let repository = &self.known.repositories[&subject.id].repository;
            let names = self.known.names_of(subject.id);
            self.runs_of.verdict(repository, names).is_tracked()
        };
        let is_due = |endpoint: &Endpoint| match endpoint {
            Endpoint::Counters => false,
            Endpoint::WorkflowRuns => due_at(*endpoint) <= self.now && counts_runs(),
            _ => due_at(*endpoint) <= self.now,
        };
        let endpoints: Vec<Endpoint> = Endpoint::OTHERS.into_iter().filter(is_due).collect();
        if let Some(first) = endpoints.iter().map(|endpoint| due_at(*endpoint)).min() {
            wishes.each.push(Wish {
                subject,
                endpoints,
                due_at: first,
            });
        }
    }
}

impl Wishes {
    pub(crate) fn is_empty(&self) -> bool {
        self.each.is_empty() && self.counted.is_empty()
    }
}

/// What came of wishes.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) troubles: Vec<Trouble>,
    /// What a credential may not see, or a server does not have: by what was asked, how many
    /// repositories, and the first of them with the reason.
    pub(crate) withheld: BTreeMap<Endpoint, (u64, Trouble)>,
    /// Whether anything was asked.
    pub(crate) has_asked: bool,
    /// The server's time of the last answer.
    pub(crate) at: Option<Timestamp>,
}

/// That something was not told.
struct Untold {
    trouble: Trouble,
    /// A credential may not see it, or the server does not have it: nothing is out of order.
    is_withheld: bool,
}

impl Untold {
    fn by(failure: &Failure, name: &RepoName) -> Self {
        Self {
            trouble: Trouble::of(&name.to_string(), failure),
            is_withheld: matches!(
                failure.kind,
                FailureKind::NotFound
                    | FailureKind::Forbidden(_)
                    | FailureKind::Blocked { .. }
                    | FailureKind::Refused
            ),
        }
    }

    /// An answer about many repositories had nothing about this one.
    fn left_out(name: &RepoName, is_partial: bool) -> Self {
        let message = match is_partial {
            true => "GraphQL left this repository out of its answer",
            false => "GraphQL knows nothing of this repository",
        };
        let action = "nothing to be done: stars and forks come with look-ups and lists meanwhile";
        Self {
            trouble: Trouble {
                repo: name.to_string(),
                endpoint: Endpoint::Counters,
                status: None,
                message: message.to_owned(),
                action: action.to_owned(),
            },
            is_withheld: !is_partial,
        }
    }

    fn outcome(&self) -> Outcome {
        Outcome::Failed {
            status: self.trouble.status,
            message: self.trouble.message.clone(),
            action: self.trouble.action.clone(),
        }
    }
}

impl Told {
    fn fail(&mut self, untold: Untold) {
        if untold.is_withheld {
            let endpoint = untold.trouble.endpoint;
            self.withheld
                .entry(endpoint)
                .or_insert((0, untold.trouble))
                .0 += 1;
        } else {
            self.troubles.push(untold.trouble);
        }
    }

    fn join(&mut self, other: Self) {
        self.troubles.extend(other.troubles);
        for (endpoint, (number, first)) in other.withheld {
            self.withheld.entry(endpoint).or_insert((0, first)).0 += number;
        }
        self.has_asked |= other.has_asked;
        self.at = self.at.max(other.at);
    }
}

/// Asks what is wished for, so many repositories at a time, and records every answer. What is not
/// reached is simply due the next time.
pub(crate) async fn ask(
    shared: &Shared<'_>,
    extents: &HashMap<RepoId, Extent>,
    wishes: Wishes,
    jobs: usize,
    ending: &mut Ending,
) -> Result<Told, StoreError> {
    let mut told = Told::default();
    for (place, subjects) in wishes.counted {
        for many in subjects.chunks(Client::MOST_COUNTED) {
            if shared.may_wait(place) {
                told.join(count(shared, place, many, ending).await?);
            }
        }
    }
    let asking = stream::iter(wishes.each)
        .map(|wish| async move {
            let extent = extents.get(&wish.subject.id).copied().unwrap_or_default();
            fulfil(shared, &wish, &extent).await
        })
        .buffer_unordered(jobs);
    let mut asking = std::pin::pin!(asking);
    while let Some(fulfilled) = asking.next().await {
        let (one, stopped) = fulfilled?;
        if let Some((place, failure)) = stopped {
            shared.desks[place].is_closed.store(true, Ordering::Relaxed);
            ending.stopped.insert(place, failure);
        }
        told.join(one);
    }
    Ok(told)
}

impl Shared<'_> {
    /// Whether a credential may ask what can wait.
    fn may_wait(&self, place: usize) -> bool {
        !self.open(&[place]).is_empty()
            && !self.is_over()
            && self.desks[place].asker.client.has_spare()
    }
}

/// A credential that was stopped, and why.
type Stopped = Option<(usize, Failure)>;

async fn fulfil(
    shared: &Shared<'_>,
    wish: &Wish,
    extent: &Extent,
) -> Result<(Told, Stopped), StoreError> {
    let mut told = Told::default();
    let mut stopped = None;
    let mut outcomes = Vec::with_capacity(wish.endpoints.len());
    let (id, place) = (wish.subject.id, wish.subject.place);
    for question in questions(shared, wish, extent) {
        if !shared.may_wait(place) {
            break;
        }
        told.has_asked = true;
        let asking = ask_about(shared, &wish.subject, question);
        let Some(answer) = shared.unless_stopped(asking).await else {
            break;
        };
        shared.hear(answer.as_ref().err());
        match answer {
            Ok((outcome, at)) => {
                told.at = told.at.max(Some(at));
                outcomes.push((question.endpoint(), outcome));
            }
            Err(failure) if stops_everything(&failure) => {
                stopped = Some((place, failure));
                break;
            }
            Err(failure) => {
                let untold = Untold::by(&failure, &wish.subject.name);
                let is_nobody = failure.kind == FailureKind::Unreachable;
                if !is_nobody {
                    outcomes.push((question.endpoint(), untold.outcome()));
                }
                told.fail(untold);
                if is_nobody {
                    break;
                }
            }
        }
    }
    if !outcomes.is_empty() {
        let at = told.at.unwrap_or_else(|| shared.time());
        // What is asked beside traffic is no part of its account.
        let mut visited = Visited::default();
        shared.record(id, at, place, outcomes, &mut visited).await?;
    }
    Ok((told, stopped))
}

/// One request.
#[derive(Debug, Clone, Copy)]
enum Question {
    Weeks(Metric),
    /// A page of the history.
    Stars(u32),
    Releases,
    /// Runs of a day.
    Runs(Day),
}

impl Question {
    const fn endpoint(self) -> Endpoint {
        match self {
            Self::Weeks(metric) => Endpoint::by_week(metric),
            Self::Stars(_) => Endpoint::Stars,
            Self::Releases => Endpoint::Releases,
            Self::Runs(_) => Endpoint::WorkflowRuns,
        }
    }
}

/// The requests that a wish takes.
fn questions(shared: &Shared<'_>, wish: &Wish, extent: &Extent) -> Vec<Question> {
    let now = shared.time();
    let mut questions = Vec::with_capacity(wish.endpoints.len());
    for endpoint in &wish.endpoints {
        match endpoint {
            Endpoint::ViewsByWeek => questions.push(Question::Weeks(Metric::Views)),
            Endpoint::ClonesByWeek => questions.push(Question::Weeks(Metric::Clones)),
            Endpoint::Stars => questions.push(Question::Stars(plan::star_page(extent, now))),
            Endpoint::Releases => questions.push(Question::Releases),
            Endpoint::WorkflowRuns => {
                let held = shared.held_of(wish.subject.id);
                questions.extend(plan::workflow_days(&held, now).map(Question::Runs));
            }
            _ => {}
        }
    }
    questions
}

async fn ask_about(
    shared: &Shared<'_>,
    subject: &Subject,
    question: Question,
) -> Result<(Outcome, Timestamp), Failure> {
    let target = shared.target(subject);
    let answer = ask_at(shared, subject, &target, question).await;
    let is_missed = |failure: &Failure| failure.kind == FailureKind::NotFound;
    if !(answer.as_ref().is_err_and(is_missed) && matches!(target, Target::Id(_))) {
        return answer;
    }
    // Perhaps this server knows no numbers. A name that was told just now means the same.
    let told_at = shared.known.repositories.get(&subject.id);
    let told_at = told_at.map_or(Timestamp::MIN, |known| known.named_at);
    if !shared.is_fresh(told_at) {
        return answer;
    }
    let target = Target::Name(subject.name.clone());
    let by_name = ask_at(shared, subject, &target, question).await;
    if by_name.is_ok() {
        shared.number_misses.fetch_add(1, Ordering::Relaxed);
        return by_name;
    }
    answer
}

async fn ask_at(
    shared: &Shared<'_>,
    subject: &Subject,
    target: &Target,
    question: Question,
) -> Result<(Outcome, Timestamp), Failure> {
    let desk = &shared.desks[subject.place];
    let client = &desk.asker.client;
    let key = (subject.id, question.endpoint());
    let etag = lock(desk.etags).get(&key).cloned();
    let etag = etag.as_deref();
    match question {
        Question::Weeks(metric) => {
            let held = shared.held_of(subject.id);
            weeks(client, target, metric, &held).await
        }
        Question::Releases => {
            let answer = client.releases(target, etag).await?;
            Ok(outcome(answer, etag, |reading, etag| Outcome::Releases {
                reading,
                etag,
            }))
        }
        Question::Runs(day) => {
            let (runs, at) = client.workflow_runs(target, day).await?;
            Ok((Outcome::WorkflowRuns { day, runs }, at))
        }
        Question::Stars(page) => {
            // The validator is that of the page with the newest weeks.
            let etag = etag.filter(|_| page == 1);
            let answer = client.star_history(target, page, etag).await?;
            Ok(outcome(answer, etag, |page, etag| Outcome::Stars {
                history: page.history,
                reaches_back: page.reaches_back,
                etag,
            }))
        }
    }
}

async fn weeks(
    client: &Client,
    target: &Target,
    metric: Metric,
    held: &Held,
) -> Result<(Outcome, Timestamp), Failure> {
    // The same answer as a week ago would have other weeks: nothing is saved by a validator.
    let answer = client.traffic_by_week(target, metric, None).await?;
    let newest = held.newest_of(metric);
    Ok(outcome(answer, None, |reading, _| Outcome::Weekly {
        reading,
        newest,
        etag: None,
    }))
}

/// Asks for the counters of up to a hundred at once; of half as many where that was too much, and
/// of each alone, ever so rarely, where GraphQL does not tell.
async fn count(
    shared: &Shared<'_>,
    place: usize,
    subjects: &[Subject],
    ending: &mut Ending,
) -> Result<Told, StoreError> {
    let mut told = Told::default();
    let mut parts = vec![subjects];
    while let Some(part) = parts.pop() {
        if !shared.may_wait(place) {
            break;
        }
        told.has_asked = true;
        let client = &shared.desks[place].asker.client;
        let asked = part.iter().filter_map(|subject| {
            let node_id = subject.node_id.clone()?;
            Some((subject.id, node_id))
        });
        let asked: Vec<(RepoId, String)> = asked.collect();
        let Some(answer) = shared.unless_stopped(client.counters_of(&asked)).await else {
            break;
        };
        match answer {
            Ok(many) => save(shared, place, part, many, &mut told).await?,
            Err(failure) if failure.is_too_much_at_once() && part.len() > 1 => {
                let (one, other) = part.split_at(part.len() / 2);
                parts.extend([one, other]);
            }
            Err(failure) if failure.kind == FailureKind::Unauthorized => {
                shared.desks[place].is_closed.store(true, Ordering::Relaxed);
                ending.stopped.insert(place, failure);
            }
            // GraphQL has an hour of its own, and all else goes on.
            Err(failure) if stops_everything(&failure) => {
                told.has_asked = false;
                break;
            }
            Err(failure) => {
                shared.hear(Some(&failure));
                if failure.kind == FailureKind::Unreachable && !failure.is_too_much_at_once() {
                    told.fail(Untold::by(&failure, &part[0].name));
                    break;
                }
                for subject in part {
                    let untold = Untold::by(&failure, &subject.name);
                    count_alone(shared, subject, untold, &mut told).await?;
                }
            }
        }
    }
    Ok(told)
}

/// Keeps what was counted of many; those that nothing was said of are asked alone.
async fn save(
    shared: &Shared<'_>,
    place: usize,
    subjects: &[Subject],
    many: CountedMany,
    told: &mut Told,
) -> Result<(), StoreError> {
    let credential = &shared.desks[place].asker.fingerprint;
    let read_at = many.readings.iter().map(|reading| reading.read_at).max();
    told.at = told.at.max(read_at);
    let by = Endpoint::Counters;
    let recorded = shared
        .store
        .record_counters(&many.readings, by, credential)
        .await?;
    let recorded: HashMap<RepoId, Held> = recorded
        .into_iter()
        .map(|(id, recorded)| (id, recorded.held))
        .collect();
    let unsaid = subjects
        .iter()
        .filter(|subject| !recorded.contains_key(&subject.id));
    let unsaid: Vec<&Subject> = unsaid.collect();
    lock(shared.held).extend(recorded);
    for subject in unsaid {
        let untold = Untold::left_out(&subject.name, many.is_partial);
        count_alone(shared, subject, untold, told).await?;
    }
    Ok(())
}

/// Looks one repository up for its counters, where they have not been told for long; else notes
/// that they were not told.
async fn count_alone(
    shared: &Shared<'_>,
    subject: &Subject,
    untold: Untold,
    told: &mut Told,
) -> Result<(), StoreError> {
    let now = shared.time();
    let held = shared.held_of(subject.id);
    let counted = held
        .asked(Endpoint::Counters)
        .and_then(|asked| asked.answered_at);
    let is_old = counted.is_none_or(|at| now.duration_since(at) >= ALONE);
    let place = subject.place;
    if is_old && shared.may_wait(place) {
        let client = &shared.desks[place].asker.client;
        let target = shared.target(subject);
        let asking = client.look_up(&target);
        let Some(answer) = shared.unless_stopped(asking).await else {
            return Ok(());
        };
        let counters = answer.ok().and_then(|found| found.counters);
        if let Some(reading) = counters.filter(|reading| reading.repo == subject.id) {
            let credential = &shared.desks[place].asker.fingerprint;
            let by = Endpoint::Counters;
            let recorded = shared
                .store
                .record_counters(&[reading], by, credential)
                .await?;
            let recorded = recorded.into_iter();
            lock(shared.held).extend(recorded.map(|(id, recorded)| (id, recorded.held)));
            return Ok(());
        }
    }
    let outcomes = vec![(Endpoint::Counters, untold.outcome())];
    told.fail(untold);
    let mut visited = Visited::default();
    shared
        .record(subject.id, now, place, outcomes, &mut visited)
        .await
}

impl Shared<'_> {
    /// By what a repository is asked about: its number can mean no other, where the server knows
    /// numbers.
    fn target(&self, subject: &Subject) -> Target {
        match self.knows_no_numbers() {
            true => Target::Name(subject.name.clone()),
            false => Target::Id(subject.id),
        }
    }
}
