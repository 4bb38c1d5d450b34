//! `man`: one page with every command.

use anyhow::{Context, Result};
use clap::CommandFactory as _;

use crate::Exit;
use crate::args::Cli;
use crate::output::Voice;

pub(super) fn run(voice: Voice) -> Result<Exit> {
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    let mut page = Vec::new();
    clap_mangen::Man::new(command.clone())
        .render(&mut page)
        .context("cannot render the manual page")?;
    for subcommand in command
        .get_subcommands()
        .filter(|command| !command.is_hide_set())
    {
        let man = clap_mangen::Man::new(subcommand.clone());
        let sections = [("name", man.render_description_section(&mut Vec::new()))];
        for (section, rendered) in sections {
            rendered.with_context(|| format!("cannot render the {section} section"))?;
        }
        page.extend_from_slice(format!(".SH \"gitratra {}\"\n", subcommand.get_name()).as_bytes());
        man.render_synopsis_section(&mut page)
            .and_then(|()| man.render_description_section(&mut page))
            .and_then(|()| man.render_options_section(&mut page))
            .context("cannot render the manual page")?;
    }
    voice.data(&String::from_utf8_lossy(&page))?;
    Ok(Exit::Done)
}
