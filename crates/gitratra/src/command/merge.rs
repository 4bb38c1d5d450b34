//! `merge`: what another store holds comes into this one, which then knows what both knew.

use anyhow::{Result, bail};
use gitratra_store::Location;

use super::joining::Joining;
use crate::Exit;
use crate::args;
use crate::connect;
use crate::output::Voice;
use crate::settings::Settings;

pub(super) async fn run(args: &args::Merge, settings: &Settings, voice: Voice) -> Result<Exit> {
    let location = Location::parse(&args.other)?;
    connect::is_there(&location)?;
    if connect::is_same(&location, &settings.location()?) {
        bail!("\"{location}\" is the database itself: name another one");
    }
    let store = connect::store(settings).await?;
    let other = connect::whole(&location).await?;
    let mut joining = Joining::new(&store, args.dry_run);
    for repo in other.repositories().await? {
        if let Some(history) = other.history(repo.repository.id).await? {
            joining.take(history).await?;
        }
    }
    let joined = joining.end(other.house().await?).await?;
    other.close().await;
    store.close().await;
    joined.tell(args.json.json, voice)?;
    Ok(Exit::Done)
}
