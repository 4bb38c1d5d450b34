//! What a warehouse says of itself: `_gitratra/manifest.json`, which is put last.
//!
//! Nothing else knows what was written. Readers that want all tables of one moment look at it
//! before and after they read; `docs/warehouse.md` says how.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::WarehouseError;
use crate::place::Version;

/// The folder of what is no table: readers of Parquet leave out what begins with `_`.
pub(crate) const FOLDER: &str = "_gitratra";

/// Where the manifest lies.
pub const PATH: &str = "_gitratra/manifest.json";

/// The version of what a manifest says.
pub(crate) const FORMAT: u32 = 1;

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The version of what this says.
    pub format: u32,
    /// Whether a run is at work.
    pub state: State,
    /// How many runs have changed any file.
    pub generation: u64,
    /// When the last of them began.
    pub written_at: String,
    /// The run that put this; another one for each.
    pub writer: String,
    /// How often that run has put it.
    pub beat: u64,
    /// Every Parquet file by its path.
    pub files: BTreeMap<String, Written>,
    /// Months without rows, and what was known of them then.
    pub empty: BTreeMap<String, String>,
}

/// Whether a run is at work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Every file is as the manifest says.
    Complete,
    /// A run is writing, or was cut off.
    Writing,
}

/// A file that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// Its rows.
    pub rows: u64,
    /// Its size.
    pub bytes: u64,
    /// The SHA-256 of its bytes.
    pub sha256: String,
    /// The SHA-256 of its rows.
    pub content: String,
    /// What the place calls this version of it.
    pub version: Version,
    /// What was known of its month when it was made.
    pub mark: String,
}

impl Manifest {
    pub(crate) fn new() -> Self {
        Self {
            format: FORMAT,
            state: State::Complete,
            generation: 0,
            written_at: String::new(),
            writer: String::new(),
            beat: 0,
            files: BTreeMap::new(),
            empty: BTreeMap::new(),
        }
    }

    /// Reads one.
    ///
    /// # Errors
    /// [`WarehouseError::Newer`], [`WarehouseError::Manifest`].
    pub fn read(bytes: &[u8], place: &str) -> Result<Self, WarehouseError> {
        #[derive(Deserialize)]
        struct Format {
            format: u32,
        }
        let damaged = |error: serde_json::Error| WarehouseError::Manifest {
            place: place.to_owned(),
            why: error.to_string(),
        };
        let found: Format = serde_json::from_slice(bytes).map_err(damaged)?;
        if found.format > FORMAT {
            return Err(WarehouseError::Newer(place.to_owned()));
        }
        serde_json::from_slice(bytes).map_err(damaged)
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(self).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }
}
