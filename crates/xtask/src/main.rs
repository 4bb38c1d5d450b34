//! Repo tasks: `tidy` checks the rules of the house, `bench` measures what `docs/performance.md`
//! records, `chaos` shows what `docs/reliability.md` promises, `picture` draws the README's picture.
//! Nothing of it ships.

mod bench;
#[cfg(unix)]
mod chaos;
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
        #[cfg(unix)]
        Some("chaos") => {
            let is_well = chaos::run(&words.collect::<Vec<_>>())?;
            Ok(ExitCode::from(u8::from(!is_well)))
        }
        Some("picture") => {
            picture::draw()?;
            Ok(ExitCode::SUCCESS)
        }
        _ => bail!(
            "usage: cargo xtask tidy | cargo xtask bench [NAME…] [--quick] [--record] | \
             cargo xtask chaos [MINUTES] | cargo xtask picture"
        ),
    }
}

/// A task talks to the person at the terminal, and to nobody else.
fn say(line: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}
