//! The one GraphQL query, which counts many repositories at once: its text, its price, and what it
//! means where there is no answer to it but errors.
//!
//! What an answer holds is read in `decode::many`.

use serde_json::json;

use crate::Failure;
use crate::answer::Next;
use crate::ask::Asker;
use crate::decode::QueryError;
use crate::endpoint::{Question, Way};
use crate::failure::{FailureKind, Hint, Need};
use crate::gate::Flight;
use crate::head::Head;
use crate::limit::Limit;
use crate::refusal::{self, Words};
use crate::retry::Trouble;

/// Repositories that one query may ask about.
///
/// *Source*: GitHub answers for at most 100 ids in a field.
pub(crate) const MOST_NODES: usize = 100;

/// What is asked of each repository. Its tags are asked for by the day of their commits, the newest
/// first.
const TEXT: &str = r#"query($ids:[ID!]!){
  nodes(ids:$ids){
    ... on Repository{
      databaseId
      stargazerCount
      forkCount
      watchers{totalCount}
      issues(states:OPEN){totalCount}
      pullRequests(states:OPEN){totalCount}
      releases{totalCount}
      diskUsage
      isArchived
      visibility
      description
      primaryLanguage{name}
      licenseInfo{spdxId}
      repositoryTopics(first:20){nodes{topic{name}}}
      refs(refPrefix:"refs/tags/",first:20,orderBy:{field:TAG_COMMIT_DATE,direction:DESC}){
        nodes{
          name
          target{
            __typename
            ... on Commit{committedDate}
            ... on Tag{tagger{date} target{... on Commit{committedDate}}}
          }
        }
      }
    }
  }
  rateLimit{cost}
}"#;

/// Lists that the query reads of each repository: watchers, issues, pull requests, releases, topics
/// and tags.
const LISTS: u64 = 6;

/// The query with the numbers it is about, as it is posted.
pub(crate) fn letter(ids: &[&str]) -> String {
    json!({ "query": TEXT, "variables": { "ids": ids } }).to_string()
}

/// Points of the hour that a query about so many repositories costs at most.
///
/// *Source*: docs.github.com, "Rate limits and query limits for the GraphQL API": a point for each
/// hundred lists that are read, one at least.
pub(crate) fn price(repositories: usize) -> u64 {
    (1 + LISTS * repositories as u64).div_ceil(100)
}

impl Asker {
    /// What an answer means that holds nothing but an error.
    pub(crate) fn query_refused<T>(
        &self,
        question: &Question,
        flight: &Flight<'_>,
        head: &Head,
        error: &QueryError,
    ) -> Next<T> {
        let QueryError { word, message } = error;
        let failure = |kind| self.failure(question, Some(head.status), message, kind);
        match Limit::of_error(head, word, message) {
            Some(Limit::Primary { until }) => {
                let until = self.gate.exhaust(flight, until);
                return Next::Stop(failure(FailureKind::RateLimited { until }));
            }
            Some(Limit::Secondary { wait }) => {
                let failure = failure(FailureKind::RateLimited { until: None });
                return Next::SlowDown(failure, wait);
            }
            None => {}
        }
        let (kind, hint) = match &**word {
            "RESOURCE_LIMITS_EXCEEDED" | "MAX_NODE_LIMIT_EXCEEDED" | "TIMEOUT" => {
                (FailureKind::Server, Hint::TooMuch)
            }
            "INSUFFICIENT_SCOPES" => (FailureKind::Forbidden(Need::Scope), Hint::Nothing),
            "FORBIDDEN" => {
                let head = Head {
                    status: 403,
                    ..head.clone()
                };
                let words = Words {
                    message: message.clone(),
                    blocked: None,
                };
                refusal::kind(&self.api, question.endpoint, &head, &words)
            }
            _ if speaks_of_trouble(message) => (FailureKind::Server, Hint::TooMuch),
            _ => (FailureKind::Refused, Hint::Nothing),
        };
        Next::Stop(Failure {
            hint,
            ..failure(kind)
        })
    }
}

/// Whether GitHub's words say that it gave up on a query.
fn speaks_of_trouble(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    message.contains("something went wrong") || message.contains("timeout")
}

/// What follows from trouble that may pass: asking again, but not with a query that may have been
/// too much for GitHub, which takes points for each try.
pub(crate) fn again<T>(question: &Question, failure: Failure, trouble: Trouble) -> Next<T> {
    let is_too_much = match trouble {
        Trouble::NoConnection => false,
        Trouble::Broken => true,
        Trouble::Server(_) => matches!(failure.status, Some(502 | 504)),
    };
    if question.way != Way::Query || !is_too_much {
        return Next::Again(failure, trouble);
    }
    Next::Stop(Failure {
        hint: Hint::TooMuch,
        ..failure
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_about_a_hundred_costs_a_few_points() {
        assert_eq!([0, 1, 16, 17, 100].map(price), [1, 1, 1, 2, 7]);
        // Each list that the price counts has braces of its own in the text.
        let lists = ["totalCount", "(first:20){nodes", "first:20,orderBy"];
        let found: usize = lists.iter().map(|list| TEXT.matches(list).count()).sum();
        assert_eq!(found as u64, LISTS);
    }

    #[test]
    fn ids_are_values_and_no_part_of_the_text() {
        let evil = "R_1\"]}){nodes}";
        let letter: serde_json::Value = serde_json::from_str(&letter(&[evil])).unwrap();
        assert_eq!(letter["query"], TEXT);
        assert_eq!(letter["variables"]["ids"][0], evil);
    }

    #[test]
    fn no_stargazer_is_asked_for() {
        assert!(!TEXT.contains("stargazers"));
    }
}
