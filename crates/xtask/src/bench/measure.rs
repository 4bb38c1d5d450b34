//! Runs the release program and tells what it took.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::Measured;
use super::pass::each;
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

pub(super) fn program() -> Result<PathBuf> {
    Ok(root()?.join("target/release/gitratra"))
}

/// A program in a folder of its own, with nothing of the surroundings but where programs are.
pub(super) fn clean(program: &Path, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", folder);
    command
}

/// Runs the program and watches it: what it took, its memory included.
pub(super) fn run(folder: &Path, variables: &[(&str, &str)], args: &[&str]) -> Result<Took> {
    // The kernel keeps the peak and the times; it must be asked while the process lives.
    let script = r#""$@" >/dev/null & pid=$!
while kill -0 $pid 2>/dev/null; do
  while read -r name value _; do
    [ "$name" = VmHWM: ] && peak=$value
  done 2>/dev/null </proc/$pid/status
  read -r line 2>/dev/null </proc/$pid/stat && [ -n "$line" ] && seen=$line
  sleep 0.02
done
wait $pid || exit $?
set -- ${seen##*) }
echo "${peak:-0} ${12} ${13}""#;
    let began = Instant::now();
    let output = clean(Path::new("bash"), folder)
        .args(["-c", script, "bash"])
        .arg(program()?)
        .args(args)
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .output()?;
    let wall = began.elapsed();
    if !output.status.success() {
        bail!(
            "gitratra {}: {}",
            args.join(" "),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let numbers: Vec<u64> = told
        .split_whitespace()
        .map(str::parse)
        .collect::<Result<_, _>>()
        .with_context(|| format!("the shell told no numbers: \"{told}\""))?;
    let [kilobytes, user, system] = numbers[..] else {
        bail!("the shell told no numbers: \"{told}\"");
    };
    Ok(Took {
        wall,
        // Linux counts in hundredths of a second for every program (`man 3 sysconf`, _SC_CLK_TCK).
        cpu: Duration::from_millis((user + system) * 10),
        memory: kilobytes * 1024,
    })
}

/// As [`run`], for wall time and CPU: nothing watches, so nothing disturbs.
pub(super) fn time(folder: &Path, variables: &[(&str, &str)], args: &[&str]) -> Result<Took> {
    let script = r#"TIMEFORMAT='%R %U %S'; time "$@" >/dev/null 2>"$BENCH_STDERR""#;
    let errors = folder.join("stderr.txt");
    let output = clean(Path::new("bash"), folder)
        .args(["-c", script, "bash"])
        .arg(program()?)
        .args(args)
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
pub(super) fn binary() -> Result<Measured> {
    let bytes = std::fs::metadata(program()?)?.len();
    let megabytes = each(bytes, 1_000_000);
    say(&format!("  {megabytes:.1} MB"));
    Ok(vec![("binary", megabytes)])
}

/// Which revision is measured, with a `+` where something is changed in it.
pub(super) fn revision() -> Result<String> {
    words(Command::new("git").args(["describe", "--always", "--exclude=*", "--dirty=+"]))
}

/// The day, as this machine has it.
pub(super) fn today() -> Result<String> {
    words(Command::new("date").args(["-u", "+%F"]))
}

fn words(command: &mut Command) -> Result<String> {
    let output = command.current_dir(root()?).output()?;
    if !output.status.success() {
        bail!("{}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}
