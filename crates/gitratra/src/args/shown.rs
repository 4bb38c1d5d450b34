//! What the commands that show and write figures take.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use gitratra_core::Metric;

use super::Json;

#[derive(Debug, Args)]
pub(crate) struct Show {
    /// The repository; without it all of them, one line each
    #[arg(value_name = "OWNER/NAME")]
    pub(crate) repo: Option<String>,
    /// 7d, 30d, 90d, 1y, all or FROM..TO (days as YYYY-MM-DD)
    #[arg(long, value_name = "RANGE", default_value = "30d")]
    pub(crate) range: String,
    /// Fold days
    #[arg(long, value_enum)]
    pub(crate) by: Option<By>,
    /// Only this metric
    #[arg(long, value_enum)]
    pub(crate) metric: Option<ShownMetric>,
    #[command(flatten)]
    pub(crate) json: Json,
}

/// How days are folded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum By {
    /// Each day by itself
    Day,
    /// Weeks from Monday to Sunday
    Week,
    /// Calendar months
    Month,
}

/// What `show` can be narrowed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ShownMetric {
    /// Page loads
    Views,
    /// Full clones
    Clones,
    /// Sites that visitors came from
    Referrers,
    /// Pages that visitors looked at
    Paths,
    /// Stars given, taken away and standing
    Stars,
    /// Copies of the repository on GitHub
    Forks,
    /// Downloads of the files of releases
    Downloads,
}

#[derive(Debug, Args)]
pub(crate) struct Compare {
    /// The repositories, two to eight
    #[arg(value_name = "OWNER/NAME", required = true, num_args = 2..=8)]
    pub(crate) repos: Vec<String>,
    /// 7d, 30d, 90d, 1y, all or FROM..TO (days as YYYY-MM-DD)
    #[arg(long, value_name = "RANGE", default_value = "30d")]
    pub(crate) range: String,
    /// Fold days in the table of numbers
    #[arg(long, value_enum)]
    pub(crate) by: Option<By>,
    /// Only this metric
    #[arg(long, value_enum)]
    pub(crate) metric: Option<TrafficMetric>,
    #[command(flatten)]
    pub(crate) json: Json,
}

/// What GitHub counts by day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TrafficMetric {
    /// Page loads
    Views,
    /// Full clones
    Clones,
}

impl From<TrafficMetric> for Metric {
    fn from(metric: TrafficMetric) -> Self {
        match metric {
            TrafficMetric::Views => Self::Views,
            TrafficMetric::Clones => Self::Clones,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Top {
    /// What the table goes by
    #[arg(long, value_enum, default_value_t = Order::Total)]
    pub(crate) order: Order,
    /// 7d, 30d, 90d, 1y, all or FROM..TO (days as YYYY-MM-DD)
    #[arg(long, value_name = "RANGE", default_value = "30d")]
    pub(crate) range: String,
    /// Views or clones
    #[arg(long, value_enum, default_value_t = TrafficMetric::Views)]
    pub(crate) metric: TrafficMetric,
    /// Show so many
    #[arg(short, long, value_name = "N", default_value_t = 20)]
    pub(crate) number: usize,
    #[command(flatten)]
    pub(crate) json: Json,
}

/// What `top` goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Order {
    /// The total of the range
    Total,
    /// The total by measured day
    PerDay,
    /// The largest gain on the range before
    Rising,
    /// The largest loss
    Falling,
    /// Those that brought traffic and hardly do any more, whatever the range
    Quiet,
}

#[derive(Debug, Args)]
pub(crate) struct Spikes {
    /// The repository; without it all of them
    #[arg(value_name = "OWNER/NAME")]
    pub(crate) repo: Option<String>,
    /// 7d, 30d, 90d, 1y, all or FROM..TO (days as YYYY-MM-DD)
    #[arg(long, value_name = "RANGE", default_value = "90d")]
    pub(crate) range: String,
    /// Only this metric
    #[arg(long, value_enum)]
    pub(crate) metric: Option<TrafficMetric>,
    #[command(flatten)]
    pub(crate) json: Json,
}

#[derive(Debug, Args)]
pub(crate) struct Note {
    #[command(subcommand)]
    pub(crate) command: NoteCommand,
}

/// What to do with notes.
#[derive(Debug, Subcommand)]
pub(crate) enum NoteCommand {
    /// Write down what happened on a day
    #[command(after_help = "\
Examples:
  gitratra note add octo/hello 2026-01-15 \"on the front page of a news site\"")]
    Add {
        /// The repository
        #[arg(value_name = "OWNER/NAME")]
        repo: String,
        /// The day, as YYYY-MM-DD
        day: String,
        /// What happened, on one line
        text: String,
    },
    /// List notes
    #[command(after_help = "\
Examples:
  gitratra note list octo/hello")]
    List {
        /// The repository; without it all of them
        #[arg(value_name = "OWNER/NAME")]
        repo: Option<String>,
        #[command(flatten)]
        json: Json,
    },
    /// Remove a note by its number, which list tells
    #[command(after_help = "\
Examples:
  gitratra note remove octo/hello 3")]
    Remove {
        /// The repository
        #[arg(value_name = "OWNER/NAME")]
        repo: String,
        /// The note's number
        #[arg(value_name = "NUMBER")]
        id: u64,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Why {
    /// The repository
    #[arg(value_name = "OWNER/NAME")]
    pub(crate) repo: String,
    /// The day, as YYYY-MM-DD
    pub(crate) day: String,
    #[command(flatten)]
    pub(crate) json: Json,
}

#[derive(Debug, Args)]
pub(crate) struct Gaps {
    /// The repository; without it all of them
    #[arg(value_name = "OWNER/NAME")]
    pub(crate) repo: Option<String>,
    #[command(flatten)]
    pub(crate) json: Json,
}

#[derive(Debug, Args)]
pub(crate) struct Export {
    /// What to write
    #[arg(value_enum)]
    pub(crate) what: ExportWhat,
    /// The format
    #[arg(long, value_enum, default_value_t = ExportFormat::Csv)]
    pub(crate) format: ExportFormat,
    /// Write to this file instead of standard output; for `all` a folder, made where there is none.
    /// Parquet into a folder is parted by year
    #[arg(short, long, value_name = "FILE|DIR")]
    pub(crate) output: Option<PathBuf>,
    /// 7d, 30d, 90d, 1y, all or FROM..TO (days as YYYY-MM-DD)
    #[arg(long, value_name = "RANGE", default_value = "all")]
    pub(crate) range: String,
    /// Only repositories that match; may be repeated
    #[arg(long, value_name = "PATTERN")]
    pub(crate) repo: Vec<String>,
    /// Only what became known since this run began; 0 is everything
    ///
    /// Each export tells the number to take the next time. Whatever changed is in it at least once;
    /// docs/export.md says what else may be.
    #[arg(long, value_name = "RUN")]
    pub(crate) since_run: Option<u64>,
}

/// What can be exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportWhat {
    /// Views and clones of each day
    Daily,
    /// Views, clones and people of each week from Monday to Sunday
    Weekly,
    /// People over the 14 days up to each day
    Windows,
    /// The lists of referrers as GitHub told them, totals over 14 days
    Referrers,
    /// The lists of popular paths as GitHub told them, totals over 14 days
    Paths,
    /// Stars, forks, watchers and issues by day
    Counters,
    /// Stars given and taken away by day
    Stars,
    /// Downloads of the files of releases, from one reading to the next
    Downloads,
    /// All of these, a file each in a folder, or a sheet each in a workbook
    All,
}

/// How it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    /// Comma-separated values with a header
    Csv,
    /// One array of objects
    Json,
    /// One object a line
    Jsonl,
    /// The original tool's text, `gitratra_v1`
    Gitratra,
    /// Typed columns for DuckDB, pandas and others
    Parquet,
    /// A workbook of Excel; `all` is a sheet for each table
    Xlsx,
    /// Days with timestamps, to fill a Prometheus with the past
    Openmetrics,
}
