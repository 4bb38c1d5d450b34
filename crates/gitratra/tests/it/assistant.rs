//! `mcp` as an assistant starts it: a real client of the protocol, and how the program ends.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use gitratra_sim::{Metric, RepoSpec};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::exported::days;
use crate::house::{House, finish, github, until};

const PUBLIC: [&str; 2] = ["octo/busy", "octo/quiet"];
const PRIVATE: &str = "octo/plans";

/// Where `scripts/test` installs the client, or what `GITRATRA_PYTHON` names.
fn python() -> PathBuf {
    let named = std::env::var_os("GITRATRA_PYTHON").map(PathBuf::from);
    let python = named.unwrap_or_else(|| {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/venv/bin/python")
    });
    assert!(
        python.exists(),
        "the client is missing: scripts/test installs it, or `python3 -m venv target/venv && \
         target/venv/bin/pip install mcp==2.3.0`"
    );
    python
}

/// Twenty days of three repositories, one of which is private, and what is true of the others.
fn collected() -> (House, Value) {
    let sim = github()
        .seed(5)
        .at("2026-03-10T12:00:00Z")
        .repo(RepoSpec::new(PUBLIC[0]).mean_views(200.0))
        .repo(RepoSpec::new(PUBLIC[1]).mean_views(0.5))
        .repo(RepoSpec::new(PRIVATE).mean_views(50.0).private())
        .start_on_thread();
    let house = House::with(&sim);
    house
        .run(&["track", PUBLIC[0], PUBLIC[1], PRIVATE])
        .exits(0);
    for _ in 0..3 {
        house.go("sync").exits(0);
        sim.advance_days(3);
    }
    house.go("sync").exits(0);
    let public = PUBLIC.map(|repo| {
        let newest = sim.newest(repo, Metric::Views);
        let views = days("2026-02-24", newest);
        let views: serde_json::Map<String, Value> = views
            .map(|day| {
                let (views, _) = sim.truth(repo, Metric::Views, day);
                (day.to_string(), json!(views))
            })
            .collect();
        json!({"name": repo, "views": views})
    });
    (house, json!({"public": public, "private": PRIVATE}))
}

#[test]
fn a_real_client_understands_every_tool() {
    let (house, expected) = collected();
    let expected = house.write("expected.json", expected.to_string());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/assistant.py");
    let mut command = house.bare(python().to_str().unwrap());
    command
        .arg(script)
        .arg(env!("CARGO_BIN_EXE_gitratra"))
        .arg(expected);
    finish(command, "").exits(0).shows(&["understood"]);
}

fn start(house: &House, stdin: impl Into<Stdio>) -> Child {
    let mut command = house.command(&["mcp"]);
    command.stdin(stdin);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

const HELLO: &str = r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"a test","version":"1"}}}"#;

/// Waits until a program has greeted, and gives what it says after that.
fn greeted(child: &mut Child) -> impl std::io::Read + use<> {
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    let greeting: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(greeting["result"]["serverInfo"]["name"], "gitratra");
    out
}

fn ends_well(mut child: Child, mut out: impl std::io::Read) {
    until(|| child.try_wait().unwrap().is_some());
    let mut said = String::new();
    out.read_to_string(&mut said).unwrap();
    assert!(said.is_empty(), "{said}");
    let mut err = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut err)
        .unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0), "{err}");
    assert!(!err.contains("panicked"), "{err}");
}

#[test]
fn it_ends_when_its_input_does() {
    let (house, _) = collected();
    // Through a pipe, and through a socket as some assistants have it.
    let mut child = start(&house, Stdio::piped());
    let mut input = child.stdin.take().unwrap();
    writeln!(input, "{HELLO}").unwrap();
    let out = greeted(&mut child);
    drop(input);
    ends_well(child, out);
    let (mut ours, theirs) = UnixStream::pair().unwrap();
    let mut child = start(&house, OwnedFd::from(theirs));
    writeln!(ours, "{HELLO}").unwrap();
    let out = greeted(&mut child);
    drop(ours);
    ends_well(child, out);
    // Also where nobody ever asks.
    let ran = house.go("mcp").exits(0);
    assert!(ran.out.is_empty() && ran.err.is_empty(), "{ran:?}");
}

#[test]
fn it_ends_when_it_is_told_to() {
    let (house, _) = collected();
    let (mut ours, theirs) = UnixStream::pair().unwrap();
    for signal in [Signal::INT, Signal::TERM] {
        // A read of a pipe can be taken back, one of a socket cannot.
        let mut child = start(&house, Stdio::piped());
        let mut input = child.stdin.take().unwrap();
        writeln!(input, "{HELLO}").unwrap();
        let out = greeted(&mut child);
        kill_process(Pid::from_child(&child), signal).unwrap();
        ends_well(child, out);
        let mut child = start(&house, OwnedFd::from(theirs.try_clone().unwrap()));
        writeln!(ours, "{HELLO}").unwrap();
        let out = greeted(&mut child);
        kill_process(Pid::from_child(&child), signal).unwrap();
        ends_well(child, out);
    }
}

#[test]
fn it_makes_no_store_where_there_is_none() {
    let house = House::empty();
    let ran = house.go("mcp").exits(2);
    assert!(ran.out.is_empty(), "{}", ran.out);
    ran.says(&["there is no store at", "gitratra sync OWNER/NAME"]);
    assert!(house.files().is_empty(), "{:?}", house.files());
}

#[test]
fn what_is_no_protocol_is_told_on_stderr() {
    let (house, _) = collected();
    let ran = house.run_with_input(&["mcp"], "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n");
    assert!(ran.out.is_empty(), "{}", ran.out);
    ran.exits(2).says(&["docs/mcp.md"]);
    // What is no JSON at all is nobody's question.
    let ran = house.run_with_input(&["mcp"], "hello\n").exits(0);
    assert!(ran.out.is_empty() && ran.err.is_empty(), "{ran:?}");
}
