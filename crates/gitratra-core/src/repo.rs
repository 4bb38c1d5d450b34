//! Repositories: their identity is GitHub's number, their name is only a label.

use std::fmt;
use std::str::FromStr;

/// GitHub's number of a repository, which stays through renames and transfers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RepoId(pub u64);

impl RepoId {
    const UNCONFIRMED: u64 = 1 << 63;

    /// The number under which the history of a name is kept that only a file has told of, until
    /// GitHub says which repository bears it. Every store gives a name the same one.
    ///
    /// *Source*: FNV-1a, <https://datatracker.ietf.org/doc/html/draft-eastlake-fnv>, over the folded name.
    #[must_use]
    pub fn unconfirmed(name: &RepoName) -> Self {
        let hash = name.folded().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        Self(hash | Self::UNCONFIRMED)
    }

    /// Whether this is no number of GitHub's.
    #[must_use]
    pub const fn is_unconfirmed(self) -> bool {
        self.0 & Self::UNCONFIRMED != 0
    }
}

impl fmt::Display for RepoId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// `owner/name`, spelled as it was given.
///
/// GitHub does not tell letter case apart in names, so equality, order and hash do not either.
#[derive(Clone)]
pub struct RepoName {
    owner: String,
    name: String,
}

impl RepoName {
    /// Checks both parts by GitHub's rules.
    ///
    /// # Errors
    /// [`NameError`] with the text and what is wrong with it.
    pub fn new(owner: &str, name: &str) -> Result<Self, NameError> {
        let wrong = |why| NameError {
            text: format!("{owner}/{name}"),
            why,
        };
        check_owner(owner).map_err(wrong)?;
        check_name(name).map_err(wrong)?;
        Ok(Self {
            owner: owner.to_owned(),
            name: name.to_owned(),
        })
    }

    /// The user or organisation.
    #[must_use]
    pub fn owner(&self) -> &str {
        &self.owner
    }

    /// The part after the slash.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The form by which names are compared and found: lower case.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{}/{}", self.owner, self.name).to_ascii_lowercase()
    }

    fn folded(&self) -> impl Iterator<Item = u8> + '_ {
        // The slash cannot occur inside a part, so the joined form is unambiguous.
        self.owner
            .bytes()
            .chain(std::iter::once(b'/'))
            .chain(self.name.bytes())
            .map(|b| b.to_ascii_lowercase())
    }
}

impl PartialEq for RepoName {
    fn eq(&self, other: &Self) -> bool {
        self.owner.eq_ignore_ascii_case(&other.owner) && self.name.eq_ignore_ascii_case(&other.name)
    }
}

impl Eq for RepoName {}

impl PartialOrd for RepoName {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for RepoName {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.folded().cmp(other.folded())
    }
}

impl std::hash::Hash for RepoName {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        for byte in self.folded() {
            state.write_u8(byte);
        }
    }
}

impl fmt::Display for RepoName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}/{}", self.owner, self.name))
    }
}

impl fmt::Debug for RepoName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.owner, self.name)
    }
}

impl FromStr for RepoName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        match text.split_once('/') {
            Some((owner, name)) => Self::new(owner, name),
            None => Err(NameError {
                text: text.to_owned(),
                why: "write it as owner/name",
            }),
        }
    }
}

/// A text that cannot name a repository or an owner.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{text}\" is no repository name: {why}")]
pub struct NameError {
    /// What was given.
    pub text: String,
    /// What is wrong with it.
    pub why: &'static str,
}

/// Checks a user or organisation name: letters, digits, `-` and `_`, at most 39 characters (plus
/// the suffix of managed users).
///
/// # Errors
/// A sentence that says what is wrong.
pub fn check_owner(owner: &str) -> Result<(), &'static str> {
    if owner.is_empty() {
        return Err("the owner is missing");
    }
    if owner.len() > 100 {
        return Err("the owner is too long");
    }
    if !owner
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    {
        return Err("an owner has only letters, digits, \"-\" and \"_\"");
    }
    Ok(())
}

/// Checks the part of a name after the slash: letters, digits, `-`, `_` and `.`, at most 100.
///
/// # Errors
/// A sentence that says what is wrong.
pub fn check_name(name: &str) -> Result<(), &'static str> {
    if name.is_empty() {
        return Err("the name after the owner is missing");
    }
    if name.len() > 100 {
        return Err("the name is too long");
    }
    if name == "." || name == ".." {
        return Err("\".\" and \"..\" are no names");
    }
    if !name
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
    {
        return Err("a name has only letters, digits, \"-\", \"_\" and \".\"");
    }
    Ok(())
}

/// What GitHub says a repository is, at the time of asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    /// Its identity.
    pub id: RepoId,
    /// Its identity in GraphQL, where it was given.
    pub node_id: Option<String>,
    /// Its present name.
    pub name: RepoName,
    /// Only seen by those who were invited.
    pub is_private: bool,
    /// Made from another repository.
    pub is_fork: bool,
    /// Read-only.
    pub is_archived: bool,
    /// Whether the one who asked may push, which reading traffic needs; unknown where GitHub did
    /// not say.
    pub can_push: Option<bool>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letter_case_does_not_tell_names_apart() {
        let a: RepoName = "Octo/Alpha".parse().unwrap();
        let b: RepoName = "octo/alpha".parse().unwrap();
        assert_eq!(a, b);
        assert_eq!(a.cmp(&b), std::cmp::Ordering::Equal);
        assert_eq!(a.to_string(), "Octo/Alpha");
        assert_eq!(a.key(), b.key());
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for bad in [
            "",
            "alpha",
            "/alpha",
            "octo/",
            "octo/al pha",
            "octo/alpha/",
            "octo/../x",
            "octo/..",
            "oc.to/alpha",
            "octo/älpha",
            "https://github.com/octo/alpha",
            "octo/a?b",
        ] {
            assert!(bad.parse::<RepoName>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn names_as_github_has_them_are_taken() {
        for good in ["octo/alpha", "a/b", "o-o_x/.github", "octo/a.b_c-d"] {
            assert!(good.parse::<RepoName>().is_ok(), "{good:?}");
        }
    }
}
