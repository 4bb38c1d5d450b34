//! A process of a run: started, signalled, looked at, and gone with its value.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process};

/// A program at work.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    log: PathBuf,
    /// Where in the log this life of it begins.
    from: u64,
}

impl Process {
    /// Starts a program; what it says goes to the end of a file.
    pub(super) fn start(mut command: Command, log: &Path) -> Result<Self> {
        use std::os::unix::process::CommandExt as _;
        let file = OpenOptions::new().create(true).append(true).open(log)?;
        let from = file.metadata()?.len();
        // An interrupt at the terminal is for this program, which then ends all others itself.
        command
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .process_group(0);
        let child = command
            .spawn()
            .with_context(|| format!("cannot start {}", command.get_program().display()))?;
        Ok(Self {
            child,
            log: log.to_owned(),
            from,
        })
    }

    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it has said in this life.
    pub(super) fn said(&self) -> Result<String> {
        use std::io::{Read as _, Seek as _, SeekFrom};
        let mut file = File::open(&self.log)?;
        file.seek(SeekFrom::Start(self.from))?;
        let mut text = Vec::new();
        file.read_to_end(&mut text)?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    pub(super) fn freeze(&self) -> Result<()> {
        self.signal(Signal::STOP)
    }

    pub(super) fn thaw(&self) -> Result<()> {
        self.signal(Signal::CONT)
    }

    /// Asks it to end.
    pub(super) fn ask_to_end(&self) -> Result<()> {
        self.signal(Signal::TERM)
    }

    /// Ends it without asking.
    pub(super) fn kill(&mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// How it ended, where it has.
    pub(super) fn ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// The memory that it holds, and the most that it ever held, in kilobytes.
    pub(super) fn memory(&self) -> Option<(u64, u64)> {
        memory(self.id())
    }

    fn signal(&self, signal: Signal) -> Result<()> {
        Ok(kill_process(Pid::from_child(&self.child), signal)?)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(super) fn memory(pid: u32) -> Option<(u64, u64)> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let kilobytes = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim().trim_end_matches(" kB").parse().ok()
    };
    Some((kilobytes("VmRSS:")?, kilobytes("VmHWM:")?))
}

/// Sends a signal to a process that is none of our children, and to all that it started.
pub(super) fn signal_family(parent: u32, signal: Signal) {
    let send = |pid: u32, signal: Signal| {
        let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
        // Whoever has ended meanwhile needs none.
        let _ = pid.map(|pid| kill_process(pid, signal));
    };
    if signal != Signal::CONT {
        // Whoever stands still starts nobody who would be missed.
        send(parent, Signal::STOP);
    }
    for child in children(parent) {
        send(child, signal);
    }
    send(parent, signal);
}

fn children(parent: u32) -> Vec<u32> {
    let mut found = Vec::new();
    let Ok(entries) = std::fs::read_dir("/proc") else {
        return found;
    };
    for entry in entries.flatten() {
        let Some(pid) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok())
        else {
            continue;
        };
        let stat = std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        // The name, in brackets, may hold anything.
        let after = stat
            .rsplit_once(')')
            .map(|(_, rest)| rest)
            .unwrap_or_default();
        if after.split_whitespace().nth(1) == Some(&parent.to_string()) {
            found.push(pid);
        }
    }
    found
}
