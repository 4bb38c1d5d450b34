//! `doctor`: what is in order and what is not, and what to change.

use anyhow::{Result, bail};
use gitratra_core::Timestamp;

use crate::Exit;
use crate::args;
use crate::output::Voice;
use crate::settings::Settings;

pub(super) async fn run(_args: &args::Doctor, _settings: &Settings, _voice: Voice) -> Result<Exit> {
    bail!("not there yet")
}

/// What the clock of this machine says: to be compared with GitHub's, and hardly ever believed.
pub(super) fn machine_time() -> Timestamp {
    #[expect(
        clippy::disallowed_methods,
        reason = "only to tell how wrong it is, and for what cannot wait for GitHub"
    )]
    Timestamp::now()
}
