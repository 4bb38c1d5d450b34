//! What one answer means: a value, another address, asking again, or the end of it.

use std::sync::PoisonError;
use std::time::Duration;

use gitratra_core::{Endpoint, Timestamp};
use jiff::SignedDuration;
use reqwest::Url;

use crate::Credential;
use crate::Failure;
use crate::ask::Asker;
use crate::decode::{self, Bad};
use crate::endpoint::{Question, Way};
use crate::failure::{FailureKind, Hint};
use crate::gate::{Flight, Refusal};
use crate::head::Head;
use crate::limit::Limit;
use crate::query::again;
use crate::refusal::{self, Words};
use crate::retry::Trouble;
use crate::socket::{Broken, Letter};
use crate::standing::{IfRefused, Shown};
use crate::tally::Outcome;

/// What follows from one answer.
pub(crate) enum Next<T> {
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

impl Asker {
    /// Sends a question once, and takes in what the answer says of time, limit and token.
    pub(crate) async fn send<T>(
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
            Way::Query => Letter::Json(question.letter.as_ref().map_or("", |(json, _)| json)),
        };
        let is_counted = question.is_own_account() && !question.is_free();
        let answer = self.socket.send(url, letter, shown.header.as_ref());
        let (head, incoming) = match answer.await {
            Ok(answer) => answer,
            Err(broken) => {
                self.gate.had_no_answer(flight);
                if is_counted && broken.may_have_arrived() {
                    self.gate.spend(flight);
                }
                return self.broken(question, None, broken);
            }
        };
        self.observe(question, &head);
        if is_counted && !matches!(head.status, 304 | 401) {
            self.gate.spend(flight);
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
                self.gate.had_no_answer(flight);
                return self.broken(question, Some(head.status), broken);
            }
        };
        let next = match head.status {
            200 | 201 | 204 | 404 if is_value(question, &head, &body) => {
                let error = (question.way == Way::Query).then(|| decode::query_error(&body));
                match error.flatten() {
                    Some(error) => self.query_refused(question, flight, &head, &error),
                    None => self.value(question, head, &body, decode),
                }
            }
            200 if body.trim_ascii().is_empty() => {
                let failure = self.malformed(question, &head, "the answer is empty");
                again(question, failure, Trouble::Broken)
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
            self.gate.had_value(flight);
        }
        next
    }

    /// Takes in what the headers say of time, limit and token.
    fn observe(&self, question: &Question, head: &Head) {
        // The limit in a 401 is that of nobody, who has an hour of its own.
        let is_own = question.is_own_account() && head.status != 401;
        let resource = question.resource();
        let rate = head.rate(resource).filter(|_| is_own);
        self.gate.observe(head.date(), resource, rate);
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
                let failure = self.malformed(question, &head, message);
                again(question, failure, Trouble::Broken)
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
            404 if question.way == Way::Token || self.is_app_itself() => {
                let hint = match question.way {
                    Way::Token if !refusal::is_unknown_app(&words) => Hint::AppGone,
                    _ => Hint::AppKey,
                };
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
                again(
                    question,
                    failure(FailureKind::Server),
                    Trouble::Server(asked),
                )
            }
            500.. => Next::Stop(failure(FailureKind::Server)),
            _ => {
                let limit = |resource| Limit::of(head, &words.message, resource);
                let limit = matches!(status, 403 | 429).then(|| limit(question.resource()));
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

    fn is_app_itself(&self) -> bool {
        matches!(self.credential, Credential::App(_))
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
            Broken::Trouble(trouble, message) => again(
                question,
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
    pub(crate) fn outcome(&self) -> Outcome<'_> {
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
