//! Reads the answers that a report is made of: several at once, in order, and no more than are
//! waited for.

use std::sync::Arc;

use futures_util::{Stream, StreamExt as _, stream};
use gitratra_answer::{About, Asked, RepoAnswer, RepoQuestion};
use gitratra_core::platform::Rule;
use gitratra_core::{Day, DayRange, RepoId};
use gitratra_store::{Store, StoreError};

use crate::block::Section;
use crate::question::ReportError;
use crate::section::{self, Detail};

/// Repositories that are read at the same time.
pub(crate) const AT_ONCE: usize = 4;

/// What is asked of each repository.
#[derive(Debug, Clone)]
pub(crate) struct Each {
    pub(crate) asked: Asked,
    pub(crate) rules: Arc<[Rule]>,
    pub(crate) detail: Detail,
}

/// A range that ends for every repository with its own newest day, as far as it is asked for.
pub(crate) fn shared(asked: Asked, range: DayRange) -> Asked {
    match asked {
        Asked::All => Asked::All,
        // Where the end is open, it is for what is counted today as well.
        Asked::Last(_) => {
            let open = DayRange::new(range.first(), Day::MAX);
            open.map_or(Asked::Between(range), Asked::Between)
        }
        Asked::Between(range) => Asked::Between(range),
    }
}

/// One repository.
pub(crate) async fn one(
    store: &Store,
    id: RepoId,
    each: &Each,
) -> Result<Option<(About, Option<RepoAnswer>)>, StoreError> {
    let Some(about) = About::read(store, id).await? else {
        return Ok(None);
    };
    let question = RepoQuestion {
        asked: each.asked,
        over: None,
        step: None,
        rules: &each.rules,
    };
    let answer = RepoAnswer::read(store, &about, &question).await?;
    Ok(Some((about, answer)))
}

/// The sections of repositories, in the order in which they are named.
pub(crate) fn sections<'a>(
    store: &'a Store,
    repos: &'a [RepoId],
    each: &'a Each,
) -> impl Stream<Item = Result<Section, ReportError>> + 'a {
    let tasks = stream::iter(repos).map(move |id| {
        let (store, each, id) = (store.clone(), each.clone(), *id);
        // A task of its own, so that both the store and all processors are kept busy.
        let task = tokio::spawn(async move {
            let known = one(&store, id, &each).await?;
            Ok(known.map(|(about, answer)| section::of(&about, answer.as_ref(), each.detail)))
        });
        async move {
            match task.await {
                Ok(read) => read,
                Err(error) => Err(ReportError::Pages(format!(
                    "a section was not read: {error}"
                ))),
            }
        }
    });
    tasks
        .buffered(AT_ONCE)
        .filter_map(|read| async move { read.transpose() })
}
