//! Control over HTTP, under `/_sim/`, for tests that see the simulation from outside.
//!
//! Parameters are in the query, or as JSON in the body where a thing has parts. These addresses
//! are exempt from limits, faults and log. 404 names what was not found, 400 what was not
//! understood.

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::atomic::Ordering;

use axum::body::{Body, to_bytes};
use axum::extract::{Query, Request};
use axum::http::{Method, StatusCode, header};
use axum::response::Response;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::answer::Shared;
use crate::clock::{Day, Time};
use crate::fault_mix::FaultMix;
use crate::identity::{Right, TokenSpec};
use crate::limit::Resource;
use crate::lock;
use crate::repo::{RepoRef, RepoSpec};
use crate::truth::Metric;

mod counted;

const LARGEST_BODY: usize = 1 << 20;

struct Failed {
    status: StatusCode,
    message: String,
}

impl Failed {
    fn bad(message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            message: message.into(),
        }
    }
}

impl From<String> for Failed {
    /// A change that could not be made: mostly because something was not found.
    fn from(message: String) -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            message,
        }
    }
}

/// What came with a control request.
struct Order {
    parameters: HashMap<String, String>,
    body: Vec<u8>,
}

impl Order {
    fn text(&self, name: &str) -> Result<&str, Failed> {
        self.parameters
            .get(name)
            .map(String::as_str)
            .ok_or_else(|| Failed::bad(format!("parameter \"{name}\" is missing")))
    }

    fn read<T: FromStr>(&self, name: &str) -> Result<T, Failed> {
        let text = self.text(name)?;
        text.parse()
            .map_err(|_| Failed::bad(format!("cannot read \"{text}\" as \"{name}\"")))
    }

    fn repo(&self) -> Result<RepoRef, Failed> {
        self.text("repo").map(RepoRef::from)
    }

    fn metric(&self) -> Result<Metric, Failed> {
        let text = self.text("metric")?;
        Metric::from_name(text).ok_or_else(|| Failed::bad(format!("no metric \"{text}\"")))
    }

    fn right(&self) -> Result<Right, Failed> {
        match self.text("right")? {
            "none" => Ok(Right::None),
            "read" => Ok(Right::Read),
            "push" => Ok(Right::Push),
            "admin" => Ok(Right::Admin),
            other => Err(Failed::bad(format!("no right \"{other}\""))),
        }
    }

    fn has(&self, name: &str) -> bool {
        self.parameters
            .get(name)
            .is_some_and(|value| value == "true")
    }

    fn json<T: DeserializeOwned>(&self) -> Result<T, Failed> {
        serde_json::from_slice(&self.body).map_err(|error| Failed::bad(error.to_string()))
    }
}

/// Carries out one control request.
pub(crate) async fn answer(shared: &Shared, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let outcome = match to_bytes(body, LARGEST_BODY).await {
        Err(error) => Err(Failed::bad(error.to_string())),
        Ok(body) => {
            let parameters = Query::try_from_uri(&parts.uri).map(|Query(all)| all);
            let order = Order {
                parameters: parameters.unwrap_or_default(),
                body: body.into(),
            };
            let name = parts.uri.path().trim_start_matches("/_sim/");
            if parts.method == Method::GET {
                question(shared, name, &order)
            } else {
                change(shared, &parts.method, name, &order)
            }
        }
    };
    let (status, value) = match outcome {
        Ok(value) => (StatusCode::OK, value),
        Err(failed) => (failed.status, json!({ "message": failed.message })),
    };
    let mut response = Response::new(Body::from(value.to_string()));
    *response.status_mut() = status;
    let json = axum::http::HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

fn question(shared: &Shared, name: &str, order: &Order) -> Result<Value, Failed> {
    match name {
        "clock" => Ok(json!({ "at": shared.clock.now() })),
        "counters" => Ok(json!(shared.counters())),
        "log" if order.parameters.contains_key("from") => {
            let (entries, skipped, next) =
                lock(&shared.ledger).log.entries_from(order.read("from")?);
            Ok(json!({ "entries": entries, "skipped": skipped, "next": next }))
        }
        "log" => Ok(json!(lock(&shared.ledger).log.entries())),
        "repo" => {
            let repo = order.repo()?;
            let (id, name) = (shared.resolve(&repo)?, shared.full_name(&repo)?);
            Ok(json!({ "id": id, "full_name": name }))
        }
        "newest" => {
            let day = shared.newest(&order.repo()?, order.metric()?)?;
            Ok(json!({ "day": day }))
        }
        "truth" => truth(shared, order),
        "requests_by_repo" => Ok(json!(shared.requests_by_repo())),
        "first_served_at" => {
            let (repo, metric) = (order.repo()?, order.metric()?);
            let at = shared.first_served_at(&repo, metric, order.read("day")?)?;
            Ok(json!({ "at": at }))
        }
        "device_codes" => Ok(json!(shared.device_codes())),
        _ => counted::question(shared, name, order),
    }
}

/// The days `from` to `to`, each with what happened and what is answered of it now.
fn truth(shared: &Shared, order: &Order) -> Result<Value, Failed> {
    let (repo, metric) = (order.repo()?, order.metric()?);
    let (from, to): (Day, Day) = (order.read("from")?, order.read("to")?);
    let days = (from.number()..=to.number()).map(|number| {
        let day = Day::from_number(number);
        let counts = shared.truth(&repo, metric, day)?;
        let served = shared.served(&repo, metric, day)?;
        Ok(json!({
            "day": day,
            "count": counts.count,
            "uniques": counts.uniques(),
            "published": shared.is_settled(&repo, metric, day)?,
            "served": served.map(|(count, uniques)| json!({ "count": count, "uniques": uniques })),
        }))
    });
    let days: Result<Vec<_>, String> = days.collect();
    Ok(Value::Array(days?))
}

fn no_such(name: &str) -> Failed {
    Failed::from(format!("no control address \"{name}\""))
}

fn change(shared: &Shared, method: &Method, name: &str, order: &Order) -> Result<Value, Failed> {
    match (method.as_str(), name) {
        ("POST", "advance" | "clock" | "speed" | "latency") => move_clock(shared, name, order),
        ("POST", "create") => {
            let id = shared.create(&described(order)?)?;
            Ok(json!({ "id": id }))
        }
        ("POST", _) => {
            post(shared, name, order)?;
            Ok(json!({}))
        }
        ("DELETE", _) => {
            match name {
                "fault" => shared.clear_faults(),
                "stall" => shared.end_stalls(),
                "zero_days" => shared.end_zero_days(),
                "stale" => shared.end_stale(),
                "log" => shared.clear_log(),
                _ => return Err(no_such(name)),
            }
            Ok(json!({}))
        }
        _ => Err(Failed::bad(format!("cannot {method} \"{name}\""))),
    }
}

fn move_clock(shared: &Shared, name: &str, order: &Order) -> Result<Value, Failed> {
    match name {
        "advance" => {
            shared.clock.advance(order.read("secs")?);
        }
        "clock" => shared.clock.set(order.read::<Time>("at")?),
        "speed" => shared.clock.set_speed(order.read("times")?),
        _ => shared
            .latency_ms
            .store(order.read("ms")?, Ordering::Relaxed),
    }
    Ok(json!({ "at": shared.clock.now() }))
}

fn post(shared: &Shared, name: &str, order: &Order) -> Result<(), Failed> {
    match name {
        "fault" => shared.fault(order.json()?)?,
        "stall" => shared.stall(order.json()?)?,
        "zero_days" => shared.zero_days(order.json()?)?,
        "stale" => shared.stale(order.json()?)?,
        "fault_mix" => shared.fault_mix(FaultMix::new(order.read("probability")?)),
        "suspend" => shared.suspend(order.read("installation")?, order.read("is")?)?,
        "uninstall" => shared.uninstall(order.read("installation")?)?,
        "end_tokens" => shared.end_tokens_of(order.read("installation")?),
        "device_approve" => shared.device_approve(order.text("user_code")?, token(order)?)?,
        "device_deny" => shared.device_deny(order.text("user_code")?)?,
        "rename" => shared.rename(&order.repo()?, order.text("to")?)?,
        "delete" => shared.delete(&order.repo()?)?,
        "private" => {
            let private: bool = order.read("is")?;
            shared.edit(&order.repo()?, |repo| repo.private = private)?;
        }
        "archived" => {
            let archived: bool = order.read("is")?;
            shared.edit(&order.repo()?, |repo| repo.archived = archived)?;
        }
        "blocked" => {
            let reason = order.parameters.get("reason").cloned();
            shared.edit(&order.repo()?, |repo| repo.blocked = reason)?;
        }
        "pin" => {
            let value = (order.read("count")?, order.read("uniques")?);
            shared.pin(&order.repo()?, order.metric()?, order.read("day")?, value)?;
        }
        "flap" => {
            let values = order.json()?;
            shared.flap(&order.repo()?, order.metric()?, order.read("day")?, values)?;
        }
        "limits" => set_limits(shared, order)?,
        "revoke" => shared.edit_token(order.text("token")?, |token| token.spec.revoked = true)?,
        "grant" => shared.grant(order.text("token")?, &order.repo()?, order.right()?)?,
        "remaining" => {
            let (token, left) = (order.text("token")?, order.read("requests")?);
            shared.set_remaining(token, Resource::Core, left)?;
        }
        "graphql_remaining" => {
            let (token, left) = (order.text("token")?, order.read("points")?);
            shared.set_remaining(token, Resource::Graphql, left)?;
        }
        "star_history" => shared.world_mut().has_star_history = order.read("is")?,
        "graphql" => shared.world_mut().has_graphql = order.read("is")?,
        _ => counted::change(shared, name, order)?,
    }
    Ok(())
}

/// The token that a person agrees to: with every right, or with those of `login`.
fn token(order: &Order) -> Result<TokenSpec, Failed> {
    let secret = order.text("token")?;
    Ok(match order.parameters.get("login") {
        Some(login) => TokenSpec::classic(secret, login),
        None => TokenSpec::full(secret),
    })
}

/// Changes the limits that are named and leaves the others.
fn set_limits(shared: &Shared, order: &Order) -> Result<(), Failed> {
    let mut limits = shared.limits();
    let is_given = |name| order.parameters.contains_key(name);
    if is_given("primary") {
        limits.primary = order.read("primary")?;
    }
    if is_given("points") {
        limits.points = order.read("points")?;
    }
    if is_given("graphql") {
        limits.graphql = order.read("graphql")?;
    }
    if is_given("graphql_points") {
        limits.graphql_points = order.read("graphql_points")?;
    }
    if is_given("concurrent") {
        limits.concurrent = order.read("concurrent")?;
    }
    if is_given("hold_secs") {
        limits.hold_secs = order.read("hold_secs")?;
    }
    if is_given("status") {
        limits.status = order.read("status")?;
    }
    if is_given("enforced") {
        limits.enforced = order.read("enforced")?;
    }
    shared.set_limits(limits);
    Ok(())
}

/// The repository that a `create` describes.
fn described(order: &Order) -> Result<RepoSpec, Failed> {
    let mut spec = RepoSpec::new(order.text("repo")?);
    spec.private = order.has("private");
    spec.fork = order.has("fork");
    spec.archived = order.has("archived");
    if order.parameters.contains_key("id") {
        spec.id = Some(order.read("id")?);
    }
    if order.parameters.contains_key("created") {
        spec.created = Some(order.read("created")?);
    }
    if order.parameters.contains_key("mean_views") {
        spec.mean_views = Some(order.read("mean_views")?);
    }
    if order.parameters.contains_key("stars") {
        spec.stars = Some(order.read("stars")?);
    }
    if order.parameters.contains_key("stars_per_day") {
        spec.stars_per_day = Some(order.read("stars_per_day")?);
    }
    Ok(spec)
}
