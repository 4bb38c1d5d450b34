//! Commands: what they are told, and how they fail.

use std::path::Path;
use std::time::Duration;

use gitratra_notify::{Channel, SendError};

use crate::{SECRET, channel, message};

fn shell(script: &str) -> Channel {
    let argv = toml::Value::try_from(["sh", "-c", script]).unwrap();
    channel(&format!(
        "kind = \"command\"\nname = \"here\"\nargv = {argv}"
    ))
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

#[tokio::test]
async fn a_command_is_told_by_standard_input_and_environment() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().display();
    shell(&format!("cat > '{at}/in'; env > '{at}/env'"))
        .send(&message())
        .await
        .unwrap();
    let body = read(&folder.path().join("in"));
    assert!(body.starts_with('{') && body.ends_with('}'));
    for part in [
        r#""event":"raised""#,
        r#""key":"days-left/7""#,
        r#""repositories":["octo/hello"]"#,
        r#""more":2"#,
        r#""at":"2026-03-10T09:00:00Z""#,
    ] {
        assert!(body.contains(part), "{body}");
    }
    let env = read(&folder.path().join("env"));
    for line in [
        "GITRATRA_ALARM_EVENT=raised",
        "GITRATRA_ALARM_SUBJECT=gitratra: octo/hello loses a day in 3 days",
        "GITRATRA_ALARM_REPOSITORIES=octo/hello",
    ] {
        assert!(env.lines().any(|known| known == line), "{env}");
    }
}

/// Runs itself in a process whose environment holds secrets.
#[tokio::test]
async fn a_command_sees_no_token() {
    const OUT: &str = "NOTIFY_TEST_OUT";
    if let Some(out) = std::env::var_os(OUT) {
        let config = "kind = \"webhook\"\nurl_env = \"THE_SECRET\"";
        let script = format!("env > '{}'", Path::new(&out).display());
        let argv = toml::Value::try_from(["sh", "-c", &script]).unwrap();
        let command = format!("kind = \"command\"\nargv = {argv}");
        let configs = [config, &command].map(|config| toml::from_str(config).unwrap());
        let env = |_: &str| Some("https://example.org/".into());
        let channels = gitratra_notify::open(&configs, &env).unwrap();
        return channels[1].send(&message()).await.unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("env");
    let mut inner = std::process::Command::new(std::env::current_exe().unwrap());
    inner.args(["--exact", "command::a_command_sees_no_token"]);
    for name in [
        "GITRATRA_TOKEN",
        "GITRATRA_APP_KEY_FILE",
        "GITRATRA_DB",
        "GITHUB_TOKEN",
        "GH_TOKEN",
        "THE_SECRET",
    ] {
        inner.env(name, SECRET);
    }
    inner.env("HARMLESS", "kept").env(OUT, &out);
    assert!(inner.output().unwrap().status.success());
    let env = read(&out);
    assert!(!env.contains(SECRET), "{env}");
    assert!(env.contains("HARMLESS=kept"), "{env}");
}

#[tokio::test]
async fn no_shell_reads_the_arguments() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("$(echo x)");
    let argv = toml::Value::try_from(["touch", path.to_str().unwrap()]).unwrap();
    let channel = channel(&format!("kind = \"command\"\nargv = {argv}"));
    channel.send(&message()).await.unwrap();
    assert!(path.exists());
}

#[tokio::test]
async fn the_first_line_of_its_complaint_is_shown() {
    let error = shell("echo >&2; echo 'no such pager' >&2; echo more >&2; exit 3");
    let error = error.send(&message()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "channel \"here\": \"sh\" did not take the message: it ended with 3: no such pager"
    );
}

#[tokio::test]
async fn a_command_that_reads_nothing_and_talks_much_is_fine() {
    let script = "i=0; while [ $i -lt 20000 ]; do echo 0123456789 >&2; i=$((i+1)); done";
    shell(script).send(&message()).await.unwrap();
}

#[tokio::test]
async fn what_cannot_be_started_is_unreachable() {
    let channel = channel("kind = \"command\"\nargv = [\"/nowhere/pager\"]");
    let error = channel.send(&message()).await.unwrap_err();
    assert!(
        matches!(&error, SendError::Unreachable { to, .. } if to == "pager"),
        "{error}"
    );
}

#[tokio::test]
async fn what_a_command_leaves_running_holds_nobody_up() {
    let error = shell("sleep 300 & exit 4").send(&message()).await;
    assert!(matches!(error, Err(SendError::Refused { .. })));
}

/// The command has its time and no more, and neither has what it started: a pipe that all of them
/// hold open is at its end.
#[cfg(unix)]
#[tokio::test]
async fn a_command_that_hangs_is_ended_with_all_it_started() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pipe");
    let mode = rustix::fs::Mode::RWXU;
    rustix::fs::mkfifoat(rustix::fs::CWD, &path, mode).unwrap();
    let reading = {
        let path = path.clone();
        tokio::task::spawn_blocking(move || std::fs::read_to_string(path).unwrap())
    };
    let script = format!(
        "exec 3> '{}'; echo up >&3; sleep 300 & sleep 300",
        path.display()
    );
    let channel = shell(&script).with_limit(Duration::from_secs(4));
    let error = channel.send(&message()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "channel \"here\" did not take the message within 4 s"
    );
    assert_eq!(reading.await.unwrap(), "up\n");
}
