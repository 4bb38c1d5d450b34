//! From a request to a reply: who asks, what the limits say, what goes wrong, what is answered.
//!
//! No socket and no waiting here; `server` sends what this decides. The order is GitHub's as
//! far as it is known: form of the request, credential, limits, address, `ETag`.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use ring::digest::{SHA256, digest};
use tokio::time::Instant;

use crate::clock::{Clock, Time};
use crate::fault::{Fault, FaultPlans};
use crate::identity::{Credential, Token, TokenKind};
use crate::limit::{Arrival, Budget, Limits, Pool, RetryAfter, Verdict};
use crate::lock;
use crate::log::{Log, LogEntry};
use crate::reply::Reply;
use crate::route::{self, Ask, Endpoint, Target};
use crate::world::World;

/// The pool of everybody without a token.
pub(crate) const ANONYMOUS: usize = 0;

/// Refuses everybody for a while after several bad credentials, good ones included.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lockout {
    pub(crate) after: u64,
    pub(crate) secs: i64,
}

/// What is counted and limited.
#[derive(Debug)]
pub(crate) struct Ledger {
    pub(crate) limits: Limits,
    pub(crate) pools: Vec<Pool>,
    pub(crate) log: Log,
    pub(crate) lockout: Option<Lockout>,
    bad_credentials: u64,
    locked_until: Option<Time>,
}

impl Ledger {
    pub(crate) fn new(
        limits: Limits,
        pools: Vec<Pool>,
        log: Log,
        lockout: Option<Lockout>,
    ) -> Self {
        Self {
            limits,
            pools,
            log,
            lockout,
            bad_credentials: 0,
            locked_until: None,
        }
    }

    fn is_locked(&self, at: Time) -> bool {
        self.locked_until.is_some_and(|until| at < until)
    }

    fn bad_credential(&mut self, at: Time) {
        self.bad_credentials += 1;
        if let Some(lockout) = self.lockout
            && self.bad_credentials >= lockout.after
        {
            self.locked_until = Some(at.plus_secs(lockout.secs));
            self.bad_credentials = 0;
        }
    }
}

/// Everything the server's tasks and the handle share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) base: OnceLock<String>,
    pub(crate) clock: Clock,
    pub(crate) started: Instant,
    pub(crate) world: RwLock<World>,
    pub(crate) ledger: Mutex<Ledger>,
    pub(crate) faults: Mutex<FaultPlans>,
    pub(crate) has_faults: AtomicBool,
    pub(crate) latency_ms: AtomicU64,
    pub(crate) connections: Arc<AtomicU64>,
}

/// Who asks, as far as the `Authorization` header tells.
enum Who<'a> {
    Anonymous,
    Known(&'a Token),
    Refused,
}

/// A decided answer.
#[derive(Debug)]
pub(crate) struct Decided {
    pub(crate) reply: Reply,
    pub(crate) headers: HeaderMap,
    pub(crate) fault: Option<Fault>,
    pub(crate) pool: usize,
}

impl Shared {
    pub(crate) fn base(&self) -> &str {
        self.base.get().map_or("", String::as_str)
    }

    pub(crate) fn world(&self) -> RwLockReadGuard<'_, World> {
        self.world.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn world_mut(&self) -> RwLockWriteGuard<'_, World> {
        self.world.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Decides the answer to a request; `pool` has one more request under way afterwards.
    pub(crate) fn decide(&self, parts: &Parts) -> Decided {
        let at = self.clock.now();
        let world = self.world();
        let target = Target::read(parts.uri.path());
        let endpoint = target.endpoint();
        let text = |name: HeaderName| {
            parts
                .headers
                .get(name)
                .and_then(|value| value.to_str().ok())
        };
        let credential = Credential::read(text(header::AUTHORIZATION));
        let who = identify(&world, &credential, at);
        let (pool, fingerprint) = match &who {
            Who::Anonymous => (ANONYMOUS, "none".into()),
            Who::Known(token) => (token.pool, token.fingerprint.as_str().into()),
            Who::Refused => (ANONYMOUS, std::borrow::Cow::from(credential.fingerprint())),
        };
        let is_free = matches!(who, Who::Refused) || endpoint == Endpoint::RateLimit;
        let gate = self.pass_gate(pool, &who, endpoint, &fingerprint, is_free, at);
        let version = text(HeaderName::from_static("x-github-api-version"));
        let ask = Ask {
            world: &world,
            base: self.base(),
            method: &parts.method,
            uri: &parts.uri,
            at,
            token: match who {
                Who::Known(token) => Some(token),
                Who::Anonymous | Who::Refused => None,
            },
            budget: gate.budget,
            is_new_version: version == Some("2026-03-10"),
        };
        let mut reply = if text(header::USER_AGENT).unwrap_or_default().is_empty() {
            Reply::error(403, "Missing or invalid User Agent string")
        } else if !matches!(version, None | Some("2022-11-28" | "2026-03-10")) {
            Reply::error(400, "Unsupported 'X-GitHub-Api-Version' header")
        } else if let Some(refusal) = gate.refusal {
            refusal
        } else {
            route::reply(&ask, target)
        };
        let repo_id = target.repo_id(&world);
        let fault = self.meet_fault(endpoint, repo_id, &world);
        if let Some(fault) = &fault {
            reply = spoil(reply, fault);
        }
        let none_match = text(header::IF_NONE_MATCH);
        let etag = (reply.status == 200 && is_cacheable(fault.as_ref()))
            .then(|| format!("W/\"{}\"", hex(digest(&SHA256, &reply.body).as_ref())));
        if let (Some(etag), Some(none_match)) = (&etag, none_match)
            && matches(none_match, etag)
        {
            reply.status = 304;
            reply.body = Default::default();
        }
        let is_cut = matches!(fault, Some(Fault::Close | Fault::Reset | Fault::Hang));
        let status = if is_cut { 0 } else { reply.status };
        let budget = self.settle(pool, &fingerprint, status, !is_free, at, |log| {
            let target = parts
                .uri
                .path_and_query()
                .map_or("", |target| target.as_str());
            log.push(LogEntry {
                method: parts.method.to_string(),
                target: hide_tokens(&world, target),
                endpoint,
                repo_id,
                credential: fingerprint.to_string(),
                if_none_match: none_match.is_some(),
                status,
                is_fault: fault.is_some(),
                at,
            });
        });
        if parts
            .uri
            .query()
            .is_some_and(|query| has_token(&world, query))
        {
            lock(&self.ledger).log.counters.tokens_in_addresses += 1;
        }
        let mut headers = HeaderMap::with_capacity(20);
        write_headers(&mut headers, &reply, &ask, budget, etag.as_deref());
        Decided {
            reply,
            headers,
            fault,
            pool,
        }
    }

    /// Counts the request and asks the limits; a refusal is the reply to give.
    fn pass_gate(
        &self,
        pool: usize,
        who: &Who<'_>,
        endpoint: Endpoint,
        fingerprint: &str,
        is_free: bool,
        at: Time,
    ) -> Gate {
        let mut ledger = lock(&self.ledger);
        let ledger = &mut *ledger;
        let arrival = Arrival {
            at,
            real_secs: self.started.elapsed().as_secs_f64(),
        };
        let state = &mut ledger.pools[pool];
        let verdict = state.arrive(&ledger.limits, arrival, is_free);
        let budget = state.budget(&ledger.limits, at);
        let counters = &mut ledger.log.counters;
        counters.peak_points = counters.peak_points.max(state.peak_points);
        ledger.log.arrive(endpoint, fingerprint, state.in_flight);
        let refusal = if ledger.is_locked(at) {
            let message = "Maximum number of login attempts exceeded. Please try again later.";
            Some(Reply::error(403, message))
        } else if matches!(who, Who::Refused) {
            ledger.bad_credential(at);
            Some(Reply::error(401, "Bad credentials"))
        } else {
            match verdict {
                Verdict::Allowed => None,
                Verdict::PrimaryRefused => {
                    ledger.log.counters.primary_violations += 1;
                    Some(primary_refusal(&ledger.limits, who))
                }
                Verdict::SecondaryRefused { wait_secs } => {
                    ledger.log.counters.secondary_violations += 1;
                    Some(secondary_refusal(&ledger.limits, at, wait_secs))
                }
            }
        };
        Gate { refusal, budget }
    }

    fn meet_fault(&self, endpoint: Endpoint, repo_id: Option<u64>, world: &World) -> Option<Fault> {
        if !self.has_faults.load(Ordering::Acquire) {
            return None;
        }
        let fault = lock(&self.faults).meet(endpoint, repo_id, world.noise)?;
        lock(&self.ledger).log.counters.faults += 1;
        Some(fault)
    }

    /// Writes the answer down, and gives back what an unchanged one cost.
    fn settle(
        &self,
        pool: usize,
        fingerprint: &str,
        status: u16,
        is_charged: bool,
        at: Time,
        write: impl FnOnce(&mut Log),
    ) -> Budget {
        let mut ledger = lock(&self.ledger);
        let ledger = &mut *ledger;
        ledger.log.answered(status, fingerprint);
        if ledger.log.keeps_entries() {
            write(&mut ledger.log);
        }
        let state = &mut ledger.pools[pool];
        if status == 304 && is_charged {
            state.refund();
        }
        state.budget(&ledger.limits, at)
    }
}

struct Gate {
    refusal: Option<Reply>,
    budget: Budget,
}

fn identify<'a>(world: &'a World, credential: &Credential, at: Time) -> Who<'a> {
    match credential {
        Credential::Absent => Who::Anonymous,
        Credential::Unreadable(_) => Who::Refused,
        Credential::Secret(secret) => match world.token_by_secret.get(secret) {
            Some(index) if world.tokens[*index].is_valid(at) => Who::Known(&world.tokens[*index]),
            _ => Who::Refused,
        },
    }
}

fn primary_refusal(limits: &Limits, who: &Who<'_>) -> Reply {
    let message = match who {
        Who::Known(token) if token.spec.kind == TokenKind::Installation => {
            "API rate limit exceeded for installation ID 4242.".to_string()
        }
        Who::Known(_) => "API rate limit exceeded for user ID 1000001.".to_string(),
        Who::Anonymous | Who::Refused => "API rate limit exceeded for 127.0.0.1. (But here's the good news: Authenticated requests get a higher rate limit. Check out the documentation for more details.)".to_string(),
    };
    Reply::error(limits.status, &message)
}

fn secondary_refusal(limits: &Limits, at: Time, wait_secs: i64) -> Reply {
    let message =
        "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.";
    let reply = Reply::error(limits.status, message);
    match limits.retry_after {
        RetryAfter::Absent => reply,
        RetryAfter::Secs => reply.header("retry-after", &wait_secs.to_string()),
        RetryAfter::HttpDate => reply.header("retry-after", &at.plus_secs(wait_secs).http_date()),
    }
}

/// What a fault makes of the reply; what it does to the connection is the server's business.
fn spoil(reply: Reply, fault: &Fault) -> Reply {
    match fault {
        Fault::Status {
            status,
            headers,
            body,
        } => headers
            .iter()
            .fold(Reply::of(*status, body.clone()), |reply, (name, value)| {
                reply.header(name, value)
            }),
        Fault::Empty => Reply::json(""),
        Fault::Html => Reply::json(
            "<!DOCTYPE html>\n<html><head><title>Unicorn! &middot; GitHub</title></head><body><p>We had issues producing the response to your request.</p></body></html>\n",
        )
        .header("content-type", "text/html; charset=utf-8"),
        Fault::Tampered { how } if reply.status == 200 => {
            let text = String::from_utf8_lossy(&reply.body);
            let body = how.apply(&text).into();
            Reply { body, ..reply }
        }
        Fault::Redirect { location } => Reply::moved(301, location),
        Fault::NextPage { url } => reply.header("link", &format!("<{url}>; rel=\"next\"")),
        Fault::Slow { .. }
        | Fault::Trickle { .. }
        | Fault::Truncated { .. }
        | Fault::Huge { .. }
        | Fault::Close
        | Fault::Reset
        | Fault::Hang
        | Fault::Tampered { .. } => reply,
    }
}

/// Whether an `ETag` belongs to the answer.
fn is_cacheable(fault: Option<&Fault>) -> bool {
    !matches!(
        fault,
        Some(Fault::Status { .. } | Fault::Empty | Fault::Html | Fault::Huge { .. })
    )
}

/// Weak comparison with any of the tags named, RFC 9110 section 8.8.3.2.
fn matches(none_match: &str, etag: &str) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_string();
    none_match
        .split(',')
        .any(|tag| tag.trim() == "*" || opaque(tag) == opaque(etag))
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

fn has_token(world: &World, text: &str) -> bool {
    world
        .tokens
        .iter()
        .any(|token| text.contains(&token.spec.secret))
}

fn hide_tokens(world: &World, target: &str) -> String {
    if !has_token(world, target) {
        return target.to_string();
    }
    world.tokens.iter().fold(target.to_string(), |text, token| {
        text.replace(&token.spec.secret, "[token]")
    })
}

fn write_headers(
    headers: &mut HeaderMap,
    reply: &Reply,
    ask: &Ask<'_>,
    budget: Budget,
    etag: Option<&str>,
) {
    let fixed = HeaderName::from_static;
    let text = |value: &str| HeaderValue::from_str(value).ok();
    headers.insert(header::SERVER, HeaderValue::from_static("github.com"));
    headers.extend(text(&ask.at.http_date()).map(|value| (header::DATE, value)));
    if !reply.body.is_empty() {
        let json = HeaderValue::from_static("application/json; charset=utf-8");
        headers.insert(header::CONTENT_TYPE, json);
    }
    if let Some(etag) = etag {
        headers.extend(text(etag).map(|value| (header::ETAG, value)));
        let cache = HeaderValue::from_static("private, max-age=60, s-maxage=60");
        headers.insert(header::CACHE_CONTROL, cache);
        let vary = HeaderValue::from_static("Accept, Authorization, Cookie, X-GitHub-OTP");
        headers.insert(header::VARY, vary);
    }
    let media = HeaderValue::from_static("github.v3; format=json");
    headers.insert(fixed("x-github-media-type"), media);
    let version = if ask.is_new_version {
        "2026-03-10"
    } else {
        "2022-11-28"
    };
    let version = HeaderValue::from_static(version);
    headers.insert(fixed("x-github-api-version-selected"), version);
    headers.insert(fixed("x-ratelimit-limit"), budget.limit.into());
    headers.insert(fixed("x-ratelimit-remaining"), budget.remaining().into());
    headers.insert(fixed("x-ratelimit-used"), budget.used.into());
    headers.insert(fixed("x-ratelimit-reset"), budget.reset.secs().into());
    headers.insert(
        fixed("x-ratelimit-resource"),
        HeaderValue::from_static("core"),
    );
    if let Some(token) = ask.token {
        if token.spec.kind == TokenKind::Classic {
            let scopes = text(&token.spec.scopes.join(", "));
            headers.extend(scopes.map(|value| (fixed("x-oauth-scopes"), value)));
            let accepted = HeaderValue::from_static(reply.accepted_scopes);
            headers.insert(fixed("x-accepted-oauth-scopes"), accepted);
        }
        if let Some(expires) = token.spec.expires {
            let expires = expires.to_string().replace('T', " ").replace('Z', " UTC");
            let name = fixed("github-authentication-token-expiration");
            headers.extend(text(&expires).map(|value| (name, value)));
        }
    }
    for (name, value) in &reply.headers {
        headers.insert(name, value.clone());
    }
}
