//! The way of one question: through the gate, over the socket, along redirects and retries, to a
//! value or a failure.
//!
//! What one answer means is in `answer`; what is shown with a question, and what follows when that
//! is refused, in `standing`.

use std::sync::{Arc, Mutex, PoisonError};

use gitratra_core::Timestamp;
use reqwest::Url;
use reqwest::header::HeaderValue;

use crate::answer::Next;
use crate::clock::Clock;
use crate::decode::Bad;
use crate::endpoint::Question;
use crate::failure::{FailureKind, Hint};
use crate::gate::{Gate, Refusal, Stop};
use crate::head::Head;
use crate::limit::Resource;
use crate::redirect::{self, Astray, HOPS};
use crate::retry::{Course, Jitter};
use crate::socket::Socket;
use crate::standing::Shown;
use crate::tally::Tally;
use crate::{ApiUrl, Credential, Failure, RetryPolicy};

/// How often a request is sent again because GitHub asked to slow down.
const SLOW_DOWNS: u32 = 3;

/// What all questions of one client share.
pub(crate) struct Asker {
    pub(crate) api: ApiUrl,
    pub(crate) credential: Credential,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) gate: Gate,
    pub(crate) tally: Tally,
    /// The header of a credential that stays the same.
    pub(crate) authorization: Option<HeaderValue>,
    retry: RetryPolicy,
    jitter: Jitter,
    pub(crate) socket: Socket,
    pub(crate) told: Mutex<Told>,
}

/// What GitHub has told about a token.
#[derive(Debug, Clone, Default)]
pub(crate) struct Told {
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) scopes: Option<Vec<String>>,
}

/// A value with the headers it came with and the address it came from.
pub(crate) struct Asked<T> {
    /// Nothing where it is unchanged.
    pub(crate) value: Option<T>,
    pub(crate) at: Timestamp,
    pub(crate) head: Head,
    pub(crate) url: Url,
}

/// Why there is no value.
pub(crate) enum Ended {
    Failed(Failure),
    /// What was shown is not taken, but something newer may be.
    NotTaken(Failure),
}

impl From<Ended> for Failure {
    fn from(ended: Ended) -> Self {
        let (Ended::Failed(failure) | Ended::NotTaken(failure)) = ended;
        failure
    }
}

impl Asker {
    pub(crate) fn new(
        api: ApiUrl,
        credential: Credential,
        authorization: Option<HeaderValue>,
        retry: RetryPolicy,
        clock: Arc<dyn Clock>,
        gate: Gate,
        socket: Socket,
    ) -> Self {
        Self {
            api,
            credential,
            clock,
            gate,
            tally: Tally::default(),
            authorization,
            jitter: Jitter::new(retry.seed),
            retry,
            socket,
            told: Mutex::default(),
        }
    }

    /// What GitHub has told about the token so far.
    pub(crate) fn told(&self) -> Told {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.clone()
    }

    /// Asks at `url`, showing the same all the time, until there is a value or no point in going
    /// on.
    pub(crate) async fn carry<T>(
        &self,
        question: &Question,
        mut url: Url,
        etag: Option<&str>,
        shown: &Shown,
        decode: &impl Fn(&[u8], Timestamp) -> Result<T, Bad>,
    ) -> Result<Asked<T>, Ended> {
        let mut course = Course::default();
        let (mut hops, mut slow_downs) = (0, 0);
        let fare = question.fare();
        loop {
            let pass = self.gate.pass(fare).await;
            let flight = pass.map_err(|stop| Ended::Failed(self.stopped(question, stop)))?;
            let next = self
                .send(question, &flight, &url, etag, shown, decode)
                .await;
            self.tally.end(next.outcome());
            match next {
                Next::Done(value, at, head) => {
                    return Ok(Asked {
                        value,
                        at,
                        head,
                        url,
                    });
                }
                Next::Stop(failure) => return Err(Ended::Failed(failure)),
                Next::NotTaken(failure) => return Err(Ended::NotTaken(failure)),
                Next::Follow(_) if hops == HOPS => {
                    let message = format!("more than {HOPS} redirects in a row");
                    let failure = self.failure(question, None, &message, FailureKind::Malformed);
                    return Err(Ended::Failed(failure));
                }
                Next::Follow(next) => {
                    hops += 1;
                    url = next;
                }
                Next::SlowDown(mut failure, wait) => {
                    slow_downs += 1;
                    let is_last = slow_downs > SLOW_DOWNS;
                    match self.gate.slow_down(&flight, wait, is_last) {
                        Ok(pause) => {
                            let pause_secs = pause.as_secs();
                            tracing::warn!(pause_secs, "GitHub asks to slow down, pausing");
                        }
                        Err(until) => {
                            failure.kind = FailureKind::RateLimited { until };
                            return Err(Ended::Failed(failure));
                        }
                    }
                    self.tally.retry();
                }
                Next::Again(failure, trouble) => {
                    let took = self.clock.now().saturating_sub(flight.started);
                    // The place is free for others while this one waits.
                    drop(flight);
                    let wait = course.wait(&self.retry, &self.jitter, trouble, took);
                    let Some(wait) = wait else {
                        return Err(Ended::Failed(failure));
                    };
                    self.clock.sleep(wait).await;
                    self.tally.retry();
                }
            }
        }
    }

    /// The address of a next page or a redirect, where it is on this host.
    pub(crate) fn follow(
        &self,
        question: &Question,
        head: &Head,
        here: &Url,
        location: &str,
    ) -> Result<Url, Failure> {
        redirect::follow(&self.api, here, location).map_err(|astray| {
            let (message, kind) = match astray {
                Astray::OtherHost(location) => (
                    format!("GitHub's answer leads to another host, \"{location}\""),
                    FailureKind::OtherHost { location },
                ),
                Astray::NoAddress => (
                    "GitHub's answer leads to what is no address".to_owned(),
                    FailureKind::Malformed,
                ),
            };
            self.failure(question, Some(head.status), &message, kind)
        })
    }

    /// A failure none of whose texts holds the credential.
    pub(crate) fn failure(
        &self,
        question: &Question,
        status: Option<u16>,
        message: &str,
        kind: FailureKind,
    ) -> Failure {
        let message = self.credential.black_out(message);
        let kind = kind.with_texts(|text| self.credential.black_out(text));
        let mut failure = Failure::new(
            question.subject.clone(),
            question.endpoint,
            status,
            &message,
            kind,
        );
        if failure.kind == FailureKind::Unauthorized {
            failure.hint = match self.credential {
                Credential::Basic { .. } => Hint::Basic,
                Credential::Anonymous => Hint::Anonymous,
                Credential::Token(_) => Hint::Nothing,
                Credential::Installation(_) if question.is_own_account() => Hint::AppToken,
                Credential::Installation(_) | Credential::App(_) => Hint::AppKey,
            };
        }
        failure
    }

    fn stopped(&self, question: &Question, stop: Stop) -> Failure {
        match stop {
            Stop::Unauthorized(refusal) => {
                let Refusal {
                    status,
                    message,
                    hint,
                } = refusal;
                let failure = self.failure(question, status, &message, FailureKind::Unauthorized);
                Failure { hint, ..failure }
            }
            Stop::Limited { until, is_share } => {
                let what = match (is_share, question.resource()) {
                    (true, Resource::Core) => "this program's share of the rate limit",
                    (false, Resource::Core) => "the rate limit",
                    (true, Resource::GraphQl) => "this program's share of GraphQL's rate limit",
                    (false, Resource::GraphQl) => "GraphQL's rate limit",
                };
                let (message, hint) = match (until, is_share) {
                    (Some(until), _) => (
                        format!("{what} is used up until {until}, nothing sent"),
                        Hint::Nothing,
                    ),
                    (None, false) => (format!("{what} is used up, nothing sent"), Hint::Nothing),
                    (None, true) => (
                        format!("{what} cannot be agreed on in the store, nothing sent"),
                        Hint::Unagreed,
                    ),
                };
                let kind = FailureKind::RateLimited { until };
                let failure = self.failure(question, None, &message, kind);
                Failure { hint, ..failure }
            }
        }
    }
}
