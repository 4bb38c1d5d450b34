//! What gitratra answers over HTTP: the dashboard, what others embed, the API, health and numbers for
//! Prometheus; and who may look.
//!
//! A request takes one way: [`params`] and [`site`] say what is asked and by whom, `gitratra-answer`
//! reads it out of the store, [`pages`] writes it. This crate never calls GitHub and knows nothing of
//! the collector but what the program tells through [`Watched`]. Whoever asks cannot hold the program
//! up: connections, headers, bodies and times are bounded ([`Limits`]).

pub mod access;
mod api;
mod asset;
mod choice;
mod embed;
mod etag;
mod fresh;
mod layout;
mod metrics;
mod numbers;
mod page_cache;
mod pages;
mod params;
mod places;
mod probe;
mod problem;
mod recent;
mod replica;
mod router;
mod server;
mod site;
mod snapshot;
mod spike_board;
mod tracking;

pub use api::{ApiOrigin, OriginError};
pub use problem::Problem;
pub use server::{BindError, Limits, Server};
pub use site::Site;
pub use snapshot::{
    BoxFuture, CollectorState, CredentialRate, Health, Readiness, ReplicaState, RepoState,
    Snapshot, Watched,
};
