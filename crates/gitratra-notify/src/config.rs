//! What the configuration file says: one `[[notify]]` table for each channel.
//!
//! Everything that can be checked without the environment is checked while it is parsed, and every
//! error names the key.

use std::path::PathBuf;

use gitratra_core::alarm::Names;
use lettre::message::Mailbox;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::address::{MailServer, WebAddress};
use crate::secret::SecretSource;

/// One channel.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Notify {
    /// A program of the operator.
    Command(CommandConfig),
    /// An HTTP receiver.
    Webhook(WebhookConfig),
    /// Mail.
    Email(EmailConfig),
}

impl Notify {
    /// The name by which it is remembered what the channel was told: its `name`, or its kind.
    #[must_use]
    pub fn name(&self) -> &str {
        let (name, kind) = match self {
            Self::Command(config) => (&config.name, "command"),
            Self::Webhook(config) => (&config.name, "webhook"),
            Self::Email(config) => (&config.name, "email"),
        };
        name.as_deref().unwrap_or(kind)
    }

    /// Which repositories it may name.
    #[must_use]
    pub fn names(&self) -> Names {
        match self {
            Self::Command(config) => config.names,
            Self::Webhook(config) => config.names,
            Self::Email(config) => config.names,
        }
    }

    /// The environment variables that hold its secrets.
    pub(crate) fn variables(&self) -> Vec<String> {
        let sources = match self {
            Self::Command(_) => [None, None],
            Self::Webhook(config) => [Some(&config.url), config.secret.as_ref()],
            Self::Email(config) => [config.password.as_ref(), None],
        };
        let variables = sources.into_iter().flatten();
        let variables = variables.filter_map(SecretSource::variable);
        variables.map(str::to_owned).collect()
    }
}

/// `kind = "command"`: a program that is started for each message.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "RawCommand")]
pub struct CommandConfig {
    pub(crate) name: Option<String>,
    pub(crate) names: Names,
    pub(crate) argv: Vec<String>,
}

/// `kind = "webhook"`: an address that gets each message as JSON.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "RawWebhook")]
pub struct WebhookConfig {
    pub(crate) name: Option<String>,
    pub(crate) names: Names,
    pub(crate) url: SecretSource,
    pub(crate) secret: Option<SecretSource>,
}

/// `kind = "email"`: a mail server and the people it delivers to.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "RawEmail")]
pub struct EmailConfig {
    pub(crate) name: Option<String>,
    pub(crate) names: Names,
    pub(crate) server: MailServer,
    pub(crate) user: Option<String>,
    pub(crate) password: Option<SecretSource>,
    pub(crate) ca_file: Option<PathBuf>,
    pub(crate) from: Mailbox,
    pub(crate) to: Vec<Mailbox>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "lowercase")]
enum RawNames {
    #[default]
    All,
    Public,
}

impl From<RawNames> for Names {
    fn from(raw: RawNames) -> Self {
        match raw {
            RawNames::All => Self::All,
            RawNames::Public => Self::Public,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCommand {
    name: Option<String>,
    #[serde(default)]
    names: RawNames,
    argv: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawWebhook {
    name: Option<String>,
    #[serde(default)]
    names: RawNames,
    url: Option<String>,
    url_env: Option<String>,
    url_file: Option<PathBuf>,
    secret: Option<String>,
    secret_env: Option<String>,
    secret_file: Option<PathBuf>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEmail {
    name: Option<String>,
    #[serde(default)]
    names: RawNames,
    server: String,
    user: Option<String>,
    password_env: Option<String>,
    password_file: Option<PathBuf>,
    ca_file: Option<PathBuf>,
    from: String,
    to: Vec<String>,
}

impl TryFrom<RawCommand> for CommandConfig {
    type Error = String;

    fn try_from(raw: RawCommand) -> Result<Self, String> {
        if raw.argv.first().is_none_or(String::is_empty) {
            return Err("\"argv\" must begin with a program".to_owned());
        }
        if raw.argv.iter().any(|part| part.contains('\0')) {
            return Err("\"argv\" must hold no zero bytes".to_owned());
        }
        Ok(Self {
            name: checked_name(raw.name)?,
            names: raw.names.into(),
            argv: raw.argv,
        })
    }
}

impl TryFrom<RawWebhook> for WebhookConfig {
    type Error = String;

    fn try_from(raw: RawWebhook) -> Result<Self, String> {
        let url = raw.url.map(SecretString::from);
        let url = SecretSource::one_of("url", url, raw.url_env, raw.url_file)?;
        let url = url.ok_or("give \"url\", \"url_env\" or \"url_file\"")?;
        if let SecretSource::Inline(text) = &url {
            WebAddress::parse(text.expose_secret()).map_err(|why| format!("\"url\" {why}"))?;
        }
        let secret = raw.secret.map(SecretString::from);
        let secret = SecretSource::one_of("secret", secret, raw.secret_env, raw.secret_file)?;
        if let Some(SecretSource::Inline(text)) = &secret
            && text.expose_secret().is_empty()
        {
            return Err("\"secret\" must not be empty".to_owned());
        }
        Ok(Self {
            name: checked_name(raw.name)?,
            names: raw.names.into(),
            url,
            secret,
        })
    }
}

impl TryFrom<RawEmail> for EmailConfig {
    type Error = String;

    fn try_from(raw: RawEmail) -> Result<Self, String> {
        let server = MailServer::parse(&raw.server).map_err(|why| format!("\"server\" {why}"))?;
        let key = "password";
        let password = SecretSource::one_of(key, None, raw.password_env, raw.password_file)?;
        if raw.user.is_some() != password.is_some() {
            return Err(
                "\"user\" and one of \"password_env\" and \"password_file\" belong together"
                    .to_owned(),
            );
        }
        if raw.to.is_empty() {
            return Err("\"to\" must hold an address".to_owned());
        }
        let to: Result<Vec<Mailbox>, String> =
            raw.to.iter().map(|text| mailbox("to", text)).collect();
        Ok(Self {
            name: checked_name(raw.name)?,
            names: raw.names.into(),
            server,
            user: raw.user,
            password,
            ca_file: raw.ca_file,
            from: mailbox("from", &raw.from)?,
            to: to?,
        })
    }
}

fn mailbox(key: &str, text: &str) -> Result<Mailbox, String> {
    let is_line = !text.chars().any(char::is_control);
    let parsed = text.parse().ok().filter(|_| is_line);
    parsed.ok_or_else(|| {
        format!(
            "\"{key}\" holds \"{}\", which is no mail address",
            text.escape_debug()
        )
    })
}

fn checked_name(name: Option<String>) -> Result<Option<String>, String> {
    let is_wrong = |name: &String| {
        name.trim().is_empty() || name.len() > 60 || name.chars().any(char::is_control)
    };
    match name {
        Some(name) if is_wrong(&name) => {
            Err("\"name\" must be one line of 1 to 60 bytes".to_owned())
        }
        name => Ok(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Notify, String> {
        toml::from_str(text).map_err(|error| error.to_string())
    }

    fn check(text: &str, expected: &str) {
        let error = read(text).unwrap_err();
        assert!(error.contains(expected), "{error}");
    }

    #[test]
    fn a_file_may_hold_one_of_each() {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct File {
            notify: Vec<Notify>,
        }
        let file: File = toml::from_str(
            r#"
            [[notify]]
            kind = "command"
            argv = ["/usr/local/bin/page-me", "--now"]

            [[notify]]
            kind = "webhook"
            name = "team room"
            names = "public"
            url_env = "ROOM_URL"
            secret_file = "/run/secrets/room"

            [[notify]]
            kind = "email"
            server = "smtps://mail.example.org"
            user = "gitratra"
            password_env = "MAIL_PASSWORD"
            from = "gitratra <gitratra@example.org>"
            to = ["ops@example.org", "Jo <jo@example.org>"]
            "#,
        )
        .unwrap();
        let names: Vec<_> = file.notify.iter().map(Notify::name).collect();
        assert_eq!(names, ["command", "team room", "email"]);
        assert_eq!(file.notify[1].names(), Names::Public);
        let variables: Vec<_> = file.notify.iter().flat_map(Notify::variables).collect();
        assert_eq!(variables, ["ROOM_URL", "MAIL_PASSWORD"]);
    }

    #[test]
    fn what_is_wrong_is_named_by_its_key() {
        check("kind = \"pigeon\"", "pigeon");
        check("kind = \"command\"\nargv = []", "\"argv\"");
        check("kind = \"command\"\nargv = [\"x\"]\nurl = \"y\"", "url");
        check(
            "kind = \"command\"\nargv = [\"x\"]\nnames = \"some\"",
            "some",
        );
        check(
            "kind = \"command\"\nargv = [\"x\"]\nname = \"\"",
            "\"name\"",
        );
        check("kind = \"webhook\"", "\"url\"");
        check(
            "kind = \"webhook\"\nurl = \"ftp://h/\"",
            "\"url\" must begin",
        );
        check(
            "kind = \"webhook\"\nurl = \"https://h/\"\nurl_env = \"X\"",
            "only one of \"url\"",
        );
        check(
            "kind = \"webhook\"\nurl_env = \"$X\"",
            "\"url_env\" must be the name",
        );
        let mail = "kind = \"email\"\nserver = \"smtp://h\"\nfrom = \"a@b.c\"\n";
        check(&format!("{mail}to = []"), "\"to\"");
        check(
            &format!("{mail}to = [\"a@b.c\", \"nobody\"]"),
            "\"to\" holds",
        );
        check(
            &format!("{mail}to = [\"a@b.c\\r\\nBcc: d@e.f\"]"),
            "\"to\" holds",
        );
        check(
            &format!("{mail}to = [\"a@b.c\"]\nuser = \"me\""),
            "belong together",
        );
        check(
            &format!("{mail}to = [\"a@b.c\"]\npassword = \"x\""),
            "password",
        );
        check(&mail.replace("smtp:", "imap:"), "to");
        check(
            &format!("{}to = [\"a@b.c\"]", mail.replace("smtp:", "imap:")),
            "\"server\" must be",
        );
    }

    #[test]
    fn no_secret_shows_in_debug() {
        let one =
            read("kind = \"webhook\"\nurl = \"https://h.example/hunter2\"\nsecret = \"hunter2\"");
        assert!(!format!("{:?}", one.unwrap()).contains("hunter2"));
    }
}
