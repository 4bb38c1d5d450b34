//! A bucket of S3, or of anything that speaks its protocol.

use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _};
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::path::Path as Key;
use object_store::{ObjectStore, ObjectStoreExt as _, PutPayload, WriteMultipart};
use tokio::io::AsyncWriteExt as _;

use crate::BackupError;
use crate::check::blocking;

/// Bytes of a part; what is smaller goes in one request.
const PART: u64 = 8 << 20;

/// Parts that S3 takes of one file, a little less
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html>).
const PARTS: u64 = 9_000;

/// Parts that are on their way at once.
const AT_ONCE: usize = 3;

/// The variables that are asked for, as other tools have them.
const VARIABLES: [&str; 15] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_S3",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_ENDPOINT_URL_STS",
    "AWS_METADATA_ENDPOINT",
];

/// What the settings say of a bucket; credentials come from the environment alone.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BucketOptions {
    /// The address of a server that is not Amazon's.
    pub endpoint: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// Whether the address may begin with `http://`, so that everybody on the way can read along.
    pub allow_http: bool,
}

/// A place in a bucket.
#[derive(Debug, Clone)]
pub struct Bucket {
    store: Arc<dyn ObjectStore>,
    prefix: Key,
    shown: String,
}

impl Bucket {
    /// Reads `BUCKET/PREFIX`. Nothing is asked yet.
    ///
    /// # Errors
    /// [`BackupError::Setting`].
    pub fn open(
        text: &str,
        options: &BucketOptions,
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, BackupError> {
        // Another part of the program may have been first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let (name, prefix) = text.split_once('/').unwrap_or((text, ""));
        if name.is_empty() {
            let what = "s3:// alone is no place: name the bucket, s3://BUCKET/PREFIX";
            return Err(BackupError::Setting(what.into()));
        }
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(name)
            .with_allow_http(options.allow_http)
            // Not every server has it, and we remove a few at most.
            .with_disable_bulk_delete(true);
        for name in VARIABLES {
            let key = name.to_ascii_lowercase().parse::<AmazonS3ConfigKey>();
            if let (Some(value), Ok(key)) = (variable(name), key) {
                builder = builder.with_config(key, value);
            }
        }
        if let Some(endpoint) = &options.endpoint {
            builder = builder.with_endpoint(endpoint.trim_end_matches('/'));
        }
        if let Some(region) = &options.region {
            builder = builder.with_region(region);
        }
        let built = builder.build();
        let store = built.map_err(|error| {
            let what = format!("the bucket \"{name}\" cannot be used: {error}");
            BackupError::Setting(what)
        })?;
        Ok(Self {
            store: Arc::new(store),
            prefix: Key::from(prefix),
            shown: format!("s3://{text}"),
        })
    }

    /// What speaks with the bucket.
    #[must_use]
    pub fn store(&self) -> Arc<dyn ObjectStore> {
        Arc::clone(&self.store)
    }

    /// Where in it.
    #[must_use]
    pub const fn prefix(&self) -> &Key {
        &self.prefix
    }

    pub(crate) async fn names(&self) -> Result<Vec<String>, BackupError> {
        let listed = self.store.list(Some(&self.prefix));
        let names = listed.try_filter_map(|found| async move {
            let rest = found.location.prefix_match(&self.prefix);
            let mut parts = rest.into_iter().flatten();
            let name = parts.next().map(|part| part.as_ref().to_owned());
            // What lies deeper is not ours.
            Ok(name.filter(|_| parts.next().is_none()))
        });
        names
            .try_collect()
            .await
            .map_err(|error| self.failed("list", "", error))
    }

    pub(crate) async fn put(&self, file: &Path, name: &str) -> Result<(), BackupError> {
        let opened =
            std::fs::File::open(file).and_then(|opened| Ok((opened.metadata()?.len(), opened)));
        let (size, opened) = opened.map_err(BackupError::file("read", file))?;
        let mut parts = Parts {
            file: Some(opened),
            part: usize::try_from(PART.max(size / PARTS)).unwrap_or(usize::MAX),
        };
        let read = |error| BackupError::file("read", file)(error);
        let failed = |error| self.failed("write", name, error);
        let key = self.key(name);
        let first = parts.next().await.map_err(read)?;
        if size <= PART {
            let payload = PutPayload::from(first);
            let put = self.store.put(&key, payload).await;
            return put.map(drop).map_err(failed);
        }
        let upload = self.store.put_multipart(&key).await.map_err(failed)?;
        let mut upload = WriteMultipart::new_with_chunk_size(upload, parts.part);
        let mut next = first;
        while !next.is_empty() {
            if let Err(error) = upload.wait_for_capacity(AT_ONCE).await {
                // What was uploaded of it costs money until it is let go.
                let _ = upload.abort().await;
                return Err(failed(error));
            }
            upload.put(next);
            next = match parts.next().await {
                Ok(next) => next,
                Err(error) => {
                    let _ = upload.abort().await;
                    return Err(read(error));
                }
            };
        }
        upload.finish().await.map(drop).map_err(failed)
    }

    pub(crate) async fn get(&self, name: &str, to: &Path) -> Result<(), BackupError> {
        let failed = |error| self.failed("read back", name, error);
        let found = self.store.get(&self.key(name)).await.map_err(failed)?;
        let mut parts = found.into_stream();
        let written = |error| BackupError::file("write", to)(error);
        let mut file = tokio::fs::File::create(to).await.map_err(written)?;
        while let Some(part) = parts.next().await {
            let part = part.map_err(failed)?;
            file.write_all(&part).await.map_err(written)?;
        }
        file.sync_all().await.map_err(written)
    }

    pub(crate) async fn remove(&self, name: &str) -> Result<(), BackupError> {
        let removed = self.store.delete(&self.key(name)).await;
        removed.map_err(|error| self.failed("remove", name, error))
    }

    fn key(&self, name: &str) -> Key {
        self.prefix.clone().join(name)
    }

    fn failed(&self, what: &'static str, name: &str, source: object_store::Error) -> BackupError {
        let place = format!("{}/{name}", self.shown.trim_end_matches('/'));
        BackupError::Bucket {
            what,
            place: place.trim_end_matches('/').to_owned(),
            why: why(&source),
        }
    }
}

/// What a bucket answers, as its status and S3's word for it: no secret is in it.
#[must_use]
pub fn why(error: &object_store::Error) -> String {
    let said = format!("{error:?}");
    let status = said
        .split("status: ")
        .nth(1)
        .map(|rest| rest.chars().take_while(char::is_ascii_digit).collect())
        .filter(|digits: &String| digits.len() == 3);
    let code = said
        .split("<Code>")
        .nth(1)
        .and_then(|rest| rest.split("</Code>").next())
        .filter(|code| code.len() <= 60 && code.bytes().all(|b| b.is_ascii_alphanumeric()));
    let meant = match error {
        object_store::Error::NotFound { .. } => "it is not there",
        object_store::Error::PermissionDenied { .. }
        | object_store::Error::Unauthenticated { .. } => "it refuses us",
        _ if status.is_none() => "nothing answers as a bucket does",
        _ => "it answers with an error",
    };
    let beside: Vec<String> = status.into_iter().chain(code.map(str::to_owned)).collect();
    match beside.is_empty() {
        true => meant.to_owned(),
        false => format!("{meant} ({})", beside.join(" ")),
    }
}

/// The parts of a file, one after the other; an empty one is the end.
struct Parts {
    file: Option<std::fs::File>,
    part: usize,
}

impl Parts {
    async fn next(&mut self) -> std::io::Result<Bytes> {
        let Some(file) = self.file.take() else {
            return Ok(Bytes::new());
        };
        let most = self.part as u64;
        let (file, bytes) = blocking(move || {
            let mut bytes = Vec::new();
            (&file).take(most).read_to_end(&mut bytes)?;
            Ok((file, bytes))
        })
        .await?;
        self.file = Some(file);
        Ok(bytes.into())
    }
}
