//! What people ask of a history, answered out of the store as plain data.
//!
//! The command line, the dashboard, its API and reports answer the same questions with the same
//! numbers, since all of them ask here. This crate neither draws nor prints, and knows nobody who
//! might not be allowed to see something: whoever calls says what is left out.

mod account;
mod asked;
mod day_story;
mod downloads;
pub mod fleet;
mod gaps;
mod machines;
mod marks;
mod people;
pub mod reach;
mod repo;
mod repo_account;
mod sources;
mod spikes;
mod standing;
mod stars;

pub use account::{CountersAccount, MarkAccount, MetricAccount, ProfileAccount, RankingAccount};
pub use asked::{Asked, AskedError};
pub use day_story::{DayStory, MetricStory, SightingAccount};
pub use downloads::{AllDownloads, DownloadsAccount, File};
pub use gaps::{GapAccount, gaps};
pub use machines::{MachinesAccount, machines};
pub use marks::marks;
pub use people::people;
pub use repo::{About, Over, RepoAnswer, RepoQuestion, Traffic, all_days, usual_step};
pub use repo_account::{Part, ProblemAccount, RepoAccount, StateAccount};
pub use sources::{SourcesAccount, Told};
pub use spikes::{FoundSpike, SpikeAccount, spikes_within};
pub use standing::Standing;
pub use stars::{Stars, StarsAccount};
