//! Clones that workflow runs may have made.

use gitratra_core::machine::{self, MachineTotal};
use gitratra_core::{DayRange, Measured, Metric, RepoId, Series};
use gitratra_store::{Store, StoreError};
use serde::Serialize;
use utoipa::ToSchema;

/// How many clones of a range workflow runs may have made; nothing where runs are not counted.
///
/// Runs of the days of `series` are read, which tell how many clones one makes.
///
/// # Errors
/// What the store says.
pub async fn machines(
    store: &Store,
    repo: RepoId,
    series: &Series,
    range: DayRange,
) -> Result<Option<MachineTotal>, StoreError> {
    let runs = store.workflow_days(repo, series.range()).await?;
    if runs.is_empty() {
        return Ok(None);
    }
    let clones = Measured::of(series.days(), Metric::Clones);
    let estimates = machine::estimate(&clones, &Measured::new(runs));
    Ok(Some(machine::total(&estimates, range)))
}

/// Clones by machines as they are told: an estimate.
#[derive(Debug, Serialize, ToSchema)]
pub struct MachinesAccount {
    kind: &'static str,
    at_least: u64,
    at_most: u64,
    /// Clones of the days that stand behind it.
    of_clones: u64,
    days: u64,
    days_missing: u64,
}

impl MachinesAccount {
    /// As it is told.
    #[must_use]
    pub fn of(total: &MachineTotal) -> Self {
        Self {
            kind: "estimate",
            at_least: total.by_machines.lower(),
            at_most: total.by_machines.upper(),
            of_clones: total.clones,
            days: total.days,
            days_missing: total.days_missing,
        }
    }
}
