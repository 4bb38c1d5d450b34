//! What the long-running program is made of: signals, the service manager, the messenger, and the
//! picture of itself that it gives over HTTP.

pub(crate) mod myself;
mod picture;
mod post;
mod pulse;
mod signals;
pub(crate) mod systemd;

pub(crate) use picture::Picture;
pub(crate) use post::Post;
pub(crate) use pulse::watch_clocks;
pub(crate) use signals::{Signal, Signals};
