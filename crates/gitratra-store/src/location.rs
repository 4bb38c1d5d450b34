//! Where a store is: a file or a PostgreSQL address. What is shown of it never has a password.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use tokio_postgres::config::Host;

use crate::StoreError;

/// A place for a store, as `--db` names it.
///
/// `Display` and `Debug` show a path as it was given, and of an address only user, host, port and
/// database.
#[derive(Clone)]
pub struct Location {
    shown: String,
    pub(crate) place: Place,
}

#[derive(Clone)]
pub(crate) enum Place {
    File(PathBuf),
    Server(Arc<tokio_postgres::Config>),
}

impl Location {
    /// Reads a path, `sqlite:PATH`, `postgres://…` or `postgresql://…`.
    ///
    /// In an address, `sslmode` may be `disable`, `prefer` (no TLS), `require`, `verify-ca` or
    /// `verify-full` (TLS, the certificate checked in all three cases), and `options` may set the
    /// schema: `options=-c%20search_path%3Dtraffic`.
    ///
    /// # Errors
    /// [`StoreError::CannotOpen`] where the text is empty or the address cannot be read.
    pub fn parse(text: &str) -> Result<Self, StoreError> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return server(text);
        }
        let path = match text.strip_prefix("sqlite:") {
            Some(path) => path.strip_prefix("//").unwrap_or(path),
            None => text,
        };
        if path.is_empty() {
            return Err(StoreError::CannotOpen {
                location: text.to_owned(),
                why: "name a file, or an address that begins with postgres://".into(),
                source: None,
            });
        }
        Ok(Self::file(path))
    }

    /// A file, whatever its name looks like.
    #[must_use]
    pub fn file(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        Self {
            shown: path.display().to_string(),
            place: Place::File(path),
        }
    }

    /// The file, where it is one.
    #[must_use]
    pub fn path(&self) -> Option<&std::path::Path> {
        match &self.place {
            Place::File(path) => Some(path),
            Place::Server(_) => None,
        }
    }
}

fn server(text: &str) -> Result<Location, StoreError> {
    // The driver knows only "require"; our TLS always checks the certificate, which is more.
    let known = text
        .replace("sslmode=verify-full", "sslmode=require")
        .replace("sslmode=verify-ca", "sslmode=require");
    let mut config: tokio_postgres::Config =
        known.parse().map_err(|error| StoreError::CannotOpen {
            // Not the text: it may hold a password at any place.
            location: "postgres://…".into(),
            why: "the address cannot be read, write postgres://USER@HOST:PORT/DATABASE".into(),
            source: Some(Arc::new(error)),
        })?;
    if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
        config.host("localhost");
    }
    if config.get_application_name().is_none() {
        config.application_name("gitratra");
    }
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(std::time::Duration::from_secs(10));
    }
    Ok(Location {
        shown: shown(&config),
        place: Place::Server(Arc::new(config)),
    })
}

/// Only what is harmless, put together anew.
fn shown(config: &tokio_postgres::Config) -> String {
    let ports = config.get_ports();
    let hosts = config.get_hosts().iter().enumerate().map(|(at, host)| {
        let host = match host {
            Host::Tcp(name) => name.clone(),
            #[cfg(unix)]
            Host::Unix(path) => path.display().to_string(),
        };
        match ports.get(at).or(ports.first()) {
            Some(port) => format!("{host}:{port}"),
            None => host,
        }
    });
    let hosts = hosts.collect::<Vec<_>>().join(",");
    let user = config
        .get_user()
        .map_or(String::new(), |user| format!("{user}@"));
    let database = config.get_dbname().unwrap_or_default();
    format!("postgres://{user}{hosts}/{database}")
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.shown)
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let location = Location::parse(text).unwrap();
        assert_eq!(location.to_string(), expected);
        assert_eq!(format!("{location:?}"), expected);
    }

    #[test]
    fn a_password_is_never_shown() {
        let expected = "postgres://me@db.example:5433/traffic";
        check("postgres://me:s3cret@db.example:5433/traffic", expected);
        check(
            "postgresql://me@db.example:5433/traffic?password=s3cret",
            expected,
        );
        check(
            "postgres://me:s3%40cret@db.example:5433/traffic?sslmode=verify-full",
            expected,
        );
    }

    #[test]
    fn an_address_that_cannot_be_read_is_not_repeated() {
        for bad in [
            "postgres://me:s3cret@[::1/x",
            "postgres://me:s3cret@h/x?sslmode=s3cret",
            "postgres://me:s3cret@h:s3cret/x",
        ] {
            let error = Location::parse(bad).unwrap_err();
            let mut text = error.to_string();
            let mut next = std::error::Error::source(&error);
            while let Some(error) = next {
                text += &error.to_string();
                next = error.source();
            }
            assert!(!text.contains("s3cret"), "{text}");
        }
    }

    #[test]
    fn paths_are_shown_as_given() {
        check("gitratra.db", "gitratra.db");
        check("sqlite:a b?.db", "a b?.db");
        check("sqlite:///var/x.db", "/var/x.db");
        assert!(Location::parse("").is_err() && Location::parse("sqlite:").is_err());
    }
}
