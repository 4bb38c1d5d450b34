//! The simulation as a program.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Output, Stdio};

use gitratra_sim::Sim;

use crate::client::{holder, rows};

const PROGRAM: &str = env!("CARGO_BIN_EXE_gitratra-sim");

/// Ends the program when the test is over.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn run(arguments: &[&str]) -> Output {
    Command::new(PROGRAM).args(arguments).output().unwrap()
}

#[tokio::test]
async fn it_prints_its_address_and_token_and_answers() {
    let mut child = Command::new(PROGRAM)
        .args(["--seed", "7", "--repos", "3", "--owner", "acme"])
        .args(["--at", "2026-03-10T12:00:00Z", "--speed", "0"])
        .args(["--token", "ghp_mine", "--no-limits", "--latency-ms", "0"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let stdout = child.stdout.take().unwrap();
    let _running = Running(child);
    let mut lines = BufReader::new(stdout).lines();
    let url = lines.next().unwrap().unwrap();
    let url = url.strip_prefix("url ").unwrap();
    assert_eq!(lines.next().unwrap().unwrap(), "token ghp_mine");
    // The same seed on this side tells what to expect.
    let twin = Sim::builder()
        .seed(7)
        .fleet("acme", 3)
        .token("ghp_mine")
        .start()
        .await;
    let path = "/repos/acme/amber-api/traffic/views";
    let expected = holder(&twin, "ghp_mine").get(path).await;
    let answer = holder(&twin, "ghp_mine").at(url).get(path).await;
    assert_eq!(answer.status, 200);
    assert_eq!(rows(&answer.json()), rows(&expected.json()));
}

#[test]
fn wrong_options_are_named() {
    for (arguments, expected) in [
        (
            &["--repos", "many"][..],
            "cannot read \"many\" as the value of --repos",
        ),
        (&["--nonsense", "1"], "no option \"--nonsense\"; see --help"),
        (&["--at"], "cannot read \"\" as the value of --at"),
    ] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2));
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(text.contains(expected), "{text}");
    }
    let help = run(&["--help"]);
    assert!(help.status.success() && help.stdout.starts_with(b"gitratra-sim"));
}
