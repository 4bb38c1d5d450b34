//! An answer as text that people and assistants read: the same values as its JSON, a line for each
//! object, what strangers wrote marked as such.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use crate::quoted::quoted;

/// What tells one line from another comes first.
const FIRST: [&str; 10] = [
    "place", "repo", "metric", "what", "name", "peak", "day", "from", "to", "count",
];
/// What many lines have no use for is left out where it is null, in the text alone.
const IF_ANY: [&str; 7] = [
    "title",
    "chance_percent",
    "more_at_least",
    "more_at_most",
    "share_percent_at_least",
    "share_percent_at_most",
    "former",
];

/// Writes a value. `stranger` are the keys under which texts of strangers stand.
///
/// *Shape*: two spaces for each level; null is "not known".
pub(crate) fn outline(value: &Value, stranger: &[&str]) -> String {
    let mut text = String::new();
    write(&mut text, value, stranger, 0);
    text
}

fn write(text: &mut String, value: &Value, stranger: &[&str], depth: usize) {
    let Value::Object(fields) = value else {
        return;
    };
    let fields = fields.iter();
    let fields = fields.filter(|(key, value)| !(value.is_null() && IF_ANY.contains(&key.as_str())));
    let (mut flat, deep): (Vec<_>, Vec<_>) = fields.partition(|(_, value)| is_flat(value));
    let place = |key: &String| FIRST.iter().position(|first| key == first);
    flat.sort_by_key(|(key, _)| place(key).unwrap_or(FIRST.len()));
    let indent = "  ".repeat(depth);
    if !flat.is_empty() {
        let of: Vec<String> = flat
            .iter()
            .map(|(key, value)| format!("{key} {}", flat_text(key, value, stranger)))
            .collect();
        let _ = writeln!(text, "{indent}{}", of.join(", "));
    }
    for (key, value) in deep {
        match value {
            Value::Array(values) if values.is_empty() => {
                let _ = writeln!(text, "{indent}{key}: none");
            }
            Value::Array(values) => {
                let _ = writeln!(text, "{indent}{key}:");
                for value in values {
                    item(text, (key, value), stranger, depth + 1);
                }
            }
            value => {
                let _ = writeln!(text, "{indent}{key}:");
                write(text, value, stranger, depth + 1);
            }
        }
    }
}

/// One of several, behind a dash.
fn item(text: &mut String, (key, value): (&str, &Value), stranger: &[&str], depth: usize) {
    let indent = "  ".repeat(depth);
    match value {
        Value::Object(fields) => {
            let begin = text.len();
            write(text, &Value::Object(unnested(fields)), stranger, depth);
            let dash = begin + indent.len().saturating_sub(2);
            if depth > 0 && text.len() > dash + 2 {
                text.replace_range(dash..dash + 2, "- ");
            }
        }
        value => {
            let indent = "  ".repeat(depth.saturating_sub(1));
            let _ = writeln!(text, "{indent}- {}", flat_text(key, value, stranger));
        }
    }
}

/// Objects without depth are told on the line of what they belong to.
fn unnested(fields: &Map<String, Value>) -> Map<String, Value> {
    let mut told = Map::new();
    for (key, value) in fields {
        match value {
            Value::Object(inner) if inner.values().all(is_flat) => {
                for (name, value) in inner {
                    told.insert(format!("{key}.{name}"), value.clone());
                }
            }
            value => {
                told.insert(key.clone(), value.clone());
            }
        }
    }
    told
}

fn is_flat(value: &Value) -> bool {
    !matches!(value, Value::Array(_) | Value::Object(_))
}

fn flat_text(key: &str, value: &Value, stranger: &[&str]) -> String {
    match value {
        Value::Null => "not known".to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::String(text) if stranger.contains(&key) => quoted(text),
        Value::String(text) => text.clone(),
        Value::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() => format!("{float:.1}"),
            _ => number.to_string(),
        },
        Value::Array(_) | Value::Object(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_answer_is_read_line_by_line() {
        let value = json!({
            "repo": "octo/hello",
            "before": {"count": 3, "percent": 12.345},
            "steps": [
                {"from": "2026-01-01", "count": 5, "of": {"days": 1}},
                {"from": "2026-01-02", "count": null, "of": {"days": 1}}
            ],
            "lines": [{"name": "a \"b\"", "spellings": ["/A", "/a"]}],
            "none": []
        });
        let text = outline(&value, &["name", "spellings"]);
        let expected = "\
repo octo/hello
before:
  count 3, percent 12.3
lines:
- name quoted: \"a \\\"b\\\"\"
  spellings:
  - quoted: \"/A\"
  - quoted: \"/a\"
none: none
steps:
- from 2026-01-01, count 5, of.days 1
- from 2026-01-02, count not known, of.days 1
";
        assert_eq!(text, expected);
    }
}
