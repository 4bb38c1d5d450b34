//! Carries the collector's messages to the channels of the configuration.

use gitratra_core::alarm::{Message, Receiver};
use gitratra_github::BoxFuture;
use gitratra_notify::Channel;
use gitratra_sync::Messenger;

/// The channels.
pub(crate) struct Post(Vec<Channel>);

impl Post {
    pub(crate) fn new(channels: Vec<Channel>) -> Self {
        Self(channels)
    }

    /// Who may be told what.
    pub(crate) fn receivers(&self) -> Vec<Receiver> {
        self.0.iter().map(Channel::receiver).collect()
    }
}

impl Messenger for Post {
    fn send<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(async move {
            let channel = self.0.iter().find(|one| one.name() == message.channel);
            let channel = channel.ok_or("the channel is not configured any more")?;
            let sent = channel.send(message).await;
            sent.map_err(|error| format!("{:#}", anyhow::Error::from(error)))
        })
    }
}
