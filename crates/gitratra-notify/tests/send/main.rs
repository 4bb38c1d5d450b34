//! Messages sent to a real command, a real HTTP receiver and a real mail server on loopback.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod command;
mod mail;
mod sink;
mod webhook;

use gitratra_core::alarm::{Event, Message};
use gitratra_notify::{Channel, Notify, OpenError, SecretString, open};

/// What no text may ever show.
const SECRET: &str = "hunter2hunter2";

fn message() -> Message {
    Message {
        channel: "here".to_owned(),
        event: Event::Raised,
        key: "days-left/7".to_owned(),
        keys: vec!["days-left/7".to_owned()],
        subject: "gitratra: octo/hello loses a day in 3 days".to_owned(),
        text: "octo/hello was read up to 2026-02-25.\n\n.\n\nWhat to do: größer denken.\n"
            .to_owned(),
        repositories: vec!["octo/hello".to_owned()],
        more: 2,
        at: "2026-03-10T09:00:00Z".parse().unwrap(),
    }
}

fn try_channel(config: &str) -> Result<Channel, OpenError> {
    let config: Notify = toml::from_str(config).unwrap();
    let env = |name: &str| (name == "THE_SECRET").then(|| SecretString::from(SECRET));
    let mut channels = open(&[config], &env)?;
    Ok(channels.remove(0))
}

fn channel(config: &str) -> Channel {
    try_channel(config).unwrap()
}

#[test]
fn the_example_of_the_documentation_opens() {
    #[derive(serde::Deserialize)]
    struct File {
        notify: Vec<Notify>,
    }
    let text = include_str!("../../src/lib.rs");
    let (_, example) = text.split_once("//! ```toml\n").unwrap();
    let (example, _) = example.split_once("//! ```\n").unwrap();
    let file: File = toml::from_str(&example.replace("//!", "")).unwrap();
    let env = |name: &str| match name {
        "ROOM_URL" => Some(SecretString::from("https://chat.example.org/hooks/1")),
        _ => Some(SecretString::from(SECRET)),
    };
    let channels = open(&file.notify, &env).unwrap();
    let names: Vec<_> = channels.iter().map(Channel::name).collect();
    assert_eq!(names, ["command", "team room", "email"]);
}

#[test]
fn two_channels_of_one_name_are_refused() {
    let one: Notify = toml::from_str("kind = \"command\"\nargv = [\"true\"]").unwrap();
    let error = open(&[one.clone(), one], &|_| None).unwrap_err();
    assert_eq!(
        error.to_string(),
        "two channels are called \"command\", give each its own \"name\""
    );
}

#[test]
fn a_secret_that_is_not_there_is_named() {
    let error = try_channel("kind = \"webhook\"\nurl_env = \"NOT_SET\"").unwrap_err();
    assert_eq!(
        error.to_string(),
        "channel \"webhook\" takes a secret from \"NOT_SET\", which is not set"
    );
    let error = try_channel("kind = \"webhook\"\nurl_file = \"/nowhere/url\"").unwrap_err();
    assert!(error.to_string().contains("\"/nowhere/url\""));
    let error = try_channel("kind = \"webhook\"\nurl_env = \"THE_SECRET\"").unwrap_err();
    assert!(!format!("{error} {error:?}").contains(SECRET));
}
