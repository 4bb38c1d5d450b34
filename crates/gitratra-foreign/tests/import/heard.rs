//! A listener that writes down what it hears, one line for each fact.

use std::path::Path;

use gitratra_core::import::{Enough, Fact, Kind, LeftOut, Listener, Subject};
use gitratra_foreign::ForeignError;

/// What was heard.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    /// Facts in the order in which they came.
    pub(crate) facts: Vec<String>,
    /// Notes on what is left out.
    pub(crate) notes: Vec<String>,
    /// After so many facts it is enough.
    pub(crate) enough_after: Option<usize>,
}

impl Heard {
    /// Everything that a database tells.
    pub(crate) fn of(kind: Kind, path: &Path) -> Self {
        let mut heard = Self::default();
        gitratra_foreign::read(kind, path, &mut heard).unwrap();
        heard
    }

    /// The error that reading a database ends with.
    pub(crate) fn error(kind: Kind, path: &Path) -> ForeignError {
        gitratra_foreign::read(kind, path, &mut Self::default()).unwrap_err()
    }

    /// The facts that contain this, sorted.
    pub(crate) fn about(&self, part: &str) -> Vec<&str> {
        let facts = self.facts.iter().map(String::as_str);
        let mut found: Vec<&str> = facts.filter(|fact| fact.contains(part)).collect();
        found.sort_unstable();
        found
    }

    /// Whether a note begins like this.
    pub(crate) fn notes(&self, beginning: &str) -> bool {
        self.notes.iter().any(|note| note.starts_with(beginning))
    }
}

impl Listener for Heard {
    fn tell(&mut self, about: &Subject, fact: Fact) -> Result<(), Enough> {
        if self.enough_after == Some(self.facts.len()) {
            return Err(Enough);
        }
        self.facts.push(format!("{} {}", name(about), line(&fact)));
        Ok(())
    }

    fn leave_out(&mut self, what: LeftOut) {
        self.notes.push(what.0);
    }
}

fn name(about: &Subject) -> String {
    match about {
        Subject::Named { name, id: None } => name.to_string(),
        Subject::Named { name, id: Some(id) } => format!("{name}@{id}"),
        Subject::Guessed(name) => format!("{name}?"),
        Subject::Bare(name) => format!("?/{name}"),
        Subject::Unnamed => "?".to_owned(),
    }
}

fn line(fact: &Fact) -> String {
    match fact {
        Fact::Day(day) => {
            let read_at = day.read_at.map(|at| format!(" at {at}"));
            format!(
                "{} {} {}/{}{}{}",
                day.metric,
                day.day,
                day.count.count(),
                day.count.uniques(),
                if day.is_doubted { " doubted" } else { "" },
                read_at.unwrap_or_default()
            )
        }
        Fact::Window {
            metric,
            window,
            uniques,
        } => format!("{metric} window to {} {uniques}", window.last),
        Fact::Week { metric, .. } => format!("{metric} week"),
        Fact::Ranked { window, reading } => {
            let lines = reading.lines.iter().map(|line| {
                let title = line.title.as_ref().map(|title| format!(" ({title})"));
                let total = line.total.0;
                let title = title.unwrap_or_default();
                format!("{}{title} {}/{}", line.name, total.count(), total.uniques())
            });
            let lines: Vec<String> = lines.collect();
            format!(
                "{} to {} at {}: {}",
                reading.ranking,
                window.last,
                reading.read_at,
                lines.join(", ")
            )
        }
        Fact::Total { tally, day, total } => format!("{} {day} {total}", tally.word()),
    }
}
