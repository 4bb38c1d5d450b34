//! Which repositories are tracked: patterns, and the rule that decides between them.
//!
//! There are two weights. An exact name is heavier than any pattern; of the same weight an
//! exclusion beats an inclusion; the order in which patterns were given never matters.

use std::fmt;
use std::str::FromStr;

use crate::repo::{NameError, check_owner};
use crate::{RepoName, Repository};

/// One pattern as a user writes it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Pattern {
    /// `owner/name`
    Name(RepoName),
    /// `owner/*`, the owner in the spelling that was given
    Owner(Owner),
    /// `*`: everything the credential lists
    All,
    /// `!owner/name`
    NotName(RepoName),
    /// `!owner/*`
    NotOwner(Owner),
    /// `!fork`
    NotFork,
    /// `!archived`
    NotArchived,
    /// `!private`
    NotPrivate,
}

/// A user or organisation; letter case does not tell two apart.
#[derive(Debug, Clone)]
pub struct Owner(String);

impl Owner {
    /// Checks the name.
    ///
    /// # Errors
    /// [`NameError`] where it cannot be a user or organisation.
    pub fn new(name: &str) -> Result<Self, NameError> {
        check_owner(name).map_err(|why| NameError {
            text: name.to_owned(),
            why,
        })?;
        Ok(Self(name.to_owned()))
    }

    /// As it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn owns(&self, name: &RepoName) -> bool {
        self.0.eq_ignore_ascii_case(name.owner())
    }

    fn key(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

impl PartialEq for Owner {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for Owner {}

impl PartialOrd for Owner {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Owner {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}

impl std::hash::Hash for Owner {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

impl Pattern {
    /// Whether the pattern leaves repositories out.
    #[must_use]
    pub const fn is_exclusion(&self) -> bool {
        !matches!(self, Self::Name(_) | Self::Owner(_) | Self::All)
    }

    const fn is_exact(&self) -> bool {
        matches!(self, Self::Name(_) | Self::NotName(_))
    }

    fn matches(&self, repo: &Repository) -> bool {
        match self {
            Self::Name(name) | Self::NotName(name) => *name == repo.name,
            Self::Owner(owner) | Self::NotOwner(owner) => owner.owns(&repo.name),
            Self::All => true,
            Self::NotFork => repo.is_fork,
            Self::NotArchived => repo.is_archived,
            Self::NotPrivate => repo.is_private,
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Name(name) => name.to_string(),
            Self::Owner(owner) => format!("{}/*", owner.0),
            Self::All => "*".into(),
            Self::NotName(name) => format!("!{name}"),
            Self::NotOwner(owner) => format!("!{}/*", owner.0),
            Self::NotFork => "!fork".into(),
            Self::NotArchived => "!archived".into(),
            Self::NotPrivate => "!private".into(),
        };
        f.pad(&text)
    }
}

/// A text that is no pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{text}\" is no pattern: {why}")]
pub struct PatternError {
    /// What was given.
    pub text: String,
    /// What is wrong with it.
    pub why: &'static str,
}

impl FromStr for Pattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        let wrong = |why| PatternError {
            text: text.to_owned(),
            why,
        };
        let (is_exclusion, body) = match text.strip_prefix('!') {
            Some(body) => (true, body),
            None => (false, text),
        };
        match (is_exclusion, body) {
            (true, "fork") => return Ok(Self::NotFork),
            (true, "archived") => return Ok(Self::NotArchived),
            (true, "private") => return Ok(Self::NotPrivate),
            (false, "*") => return Ok(Self::All),
            (true, "*") => return Err(wrong("leaving out everything tracks nothing")),
            (_, "") => return Err(wrong("it is empty")),
            _ => {}
        }
        let Some((owner, name)) = body.split_once('/') else {
            return Err(wrong(
                "write owner/name, owner/*, *, !owner/name, !owner/*, !fork, !archived or !private",
            ));
        };
        if name == "*" {
            let owner = Owner::new(owner).map_err(|error| wrong(error.why))?;
            return Ok(if is_exclusion {
                Self::NotOwner(owner)
            } else {
                Self::Owner(owner)
            });
        }
        if name.contains('*') {
            return Err(wrong(
                "\"*\" stands only for all of an owner's repositories",
            ));
        }
        let name = RepoName::new(owner, name).map_err(|error| wrong(error.why))?;
        Ok(if is_exclusion {
            Self::NotName(name)
        } else {
            Self::Name(name)
        })
    }
}

/// The patterns in force.
///
/// Thousands of exact names are usual, so they are found by searching; wildcards are few.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rules {
    patterns: Vec<Pattern>,
    wildcards: Vec<Pattern>,
}

/// Whether a repository is tracked, and the pattern that decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Tracked because of this pattern.
    Tracked(Pattern),
    /// Left out by this pattern.
    Excluded(Pattern),
    /// No pattern speaks of it.
    Unmentioned,
}

impl Verdict {
    /// Whether the repository is tracked.
    #[must_use]
    pub const fn is_tracked(&self) -> bool {
        matches!(self, Self::Tracked(_))
    }
}

impl Rules {
    /// Takes patterns in any order; repeats count once.
    #[must_use]
    pub fn new(patterns: impl IntoIterator<Item = Pattern>) -> Self {
        let mut patterns: Vec<_> = patterns.into_iter().collect();
        patterns.sort();
        patterns.dedup();
        let wildcards = patterns.iter().filter(|pattern| !pattern.is_exact());
        Self {
            wildcards: wildcards.cloned().collect(),
            patterns,
        }
    }

    /// The patterns, sorted.
    #[must_use]
    pub fn patterns(&self) -> &[Pattern] {
        &self.patterns
    }

    /// The exact names that are asked for and not left out by name.
    pub fn names(&self) -> impl Iterator<Item = &RepoName> {
        self.patterns.iter().filter_map(|pattern| match pattern {
            Pattern::Name(name) => self
                .find(&Pattern::NotName(name.clone()))
                .is_none()
                .then_some(name),
            _ => None,
        })
    }

    /// The pattern as it was given, if it is among them.
    #[must_use]
    pub fn find(&self, pattern: &Pattern) -> Option<&Pattern> {
        let at = self.patterns.binary_search(pattern).ok()?;
        self.patterns.get(at)
    }

    /// The owners whose repositories must be listed.
    pub fn owners(&self) -> impl Iterator<Item = &Owner> {
        self.patterns.iter().filter_map(|pattern| match pattern {
            Pattern::Owner(owner) => Some(owner),
            _ => None,
        })
    }

    /// Whether everything the credential sees must be listed.
    #[must_use]
    pub fn has_all(&self) -> bool {
        self.patterns.contains(&Pattern::All)
    }

    /// Decides about one repository.
    ///
    /// `names` are further names under which the repository was asked for (its former names), which
    /// weigh like its present one.
    #[must_use]
    pub fn verdict(&self, repo: &Repository, names: &[RepoName]) -> Verdict {
        if let Some(pattern) = self.find(&Pattern::NotName(repo.name.clone())) {
            return Verdict::Excluded(pattern.clone());
        }
        let exact = std::iter::once(&repo.name)
            .chain(names)
            .find_map(|name| self.find(&Pattern::Name(name.clone())));
        if let Some(pattern) = exact {
            return Verdict::Tracked(pattern.clone());
        }
        let matching = || {
            self.wildcards
                .iter()
                .filter(|pattern| pattern.matches(repo))
        };
        if let Some(pattern) = matching().find(|pattern| pattern.is_exclusion()) {
            return Verdict::Excluded(pattern.clone());
        }
        match matching().next() {
            Some(pattern) => Verdict::Tracked(pattern.clone()),
            None => Verdict::Unmentioned,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::RepoId;

    fn repo(name: &str, marks: &str) -> Repository {
        Repository {
            id: RepoId(1),
            node_id: None,
            name: name.parse().unwrap(),
            is_private: marks.contains("private"),
            is_fork: marks.contains("fork"),
            is_archived: marks.contains("archived"),
            can_push: None,
        }
    }

    fn rules(patterns: &str) -> Rules {
        Rules::new(
            patterns
                .split_whitespace()
                .map(|text| text.parse().unwrap()),
        )
    }

    fn check(patterns: &str, name: &str, marks: &str, expected: &str) {
        let verdict = match rules(patterns).verdict(&repo(name, marks), &[]) {
            Verdict::Tracked(pattern) => format!("tracked by {pattern}"),
            Verdict::Excluded(pattern) => format!("excluded by {pattern}"),
            Verdict::Unmentioned => "unmentioned".into(),
        };
        assert_eq!(verdict, expected, "{patterns} on {name} ({marks})");
    }

    #[test]
    fn an_exact_name_wins_over_every_wildcard() {
        check("a/x !a/*", "a/x", "", "tracked by a/x");
        check(
            "a/x !fork !private !archived",
            "a/x",
            "fork private archived",
            "tracked by a/x",
        );
        check("a/* !a/x", "a/x", "", "excluded by !a/x");
    }

    #[test]
    fn exclusions_win_over_inclusions_of_the_same_weight() {
        check("a/x !a/x", "a/x", "", "excluded by !a/x");
        check("* !a/*", "a/x", "", "excluded by !a/*");
        check("a/* !fork", "a/x", "fork", "excluded by !fork");
        check("a/* !fork", "a/x", "", "tracked by a/*");
    }

    #[test]
    fn what_nobody_speaks_of_is_not_tracked() {
        check("a/* !fork", "b/x", "", "unmentioned");
        check("", "b/x", "", "unmentioned");
    }

    #[test]
    fn letter_case_does_not_matter() {
        check("Octo/Alpha", "octo/alpha", "", "tracked by Octo/Alpha");
        check("OCTO/*", "octo/alpha", "", "tracked by OCTO/*");
    }

    #[test]
    fn a_former_name_weighs_like_the_present_one() {
        let former = ["a/old".parse().unwrap()];
        let verdict = rules("a/old !a/*").verdict(&repo("a/new", ""), &former);
        assert!(verdict.is_tracked());
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for bad in [
            "", "!", "a", "a/b*", "!*", "a/", "/b", "!forks", "a b/c", "a/b/c",
        ] {
            assert!(bad.parse::<Pattern>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_pattern_is_written_as_it_is_read() {
        for text in [
            "a/b",
            "A/*",
            "*",
            "!a/b",
            "!a/*",
            "!fork",
            "!archived",
            "!private",
        ] {
            assert_eq!(text.parse::<Pattern>().unwrap().to_string(), text);
        }
    }

    proptest! {
        #[test]
        fn order_never_matters(
            list in prop::sample::subsequence(
                vec!["a/x", "a/*", "*", "!a/x", "!a/*", "!fork", "!archived", "!private", "b/y"], 0..=9
            ).prop_shuffle(),
            marks in "(fork )?(private )?(archived)?",
        ) {
            let forward = rules(&list.join(" "));
            let backward = rules(&list.iter().rev().copied().collect::<Vec<_>>().join(" "));
            let repo = repo("a/x", &marks);
            prop_assert_eq!(forward.verdict(&repo, &[]), backward.verdict(&repo, &[]));
        }
    }
}
