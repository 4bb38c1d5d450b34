//! The simulation as a program.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Output, Stdio};

use gitratra_sim::{AppKey, Sim};

use crate::client::{holder, nobody, rows};

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

#[tokio::test]
async fn it_plays_apps_logins_and_bad_weather() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    let key = folder.join(format!("app-{}.pem", std::process::id()));
    let mut child = Command::new(PROGRAM)
        .args(["--repos", "3", "--speed", "0", "--app", "42", "--app-key"])
        .arg(&key)
        .args([
            "--oauth-app",
            "Ov23liX",
            "--stale",
            "1:3",
            "--fault-rate",
            "0.5",
        ])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let stdout = child.stdout.take().unwrap();
    let _running = Running(child);
    let mut lines = BufReader::new(stdout).lines().map(|line| line.unwrap());
    let url = lines.next().unwrap();
    let url = url.strip_prefix("url ").unwrap().to_string();
    assert_eq!(lines.next().unwrap(), "token ghp_simulated");
    assert_eq!(lines.next().unwrap(), "app 42");
    let written = std::fs::read_to_string(&key).unwrap();
    std::fs::remove_file(&key).unwrap();
    assert_eq!(written, AppKey::usual().pkcs1());
    let twin = Sim::builder().start().await;
    let client = nobody(&twin).at(&url);
    for _ in 0..20 {
        let _ = client.try_get("/versions").await;
    }
    let faults = client.get("/_sim/counters").await.json()["faults"].as_u64();
    assert!((3..18).contains(&faults.unwrap()), "{faults:?}");
    client.post("/_sim/fault_mix?probability=0", "").await;
    let path = "/repos/octo/amber-api/traffic/views";
    let stale = holder(&twin, "ghp_simulated").at(&url).rows(path).await;
    assert!(stale.last().unwrap().0.as_str() < "2026-03-09");
    let form = "client_id=Ov23liX";
    assert_eq!(client.post("/login/device/code", form).await.status, 200);
    let codes = client.get("/_sim/device_codes").await.json();
    assert_eq!(codes.as_array().unwrap().len(), 1);
}

#[test]
fn wrong_options_are_named() {
    for (arguments, expected) in [
        (
            &["--repos", "many"][..],
            "cannot read \"many\" as the value of --repos",
        ),
        (&["--nonsense", "1"], "no option \"--nonsense\"; see --help"),
        (
            &["--stale", "0.5"],
            "cannot read \"\" as the value of --stale",
        ),
        (
            &["--fault-rate", "5"],
            "--fault-rate wants a number from 0 to 1, not \"5\"",
        ),
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
