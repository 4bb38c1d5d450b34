//! Measures what `docs/performance.md` records.

use anyhow::Result;

pub(crate) fn run(_names: Vec<String>) -> Result<()> {
    Ok(())
}
