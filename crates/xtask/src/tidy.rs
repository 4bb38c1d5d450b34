//! The rules of the house that no lint knows, as one function over the tree and as tests.

mod edges;
mod sources;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Everything that is against a rule, one line each; empty where the house is tidy.
///
/// # Errors
/// Where the tree cannot be read.
pub(crate) fn check(root: &Path) -> Result<Vec<String>> {
    let mut found = edges::check(root)?;
    found.extend(sources::check(root)?);
    found.extend(crate::bench::check(root)?);
    found.sort();
    Ok(found)
}

/// The root of the workspace.
pub(crate) fn root() -> Result<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = here
        .ancestors()
        .nth(2)
        .context("xtask lies in crates/xtask")?;
    Ok(root.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_house_is_tidy() {
        let found = check(&root().unwrap()).unwrap();
        assert!(found.is_empty(), "{}", found.join("\n"));
    }
}
