//! Everything that a run is made of: collectors, the database, GitHub, and the network between them.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use gitratra_sim::Day;
use tokio::runtime::Runtime;

use super::github::{Github, Scale, TOKEN};
use super::net::Net;
use super::postgres::Postgres;
use super::process::Process;

/// How a run is laid out.
pub(crate) struct Plan {
    /// Where `gitratra` and `gitratra-sim` are.
    pub(crate) programs: PathBuf,
    pub(crate) collectors: usize,
    pub(super) scale: Scale,
    pub(crate) has_net: bool,
    pub(crate) has_standby: bool,
}

/// A collector, between its lives as well.
pub(super) struct Collector {
    pub(super) number: usize,
    process: Option<Process>,
    log: PathBuf,
    /// Whether it is meant to run.
    is_wanted: bool,
    is_frozen: bool,
    /// When it is started again after an end of its own.
    again_at: Instant,
    /// Lives so far.
    pub(super) starts: u32,
    /// Times that it ended by itself once it had begun to work, with its last words.
    pub(super) ended: Vec<String>,
    /// Times that it could not start, as the database was away just then.
    pub(super) refused: u32,
    pub(super) peak_kilobytes: u64,
}

pub(super) struct World {
    // Dropped in this order: processes first, the network and the folder last.
    pub(super) collectors: Vec<Collector>,
    pub(super) github: Github,
    pub(super) postgres: Postgres,
    pub(super) net: Option<Net>,
    pub(super) runtime: Runtime,
    program: PathBuf,
    pub(super) scale: Scale,
    pub(super) postgres_kilobytes: u64,
    /// The first day that has to be held: what had left the window before collecting began is
    /// nobody's loss.
    pub(super) first: Option<Day>,
    folder: tempfile::TempDir,
    stop: Arc<AtomicBool>,
    looked_at: Instant,
}

/// How often a collector that ended is started again, as a service manager would.
const RESTART: Duration = Duration::from_secs(1);
const LOOK: Duration = Duration::from_millis(500);

impl World {
    /// Starts everything, and waits until all of it is held that is published by then.
    pub(super) fn start(plan: &Plan) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()?;
        let stop = Arc::new(AtomicBool::new(false));
        watch_for_interrupts(&runtime, &stop)?;
        let folder = tempfile::Builder::new()
            .prefix("gitratra-chaos-")
            .tempdir()?;
        open_to_all(folder.path())?;
        let net = match plan.has_net {
            true => Some(Net::new(plan.collectors)?),
            false => None,
        };
        let place = folder.path().join("postgres");
        let postgres = Postgres::start(&place, net.as_ref(), plan.has_standby)?;
        let program = |name: &str| {
            let path = plan.programs.join(name);
            let path = path.canonicalize();
            path.with_context(|| {
                let folder = plan.programs.display();
                format!("there is no \"{name}\" in \"{folder}\": build it first")
            })
        };
        let github = program("gitratra-sim")?;
        let github = Github::start(&github, folder.path(), net.as_ref(), plan.scale)?;
        let collectors = (1..=plan.collectors).map(|number| Collector {
            number,
            process: None,
            log: folder.path().join(format!("collector{number}.log")),
            is_wanted: false,
            is_frozen: false,
            again_at: Instant::now(),
            starts: 0,
            ended: Vec::new(),
            refused: 0,
            peak_kilobytes: 0,
        });
        let mut world = Self {
            collectors: collectors.collect(),
            github,
            postgres,
            net,
            runtime,
            program: program("gitratra")?,
            scale: plan.scale,
            postgres_kilobytes: 0,
            first: None,
            folder,
            stop,
            looked_at: Instant::now(),
        };
        world.track()?;
        for at in 0..world.collectors.len() {
            world.start_collector(at)?;
        }
        Ok(world)
    }

    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Leaves everything that was written where it is.
    pub(super) fn keep(&mut self) {
        self.folder.disable_cleanup(true);
    }

    /// The program as collector `number`, or as this process for 0.
    fn command(&self, number: usize) -> Command {
        let namespace = self.net.as_ref().filter(|_| number > 0);
        let mut command = match namespace {
            Some(net) => {
                let mut command = Command::new("ip");
                command
                    .args(["netns", "exec", &net.of_collector(number)])
                    .arg(&self.program);
                command
            }
            None => Command::new(&self.program),
        };
        command
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .env("HOME", self.folder.path().join("home"))
            .env("GITRATRA_DB", self.postgres.url(self.net.as_ref(), number))
            .env(
                "GITRATRA_API_URL",
                self.github.url(self.net.as_ref(), number),
            )
            .env("GITRATRA_TOKEN", TOKEN)
            .env("GITRATRA_POINTS_PER_MINUTE", self.scale.points.to_string())
            .current_dir(self.folder.path());
        command
    }

    /// Runs the program to its end.
    pub(super) fn run(&self, words: &[&str]) -> Result<()> {
        let output = self.command(0).args(words).output()?;
        if !output.status.success() {
            bail!(
                "gitratra {}: {}{}",
                words.join(" "),
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr)
            );
        }
        Ok(())
    }

    fn track(&self) -> Result<()> {
        self.run(&["track", "octo/*"])
    }

    pub(super) fn start_collector(&mut self, at: usize) -> Result<()> {
        let number = self.collectors[at].number;
        let speed = self.scale.speed.to_string();
        let mut command = self.command(number);
        command.args(["serve", "--speed", &speed, "--listen", "127.0.0.1:0"]);
        let collector = &mut self.collectors[at];
        collector.process = Some(Process::start(command, &collector.log)?);
        collector.starts += 1;
        collector.is_wanted = true;
        Ok(())
    }

    /// Ends a collector without asking; it is not started again by itself.
    pub(super) fn kill_collector(&mut self, at: usize) -> Result<()> {
        let collector = &mut self.collectors[at];
        collector.note_memory();
        collector.is_wanted = false;
        match collector.process.take() {
            Some(mut process) => process.kill(),
            None => Ok(()),
        }
    }

    /// Asks a collector to end, and demands that it does so soon and well.
    pub(super) fn stop_collector(&mut self, at: usize) -> Result<()> {
        /// It promises five seconds; a busy machine is given more.
        const PATIENCE: Duration = Duration::from_secs(15);
        let collector = &mut self.collectors[at];
        collector.note_memory();
        collector.is_wanted = false;
        let Some(mut process) = collector.process.take() else {
            return Ok(());
        };
        process.ask_to_end()?;
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            if let Some(status) = process.ended()? {
                let said = process.said()?;
                // One that had only just begun may have been refused by the database.
                if !status.success() && has_worked(&said) {
                    collector
                        .ended
                        .push(format!("stopped with {status}: {}", last_words(&said)));
                }
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        collector
            .ended
            .push(format!("did not stop within {PATIENCE:?}"));
        process.kill()
    }

    pub(super) fn freeze_collector(&mut self, at: usize) -> Result<()> {
        let collector = &mut self.collectors[at];
        collector.is_frozen = true;
        collector.process.as_ref().map_or(Ok(()), Process::freeze)
    }

    pub(super) fn thaw_collector(&mut self, at: usize) -> Result<()> {
        let collector = &mut self.collectors[at];
        collector.is_frozen = false;
        collector.process.as_ref().map_or(Ok(()), Process::thaw)
    }

    /// Looks after everything for so long.
    pub(super) fn pass(&mut self, time: Duration) -> Result<()> {
        let end = Instant::now() + time;
        while Instant::now() < end {
            self.tend()?;
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    /// One look at everything: whoever ended is started again, what was asked is taken in.
    pub(super) fn tend(&mut self) -> Result<()> {
        if self.stop.load(Ordering::Relaxed) {
            bail!("interrupted");
        }
        for at in 0..self.collectors.len() {
            let collector = &mut self.collectors[at];
            collector.look()?;
            let is_down = collector.is_wanted && collector.process.is_none();
            if is_down && Instant::now() >= collector.again_at {
                self.start_collector(at)?;
            }
        }
        if self.looked_at.elapsed() >= LOOK {
            self.looked_at = Instant::now();
            // It may be frozen or gone just now.
            let _ = self.github.look();
            let memory = self.postgres.memory().map_or(0, |(_, peak)| peak);
            self.postgres_kilobytes = self.postgres_kilobytes.max(memory);
        }
        Ok(())
    }

    /// What the collectors warned of since they were started last, once each.
    pub(super) fn warnings(&self) -> Result<Vec<String>> {
        let mut all = Vec::new();
        for collector in &self.collectors {
            let said = match &collector.process {
                Some(process) => process.said()?,
                None => continue,
            };
            let lines = said.lines().filter(|line| is_warning(line));
            all.extend(lines.map(|line| without_time(line).to_owned()));
        }
        all.sort();
        all.dedup();
        Ok(all)
    }
}

impl Collector {
    fn look(&mut self) -> Result<()> {
        self.note_memory();
        let Some(process) = &mut self.process else {
            return Ok(());
        };
        let Some(status) = process.ended()? else {
            return Ok(());
        };
        let said = process.said()?;
        match has_worked(&said) {
            true => self.ended.push(format!("{status}: {}", last_words(&said))),
            false => self.refused += 1,
        }
        self.process = None;
        self.again_at = Instant::now() + RESTART;
        Ok(())
    }

    fn note_memory(&mut self) {
        let memory = self.process.as_ref().and_then(Process::memory);
        self.peak_kilobytes = self.peak_kilobytes.max(memory.map_or(0, |(_, peak)| peak));
    }

    /// The number of its process, where it has one.
    pub(super) fn id(&self) -> Option<u32> {
        self.process.as_ref().map(Process::id)
    }
}

/// Whether a collector has got to work: until then it may end because its place is not in order, as
/// one does whose store takes no writes at the start.
fn has_worked(said: &str) -> bool {
    said.contains(" repositories read, ")
}

fn last_words(said: &str) -> String {
    let lines: Vec<&str> = said.lines().rev().take(3).collect();
    lines.into_iter().rev().collect::<Vec<_>>().join(" / ")
}

fn is_warning(line: &str) -> bool {
    line.contains("WARN") || line.contains("ERROR")
}

/// A line of a log without the time before it, so that the same is seen as the same.
fn without_time(line: &str) -> &str {
    let found = ["ERROR", "WARN"]
        .into_iter()
        .find_map(|word| line.find(word));
    line.get(found.unwrap_or_default()..).unwrap_or(line)
}

/// Servers run as another user below it.
fn open_to_all(folder: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755))?;
    Ok(())
}

fn watch_for_interrupts(runtime: &Runtime, stop: &Arc<AtomicBool>) -> Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let _within = runtime.enter();
    let mut interrupts = signal(SignalKind::interrupt())?;
    let mut ends = signal(SignalKind::terminate())?;
    let stop = Arc::clone(stop);
    runtime.spawn(async move {
        tokio::select! {
            _ = interrupts.recv() => {}
            _ = ends.recv() => {}
        }
        stop.store(true, Ordering::Relaxed);
    });
    Ok(())
}
