//! What an App asks about itself: who it is, where it is installed, and tokens.

use std::sync::atomic::Ordering;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::{App, Installation};
use crate::clock::Time;
use crate::identity::{Token, TokenSpec, fingerprint};
use crate::jwt;
use crate::noise::Topic;
use crate::reply::Reply;
use crate::route::Ask;
use crate::route::page::{Span, parameters};

/// How long an installation's token is valid.
const TOKEN_SECS: i64 = 3600;

/// The App that asks, or the refusal of everybody else.
fn signed<'a>(ask: &Ask<'a>) -> Result<&'a App, Reply> {
    let (status, message) = jwt::UNSIGNED;
    ask.app.ok_or_else(|| Reply::error(status, message))
}

/// `/app`: the App itself.
pub(crate) fn app(ask: &Ask<'_>) -> Reply {
    let app = match signed(ask) {
        Ok(app) => app,
        Err(refused) => return refused,
    };
    let installations = installations_of(ask, app).count();
    let body = json!({
        "id": app.id,
        "client_id": app.client_id,
        "slug": slug(app.id),
        "node_id": format!("A_{:x}", app.id),
        "name": slug(app.id),
        "permissions": permissions(true),
        "events": [],
        "installations_count": installations,
    });
    Reply::json(body.to_string())
}

/// `/app/installations`: the accounts that installed it.
pub(crate) fn installations(ask: &Ask<'_>) -> Reply {
    let app = match signed(ask) {
        Ok(app) => app,
        Err(refused) => return refused,
    };
    let all: Vec<_> = installations_of(ask, app).collect();
    let parameters = parameters(ask);
    let span = Span::read(&parameters, all.len());
    let page = all[span.range()].iter().map(|each| described(ask, each));
    let reply = Reply::json(Value::Array(page.collect()).to_string());
    span.linked(reply, ask, &parameters, "/app/installations")
}

/// `/app/installations/{id}`.
pub(crate) fn installation(ask: &Ask<'_>, id: u64) -> Reply {
    match find(ask, id) {
        Ok(found) => Reply::json(described(ask, found).to_string()),
        Err(refused) => refused,
    }
}

#[derive(Default, Deserialize)]
struct Wanted {
    repository_ids: Option<Vec<u64>>,
    permissions: Option<serde_json::Map<String, Value>>,
}

/// `POST /app/installations/{id}/access_tokens`: a token for an hour.
pub(crate) fn access_token(ask: &Ask<'_>, id: u64) -> Reply {
    let found = match find(ask, id) {
        Ok(found) => found,
        Err(refused) => return refused,
    };
    if found.suspended.is_some() {
        return Reply::error(403, "This installation has been suspended");
    }
    let wanted = match ask.body.is_empty() {
        true => Ok(Wanted::default()),
        false => serde_json::from_slice::<Wanted>(ask.body),
    };
    let Ok(wanted) = wanted else {
        return Reply::error(400, "Problems parsing JSON");
    };
    let reaches = |id: &u64| match (&found.selected, ask.world.repo(&(*id).into())) {
        (Some(selected), _) => selected.contains(id),
        (None, Ok(repo)) => repo.owner().eq_ignore_ascii_case(&found.account),
        (None, Err(_)) => false,
    };
    if wanted
        .repository_ids
        .as_ref()
        .is_some_and(|ids| !ids.iter().all(reaches))
    {
        return Reply::error(
            422,
            "There is at least one repository that does not exist or is not accessible to the parent installation.",
        );
    }
    let asked = wanted
        .permissions
        .map(|permissions| permissions.contains_key("administration"));
    if asked == Some(true) && !found.administration {
        return Reply::error(
            422,
            "The permissions requested are not granted to this installation.",
        );
    }
    let administration = asked.unwrap_or(found.administration);
    let selection = match (&wanted.repository_ids, &found.selected) {
        (None, None) => "all",
        _ => "selected",
    };
    let expires = ask.at.plus_secs(TOKEN_SECS);
    let secret = secret(ask, found, expires);
    let body = json!({
        "token": secret,
        "expires_at": expires,
        "permissions": permissions(administration),
        "repository_selection": selection,
    });
    let mut spec = TokenSpec::installation(secret, &found.account).expires(expires);
    spec.administration = administration;
    let mut reply = Reply::of(201, body.to_string());
    reply.issued = Some(Box::new(Token {
        login: found.account.clone(),
        fingerprint: fingerprint(&spec.secret),
        pool: found.pool,
        by_id: Vec::new(),
        installation: Some(found.id),
        reach: wanted.repository_ids.or_else(|| found.selected.clone()),
        spec,
    }));
    reply
}

/// A token in the form used since 2026-04-27: `ghs_`, the App's id, and a signed text.
fn secret(ask: &Ask<'_>, found: &Installation, expires: Time) -> String {
    let number = ask.world.issued.fetch_add(1, Ordering::Relaxed);
    let claims = json!({ "iid": found.id, "exp": expires.secs(), "jti": number });
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    // 256 bytes, as long as a signature is; whoever reads a meaning into it is wrong.
    let signature: Vec<u8> = (0..32)
        .flat_map(|index| {
            let bits = ask.world.noise.bits(Topic::Code, number + (1 << 32), index);
            bits.to_be_bytes()
        })
        .collect();
    format!(
        "ghs_{}_{}.{}.{}",
        found.app_id,
        part(r#"{"alg":"RS256","typ":"JWT"}"#),
        part(&claims.to_string()),
        URL_SAFE_NO_PAD.encode(signature),
    )
}

fn installations_of<'a>(ask: &Ask<'a>, app: &App) -> impl Iterator<Item = &'a Installation> {
    let (id, world) = (app.id, ask.world);
    world
        .installations
        .iter()
        .filter(move |each| each.app_id == id)
}

fn find<'a>(ask: &Ask<'a>, id: u64) -> Result<&'a Installation, Reply> {
    let app = signed(ask)?;
    let found = ask.world.installation(id);
    found
        .filter(|found| found.app_id == app.id)
        .ok_or_else(Reply::not_found)
}

fn slug(app_id: u64) -> String {
    format!("app-{app_id}")
}

fn permissions(administration: bool) -> Value {
    match administration {
        true => json!({ "administration": "read", "metadata": "read" }),
        false => json!({ "metadata": "read" }),
    }
}

fn described(ask: &Ask<'_>, found: &Installation) -> Value {
    let owner = ask.world.owner(&found.account);
    let id = owner.map_or(0, |owner| owner.id);
    let kind = match owner.is_some_and(|owner| owner.is_organization) {
        true => "Organization",
        false => "User",
    };
    let selection = match found.selected {
        None => "all",
        Some(_) => "selected",
    };
    json!({
        "id": found.id,
        "account": { "login": found.account, "id": id, "type": kind },
        "repository_selection": selection,
        "access_tokens_url": format!("{}/app/installations/{}/access_tokens", ask.base, found.id),
        "repositories_url": format!("{}/installation/repositories", ask.base),
        "app_id": found.app_id,
        "app_slug": slug(found.app_id),
        "target_id": id,
        "target_type": kind,
        "permissions": permissions(found.administration),
        "events": [],
        "created_at": found.created,
        "updated_at": found.created,
        "suspended_at": found.suspended,
        "suspended_by": null,
    })
}
