//! The right to write: in a folder a lock, in a bucket the manifest itself, which says that a run is
//! at work and is put again and again while it is.
//!
//! No clock is compared with another. Whoever finds a run at work waits whether its manifest is put
//! again; one that is not was left by a run that was cut off, and is taken over. Every write names
//! the version that it replaces, so that a run which only stood still, and goes on later, replaces
//! nothing that was written meanwhile.

use std::future::Future;
use std::time::Duration;

use crate::WarehouseError;
use crate::manifest::{Manifest, PATH, State};
use crate::place::{Body, Expected, Place, PlaceError, Version};

/// The right to write, and what was written.
pub(crate) struct Hold<'a> {
    place: &'a dyn Place,
    pub(crate) manifest: Manifest,
    version: Option<Version>,
    every: Duration,
}

impl<'a> Hold<'a> {
    /// Takes the right to write, and says in the manifest that a run is at work.
    pub(crate) async fn take(
        place: &'a dyn Place,
        found: Option<(Manifest, Version)>,
        writer: String,
        every: Duration,
    ) -> Result<Self, WarehouseError> {
        let (mut manifest, version) = match found {
            Some((manifest, version)) => (manifest, Some(version)),
            None => (Manifest::new(), None),
        };
        manifest.writer = writer;
        manifest.state = State::Writing;
        manifest.beat = 0;
        let mut hold = Self {
            place,
            manifest,
            version,
            every,
        };
        hold.put().await?;
        Ok(hold)
    }

    /// Does some work, and says meanwhile that it goes on.
    pub(crate) async fn during<T>(
        &mut self,
        work: impl Future<Output = T>,
    ) -> Result<T, WarehouseError> {
        if self.place.is_alone() {
            return Ok(work.await);
        }
        let mut work = std::pin::pin!(work);
        loop {
            match tokio::time::timeout(self.every, &mut work).await {
                Ok(done) => return Ok(done),
                Err(_) => self.put().await?,
            }
        }
    }

    /// Puts the manifest as it is now.
    pub(crate) async fn put(&mut self) -> Result<(), WarehouseError> {
        self.manifest.beat += 1;
        let bytes = self.manifest.bytes();
        let expected = match &self.version {
            Some(version) => Expected::Version(version),
            None => Expected::Nothing,
        };
        let version = put(self.place, PATH, Body::Bytes(&bytes), expected, |there| {
            there == bytes
        });
        self.version = Some(version.await?);
        Ok(())
    }
}

/// Writes a file. Where something else lies there than was expected it may be what an answer that
/// was lost has left of our own; `is_ours` tells.
pub(crate) async fn put(
    place: &dyn Place,
    path: &str,
    body: Body<'_>,
    expected: Expected<'_>,
    is_ours: impl Fn(&[u8]) -> bool,
) -> Result<Version, WarehouseError> {
    match place.put(path, body, expected).await {
        Ok(version) => Ok(version),
        Err(PlaceError::Failed(why)) => Err(failed(place, "write", path, why)),
        Err(PlaceError::Moved) => match place.read(path).await {
            Ok(Some((bytes, version))) if is_ours(&bytes) => Ok(version),
            Err(PlaceError::Failed(why)) => Err(failed(place, "read", path, why)),
            _ => Err(WarehouseError::Overtaken(place.shown().to_owned())),
        },
    }
}

pub(crate) fn failed(
    place: &dyn Place,
    what: &'static str,
    path: &str,
    why: String,
) -> WarehouseError {
    let shown = place.shown().trim_end_matches('/');
    WarehouseError::Place {
        what,
        place: format!("{shown}/{path}").trim_end_matches('/').to_owned(),
        why,
    }
}
