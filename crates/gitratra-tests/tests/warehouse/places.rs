//! Places that fail, stand still, or heed nothing, at a moment of the test's choice.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use gitratra_warehouse::{
    Body, BoxFuture, BucketPlace, Expected, Found, Place, PlaceError, Version,
};
use object_store::memory::InMemory;
use tokio::sync::Notify;

/// A bucket in memory that heeds conditions as S3 does.
pub(crate) fn bucket(store: &Arc<InMemory>) -> BucketPlace {
    let store = Arc::clone(store) as Arc<dyn object_store::ObjectStore>;
    BucketPlace::new(store, "some/where".into(), "s3://bucket/some/where".into())
}

/// What happens to one change of a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The program ends before it is done.
    Before,
    /// It is done, and the program ends before it knows.
    After,
    /// It is done, and the answer is lost; the program goes on.
    Lost,
}

/// A place at which the change with a number meets a fault. After an end nothing works any more.
pub(crate) struct Faulty<'a> {
    pub(crate) place: &'a dyn Place,
    pub(crate) fault: Fault,
    pub(crate) number: usize,
    pub(crate) done: AtomicUsize,
}

impl<'a> Faulty<'a> {
    pub(crate) fn new(place: &'a dyn Place, fault: Fault, number: usize) -> Self {
        Self {
            place,
            fault,
            number,
            done: AtomicUsize::new(0),
        }
    }

    /// Whether the fault was met.
    pub(crate) fn was_met(&self) -> bool {
        self.done.load(Ordering::SeqCst) > self.number
    }

    fn is_over(&self) -> Result<(), PlaceError> {
        match self.was_met() && self.fault != Fault::Lost {
            true => Err(PlaceError::Failed("ended".into())),
            false => Ok(()),
        }
    }

    fn next(&self) -> Result<Option<Fault>, PlaceError> {
        self.is_over()?;
        let number = self.done.fetch_add(1, Ordering::SeqCst);
        Ok((number == self.number).then_some(self.fault))
    }
}

impl Place for Faulty<'_> {
    fn shown(&self) -> &str {
        self.place.shown()
    }

    fn is_alone(&self) -> bool {
        self.place.is_alone()
    }

    fn list(&self) -> BoxFuture<'_, Result<BTreeMap<String, Version>, PlaceError>> {
        self.place.list()
    }

    fn read<'a>(&'a self, path: &'a str) -> BoxFuture<'a, Found> {
        Box::pin(async move {
            self.is_over()?;
            self.place.read(path).await
        })
    }

    fn put<'a>(
        &'a self,
        path: &'a str,
        body: Body<'a>,
        expected: Expected<'a>,
    ) -> BoxFuture<'a, Result<Version, PlaceError>> {
        Box::pin(async move {
            match self.next()? {
                None => self.place.put(path, body, expected).await,
                Some(Fault::Before) => Err(PlaceError::Failed("ended".into())),
                Some(Fault::After) => {
                    self.place.put(path, body, expected).await?;
                    Err(PlaceError::Failed("ended".into()))
                }
                // What asks again by itself after a lost answer meets its own work.
                Some(Fault::Lost) => {
                    self.place.put(path, body, expected).await?;
                    self.place.put(path, body, expected).await
                }
            }
        })
    }

    fn remove<'a>(&'a self, path: &'a str) -> BoxFuture<'a, Result<(), PlaceError>> {
        Box::pin(async move {
            match self.next()? {
                None | Some(Fault::Lost) => self.place.remove(path).await,
                Some(Fault::Before) => Err(PlaceError::Failed("ended".into())),
                Some(Fault::After) => {
                    self.place.remove(path).await?;
                    Err(PlaceError::Failed("ended".into()))
                }
            }
        })
    }
}

/// A place at which the first change of a file stands still until it is let go.
pub(crate) struct Still<'a> {
    pub(crate) place: &'a dyn Place,
    /// The file whose change stands still.
    pub(crate) path: String,
    pub(crate) stands: Notify,
    pub(crate) goes_on: Notify,
}

impl Place for Still<'_> {
    fn shown(&self) -> &str {
        self.place.shown()
    }

    fn is_alone(&self) -> bool {
        self.place.is_alone()
    }

    fn list(&self) -> BoxFuture<'_, Result<BTreeMap<String, Version>, PlaceError>> {
        self.place.list()
    }

    fn read<'a>(&'a self, path: &'a str) -> BoxFuture<'a, Found> {
        self.place.read(path)
    }

    fn put<'a>(
        &'a self,
        path: &'a str,
        body: Body<'a>,
        expected: Expected<'a>,
    ) -> BoxFuture<'a, Result<Version, PlaceError>> {
        Box::pin(async move {
            if path == self.path {
                self.stands.notify_one();
                self.goes_on.notified().await;
            }
            self.place.put(path, body, expected).await
        })
    }

    fn remove<'a>(&'a self, path: &'a str) -> BoxFuture<'a, Result<(), PlaceError>> {
        self.place.remove(path)
    }
}

/// A bucket that takes whatever comes, whatever was expected.
pub(crate) struct Heedless<'a> {
    pub(crate) place: &'a dyn Place,
}

impl Place for Heedless<'_> {
    fn shown(&self) -> &str {
        self.place.shown()
    }

    fn is_alone(&self) -> bool {
        false
    }

    fn list(&self) -> BoxFuture<'_, Result<BTreeMap<String, Version>, PlaceError>> {
        self.place.list()
    }

    fn read<'a>(&'a self, path: &'a str) -> BoxFuture<'a, Found> {
        self.place.read(path)
    }

    fn put<'a>(
        &'a self,
        path: &'a str,
        body: Body<'a>,
        _: Expected<'a>,
    ) -> BoxFuture<'a, Result<Version, PlaceError>> {
        Box::pin(async move {
            let there = self.place.read(path).await?.map(|(_, version)| version);
            let expected = there
                .as_deref()
                .map_or(Expected::Nothing, Expected::Version);
            self.place.put(path, body, expected).await
        })
    }

    fn remove<'a>(&'a self, path: &'a str) -> BoxFuture<'a, Result<(), PlaceError>> {
        self.place.remove(path)
    }
}
