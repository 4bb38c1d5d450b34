//! The copies of the store that the configuration asks for, and where they go.

use anyhow::{Result, bail};
use gitratra_backup::{BucketOptions, Keep, Kept, Target, keep, time_of};
use gitratra_core::Timestamp;
use gitratra_github::BoxFuture;
use gitratra_store::Store;
use gitratra_sync::{Copier, Copy};
use jiff::SignedDuration;
use serde::Deserialize;

use crate::settings::variable;

/// The table `[backup]` of the configuration file. Credentials come from the environment alone.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Table {
    /// A folder or `s3://BUCKET/PREFIX`.
    to: String,
    /// How many hours copies are apart.
    every_hours: Option<u32>,
    #[serde(default)]
    keep: KeepTable,
    endpoint: Option<String>,
    region: Option<String>,
    #[serde(default)]
    allow_http: bool,
}

/// Which copies stay.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeepTable {
    last: Option<u32>,
    daily: Option<u32>,
    weekly: Option<u32>,
    monthly: Option<u32>,
}

/// Copies that are made from time to time.
#[derive(Debug)]
pub(crate) struct Scheduled {
    pub(crate) target: Target,
    pub(crate) keep: Keep,
    every: SignedDuration,
}

impl Table {
    fn options(&self) -> BucketOptions {
        BucketOptions {
            endpoint: self.endpoint.clone(),
            region: self.region.clone(),
            allow_http: self.allow_http,
        }
    }

    /// What the table asks for.
    pub(crate) fn scheduled(&self) -> Result<Scheduled> {
        let every = match self.every_hours.unwrap_or(24) {
            0 => bail!("every_hours = 0 is out of range: use 1 or more"),
            hours => SignedDuration::from_hours(hours.into()),
        };
        let usual = Keep::default();
        let table = &self.keep;
        Ok(Scheduled {
            target: target(&self.to, Some(self))?,
            keep: Keep {
                last: table.last.unwrap_or(usual.last),
                daily: table.daily.unwrap_or(usual.daily),
                weekly: table.weekly.unwrap_or(usual.weekly),
                monthly: table.monthly.unwrap_or(usual.monthly),
            },
            every,
        })
    }
}

/// Where copies go; how a bucket is reached is told by the table in any case.
pub(crate) fn target(text: &str, table: Option<&Table>) -> Result<Target> {
    let mut options = table.map(Table::options).unwrap_or_default();
    options.allow_http |= variable("AWS_ALLOW_HTTP").is_some_and(|value| value == "true");
    Ok(Target::parse(text, &options, &variable)?)
}

impl Copier for Scheduled {
    fn every(&self) -> SignedDuration {
        self.every
    }

    fn newest(&self) -> BoxFuture<'_, Result<Option<Timestamp>, String>> {
        Box::pin(async move {
            let names = self
                .target
                .names()
                .await
                .map_err(|error| told(error.into()))?;
            Ok(names.iter().filter_map(|name| time_of(name)).max())
        })
    }

    fn make<'a>(&'a self, store: &'a Store, at: Timestamp) -> BoxFuture<'a, Result<Copy, String>> {
        Box::pin(async move {
            let made = keep(store, &self.target, at, Some(self.keep)).await;
            let made = made.map_err(|error| told(error.into()))?;
            // Which repositories these are is told to whoever asks, since some may be private.
            let damage = (!made.checked.is_sound()).then(|| {
                format!(
                    "it was made, and {} places in it are damaged as they are in the store; \
                     `gitratra verify` names them",
                    made.checked.verified.wrong
                )
            });
            Ok(Copy {
                told: made_line(&self.target, &made),
                is_sound: made.checked.is_sound(),
                trouble: damage.or(made.not_removed),
            })
        })
    }
}

/// What was made, as one line.
pub(crate) fn made_line(target: &Target, made: &Kept) -> String {
    let removed = match made.removed.len() {
        0 => String::new(),
        1 => ", one old copy removed".to_owned(),
        several => format!(", {several} old copies removed"),
    };
    format!(
        "copied to {}: {} bytes, read back and checked{removed}",
        target.place_of(&made.name),
        made.bytes
    )
}

/// An error with its causes as one line.
fn told(error: anyhow::Error) -> String {
    format!("{:#}", error.context("it was not made"))
}
