//! The two addresses of the web site that the device flow needs.
//!
//! Parameters come as a form. Answers are forms as well, or JSON where `Accept` asks for it, and
//! an error has status 200.

use axum::extract::Query;
use axum::http::Uri;
use serde_json::{Value, json};

use crate::device::{Attempt, EXPIRES_SECS, INTERVAL_SECS};
use crate::lock;
use crate::reply::Reply;
use crate::route::Ask;
use crate::route::page::Parameters;

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
const ABOUT_ERRORS: &str = "https://docs.github.com/developers/apps/authorizing-oauth-apps#error-codes-for-the-device-flow";

/// `POST /login/device/code`: a new pair of codes.
pub(crate) fn device_code(ask: &Ask<'_>) -> Reply {
    let form = form(ask);
    let client_id = field(&form, "client_id");
    let mut flow = lock(&ask.world.device);
    match flow.app(client_id).map(|app| app.has_device_flow) {
        None => told(ask, 404, &json!({ "error": "Not Found" })),
        Some(false) => refused(ask, "device_flow_disabled", None),
        Some(true) => {
            let code = flow.begin(client_id, ask.world.noise, ask.at);
            let body = json!({
                "device_code": code.device_code,
                "user_code": code.user_code,
                "verification_uri": format!("{}/login/device", ask.base),
                "expires_in": EXPIRES_SECS,
                "interval": INTERVAL_SECS,
            });
            told(ask, 200, &body)
        }
    }
}

/// `POST /login/oauth/access_token`: one attempt to get the token.
pub(crate) fn access_token(ask: &Ask<'_>) -> Reply {
    let form = form(ask);
    if field(&form, "grant_type") != GRANT {
        return refused(ask, "unsupported_grant_type", None);
    }
    let (client_id, code) = (field(&form, "client_id"), field(&form, "device_code"));
    let attempt = lock(&ask.world.device).attempt(client_id, code, ask.at);
    match attempt {
        Attempt::Refused(error) => refused(ask, error, None),
        Attempt::SlowDown(interval) => refused(ask, "slow_down", Some(interval)),
        Attempt::Token { secret, scopes } => {
            let body = json!({
                "access_token": secret,
                "token_type": "bearer",
                "scope": scopes.join(","),
            });
            told(ask, 200, &body)
        }
    }
}

fn form(ask: &Ask<'_>) -> Parameters {
    // A form is written as a query is.
    let uri = format!("/?{}", String::from_utf8_lossy(ask.body));
    let query = uri.parse::<Uri>().ok();
    let query = query.and_then(|uri| Query::try_from_uri(&uri).ok());
    query.map_or_else(Parameters::new, |Query(all)| all)
}

fn field<'a>(form: &'a Parameters, name: &str) -> &'a str {
    form.get(name).map_or("", String::as_str)
}

fn refused(ask: &Ask<'_>, error: &str, interval: Option<i64>) -> Reply {
    let mut body = json!({
        "error": error,
        "error_description": describe(error),
        "error_uri": ABOUT_ERRORS,
    });
    if let Some(interval) = interval {
        body["interval"] = json!(interval);
    }
    told(ask, 200, &body)
}

fn describe(error: &str) -> &'static str {
    match error {
        "authorization_pending" => "The authorization request is still pending.",
        "slow_down" => "Too many requests have been made in the same timeframe.",
        "expired_token" => "The device code has expired.",
        "access_denied" => "The authorization request was denied.",
        "device_flow_disabled" => "Device Flow must be explicitly enabled for this App",
        "incorrect_client_credentials" => "The client_id passed is incorrect.",
        "incorrect_device_code" => "The device_code provided is not valid.",
        _ => "The grant type is not supported.",
    }
}

/// A body of one level, as JSON or as a form.
fn told(ask: &Ask<'_>, status: u16, body: &Value) -> Reply {
    if ask.accept.contains("application/json") {
        return Reply::of(status, body.to_string());
    }
    let fields = body.as_object().into_iter().flatten();
    let pairs = fields.map(|(name, value)| {
        let text = value.as_str().map_or(value.to_string(), str::to_string);
        format!("{name}={}", encode(&text))
    });
    let form = pairs.collect::<Vec<_>>().join("&");
    let kind = "application/x-www-form-urlencoded; charset=utf-8";
    Reply::of(status, form).header("content-type", kind)
}

/// Percent-encodes what may not stand in a form.
fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b' ' => encoded.push('+'),
            b'-' | b'.' | b'_' | b'*' => encoded.push(char::from(byte)),
            byte if byte.is_ascii_alphanumeric() => encoded.push(char::from(byte)),
            byte => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_has_no_letters_that_mean_something_else() {
        assert_eq!(encode("a b&c=d/é"), "a+b%26c%3Dd%2F%C3%A9");
    }
}
