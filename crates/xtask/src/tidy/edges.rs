//! Which crate may use which. An edge is added here first, with its sentence in ARCHITECTURE.md.

use std::path::Path;

use anyhow::{Context, Result};
use toml::Table;

/// The crates of ours that each crate may use when it ships.
const ALLOWED: &[(&str, &[&str])] = &[
    ("gitratra-core", &[]),
    ("gitratra-github", &["gitratra-core"]),
    ("gitratra-store", &["gitratra-core"]),
    ("gitratra-tests", &[]),
    ("gitratra-formats", &["gitratra-core"]),
    ("gitratra-render", &["gitratra-core"]),
    ("gitratra-notify", &["gitratra-core"]),
    ("gitratra-answer", &["gitratra-core", "gitratra-store"]),
    ("gitratra-oidc", &["gitratra-web"]),
    ("gitratra-backup", &["gitratra-core", "gitratra-store"]),
    (
        "gitratra-mcp",
        &["gitratra-answer", "gitratra-core", "gitratra-store"],
    ),
    (
        "gitratra-report",
        &[
            "gitratra-answer",
            "gitratra-core",
            "gitratra-render",
            "gitratra-store",
        ],
    ),
    ("gitratra-tables", &["gitratra-core", "gitratra-formats"]),
    ("gitratra-foreign", &["gitratra-core"]),
    (
        "gitratra-warehouse",
        &[
            "gitratra-backup",
            "gitratra-core",
            "gitratra-formats",
            "gitratra-store",
            "gitratra-tables",
        ],
    ),
    (
        "gitratra-web",
        &[
            "gitratra-answer",
            "gitratra-core",
            "gitratra-formats",
            "gitratra-render",
            "gitratra-store",
        ],
    ),
    (
        "gitratra-sync",
        &["gitratra-core", "gitratra-github", "gitratra-store"],
    ),
    ("gitratra-sim", &[]),
    (
        "gitratra",
        &[
            "gitratra-answer",
            "gitratra-backup",
            "gitratra-core",
            "gitratra-foreign",
            "gitratra-formats",
            "gitratra-github",
            "gitratra-mcp",
            "gitratra-notify",
            "gitratra-oidc",
            "gitratra-render",
            "gitratra-report",
            "gitratra-sim",
            "gitratra-store",
            "gitratra-sync",
            "gitratra-tables",
            "gitratra-warehouse",
            "gitratra-web",
        ],
    ),
    (
        "xtask",
        &[
            "gitratra-answer",
            "gitratra-core",
            "gitratra-sim",
            "gitratra-store",
        ],
    ),
];

/// Crates that only tests may use, beyond those of [`ALLOWED`].
const IN_TESTS: &[(&str, &[&str])] = &[(
    "gitratra-tests",
    &[
        "gitratra-backup",
        "gitratra-core",
        "gitratra-github",
        "gitratra-sim",
        "gitratra-store",
        "gitratra-sync",
        "gitratra-warehouse",
    ],
)];

/// Other people's crates that one of ours must never use: what it must not do, it cannot.
const BANNED: &[(&str, &[&str])] = &[
    (
        "gitratra-core",
        &[
            "serde",
            "serde_json",
            "tokio",
            "reqwest",
            "rusqlite",
            "tokio-postgres",
            "clap",
            "tracing",
        ],
    ),
    ("gitratra-github", &["rusqlite", "tokio-postgres", "clap"]),
    (
        "gitratra-store",
        &["reqwest", "serde", "serde_json", "clap"],
    ),
    (
        "gitratra-formats",
        &["tokio", "reqwest", "rusqlite", "tokio-postgres", "clap"],
    ),
    (
        "gitratra-render",
        &[
            "tokio",
            "reqwest",
            "rusqlite",
            "tokio-postgres",
            "clap",
            "serde",
        ],
    ),
    ("gitratra-notify", &["rusqlite", "tokio-postgres", "clap"]),
    (
        "gitratra-tables",
        &["tokio", "reqwest", "rusqlite", "tokio-postgres", "clap"],
    ),
    (
        "gitratra-web",
        &["reqwest", "rusqlite", "tokio-postgres", "clap"],
    ),
    (
        "gitratra-sync",
        &["reqwest", "rusqlite", "tokio-postgres", "clap", "indicatif"],
    ),
    ("gitratra-sim", &["rusqlite", "tokio-postgres", "clap"]),
];

pub(super) fn check(root: &Path) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let mut crates = Vec::new();
    for entry in std::fs::read_dir(root.join("crates"))? {
        let path = entry?.path().join("Cargo.toml");
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        let manifest: Table = text
            .parse()
            .with_context(|| format!("cannot parse {}", path.display()))?;
        crates.push(manifest);
    }
    for manifest in &crates {
        found.extend(problems(manifest));
    }
    for (name, _) in ALLOWED {
        if !crates.iter().any(|manifest| name_of(manifest) == *name) {
            found.push(format!(
                "{name}: listed in the allowed edges, but there is no such crate"
            ));
        }
    }
    Ok(found)
}

fn problems(manifest: &Table) -> Vec<String> {
    let name = name_of(manifest);
    let Some(allowed) = of(ALLOWED, name) else {
        return vec![format!(
            "{name}: add it to the allowed edges, and to ARCHITECTURE.md"
        )];
    };
    let in_tests = of(IN_TESTS, name).unwrap_or(&[]);
    let banned = of(BANNED, name).unwrap_or(&[]);
    let mut found = Vec::new();
    for dependency in dependencies(manifest, "dependencies") {
        if dependency.starts_with("gitratra") && !allowed.contains(&dependency) {
            found.push(format!("{name}: may not use {dependency}"));
        }
        if banned.contains(&dependency) {
            found.push(format!("{name}: must never use {dependency}"));
        }
    }
    for dependency in dependencies(manifest, "dev-dependencies") {
        let is_known = allowed.contains(&dependency) || in_tests.contains(&dependency);
        if dependency.starts_with("gitratra") && !is_known && dependency != name {
            found.push(format!("{name}: may not use {dependency} in tests"));
        }
    }
    found
}

fn name_of(manifest: &Table) -> &str {
    let name = manifest
        .get("package")
        .and_then(|package| package.get("name"));
    name.and_then(|name| name.as_str()).unwrap_or("?")
}

fn dependencies<'a>(manifest: &'a Table, kind: &str) -> impl Iterator<Item = &'a str> {
    let table = manifest.get(kind).and_then(|table| table.as_table());
    table.into_iter().flat_map(Table::keys).map(String::as_str)
}

fn of(table: &[(&str, &'static [&'static str])], name: &str) -> Option<&'static [&'static str]> {
    table
        .iter()
        .find(|(of, _)| *of == name)
        .map(|(_, list)| *list)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, dependencies: &str, expected: usize) {
        let text = format!("[package]\nname = \"{name}\"\n[dependencies]\n{dependencies}");
        assert_eq!(problems(&text.parse().unwrap()).len(), expected, "{text}");
    }

    #[test]
    fn a_new_edge_is_found() {
        check("gitratra-store", "gitratra-core.workspace = true", 0);
        check("gitratra-store", "gitratra-github.workspace = true", 1);
        check(
            "gitratra-core",
            "serde = \"1\"\ngitratra-store.workspace = true",
            2,
        );
        check("gitratra-surprise", "", 1);
    }
}
