//! A warehouse in a bucket of S3, or of anything that speaks its protocol and heeds conditions.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek as _, SeekFrom};
use std::sync::Arc;

use bytes::Bytes;
use futures_util::TryStreamExt as _;
use gitratra_backup::{Bucket, BucketOptions, why};
use object_store::path::Path as Key;
use object_store::{
    Error, ObjectStore, ObjectStoreExt as _, PutMode, PutPayload, UpdateVersion, WriteMultipart,
};

use crate::WarehouseError;
use crate::place::{Body, BoxFuture, Expected, Found, Place, PlaceError, Version};

/// What is smaller goes in one request, and is held in memory for it.
const ONE_REQUEST: u64 = 64 << 20;

/// Bytes of a part of what is larger, and how many are on their way at once.
const PART: usize = 16 << 20;
const AT_ONCE: usize = 3;

/// A warehouse in a bucket.
#[derive(Debug)]
pub struct BucketPlace {
    store: Arc<dyn ObjectStore>,
    prefix: Key,
    shown: String,
    /// Whether tags have quotes, which some servers leave out where they list.
    has_quotes: bool,
}

impl BucketPlace {
    /// Reads `BUCKET/PREFIX`. Nothing is asked yet; credentials come from variables alone.
    ///
    /// # Errors
    /// [`WarehouseError::Setting`].
    pub fn open(
        text: &str,
        options: &BucketOptions,
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, WarehouseError> {
        let bucket = Bucket::open(text, options, variable)
            .map_err(|error| WarehouseError::Setting(error.to_string()))?;
        Ok(Self {
            store: bucket.store(),
            prefix: bucket.prefix().clone(),
            shown: format!("s3://{text}"),
            has_quotes: true,
        })
    }

    /// Any other store of objects, which must tell tags and heed conditions.
    #[must_use]
    pub fn new(store: Arc<dyn ObjectStore>, prefix: Key, shown: String) -> Self {
        Self {
            store,
            prefix,
            shown,
            has_quotes: false,
        }
    }

    /// A tag as conditions have it.
    fn version(&self, tag: Option<String>) -> Put {
        let tag =
            tag.ok_or_else(|| PlaceError::Failed("it tells no ETag of what is in it".to_owned()))?;
        Ok(match self.has_quotes && !tag.contains('"') {
            true => format!("\"{tag}\""),
            false => tag,
        })
    }

    fn key(&self, path: &str) -> Key {
        path.split('/')
            .fold(self.prefix.clone(), |key, part| key.join(part))
    }

    /// Uploads in parts what is too large to be held. Its condition is looked at before, since the
    /// parts have none.
    async fn put_large(&self, key: &Key, file: &File, expected: Expected<'_>) -> Put {
        let there = match self.store.head(key).await {
            Ok(found) => Some(self.version(found.e_tag)?),
            Err(Error::NotFound { .. }) => None,
            Err(error) => return Err(failed(&error)),
        };
        let is_expected = match expected {
            Expected::Nothing => there.is_none(),
            Expected::Version(version) => there.as_deref() == Some(version),
        };
        if !is_expected {
            return Err(PlaceError::Moved);
        }
        let begun = self.store.put_multipart(key).await;
        let mut upload =
            WriteMultipart::new_with_chunk_size(begun.map_err(|error| failed(&error))?, PART);
        loop {
            let part = match part(file, PART as u64) {
                Ok(part) => part,
                Err(error) => {
                    let _ = upload.abort().await;
                    return Err(error);
                }
            };
            if part.is_empty() {
                break;
            }
            if let Err(error) = upload.wait_for_capacity(AT_ONCE).await {
                // What was uploaded of it costs money until it is let go.
                let _ = upload.abort().await;
                return Err(failed(&error));
            }
            upload.put(part);
        }
        let done = upload.finish().await.map_err(|error| failed(&error))?;
        self.version(done.e_tag)
    }
}

type Put = Result<Version, PlaceError>;

impl Place for BucketPlace {
    fn shown(&self) -> &str {
        &self.shown
    }

    fn is_alone(&self) -> bool {
        false
    }

    fn list(&self) -> BoxFuture<'_, Result<BTreeMap<String, Version>, PlaceError>> {
        Box::pin(async move {
            let listed = self.store.list(Some(&self.prefix));
            let found = listed.try_filter_map(|found| async move {
                let rest = found.location.prefix_match(&self.prefix);
                let parts: Vec<String> = rest
                    .into_iter()
                    .flatten()
                    .map(|part| part.as_ref().to_owned())
                    .collect();
                Ok(Some((parts.join("/"), found.e_tag)))
            });
            let found: Vec<(String, Option<String>)> =
                found.try_collect().await.map_err(|error| failed(&error))?;
            let versions = found
                .into_iter()
                .map(|(path, tag)| Ok((path, self.version(tag)?)));
            versions.collect()
        })
    }

    fn read<'a>(&'a self, path: &'a str) -> BoxFuture<'a, Found> {
        Box::pin(async move {
            let found = match self.store.get(&self.key(path)).await {
                Ok(found) => found,
                Err(Error::NotFound { .. }) => return Ok(None),
                Err(error) => return Err(failed(&error)),
            };
            let version = self.version(found.meta.e_tag.clone())?;
            let bytes = found.bytes().await.map_err(|error| failed(&error))?;
            Ok(Some((bytes.to_vec(), version)))
        })
    }

    fn put<'a>(
        &'a self,
        path: &'a str,
        body: Body<'a>,
        expected: Expected<'a>,
    ) -> BoxFuture<'a, Result<Version, PlaceError>> {
        Box::pin(async move {
            let key = self.key(path);
            let payload = match body {
                Body::Bytes(bytes) => PutPayload::from(Bytes::copy_from_slice(bytes)),
                Body::File(file, size) => {
                    let mut from = file;
                    let sought = from.seek(SeekFrom::Start(0));
                    sought.map_err(|error| PlaceError::Failed(error.to_string()))?;
                    if size > ONE_REQUEST {
                        return self.put_large(&key, file, expected).await;
                    }
                    PutPayload::from(part(file, size)?)
                }
            };
            let mode = match expected {
                Expected::Nothing => PutMode::Create,
                Expected::Version(version) => PutMode::Update(UpdateVersion {
                    e_tag: Some(version.to_owned()),
                    version: None,
                }),
            };
            let put = self.store.put_opts(&key, payload, mode.into()).await;
            match put {
                Ok(done) => self.version(done.e_tag),
                Err(Error::AlreadyExists { .. } | Error::Precondition { .. }) => {
                    Err(PlaceError::Moved)
                }
                Err(error) => Err(failed(&error)),
            }
        })
    }

    fn remove<'a>(&'a self, path: &'a str) -> BoxFuture<'a, Result<(), PlaceError>> {
        Box::pin(async move {
            match self.store.delete(&self.key(path)).await {
                Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
                Err(error) => Err(failed(&error)),
            }
        })
    }
}

fn failed(error: &Error) -> PlaceError {
    PlaceError::Failed(why(error))
}

/// So many of the next bytes of a file, fewer only at its end.
fn part(mut file: &File, most: u64) -> Result<Bytes, PlaceError> {
    let mut bytes = Vec::new();
    let read = Read::by_ref(&mut file).take(most).read_to_end(&mut bytes);
    read.map_err(|error| PlaceError::Failed(error.to_string()))?;
    Ok(bytes.into())
}
