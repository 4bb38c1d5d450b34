//! The system's keychain, where `login` keeps one token for each API host. Where there is none,
//! asking it costs no time worth speaking of.

use std::io::IsTerminal as _;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use gitratra_github::ApiUrl;
use secrecy::SecretString;

/// The name under which tokens are kept.
#[cfg(feature = "keyring")]
const SERVICE: &str = "gitratra";

/// A keychain asks its owner before it opens, which may take a while.
const PATIENCE: Duration = Duration::from_secs(60);
/// Who only looks whether there is a token, and with nobody there to open the keychain, goes on
/// without it after this. A system without a keychain says so at once; a busy one may need some
/// seconds, and a pass must not lack its token because of that.
const PATIENCE_ALONE: Duration = Duration::from_secs(5);

/// The name of the token's entry: the host that the token goes to, and to no other.
pub(crate) fn account(api: &ApiUrl) -> String {
    let text = api.as_str();
    let (scheme, rest) = text.split_once("://").unwrap_or(("https", text));
    let host = rest.split('/').next().unwrap_or(rest);
    match scheme {
        "https" => host.to_owned(),
        scheme => format!("{scheme}://{host}"),
    }
}

/// The token that is kept for an account, if there is one.
pub(crate) async fn read(account: &str) -> Result<Option<SecretString>> {
    let account = account.to_owned();
    let is_somebody_there = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    let patience = match is_somebody_there {
        true => PATIENCE,
        false => PATIENCE_ALONE,
    };
    on_a_thread(patience, move || system::read(&account)).await
}

/// Keeps a token, in the place of the one before it.
pub(crate) async fn keep(account: &str, token: SecretString) -> Result<()> {
    let account = account.to_owned();
    on_a_thread(PATIENCE, move || system::keep(&account, &token)).await
}

/// Forgets the token; says whether there was one.
pub(crate) async fn forget(account: &str) -> Result<bool> {
    let account = account.to_owned();
    on_a_thread(PATIENCE, move || system::forget(&account)).await
}

/// The system's keychain blocks, and one that hangs must not keep the program from its end, which
/// waits for the runtime's own threads.
async fn on_a_thread<T: Send + 'static>(
    patience: Duration,
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let (sender, answer) = tokio::sync::oneshot::channel();
    let spawned = std::thread::Builder::new()
        .name("keychain".into())
        .spawn(move || {
            // Nobody is left to be told where the waiting has ended.
            let _ = sender.send(work());
        });
    spawned.context("cannot ask the system's keychain")?;
    match tokio::time::timeout(patience, answer).await {
        Ok(Ok(done)) => done,
        Ok(Err(_)) => bail!("the system's keychain broke down"),
        Err(_) => bail!("the system's keychain does not answer: it may wait to be unlocked"),
    }
}

#[cfg(feature = "keyring")]
mod system {
    use anyhow::{Error, Result, anyhow};
    use keyring::Entry;
    use secrecy::{ExposeSecret as _, SecretString};

    use super::SERVICE;

    pub(super) fn read(account: &str) -> Result<Option<SecretString>> {
        match entry(account)?.get_password() {
            Ok(token) => Ok(Some(SecretString::from(token))),
            Err(keyring::Error::NoEntry) => Ok(None),
            Err(error) => Err(told(&error)),
        }
    }

    pub(super) fn keep(account: &str, token: &SecretString) -> Result<()> {
        let kept = entry(account)?.set_password(token.expose_secret());
        kept.map_err(|error| told(&error))
    }

    pub(super) fn forget(account: &str) -> Result<bool> {
        match entry(account)?.delete_credential() {
            Ok(()) => Ok(true),
            Err(keyring::Error::NoEntry) => Ok(false),
            Err(error) => Err(told(&error)),
        }
    }

    fn entry(account: &str) -> Result<Entry> {
        Entry::new(SERVICE, account).map_err(|error| match (error, Entry::store_status()) {
            (keyring::Error::NoDefaultStore, Err(error)) => {
                anyhow!("this system has no keychain: {}", words(error))
            }
            (error, _) => told(&error),
        })
    }

    fn told(error: &keyring::Error) -> Error {
        anyhow!("the system's keychain refuses: {}", words(error))
    }

    /// What went wrong. Only kinds of errors that hold nothing of the secret tell their details.
    fn words(error: &keyring::Error) -> String {
        match error {
            keyring::Error::PlatformFailure(error) | keyring::Error::NoStorageAccess(error) => {
                error.to_string()
            }
            keyring::Error::BadEncoding(_) | keyring::Error::BadDataFormat(..) => {
                "what it holds is no token".to_owned()
            }
            keyring::Error::Ambiguous(_) => "it holds more than one token".to_owned(),
            error => error.to_string(),
        }
    }
}

#[cfg(not(feature = "keyring"))]
mod system {
    use anyhow::{Result, bail};
    use secrecy::SecretString;

    const NONE: &str = "this gitratra was built without the feature \"keyring\"";

    pub(super) fn read(_account: &str) -> Result<Option<SecretString>> {
        bail!(NONE)
    }

    pub(super) fn keep(_account: &str, _token: &SecretString) -> Result<()> {
        bail!(NONE)
    }

    pub(super) fn forget(_account: &str) -> Result<bool> {
        bail!(NONE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_host_has_a_token_of_its_own() {
        for (api, expected) in [
            ("https://api.github.com", "api.github.com"),
            ("https://git.acme.example/api/v3", "git.acme.example"),
            (
                "https://git.acme.example:8443/api/v3",
                "git.acme.example:8443",
            ),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ] {
            assert_eq!(account(&ApiUrl::parse(api).unwrap()), expected);
        }
    }
}
