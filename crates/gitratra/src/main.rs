//! The program: arguments, configuration, wiring, printing and exit codes. What can be tested
//! without a process lives in the other crates.

mod args;
mod askers;
mod clock;
mod command;
mod configured;
mod connect;
mod copies;
mod credential;
mod door;
mod git;
mod interrupt;
mod keychain;
mod output;
mod progress;
mod serve;
mod settings;
mod warehouse;

use std::io::IsTerminal as _;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Parser as _;

use crate::args::Cli;
use crate::output::Voice;
use crate::settings::Settings;

/// So long what is at the disk may go on when all else has ended.
const TO_END: std::time::Duration = std::time::Duration::from_millis(200);

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
    let cli = match Cli::try_parse_from(&args) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are no errors; clap knows where each belongs.
            let exit = if error.use_stderr() {
                Exit::NotStarted
            } else {
                Exit::Done
            };
            if exit == Exit::NotStarted {
                let text = error.render().ansi().to_string();
                output::complaint(&args::without_tokens(&text, &args));
            } else {
                let _ = error.print();
            }
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
    let is_service = matches!(cli.command, args::Command::Serve(_));
    log_to_stderr(cli.global.verbose, cli.global.quiet, is_service);
    let settings = Settings::read(&cli.global)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("cannot start the runtime")?;
    let exit = runtime.block_on(command::run(cli.command, &settings, voice));
    // What is still at the disk, as a copy that nobody waits for any more, ends with the program.
    runtime.shutdown_timeout(TO_END);
    exit
}

/// Warnings for everybody, as that of a pause that GitHub asks for, and more for those who ask with
/// `-v` or `RUST_LOG`, and of a service, which has nobody who looks on; never a token, since no type
/// that holds one can be printed.
fn log_to_stderr(verbose: u8, is_quiet: bool, is_service: bool) {
    use tracing_subscriber::EnvFilter;
    let ours = |level: &str| {
        let crates = [
            "",
            "_backup",
            "_github",
            "_mcp",
            "_store",
            "_sync",
            "_warehouse",
        ];
        crates
            .map(|name| format!("gitratra{name}={level}"))
            .join(",")
    };
    let asked = settings::variable("RUST_LOG").filter(|_| verbose == 0);
    let is_plain = verbose == 0 && asked.is_none();
    let filter = asked.unwrap_or_else(|| match verbose {
        0 if is_quiet => ours("error"),
        0 if is_service => ours("info"),
        0 => ours("warn"),
        1 => ours("info"),
        2 => ours("debug"),
        _ => "debug".to_owned(),
    });
    let log = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(filter))
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal() && settings::variable("NO_COLOR").is_none());
    // The journal of systemd has the time already.
    let has_time = is_service && settings::variable("JOURNAL_STREAM").is_none();
    if is_plain && has_time {
        log.with_target(false).init();
    } else if is_plain {
        log.without_time().with_target(false).init();
    } else {
        log.init();
    }
}
