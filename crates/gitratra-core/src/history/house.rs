//! What a house holds beyond single repositories: rules, groups, suspicions.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::keep;
use crate::{Day, GroupName, Metric, Pattern, RepoId};

/// What belongs to no repository alone. Joining adds and never takes away: what was removed in one
/// house and not in the other is there again.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct House {
    /// Rules by their text in lower case, as they are spelled.
    pub rules: BTreeMap<String, String>,
    /// Exact names in lower case and the repositories that they have come to mean.
    pub bindings: BTreeSet<(String, RepoId)>,
    /// Groups by [`GroupName::key`].
    pub groups: BTreeMap<String, GroupFacts>,
    /// Days whose zeros are not believed, and since when; the earlier time stays.
    pub suspicions: BTreeMap<(Metric, Day), Timestamp>,
}

/// A group.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GroupFacts {
    /// Its name as it is spelled.
    pub spelled: String,
    /// Its rules by their text in lower case: how each is spelled, and the repository that its exact
    /// name has come to mean. Of two the smaller number stays, which is the older repository.
    pub rules: BTreeMap<String, (String, Option<RepoId>)>,
}

impl House {
    /// Adds a rule.
    pub fn add_rule(&mut self, pattern: &Pattern) {
        let spelled = pattern.to_string();
        let key = spelled.to_ascii_lowercase();
        keep(&mut self.rules, &key, &spelled, |kept, told| told > kept);
    }

    /// Adds a group, which may have rules already.
    pub fn add_group(&mut self, name: &GroupName) -> &mut GroupFacts {
        let group = self.groups.entry(name.key()).or_default();
        if name.as_str() > group.spelled.as_str() {
            name.as_str().clone_into(&mut group.spelled);
        }
        group
    }

    /// Notes a suspicion.
    pub fn suspect(&mut self, metric: Metric, day: Day, since: Timestamp) {
        let key = (metric, day);
        keep(&mut self.suspicions, &key, &since, |kept, told| told < kept);
    }

    /// How many rules, meanings of names, groups and suspicions are here that are not there, or not
    /// in the same way.
    #[must_use]
    pub fn beyond(&self, other: &Self) -> u64 {
        fn other_than<K: Ord, V: PartialEq>(
            these: &BTreeMap<K, V>,
            those: &BTreeMap<K, V>,
        ) -> usize {
            let is_other = |(key, value): &(&K, &V)| those.get(*key) != Some(*value);
            these.iter().filter(is_other).count()
        }
        let number = other_than(&self.rules, &other.rules)
            + self.bindings.difference(&other.bindings).count()
            + other_than(&self.groups, &other.groups)
            + other_than(&self.suspicions, &other.suspicions);
        number as u64
    }

    /// Joins another house.
    pub fn join(&mut self, other: &Self) {
        for (key, spelled) in &other.rules {
            keep(&mut self.rules, key, spelled, |kept, told| told > kept);
        }
        self.bindings.extend(other.bindings.iter().cloned());
        for (key, told) in &other.groups {
            self.groups.entry(key.clone()).or_default().join(told);
        }
        for ((metric, day), since) in &other.suspicions {
            self.suspect(*metric, *day, *since);
        }
    }
}

impl GroupFacts {
    /// Adds a rule.
    pub fn add(&mut self, pattern: &Pattern, repo: Option<RepoId>) {
        let spelled = pattern.to_string();
        let key = spelled.to_ascii_lowercase();
        self.put(&key, &(spelled, repo));
    }

    fn put(&mut self, key: &str, (spelled, repo): &(String, Option<RepoId>)) {
        let kept = self.rules.entry(key.to_owned()).or_default();
        if *spelled > kept.0 {
            kept.0.clone_from(spelled);
        }
        kept.1 = match (kept.1, *repo) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
    }

    fn join(&mut self, other: &Self) {
        if other.spelled > self.spelled {
            self.spelled.clone_from(&other.spelled);
        }
        for (key, rule) in &other.rules {
            self.put(key, rule);
        }
    }
}
