//! The stylesheet, the script and the icon: part of the program, under addresses that change when
//! they do, so that browsers keep them for ever.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use gitratra_render::chart;
use ring::digest::{SHA256, digest};

/// Colours of everything that is no chart.
const LIGHT: &str = "--ground:#f6f7f9;--panel:#fff;--text:#1b2027;--muted:#59636e;--line:#e1e5ea;\
--edge:#8b949e;--hover:#f3f6fb;--accent:#0b5fd0;--accent-soft:#e6effc;--on-accent:#fff;\
--good:#116b2e;--bad:#b3261e;--warn:#8a5300;";
const DARK: &str = "--ground:#0d1117;--panel:#151b23;--text:#e6edf3;--muted:#9aa5b1;--line:#2b333d;\
--edge:#6b7682;--hover:#1b232d;--accent:#6cb0ff;--accent-soft:#17263d;--on-accent:#08111d;\
--good:#56c271;--bad:#ff7b72;--warn:#e3b341;";

/// A file of ours.
struct Asset {
    media_type: &'static str,
    body: String,
    /// Its address.
    path: String,
}

impl Asset {
    fn new(name: &str, media_type: &'static str, body: String) -> Self {
        let hash = digest(&SHA256, body.as_bytes());
        let hash: String = hash.as_ref()[..6]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Self {
            media_type,
            path: format!("/assets/{hash}/{name}"),
            body,
        }
    }
}

static STYLE: LazyLock<Asset> = LazyLock::new(|| {
    let light = format!("{LIGHT}{}", chart::LIGHT_VARS);
    let dark = format!("{DARK}{}", chart::DARK_VARS);
    let body = format!(
        ":root{{{light}}}\n\
         @media screen and (prefers-color-scheme:dark){{:root:not([data-theme=light]){{{dark}}}}}\n\
         @media screen{{:root[data-theme=dark]{{{dark}}}}}\n\
         {}\n{}",
        include_str!("asset/style.css"),
        chart::PAGE_STYLE
    );
    Asset::new("style.css", "text/css; charset=utf-8", body)
});

static SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    let body = include_str!("asset/script.js").to_owned();
    Asset::new("script.js", "text/javascript; charset=utf-8", body)
});

static ICON: LazyLock<Asset> = LazyLock::new(|| {
    let body = include_str!("asset/icon.svg").to_owned();
    Asset::new("icon.svg", "image/svg+xml", body)
});

/// Where the stylesheet is.
pub(crate) fn style() -> &'static str {
    &STYLE.path
}

/// Where the script is.
pub(crate) fn script() -> &'static str {
    &SCRIPT.path
}

/// Where the icon is.
pub(crate) fn icon() -> &'static str {
    &ICON.path
}

/// A file by its hash and name.
pub(crate) async fn asset(Path((hash, name)): Path<(String, String)>) -> Response {
    let asked = format!("/assets/{hash}/{name}");
    let all = [&*STYLE, &*SCRIPT, &*ICON];
    match all.into_iter().find(|asset| asset.path == asked) {
        Some(asset) => {
            let headers: [(HeaderName, &str); 2] = [
                (CONTENT_TYPE, asset.media_type),
                (CACHE_CONTROL, "public, max-age=31536000, immutable"),
            ];
            (headers, asset.body.as_str()).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Where browsers look for an icon by themselves.
pub(crate) async fn favicon() -> Response {
    let headers = [
        (CONTENT_TYPE, ICON.media_type),
        (CACHE_CONTROL, "public, max-age=86400"),
    ];
    (headers, ICON.body.as_str()).into_response()
}
