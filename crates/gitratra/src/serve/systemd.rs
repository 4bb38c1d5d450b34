//! What systemd wants to hear: ready, reloading, stopping, and that the program is alive.
//!
//! Without systemd, or on another system, nothing is said to anybody.

/// Says that the service is up.
pub(crate) fn ready() {
    say(Word::Ready);
}

/// Says in one line what the service does now.
pub(crate) fn status(line: &str) {
    say(Word::Status(line));
}

/// Says that the configuration is read again; [`ready`] follows.
pub(crate) fn reloading() {
    say(Word::Reloading);
}

/// Says that the service ends.
pub(crate) fn stopping() {
    say(Word::Stopping);
}

/// How often [`alive`] is to be said, if anybody waits for it: twice in the time that is given.
pub(crate) fn watchdog_every() -> Option<std::time::Duration> {
    #[cfg(target_os = "linux")]
    return sd_notify::watchdog_enabled().map(|limit| limit / 2);
    #[cfg(not(target_os = "linux"))]
    None
}

/// Says that the program is alive.
pub(crate) fn alive() {
    say(Word::Alive);
}

enum Word<'a> {
    Ready,
    Status(&'a str),
    Reloading,
    Stopping,
    Alive,
}

#[cfg(target_os = "linux")]
fn say(word: Word<'_>) {
    use sd_notify::NotifyState;
    let said = match word {
        Word::Ready => sd_notify::notify(&[NotifyState::Ready]),
        Word::Status(line) => sd_notify::notify(&[NotifyState::Status(line)]),
        Word::Reloading => match NotifyState::monotonic_usec_now() {
            Ok(now) => sd_notify::notify(&[NotifyState::Reloading, now]),
            Err(error) => Err(error),
        },
        Word::Stopping => sd_notify::notify(&[NotifyState::Stopping]),
        Word::Alive => sd_notify::notify(&[NotifyState::Watchdog]),
    };
    if let Err(error) = said {
        tracing::debug!("the service manager does not listen: {error}");
    }
}

#[cfg(not(target_os = "linux"))]
fn say(_word: Word<'_>) {}
