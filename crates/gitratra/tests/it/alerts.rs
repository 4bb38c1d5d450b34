//! Channels: one test message through each, and what is told of those that do not work.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::thread;

use serde_json::Value;

use crate::house::{House, github};

/// A program in the folder that keeps what it is told.
fn program(house: &House, name: &str, script: &str) -> String {
    let path = house.write(name, format!("#!/bin/sh\n{script}\n"));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path.display().to_string()
}

/// Takes one request and answers it; what it was sent is what the thread gives.
fn receiver(status: &'static str) -> (String, thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!(
        "http://{}/rooms/hunter2hunter2",
        listener.local_addr().unwrap()
    );
    let taken = thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let mut reader = BufReader::new(stream);
        let mut length = 0;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            let header = line.to_ascii_lowercase();
            if let Some(text) = header.strip_prefix("content-length:") {
                length = text.trim().parse().unwrap();
            }
            if line.trim().is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        reader.get_mut().write_all(answer.as_bytes()).unwrap();
        String::from_utf8(body).unwrap()
    });
    (url, taken)
}

fn configure(house: &House, text: &str) {
    house.write("config/gitratra/config.toml", text);
}

#[test]
fn each_channel_gets_one_message_and_a_line() {
    let sim = github().start_on_thread();
    let house = House::with(&sim);
    let page = program(&house, "page-me", "/bin/cat > told.json");
    let (url, taken) = receiver("204 No Content");
    configure(
        &house,
        &format!(
            "[[notify]]\nkind = \"command\"\nargv = [\"{page}\"]\n\
             [[notify]]\nkind = \"webhook\"\nname = \"team room\"\nurl = \"{url}\"\n"
        ),
    );
    let ran = house.go("alerts test").exits(0);
    assert_eq!(ran.out, "command    sent\nteam room  sent\n");
    assert!(ran.err.is_empty(), "{}", ran.err);
    let posted: Value = serde_json::from_str(&taken.join().unwrap()).unwrap();
    let told: Value = serde_json::from_str(&house.read("told.json")).unwrap();
    for message in [posted, told] {
        assert_eq!(message["key"], "test", "{message}");
        // The time is GitHub's.
        assert_eq!(message["at"], "2026-03-10T12:00:00Z", "{message}");
    }
    assert!(!house.database().exists(), "no store is needed");
}

#[test]
fn a_channel_that_does_not_work_is_told_and_costs_no_other_anything() {
    let sim = github().start_on_thread();
    let house = House::with(&sim).set("ROOM_SECRET", "hunter2hunter2");
    let page = program(&house, "page-me", "/bin/cat > told.json");
    let broken = program(&house, "broken", "echo 'the pager is off' >&2; exit 3");
    let (url, taken) = receiver("404 Not Found");
    configure(
        &house,
        &format!(
            "[[notify]]\nkind = \"command\"\nname = \"broken\"\nargv = [\"{broken}\"]\n\
             [[notify]]\nkind = \"command\"\nname = \"pager\"\nargv = [\"{page}\"]\n\
             [[notify]]\nkind = \"webhook\"\nname = \"room\"\nurl = \"{url}\"\n\
             secret_env = \"ROOM_SECRET\"\n"
        ),
    );
    let ran = house.go("alerts test --json").exits(1);
    let sent = ran.json();
    let names = |is_sent: bool| {
        let of = sent.as_array().unwrap().iter();
        let of = of.filter(|one| one["is_sent"] == is_sent);
        of.map(|one| one["channel"].as_str().unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        (names(true), names(false)),
        (vec!["pager"], vec!["broken", "room"])
    );
    assert!(
        sent[0]["error"]
            .as_str()
            .unwrap()
            .contains("the pager is off"),
        "{sent}"
    );
    assert!(sent[2]["error"].as_str().unwrap().contains("404"), "{sent}");
    assert!(
        !ran.out.contains("hunter2") && !ran.err.contains("hunter2"),
        "{ran:?}"
    );
    assert!(Path::new(&house.path("told.json")).exists());
    taken.join().unwrap();
}

#[test]
fn channels_work_also_where_github_does_not() {
    let house = House::empty().set("GITRATRA_API_URL", "http://127.0.0.1:1");
    let page = program(&house, "page-me", "/bin/cat > told.json");
    configure(
        &house,
        &format!("[[notify]]\nkind = \"command\"\nargv = [\"{page}\"]\n"),
    );
    let ran = house
        .go("alerts test")
        .exits(0)
        .says(&["cannot be reached"]);
    assert_eq!(ran.out, "command  sent\n");
}

#[test]
fn without_channels_it_says_how_to_make_one() {
    let house = House::empty();
    let ran = house.go("alerts test").exits(2);
    let ran = ran.says(&[
        "no channel is configured",
        "[[notify]]",
        "no configuration was read",
    ]);
    assert!(ran.out.is_empty(), "{}", ran.out);
    configure(&house, "jobs = 3\n");
    house
        .go("alerts test")
        .exits(2)
        .says(&["[[notify]]", "config.toml"]);
}

#[test]
fn what_is_wrong_with_a_channel_is_told_without_its_secrets() {
    for (table, expected) in [
        ("kind = \"pigeon\"\n", "pigeon"),
        (
            "kind = \"webhook\"\nurl_env = \"ROOM_URL\"\n",
            "\"ROOM_URL\", which is not set",
        ),
        (
            "kind = \"webhook\"\nurl = \"https://h.example/hunter2\nname = \"x\"\n",
            "line 3, key \"url\"",
        ),
        (
            "kind = \"webhook\"\nurl = \"https://h.example/hunter2\"\nsercet = \"hunter2\"\n",
            "sercet",
        ),
        (
            "kind = \"command\"\nargv = \"curl https://h.example/hunter2\"\n",
            "a sequence",
        ),
    ] {
        let house = House::empty().set("GITRATRA_API_URL", "http://127.0.0.1:1");
        configure(&house, &format!("[[notify]]\n{table}"));
        let ran = house.go("alerts test").exits(2).says(&[expected]);
        assert!(!ran.err.contains("hunter2"), "{}", ran.err);
    }
}
