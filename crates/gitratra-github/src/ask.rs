//! The way of one question: through the gate, over the socket, along redirects and retries, to a
//! value or a failure.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use gitratra_core::{Endpoint, Timestamp};
use jiff::SignedDuration;
use reqwest::Url;

use crate::client::Counters;
use crate::clock::Clock;
use crate::decode::Bad;
use crate::endpoint::Question;
use crate::failure::{FailureKind, Hint};
use crate::gate::{Flight, Gate, Stop};
use crate::head::Head;
use crate::limit::Limit;
use crate::redirect::{self, Astray, HOPS};
use crate::refusal::{self, Words};
use crate::retry::{Course, Jitter, Trouble};
use crate::socket::{Broken, Socket};
use crate::{ApiUrl, Credential, Failure, RetryPolicy};

/// How often a request is sent again because GitHub asked to slow down.
const SLOW_DOWNS: u32 = 3;

/// What all questions of one client share.
pub(crate) struct Asker {
    pub(crate) api: ApiUrl,
    pub(crate) credential: Credential,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) gate: Gate,
    retry: RetryPolicy,
    jitter: Jitter,
    socket: Socket,
    sent: AtomicU64,
    not_modified: AtomicU64,
    retried: AtomicU64,
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
}

impl Asker {
    pub(crate) fn new(
        api: ApiUrl,
        credential: Credential,
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
            jitter: Jitter::new(retry.seed),
            retry,
            socket,
            sent: AtomicU64::new(0),
            not_modified: AtomicU64::new(0),
            retried: AtomicU64::new(0),
        }
    }

    pub(crate) fn counters(&self) -> Counters {
        Counters {
            sent: self.sent.load(Ordering::Relaxed),
            not_modified: self.not_modified.load(Ordering::Relaxed),
            retried: self.retried.load(Ordering::Relaxed),
        }
    }

    /// Asks at `url` until there is a value or no point in going on.
    pub(crate) async fn ask<T>(
        &self,
        question: &Question,
        mut url: Url,
        etag: Option<&str>,
        decode: impl Fn(&[u8], Timestamp) -> Result<T, Bad>,
    ) -> Result<Asked<T>, Failure> {
        let mut course = Course::default();
        let (mut hops, mut slow_downs) = (0, 0);
        loop {
            let pass = self.gate.pass(question.is_free()).await;
            let flight = pass.map_err(|stop| self.stopped(question, stop))?;
            match self.send(question, &flight, &url, etag, &decode).await {
                Next::Done(value, at, head) => {
                    return Ok(Asked {
                        value,
                        at,
                        head,
                        url,
                    });
                }
                Next::Stop(failure) => return Err(failure),
                Next::Follow(_) if hops == HOPS => {
                    let message = format!("more than {HOPS} redirects in a row");
                    return Err(self.failure(question, None, &message, FailureKind::Malformed));
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
                            return Err(failure);
                        }
                    }
                    self.retried.fetch_add(1, Ordering::Relaxed);
                }
                Next::Again(failure, trouble) => {
                    let took = self.clock.now().saturating_sub(flight.started);
                    // The place is free for others while this one waits.
                    drop(flight);
                    let wait = course.wait(&self.retry, &self.jitter, trouble, took);
                    let Some(wait) = wait else {
                        return Err(failure);
                    };
                    self.clock.sleep(wait).await;
                    self.retried.fetch_add(1, Ordering::Relaxed);
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
            };
        }
        failure
    }

    fn stopped(&self, question: &Question, stop: Stop) -> Failure {
        match stop {
            Stop::Unauthorized(message) => {
                self.failure(question, Some(401), &message, FailureKind::Unauthorized)
            }
            Stop::Limited { until } => {
                let message = match until {
                    Some(until) => format!("the rate limit is used up until {until}, nothing sent"),
                    None => "the rate limit is used up, nothing sent".to_owned(),
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
        decode: &impl Fn(&[u8], Timestamp) -> Result<T, Bad>,
    ) -> Next<T> {
        self.sent.fetch_add(1, Ordering::Relaxed);
        let (head, incoming) = match self.socket.get(url, etag).await {
            Ok(answer) => answer,
            Err(broken) => {
                self.gate.had_no_answer();
                return self.broken(question, None, broken);
            }
        };
        self.gate.observe(head.date(), head.rate());
        let body = incoming.body().await;
        tracing::debug!(
            endpoint = question.endpoint.word(),
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
            200 | 204 | 404 if is_value(question, &head, &body) => {
                self.value(question, head, &body, decode)
            }
            200 if body.trim_ascii().is_empty() => {
                let failure = self.malformed(question, &head, "the answer is empty");
                Next::Again(failure, Trouble::Broken)
            }
            304 if etag.is_some() => match head.date() {
                Some(at) => {
                    self.not_modified.fetch_add(1, Ordering::Relaxed);
                    Next::Done(None, at, head)
                }
                None => Next::Stop(self.malformed(question, &head, NO_DATE)),
            },
            301 | 302 | 307 | 308 => {
                let location = head.location().unwrap_or("http://");
                match self.follow(question, &head, url, location) {
                    Ok(url) => Next::Follow(url),
                    Err(failure) => Next::Stop(failure),
                }
            }
            400.. => self.refused(question, flight, &head, &body),
            status => {
                let message = format!("status {status} is no answer to this question");
                Next::Stop(self.malformed(question, &head, &message))
            }
        };
        if !matches!(next, Next::SlowDown(..)) {
            self.gate.went_well(flight);
        }
        if matches!(next, Next::Done(..)) && !question.is_free() {
            self.gate.had_value();
        }
        next
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
    ) -> Next<T> {
        let status = head.status;
        let words = Words::of(status, body);
        let failure = |kind| self.failure(question, Some(status), &words.message, kind);
        match status {
            401 => {
                let failure = failure(FailureKind::Unauthorized);
                self.gate.refuse(&failure.message);
                Next::Stop(failure)
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

const NO_DATE: &str = "the answer has no Date";

/// Whether an answer holds a value: a 200 with a body, and where it is foreseen one without.
fn is_value(question: &Question, head: &Head, body: &[u8]) -> bool {
    match head.status {
        200 => !body.trim_ascii().is_empty(),
        204 => question.endpoint == Endpoint::Repositories,
        // Servers whose limits are off answer so.
        404 => question.endpoint == Endpoint::RateLimit,
        _ => false,
    }
}
