//! `doctor`: what is in order and what is not, and what to change.

use anyhow::{Result, bail};

use crate::Exit;
use crate::args;
use crate::output::Voice;
use crate::settings::Settings;

pub(super) async fn run(_args: &args::Doctor, _settings: &Settings, _voice: Voice) -> Result<Exit> {
    bail!("not there yet")
}
