//! What sources are called. Numbers of sources belong to one store; a history carries the names.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use crate::Source;

/// What a source is called: `ghstats`, `ghstats.db`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SourceName {
    /// What it is.
    pub kind: String,
    /// Which one of its kind.
    pub label: String,
}

impl SourceName {
    /// GitHub itself.
    #[must_use]
    pub fn github() -> Self {
        Self {
            kind: "github".into(),
            label: "GitHub".into(),
        }
    }

    /// The number that it has as long as no other one has it.
    #[must_use]
    pub fn number(&self) -> Source {
        if *self == Self::github() {
            return Source::GITHUB;
        }
        Source::called(&self.kind, &self.label)
    }
}

impl Ord for SourceName {
    /// In the order of their numbers, so that the first of several is the same in every store.
    fn cmp(&self, other: &Self) -> Ordering {
        let key = |name: &Self| (name.number(), name.kind.clone(), name.label.clone());
        key(self).cmp(&key(other))
    }
}

impl PartialOrd for SourceName {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The sources of a history by number.
///
/// The numbers follow from the names alone: each has its own, and where two have the same, the
/// second one the next, so that numbers are in the order of names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sources(BTreeMap<Source, SourceName>);

impl Sources {
    /// Numbers names.
    pub fn new(names: impl IntoIterator<Item = SourceName>) -> Self {
        let names: BTreeSet<SourceName> = names.into_iter().collect();
        let mut numbered: BTreeMap<Source, SourceName> = BTreeMap::new();
        for name in names {
            let next = numbered
                .last_key_value()
                .map(|(last, _)| Source(last.0 + 1));
            let number = Some(name.number()).max(next).unwrap_or(Source::GITHUB);
            numbered.insert(number, name);
        }
        Self(numbered)
    }

    /// The name of a source, believed or not.
    #[must_use]
    pub fn name(&self, source: Source) -> Option<&SourceName> {
        self.0.get(&source.believed())
    }

    /// The number of a name; GitHub's where it is not known.
    #[must_use]
    pub fn number(&self, name: &SourceName) -> Source {
        let from = name.number();
        let known = self.0.range(from..).find(|(_, known)| *known == name);
        known.map_or(Source::GITHUB, |(number, _)| *number)
    }

    /// All names, in order.
    pub fn names(&self) -> impl Iterator<Item = &SourceName> {
        self.0.values()
    }

    /// What is a source here, by the numbers of others who have its name too.
    #[must_use]
    pub fn translated(&self, source: Source, to: &Self) -> Source {
        let number = self.name(source).map(|name| to.number(name));
        number.unwrap_or(Source::GITHUB).with_doubt_of(source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(label: &str) -> SourceName {
        SourceName {
            kind: "csv".into(),
            label: label.into(),
        }
    }

    #[test]
    fn numbers_follow_from_names_alone() {
        let names = [name("b"), SourceName::github(), name("a")];
        let one = Sources::new(names.clone());
        let other = Sources::new(names.into_iter().rev());
        assert_eq!(one, other);
        assert_eq!(one.number(&SourceName::github()), Source::GITHUB);
        assert_eq!(one.number(&name("a")), Source::called("csv", "a"));
        let few = Sources::new([name("a")]);
        let doubted = Source::called("csv", "a").doubted();
        assert_eq!(few.translated(doubted, &one), doubted);
    }
}
