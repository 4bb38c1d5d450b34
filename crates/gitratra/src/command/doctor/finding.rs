//! What a check found: its state, what was found, what to change; and what follows for the exit
//! code.

use serde::Serialize;

use crate::Exit;

/// How things stand with what was checked, the worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum State {
    /// In order.
    Ok,
    /// Worth knowing, and nothing to be done.
    Note,
    /// It cannot be told.
    Unknown,
    /// Something is to be done soon.
    Warn,
    /// Something is to be done now.
    Bad,
}

impl State {
    /// The mark that stands before what was found.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Note => "note",
            Self::Unknown => "unknown",
            Self::Warn => "warn",
            Self::Bad => "bad",
        }
    }
}

/// What a check is about, in the order in which it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Area {
    /// The configuration file and the channels in it.
    Configuration,
    /// Who asks.
    Credentials,
    /// The lists that patterns need, and GitHub's clock.
    GitHub,
    /// Where the history is kept, and the disk under it.
    Store,
    /// What can be read of each repository.
    Repositories,
    /// Which day is lost when.
    Days,
}

impl Area {
    /// The heading over its checks.
    pub(super) const fn heading(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Credentials => "credentials",
            Self::GitHub => "GitHub",
            Self::Store => "store",
            Self::Repositories => "repositories",
            Self::Days => "days",
        }
    }
}

/// One thing that was checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Check {
    pub(super) area: Area,
    /// What was checked: `token`, `clock`, a repository.
    pub(super) subject: String,
    pub(super) state: State,
    /// What was found.
    pub(super) found: String,
    /// What to change, where anything is to be changed.
    pub(super) action: Option<String>,
}

impl Check {
    pub(super) fn new(
        area: Area,
        subject: impl Into<String>,
        state: State,
        found: impl Into<String>,
    ) -> Self {
        Self {
            area,
            subject: subject.into(),
            state,
            found: found.into(),
            action: None,
        }
    }

    /// The same with what to change.
    pub(super) fn action(mut self, action: impl Into<String>) -> Self {
        self.action = Some(action.into());
        self
    }
}

/// How the program ends: what is to be done outweighs what cannot be told.
pub(super) fn exit(checks: &[Check]) -> Exit {
    match checks.iter().map(|check| check.state).max() {
        Some(State::Warn | State::Bad) => Exit::Partly,
        Some(State::Unknown) => Exit::NotStarted,
        _ => Exit::Done,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_to_be_done_outweighs_what_cannot_be_told() {
        let of = |states: &[State]| {
            let checks = states
                .iter()
                .map(|state| Check::new(Area::Store, "", *state, ""));
            exit(&checks.collect::<Vec<_>>())
        };
        assert_eq!(of(&[]), Exit::Done);
        assert_eq!(of(&[State::Ok, State::Note]), Exit::Done);
        assert_eq!(of(&[State::Unknown, State::Ok]), Exit::NotStarted);
        assert_eq!(of(&[State::Unknown, State::Warn]), Exit::Partly);
        assert_eq!(of(&[State::Bad, State::Ok]), Exit::Partly);
    }
}
