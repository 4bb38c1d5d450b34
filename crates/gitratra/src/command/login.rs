//! `login` and `logout`: a token in the system's keychain.

use anyhow::{Result, bail};

use crate::Exit;
use crate::args;
use crate::output::Voice;
use crate::settings::Settings;

pub(super) async fn login(
    _args: &args::Login,
    _settings: &Settings,
    _voice: Voice,
) -> Result<Exit> {
    bail!("not there yet")
}

pub(super) async fn logout(_settings: &Settings, _voice: Voice) -> Result<Exit> {
    bail!("not there yet")
}
