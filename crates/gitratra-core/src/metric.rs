//! The two daily series that GitHub publishes.

use std::fmt;

/// A daily series of GitHub's traffic API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Metric {
    /// Page loads.
    Views,
    /// Full clones; fetches are not counted.
    Clones,
}

impl Metric {
    /// Both, in the order in which they are shown.
    pub const ALL: [Self; 2] = [Self::Views, Self::Clones];

    /// The word used in URLs, SQL, help and output.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Views => "views",
            Self::Clones => "clones",
        }
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}
