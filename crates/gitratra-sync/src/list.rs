//! The original tool's job: views and clones of a list of names, without a store.

use futures_util::StreamExt;
use futures_util::stream;
use gitratra_core::{Metric, Reading, RepoName, Timestamp};
use gitratra_github::{Answer, Client, Failure, FailureKind, Target};
use tokio_util::sync::CancellationToken;

use crate::report::{Trouble, stops_everything};

/// What was read of one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Where the name stands in the list that was given.
    pub at: usize,
    /// The readings that succeeded: views, clones, both or none.
    pub readings: Vec<Reading>,
    /// What failed.
    pub troubles: Vec<Trouble>,
}

/// What was read of a list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Collected {
    /// One for each name that was asked, in the order of the list.
    pub listed: Vec<Listed>,
    /// Set where the rate limit ended the work, with the time until which it is used up.
    pub limited: Option<Option<Timestamp>>,
    /// Whether the caller interrupted the work.
    pub is_interrupted: bool,
}

/// Asks views and clones of each name.
///
/// # Errors
/// The failure of a credential that GitHub does not take; nothing more is asked then.
pub async fn collect(
    client: &Client,
    names: &[RepoName],
    jobs: usize,
    interrupt: &CancellationToken,
) -> Result<Collected, Failure> {
    let stop = interrupt.child_token();
    let mut collected = Collected::default();
    let mut refused = None;
    let asked = stream::iter(names.iter().enumerate()).map(|(at, name)| {
        let stop = &stop;
        async move { ask(client, at, name, stop).await }
    });
    let mut asked = asked.buffer_unordered(jobs.clamp(1, crate::pass::MOST_JOBS));
    while let Some((listed, stopped_by)) = asked.next().await {
        if let Some(failure) = stopped_by {
            stop.cancel();
            match failure.kind {
                FailureKind::RateLimited { until } => {
                    collected.limited = Some(collected.limited.flatten().max(until));
                }
                _ => refused = Some(failure),
            }
        }
        collected.listed.push(listed);
    }
    if let Some(failure) = refused {
        return Err(failure);
    }
    collected.is_interrupted = interrupt.is_cancelled();
    collected.listed.sort_by_key(|listed| listed.at);
    Ok(collected)
}

async fn ask(
    client: &Client,
    at: usize,
    name: &RepoName,
    stop: &CancellationToken,
) -> (Listed, Option<Failure>) {
    let mut listed = Listed {
        at,
        readings: Vec::new(),
        troubles: Vec::new(),
    };
    let target = Target::Name(name.clone());
    for metric in Metric::ALL {
        let answer = tokio::select! {
            biased;
            () = stop.cancelled() => return (listed, None),
            answer = client.traffic(&target, metric, None) => answer,
        };
        match answer {
            Ok(Answer::Fresh { value, .. }) => listed.readings.push(value),
            // Nothing was conditional, so nothing can be unchanged.
            Ok(Answer::Unchanged { .. }) => {}
            Err(failure) if stops_everything(&failure) => return (listed, Some(failure)),
            Err(failure) => listed
                .troubles
                .push(Trouble::of(&name.to_string(), &failure)),
        }
    }
    (listed, None)
}
