//! The frame around every page: head, navigation, footer.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::COOKIE;
use axum::http::request::Parts;
use maud::{DOCTYPE, Markup, html};

use crate::asset;

/// Light, dark, or as the system has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Look {
    #[default]
    Auto,
    Light,
    Dark,
}

impl Look {
    pub(crate) const ALL: [Self; 3] = [Self::Auto, Self::Light, Self::Dark];

    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    pub(crate) fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|look| look.word() == word)
    }

    const fn label(self) -> &'static str {
        match self {
            Self::Auto => "As the system",
            Self::Light => "Light",
            Self::Dark => "Dark",
        }
    }
}

/// The cookie that keeps the look.
pub(crate) const LOOK_COOKIE: &str = "look";

/// What a page's frame depends on.
#[derive(Debug, Clone, Default)]
pub(crate) struct Frame {
    pub(crate) look: Look,
    /// Path and query of the page.
    pub(crate) here: String,
    /// What stands at the right end: who is logged in.
    pub(crate) person: Option<String>,
    /// Whether there is somebody to log in as, and nobody has.
    pub(crate) may_log_in: bool,
    /// Whether settings are for this viewer.
    pub(crate) may_change: bool,
    /// Whether there is navigation: not where nobody has logged in yet.
    pub(crate) has_pages: bool,
}

impl Frame {
    /// One without anything that depends on who looks.
    pub(crate) fn bare() -> Self {
        Self::default()
    }

    /// The look and the address of a request; who looks is added by whoever knows.
    pub(crate) fn of(parts: &Parts) -> Self {
        Self {
            look: look_of(&parts.headers),
            here: parts
                .uri
                .path_and_query()
                .map_or_else(String::new, ToString::to_string),
            ..Self::default()
        }
    }
}

/// The look that somebody chose, or that of their system.
pub(crate) fn look_of(headers: &HeaderMap) -> Look {
    let cookies = headers.get_all(COOKIE).iter();
    let cookies = cookies.filter_map(|value| value.to_str().ok());
    let look = cookies
        .flat_map(|line| line.split("; "))
        .filter_map(|cookie| cookie.split_once('='))
        .find_map(|(name, value)| (name == LOOK_COOKIE).then(|| Look::of(value))?);
    look.unwrap_or_default()
}

impl<S: Send + Sync> FromRequestParts<S> for Look {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Frame::of(parts).look)
    }
}

/// A whole page.
pub(crate) fn page(frame: &Frame, title: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" data-theme=(frame.look.word()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · gitratra" }
                link rel="icon" type="image/svg+xml" href=(asset::icon());
                link rel="stylesheet" href=(asset::style());
                script src=(asset::script()) defer {}
            }
            body {
                a class="skip" href="#content" { "Skip to the content" }
                (head(frame))
                main id="content" tabindex="-1" { (body) }
                footer {
                    span { "gitratra " (env!("CARGO_PKG_VERSION")) }
                    @if frame.has_pages {
                        a href="/api" { "API" }
                        a href="/about" { "What the numbers mean" }
                    }
                    span { "Days are UTC days." }
                }
            }
        }
    }
}

fn head(frame: &Frame) -> Markup {
    let path = frame.here.split('?').next().unwrap_or_default();
    let places = [
        ("/", "Overview", true),
        ("/compare", "Compare", true),
        ("/health", "Health", true),
        ("/settings", "Settings", frame.may_change),
    ];
    html! {
        header class="bar" {
            a class="brand" href="/" {
                img src=(asset::icon()) alt="" width="22" height="22";
                "gitratra"
            }
            @if frame.has_pages {
                nav aria-label="Pages" {
                    ul {
                        @for (to, name, is_there) in places {
                            @if is_there {
                                li { a href=(to) aria-current=[is_current(path, to).then_some("page")] { (name) } }
                            }
                        }
                    }
                }
                form class="search" role="search" action="/" method="get" {
                    label class="unseen" for="search" { "Search repositories" }
                    input id="search" type="search" name="q" placeholder="Search repositories" maxlength="140";
                }
            }
            div class="person" {
                form class="at-once" action="/look" method="post" {
                    input type="hidden" name="back" value=(frame.here);
                    label class="unseen" for="look" { "Colours" }
                    select id="look" name="look" {
                        @for look in Look::ALL {
                            option value=(look.word()) selected[look == frame.look] { (look.label()) }
                        }
                    }
                    noscript { button { "Set" } }
                }
                @if let Some(person) = &frame.person {
                    a href="/account" { (person) }
                    form action="/logout" method="post" { button class="bare" { "Log out" } }
                } @else if frame.may_log_in {
                    a href="/login" { "Log in" }
                }
            }
        }
    }
}

fn is_current(path: &str, to: &str) -> bool {
    path == to
        || (to != "/"
            && path
                .strip_prefix(to)
                .is_some_and(|rest| rest.starts_with('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_no_plain_text_does_no_harm() {
        let frame = Frame {
            person: Some("<script>x</script>".to_owned()),
            has_pages: true,
            ..Frame::default()
        };
        let text = page(&frame, "<b>", &html! { "x" }).into_string();
        assert!(!text.contains("<script>x") && !text.contains("<b>"));
    }

    #[test]
    fn the_page_one_is_on_is_marked() {
        assert!(is_current("/settings/users", "/settings"));
        assert!(!is_current("/settingsx", "/settings"));
        assert!(!is_current("/octo/hello", "/"));
    }
}
