//! Which repositories are tracked.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use gitratra_core::Pattern;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::asked::Asking;
use super::body::Body;
use super::failure::{Failure, Refusals, WriteRefusals};
use crate::Problem;
use crate::pages::settings;
use crate::site::Site;

/// Patterns of one request.
const MOST: usize = 1000;
/// Patterns of one address, which is never long.
const MOST_OF_ADDRESS: usize = 20;

/// The rules in force.
#[derive(Serialize, ToSchema)]
struct RulesBody {
    /// `owner/name`, `owner/*`, `*`, each also with `!` before it, `!fork`, `!archived`, `!private`. An
    /// exact name wins over a wildcard, an exclusion over an inclusion of the same weight; order never
    /// matters.
    patterns: Vec<String>,
}

/// Rules that shall be in force.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewRules {
    #[schema(inline, max_items = 1000)]
    patterns: Vec<PatternWord>,
}

#[derive(Deserialize, ToSchema)]
#[schema(
    pattern = r"^(\*|!?[A-Za-z0-9_-]{1,100}/(\*|[A-Za-z0-9._-]{0,99}[A-Za-z0-9_-])|!fork|!archived|!private)$",
    example = "octo/*"
)]
struct PatternWord(String);

fn parsed(texts: impl Iterator<Item = String>, most: usize) -> Result<Vec<Pattern>, Problem> {
    let all: Result<Vec<Pattern>, gitratra_core::PatternError> =
        texts.take(most + 1).map(|text| text.parse()).collect();
    let all = all.map_err(|error| Problem::Bad(error.to_string()))?;
    match all.len() <= most {
        true => Ok(all),
        false => Err(Problem::Bad(format!("at most {most} patterns at once"))),
    }
}

async fn told(site: &Site) -> Result<Response, Failure> {
    let rules = site.store().rules().await?;
    let patterns = rules.iter().map(ToString::to_string).collect();
    Ok(Json(RulesBody { patterns }).into_response())
}

/// The patterns that say what is tracked
#[utoipa::path(
    get,
    operation_id = "list_rules",
    path = "/api/v1/rules",
    responses((status = 200, description = "The patterns now in force", body = RulesBody), Refusals)
)]
pub(super) async fn list(State(site): State<Site>, _: Asking) -> Result<Response, Failure> {
    told(&site).await
}

/// Adds patterns: what they match is tracked from the next pass on
#[utoipa::path(
    post,
    operation_id = "add_rules",
    path = "/api/v1/rules",
    request_body = NewRules,
    responses((status = 200, description = "The patterns now in force", body = RulesBody), Refusals, WriteRefusals)
)]
pub(super) async fn add(
    State(site): State<Site>,
    _: Asking,
    Body(new): Body<NewRules>,
) -> Result<Response, Failure> {
    let patterns = parsed(new.patterns.into_iter().map(|pattern| pattern.0), MOST)?;
    site.store().add_rules(&patterns).await?;
    site.shelf().forget();
    told(&site).await
}

/// Puts these patterns in the place of all that are in force
#[utoipa::path(
    put,
    operation_id = "replace_rules",
    path = "/api/v1/rules",
    request_body = NewRules,
    responses((status = 200, description = "The patterns now in force", body = RulesBody), Refusals, WriteRefusals)
)]
pub(super) async fn replace(
    State(site): State<Site>,
    _: Asking,
    Body(new): Body<NewRules>,
) -> Result<Response, Failure> {
    let patterns = parsed(new.patterns.into_iter().map(|pattern| pattern.0), MOST)?;
    // Added first, so that nothing that stays is left out by a pass in between.
    site.store().add_rules(&patterns).await?;
    let key = |pattern: &Pattern| pattern.to_string().to_ascii_lowercase();
    let kept: Vec<String> = patterns.iter().map(key).collect();
    let mut over = site.store().rules().await?;
    over.retain(|pattern| !kept.contains(&key(pattern)));
    settings::forget_rules(&site, &over).await?;
    told(&site).await
}

/// Which patterns.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what `remove` reads")]
struct Patterns {
    /// What is no longer tracked; what was read of it stays
    #[param(inline, min_items = 1, max_items = 20)]
    pattern: Vec<PatternWord>,
}

/// Removes patterns
#[utoipa::path(
    delete,
    operation_id = "remove_rules",
    path = "/api/v1/rules",
    params(Patterns),
    responses((status = 200, description = "The patterns now in force", body = RulesBody), Refusals)
)]
pub(super) async fn remove(
    State(site): State<Site>,
    Asking(call): Asking,
) -> Result<Response, Failure> {
    let patterns = parsed(
        call.params.all("pattern").map(str::to_owned),
        MOST_OF_ADDRESS,
    )?;
    if patterns.is_empty() {
        return Err(Problem::Bad("name what to remove with \"pattern\"".to_owned()).into());
    }
    settings::forget_rules(&site, &patterns).await?;
    told(&site).await
}
