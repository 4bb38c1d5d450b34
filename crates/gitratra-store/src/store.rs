//! The handle: opening, closing, and the way from a question to the engine. The questions
//! themselves are in [`crate::table`].

use std::fmt;
use std::sync::Arc;

use futures_util::FutureExt;

use crate::engine::{Body, Engine, Reading};
use crate::sql;
use crate::table::mark::{self, Follower};
use crate::{Location, StoreError};

/// An open store. Clones share it, and all of its questions may be asked at once.
///
/// # Errors
/// Every question may end with [`StoreError::Busy`], [`StoreError::Lost`], [`StoreError::Disk`],
/// [`StoreError::Unreachable`], [`StoreError::Corrupt`] or [`StoreError::Internal`], and whatever
/// writes also with [`StoreError::Full`] or [`StoreError::ReadOnly`]; then nothing of it was
/// written. A file that was put in the place of the open one may also be
/// [`StoreError::NotAStore`] or [`StoreError::Newer`]. After each of them the store may be asked
/// again: it works as soon as the fault is gone, and [`StoreError::is_passing`] says whether that
/// is to be expected. One question waits five seconds for other processes, and no longer.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    location: Location,
    engine: Engine,
    /// What it has to hold, where it is a copy that may lag behind.
    follower: Option<Follower>,
}

impl Store {
    /// Opens the store at a place, making it where there is nothing and updating an older one.
    ///
    /// # Errors
    /// [`StoreError::NotAStore`] and [`StoreError::Newer`] leave what is there as it is, byte for
    /// byte. [`StoreError::CannotOpen`] where the place is wrong or closed to us,
    /// [`StoreError::Unreachable`] where no server answers.
    pub async fn open(location: &Location) -> Result<Self, StoreError> {
        let engine = Engine::open(location)
            .await
            .map_err(|fault| fault.at(location))?;
        Ok(Self {
            inner: Arc::new(Inner {
                location: location.clone(),
                engine,
                follower: None,
            }),
        })
    }

    /// A copy that the server of a store makes of itself, to read from. Nothing is asked of it yet, and
    /// nothing is ever written to it; it answers once [`Store::must_hold`] has said what it must hold,
    /// and whatever goes wrong with it is [`StoreError::Copy`].
    ///
    /// # Errors
    /// [`StoreError::CannotOpen`] where the place is a file.
    pub fn follow(location: &Location) -> Result<Self, StoreError> {
        let engine = Engine::follow(location).map_err(|fault| fault.at(location))?;
        Ok(Self {
            inner: Arc::new(Inner {
                location: location.clone(),
                engine,
                follower: Some(Follower::default()),
            }),
        })
    }

    /// Where the store is.
    #[must_use]
    pub fn location(&self) -> &Location {
        &self.inner.location
    }

    /// Finds out whether writing is possible, by writing without changing anything.
    pub async fn check_writable(&self) -> Result<(), StoreError> {
        self.write(|tx| {
            async move {
                tx.execute(&sql::SOURCE_TOUCH, &[]).await?;
                Ok(())
            }
            .boxed()
        })
        .await
    }

    /// Waits for what is being written and lets go of files and connections. What is asked of the
    /// store afterwards, also through clones, fails.
    ///
    /// A store that is dropped without it loses nothing that was answered; it only leaves the
    /// tidying up to the next one who opens it.
    pub async fn close(self) {
        self.inner.engine.close().await;
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.inner.engine
    }

    pub(crate) fn follower(&self) -> Option<&Follower> {
        self.inner.follower.as_ref()
    }

    pub(crate) async fn read<R: Send + 'static>(
        &self,
        body: impl Reading<R>,
    ) -> Result<R, StoreError> {
        let location = &self.inner.location;
        let Some(follower) = &self.inner.follower else {
            let answer = self.inner.engine.read(body).await;
            return answer.map_err(|fault| fault.at(location).while_open());
        };
        // Looked at in the same state that is read, since behind one address there may be several
        // copies.
        let needed = follower.needed();
        let read = self.inner.engine.read(move |tx| {
            async move {
                let held = mark::held(tx).await?;
                match needed.is_held_by(&held) {
                    true => Ok(Some(body(tx).await?)),
                    false => Ok(None),
                }
            }
            .boxed()
        });
        match read.await {
            Ok(Some(answer)) => Ok(answer),
            Ok(None) => Err(StoreError::Copy {
                location: location.to_string(),
                source: None,
            }),
            Err(fault) => Err(StoreError::Copy {
                location: location.to_string(),
                source: Some(Arc::new(fault.at(location))),
            }),
        }
    }

    pub(crate) async fn write<R: Send + 'static>(
        &self,
        body: impl Body<R>,
    ) -> Result<R, StoreError> {
        if self.inner.follower.is_some() {
            let location = self.inner.location.to_string();
            return Err(StoreError::ReadOnly { location });
        }
        let answer = self.inner.engine.write(body).await;
        answer.map_err(|fault| fault.at(&self.inner.location).while_open())
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Store").field(&self.inner.location).finish()
    }
}
