//! What else is asked of a repository beside its traffic: weeks, stars, releases, workflow runs, and
//! counters of many at once.

use std::collections::HashSet;

use gitratra_core::{
    CountersReading, Day, Metric, ReleasesReading, RepoId, StarHistory, Timestamp, WeeklyReading,
};

use super::{Answer, Client};
use crate::ask::Asked;
use crate::decode::{self, Many, ReleasePage};
use crate::endpoint::Question;
use crate::failure::Hint;
use crate::limit::Resource;
use crate::query::{self, MOST_NODES};
use crate::{Credential, Failure, FailureKind, Need, Target};

/// Pages of releases that are read at most; each has a hundred.
const MOST_RELEASE_PAGES: usize = 10;

/// A page of the history of stars.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StarPage {
    /// Its weeks.
    pub history: StarHistory,
    /// Whether nothing lies before: it holds fewer weeks than a page can. Otherwise a further page
    /// may hold more, or be empty.
    pub reaches_back: bool,
}

/// What an answer about many repositories told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CountedMany {
    /// The repositories that were counted, none twice, each under the number that the answer itself
    /// names; only such as were asked about.
    pub readings: Vec<CountersReading>,
    /// Those that were asked about and are not among the readings, in the order of asking.
    pub missing: Vec<RepoId>,
    /// Whether GitHub left something out, or told what cannot be, so that what is missing may be
    /// there all the same; otherwise GitHub knows nothing of it, or does not say.
    pub is_partial: bool,
}

impl Client {
    /// Repositories that [`Client::counters_of`] asks about at most.
    pub const MOST_COUNTED: usize = MOST_NODES;

    /// Views or clones of a repository by week; `etag` is the validator of the last answer.
    ///
    /// # Errors
    /// [`Failure`] of any kind.
    pub async fn traffic_by_week(
        &self,
        target: &Target,
        metric: Metric,
        etag: Option<&str>,
    ) -> Result<Answer<WeeklyReading>, Failure> {
        let question = Question::traffic_by_week(target, metric);
        self.answer(&question, etag, |body, at| decode::weeks(metric, body, at))
            .await
    }

    /// A page of the history of a repository's stars: 1 has the newest weeks, the last one is at
    /// most [`StarHistory::PAGES`]. `etag` is the validator of the last answer to the same page.
    ///
    /// # Errors
    /// [`Failure`] of any kind. `NotFound` of a repository that can be read otherwise means that
    /// this server has no such history, or hides it.
    pub async fn star_history(
        &self,
        target: &Target,
        page: u32,
        etag: Option<&str>,
    ) -> Result<Answer<StarPage>, Failure> {
        let question = Question::star_history(target, page);
        self.answer(&question, etag, |body, at| {
            let history = decode::stars(body, at)?;
            let reaches_back = history.weeks.len() < StarHistory::PAGE as usize;
            Ok(StarPage {
                history,
                reaches_back,
            })
        })
        .await
    }

    /// The releases of a repository with the downloads of their files; drafts are left out. `etag`
    /// is the validator of the last answer.
    ///
    /// A validator is only given where one page held everything and had room for more: downloads
    /// of further pages grow while the first page stays as it is. Of more than a thousand releases
    /// the newest are read.
    ///
    /// # Errors
    /// [`Failure`] of any kind; nothing is returned of a list that breaks off.
    pub async fn releases(
        &self,
        target: &Target,
        etag: Option<&str>,
    ) -> Result<Answer<ReleasesReading>, Failure> {
        let question = Question::releases(target);
        let url = self.asker.api.at(&question.path);
        let decode = |body: &[u8], _| decode::releases(body);
        let mut asked = self.asker.ask(&question, url, etag, decode).await?;
        let mut pages = Vec::new();
        let mut seen = HashSet::new();
        let (at, is_whole, etag) = loop {
            let Asked {
                value,
                at,
                head,
                url: here,
            } = asked;
            let Some(page) = value else {
                return Ok(Answer::Unchanged { at });
            };
            let next = head.next_page();
            let is_all = pages.is_empty() && next.is_none() && !page.is_full;
            pages.push(page);
            let Some(next) = next else {
                break (at, true, head.etag().filter(|_| is_all));
            };
            if pages.len() == MOST_RELEASE_PAGES {
                break (at, false, None);
            }
            let url = self.asker.follow(&question, &head, &here, next)?;
            seen.insert(here);
            if seen.contains(&url) {
                let message = "the list leads back to a page that was read";
                let kind = FailureKind::Malformed;
                return Err(self.asker.failure(&question, None, message, kind));
            }
            asked = self.asker.ask(&question, url, None, decode).await?;
        };
        Ok(Answer::Fresh {
            value: joined(pages, at, is_whole),
            etag,
            at,
        })
    }

    /// How many workflow runs of a repository were created on a UTC day, with the server's time.
    ///
    /// # Errors
    /// [`Failure`] of any kind; `Forbidden` names the permission that is missing.
    pub async fn workflow_runs(
        &self,
        target: &Target,
        day: Day,
    ) -> Result<(u64, Timestamp), Failure> {
        let question = Question::workflow_runs(target, day);
        self.value(&question, |body, _| decode::runs(body)).await
    }

    /// The counters of many repositories in one request, by their numbers and GraphQL ids. It is
    /// counted against GraphQL's own limits; nothing is sent where nobody is asked about.
    ///
    /// *Shape*: of at most [`Client::MOST_COUNTED`] repositories; those beyond are missing.
    ///
    /// # Errors
    /// [`Failure`] of any kind. Where [`Failure::is_too_much_at_once`] says so, asking about half
    /// of them may help. `Forbidden` where there is no credential: GraphQL answers nobody.
    pub async fn counters_of(&self, asked: &[(RepoId, String)]) -> Result<CountedMany, Failure> {
        let sendable = asked.iter().filter(|(_, id)| decode::is_node_id(id));
        let ids: Vec<&str> = sendable.map(|(_, id)| &**id).take(MOST_NODES).collect();
        let many = match ids.is_empty() {
            true => Many::default(),
            false => self.count(&ids).await?,
        };
        let mut left: HashSet<RepoId> = asked.iter().map(|(repo, _)| *repo).collect();
        let mut readings = many.readings;
        readings.retain(|reading| left.remove(&reading.repo));
        let missing = asked.iter().map(|(repo, _)| *repo);
        Ok(CountedMany {
            readings,
            missing: missing.filter(|repo| left.remove(repo)).collect(),
            is_partial: many.is_partial || ids.len() < asked.len(),
        })
    }

    async fn count(&self, ids: &[&str]) -> Result<Many, Failure> {
        let question = Question::counters(ids);
        let asker = &self.asker;
        if matches!(asker.credential, Credential::Anonymous) {
            // A 401 would stop all else that may be asked without a credential.
            let message = "GraphQL answers nobody without a token, nothing sent";
            let kind = FailureKind::Forbidden(Need::Other);
            let failure = asker.failure(&question, None, message, kind);
            let hint = Hint::Anonymous;
            return Err(Failure { hint, ..failure });
        }
        let url = asker.api.graphql();
        let asked = asker.ask(&question, url, None, decode::many).await?;
        let many = asked.value.expect("no validator was sent");
        // What was reckoned with is spent already.
        let more = many
            .cost
            .map(|cost| cost.saturating_sub(query::price(ids.len())));
        asker
            .gate
            .spend_points(Resource::GraphQl, more.unwrap_or_default());
        Ok(many)
    }
}

/// All pages as one. Lists move while they are read, so what comes again is what was read before.
fn joined(pages: Vec<ReleasePage>, at: Timestamp, is_whole: bool) -> ReleasesReading {
    let (mut releases, mut assets) = (HashSet::new(), HashSet::new());
    let all = pages.into_iter().flat_map(|page| page.releases);
    let mut all: Vec<_> = all.filter(|release| releases.insert(release.id)).collect();
    for release in &mut all {
        release.assets.retain(|asset| assets.insert(asset.id));
    }
    ReleasesReading {
        read_at: at,
        releases: all,
        is_whole,
    }
}
