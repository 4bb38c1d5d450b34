//! What was written about days of a repository.

use axum::Json;
// By its own name it would be described a second time.
use axum::extract::{Path as Place, State};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use gitratra_core::{DayRange, Note, NoteText};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::asked::{Asking, OfRepo, day};
use super::body::Body;
use super::failure::{Failure, Refusals, WriteRefusals};
use super::repo::{moved, named};
use crate::Problem;
use crate::site::{Call, Site};

/// A note about a day.
#[derive(Serialize, ToSchema)]
struct NoteBody {
    /// Its number within the repository.
    id: u64,
    day: String,
    text: String,
    /// By GitHub's clock.
    written_at: String,
}

impl NoteBody {
    fn of(note: &Note) -> Self {
        Self {
            id: note.id,
            day: note.day.to_string(),
            text: note.text.to_string(),
            written_at: format!("{:.0}", note.written_at),
        }
    }
}

/// A note to be written.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewNote {
    /// The UTC day it is about.
    #[schema(format = Date)]
    day: String,
    /// One line.
    #[schema(
        min_length = 1,
        max_length = 500,
        pattern = r"^[^\s\x00-\x1f\x7f-\x9f]([^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f])?$",
        example = "told on a podcast"
    )]
    text: String,
}

/// Refuses those who may not write about it, once it is known that they may know of it.
fn may_write(call: &Call) -> Result<(), Problem> {
    match call.viewer.may_change() {
        true => Ok(()),
        false => Err(Problem::Forbidden("Only editors may write notes")),
    }
}

/// All notes about a repository, by day
#[utoipa::path(
    get,
    operation_id = "list_notes",
    path = "/api/v1/repos/{owner}/{repo}/notes",
    params(OfRepo),
    responses(
        (status = 200, description = "The notes", body = Vec<NoteBody>),
        (status = 308, description = "It has another name now"),
        Refusals
    )
)]
pub(super) async fn list(
    State(site): State<Site>,
    Place((owner, repo)): Place<(String, String)>,
    Asking(call): Asking,
) -> Result<Response, Failure> {
    let read = named(&site, &call, &owner, &repo).await?;
    if let Some(moved) = moved(&read, "/notes", &call.params) {
        return Ok(moved);
    }
    let about = read.about;
    let notes = site.store().notes(about.id, None).await?;
    let told: Vec<NoteBody> = notes.iter().map(NoteBody::of).collect();
    Ok(Json(told).into_response())
}

/// Writes a note about a day; the same text about the same day is one note
#[utoipa::path(
    post,
    operation_id = "add_note",
    path = "/api/v1/repos/{owner}/{repo}/notes",
    params(OfRepo),
    request_body = NewNote,
    responses(
        (status = 201, description = "The note as it is kept", body = NoteBody),
        (status = 308, description = "It has another name now"),
        Refusals,
        WriteRefusals
    )
)]
pub(super) async fn add(
    State(site): State<Site>,
    Place((owner, repo)): Place<(String, String)>,
    Asking(call): Asking,
    Body(note): Body<NewNote>,
) -> Result<Response, Failure> {
    let read = named(&site, &call, &owner, &repo).await?;
    may_write(&call)?;
    if let Some(moved) = moved(&read, "/notes", &call.params) {
        return Ok(moved);
    }
    let about = read.about;
    let day = day("day", &note.day)?;
    let text: Result<NoteText, gitratra_core::NoteError> = note.text.parse();
    let text = text.map_err(|error| Problem::Bad(error.to_string()))?;
    let store = site.store();
    let id = store.add_note(about.id, day, &text, site.now()).await?;
    let notes = store
        .notes(about.id, Some(DayRange::ending(day, 1)))
        .await?;
    // Somebody else may have removed it since.
    let note = notes.iter().find(|note| note.id == id);
    let note = note.ok_or(Problem::NotFound)?;
    let place = format!("/api/v1/repos/{}/notes/{id}", about.name);
    let body = Json(NoteBody::of(note));
    Ok((StatusCode::CREATED, [(LOCATION, place)], body).into_response())
}

/// Which note.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "it describes what `Place` reads")]
struct OfNote {
    /// The note's number
    note: u64,
}

/// Removes a note
#[utoipa::path(
    delete,
    operation_id = "remove_note",
    path = "/api/v1/repos/{owner}/{repo}/notes/{note}",
    params(OfRepo, OfNote),
    responses(
        (status = 204, description = "It is gone"),
        (status = 308, description = "It has another name now"),
        Refusals
    )
)]
pub(super) async fn remove(
    State(site): State<Site>,
    Place((owner, repo, note)): Place<(String, String, String)>,
    Asking(call): Asking,
) -> Result<Response, Failure> {
    let read = named(&site, &call, &owner, &repo).await?;
    may_write(&call)?;
    // The store counts with signed numbers.
    let note = note
        .parse()
        .ok()
        .filter(|note| i64::try_from(*note).is_ok());
    let note: u64 = note.ok_or(Problem::NotFound)?;
    if let Some(moved) = moved(&read, &format!("/notes/{note}"), &call.params) {
        return Ok(moved);
    }
    let about = read.about;
    match site.store().remove_note(about.id, note).await? {
        true => Ok(StatusCode::NO_CONTENT.into_response()),
        false => Err(Problem::NotFound.into()),
    }
}
