//! The two ends of a login in another house: sending a browser there, and hearing who it is.

use axum::extract::{Query, RawQuery, State};
use axum::http::header::{LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::ExposeSecret;
use serde::Deserialize;

use super::Visit;
use super::login::{enter, failed};
use crate::access::{HasAccess, cookie, later};
use crate::problem::Problem;

/// How long a login elsewhere may take.
const LOGIN_SECS: i64 = 600;
const COOKIE: &str = "gitratra_login";

#[derive(Deserialize)]
pub(crate) struct Back {
    back: Option<String>,
}

/// A link leads here and not a form: a form may not lead to another house.
pub(crate) async fn begin<S: HasAccess>(
    State(state): State<S>,
    visit: Visit,
    Query(query): Query<Back>,
) -> Result<Response, Problem> {
    let access = state.access();
    let house = access.elsewhere().ok_or(Problem::NotFound)?;
    let begun = match house.begin().await {
        Ok(begun) => begun,
        Err(error) => {
            tracing::warn!(%error, "a login elsewhere could not begin");
            return Ok(failed(&visit, "the other house cannot be asked now"));
        }
    };
    let kept = URL_SAFE_NO_PAD.encode(begun.kept.expose_secret());
    let back = URL_SAFE_NO_PAD.encode(query.back.as_deref().unwrap_or("/"));
    let end = later(access.now(), LOGIN_SECS);
    // Signed like an address, and as none that is ever served.
    let signed = access.sign(&format!("{kept}/{back}"), Some(end)).await?;
    let is_https = access.rules().is_https;
    let cookie = cookie::write(COOKIE, &signed, LOGIN_SECS, is_https);
    let to = HeaderValue::try_from(begun.address).map_err(|_| Problem::NotFound)?;
    let mut response = (StatusCode::SEE_OTHER, [(LOCATION, to)]).into_response();
    response.headers_mut().append(SET_COOKIE, cookie);
    Ok(response)
}

pub(crate) async fn done<S: HasAccess>(
    State(state): State<S>,
    visit: Visit,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let access = state.access();
    let house = access.elsewhere().ok_or(Problem::NotFound)?;
    let signed = cookie::read(&headers, COOKIE, access.rules().is_https).unwrap_or_default();
    let mut response = match access.is_signed(&signed).await? {
        false => failed(&visit, "this browser began no login, or too long ago"),
        true => {
            let (kept, back) = parts(&signed).ok_or(Problem::NotFound)?;
            match house.finish(&kept, &query.unwrap_or_default()).await {
                Ok(vouched) => {
                    let now = access.now();
                    let person = access.store().save_vouched(&vouched, now).await?;
                    match access.begin_session(person.id).await? {
                        Some(secret) => enter(access, &visit, &secret, &back).await?,
                        None => failed(&visit, "this account is disabled here"),
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "a login elsewhere was not believed");
                    failed(&visit, &error.to_string())
                }
            }
        }
    };
    // Whatever came of it, it does not come twice.
    let cookie = cookie::write(COOKIE, "", 0, access.rules().is_https);
    response.headers_mut().append(SET_COOKIE, cookie);
    Ok(response)
}

fn parts(signed: &str) -> Option<(String, String)> {
    let (kept, back) = signed.split('?').next()?.split_once('/')?;
    let text = |part: &str| String::from_utf8(URL_SAFE_NO_PAD.decode(part).ok()?).ok();
    Some((text(kept)?, text(back)?))
}
