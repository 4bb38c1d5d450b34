//! From a request to a reply: who asks, what the limits say, what goes wrong, what is answered.
//!
//! No socket and no waiting here; `server` sends what this decides. The order is GitHub's as
//! far as it is known: form of the request, credential, limits, address, `ETag`.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, Method, header};
use tokio::time::Instant;

use crate::asker::{Who, identify};
use crate::clock::{Clock, Time};
use crate::fault::{Fault, FaultPlans};
use crate::graphql;
use crate::headers;
use crate::identity::{Credential, Token, TokenKind};
use crate::limit::{Arrival, Budgets, Cost, Limits, Pool, Resource, RetryAfter, Verdict};
use crate::lock;
use crate::log::{Log, LogEntry};
use crate::reply::Reply;
use crate::repo::Repo;
use crate::route::{self, Ask, Endpoint, Target};
use crate::world::World;

/// The pool of everybody without a token.
pub(crate) const ANONYMOUS: usize = 0;

/// The pool of the web site's addresses, which have no limits here.
pub(crate) const WEB: usize = 1;

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
    pub(crate) fn decide(&self, parts: &Parts, body: &[u8]) -> Decided {
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
        let credential = match endpoint.is_web() {
            true => Credential::Absent,
            false => Credential::read(text(header::AUTHORIZATION)),
        };
        let who = identify(&world, &credential, at);
        let (pool, fingerprint) = match &who {
            Who::Anonymous if endpoint.is_web() => (WEB, "none".into()),
            Who::Anonymous => (ANONYMOUS, "none".into()),
            Who::Known(token) => (token.pool, token.fingerprint.as_str().into()),
            Who::App(app) => (app.pool, credential.fingerprint().into()),
            Who::Refused(_) => (ANONYMOUS, std::borrow::Cow::from(credential.fingerprint())),
        };
        let cost = cost(&parts.method, endpoint, &who, body);
        let gate = self.pass_gate(pool, &who, endpoint, &fingerprint, cost, at);
        let version = text(HeaderName::from_static("x-github-api-version"));
        // As whoever asks reached it, which may have been by way of a proxy.
        let base = text(header::HOST).map(|host| format!("http://{host}"));
        let ask = Ask {
            world: &world,
            base: base.as_deref().unwrap_or_else(|| self.base()),
            method: &parts.method,
            uri: &parts.uri,
            accept: text(header::ACCEPT).unwrap_or_default(),
            body,
            at,
            token: match who {
                Who::Known(token) => Some(token),
                _ => None,
            },
            app: match who {
                Who::App(app) => Some(app),
                _ => None,
            },
            budgets: gate.budgets,
            is_new_version: version == Some("2026-03-10"),
            is_web: endpoint.is_web(),
        };
        let refusal = malformed(text(header::USER_AGENT), version).or(gate.refusal);
        let mut reply = refusal.unwrap_or_else(|| route::reply(&ask, target));
        let repo = target.repo(&world);
        let repo_id = repo.map(|repo| repo.id);
        let fault = self.meet_fault(endpoint, repo_id, &world);
        if let Some(fault) = &fault {
            reply = spoil(reply, fault);
        }
        if let Some(repo) = repo {
            count(repo, &reply, fault.as_ref(), at);
        }
        let none_match = text(header::IF_NONE_MATCH);
        let has_etag = !ask.is_web && endpoint != Endpoint::Graphql;
        let etag = (reply.status == 200 && has_etag && is_cacheable(fault.as_ref()))
            .then(|| headers::etag(&reply.body));
        if let (Some(etag), Some(none_match)) = (&etag, none_match)
            && headers::matches(none_match, etag)
        {
            reply.status = 304;
            reply.body = Default::default();
        }
        let is_cut = matches!(fault, Some(Fault::Close | Fault::Reset | Fault::Hang));
        let status = if is_cut { 0 } else { reply.status };
        let charged = gate.is_charged.then_some(cost);
        let budgets = self.settle(pool, &fingerprint, status, charged, at, |log| {
            let asked = Asked {
                endpoint,
                repo_id,
                credential: &fingerprint,
                at,
            };
            note(log, &world, parts, &asked, status, fault.is_some());
        });
        let mut headers = HeaderMap::with_capacity(20);
        let budget = (cost.resource, budgets.of(cost.resource));
        headers::write(&mut headers, &reply, &ask, budget, etag.as_deref());
        drop(world);
        if let Some(token) = reply.issued.take() {
            self.issue(*token);
        }
        Decided {
            reply,
            headers,
            fault,
            pool,
        }
    }

    /// From now on an installation has this token, and those that ended are forgotten.
    fn issue(&self, token: Token) {
        let at = self.clock.now();
        let mut world = self.world_mut();
        world
            .tokens
            .retain(|_, known| known.installation.is_none() || known.is_valid(at));
        let mut ledger = lock(&self.ledger);
        ledger.log.counters.installation_tokens += 1;
        let primary = ledger.limits.primary;
        if let Some(found) = token.installation.and_then(|id| world.installation(id)) {
            ledger.pools[found.pool].limit = found.limit(&world, primary);
        }
        world.tokens.insert(token.spec.secret.clone(), token);
    }

    /// Counts the request and asks the limits; a refusal is the reply to give.
    fn pass_gate(
        &self,
        pool: usize,
        who: &Who<'_>,
        endpoint: Endpoint,
        fingerprint: &str,
        cost: Cost,
        at: Time,
    ) -> Gate {
        let mut ledger = lock(&self.ledger);
        let ledger = &mut *ledger;
        let arrival = Arrival {
            at,
            real_secs: self.started.elapsed().as_secs_f64(),
        };
        let state = &mut ledger.pools[pool];
        let verdict = if pool == WEB {
            state.in_flight += 1;
            Verdict::Allowed
        } else {
            state.arrive(&ledger.limits, arrival, cost)
        };
        let budgets = state.budgets(&ledger.limits, at);
        let counters = &mut ledger.log.counters;
        counters.peak_points = counters.peak_points.max(state.peak_points);
        ledger.log.arrive(endpoint, fingerprint, state.in_flight);
        let refusal = if ledger.is_locked(at) {
            let message = "Maximum number of login attempts exceeded. Please try again later.";
            Some(Reply::error(403, message))
        } else if let Who::Refused((status, message)) = who {
            if *status == 401 {
                ledger.bad_credential(at);
            }
            Some(Reply::error(*status, message))
        } else {
            match verdict {
                Verdict::Allowed => None,
                Verdict::PrimaryRefused => {
                    ledger.log.counters.primary_violations += 1;
                    Some(primary_refusal(&ledger.limits, who, cost.resource))
                }
                Verdict::SecondaryRefused { wait_secs } => {
                    ledger.log.counters.secondary_violations += 1;
                    Some(secondary_refusal(&ledger.limits, at, wait_secs))
                }
            }
        };
        let is_charged = refusal.is_none() && !cost.is_free;
        if is_charged && cost.resource == Resource::Graphql {
            ledger.log.counters.graphql_points += cost.primary;
        }
        Gate {
            refusal,
            budgets,
            is_charged,
        }
    }

    fn meet_fault(&self, endpoint: Endpoint, repo_id: Option<u64>, world: &World) -> Option<Fault> {
        if !self.has_faults.load(Ordering::Acquire) {
            return None;
        }
        let fault = lock(&self.faults).meet(endpoint, repo_id, world.noise)?;
        lock(&self.ledger).log.counters.faults += 1;
        Some(fault)
    }

    /// Writes the answer down, and gives back what one unchanged, or never sent, cost: nobody can
    /// be blamed for a budget that nobody told.
    fn settle(
        &self,
        pool: usize,
        fingerprint: &str,
        status: u16,
        charged: Option<Cost>,
        at: Time,
        write: impl FnOnce(&mut Log),
    ) -> Budgets {
        let mut ledger = lock(&self.ledger);
        let ledger = &mut *ledger;
        ledger.log.answered(status, fingerprint);
        write(&mut ledger.log);
        let state = &mut ledger.pools[pool];
        if let Some(cost) = charged
            && matches!(status, 0 | 304)
        {
            state.refund(cost);
        }
        state.budgets(&ledger.limits, at)
    }
}

struct Gate {
    refusal: Option<Reply>,
    budgets: Budgets,
    /// Whether the request cost something of the hour's budget.
    is_charged: bool,
}

/// What a request takes of the limits.
fn cost(method: &Method, endpoint: Endpoint, who: &Who<'_>, body: &[u8]) -> Cost {
    let is_refused = matches!(who, Who::Refused(_));
    if endpoint == Endpoint::Graphql {
        return Cost {
            resource: Resource::Graphql,
            primary: graphql::cost(body),
            points: 1,
            // Nobody without a token has points of GraphQL, and is refused for that.
            is_free: is_refused || matches!(who, Who::Anonymous),
        };
    }
    let is_read = *method == Method::GET || *method == Method::HEAD;
    Cost {
        resource: Resource::Core,
        primary: 1,
        points: if is_read { 1 } else { 5 },
        is_free: is_refused || endpoint == Endpoint::RateLimit,
    }
}

/// What the log says of a request before it is answered.
struct Asked<'a> {
    endpoint: Endpoint,
    repo_id: Option<u64>,
    credential: &'a str,
    at: Time,
}

/// Notes a request, where entries are kept, and whether a token stood in its address.
fn note(
    log: &mut Log,
    world: &World,
    parts: &Parts,
    asked: &Asked<'_>,
    status: u16,
    is_fault: bool,
) {
    let query = parts.uri.query();
    if query.is_some_and(|query| has_token(world, query)) {
        log.counters.tokens_in_addresses += 1;
    }
    if !log.keeps_entries() {
        return;
    }
    let target = parts.uri.path_and_query();
    let target = target.map_or("", |target| target.as_str());
    log.push(LogEntry {
        method: parts.method.to_string(),
        target: hide_tokens(world, target),
        endpoint: asked.endpoint,
        repo_id: asked.repo_id,
        credential: asked.credential.to_string(),
        if_none_match: parts.headers.contains_key(header::IF_NONE_MATCH),
        status,
        is_fault,
        at: asked.at,
    });
}

/// The refusal of a request whose form is wrong.
fn malformed(user_agent: Option<&str>, version: Option<&str>) -> Option<Reply> {
    if user_agent.unwrap_or_default().is_empty() {
        return Some(Reply::error(403, "Missing or invalid User Agent string"));
    }
    let is_known = matches!(version, None | Some("2022-11-28" | "2026-03-10"));
    (!is_known).then(|| Reply::error(400, "Unsupported 'X-GitHub-Api-Version' header"))
}

/// Counts a request about a repository, and notes which days its answer tells.
fn count(repo: &Repo, reply: &Reply, fault: Option<&Fault>, at: Time) {
    repo.requests.fetch_add(1, Ordering::Relaxed);
    let is_whole = fault.is_none_or(Fault::leaves_the_answer);
    if let Some((metric, days)) = &reply.rows
        && is_whole
    {
        lock(repo.first_served(*metric)).note(days, at);
    }
}

/// GraphQL refuses with 200.
fn primary_refusal(limits: &Limits, who: &Who<'_>, resource: Resource) -> Reply {
    if resource == Resource::Graphql {
        let asker = match who {
            Who::Known(token) => token.installation,
            _ => None,
        };
        let asker = asker.map_or("user ID 1000001".into(), |id| {
            format!("installation ID {id}")
        });
        return Reply::json(graphql::rate_limited(&asker).to_string());
    }
    let message = match who {
        Who::Known(token) if token.spec.kind == TokenKind::Installation => {
            let id = token.installation.unwrap_or(4242);
            format!("API rate limit exceeded for installation ID {id}.")
        }
        Who::Known(_) => "API rate limit exceeded for user ID 1000001.".to_string(),
        Who::App(app) => format!("API rate limit exceeded for app ID {}.", app.id),
        Who::Anonymous | Who::Refused(_) => "API rate limit exceeded for 127.0.0.1. (But here's the good news: Authenticated requests get a higher rate limit. Check out the documentation for more details.)".to_string(),
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
        Fault::Body { text } => Reply::json(text.clone()),
        Fault::Partial => match graphql::partial(&reply.body) {
            Some(body) => Reply::json(body.to_string()),
            None => reply,
        },
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
        Some(
            Fault::Status { .. }
                | Fault::Empty
                | Fault::Html
                | Fault::Body { .. }
                | Fault::Huge { .. }
        )
    )
}

fn has_token(world: &World, text: &str) -> bool {
    world.tokens.keys().any(|secret| text.contains(secret))
}

fn hide_tokens(world: &World, target: &str) -> String {
    if !has_token(world, target) {
        return target.to_string();
    }
    let secrets = world.tokens.keys();
    secrets.fold(target.to_string(), |text, secret| {
        text.replace(secret, "[token]")
    })
}
