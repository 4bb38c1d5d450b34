//! Foreign and own files to core values and back, streaming.
//!
//! [`archive`] is a folder of everything, [`gitratra_v1`] the original tool's file, [`list_file`]
//! what a user lists line by line. [`table`] says what is exported, [`daily`] writes days, [`rows`] any table as text, and
//! [`openmetrics`] days for Prometheus. [`import`] reads these and the files of other tools as facts.
//! [`replace_file`] puts a file in the place of another as a whole, and [`FileLock`] keeps two runs
//! from doing so at once.
//!
//! This crate knows neither the store nor the network, and decides nothing about what it carries.

pub mod archive;
pub mod daily;
pub mod error;
pub mod gitratra_v1;
pub mod import;
mod lines;
pub mod list_file;
pub mod lock;
pub mod openmetrics;
pub mod replace;
pub mod rows;
pub mod table;

pub use error::{FileError, FormatError};
pub use gitratra_v1::{V1File, V1Repo};
pub use lock::FileLock;
pub use replace::{NewFile, replace_file};
pub use rows::{RowFormat, RowWriter, TableRows};
