//! `completions SHELL`

use anyhow::Result;
use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::Exit;
use crate::args::Cli;
use crate::output::Voice;

pub(super) fn run(shell: Shell, voice: Voice) -> Result<Exit> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "gitratra", &mut text);
    voice.data(&String::from_utf8_lossy(&text))?;
    Ok(Exit::Done)
}
