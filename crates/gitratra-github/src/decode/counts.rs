//! What a repository's JSON counts beside saying what the repository is. It comes for nothing with
//! every look-up and list, so whatever is wrong with it costs the answer nothing.

use gitratra_core::{Count, Counters, Profile, Visibility};
use serde::Deserialize;
use serde_json::Value;

use super::{printable, short_to};

/// The numbers of a moment, and what the repository is.
pub(crate) type Counts = (Counters, Profile);

/// Topics that are kept; GitHub allows 20.
const TOPICS: usize = 50;
/// Bytes of a description that are kept; GitHub allows 350 characters.
pub(super) const DESCRIPTION: usize = 1000;
/// Bytes of a topic, a language or a licence that are kept; GitHub allows 50 for a topic.
pub(super) const WORD: usize = 100;

/// The fields of a repository that count, as they come.
#[derive(Deserialize)]
pub(super) struct WireCounts {
    stargazers_count: Option<Value>,
    forks_count: Option<Value>,
    /// Only in the answer about one repository. `watchers_count` are stars.
    subscribers_count: Option<Value>,
    /// Issues and pull requests together.
    open_issues_count: Option<Value>,
    size: Option<Value>,
    description: Option<Value>,
    language: Option<Value>,
    license: Option<Value>,
    topics: Option<Value>,
    archived: Option<Value>,
    visibility: Option<Value>,
    private: Option<Value>,
}

impl WireCounts {
    /// Nothing where stars or forks are missing, as they are in some short forms.
    pub(super) fn counts(self) -> Option<Counts> {
        let counters = Counters {
            stars: number(self.stargazers_count.as_ref())?,
            forks: number(self.forks_count.as_ref())?,
            watchers: number(self.subscribers_count.as_ref()),
            open_issues: None,
            open_pulls: None,
            open_both: number(self.open_issues_count.as_ref()),
            size_kib: number(self.size.as_ref()),
            releases: None,
        };
        let is = |value: &Option<Value>| value.as_ref().and_then(Value::as_bool);
        let word = self.visibility.as_ref().and_then(Value::as_str);
        let named = Visibility::ALL
            .into_iter()
            .find(|visibility| Some(visibility.word()) == word);
        let visibility = match is(&self.private) {
            Some(true) => Visibility::Private,
            _ => Visibility::Public,
        };
        let listed = self.topics.as_ref().and_then(Value::as_array);
        let licence = self.license.as_ref().and_then(|it| it.get("spdx_id"));
        let profile = Profile {
            description: text(self.description.as_ref(), DESCRIPTION),
            language: text(self.language.as_ref(), WORD),
            licence: text(licence, WORD),
            topics: topics(listed.into_iter().flatten()),
            is_archived: is(&self.archived).unwrap_or(false),
            visibility: named.unwrap_or(visibility),
        };
        Some((counters, profile))
    }
}

/// A number that can be; nothing where it is none.
pub(super) fn number(value: Option<&Value>) -> Option<u64> {
    value?.as_u64().filter(|number| *number < Count::LIMIT)
}

/// A text of at most so many bytes, as it can be kept; nothing where it is empty or none.
pub(super) fn text(value: Option<&Value>, longest: usize) -> Option<String> {
    let text = value?.as_str()?.trim();
    (!text.is_empty()).then(|| short_to(printable(text.to_owned()), longest))
}

/// Topics, sorted, none twice.
pub(super) fn topics<'a>(listed: impl Iterator<Item = &'a Value>) -> Vec<String> {
    let mut topics: Vec<String> = listed
        .take(TOPICS)
        .filter_map(|topic| text(Some(topic), WORD))
        .collect();
    topics.sort_unstable();
    topics.dedup();
    topics
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(body: &str) -> Option<Counts> {
        serde_json::from_str::<WireCounts>(body).unwrap().counts()
    }

    #[test]
    fn watchers_are_those_who_subscribed_and_issues_are_not_told_apart() {
        let (counters, profile) = counts(
            r#"{"stargazers_count":80,"watchers_count":80,"watchers":80,"subscribers_count":42,
                "forks_count":9,"open_issues_count":7,"size":108,"private":false,
                "description":"Tool\u0007 ","language":"Rust","license":{"spdx_id":"MIT"},
                "topics":["b","a","b"],"archived":true,"visibility":"internal"}"#,
        )
        .unwrap();
        let expected = Counters {
            stars: 80,
            forks: 9,
            watchers: Some(42),
            open_both: Some(7),
            size_kib: Some(108),
            ..Counters::default()
        };
        assert_eq!(counters, expected);
        let expected = Profile {
            description: Some("Tool\u{fffd}".to_owned()),
            language: Some("Rust".to_owned()),
            licence: Some("MIT".to_owned()),
            topics: vec!["a".to_owned(), "b".to_owned()],
            is_archived: true,
            visibility: Visibility::Internal,
        };
        assert_eq!(profile, expected);
    }

    #[test]
    fn texts_are_bounded() {
        let (topic, description) = ("t".repeat(500), "ü".repeat(5000));
        let topics: Vec<_> = (0..60).map(|n| format!("\"{n:02}{topic}\"")).collect();
        let body = format!(
            r#"{{"stargazers_count":1,"forks_count":0,"description":"{description}",
                "topics":[{}]}}"#,
            topics.join(",")
        );
        let (_, profile) = counts(&body).unwrap();
        assert!(profile.description.unwrap().len() <= DESCRIPTION);
        assert_eq!(profile.topics.len(), TOPICS);
        assert!(profile.topics.iter().all(|topic| topic.len() == WORD));
    }

    #[test]
    fn a_list_has_no_watchers() {
        let (counters, profile) =
            counts(r#"{"stargazers_count":1,"forks_count":0,"private":true}"#).unwrap();
        assert_eq!((counters.stars, counters.watchers), (1, None));
        assert_eq!(profile.visibility, Visibility::Private);
    }

    #[test]
    fn what_cannot_be_is_not_told() {
        for body in [
            "{}",
            r#"{"stargazers_count":-1,"forks_count":0}"#,
            r#"{"stargazers_count":"8","forks_count":0}"#,
            r#"{"stargazers_count":1000000000000,"forks_count":0}"#,
            r#"{"stargazers_count":8,"forks_count":null}"#,
        ] {
            assert_eq!(counts(body), None, "{body}");
        }
        let (_, profile) = counts(
            r#"{"stargazers_count":1,"forks_count":0,"topics":7,"license":"MIT","description":[]}"#,
        )
        .unwrap();
        assert_eq!(
            (profile.topics.len(), profile.licence, profile.description),
            (0, None, None)
        );
    }
}
