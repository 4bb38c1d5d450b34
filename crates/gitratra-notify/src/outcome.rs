//! What can go wrong: while channels are opened, and while a message is sent.

use std::path::PathBuf;
use std::time::Duration;

/// Why the channels cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Two channels have one name, by which it is remembered who was told.
    #[error("two channels are called \"{name}\", give each its own \"name\"")]
    Twice {
        /// The name.
        name: String,
    },
    /// An environment variable is not set.
    #[error("channel \"{channel}\" takes a secret from \"{name}\", which is not set")]
    NoVariable {
        /// The channel.
        channel: String,
        /// The variable.
        name: String,
    },
    /// A file cannot be read.
    #[error("cannot read \"{}\" for channel \"{channel}\"", path.display())]
    File {
        /// The channel.
        channel: String,
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// What came from the environment or a file cannot be right.
    #[error("channel \"{channel}\": {why}")]
    Wrong {
        /// The channel.
        channel: String,
        /// What is wrong, without any secret.
        why: String,
    },
}

/// Why a message did not arrive. Whatever it was, sending it again later may help.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// It was not taken in time.
    #[error("channel \"{channel}\" did not take the message within {} s", limit.as_secs_f64())]
    TimedOut {
        /// The channel.
        channel: String,
        /// How long it was given.
        limit: Duration,
    },
    /// There is nobody, or nobody to trust.
    #[error("channel \"{channel}\" cannot reach \"{to}\": {why}")]
    Unreachable {
        /// The channel.
        channel: String,
        /// The host or program.
        to: String,
        /// Why, in one line.
        why: String,
    },
    /// There is somebody who does not take it.
    #[error("channel \"{channel}\": \"{to}\" did not take the message: {why}")]
    Refused {
        /// The channel.
        channel: String,
        /// The host or program.
        to: String,
        /// Why, in one line.
        why: String,
    },
}

/// The same before it is known which channel it was.
#[derive(Debug)]
pub(crate) enum Trouble {
    Unreachable { to: String, why: String },
    Refused { to: String, why: String },
}

impl Trouble {
    pub(crate) fn of(self, channel: &str) -> SendError {
        let channel = channel.to_owned();
        match self {
            Self::Unreachable { to, why } => SendError::Unreachable { channel, to, why },
            Self::Refused { to, why } => SendError::Refused { channel, to, why },
        }
    }
}

/// A text from outside as one short line without control characters.
pub(crate) fn one_line(text: &str) -> String {
    let spaced: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let words: Vec<&str> = spaced.split_whitespace().collect();
    words.join(" ").chars().take(200).collect()
}
