//! What happened on days of a repository: notes, releases and tags.

use std::collections::BTreeSet;

use gitratra_core::spike::{Mark, MarkKind};
use gitratra_core::{Day, RepoId};
use gitratra_store::{Store, StoreError};

/// All of them, by day; a tag that is a release's is told once.
///
/// # Errors
/// What the store says.
pub async fn marks(store: &Store, id: RepoId) -> Result<Vec<Mark>, StoreError> {
    let mark = |day, kind, text| Mark { day, kind, text };
    let mut marks: Vec<Mark> = Vec::new();
    for note in store.notes(id, None).await? {
        marks.push(mark(note.day, MarkKind::Note, note.text.to_string()));
    }
    let mut released = BTreeSet::new();
    for release in store.releases_alone(id).await? {
        if let Some(published_at) = release.published_at {
            let day = Day::of(published_at);
            marks.push(mark(day, MarkKind::Release, release.tag.clone()));
            released.insert(release.tag);
        }
    }
    for tag in store.tags(id).await? {
        if !released.contains(&tag.name) {
            marks.push(mark(tag.day, MarkKind::Tag, tag.name));
        }
    }
    marks.sort_by(|one, other| {
        (one.day, one.kind, &one.text).cmp(&(other.day, other.kind, &other.text))
    });
    Ok(marks)
}
