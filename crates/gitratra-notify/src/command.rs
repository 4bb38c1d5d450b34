//! A program of the operator: started for each message, without a shell, told by its standard
//! input and its environment, and ended together with what it started when its time is up.

use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use gitratra_core::alarm::Message;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStderr};

use crate::CommandConfig;
use crate::outcome::{Trouble, one_line};
use crate::payload;

/// How much of what it complains about is looked at.
const MOST_STDERR: usize = 4 << 10;
/// How long to wait for the rest of its complaint once it has ended.
const LAST_WORDS: Duration = Duration::from_millis(500);
/// Variables that hold secrets and are none of a command's business, besides all of our own.
const SECRETS: &[&str] = &[
    "GITHUB_TOKEN",
    "GH_TOKEN",
    "GITHUB_ENTERPRISE_TOKEN",
    "GH_ENTERPRISE_TOKEN",
    "GITHUB_API_URL",
    "PGPASSWORD",
    "PGPASSFILE",
];

/// What to start.
pub(crate) struct Command {
    argv: Vec<String>,
    /// Variables that hold secrets of other channels.
    hidden: Vec<String>,
}

impl Command {
    pub(crate) fn new(config: &CommandConfig, hidden: Vec<String>) -> Self {
        Self {
            argv: config.argv.clone(),
            hidden,
        }
    }

    pub(crate) async fn send(&self, message: &Message) -> Result<(), Trouble> {
        let to = self.program();
        let mut child = self.start(message).map_err(|error| Trouble::Unreachable {
            to: to.clone(),
            why: error.to_string(),
        })?;
        let group = Group::of(&child);
        let complaint = Complaint::listen(child.stderr.take());
        if let Some(mut stdin) = child.stdin.take() {
            let body = payload::json(message).to_string();
            // A command that does not read is told by its environment.
            tokio::spawn(async move { stdin.write_all(body.as_bytes()).await });
        }
        let status = child.wait().await;
        group.let_go();
        let why = match status {
            Ok(status) if status.success() => return Ok(()),
            Ok(status) => match complaint.first_line().await {
                Some(line) => format!("{}: {line}", ending(status)),
                None => ending(status),
            },
            Err(error) => error.to_string(),
        };
        Err(Trouble::Refused { to, why })
    }

    /// The program's name without its folder.
    fn program(&self) -> String {
        let whole = self.argv.first().map_or("", String::as_str);
        let name = whole.rsplit(['/', '\\']).next().unwrap_or(whole);
        one_line(name)
    }

    fn start(&self, message: &Message) -> std::io::Result<Child> {
        let (program, arguments) = self
            .argv
            .split_first()
            .ok_or(std::io::ErrorKind::NotFound)?;
        let mut command = tokio::process::Command::new(program);
        command
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        #[cfg(unix)]
        command.process_group(0);
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy();
            let is_ours = name.starts_with("GITRATRA_");
            if is_ours || SECRETS.contains(&&*name) || self.hidden.contains(&name.to_string()) {
                command.env_remove(&*name);
            }
        }
        let repositories = message.repositories.join("\n");
        let told = [
            ("EVENT", message.event.as_str()),
            ("KEY", &message.key),
            ("SUBJECT", &message.subject),
            ("TEXT", &message.text),
            ("REPOSITORIES", &repositories),
            ("MORE", &message.more.to_string()),
            ("AT", &message.at.to_string()),
        ];
        for (name, value) in told {
            command.env(format!("GITRATRA_ALARM_{name}"), value.replace('\0', " "));
        }
        command.spawn()
    }
}

fn ending(status: ExitStatus) -> String {
    match status.code() {
        Some(code) => format!("it ended with {code}"),
        None => "it was killed".to_owned(),
    }
}

/// What a command writes to its standard error; all of it is taken, the beginning is kept.
struct Complaint {
    kept: Arc<Mutex<Vec<u8>>>,
    reading: Option<tokio::task::JoinHandle<()>>,
}

impl Complaint {
    fn listen(stderr: Option<ChildStderr>) -> Self {
        let kept = Arc::new(Mutex::new(Vec::new()));
        let reading = stderr.map(|mut stderr| {
            let kept = Arc::clone(&kept);
            tokio::spawn(async move {
                let mut part = vec![0; MOST_STDERR];
                while let Ok(size @ 1..) = stderr.read(&mut part).await {
                    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                    let room = MOST_STDERR.saturating_sub(kept.len());
                    kept.extend_from_slice(&part[..size.min(room)]);
                }
            })
        });
        Self { kept, reading }
    }

    /// Waits a little: what the command left running may hold the pipe open for long.
    async fn first_line(mut self) -> Option<String> {
        if let Some(reading) = &mut self.reading {
            let _ = tokio::time::timeout(LAST_WORDS, reading).await;
        }
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let text = String::from_utf8_lossy(&kept);
        text.lines().map(one_line).find(|line| !line.is_empty())
    }
}

impl Drop for Complaint {
    fn drop(&mut self) {
        if let Some(reading) = &self.reading {
            reading.abort();
        }
    }
}

/// A command and what it started, all of which end when this is dropped.
struct Group {
    #[cfg(unix)]
    leader: Option<rustix::process::Pid>,
}

impl Group {
    #[cfg(unix)]
    fn of(child: &Child) -> Self {
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        Self {
            leader: id.and_then(rustix::process::Pid::from_raw),
        }
    }

    #[cfg(not(unix))]
    fn of(_: &Child) -> Self {
        Self {}
    }

    /// The command ended in time; what it left running may go on.
    fn let_go(self) {
        std::mem::forget(self);
    }
}

#[cfg(unix)]
impl Drop for Group {
    fn drop(&mut self) {
        if let Some(leader) = self.leader {
            // It fails only where nobody is left.
            let _ = rustix::process::kill_process_group(leader, rustix::process::Signal::KILL);
        }
    }
}
