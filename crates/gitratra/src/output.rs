//! Printing: data to standard output, everything else to standard error.

use std::io::{IsTerminal as _, Write as _};

use anstyle::{AnsiColor, Style};
use anyhow::{Context, Result};
use gitratra_render::term;

use crate::args::{Color, Global};
use crate::settings::variable;

/// How a person wants to be spoken to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Voice {
    is_quiet: bool,
    is_verbose: bool,
    color: Color,
}

impl Voice {
    /// What the global options ask for.
    pub(crate) fn new(global: &Global) -> Self {
        let choice = match global.color {
            Color::Auto => anstream::ColorChoice::Auto,
            Color::Always => anstream::ColorChoice::AlwaysAnsi,
            Color::Never => anstream::ColorChoice::Never,
        };
        choice.write_global();
        Self {
            is_quiet: global.quiet,
            is_verbose: global.verbose > 0,
            color: global.color,
        }
    }

    /// Writes data to standard output. A reader that went away is no error: `gitratra … | head`.
    pub(crate) fn data(&self, text: &str) -> Result<()> {
        let mut out = anstream::stdout().lock();
        let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
        match written {
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
            other => other.context("cannot write to standard output"),
        }
    }

    /// Writes data as JSON.
    pub(crate) fn json(&self, value: &impl serde::Serialize) -> Result<()> {
        let mut text = serde_json::to_string_pretty(value).context("cannot write JSON")?;
        text.push('\n');
        self.data(&text)
    }

    /// Whether somebody wants to read more than usual.
    pub(crate) const fn is_verbose(&self) -> bool {
        self.is_verbose
    }

    /// Says something that a quiet caller does not want to hear.
    pub(crate) fn say(&self, text: &str) {
        if !self.is_quiet {
            to_stderr(text);
        }
    }

    /// Says something without which a caller cannot go on, quiet or not.
    pub(crate) fn tell(&self, text: &str) {
        to_stderr(text);
    }

    /// Says that something is wrong.
    pub(crate) fn warn(&self, text: &str) {
        let style = Style::new().fg_color(Some(AnsiColor::Yellow.into())).bold();
        to_stderr(&format!("{style}warning:{style:#} {text}"));
    }

    /// Whether a progress bar is wanted.
    pub(crate) fn shows_progress(&self) -> bool {
        !self.is_quiet && std::io::stderr().is_terminal()
    }

    /// The page that tables and charts are drawn on.
    pub(crate) fn page(&self) -> term::Style {
        let is_terminal = std::io::stdout().is_terminal();
        let color = match self.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => is_terminal && variable("NO_COLOR").is_none(),
        };
        term::Style {
            width: columns(is_terminal),
            color,
            unicode: speaks_unicode(),
        }
    }
}

/// A failed write to standard error leaves nobody to tell.
fn to_stderr(text: &str) {
    let _ = writeln!(anstream::stderr().lock(), "{text}");
}

/// Prints what the parser of arguments has to say.
pub(crate) fn complaint(text: &str) {
    to_stderr(text.trim_end_matches('\n'));
}

/// Prints an error with its chain of causes, once, at the end of the program.
pub(crate) fn error(error: &anyhow::Error) {
    let style = Style::new().fg_color(Some(AnsiColor::Red.into())).bold();
    let mut text = format!("{style}error:{style:#} {error}");
    let mut said = error.to_string();
    for cause in error.chain().skip(1) {
        let cause = cause.to_string();
        // Some libraries repeat their source in their own words.
        if !said.contains(&cause) {
            text.push_str("\n  because ");
            text.push_str(&cause);
            said = cause;
        }
    }
    to_stderr(&text);
}

/// The width to draw for: the terminal's, `COLUMNS` where it is set, 80 in files and pipes.
fn columns(is_terminal: bool) -> usize {
    let set = variable("COLUMNS").and_then(|text| text.parse().ok());
    let seen = terminal_size::terminal_size_of(std::io::stdout())
        .filter(|_| is_terminal)
        .map(|(width, _)| usize::from(width.0));
    seen.filter(|width| *width > 0)
        .or(set)
        .unwrap_or(80)
        .clamp(40, 400)
}

/// Whether the locale says that more than ASCII can be written; a locale that says nothing can.
fn speaks_unicode() -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .find_map(variable);
    locale.is_none_or(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf")
            || !matches!(locale.as_str(), "c" | "posix") && !locale.contains("8859")
    })
}
