//! Where a secret comes from: the configuration itself, an environment variable, or a file.

use std::path::PathBuf;

use secrecy::SecretString;

use crate::OpenError;

/// The place of a secret. Its `Debug` shows no secret.
#[derive(Debug, Clone)]
pub enum SecretSource {
    /// Written in the configuration.
    Inline(SecretString),
    /// In the environment variable of this name.
    Env(String),
    /// In this file, with or without a line end after it.
    File(PathBuf),
}

impl SecretSource {
    /// The one of three keys that is given; `key` is the name of the first of them.
    pub(crate) fn one_of(
        key: &str,
        inline: Option<SecretString>,
        env: Option<String>,
        file: Option<PathBuf>,
    ) -> Result<Option<Self>, String> {
        match (inline, env, file) {
            (None, None, None) => Ok(None),
            (Some(text), None, None) => Ok(Some(Self::Inline(text))),
            (None, Some(name), None) if is_variable(&name) => Ok(Some(Self::Env(name))),
            (None, Some(_), None) => Err(format!(
                "\"{key}_env\" must be the name of an environment variable"
            )),
            (None, None, Some(path)) => Ok(Some(Self::File(path))),
            _ => Err(format!(
                "give only one of \"{key}\", \"{key}_env\" and \"{key}_file\""
            )),
        }
    }

    /// The environment variable that holds it.
    pub(crate) fn variable(&self) -> Option<&str> {
        match self {
            Self::Env(name) => Some(name),
            _ => None,
        }
    }

    pub(crate) fn fetch(
        &self,
        channel: &str,
        env: &dyn Fn(&str) -> Option<SecretString>,
    ) -> Result<SecretString, OpenError> {
        match self {
            Self::Inline(secret) => Ok(secret.clone()),
            Self::Env(name) => env(name).ok_or_else(|| OpenError::NoVariable {
                channel: channel.to_owned(),
                name: name.clone(),
            }),
            Self::File(path) => {
                let text = std::fs::read_to_string(path).map_err(|source| OpenError::File {
                    channel: channel.to_owned(),
                    path: path.clone(),
                    source,
                })?;
                let text = SecretString::from(text);
                Ok(trimmed(&text))
            }
        }
    }
}

fn trimmed(text: &SecretString) -> SecretString {
    use secrecy::ExposeSecret;
    SecretString::from(text.expose_secret().trim_end_matches(['\r', '\n']))
}

fn is_variable(name: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    !name.is_empty() && name.chars().all(is_part)
}
