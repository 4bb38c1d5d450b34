//! Of which repository a file speaks, as labels and names of folders tell it.

use gitratra_core::import::Subject;
use gitratra_core::repo::check_name;
use gitratra_core::{RepoId, RepoName};

use super::whole;
use crate::FormatError;
use crate::daily::UNCONFIRMED;

/// Reads a label: `owner/name`, `name`, either with `@ID` after it as our exports write it.
///
/// # Errors
/// A sentence that says what is wrong.
pub(super) fn of_label(label: &str) -> Result<Subject, &'static str> {
    let (label, id) = match label.rsplit_once('@') {
        Some((label, id)) => (label, Some(number(id)?)),
        None => (label, None),
    };
    if label.contains('/') {
        let name = label.parse::<RepoName>().map_err(|error| error.why)?;
        let id = id.flatten().filter(|id| !id.is_unconfirmed());
        return Ok(Subject::Named { name, id });
    }
    check_name(label)?;
    match id {
        Some(_) => Err("a number needs the owner as well"),
        None => Ok(Subject::Bare(label.to_owned())),
    }
}

/// Reads the name of the original tool's file, where our export calls one that is gone
/// `owner/name.former-ID`.
///
/// # Errors
/// A sentence that says what is wrong.
pub(super) fn of_former(label: &str) -> Result<Subject, &'static str> {
    match label.rsplit_once(".former-") {
        Some((name, id)) if label.contains('/') && number(id).is_ok() => {
            of_label(&format!("{name}@{id}"))
        }
        _ => of_label(label),
    }
}

/// GitHub's number; nothing where an export says that it was not known.
fn number(text: &str) -> Result<Option<RepoId>, &'static str> {
    if text == UNCONFIRMED {
        return Ok(None);
    }
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let id = is_number.then(|| text.parse().ok()).flatten().map(RepoId);
    id.map(Some).ok_or("after \"@\" stands GitHub's number")
}

/// Names a repository by the folders in which its files lie: `…/owner/name`, which is a guess,
/// `owner__name` or a name alone. Folders that the tool makes itself are to be taken off before.
pub(super) fn of_folders<'a>(folders: impl DoubleEndedIterator<Item = &'a str>) -> Subject {
    let mut up = folders.rev();
    let Some(last) = up.next() else {
        return Subject::Unnamed;
    };
    if let Some(subject) = of_slug(last) {
        return subject;
    }
    match up.next().map(|owner| RepoName::new(owner, last)) {
        Some(Ok(name)) => Subject::Guessed(name),
        _ if check_name(last).is_ok() => Subject::Bare(last.to_owned()),
        _ => Subject::Unnamed,
    }
}

/// Reads `owner__name`. No owner has two underscores in a row, so that it says what it means.
pub(super) fn of_slug(text: &str) -> Option<Subject> {
    let (owner, name) = text.split_once("__")?;
    RepoName::new(owner, name).ok().map(Subject::named)
}

/// Notices where files of several folders would become the history of one repository, since nothing
/// says whose they are.
#[derive(Debug)]
pub(super) struct OneUnnamed {
    known: Option<Vec<String>>,
    expected: &'static str,
}

impl OneUnnamed {
    /// Of a kind whose folders may name a repository.
    pub(super) const fn by_folder() -> Self {
        Self {
            known: None,
            expected: "folders named owner/name, or one folder at a time with --repo OWNER/NAME",
        }
    }

    /// Of a kind whose files are of nobody, wherever they lie.
    pub(super) const fn by_nothing() -> Self {
        Self {
            known: None,
            expected: "one of them at a time, with --repo OWNER/NAME",
        }
    }

    /// Takes note of the subject of a home: of a folder, or of a file that is a whole history.
    ///
    /// # Errors
    /// [`FormatError`] at the second home of which the repository is not known.
    pub(super) fn check(
        &mut self,
        subject: &Subject,
        home: &[String],
        label: &str,
    ) -> Result<(), FormatError> {
        if *subject != Subject::Unnamed {
            return Ok(());
        }
        match &self.known {
            Some(known) if known != home => Err(whole(
                label,
                "several folders or files do not say of which repository they are",
                self.expected,
            )),
            Some(_) => Ok(()),
            None => {
                self.known = Some(home.to_vec());
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str, id: Option<u64>) -> Subject {
        let name = name.parse().unwrap();
        let id = id.map(RepoId);
        Subject::Named { name, id }
    }

    #[test]
    fn labels_carry_the_number_where_there_is_one() {
        assert_eq!(of_label("octo/alpha"), Ok(named("octo/alpha", None)));
        assert_eq!(of_label("octo/alpha@7"), Ok(named("octo/alpha", Some(7))));
        assert_eq!(of_label("octo/a@unconfirmed"), Ok(named("octo/a", None)));
        let ours = RepoId::unconfirmed(&"octo/a".parse().unwrap());
        assert_eq!(
            of_label(&format!("octo/a@{ours}")),
            Ok(named("octo/a", None))
        );
        assert_eq!(of_label("alpha"), Ok(Subject::Bare("alpha".into())));
        let former = of_former("octo/alpha.former-7");
        assert_eq!(former, Ok(named("octo/alpha", Some(7))));
        let former = of_former("octo/alpha.former-unconfirmed");
        assert_eq!(former, Ok(named("octo/alpha", None)));
        assert_eq!(of_former("octo/a.former-x"), of_label("octo/a.former-x"));
        for bad in [
            "",
            "a b",
            "octo/",
            "octo/a@",
            "octo/a@x",
            "a@7",
            "octo/a@-1",
        ] {
            assert!(of_label(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn folders_name_a_repository_where_they_can() {
        let check = |folders: &[&str], expected: Subject| {
            assert_eq!(of_folders(folders.iter().copied()), expected, "{folders:?}");
        };
        check(&[], Subject::Unnamed);
        check(&["alpha"], Subject::Bare("alpha".into()));
        check(&["octo__alpha"], named("octo/alpha", None));
        let guessed = Subject::Guessed("octo/alpha".parse().unwrap());
        check(&["exports", "octo", "alpha"], guessed);
        check(&["octo", "octo__alpha"], named("octo/alpha", None));
        check(&["my files", "alpha"], Subject::Bare("alpha".into()));
        check(&["my files"], Subject::Unnamed);
    }

    #[test]
    fn two_folders_without_a_name_are_refused() {
        let mut one = OneUnnamed::by_folder();
        let folder = |name: &str| vec![name.to_owned()];
        assert_eq!(one.check(&Subject::Unnamed, &folder("a b"), "x"), Ok(()));
        assert_eq!(one.check(&Subject::Unnamed, &folder("a b"), "x"), Ok(()));
        let bare = Subject::Bare("c".into());
        assert_eq!(one.check(&bare, &folder("c"), "x"), Ok(()));
        assert!(one.check(&Subject::Unnamed, &folder("d e"), "x").is_err());
    }
}
