//! Text for a terminal: charts in block characters, tables, and the whole of `show`.
//!
//! What is drawn is readable without colour, at any width, and in plain ASCII; what colour says is
//! said by a sign or a word as well. Names that come from outside lose their control characters,
//! so that none of them can steer the terminal.

mod beside;
mod chart;
mod days;
mod fleet;
mod glyphs;
mod league;
mod paint;
mod rank;
mod repo;
mod source;
mod sparkline;
mod spike;
mod table;
mod text;

pub use beside::{
    FileLine, ShowDownloads, ShowStanding, ShowStars, show_downloads, show_standing, show_stars,
};
pub use fleet::{FleetLine, ShowFleet, show_fleet};
pub use league::{CompareLine, ShowTop, TopLine, show_compared, show_top};
pub use paint::Style;
pub use rank::{ShowRanking, show_ranking};
pub use repo::{ShowCounters, ShowRepo, people_text, show_repo};
pub use source::{ShowSources, show_sources};
pub use sparkline::sparkline;
pub use spike::{ShowSpike, show_spikes};
pub use table::{Align, Column, table};
