//! Groups: named sets of repositories, and the rule that decides what is in one.
//!
//! Groups decide who may see what, so an exact name means the repository that bore it when the rule
//! was given, whatever that is called later: a rename keeps it in, and who takes the name over does
//! not get in. An exact name that is left out leaves out both.

use std::fmt;
use std::str::FromStr;

use crate::select::Pattern;
use crate::{RepoId, RepoName};

/// A group's name as people write it: one line, without spaces around it, `/` or `,` in it.
///
/// Letter case does not tell two apart. Invariant: 1 to [`GroupName::LONGEST`] characters, none of
/// which is a control character.
#[derive(Debug, Clone)]
pub struct GroupName(String);

impl GroupName {
    /// Characters at most.
    pub const LONGEST: usize = 60;

    /// As it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form by which groups are compared and found: lower case.
    #[must_use]
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

impl PartialEq for GroupName {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for GroupName {}

impl PartialOrd for GroupName {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for GroupName {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}

impl fmt::Display for GroupName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for GroupName {
    type Err = GroupError;

    fn from_str(text: &str) -> Result<Self, GroupError> {
        let name = text.trim();
        let wrong = |why| {
            Err(GroupError::Name {
                text: text.to_owned(),
                why,
            })
        };
        if name.is_empty() {
            return wrong("it is empty");
        }
        if name.chars().count() > Self::LONGEST {
            return wrong("it has more than 60 characters");
        }
        if name.chars().any(char::is_control) {
            return wrong("it has a control character");
        }
        if name.contains(['/', ',']) {
            return wrong("\"/\" and \",\" belong to patterns and lists");
        }
        Ok(Self(name.to_owned()))
    }
}

/// Why something is no group or no rule of one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GroupError {
    /// A text that cannot name a group.
    #[error("\"{text}\" is no name for a group: {why}")]
    Name {
        /// What was given.
        text: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A pattern that says nothing about names.
    #[error(
        "\"{pattern}\" cannot be in a group: a group goes by names alone, write owner/name, \
         owner/*, *, !owner/name or !owner/*"
    )]
    Pattern {
        /// What was given.
        pattern: Pattern,
    },
}

/// One line of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupRule {
    pattern: Pattern,
    repo: Option<RepoId>,
}

impl GroupRule {
    /// A rule, and the repository that its exact name has come to mean.
    ///
    /// # Errors
    /// [`GroupError::Pattern`] for patterns that go by something else than names.
    pub fn new(pattern: Pattern, repo: Option<RepoId>) -> Result<Self, GroupError> {
        match pattern {
            Pattern::NotFork | Pattern::NotArchived | Pattern::NotPrivate => {
                Err(GroupError::Pattern { pattern })
            }
            Pattern::Name(_) | Pattern::NotName(_) => Ok(Self { pattern, repo }),
            Pattern::Owner(_) | Pattern::NotOwner(_) | Pattern::All => Ok(Self {
                pattern,
                repo: None,
            }),
        }
    }

    /// As it was given.
    #[must_use]
    pub const fn pattern(&self) -> &Pattern {
        &self.pattern
    }

    /// The repository that an exact name means; none while no repository of that name is known.
    #[must_use]
    pub const fn repo(&self) -> Option<RepoId> {
        self.repo
    }

    /// The exact name that is spoken of, if one is.
    #[must_use]
    pub const fn name(&self) -> Option<&RepoName> {
        match &self.pattern {
            Pattern::Name(name) | Pattern::NotName(name) => Some(name),
            _ => None,
        }
    }

    fn speaks_of(&self, id: RepoId, name: &RepoName) -> bool {
        match (&self.pattern, self.repo) {
            (Pattern::Name(_), Some(repo)) => repo == id,
            // What was left out stays out, and so does whoever takes the name over.
            (Pattern::NotName(exact), Some(repo)) => repo == id || exact == name,
            (Pattern::Name(exact) | Pattern::NotName(exact), None) => exact == name,
            (Pattern::Owner(owner) | Pattern::NotOwner(owner), _) => {
                owner.as_str().eq_ignore_ascii_case(name.owner())
            }
            (Pattern::All, _) => true,
            (Pattern::NotFork | Pattern::NotArchived | Pattern::NotPrivate, _) => false,
        }
    }
}

/// A named set of repositories.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// What it is called.
    pub name: GroupName,
    /// What is in it; the order never matters.
    pub rules: Vec<GroupRule>,
}

impl Group {
    /// Whether a repository is in it. An exact name is heavier than any pattern; of the same weight
    /// an exclusion beats an inclusion.
    #[must_use]
    pub fn holds(&self, id: RepoId, name: &RepoName) -> bool {
        let verdict = |is_exact: bool| {
            let mut holds = None;
            for rule in &self.rules {
                if rule.name().is_some() == is_exact && rule.speaks_of(id, name) {
                    if rule.pattern.is_exclusion() {
                        return Some(false);
                    }
                    holds = Some(true);
                }
            }
            holds
        };
        verdict(true).or_else(|| verdict(false)).unwrap_or(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rules as people write them; `@7` after one binds it to that repository.
    fn group(rules: &str) -> Group {
        let rules = rules.split_whitespace().map(|text| {
            let (pattern, repo) = text.split_once('@').unwrap_or((text, ""));
            let repo = repo.parse().ok().map(RepoId);
            GroupRule::new(pattern.parse().unwrap(), repo).unwrap()
        });
        Group {
            name: "web".parse().unwrap(),
            rules: rules.collect(),
        }
    }

    fn check(rules: &str, id: u64, name: &str, expected: bool) {
        let holds = group(rules).holds(RepoId(id), &name.parse().unwrap());
        assert_eq!(holds, expected, "{rules}: {name} ({id})");
    }

    #[test]
    fn a_group_without_rules_is_empty() {
        check("", 1, "octo/alpha", false);
        check("!octo/beta", 1, "octo/alpha", false);
    }

    #[test]
    fn an_exact_name_is_heavier_and_exclusions_win_at_the_same_weight() {
        check("octo/*", 1, "Octo/alpha", true);
        check("octo/* !octo/alpha", 1, "octo/alpha", false);
        check("* !octo/*", 1, "octo/alpha", false);
        check("* !octo/* octo/alpha", 1, "octo/alpha", true);
        check("octo/alpha !octo/alpha", 1, "octo/alpha", false);
        check("*", 1, "other/alpha", true);
    }

    #[test]
    fn a_rename_keeps_a_repository_in_and_a_reused_name_stays_out() {
        check("octo/alpha@1", 1, "octo/renamed", true);
        check("octo/alpha@1", 2, "octo/alpha", false);
        check("octo/alpha", 2, "octo/alpha", true);
    }

    #[test]
    fn neither_a_rename_nor_a_reused_name_brings_an_excluded_repository_in() {
        check("octo/* !octo/secret@1", 1, "octo/open", false);
        check("octo/* !octo/secret@1", 2, "octo/secret", false);
        check("octo/* !octo/secret@1", 2, "octo/other", true);
    }

    #[test]
    fn a_group_goes_by_names_alone() {
        for text in ["!fork", "!archived", "!private"] {
            assert!(GroupRule::new(text.parse().unwrap(), None).is_err());
        }
        let error = GroupRule::new("!fork".parse().unwrap(), None).unwrap_err();
        assert!(error.to_string().starts_with("\"!fork\" cannot be"));
    }

    #[test]
    fn a_name_is_one_short_line() {
        for (text, expected) in [
            (" Web team ", true),
            ("ß", true),
            ("", false),
            ("a/b", false),
            ("a,b", false),
            ("a\nb", false),
        ] {
            assert_eq!(text.parse::<GroupName>().is_ok(), expected, "{text:?}");
        }
        assert!("x".repeat(60).parse::<GroupName>().is_ok());
        assert!("x".repeat(61).parse::<GroupName>().is_err());
        assert_eq!("Web".parse::<GroupName>(), "wEB".parse());
    }
}
