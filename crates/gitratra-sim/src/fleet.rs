//! Many repositories with names that could be real.

use crate::repo::RepoSpec;

const FIRST: [&str; 32] = [
    "amber", "atlas", "basalt", "beacon", "brisk", "cedar", "cobalt", "comet", "coral", "delta",
    "ember", "fable", "fern", "flint", "granite", "harbor", "hazel", "indigo", "juniper",
    "kestrel", "lumen", "maple", "meadow", "nimbus", "onyx", "pebble", "quartz", "raven", "sable",
    "tidal", "umber", "willow",
];

const SECOND: [&str; 32] = [
    "api", "bench", "bot", "bridge", "cache", "cli", "config", "core", "crawler", "dash", "db",
    "docs", "engine", "forms", "gateway", "graph", "index", "kit", "lint", "mail", "mesh",
    "parser", "proxy", "queue", "router", "sdk", "shell", "store", "sync", "tools", "ui", "worker",
];

/// The first `count` repositories of an owner's fleet, each with another name.
pub(crate) fn repositories(owner: &str, count: usize) -> impl Iterator<Item = RepoSpec> {
    (0..count).map(move |index| {
        let spec = RepoSpec::new(format!("{owner}/{}", name(index)));
        let spec = if index % 17 == 16 { spec.fork() } else { spec };
        let spec = if index % 23 == 22 {
            spec.archived()
        } else {
            spec
        };
        if index % 29 == 28 {
            spec.private()
        } else {
            spec
        }
    })
}

fn name(index: usize) -> String {
    let (first, second) = (index % FIRST.len(), index / FIRST.len());
    let round = second / SECOND.len();
    // Neighbours differ in both words.
    let second = SECOND[(second + 5 * first) % SECOND.len()];
    let plain = format!("{}-{second}", FIRST[first]);
    if round == 0 {
        plain
    } else {
        format!("{plain}-{}", round + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn ten_thousand_names_are_all_different() {
        let names: HashSet<_> = (0..10_000).map(name).collect();
        assert_eq!(names.len(), 10_000);
        assert!(names.contains("amber-api"));
    }
}
