//! What else is asked of repositories once their traffic is read: weeks, stars, releases and workflow
//! runs of each, and the counters of a hundred at once.
//!
//! All of it can wait, so a part of the hour's requests is kept from it: half for a collector, whose
//! traffic goes on, and a tenth for a pass, whose traffic is read. Whatever comes of it counts for
//! nothing in the account of traffic.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::Ordering;

use futures_util::StreamExt;
use futures_util::stream;
use gitratra_core::plan::{self, Extent};
use gitratra_core::{Day, Endpoint, Held, Metric, RepoId, RepoName, Rules, Timestamp};
use gitratra_github::{Client, Failure, FailureKind, Target};
use gitratra_store::{Outcome, StoreError};

mod count;

use count::count;

use crate::read::{Mode, outcome};
use crate::report::{Trouble, stops_everything};
use crate::round::{Ending, not_stored};
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

/// Percent of the hour's requests that are kept for traffic and for whoever else asks.
const KEPT: (u64, u64) = (50, 10);

/// What must be left of the hour's requests, in percent.
pub(crate) const fn kept(mode: Mode) -> u64 {
    match mode {
        Mode::Due => KEPT.0,
        Mode::All | Mode::Worth => KEPT.1,
    }
}

impl Wanted<'_> {
    /// What is due of the repositories of these errands, what has waited longest first, of so many
    /// repositories at most; and as many whose counters are due.
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
        for counted in wishes.counted.values_mut() {
            counted.truncate(most);
        }
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
    /// Repositories that were not asked about, since too little was left of the hour.
    pub(crate) left: u64,
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
        self.left += other.left;
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
            match count(shared, place, many, ending).await {
                Ok(one) => told.join(one),
                Err(error) => told.troubles.push(unstored(&many[0].name, error)?),
            }
        }
    }
    let asking = stream::iter(wishes.each)
        .map(|wish| async move {
            let extent = extents.get(&wish.subject.id).copied().unwrap_or_default();
            let fulfilled = fulfil(shared, &wish, &extent).await;
            (wish, fulfilled)
        })
        .buffer_unordered(jobs);
    let mut asking = std::pin::pin!(asking);
    while let Some((wish, fulfilled)) = asking.next().await {
        let (one, stopped) = match fulfilled {
            Ok(fulfilled) => fulfilled,
            Err(error) => {
                told.troubles.push(unstored(&wish.subject.name, error)?);
                continue;
            }
        };
        if let Some((place, failure)) = stopped {
            shared.desks[place].is_closed.store(true, Ordering::Relaxed);
            ending.stopped.insert(place, failure);
        }
        told.join(one);
    }
    Ok(told)
}

/// What the store cannot take of one repository is that repository's own trouble.
fn unstored(name: &RepoName, error: StoreError) -> Result<Trouble, StoreError> {
    match error {
        StoreError::Internal { .. } => Ok(not_stored(&name.to_string(), &error)),
        other => Err(other),
    }
}

impl Shared<'_> {
    /// Whether a credential may ask what can wait.
    fn may_wait(&self, place: usize) -> bool {
        let client = &self.desks[place].asker.client;
        !self.open(&[place]).is_empty() && !self.is_over() && client.has_spare(kept(self.mode))
    }

    /// Whether it may not only because too little is left of the hour.
    fn is_spent(&self, place: usize) -> bool {
        let client = &self.desks[place].asker.client;
        !self.is_over() && !client.has_spare(kept(self.mode))
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
    let mut failing = None;
    for question in questions(shared, wish, extent) {
        // Where one day of runs is not told, the days before it are told first the next time.
        if failing == Some(question.endpoint()) {
            continue;
        }
        if !shared.may_wait(place) {
            told.left += u64::from(shared.is_spent(place));
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
            // With the whole network gone it is not this question that fails.
            Err(_) if shared.is_over() => break,
            Err(failure) => {
                let untold = Untold::by(&failure, &wish.subject.name);
                outcomes.push((question.endpoint(), untold.outcome()));
                told.fail(untold);
                failing = Some(question.endpoint());
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
