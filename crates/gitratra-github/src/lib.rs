//! GitHub's HTTP to core values: the only socket to GitHub.
//!
//! Questions go in as core values, answers come out as core values or as a [`Failure`] that says
//! what to do next. No JSON, no header and no bare status leaves this crate, and it knows nothing
//! of the store. The credential goes to the host of [`ApiUrl`] and to no other.
//!
//! What holds at all times, whatever GitHub answers: never more requests in a minute than
//! [`Options::points_per_minute`], never more in flight than [`Options::concurrency`], nothing sent
//! while a limit is known to be used up, nothing after a 401. Time is GitHub's: each answer carries
//! its `Date`, and the local clock only measures how long to wait.

pub mod api_url;
mod ask;
pub mod auth;
pub mod client;
pub mod clock;
mod decode;
pub mod endpoint;
pub mod failure;
mod gate;
mod head;
pub mod limit;
mod pace;
mod redirect;
mod refusal;
pub mod retry;
mod socket;

pub use api_url::{ApiUrl, ApiUrlError};
pub use auth::Credential;
pub use client::{Answer, Client, ClientError, Counters, Listed, Options, RateLimit};
pub use clock::{BoxFuture, Clock, TokioClock};
pub use endpoint::{Listing, Target};
pub use failure::{Failure, FailureKind, Need};
pub use limit::Rate;
pub use retry::RetryPolicy;
pub use secrecy::SecretString;
