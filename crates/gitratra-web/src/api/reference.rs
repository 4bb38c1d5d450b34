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
    let paths = document.get("paths").and_then(Value::as_object);
    let body = html! {
        div class="title" {
            h1 { "API" }
            p { (text(&document["info"]["description"])) }
            p class="small" { "The description for programs is " a href="/api/v1/openapi.json" { "OpenAPI 3.1" } ". Errors are problem+json." }
        }
        @for (path, methods) in paths.into_iter().flatten() {
            @for (method, operation) in methods.as_object().into_iter().flatten() {
                (operation_panel(&document, method, path, operation))
            }
        }
    };
    layout::page(&call.frame, "API", &body)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn operation_panel(document: &Value, method: &str, path: &str, operation: &Value) -> Markup {
    let parameters = operation["parameters"].as_array();
    let answers = operation["responses"].as_object();
    html! {
        section class="panel" {
            header { h2 { code { (method.to_ascii_uppercase()) " " (path) } } }
            p { (text(&operation["summary"])) "." }
            @if let Some(parameters) = parameters {
                div class="scroll" tabindex="0" role="region" aria-label={ "Parameters of " (path) } {
                    table {
                        thead { tr { th scope="col" { "Parameter" } th scope="col" { "In" } th scope="col" { "Meaning" } } }
                        tbody {
                            @for parameter in parameters {
                                tr {
                                    th scope="row" { code { (text(&parameter["name"])) } }
                                    td { (text(&parameter["in"])) @if parameter["required"] == true { ", required" } }
                                    td { (text(&parameter["description"])) }
                                }
                            }
                        }
                    }
                }
            }
            @for (status, answer) in answers.into_iter().flatten() {
                details class="behind" {
                    summary { (status) @if !text(&answer["description"]).is_empty() { ": " (text(&answer["description"])) } }
                    @for (media_type, content) in answer["content"].as_object().into_iter().flatten() {
                        p class="small muted" { (media_type) }
                        (schema(document, &content["schema"], 0))
                    }
                }
            }
            p class="small muted" { "Example" }
            pre tabindex="0" { code { "curl '" (example(path)) "'" } }
        }
    }
}

fn example(path: &str) -> String {
    let path = path
        .replace("{owner}", "octo")
        .replace("{repo}", "hello")
        .replace("{file}", "series.csv");
    let query = if path.ends_with("/compare") {
        "?r=octo/hello&r=octo/world"
    } else if path.ends_with("/health") {
        ""
    } else {
        "?range=90d"
    };
    format!("http://127.0.0.1:8080{path}{query}")
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
                    @if let Some(meaning) = property.get("description") { " – " (text(meaning)) }
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
    match of.get("type") {
        Some(Value::String(word)) if word == "array" => "list".to_owned(),
        Some(Value::String(word)) => word.clone(),
        Some(Value::Array(words)) => {
            let words: Vec<&str> = words.iter().map(text).collect();
            words.join(" or ")
        }
        _ => String::new(),
    }
}
