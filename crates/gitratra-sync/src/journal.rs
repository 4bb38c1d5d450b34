//! The collector's log: every trouble once when it begins and once when it is over, however often
//! it is met meanwhile.

use std::collections::{HashMap, HashSet};

use crate::report::{Note, Trouble};

/// So many lines are written for one round or one look at lists; the rest is counted.
const LINES: usize = 20;
/// Past so many things said, all are forgotten: rather say something twice than grow for ever.
const REMEMBERED: usize = 50_000;

/// What was said.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    /// What was said last of each repository and endpoint.
    troubles: HashMap<String, HashMap<&'static str, String>>,
    notes: HashSet<String>,
    lines: usize,
    unsaid: usize,
}

impl Journal {
    /// Begins the lines of a round.
    pub(crate) fn begin(&mut self) {
        (self.lines, self.unsaid) = (0, 0);
        if self.troubles.len() + self.notes.len() > REMEMBERED {
            self.troubles.clear();
            self.notes.clear();
        }
    }

    /// Ends the lines of a round.
    pub(crate) fn end(&mut self) {
        if self.unsaid > 0 {
            tracing::warn!("and {} more like these", self.unsaid);
        }
    }

    /// Tells a trouble, unless it was told and nothing has changed.
    pub(crate) fn trouble(&mut self, trouble: &Trouble) {
        let told = self.troubles.entry(trouble.repo.clone()).or_default();
        let text = format!("{}; {}", trouble.message, trouble.action);
        if told.get(trouble.endpoint.word()) == Some(&text) {
            return;
        }
        if self.lines < LINES {
            self.lines += 1;
            tracing::warn!("{} ({}): {text}", trouble.repo, trouble.endpoint);
        } else {
            self.unsaid += 1;
        }
        told.insert(trouble.endpoint.word(), text);
    }

    /// Tells a trouble with what is asked beside traffic, once.
    pub(crate) fn aside(&mut self, trouble: &Trouble) {
        let text = format!(
            "{} ({}): {}; {}",
            trouble.repo, trouble.endpoint, trouble.message, trouble.action
        );
        if self.notes.insert(text.clone()) {
            tracing::warn!("{text}");
        }
    }

    /// Tells once that something beside traffic cannot be told, however many repositories it is of.
    pub(crate) fn withheld(&mut self, first: &Trouble) {
        let (endpoint, message) = (first.endpoint, &first.message);
        if self.notes.insert(format!("{endpoint} withheld: {message}")) {
            let (repo, action) = (&first.repo, &first.action);
            tracing::info!("{endpoint} of {repo} are not told: {message}; {action}");
        }
    }

    /// Tells something worth knowing, once.
    pub(crate) fn note(&mut self, note: &Note) {
        if self.notes.insert(note.to_string()) {
            tracing::info!("{note}");
        }
    }

    /// Notes that a repository was read without trouble.
    pub(crate) fn well(&mut self, repo: &str) {
        if self.troubles.remove(repo).is_some() && self.lines < LINES {
            self.lines += 1;
            tracing::info!("{repo} can be read again");
        }
    }
}
