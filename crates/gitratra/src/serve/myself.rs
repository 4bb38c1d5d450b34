//! What this process calls itself before other collectors that share its store.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;

use gitratra_github::TokioClock;
use gitratra_sync::Terms;

/// By which leases are held.
pub(crate) fn terms() -> Terms {
    Terms::new(new_name(), host(), Arc::new(TokioClock::new()))
}

/// A name that no other process has, nor this one after a restart.
pub(crate) fn new_name() -> String {
    // Each is made with keys of its own.
    let random = || RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", random(), random())
}

fn host() -> String {
    let told = std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let named = || {
        ["HOSTNAME", "COMPUTERNAME"]
            .into_iter()
            .find_map(|name| std::env::var(name).ok())
    };
    let name = told.or_else(named).unwrap_or_default();
    let name: String = name
        .trim()
        .chars()
        .filter(|c| !c.is_control())
        .take(100)
        .collect();
    match name.is_empty() {
        true => "unknown".to_owned(),
        false => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_starts_have_one_name() {
        assert_ne!(terms().holder, terms().holder);
        assert_eq!(terms().holder.len(), 32);
    }
}
