//! The page that explains the API, made of its own description.

use maud::{Markup, html};
use serde_json::Value;

use super::DOCUMENT;
use crate::layout;
use crate::site::Call;

/// How deep a schema is shown.
const DEPTH: usize = 5;

pub(super) async fn page(call: Call) -> Markup {
    let document: Value = serde_json::from_str(&DOCUMENT.1).unwrap_or_default();
    let operations = operations(&document);
    let body = html! {
        div class="title" { h1 { "API" } }
        section class="panel" aria-labelledby="begin" {
            header { h2 id="begin" { "Before you begin" } }
            ul class="plain" {
                li { (text(&document["info"]["description"])) }
                li { "The description for programs is " a href="/api/v1/openapi.json" { "OpenAPI 3.1" } "." }
                li { (text(&document["components"]["securitySchemes"]["token"]["description"])) " It goes into a header: " code { "Authorization: Bearer gtr_…" } "." }
                li { "What goes wrong is told as " code { "application/problem+json" } ": " code { "title" } ", " code { "status" } ", " code { "detail" } ". What you may not see is 404, as what is not there." }
                li { "Lists come in pages: give " code { "next_cursor" } " as " code { "cursor" } " until it is null." }
                li { "Every answer has an " code { "ETag" } ": send it as " code { "If-None-Match" } ", and what did not change is not sent again." }
            }
        }
        section class="panel" aria-labelledby="paths" {
            header { h2 id="paths" { "Paths" } }
            ul class="plain" {
                @for (method, path, operation) in &operations {
                    li {
                        a href={ "#" (anchor(method, path)) } { code { (method) " " (path) } }
                        " " span class="muted small" { (text(&operation["summary"])) }
                    }
                }
            }
        }
        @for (method, path, operation) in &operations {
            (panel(&document, method, path, operation))
        }
    };
    layout::page(&call.frame, "API", &body)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Every method of every path.
fn operations(document: &Value) -> Vec<(String, &str, &Value)> {
    let paths = document.get("paths").and_then(Value::as_object);
    let paths = paths.into_iter().flatten();
    let all = paths.flat_map(|(path, methods)| {
        let methods = methods.as_object().into_iter().flatten();
        methods.map(|(method, operation)| (method.to_ascii_uppercase(), path.as_str(), operation))
    });
    all.collect()
}

fn anchor(method: &str, path: &str) -> String {
    let words = path.split(|letter: char| !letter.is_ascii_alphanumeric());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    format!("{}-{}", method.to_ascii_lowercase(), words.join("-"))
}

fn panel(document: &Value, method: &str, path: &str, operation: &Value) -> Markup {
    let parameters = operation["parameters"].as_array();
    let answers = operation["responses"].as_object();
    let body = operation["requestBody"]["content"].as_object();
    let id = anchor(method, path);
    html! {
        section class="panel" aria-labelledby=(id) {
            header { h2 id=(id) { code { (method) " " (path) } } }
            p { (text(&operation["summary"])) "." }
            pre tabindex="0" { code { (example(document, method, path, operation)) } }
            @if let Some(parameters) = parameters { (parameter_table(document, path, parameters)) }
            @for (media_type, content) in body.into_iter().flatten() {
                details class="behind" {
                    summary { "Body: " (media_type) }
                    (schema(document, &content["schema"], 0))
                }
            }
            @for (status, answer) in answers.into_iter().flatten() {
                @if !is_problem(status) {
                    details class="behind" {
                        summary { "Answer " (status) ": " (text(&answer["description"])) }
                        @for (media_type, content) in answer["content"].as_object().into_iter().flatten() {
                            p class="small muted" { (media_type) }
                            (schema(document, &content["schema"], 0))
                        }
                    }
                }
            }
            details class="behind" {
                summary { "Problems" }
                ul {
                    @for (status, answer) in answers.into_iter().flatten() {
                        @if is_problem(status) { li class="small" { (status) ": " (text(&answer["description"])) } }
                    }
                }
            }
        }
    }
}

fn parameter_table(document: &Value, path: &str, parameters: &[Value]) -> Markup {
    html! {
        div class="scroll" tabindex="0" role="region" aria-label={ "Parameters of " (path) } {
            table {
                thead { tr { th scope="col" { "Parameter" } th scope="col" { "Meaning" } } }
                tbody {
                    @for parameter in parameters {
                        tr {
                            th scope="row" {
                                code { (text(&parameter["name"])) }
                                div class="small muted" { "in the " (text(&parameter["in"])) @if parameter["required"] == true { ", required" } }
                            }
                            td {
                                (prose(text(&parameter["description"])))
                                div class="small muted" { (allowed(document, &parameter["schema"])) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Whether a status tells of a problem.
fn is_problem(status: &str) -> bool {
    status.starts_with(['4', '5'])
}

/// A sentence in which what is to be typed stands between backticks.
fn prose(text: &str) -> Markup {
    html! {
        @for (at, part) in text.split('`').enumerate() {
            @if at % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

/// What a value may be, as people say it.
fn allowed(document: &Value, of: &Value) -> Markup {
    let of = resolved(document, of);
    if let Some(items) = of.get("items") {
        let most = of["maxItems"].as_u64();
        return html! {
            (allowed(document, items))
            @if let Some(most) = most { span class="muted" { ", up to " (most) " times" } }
        };
    }
    if let Some(words) = of["enum"].as_array() {
        return html! {
            @for (at, word) in words.iter().enumerate() {
                @if at > 0 { ", " }
                code { (text(word)) }
            }
        };
    }
    if let (Some(least), Some(most)) = (of["minimum"].as_i64(), of["maximum"].as_i64()) {
        return html! { (least) " to " (most) };
    }
    match (of["format"].as_str(), of["type"].as_str()) {
        (Some("date"), _) => html! { "YYYY-MM-DD" },
        (_, Some("integer")) => html! { "number" },
        _ => html! { "text" },
    }
}

/// A request that can be pasted into a shell.
fn example(document: &Value, method: &str, path: &str, operation: &Value) -> String {
    let mut address = path.to_owned();
    let mut query = Vec::new();
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let name = text(&parameter["name"]);
        let schema = resolved(document, &parameter["schema"]);
        let items = resolved(document, &schema["items"]);
        let of_items = [&items["example"], &items["examples"][0]];
        let known = [&parameter["example"], &schema["example"]];
        let mut known = known.into_iter().chain(of_items);
        let value = known.find_map(Value::as_str);
        if text(&parameter["in"]) == "path" {
            let usual = match schema["format"].as_str() {
                Some("date") => "2026-01-31",
                _ => "1",
            };
            address = address.replace(&format!("{{{name}}}"), value.unwrap_or(usual));
        } else if let Some(value) = value {
            query.push(format!("{name}={value}"));
        }
    }
    if path.ends_with("/compare") {
        query.insert(1, "r=octo/world".to_owned());
    }
    let query = match query.is_empty() {
        true => String::new(),
        false => format!("?{}", query.join("&")),
    };
    let mut line = "curl".to_owned();
    if method != "GET" {
        line += &format!(" -X {method} -H 'Authorization: Bearer gtr_…'");
    }
    if let Some(body) = operation["requestBody"]["content"]["application/json"].get("schema") {
        let body = sample(document, body);
        line += &format!(" -H 'Content-Type: application/json' -d '{body}'");
    }
    format!("{line} 'http://127.0.0.1:8080{address}{query}'")
}

/// A value that a schema describes, as short as it can be.
fn sample(document: &Value, of: &Value) -> Value {
    let of = resolved(document, of);
    if let Some(example) = of.get("example") {
        return example.clone();
    }
    if let Some(items) = of.get("items") {
        return Value::Array(vec![sample(document, items)]);
    }
    if let Some(properties) = of["properties"].as_object() {
        let fields = properties.iter();
        let fields = fields.map(|(name, field)| (name.clone(), sample(document, field)));
        return Value::Object(fields.collect());
    }
    match of["format"].as_str() {
        Some("date") => "2026-01-31".into(),
        _ => "".into(),
    }
}

/// A schema as a tree of names, types and meanings.
fn schema(document: &Value, of: &Value, depth: usize) -> Markup {
    let of = resolved(document, of);
    if depth > DEPTH {
        return html! {};
    }
    if let Some(items) = of.get("items") {
        return schema(document, items, depth);
    }
    for several in ["oneOf", "anyOf", "allOf"] {
        if let Some(parts) = of.get(several).and_then(Value::as_array) {
            return html! { @for part in parts { (schema(document, part, depth)) } };
        }
    }
    let Some(properties) = of.get("properties").and_then(Value::as_object) else {
        return html! {};
    };
    html! {
        ul {
            @for (name, property) in properties {
                li class="small" {
                    code { (name) } " "
                    span class="muted" { (kind(document, property)) }
                    @if let Some(meaning) = property.get("description") { " – " (prose(text(meaning))) }
                    (schema(document, property, depth + 1))
                }
            }
        }
    }
}

fn resolved<'a>(document: &'a Value, of: &'a Value) -> &'a Value {
    let reference = of.get("$ref").and_then(Value::as_str);
    let place = reference.and_then(|reference| reference.strip_prefix('#'));
    place
        .and_then(|place| document.pointer(place))
        .unwrap_or(of)
}

/// The type of a property in a word or two.
fn kind(document: &Value, of: &Value) -> String {
    let of = resolved(document, of);
    if let Some(parts) = of.get("oneOf").and_then(Value::as_array) {
        let words: Vec<String> = parts.iter().map(|part| kind(document, part)).collect();
        return words.join(" or ");
    }
    match of.get("type") {
        Some(Value::String(word)) if word == "array" => "list".to_owned(),
        Some(Value::String(word)) => word.clone(),
        Some(Value::Array(words)) => {
            let words: Vec<&str> = words.iter().map(text).collect();
            words.join(" or ").replace("array", "list")
        }
        _ => String::new(),
    }
}
