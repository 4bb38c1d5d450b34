//! What files of other tools are read as: samples in the folders beside, and files that are broken.
//!
//! `raw/` is cut from AgentToolkit/repository-stats, `github-repo-stats/` from jgehrcke/ghrs-test,
//! `repository-traffic-action/traffic/` from debevv/nanoMODBUS, all of them public; in one list of
//! referrers a name was changed. The other samples were made for these tests, in the shapes that
//! the tools write.

#![expect(
    clippy::unwrap_used,
    reason = "clippy knows the functions shared by tests for no test; a broken one should stop them"
)]

mod broken;
mod folders;
mod own;
mod peers;
mod raw;
mod recognised;
mod tables;

use std::path::{Path, PathBuf};

use gitratra_core::import::{Enough, Fact, Kind, LeftOut, Listener, Subject};
use gitratra_formats::import::{ImportError, Options, read, read_bytes};

/// Where the samples are.
fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/import")
        .join(name)
}

/// Writes down what is told, a fact a line.
#[derive(Default)]
struct Notes {
    facts: Vec<String>,
    left_out: Vec<String>,
    /// After how many facts nobody wants to hear more.
    patience: Option<usize>,
}

impl Listener for Notes {
    fn tell(&mut self, about: &Subject, fact: Fact) -> Result<(), Enough> {
        if self.patience == Some(self.facts.len()) {
            return Err(Enough);
        }
        self.facts
            .push(format!("{} {}", name_of(about), text_of(&fact)));
        Ok(())
    }

    fn leave_out(&mut self, what: LeftOut) {
        if !self.left_out.contains(&what.0) {
            self.left_out.push(what.0);
        }
    }
}

fn name_of(about: &Subject) -> String {
    match about {
        Subject::Named { name, id: None } => name.to_string(),
        Subject::Named { name, id: Some(id) } => format!("{name}@{id}"),
        Subject::Bare(name) => name.clone(),
        Subject::Guessed(name) => format!("{name}?"),
        Subject::Unnamed => "?".to_owned(),
    }
}

fn text_of(fact: &Fact) -> String {
    match fact {
        Fact::Day(day) => {
            let mut text = format!(
                "{} {} {}/{}",
                day.metric.word(),
                day.day,
                day.count.count(),
                day.count.uniques()
            );
            if let Some(read_at) = day.read_at {
                text += &format!(" at {read_at}");
            }
            if day.is_doubted {
                text += " doubted";
            }
            text
        }
        Fact::Window {
            metric,
            window,
            uniques,
        } => format!("{} window {} {uniques}", metric.word(), window.last),
        Fact::Week {
            metric,
            week,
            count,
        } => {
            format!("{} week {week:?} {}", metric.word(), count.count())
        }
        Fact::Ranked { window, reading } => {
            let lines: Vec<String> = reading
                .lines
                .iter()
                .map(|line| {
                    let total = line.total.0;
                    format!("{} {}/{}", line.name, total.count(), total.uniques())
                })
                .collect();
            let (ranking, at) = (reading.ranking, reading.read_at);
            format!(
                "{ranking} window {} at {at}: {}",
                window.last,
                lines.join(", ")
            )
        }
        Fact::Total { tally, day, total } => format!("{} {day} {total}", tally.word()),
    }
}

/// Reads a file or folder.
fn told(kind: Kind, path: &Path) -> Result<Notes, ImportError> {
    told_with(kind, path, &Options::default())
}

fn told_with(kind: Kind, path: &Path, options: &Options) -> Result<Notes, ImportError> {
    let mut notes = Notes::default();
    read(kind, path, options, &mut notes)?;
    Ok(notes)
}

/// Reads bytes.
fn told_of(kind: Kind, bytes: &[u8], label: &str) -> Result<Notes, ImportError> {
    let mut notes = Notes::default();
    read_bytes(kind, bytes, label, &Options::default(), &mut notes)?;
    Ok(notes)
}

/// Checks every fact of a sample, in order.
fn check(kind: Kind, name: &str, expected: &[&str]) -> Notes {
    let notes = told(kind, &sample(name)).unwrap();
    assert_eq!(notes.facts, expected, "{name}");
    notes
}

/// Checks that bytes are refused, and how.
fn refused(kind: Kind, bytes: impl AsRef<[u8]>, label: &str, expected: &str) {
    let error = told_of(kind, bytes.as_ref(), label).err();
    let told = error.map(|error| error.to_string());
    assert_eq!(told.as_deref(), Some(expected), "{label}");
}

/// Checks that something was left out, and that it says why.
fn left_out(notes: &Notes, part: &str) {
    let all = &notes.left_out;
    assert!(
        all.iter().any(|what| what.contains(part)),
        "{part}: {all:?}"
    );
}
