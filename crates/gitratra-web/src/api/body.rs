//! Bodies of requests: JSON that is exactly what was described.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use serde::de::DeserializeOwned;

use super::failure::Failure;
use crate::site::Site;

/// The body of a request.
pub(super) struct Body<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<Site> for Body<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, site: &Site) -> Result<Self, Failure> {
        match Json::<T>::from_request(request, site).await {
            Ok(Json(body)) => Ok(Self(body)),
            Err(JsonRejection::MissingJsonContentType(_)) => Err(Failure::body(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "send JSON, with content-type: application/json",
            )),
            Err(JsonRejection::JsonDataError(error)) => Err(Failure::body(
                StatusCode::UNPROCESSABLE_ENTITY,
                &error.body_text(),
            )),
            Err(error) => Err(Failure::body(error.status(), &error.body_text())),
        }
    }
}
