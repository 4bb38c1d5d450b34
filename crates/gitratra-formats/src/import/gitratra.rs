//! The original tool's text, line by line.

use std::io::BufRead;

use gitratra_core::import::{Listener, Subject};

use super::text_lines::TextLines;
use super::{ImportError, subject, tell_day};
use crate::gitratra_v1::{Reader, Said};

/// Tells the days of every repository. The file does not say when it was read.
pub(super) fn file(
    input: &mut dyn BufRead,
    label: &str,
    to: &mut dyn Listener,
) -> Result<(), ImportError> {
    let mut reader = Reader::default();
    let mut lines = TextLines::new(input, label);
    let mut about = Subject::Unnamed;
    while let Some(line) = lines.next()? {
        match reader.take(line)? {
            Some(Said::Repo(name)) => {
                about = subject::of_former(name).map_err(|why| {
                    line.wrong(name, &format!("is no repository: {why}"), "a name")
                })?;
            }
            Some(Said::Day(metric, day, count)) => {
                tell_day(to, &about, (metric, day, count), None, false)?;
            }
            None => {}
        }
    }
    Ok(())
}
