//! Ctrl-C and SIGTERM: the first asks the work to end, the second ends the program.

use anyhow::{Context, Result};
use tokio_util::sync::CancellationToken;

use crate::output::Voice;

/// A token that is cancelled by the first interrupt. After it the signals have their usual effect,
/// so that a second Ctrl-C ends a program that does not want to end.
pub(crate) fn listen(voice: Voice) -> Result<CancellationToken> {
    let token = CancellationToken::new();
    let signals = Signals::new()?;
    let interrupted = token.clone();
    tokio::spawn(async move {
        let mut signals = signals;
        signals.next().await;
        voice.say("\ninterrupted: finishing what is in hand");
        interrupted.cancel();
        signals.next().await;
        // The work did not end in time; nothing half-done is kept, since every write is a transaction.
        #[expect(clippy::exit, reason = "a second interrupt means now")]
        std::process::exit(1);
    });
    Ok(token)
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt()).context("cannot listen for Ctrl-C")?,
            terminate: signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        let waited = tokio::signal::ctrl_c()
            .await
            .context("cannot listen for Ctrl-C");
        if waited.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
