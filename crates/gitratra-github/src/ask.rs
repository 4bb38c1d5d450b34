//! The way of one question: through the gate, over the socket, along redirects and retries, to a
//! value or a failure.
//!
//! What is shown with it, and what follows when that is refused, is in `standing`.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use gitratra_core::{Endpoint, Timestamp};
use jiff::SignedDuration;
use reqwest::Url;
use reqwest::header::HeaderValue;

use crate::clock::Clock;
use crate::decode::Bad;
use crate::endpoint::{Question, Way};
use crate::failure::{FailureKind, Hint};
use crate::gate::{Fare, Flight, Gate, Refusal, Stop};
use crate::head::Head;
use crate::limit::Limit;
use crate::redirect::{self, Astray, HOPS};
use crate::refusal::{self, Words};
use crate::retry::{Course, Jitter, Trouble};
use crate::socket::{Broken, Letter, Socket};
use crate::standing::{IfRefused, Shown};
use crate::tally::{Outcome, Tally};
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
    socket: Socket,
    told: Mutex<Told>,
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

/// What follows from one answer.
enum Next<T> {
    /// A value, or nothing where it is unchanged.
    Done(Option<T>, Timestamp, Head),
    Follow(Url),
    /// The server asked to slow down, perhaps saying for how long.
    SlowDown(Failure, Option<Duration>),
    /// Ask again, if there are attempts left.
    Again(Failure, Trouble),
    Stop(Failure),
    /// What was shown is not taken, but something newer may be.
    NotTaken(Failure),
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
        let fare = Fare {
            points: question.points(),
            is_free: question.is_free(),
        };
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
                Credential::Installation(_) if question.way == Way::Get => Hint::AppToken,
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
                let what = match is_share {
                    true => "this program's share of the rate limit",
                    false => "the rate limit",
                };
                let message = match until {
                    Some(until) => format!("{what} is used up until {until}, nothing sent"),
                    None => format!("{what} is used up, nothing sent"),
                };
                let kind = FailureKind::RateLimited { until };
                self.failure(question, None, &message, kind)
            }
        }
    }

    async fn send<T>(
        &self,
        question: &Question,
        flight: &Flight<'_>,
        url: &Url,
        etag: Option<&str>,
        shown: &Shown,
        decode: &impl Fn(&[u8], Timestamp) -> Result<T, Bad>,
    ) -> Next<T> {
        self.tally.send();
        let letter = match question.way {
            Way::Get | Way::Nobody => Letter::Get(etag),
            Way::Token => Letter::Post,
        };
        let is_counted = question.is_own_account() && !question.is_free();
        let answer = self.socket.send(url, letter, shown.header.as_ref());
        let (head, incoming) = match answer.await {
            Ok(answer) => answer,
            Err(broken) => {
                self.gate.had_no_answer();
                if is_counted && broken.may_have_arrived() {
                    self.gate.spend();
                }
                return self.broken(question, None, broken);
            }
        };
        self.observe(question, &head);
        if is_counted && head.status != 304 {
            self.gate.spend();
        }
        let body = incoming.body().await;
        tracing::debug!(
            endpoint = question.word(),
            status = head.status,
            ms = self.clock.now().saturating_sub(flight.started).as_millis() as u64,
            remaining = head.remaining(),
            "GitHub answered",
        );
        let body = match body {
            Ok(body) => body,
            Err(broken) => {
                self.gate.had_no_answer();
                return self.broken(question, Some(head.status), broken);
            }
        };
        let next = match head.status {
            200 | 201 | 204 | 404 if is_value(question, &head, &body) => {
                self.value(question, head, &body, decode)
            }
            200 if body.trim_ascii().is_empty() => {
                let failure = self.malformed(question, &head, "the answer is empty");
                Next::Again(failure, Trouble::Broken)
            }
            304 if etag.is_some() => match head.date() {
                Some(at) => Next::Done(None, at, head),
                None => Next::Stop(self.malformed(question, &head, NO_DATE)),
            },
            301 | 302 | 307 | 308 => {
                let location = head.location().unwrap_or("http://");
                match self.follow(question, &head, url, location) {
                    Ok(url) => Next::Follow(url),
                    Err(failure) => Next::Stop(failure),
                }
            }
            400.. => self.refused(question, flight, &head, &body, shown),
            status => {
                let message = format!("status {status} is no answer to this question");
                Next::Stop(self.malformed(question, &head, &message))
            }
        };
        if !matches!(next, Next::SlowDown(..)) {
            self.gate.went_well(flight);
        }
        if matches!(next, Next::Done(..)) && is_counted {
            self.gate.had_value();
        }
        next
    }

    /// Takes in what the headers say of time, limit and token.
    fn observe(&self, question: &Question, head: &Head) {
        let is_own = question.is_own_account();
        self.gate
            .observe(head.date(), head.rate().filter(|_| is_own));
        // The tokens of installations end every hour, and are renewed before.
        let is_lasting = matches!(
            self.credential,
            Credential::Token(_) | Credential::Basic { .. }
        );
        if !is_lasting || head.status == 401 {
            return;
        }
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(end) = head.token_end() {
            told.expires_at = Some(end);
        }
        if let Some(scopes) = head.scopes() {
            let scopes = scopes.into_iter().filter(|scope| !scope.is_empty());
            told.scopes = Some(scopes.map(str::to_owned).collect());
        }
    }

    fn value<T>(
        &self,
        question: &Question,
        head: Head,
        body: &[u8],
        decode: &impl Fn(&[u8], Timestamp) -> Result<T, Bad>,
    ) -> Next<T> {
        let Some(at) = head.date() else {
            return Next::Stop(self.malformed(question, &head, NO_DATE));
        };
        // The body of a 404 speaks of the refusal; what it means here is that there is nothing.
        let body = if head.status == 404 { &[] } else { body };
        match decode(body, at) {
            Ok(value) => Next::Done(Some(value), at, head),
            Err(Bad::Wrong(what)) => Next::Stop(self.malformed(question, &head, &what)),
            Err(Bad::CutShort) => {
                let message = "the answer ends before it is complete";
                Next::Again(self.malformed(question, &head, message), Trouble::Broken)
            }
        }
    }

    fn refused<T>(
        &self,
        question: &Question,
        flight: &Flight<'_>,
        head: &Head,
        body: &[u8],
        shown: &Shown,
    ) -> Next<T> {
        let status = head.status;
        let words = Words::of(status, body);
        let failure = |kind| self.failure(question, Some(status), &words.message, kind);
        match status {
            401 => {
                let failure = failure(FailureKind::Unauthorized);
                match shown.if_refused {
                    IfRefused::Stop => self.give_up(failure),
                    IfRefused::TryNew => Next::NotTaken(failure),
                    IfRefused::TryNewIfSignedElsewhen(at) if is_far_from(at, head.date()) => {
                        Next::NotTaken(failure)
                    }
                    IfRefused::TryNewIfSignedElsewhen(_) => self.give_up(failure),
                }
            }
            404 if question.way == Way::Token => {
                let hint = Hint::AppGone;
                let failure = failure(FailureKind::Unauthorized);
                self.give_up(Failure { hint, ..failure })
            }
            403 if self.is_app() && refusal::is_suspended(&words) => {
                let hint = Hint::AppSuspended;
                let failure = failure(FailureKind::Unauthorized);
                self.give_up(Failure { hint, ..failure })
            }
            500 | 502 | 503 | 504 => {
                let asked = head.retry_after(head.date()).filter(|_| status == 503);
                let asked = asked.map(|wait: SignedDuration| wait.try_into().unwrap_or_default());
                Next::Again(failure(FailureKind::Server), Trouble::Server(asked))
            }
            500.. => Next::Stop(failure(FailureKind::Server)),
            _ => {
                let limit = matches!(status, 403 | 429).then(|| Limit::of(head, &words.message));
                match limit.flatten() {
                    Some(Limit::Primary { until }) => {
                        let until = self.gate.exhaust(flight, until);
                        Next::Stop(failure(FailureKind::RateLimited { until }))
                    }
                    Some(Limit::Secondary { wait }) => {
                        let failure = failure(FailureKind::RateLimited { until: None });
                        Next::SlowDown(failure, wait)
                    }
                    None => {
                        let (kind, hint) =
                            refusal::kind(&self.api, question.endpoint, head, &words);
                        Next::Stop(Failure {
                            hint,
                            ..failure(kind)
                        })
                    }
                }
            }
        }
    }

    /// Sends nothing more.
    fn give_up<T>(&self, failure: Failure) -> Next<T> {
        self.gate.refuse(Refusal {
            status: failure.status,
            message: failure.message.clone(),
            hint: failure.hint,
        });
        Next::Stop(failure)
    }

    fn is_app(&self) -> bool {
        matches!(
            self.credential,
            Credential::App(_) | Credential::Installation(_)
        )
    }

    fn malformed(&self, question: &Question, head: &Head, message: &str) -> Failure {
        self.failure(question, Some(head.status), message, FailureKind::Malformed)
    }

    fn broken<T>(&self, question: &Question, status: Option<u16>, broken: Broken) -> Next<T> {
        match broken {
            Broken::Trouble(trouble, message) => Next::Again(
                self.failure(question, status, &message, FailureKind::Unreachable),
                trouble,
            ),
            Broken::TooLarge => {
                let message = "the answer is larger than 16 MiB";
                Next::Stop(self.failure(question, status, message, FailureKind::Malformed))
            }
        }
    }
}

impl<T> Next<T> {
    fn outcome(&self) -> Outcome<'_> {
        match self {
            Self::Done(Some(_), ..) => Outcome::Ok,
            Self::Done(None, ..) => Outcome::NotModified,
            Self::Follow(_) => Outcome::Redirected,
            Self::SlowDown(failure, _)
            | Self::Again(failure, _)
            | Self::Stop(failure)
            | Self::NotTaken(failure) => Outcome::Failed(&failure.kind),
        }
    }
}

const NO_DATE: &str = "the answer has no Date";

/// Whether a proof was signed for another time than the server's, which is why it was refused.
fn is_far_from(signed_at: Timestamp, at: Option<Timestamp>) -> bool {
    at.is_some_and(|at| at.duration_since(signed_at).abs() > SignedDuration::from_secs(30))
}

/// Whether an answer holds a value: a 200 with a body, and where it is foreseen one without.
fn is_value(question: &Question, head: &Head, body: &[u8]) -> bool {
    match head.status {
        200 => !body.trim_ascii().is_empty(),
        201 => question.way == Way::Token && !body.trim_ascii().is_empty(),
        204 => question.endpoint == Endpoint::Repositories,
        // Servers whose limits are off answer so.
        404 => question.endpoint == Endpoint::RateLimit,
        _ => false,
    }
}
