//! What reports promise, on both engines.

#![expect(
    clippy::unwrap_used,
    reason = "clippy knows the functions shared by tests for no test; a broken one should stop them"
)]

mod paper;
mod place;
mod promises;
mod snapshots;
mod world;

use gitratra_answer::Asked;
use gitratra_core::RepoId;
use gitratra_report::{Format, Paper, Question, ReportError, Written, write};
use gitratra_store::Store;

use place::{Kind, Place};

pub(crate) const FORMATS: [Format; 3] = [Format::Html, Format::Markdown, Format::Pdf];

/// A question about some of the fleet.
pub(crate) fn question(asked: &str, repos: &[u64]) -> Question {
    let asked: Asked = asked.parse().unwrap();
    Question {
        asked,
        repos: repos.iter().map(|id| RepoId(*id)).collect(),
        scope: "all repositories".to_owned(),
        title: None,
        rules: Vec::new(),
        paper: Paper::A4,
        version: "1.2.3".to_owned(),
    }
}

pub(crate) async fn report(
    store: &Store,
    question: &Question,
    format: Format,
) -> Result<(Vec<u8>, Written), ReportError> {
    let mut bytes = Vec::new();
    let written = write(store, question, format, &mut bytes).await?;
    Ok((bytes, written))
}

pub(crate) async fn text(store: &Store, question: &Question, format: Format) -> String {
    let (bytes, _) = report(store, question, format).await.unwrap();
    String::from_utf8(bytes).unwrap()
}

/// A store with the usual fleet on one engine.
pub(crate) async fn filled(kind: Kind) -> (Place, Store) {
    let place = Place::new(kind).await;
    let store = place.open().await;
    world::fill(&store, &world::fleet()).await;
    (place, store)
}
