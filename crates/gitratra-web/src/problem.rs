//! What is answered where a page cannot be: a status, a sentence, and what to do next.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use gitratra_store::StoreError;
use maud::html;

use crate::layout::{self, Frame};

/// Why there is no page.
#[derive(Debug)]
pub enum Problem {
    /// Nothing is there, or nothing that the asker may know of: the two look the same.
    NotFound,
    /// A part of what was asked is not there, which is said in a sentence.
    Missing(String),
    /// What was asked cannot be understood.
    Bad(String),
    /// Somebody who may do more could do it.
    Forbidden(&'static str),
    /// Who asks has to log in first; back to this address afterwards.
    LogIn(String),
    /// The store does not answer.
    Store(StoreError),
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Problem {
    /// The status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotFound | Self::Missing(_) => StatusCode::NOT_FOUND,
            Self::Bad(_) => StatusCode::BAD_REQUEST,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::LogIn(_) => StatusCode::UNAUTHORIZED,
            Self::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// A heading and a sentence for people.
    #[must_use]
    pub fn words(&self) -> (&'static str, String) {
        match self {
            Self::NotFound => (
                "Nothing is here",
                "There is no such page, or it is not for you to see.".to_owned(),
            ),
            Self::Missing(what) => ("Nothing is here", format!("{what}.")),
            Self::Bad(why) => ("That cannot be shown", format!("{why}.")),
            Self::Forbidden(what) => ("Not allowed", format!("{what}.")),
            Self::LogIn(_) => ("Log in first", "This page needs a login.".to_owned()),
            // What exactly is wrong with the store is for its operator alone.
            Self::Store(_) => (
                "The store does not answer",
                "Try again in a moment; the program's log says more.".to_owned(),
            ),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        // What a copy does not have is read from the store instead.
        if let Self::Store(error) = &self
            && !matches!(error, StoreError::Copy { .. })
        {
            tracing::warn!(error = %error, "a page could not be read from the store");
        }
        if let Self::LogIn(back) = &self {
            let mut query = form_urlencoded::Serializer::new(String::new());
            let to = format!("/login?{}", query.append_pair("back", back).finish());
            if let Ok(to) = HeaderValue::try_from(to) {
                return (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response();
            }
        }
        let (heading, text) = self.words();
        let body = html! {
            div class="welcome" {
                h1 { (heading) }
                p { (text) }
                p { a class="button" href="/" { "To the overview" } }
            }
        };
        let page = layout::page(&Frame::bare(), heading, &body);
        (self.status(), page).into_response()
    }
}
