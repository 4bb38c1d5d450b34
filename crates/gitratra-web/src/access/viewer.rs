//! Who looks, what of the repositories they see, and what they may do.

use gitratra_core::{Group, PersonId, PersonName, RepoId, RepoName, Role, SecretHash};

/// The repositories that somebody sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Every one.
    All,
    /// Only some, or none.
    Some(Seen),
}

/// Which repositories are seen: those of which one line says so.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Seen {
    /// All that are public.
    pub has_public: bool,
    /// Those in these groups.
    pub groups: Vec<Group>,
    /// These.
    pub repos: Vec<RepoId>,
}

impl Scope {
    /// Whether a repository is seen.
    #[must_use]
    pub fn sees(&self, id: RepoId, name: &RepoName, is_private: bool) -> bool {
        match self {
            Self::All => true,
            Self::Some(seen) => {
                (seen.has_public && !is_private)
                    || seen.repos.contains(&id)
                    || seen.groups.iter().any(|group| group.holds(id, name))
            }
        }
    }

    /// Whether there is nothing that it could show.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::Some(Seen::default())
    }
}

/// By what somebody is let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// By nothing.
    Nobody,
    /// By sitting at this machine, where nobody has to log in.
    House,
    /// By a session, with the hash of its secret.
    Session(SecretHash),
    /// By an API token of this number.
    Token(u64),
}

/// Who looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    /// What is seen.
    pub scope: Scope,
    /// What may be done; nothing where nobody has logged in.
    pub role: Option<Role>,
    /// Who it is, where somebody has logged in.
    pub person: Option<(PersonId, PersonName)>,
    /// By what they are let in.
    pub by: By,
    /// Whether a share link adds to what is seen.
    pub has_share: bool,
}

impl Viewer {
    /// Somebody of whom nothing is known.
    #[must_use]
    pub fn nobody(has_public: bool) -> Self {
        Self {
            scope: Scope::Some(Seen {
                has_public,
                ..Seen::default()
            }),
            role: None,
            person: None,
            by: By::Nobody,
            has_share: false,
        }
    }

    /// Whoever sits at this machine where nobody has to log in.
    #[must_use]
    pub fn house() -> Self {
        Self {
            scope: Scope::All,
            role: Some(Role::Admin),
            by: By::House,
            ..Self::nobody(false)
        }
    }

    /// Whoever has an address that was signed for one repository.
    #[must_use]
    pub fn of_one(repo: RepoId) -> Self {
        Self {
            scope: Scope::Some(Seen {
                repos: vec![repo],
                ..Seen::default()
            }),
            ..Self::nobody(false)
        }
    }

    /// Whether they may do what needs this role.
    #[must_use]
    pub fn may(&self, role: Role) -> bool {
        self.role.is_some_and(|own| own >= role)
    }
}

#[cfg(test)]
mod tests {
    use gitratra_core::GroupRule;

    use super::*;

    #[test]
    fn a_repository_is_seen_where_one_line_says_so() {
        let rule = GroupRule::new("octo/*".parse().unwrap(), None).unwrap();
        let group = Group {
            name: "web".parse().unwrap(),
            rules: vec![rule],
        };
        let some = |has_public, groups, repos| {
            Scope::Some(Seen {
                has_public,
                groups,
                repos,
            })
        };
        let check = |scope: &Scope, expected: [bool; 3]| {
            let sees = [
                (1, "octo/a", true),
                (2, "other/b", false),
                (3, "other/c", true),
            ];
            let sees = sees.map(|(id, name, is_private)| {
                scope.sees(RepoId(id), &name.parse().unwrap(), is_private)
            });
            assert_eq!(sees, expected, "{scope:?}");
        };
        check(&Scope::All, [true, true, true]);
        check(&some(false, vec![], vec![]), [false, false, false]);
        check(&some(true, vec![], vec![]), [false, true, false]);
        check(
            &some(false, vec![group.clone()], vec![]),
            [true, false, false],
        );
        check(
            &some(true, vec![group], vec![RepoId(3)]),
            [true, true, true],
        );
        check(&some(false, vec![], vec![RepoId(3)]), [false, false, true]);
    }

    #[test]
    fn nobody_may_nothing() {
        assert!(!Viewer::nobody(true).may(Role::Viewer));
        assert!(Viewer::nobody(false).scope.is_empty());
        assert!(Viewer::house().may(Role::Admin));
    }
}
