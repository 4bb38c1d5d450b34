//! Values and rules of a traffic history: days, counts, readings, how readings merge, what state a
//! day is in, which repositories are tracked and which are due.
//!
//! This crate does no I/O, reads no clock and no environment, is not async and knows neither serde
//! nor SQL: `now` is always an argument. Start with [`merge`], which holds the one rule that the
//! whole program stands on.

pub mod alarm;
pub mod bounds;
pub mod change;
pub mod count;
pub mod counters;
pub mod day;
#[cfg(test)]
mod dice;
pub mod download;
pub mod endpoint;
pub mod figures;
pub mod group;
pub mod held;
pub mod history;
pub mod import;
pub mod machine;
pub mod measured;
pub mod merge;
pub mod metric;
pub mod note;
pub mod page;
pub mod people;
pub mod person;
pub mod plan;
pub mod platform;
pub mod ranking;
pub mod reading;
pub mod regime;
pub mod release;
pub mod repo;
pub mod rhythm;
pub mod rolling;
pub mod secret_hash;
pub mod select;
pub mod series;
pub mod spike;
pub mod star;
pub mod stargazing;
pub mod suspect;
pub mod week;

pub use bounds::Bounds;
pub use count::{Count, CountError, Uniques};
pub use counters::{Counters, CountersReading, Profile, Tag, Visibility};
pub use day::{Day, DayParseError, DayRange, Window};
pub use endpoint::Endpoint;
pub use group::{Group, GroupError, GroupName, GroupRule};
pub use held::{Asked, Held};
pub use history::{History, House};
pub use jiff::Timestamp;
pub use measured::Measured;
pub use merge::{Change, DayRecord, Seen, Sighting, Source};
pub use metric::Metric;
pub use note::{Note, NoteError, NoteText};
pub use page::{Page, PageKey, PageNames, Pages};
pub use person::{Person, PersonError, PersonId, PersonName, Role, TokenScope};
pub use ranking::{Ranked, RankedReading, Ranking, Rolling};
pub use reading::{Reading, ReadingError};
pub use release::{Asset, Release, ReleasesReading};
pub use repo::{NameError, RepoId, RepoName, Repository};
pub use rhythm::Rhythm;
pub use secret_hash::SecretHash;
pub use select::{Pattern, PatternError, Rules, Verdict};
pub use series::{DayRow, DayState, Series, Value};
pub use star::{StarDay, StarHistory, StarWeek};
pub use week::{Week, WeeklyReading};
