//! Repo tasks: `tidy` checks the rules of the house, `bench` measures what `docs/performance.md`
//! records, `picture` draws the README's picture. Nothing of it ships.

mod bench;
mod picture;
mod tidy;

use std::process::ExitCode;

use anyhow::{Result, bail};

fn main() -> Result<ExitCode> {
    let mut words = std::env::args().skip(1);
    match words.next().as_deref() {
        Some("tidy") => {
            let found = tidy::check(&tidy::root()?)?;
            for problem in &found {
                say(problem);
            }
            Ok(ExitCode::from(u8::from(!found.is_empty())))
        }
        Some("bench") => {
            bench::run(&words.collect::<Vec<_>>())?;
            Ok(ExitCode::SUCCESS)
        }
        Some("picture") => {
            picture::draw()?;
            Ok(ExitCode::SUCCESS)
        }
        _ => bail!(
            "usage: cargo xtask tidy | cargo xtask bench [NAME…] [--quick] [--record] | cargo xtask picture"
        ),
    }
}

/// A task talks to the person at the terminal, and to nobody else.
fn say(line: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}
