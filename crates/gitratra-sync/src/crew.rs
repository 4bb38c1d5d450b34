//! The credentials at work: which there are, which may ask now, and what they did so far.

use std::collections::{BTreeMap, HashMap};

use gitratra_core::Timestamp;
use gitratra_github::{BoxFuture, Counters, Failure, FailureKind};
use gitratra_store::CredentialNote;
use jiff::SignedDuration;

use crate::asker::{self, Asker};
use crate::collector::{CollectorError, later};
use crate::scope::Errand;

/// Where credentials come from.
pub trait AskerSource: Send + Sync {
    /// The credentials there are now. `known` are those in use: one that has not changed keeps its
    /// client, since that knows what is left of its hour. Nobody where waiting may bring somebody.
    /// The error is one line for a person.
    fn askers<'a>(&'a self, known: &'a [Asker]) -> BoxFuture<'a, Result<Vec<Asker>, String>>;
}

/// Credentials are looked for again so often: installations come and go.
const RENEW: SignedDuration = SignedDuration::from_hours(1);
/// The same while GitHub refuses one.
const RENEW_REFUSED: SignedDuration = SignedDuration::from_mins(5);
/// A credential that GitHub refused is tried again after this, with a single question.
const TRY_REFUSED: SignedDuration = SignedDuration::from_hours(1);
/// A limit whose end GitHub does not tell is taken to last so long.
const UNTOLD: SignedDuration = SignedDuration::from_mins(1);

/// And so long at least: where its end has passed by GitHub's clock, the client still waits for the
/// end that it has measured itself.
const LEAST: SignedDuration = SignedDuration::from_secs(5);

/// The credentials at work.
#[derive(Default)]
pub(crate) struct Crew {
    pub(crate) askers: Vec<Asker>,
    /// Those that ask nothing for now, by fingerprint.
    stopped: HashMap<String, Stop>,
    /// Those that were refused, are tried again and have not been answered yet: nobody is told that
    /// they are well before they are.
    tried: HashMap<String, Stop>,
    /// What clients did that are not in use any more.
    retired: Counters,
    renew_at: Option<Timestamp>,
}

/// That a credential asks nothing for now.
#[derive(Debug)]
struct Stop {
    failure: Failure,
    /// When that was, by GitHub's clock as far as it was known.
    at: Timestamp,
}

impl Stop {
    fn is_refusal(&self) -> bool {
        self.failure.kind == FailureKind::Unauthorized
    }

    fn ends_at(&self) -> Timestamp {
        match self.failure.kind {
            FailureKind::RateLimited { until: Some(until) } => until.max(later(self.at, LEAST)),
            FailureKind::RateLimited { until: None } => later(self.at, UNTOLD),
            _ => Timestamp::MAX,
        }
    }
}

impl Crew {
    /// Whether it is time to look for credentials.
    pub(crate) fn is_to_renew(&self, now: Timestamp) -> bool {
        self.renew_at.is_none_or(|renew_at| now >= renew_at)
    }

    /// Looks for credentials. Those that did not change keep their clients; one that was refused
    /// long ago gets a new one, since a client sends nothing more after a refusal. Returns whether
    /// they are others now.
    pub(crate) async fn renew(
        &mut self,
        source: &dyn AskerSource,
        now: Timestamp,
    ) -> Result<bool, CollectorError> {
        let is_to_try = |asker: &Asker| {
            let stop = self.stopped.get(&asker.fingerprint);
            stop.is_some_and(|stop| stop.is_refusal() && now >= later(stop.at, TRY_REFUSED))
        };
        let (tried, kept): (Vec<Asker>, Vec<Asker>) =
            self.askers.iter().cloned().partition(is_to_try);
        let found = match source.askers(&kept).await {
            Ok(found) if !found.is_empty() => found,
            // Nobody yet: this is asked again before anything else is done.
            Ok(_) if self.askers.is_empty() => return Ok(false),
            Err(why) if self.askers.is_empty() => return Err(CollectorError::Credentials(why)),
            Ok(_) => self.askers.clone(),
            Err(why) => {
                tracing::warn!("{why}; going on with the credentials there were");
                self.askers.clone()
            }
        };
        for old in tried {
            if let Some(stop) = self.stopped.remove(&old.fingerprint) {
                self.tried.insert(old.fingerprint, stop);
            }
        }
        let is_in_use = |print: &str| found.iter().any(|new| new.fingerprint == print);
        for old in &self.askers {
            // A client that has done less is another one, and knows of no refusal.
            let done = old.client.counters();
            let new = found.iter().find(|new| new.fingerprint == old.fingerprint);
            if new.is_none_or(|new| new.client.counters().sent < done.sent) {
                self.retired = asker::plus(self.retired, done);
                self.stopped.remove(&old.fingerprint);
            }
        }
        self.stopped.retain(|print, _| is_in_use(print));
        self.tried.retain(|print, _| is_in_use(print));
        let prints = |askers: &[Asker]| -> Vec<String> {
            let prints = askers.iter().map(|asker| asker.fingerprint.clone());
            prints.collect()
        };
        let has_changed = prints(&found) != prints(&self.askers);
        self.askers = found;
        let is_refused = (0..self.askers.len()).any(|place| self.is_refused(place));
        self.renew_at = Some(later(now, if is_refused { RENEW_REFUSED } else { RENEW }));
        Ok(has_changed)
    }

    /// Notes that a credential asks nothing for now.
    pub(crate) fn stop(&mut self, place: usize, failure: Failure) {
        let at = self.now().unwrap_or(Timestamp::MIN);
        let asker = &self.askers[place];
        if failure.kind == FailureKind::Unauthorized {
            tracing::error!(credential = asker.label, "{failure}; {}", failure.action());
            let renew_at = later(at, RENEW_REFUSED);
            self.renew_at = self.renew_at.map(|then| then.min(renew_at));
        } else {
            tracing::info!(credential = asker.label, "{failure}");
        }
        self.stopped
            .insert(asker.fingerprint.clone(), Stop { failure, at });
    }

    /// Whether GitHub refused a credential.
    pub(crate) fn is_refused(&self, place: usize) -> bool {
        let stop = self.stopped.get(&self.askers[place].fingerprint);
        stop.is_some_and(Stop::is_refusal)
    }

    /// The refusal of the first credential, where GitHub takes none.
    pub(crate) fn all_refused(&self) -> Option<Failure> {
        let all = (0..self.askers.len()).all(|place| self.is_refused(place));
        let first = self.askers.first().filter(|_| all)?;
        let stop = self.stopped.get(&first.fingerprint)?;
        Some(stop.failure.clone())
    }

    /// Places of the credentials that GitHub refuses.
    pub(crate) fn refused_places(&self) -> Vec<usize> {
        let places = 0..self.askers.len();
        places.filter(|place| self.is_refused(*place)).collect()
    }

    /// Places of the credentials that may not ask now.
    pub(crate) fn closed(&self, now: Timestamp) -> Vec<usize> {
        let is_closed = |asker: &Asker| {
            let stop = self.stopped.get(&asker.fingerprint);
            stop.is_some_and(|stop| stop.ends_at() > now)
        };
        let places = self.askers.iter().enumerate();
        places
            .filter(|(_, asker)| is_closed(asker))
            .map(|(place, _)| place)
            .collect()
    }

    /// Places of the credentials that may carry an errand out.
    pub(crate) fn asked(errand: &Errand) -> &[usize] {
        match errand.sure {
            0 => &errand.able,
            sure => &errand.able[..sure],
        }
    }

    /// When the first credential that has used up its limit may ask again.
    pub(crate) fn next_reset(&self, now: Timestamp) -> Option<Timestamp> {
        let ends = self.stopped.values().map(Stop::ends_at);
        ends.filter(|end| *end > now).min()
    }

    /// The credentials that GitHub refuses, by label, each with what to do.
    pub(crate) fn refused(&self) -> BTreeMap<String, String> {
        let refused = self.askers.iter().filter_map(|asker| {
            let stopped = self.stopped.get(&asker.fingerprint);
            let tried = self.tried.get(&asker.fingerprint);
            let has_answers = asker.client.counters().ok > 0;
            let stop = stopped
                .filter(|stop| stop.is_refusal())
                .or(tried.filter(|_| !has_answers))?;
            let why = format!("{}: {}", stop.failure.message, stop.failure.action());
            Some((asker.label.clone(), why))
        });
        refused.collect()
    }

    /// How GitHub takes each credential, for other collectors to know.
    pub(crate) fn notes(&self) -> Vec<CredentialNote> {
        let refused = self.refused();
        let note = |asker: &Asker| CredentialNote {
            credential: asker.fingerprint.clone(),
            label: asker.label.clone(),
            refused: refused.get(&asker.label).cloned(),
        };
        self.askers.iter().map(note).collect()
    }

    /// What all credentials did since the start.
    pub(crate) fn requests(&self) -> Counters {
        asker::plus(self.retired, asker::counters(&self.askers))
    }

    /// GitHub's time, as the last answer to any of them tells it.
    pub(crate) fn now(&self) -> Option<Timestamp> {
        asker::server_now(&self.askers)
    }
}
