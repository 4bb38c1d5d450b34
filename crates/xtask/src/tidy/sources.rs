//! Rules about single files: size, names, first lines, words that must not be there.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Blocks of documentation that are no Rust.
const PLAIN: &[&str] = &["text", "toml", "json", "sql", "sh"];

/// Lines of a source file, tests apart.
const LONGEST: usize = 600;

/// Names that say nothing about a module's one job.
const EMPTY_NAMES: &[&str] = &[
    "utils", "util", "helpers", "helper", "common", "misc", "manager",
];

pub(super) fn check(root: &Path) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let mut files = Vec::new();
    collect(&root.join("crates"), &mut files)?;
    for path in files {
        let name = path
            .strip_prefix(root)
            .unwrap_or(&path)
            .display()
            .to_string();
        if let Some(why) = empty_name(&path) {
            found.push(format!("{name}: {why}"));
        }
        let is_rust = path.extension().is_some_and(|extension| extension == "rs");
        let is_sql = path.extension().is_some_and(|extension| extension == "sql");
        if !is_rust && !is_sql {
            continue;
        }
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        let problems = if is_rust { rust(&text) } else { sql(&text) };
        found.extend(problems.into_iter().map(|why| format!("{name}: {why}")));
    }
    Ok(found)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), files)?;
        } else {
            files.push(entry.path());
        }
    }
    Ok(())
}

fn empty_name(path: &Path) -> Option<String> {
    let stem = path.file_stem()?.to_str()?;
    EMPTY_NAMES
        .contains(&stem)
        .then(|| format!("\"{stem}\" says nothing about its one job"))
}

fn rust(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    if !text.starts_with("//!") {
        found.push("begin with `//!` and the one job of the file".into());
    }
    let lines = text
        .lines()
        .take_while(|line| !line.starts_with("#[cfg(test)]"))
        .count();
    if lines > LONGEST {
        found.push(format!(
            "{lines} lines, tests apart: look for the second subject"
        ));
    }
    let mut is_fenced = false;
    for (number, line) in (1..).zip(text.lines()) {
        let code = line.trim_start();
        let doc = code.strip_prefix("///").or(code.strip_prefix("//!"));
        if let Some(word) = doc.and_then(|doc| doc.trim().strip_prefix("```")) {
            is_fenced = !is_fenced;
            if is_fenced && !PLAIN.contains(&word) {
                found.push(format!(
                    "line {number}: examples in the documentation are not run, put this one into \
                     examples/ or a test"
                ));
            }
        }
        if code.starts_with("#[allow(") || code.starts_with("#![allow(") {
            found.push(format!(
                "line {number}: silence with #[expect(…, reason = \"…\")]"
            ));
        }
        if code.starts_with("#[ignore") {
            found.push(format!(
                "line {number}: a test that does not run is no test"
            ));
        }
    }
    found
}

fn sql(text: &str) -> Vec<String> {
    let without_comments = text
        .lines()
        .map(|line| line.split("--").next().unwrap_or(""))
        .collect::<Vec<_>>()
        .join("\n");
    // What differs between engines stands in `/* … */` or between quotes, in the engine's own case.
    let code = outside(&outside(&without_comments, "/*", "*/"), "'", "'");
    let mut found = Vec::new();
    if code.contains("select *") {
        found.push("name the columns".into());
    }
    if code != code.to_lowercase() {
        found.push("write SQL in lower case".into());
    }
    for word in [
        "greatest(",
        "least(",
        "autoincrement",
        "date('now'",
        " like ",
    ] {
        if code.contains(word) {
            found.push(format!("\"{}\" differs between engines", word.trim()));
        }
    }
    found
}

/// The text without the parts between `open` and `close`.
fn outside(text: &str, open: &str, close: &str) -> String {
    let mut kept = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(open) {
        kept.push_str(before);
        kept.push(' ');
        rest = after.split_once(close).map_or("", |(_, after)| after);
    }
    kept + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_against_a_rule_is_found() {
        assert_eq!(rust("fn main() {}\n").len(), 1);
        assert_eq!(rust("//! Job.\n#[allow(dead_code)]\nfn f() {}\n").len(), 1);
        assert_eq!(rust("//! Job.\n//! ```\n//! f();\n//! ```\n").len(), 1);
        assert_eq!(rust("//! Job.\n//! ```text\n//! f\n//! ```\n").len(), 0);
        let long = format!("//! Job.\n{}", "fn f() {}\n".repeat(LONGEST));
        assert_eq!(rust(&long).len(), 1);
        let tested = format!("//! Job.\n#[cfg(test)]\n{}", "fn f() {}\n".repeat(LONGEST));
        assert_eq!(rust(&tested).len(), 0);
        assert_eq!(sql("SELECT day from repo").len(), 1);
        assert!(sql("select day /* C */ from repo where name = 'X'").is_empty());
        assert_eq!(sql("select * from repo -- Why").len(), 1);
        assert!(empty_name(Path::new("src/utils.rs")).is_some());
    }
}
