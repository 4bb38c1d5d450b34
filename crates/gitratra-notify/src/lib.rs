//! Messages about troubles, sent to the people who can end them: to a command, to an HTTP
//! receiver, by mail.
//!
//! *What* is told, and when, is decided by [`gitratra_core::alarm`]; this crate carries one message
//! through one channel and says whether it arrived. It knows neither the store nor GitHub, keeps
//! nothing, tries nothing twice, and puts no address or secret of a receiver into any text.
//!
//! Configuration ([`Notify`]) is checked when it is read. [`open`] fetches the secrets and makes
//! [`Channel`]s of it:
//!
//! ```
//! # use gitratra_notify::{Notify, open};
//! let one: Notify = toml::from_str(r#"kind = "command"
//! argv = ["/usr/local/bin/page-me"]"#)?;
//! let channels = open(&[one], &|_| None)?;
//! assert_eq!(channels[0].receiver().channel, "command");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod address;
mod channel;
mod command;
mod config;
mod mail;
mod outcome;
mod payload;
mod secret;
mod webhook;

pub use channel::{Channel, open};
pub use config::{CommandConfig, EmailConfig, Notify, WebhookConfig};
pub use outcome::{OpenError, SendError};
pub use secrecy::SecretString;
pub use secret::SecretSource;
