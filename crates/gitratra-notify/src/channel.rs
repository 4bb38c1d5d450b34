//! A channel that is ready to carry messages.

use std::collections::HashSet;
use std::fmt;
use std::time::Duration;

use gitratra_core::Timestamp;
use gitratra_core::alarm::{Event, Message, Names, Receiver};
use secrecy::SecretString;

use crate::command::Command;
use crate::mail::Mail;
use crate::webhook::Webhook;
use crate::{Notify, OpenError, SendError};

/// Makes channels of a configuration.
///
/// `env` gives the value of an environment variable; an empty one counts as none. Commands are
/// started without the variables that hold secrets of any channel.
///
/// # Errors
/// [`OpenError`] where two channels have one name, or a secret cannot be had or used.
pub fn open(
    configs: &[Notify],
    env: &dyn Fn(&str) -> Option<SecretString>,
) -> Result<Vec<Channel>, OpenError> {
    let mut names = HashSet::new();
    if let Some(twice) = configs.iter().find(|config| !names.insert(config.name())) {
        return Err(OpenError::Twice {
            name: twice.name().to_owned(),
        });
    }
    let hidden: Vec<String> = configs.iter().flat_map(Notify::variables).collect();
    let open = |config: &Notify| {
        let name = config.name();
        let (way, limit) = match config {
            Notify::Command(command) => (
                Way::Command(Command::new(command, hidden.clone())),
                Duration::from_secs(30),
            ),
            Notify::Webhook(webhook) => (
                Way::Webhook(Box::new(Webhook::open(webhook, name, env)?)),
                Duration::from_secs(15),
            ),
            Notify::Email(mail) => (
                Way::Mail(Box::new(Mail::open(mail, name, env)?)),
                Duration::from_secs(30),
            ),
        };
        Ok(Channel {
            name: name.to_owned(),
            names: config.names(),
            limit,
            way,
        })
    };
    configs.iter().map(open).collect()
}

/// A way to somebody.
pub struct Channel {
    name: String,
    names: Names,
    limit: Duration,
    way: Way,
}

enum Way {
    Command(Command),
    Webhook(Box<Webhook>),
    Mail(Box<Mail>),
}

impl Channel {
    /// The name of the channel, as the store knows it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What [`gitratra_core::alarm::review`] must know of it.
    #[must_use]
    pub fn receiver(&self) -> Receiver {
        Receiver {
            channel: self.name.clone(),
            names: self.names,
        }
    }

    /// The same with another time limit than 30 s for commands and mail, 15 s for webhooks.
    #[must_use]
    pub fn with_limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// A message that only shows that the channel works.
    #[must_use]
    pub fn test_message(&self, at: Timestamp) -> Message {
        Message {
            channel: self.name.clone(),
            event: Event::Raised,
            key: "test".to_owned(),
            keys: vec!["test".to_owned()],
            subject: "gitratra: this is a test".to_owned(),
            text: "This is a test. Nothing is wrong; a real message would say what will be lost, \
                   on which day, and what to do.\n"
                .to_owned(),
            repositories: Vec::new(),
            more: 0,
            at,
        }
    }

    /// Sends one message, once. `Ok` means that the other side took it.
    ///
    /// # Errors
    /// [`SendError`]; where it says `TimedOut`, the message may have arrived all the same.
    pub async fn send(&self, message: &Message) -> Result<(), SendError> {
        let sending = async {
            match &self.way {
                Way::Command(command) => command.send(message).await,
                Way::Webhook(webhook) => webhook.send(message).await,
                Way::Mail(mail) => mail.send(message).await,
            }
        };
        match tokio::time::timeout(self.limit, sending).await {
            Ok(outcome) => outcome.map_err(|trouble| trouble.of(&self.name)),
            Err(_) => Err(SendError::TimedOut {
                channel: self.name.clone(),
                limit: self.limit,
            }),
        }
    }
}

impl fmt::Debug for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match &self.way {
            Way::Command(_) => "command",
            Way::Webhook(_) => "webhook",
            Way::Mail(_) => "email",
        };
        f.debug_struct("Channel")
            .field("name", &self.name)
            .field("kind", &kind)
            .finish_non_exhaustive()
    }
}
