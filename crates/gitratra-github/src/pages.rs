//! Lists that come in pages: each page leads to the next, on the same host and not for ever.

use std::collections::HashSet;

use gitratra_core::Timestamp;

use crate::ask::{Asked, Asker};
use crate::decode::Bad;
use crate::endpoint::Question;
use crate::head::Head;
use crate::{Failure, FailureKind};

/// Pages of a list that are read at most; each has a hundred lines.
const MOST_PAGES: usize = 1000;

impl Asker {
    /// Reads all pages in turn and gives the server's time of the last one.
    pub(crate) async fn pages<T>(
        &self,
        question: &Question,
        decode: impl Fn(&[u8]) -> Result<Vec<T>, Bad>,
        mut take: impl FnMut(Vec<T>, &Head),
    ) -> Result<Timestamp, Failure> {
        let mut url = self.api.at(&question.path);
        let mut seen = HashSet::new();
        loop {
            if seen.len() == MOST_PAGES || !seen.insert(url.clone()) {
                let message = format!("the list does not end after {} pages", seen.len());
                let kind = FailureKind::Malformed;
                return Err(self.failure(question, None, &message, kind));
            }
            let Asked {
                value,
                at,
                head,
                url: here,
            } = self
                .ask(question, url, None, |body, _| decode(body))
                .await?;
            take(value.unwrap_or_default(), &head);
            url = match head.next_page() {
                Some(next) => self.follow(question, &head, &here, next)?,
                None => return Ok(at),
            };
        }
    }
}
