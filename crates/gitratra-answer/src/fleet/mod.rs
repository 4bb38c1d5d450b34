//! The whole fleet in one range: totals, chart, league table, owners.
//!
//! A [`Book`] holds the figures of every repository in one range, made by one walk through the store.
//! Everything that differs from one viewer to the next (what they may see, what they search for, how
//! they sort) is a pure function of it: [`Book::ask`]. A [`BookShelf`] keeps the books that are in use.
//!
//! Nothing about a repository that a viewer does not see influences their answer: relative ranges
//! end with the newest day of what they see, and each number is made of that alone.

mod answer;
mod book;
mod gather;
mod kept;
mod owners;
mod question;
mod roll;
mod shelf;

pub use answer::{
    Attention, FleetAnswer, FleetLine, FleetMetric, GroupSum, LineMetric, OwnerSum, StarsSum,
    StepSum,
};
pub use book::{Book, LineStars, step_of};
pub use kept::Pace;
pub use question::{Direction, FleetQuestion, Sees, Sort};
pub use roll::Roll;
pub use shelf::BookShelf;
