//! `alerts`: the channels through which trouble is told.

use std::time::Duration;

use anyhow::Result;
use futures_util::future::join_all;
use gitratra_core::Timestamp;
use gitratra_github::{Credential, RetryPolicy};
use gitratra_notify::{Channel, SendError};
use serde::Serialize;

use crate::Exit;
use crate::args::{self, AlertsCommand};
use crate::connect;
use crate::output::Voice;
use crate::settings::Settings;

use crate::clock::machine_time;

const NO_CHANNEL: &str = "\
no channel is configured, so nobody would be told of trouble; add one to the configuration, such as
  [[notify]]
  kind = \"command\"
  argv = [\"/usr/local/bin/page-me\"]";

pub(super) async fn run(args: &args::Alerts, settings: &Settings, voice: Voice) -> Result<Exit> {
    match args.command {
        AlertsCommand::Test(json) => test(json.json, settings, voice).await,
    }
}

/// What came of one test message.
#[derive(Serialize)]
struct Sent<'a> {
    channel: &'a str,
    is_sent: bool,
    error: Option<String>,
}

/// Sends one test message through every channel, all at once.
async fn test(is_json: bool, settings: &Settings, voice: Voice) -> Result<Exit> {
    let channels = settings.channels()?;
    if channels.is_empty() {
        let file = settings.config_file();
        let read = file.map_or_else(
            || "no configuration was read".to_owned(),
            |file| format!("the configuration that was read is \"{}\"", file.display()),
        );
        voice.warn(&format!("{NO_CHANNEL}\n{read}"));
        return Ok(Exit::NotStarted);
    }
    let at = time(settings, voice).await?;
    let sent = channels.iter().map(|channel| send(channel, at));
    let outcomes: Vec<Sent<'_>> = join_all(sent).await;
    if is_json {
        voice.json(&outcomes)?;
    } else {
        voice.data(&lines(&outcomes))?;
    }
    Ok(match outcomes.iter().all(|sent| sent.is_sent) {
        true => Exit::Done,
        false => Exit::Partly,
    })
}

async fn send(channel: &Channel, at: Timestamp) -> Sent<'_> {
    let outcome: Result<(), SendError> = channel.send(&channel.test_message(at)).await;
    Sent {
        channel: channel.name(),
        is_sent: outcome.is_ok(),
        error: outcome.err().map(|error| error.to_string()),
    }
}

fn lines(outcomes: &[Sent<'_>]) -> String {
    let lengths = outcomes.iter().map(|sent| sent.channel.chars().count());
    let width = lengths.max().unwrap_or_default();
    let line = |sent: &Sent<'_>| {
        let how = match &sent.error {
            None => "sent".to_owned(),
            Some(error) => format!("failed: {error}"),
        };
        format!("{:width$}  {how}\n", sent.channel)
    };
    outcomes.iter().map(line).collect()
}

/// GitHub's time, which messages carry. Whether the channels work must not hang on GitHub, so
/// without it the time is this machine's.
async fn time(settings: &Settings, voice: Voice) -> Result<Timestamp> {
    const PATIENCE: Duration = Duration::from_secs(4);
    let retry = RetryPolicy {
        attempts: 1,
        ..RetryPolicy::default()
    };
    let client = connect::client_at(settings.api_url()?, Credential::Anonymous, 0, 1, retry)?;
    // A refusal tells the time as well.
    let _ = tokio::time::timeout(PATIENCE, client.rate_limit()).await;
    let at = client.server_now().unwrap_or_else(|| {
        voice.warn("GitHub cannot be reached, so the message carries the time of this machine");
        machine_time()
    });
    Ok(Timestamp::from_second(at.as_second())?)
}
