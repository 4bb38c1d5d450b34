//! A place to live for one test: a folder of its own, the real program started in it with nothing
//! inherited, and a simulated GitHub to talk to.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use gitratra_sim::{Sim, SimBuilder};
use serde_json::Value;
use tempfile::TempDir;

use crate::exported::Exported;

/// The token that every simulation here knows, with every right.
pub(crate) const TOKEN: &str = "ghp_aTokenThatMustNeverBeSeen123";

/// Ends a program that hangs; no test depends on how fast anything is.
const PATIENCE: Duration = Duration::from_secs(180);

/// A folder with a home in it.
pub(crate) struct House {
    folder: TempDir,
    settings: Vec<(String, String)>,
    program: String,
}

/// How a run of the program ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) exit: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl House {
    /// A new folder, with `GITRATRA_*` settings for a simulation and its token.
    pub(crate) fn with(sim: &Sim) -> Self {
        Self::empty()
            .set("GITRATRA_API_URL", &sim.url())
            .set("GITRATRA_TOKEN", TOKEN)
            .set("GITRATRA_POINTS_PER_MINUTE", "0")
    }

    /// A new folder and no settings.
    pub(crate) fn empty() -> Self {
        let folder = tempfile::tempdir().unwrap();
        // No `gh` that somebody is logged in with.
        fs::create_dir(folder.path().join("no-programs")).unwrap();
        Self {
            folder,
            settings: Vec::new(),
            program: env!("CARGO_BIN_EXE_gitratra").to_owned(),
        }
    }

    /// The same with another program.
    pub(crate) fn with_program(mut self, program: &str) -> Self {
        program.clone_into(&mut self.program);
        self
    }

    /// Sets an environment variable for every program started here.
    pub(crate) fn set(mut self, name: &str, value: &str) -> Self {
        self.settings.retain(|(known, _)| known != name);
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    pub(crate) fn read(&self, name: &str) -> String {
        let path = self.path(name);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// Where the default database lies.
    pub(crate) fn database(&self) -> PathBuf {
        self.path("data/gitratra/gitratra.db")
    }

    /// Everything that lies in the folder, as paths relative to it.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut folders = vec![self.folder().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let entry = entry.unwrap();
                match entry.file_type().unwrap().is_dir() {
                    true => folders.push(entry.path()),
                    false => found.push(entry.path()),
                }
            }
        }
        found.sort();
        found
    }

    /// The program, set up but not started.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = self.bare(&self.program);
        command.args(args);
        command
    }

    /// Runs another program to its end.
    pub(crate) fn run_by(&self, program: &str, args: &[&str]) -> Ran {
        let mut command = self.bare(program);
        command.args(args);
        finish(command, "")
    }

    /// Another program in the same surroundings.
    pub(crate) fn bare(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .current_dir(self.folder())
            .env("PATH", self.path("no-programs"))
            .env("HOME", self.path("home"))
            .env("XDG_CONFIG_HOME", self.path("config"))
            .env("XDG_DATA_HOME", self.path("data"))
            .env("XDG_CACHE_HOME", self.path("cache"))
            .env("XDG_STATE_HOME", self.path("state"))
            .env("LC_ALL", "C.UTF-8")
            // No keychain that somebody keeps a token in.
            .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/dev/null/none")
            .envs(self.settings.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs the program to its end.
    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        finish(self.command(args), "")
    }

    /// Runs the program with words split at blanks.
    pub(crate) fn go(&self, words: &str) -> Ran {
        self.run(&words.split_whitespace().collect::<Vec<_>>())
    }

    /// Runs the program with something on standard input.
    pub(crate) fn run_with_input(&self, args: &[&str], input: &str) -> Ran {
        finish(self.command(args), input)
    }

    /// Starts the program and does not wait for it.
    pub(crate) fn start(&self, args: &[&str]) -> Child {
        self.command(args)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// What `export daily` says now.
    pub(crate) fn export(&self) -> Exported {
        let ran = self.go("export daily");
        assert_eq!(ran.exit, 0, "{ran:?}");
        Exported::read(&ran.out)
    }
}

/// Runs a command to its end.
pub(crate) fn finish(command: Command, input: &str) -> Ran {
    let output = assert_cmd::Command::from_std(command)
        .write_stdin(input)
        .timeout(PATIENCE)
        .output()
        .unwrap();
    Ran::of(&output)
}

impl Ran {
    pub(crate) fn of(output: &std::process::Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        Self {
            exit: output.status.code().unwrap_or(-1),
            out: text(&output.stdout),
            err: text(&output.stderr),
        }
    }

    /// Demands an exit code.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.exit, code, "{}\n---\n{}", self.out, self.err);
        assert!(!self.err.contains("panicked"), "{}", self.err);
        self
    }

    /// Demands words on standard error.
    #[track_caller]
    pub(crate) fn says(self, words: &[&str]) -> Self {
        for word in words {
            assert!(self.err.contains(word), "no {word:?} in:\n{}", self.err);
        }
        self
    }

    /// Demands words on standard output.
    #[track_caller]
    pub(crate) fn shows(self, words: &[&str]) -> Self {
        for word in words {
            assert!(self.out.contains(word), "no {word:?} in:\n{}", self.out);
        }
        self
    }

    /// Standard output as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|error| panic!("{error} in:\n{}\n---\n{}", self.out, self.err))
    }
}

/// A simulation with our token, at noon of 2026-03-10 unless said otherwise.
pub(crate) fn github() -> SimBuilder {
    Sim::builder().token(TOKEN)
}

/// Looks until something is so; what never comes is a failure and not a hang.
#[track_caller]
pub(crate) fn until(mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < PATIENCE, "it never came");
        // Who looks without a pause keeps the simulation from its own locks.
        std::thread::sleep(Duration::from_micros(100));
    }
}
