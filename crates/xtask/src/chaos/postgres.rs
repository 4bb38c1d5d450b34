//! The database of a run: a PostgreSQL server of its own, and a standby that takes over.
//!
//! Its files are not forced to the disk, since nothing here cuts the power: what a killed server
//! wrote is still with the system.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::Signal;
use tokio_postgres::{Client, NoTls};

use super::net::{Net, Server};
use super::process::{memory, signal_family};

/// Connections at most: little more than the collectors of a run keep.
const CONNECTIONS: usize = 60;
/// Room on the disk of each server, in megabytes.
const ROOM_MB: u64 = 200;

/// The servers, stopped and cleared away with the value.
pub(super) struct Postgres {
    folder: PathBuf,
    programs: PathBuf,
    ports: [u16; 2],
    /// Which of the two takes writes.
    primary: usize,
    namespace: Option<String>,
    /// Where this process reaches it.
    host: String,
    is_root: bool,
    /// Whether the tables lie on a small disk of their own.
    has_disk: bool,
    has_standby: bool,
}

impl Postgres {
    /// Makes a server, and a standby of it.
    pub(super) fn start(folder: &Path, net: Option<&Net>, has_standby: bool) -> Result<Self> {
        let is_root = rustix::process::geteuid().is_root();
        let ports = match net {
            Some(_) => [5432, 5433],
            None => [free_port()?, free_port()?],
        };
        let server = Self {
            folder: folder.to_owned(),
            programs: programs()?,
            ports,
            primary: 0,
            namespace: net.map(|net| net.of_server(Server::Database)),
            host: net.map_or_else(
                || "127.0.0.1".to_owned(),
                |net| net.address(Server::Database, 0),
            ),
            is_root,
            has_disk: is_root && net.is_some(),
            has_standby,
        };
        server.own(folder)?;
        let data = server.data(0);
        let mut make = server.tool("initdb");
        make.args(["-A", "trust", "-U", "gitratra", "--no-sync"]);
        make.args(["-E", "UTF8", "--locale=C.UTF-8", "-D"]);
        finish(make.arg(&data))?;
        if let Some(net) = net {
            let all = net.all_addresses();
            let line = format!("host all all {all} trust\n");
            let file = data.join("pg_hba.conf");
            let text = fs::read_to_string(&file)? + &line;
            fs::write(file, text)?;
        }
        server.make_disks()?;
        server.launch(0)?;
        let disk = server.has_disk.then(|| {
            format!(
                "create tablespace small location '{}'",
                server.disk(0).join("space").display()
            )
        });
        server.tell("postgres", disk.as_deref().unwrap_or("select 1"))?;
        server.tell("postgres", "create role app login")?;
        let place = if server.has_disk {
            "tablespace small"
        } else {
            ""
        };
        server.tell(
            "postgres",
            &format!("create database traffic owner app {place}"),
        )?;
        if has_standby {
            server.follow()?;
        }
        Ok(server)
    }

    /// The address of the database as somebody sees it: 0 is this process.
    pub(super) fn url(&self, net: Option<&Net>, number: usize) -> String {
        let host = net.map_or_else(
            || self.host.clone(),
            |net| net.address(Server::Database, number),
        );
        let [one, two] = self.ports;
        match self.has_standby {
            true => format!("postgres://app@{host}:{one},{host}:{two}/traffic"),
            false => format!("postgres://app@{host}:{one}/traffic"),
        }
    }

    pub(super) fn has_disk(&self) -> bool {
        self.has_disk
    }

    pub(super) fn has_standby(&self) -> bool {
        self.has_standby
    }

    fn data(&self, which: usize) -> PathBuf {
        self.folder.join(format!("data{which}"))
    }

    fn disk(&self, which: usize) -> PathBuf {
        self.folder.join(format!("disk{which}"))
    }

    fn own(&self, folder: &Path) -> Result<()> {
        fs::create_dir_all(folder)?;
        if self.is_root {
            finish(Command::new("chown").arg("postgres").arg(folder))?;
        }
        Ok(())
    }

    /// A small file system for the tables of each server: what is full then is not its log.
    fn make_disks(&self) -> Result<()> {
        if !self.has_disk {
            return Ok(());
        }
        for which in [0, 1] {
            let disk = self.disk(which);
            fs::create_dir_all(&disk)?;
            let size = format!("size={ROOM_MB}m");
            let mut mount = Command::new("mount");
            finish(mount.args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(&disk))?;
            self.own(&disk)?;
            self.own(&disk.join("space"))?;
        }
        Ok(())
    }

    /// One of PostgreSQL's programs, as whoever the servers belong to and where they are.
    fn tool(&self, name: &str) -> Command {
        let mut words: Vec<std::ffi::OsString> = Vec::new();
        if let Some(namespace) = &self.namespace {
            words.extend(["ip", "netns", "exec", namespace].map(Into::into));
        }
        if self.is_root {
            words.extend(["runuser", "-u", "postgres", "--"].map(Into::into));
        }
        words.push(self.programs.join(name).into());
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).current_dir("/");
        command
    }

    fn control(&self, which: usize, words: &[&str]) -> Result<()> {
        let log = self.folder.join("server.log");
        let mut control = self.tool("pg_ctl");
        control
            .arg("-D")
            .arg(self.data(which))
            .arg("-w")
            .arg("-l")
            .arg(log);
        finish(control.args(words))
    }

    fn launch(&self, which: usize) -> Result<()> {
        // Within a namespace nobody else is there to hear it.
        let listen = if self.namespace.is_some() {
            "*"
        } else {
            "127.0.0.1"
        };
        let options = format!(
            "-p {} -c listen_addresses={listen} -c unix_socket_directories='' -c fsync=off \
             -c max_connections={CONNECTIONS} -c wal_level=replica -c max_wal_senders=4 \
             -c wal_keep_size=512MB -c max_wal_size=256MB -c hot_standby=on \
             -c shared_buffers=32MB -c log_min_messages=fatal -c restart_after_crash=on",
            self.ports[which]
        );
        self.control(which, &["-o", &options, "start"])
    }

    /// Makes the other server a standby of the one that takes writes.
    fn follow(&self) -> Result<()> {
        let other = 1 - self.primary;
        let data = self.data(other);
        if data.exists() {
            fs::remove_dir_all(&data)?;
        }
        let mut copy = self.tool("pg_basebackup");
        let port = self.ports[self.primary].to_string();
        copy.args(["-h", "127.0.0.1", "-p", &port, "-U", "gitratra", "-R"]);
        copy.args(["-X", "stream", "-c", "fast", "--no-sync", "-D"])
            .arg(&data);
        if self.has_disk {
            let space = |which: usize| self.disk(which).join("space");
            let to = space(other);
            fs::remove_dir_all(&to)?;
            self.own(&to)?;
            let map = format!("{}={}", space(self.primary).display(), to.display());
            copy.args(["-T", &map]);
        }
        finish(&mut copy)?;
        self.launch(other)
    }

    /// Stops it as an administrator would.
    pub(super) fn stop(&self) -> Result<()> {
        self.control(self.primary, &["-m", "fast", "stop"])
    }

    /// Kills it and all that belongs to it.
    pub(super) fn kill(&self) -> Result<()> {
        let pid = self.pid()?;
        signal_family(pid, Signal::KILL);
        let gone = Path::new("/proc").join(pid.to_string());
        wait_until(|| !gone.exists(), "the killed server is still there")
    }

    /// Starts what was stopped or killed.
    pub(super) fn start_again(&self) -> Result<()> {
        // What a killed one shared with its children may take a moment to go.
        let mut last = Ok(());
        for _ in 0..20 {
            last = self.launch(self.primary);
            if last.is_ok() {
                break;
            }
            std::thread::sleep(Duration::from_millis(500));
        }
        last
    }

    pub(super) fn freeze(&self) -> Result<()> {
        signal_family(self.pid()?, Signal::STOP);
        Ok(())
    }

    pub(super) fn thaw(&self) -> Result<()> {
        signal_family(self.pid()?, Signal::CONT);
        Ok(())
    }

    /// Kills the one that takes writes and lets the standby take over.
    pub(super) fn fail_over(&mut self) -> Result<()> {
        self.kill()?;
        self.promote()
    }

    /// Lets the standby take over from whatever the other is.
    pub(super) fn promote(&mut self) -> Result<()> {
        let other = 1 - self.primary;
        self.control(other, &["promote"])?;
        self.primary = other;
        Ok(())
    }

    /// Makes the one that failed the standby of the one that took over.
    pub(super) fn pair_again(&self) -> Result<()> {
        self.follow()
    }

    /// Leaves no room on the disk of the tables.
    pub(super) fn fill(&self) -> Result<()> {
        use std::io::Write as _;
        let mut ballast = fs::File::create(self.ballast())?;
        let block = vec![7; 64 * 1024];
        while ballast.write_all(&block).is_ok() {}
        while ballast.write_all(&block[..1024]).is_ok() {}
        Ok(())
    }

    /// Makes room again.
    pub(super) fn make_room(&self) -> Result<()> {
        // After a failover it is on the other's disk.
        for which in [0, 1] {
            let ballast = self.disk(which).join("ballast");
            if ballast.exists() {
                fs::remove_file(ballast)?;
            }
        }
        Ok(())
    }

    fn ballast(&self) -> PathBuf {
        self.disk(self.primary).join("ballast")
    }

    fn pid(&self) -> Result<u32> {
        let file = self.data(self.primary).join("postmaster.pid");
        let text = fs::read_to_string(file).context("the server does not run")?;
        Ok(text.lines().next().unwrap_or_default().parse()?)
    }

    /// The memory of the server's first process, in kilobytes.
    pub(super) fn memory(&self) -> Option<(u64, u64)> {
        memory(self.pid().ok()?)
    }

    /// A connection of its administrator's.
    pub(super) async fn connect(&self, database: &str, user: &str) -> Result<Client> {
        let (host, port) = (&self.host, self.ports[self.primary]);
        let address = format!("postgres://{user}@{host}:{port}/{database}?connect_timeout=3");
        let connecting = tokio_postgres::connect(&address, NoTls);
        let (client, connection) =
            tokio::time::timeout(Duration::from_secs(5), connecting).await??;
        tokio::spawn(connection);
        Ok(client)
    }

    fn tell(&self, database: &str, sql: &str) -> Result<()> {
        let port = self.ports[self.primary].to_string();
        let mut psql = self.tool("psql");
        psql.args(["-h", "127.0.0.1", "-p", &port, "-U", "gitratra", "-X", "-q"]);
        finish(psql.args(["-v", "ON_ERROR_STOP=1", "-d", database, "-c", sql]))
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        for which in [0, 1] {
            let file = self.data(which).join("postmaster.pid");
            let text = fs::read_to_string(file).unwrap_or_default();
            if let Some(Ok(pid)) = text.lines().next().map(str::parse) {
                signal_family(pid, Signal::KILL);
                let gone = Path::new("/proc").join(pid.to_string());
                let _ = wait_until(|| !gone.exists(), "");
            }
        }
        if self.has_disk {
            for which in [0, 1] {
                let mut unmount = Command::new("umount");
                let _ = finish(unmount.arg("--lazy").arg(self.disk(which)));
            }
        }
    }
}

/// Waits for what comes soon.
fn wait_until(mut is_so: impl FnMut() -> bool, what: &str) -> Result<()> {
    let began = Instant::now();
    while !is_so() {
        if began.elapsed() > Duration::from_secs(20) {
            bail!("{what}");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

/// Runs a program to its end. What it starts may live on and keep its output open.
fn finish(command: &mut Command) -> Result<()> {
    let log = tempfile::tempfile()?;
    let status = command
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log.try_clone()?)
        .status()
        .with_context(|| format!("cannot run {}", command.get_program().display()))?;
    if status.success() {
        return Ok(());
    }
    use std::io::{Read as _, Seek as _};
    let (mut log, mut text) = (log, String::new());
    log.rewind()?;
    log.read_to_string(&mut text)?;
    bail!("{command:?}: {}", text.trim())
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// Where PostgreSQL's programs are: Debian keeps them off the path.
fn programs() -> Result<PathBuf> {
    let listed = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let mut found: Vec<PathBuf> = listed
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .collect();
    found.sort();
    let on_path = std::env::var_os("PATH").unwrap_or_default();
    let named = std::env::var_os("PG_BIN").map(PathBuf::from);
    let all = found
        .into_iter()
        .rev()
        .chain(std::env::split_paths(&on_path));
    let mut all = named.into_iter().chain(all);
    all.find(|folder| folder.join("initdb").exists() && folder.join("pg_ctl").exists())
        .context(
            "no PostgreSQL found; install it (Debian: apt-get install postgresql) or set PG_BIN",
        )
}
