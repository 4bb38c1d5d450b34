//! The program: arguments, configuration, wiring, printing and exit codes. What can be tested
//! without a process lives in the other crates.

mod args;
mod command;
mod connect;
mod credential;
mod interrupt;
mod output;
mod progress;
mod range;
mod settings;

use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Parser as _;

use crate::args::Cli;
use crate::output::Voice;
use crate::settings::Settings;

/// How the program ends, as scripts rely on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Everything was done.
    Done,
    /// Something was done, and something was not.
    Partly,
    /// Nothing could be begun.
    NotStarted,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Done => Self::SUCCESS,
            Exit::Partly => Self::from(1),
            Exit::NotStarted => Self::from(2),
        }
    }
}

fn main() -> ExitCode {
    let args = args::with_original_call(std::env::args_os());
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are no errors; clap knows where each belongs.
            let exit = if error.use_stderr() {
                Exit::NotStarted
            } else {
                Exit::Done
            };
            let _ = error.print();
            return exit.into();
        }
    };
    match start(cli) {
        Ok(exit) => exit.into(),
        Err(error) => {
            output::error(&error);
            Exit::NotStarted.into()
        }
    }
}

fn start(cli: Cli) -> Result<Exit> {
    let voice = Voice::new(&cli.global);
    log_to_stderr(cli.global.verbose);
    let settings = Settings::read(&cli.global)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("cannot start the runtime")?;
    runtime.block_on(command::run(cli.command, &settings, voice))
}

/// Log lines for those who ask with `-v` or `RUST_LOG`; never a token, since no type that holds one
/// can be printed.
fn log_to_stderr(verbose: u8) {
    use tracing_subscriber::EnvFilter;
    let level = match verbose {
        0 => "off",
        1 => "gitratra=info,gitratra_github=info,gitratra_store=info,gitratra_sync=info",
        2 => "gitratra=debug,gitratra_github=debug,gitratra_store=debug,gitratra_sync=debug",
        _ => "debug",
    };
    let filter = match (verbose, settings::variable("RUST_LOG")) {
        (0, Some(filter)) => EnvFilter::new(filter),
        _ => EnvFilter::new(level),
    };
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
}
