//! Makes a client and a store out of the settings.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use gitratra_core::Timestamp;
use gitratra_github::{ApiUrl, Client, Credential, Options, RetryPolicy};
use gitratra_store::{Location, Store, StoreError};

use crate::credential;
use crate::output::Voice;
use crate::settings::Settings;

/// Opens the store, bringing its schema up to date.
pub(crate) async fn store(settings: &Settings) -> Result<Store> {
    whole(&settings.location()?).await
}

/// Opens a store that is whole: nothing is read from or written to one into which another is moving.
pub(crate) async fn whole(location: &Location) -> Result<Store> {
    let store = Store::open(location).await?;
    if let Some(from) = store.unfinished_move().await? {
        bail!(
            "\"{from}\" is moving into \"{location}\", which is not whole yet: end it with `gitratra migrate --from '{from}' --to '{location}'`"
        );
    }
    Ok(store)
}

/// The copy that pages are read from, where there is one. Nothing is asked of it yet.
pub(crate) fn copy(settings: &Settings) -> Result<Option<Store>> {
    let location = settings.read_location()?;
    let copy = location.map(|location| Store::follow(&location));
    copy.transpose()
        .context("pages cannot be read from --read-db")
}

/// Opens a store to read much of it: its copy, where there is one that holds all that the store holds
/// now, else the store itself.
pub(crate) async fn to_read(settings: &Settings, voice: Voice) -> Result<Store> {
    let store = store(settings).await?;
    let Some(copy) = copy(settings)? else {
        return Ok(store);
    };
    match catch_up(&store, &copy).await {
        Ok(None) => {
            store.close().await;
            Ok(copy)
        }
        Ok(Some(why)) => {
            voice.warn(&format!(
                "{why}, so everything is read from the store itself"
            ));
            copy.close().await;
            Ok(store)
        }
        Err(error) => Err(error.into()),
    }
}

/// Waits until a copy holds all that its store held when this began. Says why it does not.
///
/// # Errors
/// Those of the store itself.
pub(crate) async fn catch_up(store: &Store, copy: &Store) -> Result<Option<String>, StoreError> {
    const PATIENCE: Duration = Duration::from_secs(5);
    const PAUSE: Duration = Duration::from_millis(50);
    let place = copy.location();
    let needed = store.mark_with_position().await?;
    copy.must_hold(needed);
    let waiting = async {
        loop {
            match copy.followed().await {
                Ok(held) if held.place != needed.place => {
                    return Some(format!("\"{place}\" is a copy of another store"));
                }
                Ok(held) if needed.is_held_by(&held) => return None,
                Ok(_) => tokio::time::sleep(PAUSE).await,
                Err(error) => {
                    let why = std::error::Error::source(&error).map(ToString::to_string);
                    return Some(why.unwrap_or_else(|| error.to_string()));
                }
            }
        }
    };
    let waited = tokio::time::timeout(PATIENCE, waiting).await;
    Ok(waited.unwrap_or_else(|_| {
        let seconds = PATIENCE.as_secs();
        Some(format!("\"{place}\" is more than {seconds} s behind"))
    }))
}

/// Refuses a file that is not there.
pub(crate) fn is_there(location: &Location) -> Result<()> {
    match location.path().filter(|path| !path.exists()) {
        None => Ok(()),
        Some(path) => bail!(
            "there is no database \"{}\": name the file of a store, or postgres://…",
            path.display()
        ),
    }
}

/// Whether two places are one.
pub(crate) fn is_same(one: &Location, other: &Location) -> bool {
    let file = |location: &Location| location.path().and_then(|path| path.canonicalize().ok());
    match (file(one), file(other)) {
        (None, None) => one.to_string() == other.to_string(),
        (one, other) => one == other,
    }
}

/// The place of the store, which is there already: whoever only reads, copies or checks makes none
/// where a name was mistyped.
pub(crate) fn existing(settings: &Settings) -> Result<Location> {
    let location = settings.location()?;
    if let Some(path) = location.path().filter(|path| !path.exists()) {
        bail!(
            "there is no store at {}: `gitratra sync OWNER/NAME` makes one, and --db names another",
            path.display()
        );
    }
    Ok(location)
}

/// Makes a client.
pub(crate) fn client(
    settings: &Settings,
    credential: Credential,
    points_per_minute: u32,
    jobs: usize,
) -> Result<Client> {
    let api = settings.api_url()?;
    client_at(
        api,
        credential,
        points_per_minute,
        jobs,
        RetryPolicy::default(),
    )
}

/// Makes a client of one GitHub, whatever the settings say.
pub(crate) fn client_at(
    api: ApiUrl,
    credential: Credential,
    points_per_minute: u32,
    jobs: usize,
    retry: RetryPolicy,
) -> Result<Client> {
    Client::new(Options {
        points_per_minute,
        retry,
        concurrency: jobs,
        ..Options::new(api, credential)
    })
    .context("cannot make an HTTP client")
}

/// What time it is by GitHub's clock: asked, or else the time of the last answer in the store.
///
/// Nothing where GitHub cannot be reached and never was.
pub(crate) async fn github_time(
    settings: &Settings,
    store: &Store,
    voice: Voice,
) -> Result<Option<Timestamp>> {
    const PATIENCE: Duration = Duration::from_secs(4);
    let credential = credential::find_or_anonymous(settings).await;
    let retry = RetryPolicy {
        attempts: 1,
        ..RetryPolicy::default()
    };
    let client = client_at(settings.api_url()?, credential, 0, 1, retry)?;
    let asked = tokio::time::timeout(PATIENCE, client.rate_limit()).await;
    let at = match asked {
        Ok(Ok(limit)) => Some(limit.at),
        // Also a refusal tells the time.
        Ok(Err(_)) | Err(_) => client.server_now(),
    };
    if at.is_some() {
        return Ok(at);
    }
    let last = store.latest_time().await?;
    if let Some(last) = last {
        voice.warn(&format!(
            "GitHub cannot be reached, so this is as of its last answer, {last:.0}"
        ));
    }
    Ok(last)
}
