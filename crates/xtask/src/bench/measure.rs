//! Runs the release program and tells what it took.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::say;
use crate::tidy::root;

/// What one run of the program took.
#[derive(Debug, Clone, Copy)]
pub(super) struct Took {
    pub(super) wall: Duration,
    pub(super) cpu: Duration,
    /// The most memory it held at once, in bytes.
    pub(super) memory: u64,
}

/// Builds the release program.
pub(super) fn build() -> Result<()> {
    let built = Command::new("cargo")
        .args(["build", "--release", "--quiet", "--package", "gitratra"])
        .current_dir(root()?)
        .status()?;
    if !built.success() {
        bail!("the program does not build");
    }
    Ok(())
}

fn program() -> Result<PathBuf> {
    Ok(root()?.join("target/release/gitratra"))
}

/// Runs the program in a folder of its own, with nothing of the surroundings but what is given.
pub(super) fn run(folder: &Path, variables: &[(&str, &str)], args: &[&str]) -> Result<Took> {
    // The kernel keeps the peak; it must be asked while the process lives.
    let script = r#""$@" >/dev/null & pid=$!
while kill -0 $pid 2>/dev/null; do
  peak=$(awk '/VmHWM/ {print $2}' /proc/$pid/status 2>/dev/null) && [ -n "$peak" ] && last=$peak
  sleep 0.01
done
wait $pid || exit $?
echo "${last:-0}""#;
    let began = Instant::now();
    let output = Command::new("bash")
        .args(["-c", script, "bash"])
        .arg(program()?)
        .args(args)
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", folder)
        .envs(variables.iter().copied())
        .output()?;
    let watched = began.elapsed();
    if !output.status.success() {
        bail!(
            "gitratra {}: {}",
            args.join(" "),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    let kilobytes: u64 = String::from_utf8_lossy(&output.stdout).trim().parse()?;
    Ok(Took {
        wall: watched,
        cpu: Duration::ZERO,
        memory: kilobytes * 1024,
    })
}

/// As [`run`], for wall time and CPU: nothing watches, so nothing disturbs.
pub(super) fn time(folder: &Path, variables: &[(&str, &str)], args: &[&str]) -> Result<Took> {
    let script = r#"TIMEFORMAT='%R %U %S'; time "$@" >/dev/null 2>"$BENCH_STDERR""#;
    let errors = folder.join("stderr.txt");
    let output = Command::new("bash")
        .args(["-c", script, "bash"])
        .arg(program()?)
        .args(args)
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", folder)
        .env("BENCH_STDERR", &errors)
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .output()?;
    if !output.status.success() {
        bail!(
            "gitratra {}: {}",
            args.join(" "),
            std::fs::read_to_string(&errors)?
        );
    }
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    let seconds: Vec<f64> = told
        .split_whitespace()
        .map(str::parse)
        .collect::<Result<_, _>>()
        .with_context(|| format!("the shell told no times: \"{told}\""))?;
    let [wall, user, system] = seconds[..] else {
        bail!("the shell told no times: \"{told}\"");
    };
    Ok(Took {
        wall: Duration::from_secs_f64(wall),
        cpu: Duration::from_secs_f64(user + system),
        memory: 0,
    })
}

/// The size of the program.
pub(super) fn binary() -> Result<()> {
    let bytes = std::fs::metadata(program()?)?.len();
    #[expect(clippy::cast_precision_loss, reason = "megabytes with one digit")]
    let megabytes = bytes as f64 / 1e6;
    say(&format!("  {megabytes:.1} MB"));
    Ok(())
}
