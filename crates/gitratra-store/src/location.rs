//! Where a store is: a file or a PostgreSQL address. What is shown of it never has a password.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use tokio_postgres::config::{Host, TargetSessionAttrs};

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
    /// Reads a path, `sqlite:PATH`, `postgres://…` or `postgresql://…`. What looks like the address
    /// of something else is not taken for a file, whose name would then show a password.
    ///
    /// In an address, `sslmode` may be `disable`, `prefer` (no TLS), `require`, `verify-ca` or
    /// `verify-full` (TLS, the certificate checked in all three cases), and `options` may set the
    /// schema: `options=-c%20search_path%3Dtraffic`. Several servers, `HOST:PORT,HOST:PORT`, are one
    /// store: what takes writes is used, unless `target_session_attrs` says otherwise.
    ///
    /// # Errors
    /// [`StoreError::CannotOpen`] where the text is empty or the address cannot be read. It repeats
    /// nothing of what may hold a password.
    pub fn parse(text: &str) -> Result<Self, StoreError> {
        let scheme = scheme(text).map(str::to_ascii_lowercase);
        if let Some("postgres" | "postgresql") = scheme.as_deref() {
            return server(text);
        }
        let path = match text.strip_prefix("sqlite:") {
            Some(path) => path.strip_prefix("//").unwrap_or(path),
            None if scheme.is_some() => {
                let why = "only files and addresses that begin with postgres:// can be stores";
                return Err(refused("…://…", why));
            }
            None if is_settings(text) => {
                let why = "write it as an address, postgres://USER@HOST:PORT/DATABASE";
                return Err(refused("host=…", why));
            }
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

/// What comes before `://`, where that can be a scheme
/// (<https://www.rfc-editor.org/rfc/rfc3986#section-3.1>).
fn scheme(text: &str) -> Option<&str> {
    let (scheme, _) = text.trim_start().split_once("://")?;
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic());
    (is_scheme && scheme.chars().all(is_part)).then_some(scheme)
}

/// Whether a text is a list of settings as PostgreSQL's own programs take it, `host=… password=…`.
fn is_settings(text: &str) -> bool {
    let keys = [
        "host", "hostaddr", "port", "user", "password", "dbname", "sslmode", "options", "service",
    ];
    // A space may stand on either side of the sign, and any key may come first.
    let text = text.to_ascii_lowercase();
    let first = text.split_once('=').map(|(key, _)| key.trim());
    first.is_some_and(|first| keys.contains(&first))
        || text.split_whitespace().any(|word| {
            let key = word.split_once('=').map(|(key, _)| key);
            key == Some("password")
        })
}

/// `place` stands for a text that may hold a password.
fn refused(place: &str, why: &str) -> StoreError {
    StoreError::CannotOpen {
        location: place.into(),
        why: why.into(),
        source: None,
    }
}

const AT_SIGN: &str = "write %40 for each @ within user and password";

fn server(text: &str) -> Result<Location, StoreError> {
    let text = text.trim_start();
    // The driver takes the scheme in lower case only.
    let (scheme, rest) = text.split_once("://").unwrap_or_default();
    let text = format!("{}://{rest}", scheme.to_ascii_lowercase());
    // The driver ends the password at the first "@"; the rest of it would be shown as the host or
    // the database.
    let before_settings = rest.split('?').next().unwrap_or_default();
    if before_settings.matches('@').count() > 1 {
        return Err(refused("postgres://…", AT_SIGN));
    }
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
    if !config.get_hosts().iter().all(is_host) {
        return Err(refused("postgres://…", AT_SIGN));
    }
    if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
        config.host("localhost");
    }
    let is_several = config.get_hosts().len().max(config.get_hostaddrs().len()) > 1;
    if is_several && !rest.contains("target_session_attrs=") {
        // A standby answers as well, and takes no writes.
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
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

/// Whether a host can be one, and is no part of a password that ended too early.
fn is_host(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => name
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '%')),
        #[cfg(unix)]
        Host::Unix(path) => !path.to_string_lossy().contains('@'),
    }
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
            "postgres://me:p@s3cret@h/x",
            "postgres://me:@s3cret@h/x",
            "postgres://me:p@s3cret/more@h/x",
            "postgres://me:p?a@s3cret@h/x",
            "postgres://me:p@h/x?host=a@s3cret",
            "mysql://me:s3cret@h/x",
            "MariaDB://me:s3cret@h/x",
            "SQLSRV+tls://me:s3cret@h/x",
            " mysql://me:s3cret@h/x",
            "host=h password=s3cret",
            "password=s3cret",
            "HOST = h PASSWORD = s3cret",
            "application_name=a password=s3cret",
        ] {
            let error = Location::parse(bad).expect_err(bad);
            let mut text = format!("{error} {error:?}");
            let mut next = std::error::Error::source(&error);
            while let Some(error) = next {
                text += &error.to_string();
                next = error.source();
            }
            assert!(!text.contains("s3cret"), "{text}");
        }
    }

    #[test]
    fn a_scheme_may_be_in_capitals() {
        let expected = "postgres://me@h:5433/traffic";
        check("POSTGRES://me:s3cret@h:5433/traffic", expected);
        check("PostgreSQL://me:s3%40cret@h:5433/traffic", expected);
        check("postgres://me:/s3#c?ret@h:1/x", "postgres://me@h:1/x");
        check(
            "postgres://me@%2Frun%2Fpg/x",
            "postgres://me@/run/pg:5432/x",
        );
        check("postgres://me@[::1]:1,h:2/x", "postgres://me@::1:1,h:2/x");
    }

    #[test]
    fn of_several_servers_the_one_that_takes_writes_is_used() {
        let wants = |text: &str| match Location::parse(text).unwrap().place {
            Place::Server(config) => config.get_target_session_attrs(),
            Place::File(_) => panic!("{text}"),
        };
        let any = TargetSessionAttrs::Any;
        let writes = TargetSessionAttrs::ReadWrite;
        assert_eq!(wants("postgres://me@a/x"), any);
        assert_eq!(wants("postgres://me@a:1,b:2/x"), writes);
        assert_eq!(wants("postgres://me@a,b/x?target_session_attrs=any"), any);
        assert_eq!(
            wants("postgres://me@a/x?target_session_attrs=read-write"),
            writes
        );
    }

    #[test]
    fn an_at_sign_in_a_password_is_to_be_encoded() {
        let error = Location::parse("postgres://me:p@ss@h/x").unwrap_err();
        assert!(error.to_string().contains("%40"), "{error}");
    }

    #[test]
    fn paths_are_shown_as_given() {
        check("a=b c.db", "a=b c.db");
        check("a b://c", "a b://c");
        check("sqlite:host=x", "host=x");
        check("gitratra.db", "gitratra.db");
        check("sqlite:a b?.db", "a b?.db");
        check("sqlite:///var/x.db", "/var/x.db");
        assert!(Location::parse("").is_err() && Location::parse("sqlite:").is_err());
    }
}
