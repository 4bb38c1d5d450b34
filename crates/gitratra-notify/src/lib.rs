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
//! ```toml
//! [[notify]]
//! kind = "command"                        # started without a shell, for each message
//! argv = ["/usr/local/bin/page-me", "--now"]
//!
//! [[notify]]
//! kind = "webhook"                        # gets JSON; Slack, Mattermost and Discord show it
//! name = "team room"                      # what `told` is remembered by; else the kind
//! names = "public"                        # private repositories are counted, not named
//! url_env = "ROOM_URL"                    # or url, or url_file
//! secret_env = "ROOM_SECRET"              # or secret, or secret_file: signs the body
//!
//! [[notify]]
//! kind = "email"
//! server = "smtps://mail.example.org"     # or smtp://, which must offer STARTTLS
//! user = "gitratra"
//! password_env = "MAIL_PASSWORD"          # or password_file
//! from = "gitratra <gitratra@example.org>"
//! to = ["ops@example.org"]                # ca_file: one more authority to trust
//! ```
//!
//! *Shape* of the JSON, on a command's standard input and in a webhook's body: `event` (`raised` or
//! `over`), `key`, `subject`, `text`, `repositories` (20 names at most), `more` (how many are not
//! named), `at`. A command also finds them in `GITRATRA_ALARM_EVENT`, `_KEY`, `_SUBJECT`, `_TEXT`,
//! `_REPOSITORIES` (one a line), `_MORE` and `_AT`. A webhook's body has `content` besides, and the
//! header `X-Gitratra-Signature: sha256=` with the HMAC-SHA256 of the body in hexadecimal digits.

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
