//! `completions SHELL`

use anyhow::Result;
use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::Exit;
use crate::args::Cli;
use crate::output::Voice;

pub(super) fn run(shell: Shell, voice: Voice) -> Result<Exit> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut shown(&Cli::command()), "gitratra", &mut text);
    voice.data(&String::from_utf8_lossy(&text))?;
    Ok(Exit::Done)
}

/// The command line without what its help hides, which some shells would offer all the same.
fn shown(whole: &clap::Command) -> clap::Command {
    let commands = whole.get_subcommands();
    clap::Command::new("gitratra")
        .version(env!("CARGO_PKG_VERSION"))
        .args(whole.get_arguments().cloned())
        .subcommands(commands.filter(|command| !command.is_hide_set()).cloned())
}
