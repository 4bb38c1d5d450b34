//! What the running program answers over HTTP: whether it is well, and numbers for Prometheus.
//!
//! This crate knows neither the collector nor GitHub nor the store. The program gives it a
//! [`Watched`], which supplies plain data; the crate turns that into answers:
//!
//! | path | answer |
//! | --- | --- |
//! | `/healthz` | 200 while the collector moves within its bound, else 503 |
//! | `/readyz` | 200 once the self-test passed and while the store answers, else 503 |
//! | `/metrics` | OpenMetrics text for who accepts it, else the older text format, made of a [`Snapshot`] at the time of asking |
//!
//! Nobody logs in here, so private repositories are numbers, not names, unless the snapshot says
//! otherwise. Whoever asks cannot hold the program up: connections, headers, times and the work of
//! a scrape are bounded ([`Limits`]).

mod answer;
mod metrics;
mod recent;
mod server;
mod snapshot;

pub use metrics::{classic, open_metrics};
pub use server::{BindError, Limits, Server};
pub use snapshot::{BoxFuture, CredentialRate, Health, Readiness, RepoState, Snapshot, Watched};
