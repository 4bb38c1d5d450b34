//! What can be read of each repository: asked of GitHub, or as its last answers in the store say.
//! Nothing is stored.

use std::collections::{BTreeMap, HashMap};

use futures_util::StreamExt as _;
use futures_util::stream;
use gitratra_core::{Endpoint, Metric, Ranking, RepoId, RepoName, Repository, Timestamp};
use gitratra_github::{Failure, FailureKind, Target};
use gitratra_store::Problem;
use gitratra_sync::{Asker, AskerKind};
use serde::Serialize;

use super::credentials::{state_of, words};
use super::finding::{Area, Check, State};
use super::moment;
use crate::command::repos::{self, Tracked};

/// The `ETag`s that are held, by credential.
pub(super) type Etags = HashMap<String, HashMap<(RepoId, Endpoint), String>>;

/// How one endpoint of a repository stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Standing {
    pub(super) state: State,
    pub(super) status: Option<u16>,
    pub(super) message: Option<String>,
    pub(super) action: Option<String>,
    /// When GitHub said so, by its own clock.
    pub(super) asked_at: Option<String>,
}

/// How one repository stands.
#[derive(Debug, Clone)]
pub(super) struct Patient {
    /// Its present name.
    pub(super) name: RepoName,
    pub(super) id: Option<RepoId>,
    pub(super) standings: BTreeMap<&'static str, Standing>,
    pub(super) checks: Vec<Check>,
    /// Whether GitHub was asked.
    pub(super) is_live: bool,
}

impl Standing {
    fn good(at: Option<Timestamp>) -> Self {
        Self {
            state: State::Ok,
            status: None,
            message: None,
            action: None,
            asked_at: at.map(|at| format!("{at:.0}")),
        }
    }

    fn failed(failure: &Failure) -> Self {
        Self {
            state: state_of(&failure.kind),
            status: failure.status,
            message: Some(said(failure)),
            action: Some(failure.action()),
            asked_at: None,
        }
    }

    fn unknown(message: &str) -> Self {
        Self {
            state: State::Unknown,
            message: Some(message.to_owned()),
            ..Self::good(None)
        }
    }
}

/// GitHub's words, and what they mean where they say less than they mean.
fn said(failure: &Failure) -> String {
    match &failure.kind {
        FailureKind::NotFound if failure.endpoint != Endpoint::Repositories => format!(
            "{}: deleted, or private and out of this credential's sight, which GitHub does not \
             tell apart",
            failure.message
        ),
        FailureKind::Blocked { reason } => {
            format!("{}: blocked by GitHub ({reason})", failure.message)
        }
        _ => failure.message.clone(),
    }
}

/// Asks GitHub about one repository: who it is, and then the four, each with the validator of the
/// answer that is held, so that what has not changed costs nothing.
pub(super) async fn ask(askers: &[&Asker], etags: &Etags, tracked: &Tracked) -> Patient {
    let mut patient = Patient {
        name: tracked.name.clone(),
        id: tracked.id,
        standings: BTreeMap::new(),
        checks: Vec::new(),
        is_live: true,
    };
    let (asker, repository) = match look_up(askers, tracked).await {
        Ok(found) => found,
        Err(failure) => {
            patient.fill(&Standing::failed(&failure));
            patient.tell();
            patient.tell_gone(tracked);
            return patient;
        }
    };
    patient.note_changes(tracked, &repository);
    let none = HashMap::new();
    let etags = etags.get(&asker.fingerprint).unwrap_or(&none);
    let target = Target::Name(repository.name.clone());
    for endpoint in Endpoint::TRAFFIC {
        let etag = etags.get(&(repository.id, endpoint)).map(String::as_str);
        let standing = match question(asker, &target, endpoint, etag).await {
            Ok(()) => Standing::good(asker.client.server_now()),
            Err(failure) => Standing::failed(&failure),
        };
        patient.standings.insert(endpoint.word(), standing);
    }
    patient.tell();
    patient
}

/// Asks about several at the same time, in their order.
pub(super) async fn ask_all(
    askers: &[&Asker],
    etags: &Etags,
    tracked: &[&Tracked],
    jobs: usize,
    done: &(dyn Fn(&RepoName) + Sync),
) -> Vec<Patient> {
    let asking = tracked.iter().map(|tracked| async move {
        let patient = ask(askers, etags, tracked).await;
        done(&tracked.name);
        patient
    });
    stream::iter(asking).buffered(jobs).collect().await
}

/// Who a repository is, and which credential sees most of it: one made for its owner is asked
/// first, and one that may read its traffic wins.
async fn look_up<'a>(
    askers: &[&'a Asker],
    tracked: &Tracked,
) -> Result<(&'a Asker, Repository), Failure> {
    let is_for = |asker: &&Asker| match &asker.kind {
        AskerKind::Installation { account } => account.eq_ignore_ascii_case(tracked.name.owner()),
        AskerKind::Person => false,
    };
    let mut order: Vec<&Asker> = askers.to_vec();
    order.sort_by_key(|asker| !is_for(asker));
    let mut seen: Option<(&Asker, Repository)> = None;
    let mut refused: Option<Failure> = None;
    for asker in order {
        match look_up_by(asker, tracked).await {
            Ok(repository) => {
                let may_read =
                    repository.can_push != Some(false) || asker.kind != AskerKind::Person;
                if may_read {
                    return Ok((asker, repository));
                }
                seen.get_or_insert((asker, repository));
            }
            // What says more than "not found" counts.
            Err(failure) => match &refused {
                Some(known) if known.kind != FailureKind::NotFound => {}
                _ => refused = Some(failure),
            },
        }
    }
    seen.ok_or_else(|| {
        refused.unwrap_or_else(|| {
            Failure::new(
                Some(tracked.name.to_string()),
                Endpoint::Repository,
                None,
                "there is no credential to ask with",
                FailureKind::Unauthorized,
            )
        })
    })
}

/// A repository is asked for by its number, which stays; servers that know no numbers are asked for
/// the name.
async fn look_up_by(asker: &Asker, tracked: &Tracked) -> Result<Repository, Failure> {
    let by_name = Target::Name(tracked.name.clone());
    let Some(id) = tracked.id else {
        let answer = asker.client.repository(&by_name).await;
        return answer.map(|(repository, _)| repository);
    };
    match asker.client.repository(&Target::Id(id)).await {
        Ok((repository, _)) => Ok(repository),
        Err(failure) if failure.kind == FailureKind::NotFound => {
            match asker.client.repository(&by_name).await {
                Ok((repository, _)) if repository.id == id => Ok(repository),
                // Another one bears the name now.
                Ok(_) | Err(_) => Err(failure.named(&tracked.name)),
            }
        }
        Err(failure) => Err(failure.named(&tracked.name)),
    }
}

async fn question(
    asker: &Asker,
    target: &Target,
    endpoint: Endpoint,
    etag: Option<&str>,
) -> Result<(), Failure> {
    let client = &asker.client;
    match endpoint {
        Endpoint::Clones => client.traffic(target, Metric::Clones, etag).await.map(drop),
        Endpoint::Referrers => client
            .ranked(target, Ranking::Referrers, etag)
            .await
            .map(drop),
        Endpoint::Paths => client.ranked(target, Ranking::Paths, etag).await.map(drop),
        _ => client.traffic(target, Metric::Views, etag).await.map(drop),
    }
}

/// What the last answers in the store say of one repository.
///
/// `has_passed` tells whether any pass was made, which then has looked for every name.
pub(super) fn recall(tracked: &Tracked, problems: &[&Problem], has_passed: bool) -> Patient {
    let mut patient = Patient {
        name: tracked.name.clone(),
        id: tracked.id,
        standings: BTreeMap::new(),
        checks: Vec::new(),
        is_live: false,
    };
    let found = |endpoint| {
        let mut of = problems.iter();
        of.find(|problem| problem.endpoint == endpoint)
    };
    let whole = found(Endpoint::Repository);
    let is_missed = tracked.id.is_none() && has_passed;
    for endpoint in Endpoint::TRAFFIC {
        let asked = tracked.held.asked(endpoint);
        let standing = match (found(endpoint).or(whole), asked) {
            (Some(problem), asked) => Standing {
                asked_at: asked.map(|asked| format!("{:.0}", asked.asked_at)),
                ..of_problem(problem)
            },
            (None, Some(asked)) => Standing::good(Some(asked.asked_at)),
            (None, None) if is_missed => Standing {
                state: State::Bad,
                action: Some(repos::why_never_found(&tracked.name)),
                ..Standing::unknown(repos::NEVER_FOUND)
            },
            (None, None) => Standing::unknown("never asked"),
        };
        patient.standings.insert(endpoint.word(), standing);
    }
    patient.tell();
    patient.tell_gone(tracked);
    patient
}

/// What is not asked, and why not.
pub(super) fn leave(tracked: &Tracked, why: &str) -> Patient {
    let mut patient = Patient {
        name: tracked.name.clone(),
        id: tracked.id,
        standings: BTreeMap::new(),
        checks: Vec::new(),
        is_live: false,
    };
    patient.fill(&Standing::unknown(why));
    patient
}

/// Whether the last answer leaves open what is wrong: none came, or GitHub had trouble of its own.
/// What cannot be read beside traffic, by what it is: nothing of it is lost by waiting, and some of
/// it no server or credential may tell.
pub(super) fn beside(problems: &[Problem], tracked: &[Tracked]) -> Vec<Check> {
    let check = |endpoint: Endpoint| {
        let is_ours = |problem: &&Problem| {
            let of = tracked.iter().find(|one| one.id == Some(problem.repo));
            problem.endpoint == endpoint && of.is_some_and(|one| one.gone.is_none())
        };
        let ours: Vec<&Problem> = problems.iter().filter(is_ours).collect();
        let first = ours.first()?;
        let name = tracked.iter().find(|one| one.id == Some(first.repo))?;
        let what = endpoint.word().replace('_', " ");
        let found = match ours.len() {
            1 => format!("not told of {}: {}", name.name, first.message),
            number => format!(
                "not told of {number} repositories, {} among them: {}",
                name.name, first.message
            ),
        };
        let check = Check::new(Area::Repositories, what, State::Note, found);
        Some(check.action(first.action.clone()))
    };
    Endpoint::OTHERS.into_iter().filter_map(check).collect()
}

fn of_problem(problem: &Problem) -> Standing {
    let is_open = problem
        .status
        .is_none_or(|status| status >= 500 || status == 429);
    Standing {
        state: if is_open { State::Unknown } else { State::Bad },
        status: problem.status,
        message: Some(format!(
            "{} (since {})",
            problem.message,
            moment(problem.since)
        )),
        action: Some(problem.action.clone()),
        asked_at: None,
    }
}

impl Patient {
    fn fill(&mut self, standing: &Standing) {
        for endpoint in Endpoint::TRAFFIC {
            self.standings.insert(endpoint.word(), standing.clone());
        }
    }

    fn check(&self, state: State, found: impl Into<String>) -> Check {
        Check::new(Area::Repositories, self.name.to_string(), state, found)
    }

    /// One check for all endpoints that stand alike.
    fn tell(&mut self) {
        let mut groups: Vec<(Standing, Vec<&'static str>)> = Vec::new();
        for endpoint in Endpoint::TRAFFIC {
            let Some(standing) = self.standings.get(endpoint.word()) else {
                continue;
            };
            // The same said at another second is the same.
            let plain = Standing {
                asked_at: None,
                ..standing.clone()
            };
            match groups.iter_mut().find(|(known, _)| *known == plain) {
                Some((_, words)) => words.push(endpoint.word()),
                None => groups.push((plain, vec![endpoint.word()])),
            }
        }
        for (standing, endpoints) in groups {
            let endpoints = endpoints.join(", ");
            let check = match (&standing.message, standing.state) {
                (_, State::Ok) => self.check(State::Ok, format!("{endpoints} can be read")),
                (message, state) => {
                    let message = message.as_deref().unwrap_or("no answer");
                    let message = words(standing.status, message);
                    self.check(state, format!("{endpoints}: {message}"))
                }
            };
            self.checks.push(Check {
                action: standing.action,
                ..check
            });
        }
    }

    /// Since when GitHub has not answered for it.
    fn tell_gone(&mut self, tracked: &Tracked) {
        let Some(gone) = tracked.gone else { return };
        let found = format!(
            "gone since {} ({}); what was collected is kept, and `gitratra untrack {}` stops asking",
            moment(gone.since),
            gone.status,
            self.name
        );
        let check = self.check(State::Note, found);
        self.checks.push(check);
    }

    /// What has changed about it and is no trouble.
    fn note_changes(&mut self, tracked: &Tracked, repository: &Repository) {
        self.name = repository.name.clone();
        self.id = Some(repository.id);
        if repository.name != tracked.name {
            let found = format!("was renamed, it was {}", tracked.name);
            let check = self.check(State::Note, found);
            self.checks.push(check);
        }
        if repository.is_archived {
            let check = self.check(State::Note, "is archived; its traffic goes on");
            self.checks.push(check);
        }
    }
}

/// What is shown of many: those with something to tell, and one line for all others.
pub(super) fn shown(patients: &[Patient], tells_all: bool, as_of: Option<Timestamp>) -> Vec<Check> {
    if tells_all {
        return patients
            .iter()
            .flat_map(|patient| patient.checks.clone())
            .collect();
    }
    let is_fine = |patient: &&Patient| patient.checks.iter().all(|check| check.state == State::Ok);
    let (fine, others): (Vec<&Patient>, Vec<&Patient>) = patients.iter().partition(is_fine);
    let mut checks = Vec::new();
    if !fine.is_empty() {
        let repositories = match fine.len() {
            1 => "1 repository".to_owned(),
            number => format!("{number} repositories"),
        };
        let last = as_of.map_or_else(String::new, |at| {
            let at = moment(at);
            format!(", as their last answers say, the oldest of {at}; --live asks again")
        });
        let found = format!("views, clones, referrers, paths can be read of {repositories}{last}");
        let name = if others.is_empty() {
            "all"
        } else {
            "all others"
        };
        checks.push(Check::new(Area::Repositories, name, State::Ok, found));
    }
    checks.extend(others.iter().flat_map(|patient| patient.checks.clone()));
    checks
}

#[cfg(test)]
mod tests {
    use super::*;
    use gitratra_core::{Asked, Held};

    fn tracked(endpoints: &[Endpoint]) -> Tracked {
        let mut held = Held::default();
        for endpoint in endpoints {
            let at: Timestamp = "2026-03-10T12:00:00Z".parse().unwrap();
            held.set(*endpoint, Asked::first(at));
        }
        Tracked {
            name: "octo/alpha".parse().unwrap(),
            id: Some(RepoId(7)),
            held,
            is_tracked: true,
            is_private: false,
            gone: None,
        }
    }

    fn problem(endpoint: Endpoint, status: Option<u16>) -> Problem {
        Problem {
            repo: RepoId(7),
            endpoint,
            status,
            message: "no".to_owned(),
            action: "change it".to_owned(),
            since: "2026-03-09T12:00:00Z".parse().unwrap(),
        }
    }

    fn check(endpoints: &[Endpoint], problems: &[Problem], expected: &[(State, &str)]) {
        let problems: Vec<&Problem> = problems.iter().collect();
        let patient = recall(&tracked(endpoints), &problems, true);
        let found: Vec<_> = patient
            .checks
            .iter()
            .map(|check| (check.state, check.found.as_str()))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn endpoints_that_stand_alike_are_told_together() {
        let all = Endpoint::TRAFFIC;
        check(
            &all,
            &[],
            &[(State::Ok, "views, clones, referrers, paths can be read")],
        );
        check(
            &all[..2],
            &[problem(Endpoint::Clones, Some(403))],
            &[
                (State::Ok, "views can be read"),
                (State::Bad, "clones: 403 no (since 2026-03-09 12:00 UTC)"),
                (State::Unknown, "referrers, paths: never asked"),
            ],
        );
        check(
            &all,
            &[problem(Endpoint::Repository, None)],
            &[(
                State::Unknown,
                "views, clones, referrers, paths: no (since 2026-03-09 12:00 UTC)",
            )],
        );
    }
}
