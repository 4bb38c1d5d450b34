//! Pages: which part of a list is asked for, and the `Link` to the others.
//!
//! `Link` is absent where one page is enough.

use std::collections::HashMap;
use std::ops::Range;

use axum::extract::Query;

use crate::reply::Reply;
use crate::route::Ask;

/// What stands in a query or a form.
pub(crate) type Parameters = HashMap<String, String>;

pub(crate) fn parameters(ask: &Ask<'_>) -> Parameters {
    Query::try_from_uri(ask.uri).map_or_else(|_| Parameters::new(), |Query(all)| all)
}

/// The part of a list that is one page.
#[derive(Debug)]
pub(crate) struct Span {
    page: usize,
    pages: usize,
    start: usize,
    end: usize,
}

impl Span {
    /// The page asked for of a list of `length`: 30 lines, or at most 100 where so many are
    /// asked for.
    pub(crate) fn read(parameters: &Parameters, length: usize) -> Self {
        let number = |name, default| {
            let given = parameters.get(name).and_then(|text| text.parse().ok());
            given.filter(|number| *number > 0).unwrap_or(default)
        };
        let per_page: usize = number("per_page", 30).min(100);
        let page = number("page", 1);
        let start = (page - 1).saturating_mul(per_page).min(length);
        Self {
            page,
            pages: length.div_ceil(per_page).max(1),
            start,
            end: (start + per_page).min(length),
        }
    }

    pub(crate) fn range(&self) -> Range<usize> {
        self.start..self.end
    }

    /// The reply with its `Link`, if there are other pages.
    pub(crate) fn linked(
        &self,
        reply: Reply,
        ask: &Ask<'_>,
        parameters: &Parameters,
        path: &str,
    ) -> Reply {
        match self.link(ask, parameters, path) {
            Some(link) => reply.header("link", &link),
            None => reply,
        }
    }

    fn link(&self, ask: &Ask<'_>, parameters: &Parameters, path: &str) -> Option<String> {
        let (page, pages) = (self.page, self.pages);
        if pages == 1 {
            return None;
        }
        let mut kept: Vec<_> = parameters
            .iter()
            .filter(|(name, _)| *name != "page")
            .map(|(name, value)| format!("{name}={}&", value.replace(',', "%2C")))
            .collect();
        kept.sort();
        let kept = kept.concat();
        let to = |page: usize, rel: &str| {
            format!("<{}{path}?{kept}page={page}>; rel=\"{rel}\"", ask.base)
        };
        let mut links = Vec::new();
        if page > 1 {
            links.push(to((page - 1).min(pages), "prev"));
        }
        if page < pages {
            links.push(to(page + 1, "next"));
            links.push(to(pages, "last"));
        }
        if page > 1 {
            links.push(to(1, "first"));
        }
        Some(links.join(", "))
    }
}
