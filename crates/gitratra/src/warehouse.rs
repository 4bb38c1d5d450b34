//! The warehouse that the configuration or somebody asks for, and where it lies.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use gitratra_backup::BucketOptions;
use gitratra_core::platform::Rule;
use gitratra_core::{Pattern, Timestamp};
use gitratra_github::BoxFuture;
use gitratra_store::Store;
use gitratra_sync::{Copier, Copy};
use gitratra_warehouse::{
    BucketPlace, Done, FolderPlace, Manifest, Options, Place, Request, What, manifest, run,
};
use jiff::SignedDuration;
use serde::Deserialize;

use crate::command::chosen;
use crate::serve::myself::new_name;
use crate::settings::variable;

/// The table `[warehouse]` of the configuration file. Credentials come from the environment alone.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Table {
    /// A folder or `s3://BUCKET/PREFIX`.
    to: Option<String>,
    /// The tables.
    #[serde(default)]
    what: Vec<String>,
    /// Patterns of repositories.
    #[serde(default)]
    repo: Vec<String>,
    /// How many hours runs are apart.
    every_hours: Option<u32>,
    endpoint: Option<String>,
    region: Option<String>,
    #[serde(default)]
    allow_http: bool,
    /// There is never more than one run.
    #[serde(default)]
    one_writer: bool,
}

/// What is written and where to.
#[derive(Debug, Clone)]
pub(crate) struct Warehouse {
    to: String,
    bucket: BucketOptions,
    tables: Vec<What>,
    patterns: Vec<Pattern>,
    rules: Vec<Rule>,
    every: SignedDuration,
    pub(crate) options: Options,
}

impl Table {
    /// What is asked for by hand, and else by the table.
    pub(crate) fn warehouse(
        &self,
        place: Option<&str>,
        what: &[String],
        repo: &[String],
        rules: Vec<Rule>,
    ) -> Result<Warehouse> {
        let Some(to) = place.or(self.to.as_deref()) else {
            bail!(
                "nobody said where to: name a folder or s3://BUCKET/PREFIX, or a table [warehouse] \
                 with `to` in the configuration"
            );
        };
        let every = match self.every_hours.unwrap_or(24) {
            0 => bail!("every_hours = 0 is out of range: use 1 or more"),
            hours => SignedDuration::from_hours(hours.into()),
        };
        let is_http = variable("AWS_ALLOW_HTTP").is_some_and(|value| value == "true");
        let warehouse = Warehouse {
            to: to.to_owned(),
            bucket: BucketOptions {
                endpoint: self.endpoint.clone(),
                region: self.region.clone(),
                allow_http: self.allow_http || is_http,
            },
            tables: tables(if what.is_empty() { &self.what } else { what })?,
            patterns: {
                let texts = if repo.is_empty() { &self.repo } else { repo };
                let patterns = texts.iter().map(|text| text.parse());
                patterns.collect::<Result<_, _>>()?
            },
            rules,
            every,
            options: Options {
                is_one_writer: self.one_writer,
                ..Options::default()
            },
        };
        warehouse.bucket()?;
        Ok(warehouse)
    }

    /// What `serve` keeps up to date; nothing where the table names no place.
    pub(crate) fn scheduled(&self, rules: Vec<Rule>) -> Result<Option<Warehouse>> {
        let named = self.to.is_some();
        named
            .then(|| self.warehouse(None, &[], &[], rules))
            .transpose()
    }
}

fn tables(names: &[String]) -> Result<Vec<What>> {
    if names.is_empty() {
        return Ok(What::WAREHOUSE.to_vec());
    }
    let mut tables = Vec::new();
    for name in names {
        let Some(what) = What::parse(name.trim()) else {
            let known: Vec<&str> = What::WAREHOUSE
                .iter()
                .map(|what| what.table().name)
                .collect();
            bail!("there is no table \"{name}\": use {}", known.join(", "));
        };
        if !tables.contains(&what) {
            tables.push(what);
        }
    }
    Ok(tables)
}

impl Warehouse {
    /// Where it lies, as it was given.
    pub(crate) fn shown(&self) -> &str {
        &self.to
    }

    /// The bucket; nothing where it is a folder.
    fn bucket(&self) -> Result<Option<BucketPlace>> {
        match self.to.split_once("://") {
            Some(("s3", rest)) => Ok(Some(BucketPlace::open(rest, &self.bucket, &variable)?)),
            Some((scheme, _)) => {
                bail!("a warehouse cannot lie at {scheme}://: name a folder or s3://BUCKET/PREFIX")
            }
            None => Ok(None),
        }
    }

    fn place(&self) -> Result<Box<dyn Place>> {
        Ok(match self.bucket()? {
            Some(bucket) => Box::new(bucket),
            None if self.options.is_dry => Box::new(FolderPlace::look(Path::new(&self.to))),
            None => Box::new(FolderPlace::open(Path::new(&self.to))?),
        })
    }

    /// Brings it up to date.
    pub(crate) async fn bring_up_to_date(&self, store: &Store, at: Timestamp) -> Result<Done> {
        let repos = chosen(store, self.patterns.clone()).await?;
        let place = self.place()?;
        let request = Request {
            store,
            repos: &repos,
            tables: &self.tables,
            rules: &self.rules,
            rules_text: &format!("{:?}", self.rules),
            at,
            writer: new_name(),
            options: self.options,
        };
        let done = run(&*place, request).await;
        done.with_context(|| format!("the warehouse in \"{}\" is not up to date", self.to))
    }

    async fn newest(&self) -> Result<Option<Timestamp>> {
        let place: Box<dyn Place> = match self.bucket()? {
            Some(bucket) => Box::new(bucket),
            None => Box::new(FolderPlace::look(Path::new(&self.to))),
        };
        let found = place.read(manifest::PATH).await;
        let Ok(Some((bytes, _))) = found else {
            return Ok(None);
        };
        let manifest = Manifest::read(&bytes, &self.to)?;
        let is_whole = manifest.state == manifest::State::Complete;
        Ok(manifest.written_at.parse().ok().filter(|_| is_whole))
    }
}

impl Copier for Warehouse {
    fn every(&self) -> SignedDuration {
        self.every
    }

    fn newest(&self) -> BoxFuture<'_, Result<Option<Timestamp>, String>> {
        Box::pin(async move {
            Self::newest(self)
                .await
                .map_err(|error| format!("{error:#}"))
        })
    }

    fn make<'a>(&'a self, store: &'a Store, at: Timestamp) -> BoxFuture<'a, Result<Copy, String>> {
        Box::pin(async move {
            let done = self.bring_up_to_date(store, at).await;
            let done = done.map_err(|error| format!("{error:#}"))?;
            Ok(Copy {
                told: line(&self.to, &done),
                is_sound: true,
                trouble: None,
            })
        })
    }
}

/// What was done, as one line.
pub(crate) fn line(place: &str, done: &Done) -> String {
    let files = |count: usize| match count {
        1 => "1 file".to_owned(),
        several => format!("{several} files"),
    };
    let what = match (done.written.len(), done.removed.len()) {
        (0, 0) => "nothing new".to_owned(),
        (written, 0) => format!("{} written, {} bytes", files(written), done.bytes),
        (written, removed) => format!(
            "{} written, {} bytes, {} removed",
            files(written),
            done.bytes,
            files(removed)
        ),
    };
    format!(
        "the warehouse in {place}: {what}; {} rows in {} (generation {})",
        done.rows,
        files(done.files),
        done.generation
    )
}
