//! The client as callers see it: what can be asked, and in which form answers come.
//!
//! How a question is carried to its answer is in `ask`.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use gitratra_core::{
    CountersReading, Metric, RankedReading, Ranking, Reading, Repository, Timestamp,
};

use crate::ask::{Asked, Asker};
use crate::clock::Clock;
use crate::decode::{self, Bad, Counts};
use crate::endpoint::Question;
use crate::gate::Gate;
use crate::limit::{Resource, until};
use crate::pace::MINUTE;
use crate::socket::Socket;
use crate::{
    ApiUrl, Counters, Credential, Failure, Listing, Purse, Rate, RetryPolicy, Target, TokioClock,
};

mod others;

pub use others::{CountedMany, StarPage};

/// GitHub allows no more requests at once.
const MOST_AT_ONCE: usize = 100;

/// What a client is made of.
#[derive(Clone)]
pub struct Options {
    /// Where the API lies.
    pub api: ApiUrl,
    /// Who asks.
    pub credential: Credential,
    /// Requests in any 60 seconds at most, of REST and of GraphQL each; 0 is no pace of our own.
    /// GitHub allows 900 of REST and 2,000 of GraphQL, which is never asked more.
    pub points_per_minute: u32,
    /// How patient to be.
    pub retry: RetryPolicy,
    /// What measures waiting.
    pub clock: Arc<dyn Clock>,
    /// How long GitHub's minute takes on that clock: a minute, but where simulated days go by faster
    /// than the limits of who simulates GitHub.
    pub minute: Duration,
    /// Requests in flight at most; held between 1 and 100.
    pub concurrency: usize,
    /// The part of each hour's limit that this client spends at most, of REST's as of GraphQL's,
    /// more than 0 and at most 1;
    /// one request an hour is always allowed. Others with the same credential have the rest.
    pub rate_share: f64,
    /// What gives this client its shares of what it may spend, where other processes ask with the
    /// same credential and all of them together may spend no more.
    pub purse: Option<Arc<dyn Purse>>,
}

impl Options {
    /// The usual: 900 points a minute, 8 requests at once, the machine's clock.
    #[must_use]
    pub fn new(api: ApiUrl, credential: Credential) -> Self {
        Self {
            api,
            credential,
            points_per_minute: 900,
            retry: RetryPolicy::default(),
            clock: Arc::new(TokioClock::new()),
            minute: MINUTE,
            concurrency: 8,
            rate_share: 1.0,
            purse: None,
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("api", &self.api)
            .field("credential", &self.credential)
            .field("points_per_minute", &self.points_per_minute)
            .field("retry", &self.retry)
            .field("concurrency", &self.concurrency)
            .field("rate_share", &self.rate_share)
            .finish_non_exhaustive()
    }
}

/// Why a client cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The credential cannot be put into a header.
    #[error("cannot send the credential: {why}")]
    Credential {
        /// What is wrong with it.
        why: &'static str,
    },
    /// The share of the hourly limit is none.
    #[error("cannot spend \"{share}\" of the rate limit: give more than 0 and at most 1")]
    RateShare {
        /// What was given.
        share: f64,
    },
    /// The HTTP client cannot be set up.
    #[error("cannot set up HTTP")]
    Http(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// An answer to a question that was asked with the validator of an earlier answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer<T> {
    /// A new value.
    Fresh {
        /// The value.
        value: T,
        /// The validator for the next time.
        etag: Option<String>,
        /// The server's time of the answer.
        at: Timestamp,
    },
    /// Still the value that the validator came with; this costs nothing of the hourly limit.
    Unchanged {
        /// The server's time of the answer.
        at: Timestamp,
    },
}

/// A list of repositories, read to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The repositories in GitHub's order, none twice.
    pub repositories: Vec<Repository>,
    /// What the list counts of them beside; not of all, where it counts nothing of some.
    pub counters: Vec<CountersReading>,
    /// Numbers of the organisations whose repositories GitHub left out because their single
    /// sign-on has not been passed.
    pub hidden_organizations: Vec<String>,
    /// The server's time of the last page.
    pub at: Timestamp,
}

/// What a look-up told of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookUp {
    /// What it is.
    pub repository: Repository,
    /// What the answer counts beside, where that can be read.
    pub counters: Option<CountersReading>,
    /// The server's time of the answer.
    pub at: Timestamp,
}

/// The state of the hourly limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// Nothing on servers without limits.
    pub rate: Option<Rate>,
    /// The server's time of the answer.
    pub at: Timestamp,
}

/// A client of GitHub's API. Clones share everything: connections, limits, counters.
#[derive(Clone)]
pub struct Client {
    asker: Arc<Asker>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("api", &self.asker.api)
            .field("credential", &self.asker.credential)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// Makes a client; nothing is sent yet.
    ///
    /// # Errors
    /// [`ClientError::Credential`] where the secret is empty or cannot be sent,
    /// [`ClientError::RateShare`] where the share is not more than 0 and at most 1,
    /// [`ClientError::Http`] where TLS or the proxy settings cannot be used.
    pub fn new(options: Options) -> Result<Self, ClientError> {
        let header = options.credential.header();
        let header = header.map_err(|why| ClientError::Credential { why })?;
        let share = options.rate_share;
        if !(share > 0.0 && share <= 1.0) {
            return Err(ClientError::RateShare { share });
        }
        let socket = Socket::new(options.api.is_loopback(), &options.retry)
            .map_err(|error| ClientError::Http(error.into()))?;
        let concurrency = options.concurrency.clamp(1, MOST_AT_ONCE);
        let gate = Gate::new(
            options.points_per_minute,
            share,
            concurrency,
            Arc::clone(&options.clock),
            options.purse,
        )
        .with_minute(options.minute);
        Ok(Self {
            asker: Arc::new(Asker::new(
                options.api,
                options.credential,
                header,
                options.retry,
                options.clock,
                gate,
                socket,
            )),
        })
    }

    /// Daily views or clones of a repository; `etag` is the validator of the last answer.
    ///
    /// # Errors
    /// [`Failure`] of any kind.
    pub async fn traffic(
        &self,
        target: &Target,
        metric: Metric,
        etag: Option<&str>,
    ) -> Result<Answer<Reading>, Failure> {
        let question = Question::traffic(target, metric);
        self.answer(&question, etag, |body, at| {
            decode::traffic(metric, body, at)
        })
        .await
    }

    /// Referrers or popular paths of a repository; `etag` is the validator of the last answer.
    ///
    /// # Errors
    /// [`Failure`] of any kind.
    pub async fn ranked(
        &self,
        target: &Target,
        ranking: Ranking,
        etag: Option<&str>,
    ) -> Result<Answer<RankedReading>, Failure> {
        let question = Question::ranked(target, ranking);
        self.answer(&question, etag, |body, at| {
            decode::ranked(ranking, body, at)
        })
        .await
    }

    /// What a repository is now, with the server's time.
    ///
    /// # Errors
    /// [`Failure`] of any kind.
    pub async fn repository(&self, target: &Target) -> Result<(Repository, Timestamp), Failure> {
        let found = self.look_up(target).await?;
        Ok((found.repository, found.at))
    }

    /// What a repository is now, and what GitHub counts of it in the same answer.
    ///
    /// # Errors
    /// [`Failure`] of any kind.
    pub async fn look_up(&self, target: &Target) -> Result<LookUp, Failure> {
        let question = Question::repository(target);
        let decode = |body: &[u8], _| Ok((decode::repository(body)?, decode::counts(body)));
        let ((repository, counts), at) = self.value(&question, decode).await?;
        Ok(LookUp {
            counters: counts.map(|counts| counted(&repository, counts, at)),
            repository,
            at,
        })
    }

    /// A list of repositories, all pages of it.
    ///
    /// # Errors
    /// [`Failure`] of any kind; nothing is returned of a list that breaks off.
    pub async fn list(&self, listing: &Listing) -> Result<Listed, Failure> {
        self.all_pages(&Question::list(listing)).await
    }

    /// The user name behind the credential, with the server's time.
    ///
    /// # Errors
    /// [`Failure`] of any kind; app installations are no users and get `Forbidden`.
    pub async fn login(&self) -> Result<(String, Timestamp), Failure> {
        let question = Question::user();
        self.value(&question, |body, _| decode::login(body)).await
    }

    /// The state of the hourly limit, which may be asked even when that is used up.
    ///
    /// # Errors
    /// [`Failure`] of any kind but `NotFound`, which is how servers without limits answer.
    pub async fn rate_limit(&self) -> Result<RateLimit, Failure> {
        let question = Question::rate_limit();
        let (rate, at) = self
            .value(&question, |body, _| decode::rate_limit(body))
            .await?;
        self.asker.gate.observe(Some(at), Resource::Core, rate);
        Ok(RateLimit { rate, at })
    }

    /// The latest known state of the hourly limit of REST; GraphQL has one of its own.
    #[must_use]
    pub fn rate(&self) -> Option<Rate> {
        self.asker.gate.rate()
    }

    /// Whether at least so many percent of what this client may spend of the present hour are left,
    /// as far as answers have told, so that there is room for what can wait.
    #[must_use]
    pub fn has_spare(&self, percent: u64) -> bool {
        self.asker.gate.has_spare(percent)
    }

    /// Gives back what was given to this client of an hour that it shares with others and has not
    /// spent, as where it is about to end. It may go on all the same.
    pub async fn give_back(&self) {
        self.asker.gate.give_back().await;
    }

    /// What this client has done so far.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.asker.tally.read()
    }

    /// When the token ends, as the latest answers say; nothing where it does not end, where no
    /// answer has said so yet, and for installations of an App, whose tokens are renewed.
    #[must_use]
    pub fn token_expires_at(&self) -> Option<Timestamp> {
        self.asker.told().expires_at
    }

    /// The scopes of a classic token, as the latest answers say; nothing for other credentials and
    /// before the first answer.
    #[must_use]
    pub fn scopes(&self) -> Option<Vec<String>> {
        self.asker.told().scopes
    }

    /// Whether the latest token of an App's installation came without the permission
    /// "Administration", so that no traffic will be shown.
    #[must_use]
    pub fn lacks_administration(&self) -> bool {
        match &self.asker.credential {
            Credential::Installation(credential) => credential.lease.lacks_administration(),
            _ => false,
        }
    }

    /// [`Credential::fingerprint`] of the credential this client asks with.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        self.asker.credential.fingerprint()
    }

    /// Counts requests that another run with the same credential has sent within the last minute.
    pub fn preload_points(&self, points: u32) {
        self.asker.gate.preload(points);
    }

    /// The server's time now, reckoned from its latest answer; nothing before the first one.
    #[must_use]
    pub fn server_now(&self) -> Option<Timestamp> {
        self.asker.gate.server_now()
    }

    /// Returns once it is `until` by the server's clock, at once where that is not known.
    pub async fn wait_for_reset(&self, until_then: Timestamp) {
        if let Some(now) = self.asker.gate.server_now() {
            self.asker.clock.sleep(until(until_then, now)).await;
        }
    }

    pub(crate) fn asker(&self) -> &Asker {
        &self.asker
    }

    async fn answer<T>(
        &self,
        question: &Question,
        etag: Option<&str>,
        decode: impl Fn(&[u8], Timestamp) -> Result<T, Bad>,
    ) -> Result<Answer<T>, Failure> {
        let url = self.asker.api.at(&question.path);
        let Asked {
            value, at, head, ..
        } = self.asker.ask(question, url, etag, decode).await?;
        Ok(match value {
            Some(value) => Answer::Fresh {
                value,
                etag: head.etag(),
                at,
            },
            None => Answer::Unchanged { at },
        })
    }

    async fn value<T>(
        &self,
        question: &Question,
        decode: impl Fn(&[u8], Timestamp) -> Result<T, Bad>,
    ) -> Result<(T, Timestamp), Failure> {
        let url = self.asker.api.at(&question.path);
        let Asked { value, at, .. } = self.asker.ask(question, url, None, decode).await?;
        let value = value.expect("only an answer to a validator can be \"unchanged\"");
        Ok((value, at))
    }

    async fn all_pages(&self, question: &Question) -> Result<Listed, Failure> {
        let mut found: Vec<(Repository, Option<Counts>)> = Vec::new();
        let mut ids = HashSet::new();
        let mut hidden_organizations: Vec<String> = Vec::new();
        let at = self
            .asker
            .pages(question, decode::counted_page, |page, head| {
                // Lists move while they are read, so a repository may come on two pages.
                found.extend(page.into_iter().filter(|(found, _)| ids.insert(found.id)));
                for id in head.sso().unwrap_or_default().organizations {
                    if !hidden_organizations.contains(&id) {
                        hidden_organizations.push(id);
                    }
                }
            });
        let at = at.await?;
        let counters = found
            .iter_mut()
            .filter_map(|(repository, counts)| Some(counted(repository, counts.take()?, at)));
        Ok(Listed {
            counters: counters.collect(),
            repositories: found
                .into_iter()
                .map(|(repository, _)| repository)
                .collect(),
            hidden_organizations,
            at,
        })
    }
}

fn counted(repository: &Repository, counts: Counts, at: Timestamp) -> CountersReading {
    let (counters, profile) = counts;
    CountersReading {
        repo: repository.id,
        read_at: at,
        counters,
        profile,
        tags: None,
    }
}
