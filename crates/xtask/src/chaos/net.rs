//! The network between the machines of a run: each has a namespace, and a wire to each that it
//! talks to, which can be pulled out or made slow.
//!
//! Servers listen within their namespaces alone, so that nobody outside of this machine reaches
//! them. Everything goes with the namespaces.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// What a collector talks to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Server {
    Database,
    Github,
}

impl Server {
    const ALL: [Self; 2] = [Self::Database, Self::Github];

    const fn word(self) -> &'static str {
        match self {
            Self::Database => "db",
            Self::Github => "hub",
        }
    }

    const fn number(self) -> usize {
        match self {
            Self::Database => 0,
            Self::Github => 1,
        }
    }
}

/// The namespaces of a run, gone with the value.
#[derive(Debug)]
pub(super) struct Net {
    /// Of this process, so that several runs do not meet.
    run: u32,
    collectors: usize,
}

const PREFIX: &str = "gitratra-chaos-";

impl Net {
    /// Makes them.
    pub(super) fn new(collectors: usize) -> Result<Self> {
        sweep()?;
        let net = Self {
            run: std::process::id(),
            collectors,
        };
        for name in net.names() {
            ip(&["netns", "add", &name])?;
            ip(&["-n", &name, "link", "set", "lo", "up"])?;
        }
        for server in Server::ALL {
            let there = net.of_server(server);
            // The one to this process has the number 0.
            net.wire(server, 0, &there, None)?;
            for number in 1..=collectors {
                net.wire(server, number, &there, Some(&net.of_collector(number)))?;
            }
        }
        Ok(net)
    }

    /// A wire between a server and a collector, or this process.
    fn wire(&self, server: Server, number: usize, there: &str, here: Option<&str>) -> Result<()> {
        let (near, far) = self.ends(server, number);
        let mut make = vec!["link", "add", &*far, "netns", there, "type", "veth"];
        make.extend(["peer", "name", &*near]);
        if let Some(here) = here {
            make.extend(["netns", here]);
        }
        ip(&make)?;
        let subnet = self.subnet(server, number);
        let far_address = format!("{subnet}.1/30");
        ip(&["-n", there, "address", "add", &far_address, "dev", &far])?;
        ip(&["-n", there, "link", "set", &far, "up"])?;
        let near_address = format!("{subnet}.2/30");
        let within: &[&str] = match here {
            Some(here) => &["-n", here],
            None => &[],
        };
        let set = |words: &[&str]| ip(&[within, words].concat());
        set(&["address", "add", &near_address, "dev", &near])?;
        set(&["link", "set", &near, "up"])
    }

    /// The names of a wire's ends, near the collector and far from it.
    fn ends(&self, server: Server, number: usize) -> (String, String) {
        // Fifteen letters at most; those of this process are among all others of the machine.
        let near = match number {
            0 => format!("gc{}{}", self.run, server.word()),
            _ => server.word().to_owned(),
        };
        (near, format!("c{number}"))
    }

    fn subnet(&self, server: Server, number: usize) -> String {
        let run = 100 + self.run % 100;
        format!("10.{run}.{}", 20 * server.number() + number)
    }

    /// Where a server is, as a collector sees it; 0 is this process.
    pub(super) fn address(&self, server: Server, number: usize) -> String {
        format!("{}.1", self.subnet(server, number))
    }

    /// From where anybody of this run comes.
    pub(super) fn all_addresses(&self) -> String {
        format!("10.{}.0.0/16", 100 + self.run % 100)
    }

    pub(super) fn of_server(&self, server: Server) -> String {
        format!("{PREFIX}{}-{}", self.run, server.word())
    }

    pub(super) fn of_collector(&self, number: usize) -> String {
        format!("{PREFIX}{}-c{number}", self.run)
    }

    fn names(&self) -> Vec<String> {
        let collectors = (1..=self.collectors).map(|number| self.of_collector(number));
        let servers = Server::ALL.map(|server| self.of_server(server));
        collectors.chain(servers).collect()
    }

    /// Pulls a wire out: what is sent is lost without a word.
    pub(super) fn cut(&self, server: Server, number: usize) -> Result<()> {
        self.set(server, number, "down")
    }

    /// Puts it back.
    pub(super) fn mend(&self, server: Server, number: usize) -> Result<()> {
        self.set(server, number, "up")
    }

    fn set(&self, server: Server, number: usize, state: &str) -> Result<()> {
        let (_, far) = self.ends(server, number);
        ip(&["-n", &self.of_server(server), "link", "set", &far, state])
    }

    /// Makes a wire slow: each packet is late where the kernel knows how, else few go at a time.
    pub(super) fn slow(&self, server: Server, number: usize) -> Result<&'static str> {
        let late = ["netem", "delay", "300ms", "100ms"];
        if self.shape(server, number, &late).is_ok() {
            return Ok("300 ms late");
        }
        let few = ["tbf", "rate", "128kbit", "burst", "4kb", "latency", "3s"];
        self.shape(server, number, &few)?;
        Ok("128 kbit/s")
    }

    fn shape(&self, server: Server, number: usize, how: &[&str]) -> Result<()> {
        let (near, far) = self.ends(server, number);
        for (name, end) in [
            (self.of_server(server), far),
            (self.of_collector(number), near),
        ] {
            let mut words = vec!["-n", &name, "qdisc", "replace", "dev", &end, "root"];
            words.extend(how);
            run("tc", &words)?;
        }
        Ok(())
    }

    /// As fast as before.
    pub(super) fn hurry(&self, server: Server, number: usize) -> Result<()> {
        let (near, far) = self.ends(server, number);
        let there = self.of_server(server);
        let here = self.of_collector(number);
        run("tc", &["-n", &there, "qdisc", "del", "dev", &far, "root"])?;
        run("tc", &["-n", &here, "qdisc", "del", "dev", &near, "root"])
    }
}

impl Drop for Net {
    fn drop(&mut self) {
        for name in self.names() {
            // One that is not there is gone already.
            let _ = ip(&["netns", "delete", &name]);
        }
    }
}

/// Whether there can be namespaces: they are for root, and of Linux.
pub(super) fn why_not() -> Option<String> {
    let probe = format!("{PREFIX}{}-probe", std::process::id());
    match ip(&["netns", "add", &probe]) {
        Ok(()) => {
            let _ = ip(&["netns", "delete", &probe]);
            None
        }
        Err(error) => Some(format!("{error:#}")),
    }
}

/// Clears away what runs that were killed have left.
fn sweep() -> Result<()> {
    let listed = Command::new("ip").args(["netns", "list"]).output()?;
    for line in String::from_utf8_lossy(&listed.stdout).lines() {
        let name = line.split(' ').next().unwrap_or_default();
        let run = name
            .strip_prefix(PREFIX)
            .and_then(|rest| rest.split('-').next());
        let Some(run) = run else { continue };
        if Path::new(&format!("/proc/{run}")).exists() {
            continue;
        }
        let inside = Command::new("ip").args(["netns", "pids", name]).output()?;
        for pid in String::from_utf8_lossy(&inside.stdout).lines() {
            let _ = Command::new("kill").args(["-KILL", pid]).status();
        }
        ip(&["netns", "delete", name])?;
    }
    Ok(())
}

fn ip(words: &[&str]) -> Result<()> {
    run("ip", words)
}

fn run(program: &str, words: &[&str]) -> Result<()> {
    let output = Command::new(program)
        .args(words)
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot run \"{program}\", which is part of iproute2"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("{program} {}: {}", words.join(" "), said.trim());
    }
    Ok(())
}
