//! A simulated GitHub on loopback, written from what GitHub was measured to answer.
//!
//! It answers over HTTP what GitHub's API answers about repositories and their traffic, with
//! its windows, delays, stalls, limits, refusals and faults; to users' tokens, to GitHub Apps
//! and to those who log in by the device flow. It knows the truth behind every
//! answer, so a test can ask both what was said and what was so. It shares no code with any
//! client: it is a second opinion.
//!
//! `examples/truth.rs` shows how a test asks for both.

mod answer;
mod app;
mod asker;
mod body;
mod builder;
mod change;
mod clock;
mod control;
mod counter;
mod daily;
mod device;
mod fault;
mod fault_mix;
mod fleet;
mod graphql;
mod headers;
mod identity;
mod json;
mod jwt;
mod limit;
mod log;
mod noise;
mod numbers;
mod popular;
mod publication;
mod register;
mod release;
mod reply;
mod repo;
mod route;
mod server;
mod sim;
mod socket;
mod stars;
mod truth;
mod window;
mod world;

use std::sync::{Mutex, MutexGuard, PoisonError};

pub use app::{AppKey, AppSpec, InstallationSpec};
pub use builder::{SimBuilder, StartError};
pub use clock::{Day, Time};
pub use daily::Daily;
pub use fault::{Fault, FaultPlan, Tamper};
pub use fault_mix::FaultMix;
pub use identity::{Right, TokenKind, TokenSpec};
pub use limit::{Limits, RetryAfter, Timing};
pub use log::{Counters, LogEntry};
pub use numbers::{About, Number, Numbers};
pub use popular::Popular;
pub use publication::{Scope, StaleAnswers, Stall, ZeroDays};
pub use release::{AssetRecord, AssetSpec, ReleaseSpec};
pub use repo::{RepoRef, RepoSpec};
pub use route::Endpoint;
pub use sim::Sim;
pub use truth::Metric;
pub use window::Regime;

/// Takes a lock, also where a test panicked while holding it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
