//! Which credentials are named by flags, environment and configuration file. Nothing is read here,
//! and no text holds a secret.

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

use crate::args::Global;
use crate::settings::variable;

/// The variables that may hold the token, in the order in which they count.
pub(crate) const TOKEN_VARIABLES: [&str; 3] = ["GITRATRA_TOKEN", "GITHUB_TOKEN", "GH_TOKEN"];

/// Variables with secrets of other kinds.
const OTHER_SECRETS: [&str; 5] = [
    "GITRATRA_DB",
    "GITRATRA_OIDC_CLIENT_SECRET",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
];

/// The label of the one token that needs no table.
pub(crate) const TOKEN_LABEL: &str = "token";

/// A credential as it is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Configured {
    /// How a person knows it.
    pub(crate) label: String,
    pub(crate) what: What,
}

/// What is shown to GitHub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum What {
    /// A token.
    Token(Place),
    /// A user name with a token in the place of the password.
    Basic { user: String, place: Place },
    /// A GitHub App, with all its installations.
    App { id: String, key_file: PathBuf },
}

/// Where a token lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// In a file; `-` is standard input.
    File(PathBuf),
    /// In an environment variable.
    Variable(String),
    /// In the system's keychain, or else with `gh`.
    System,
}

/// A `[[credential]]` table of the configuration file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Table {
    label: String,
    token_file: Option<PathBuf>,
    token_env: Option<String>,
    user: Option<String>,
    app_id: Option<AppId>,
    app_key_file: Option<PathBuf>,
}

/// The number of an App or its client id, with or without quotes.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum AppId {
    Number(u64),
    Text(String),
}

impl AppId {
    fn text(&self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text.clone(),
        }
    }
}

/// What the configuration file says of credentials.
#[derive(Debug, Clone, Default)]
pub(crate) struct FileKeys {
    pub(crate) token_file: Option<PathBuf>,
    pub(crate) app_id: Option<AppId>,
    pub(crate) app_key_file: Option<PathBuf>,
    pub(crate) tables: Vec<Table>,
}

/// Everything that flags, environment and file say of credentials.
#[derive(Debug, Clone)]
pub(crate) struct Named {
    token: Option<Place>,
    app: Option<Configured>,
    tables: Vec<Configured>,
}

impl Named {
    /// Flag beats environment beats file. The error names the table or the setting.
    pub(crate) fn new(global: &Global, file: &FileKeys) -> Result<Self> {
        let in_variable = || {
            let set = |name: &&&str| variable(name).is_some();
            let name = TOKEN_VARIABLES.iter().find(set)?;
            Some(Place::Variable((*name).to_owned()))
        };
        let flag = global.token_file.clone().map(Place::File);
        let token = flag
            .or_else(in_variable)
            .or_else(|| file.token_file.clone().map(Place::File));
        let app_id = global
            .app_id
            .clone()
            .or_else(|| variable("GITRATRA_APP_ID"))
            .or_else(|| file.app_id.as_ref().map(AppId::text));
        let app_key = global
            .app_key
            .clone()
            .or_else(|| variable("GITRATRA_APP_KEY_FILE").map(PathBuf::from))
            .or_else(|| file.app_key_file.clone());
        let app = match (app_id, app_key) {
            (None, None) => None,
            (Some(id), Some(key_file)) => Some(Configured {
                label: format!("App {id}"),
                what: What::App { id, key_file },
            }),
            (Some(id), None) => bail!(
                "the App \"{id}\" lacks its private key: name the file with --app-key, GITRATRA_APP_KEY_FILE or the key app_key_file"
            ),
            (None, Some(key_file)) => bail!(
                "\"{}\" is the key of no App: give the App's number or client id with --app-id, GITRATRA_APP_ID or the key app_id",
                key_file.display()
            ),
        };
        let tables: Vec<Configured> = file
            .tables
            .iter()
            .map(Table::configured)
            .collect::<Result<_>>()?;
        for (place, table) in tables.iter().enumerate() {
            if tables[..place].iter().any(|one| one.label == table.label) {
                bail!(
                    "two tables [[credential]] have the label \"{}\": give each its own",
                    table.label
                );
            }
        }
        Ok(Self { token, app, tables })
    }

    /// Every environment variable that may hold a secret of ours, set or not: programs that we start
    /// get none of them.
    pub(crate) fn secret_variables(&self) -> Vec<String> {
        let places = self.tables.iter().filter_map(|table| match &table.what {
            What::Token(Place::Variable(name)) => Some(name.clone()),
            What::Basic {
                place: Place::Variable(name),
                ..
            } => Some(name.clone()),
            _ => None,
        });
        let fixed = TOKEN_VARIABLES.into_iter().chain(OTHER_SECRETS);
        fixed.map(str::to_owned).chain(places).collect()
    }

    /// All credentials that may ask, in order. What the system holds counts only where nothing
    /// else is named.
    pub(crate) fn all(&self) -> Vec<Configured> {
        let token = |place: &Place| Configured {
            label: TOKEN_LABEL.to_owned(),
            what: What::Token(place.clone()),
        };
        let mut all: Vec<Configured> = self.token.iter().map(token).collect();
        all.extend(self.app.clone());
        all.extend(self.tables.iter().cloned());
        if all.is_empty() {
            all.push(token(&Place::System));
        }
        all
    }
}

impl Table {
    /// What the table names; it must name exactly one thing.
    fn configured(&self) -> Result<Configured> {
        let label = self.label.trim();
        if label.is_empty() || label.len() > 60 || label.chars().any(char::is_control) {
            bail!("a table [[credential]] has no usable label: give it a short name");
        }
        let what = self.what().with_context(|| {
            format!("the table [[credential]] with the label \"{label}\" cannot be used")
        })?;
        Ok(Configured {
            label: label.to_owned(),
            what,
        })
    }

    fn what(&self) -> Result<What> {
        let Self {
            label: _,
            token_file,
            token_env,
            user,
            app_id,
            app_key_file,
        } = self;
        Ok(match (token_file, token_env, user, app_id, app_key_file) {
            (Some(file), None, None, None, None) => What::Token(Place::File(file.clone())),
            (None, Some(name), None, None, None) => What::Token(Place::Variable(name.clone())),
            (Some(file), None, Some(user), None, None) => What::Basic {
                user: user.clone(),
                place: Place::File(file.clone()),
            },
            (None, None, None, Some(id), Some(key_file)) => What::App {
                id: id.text(),
                key_file: key_file.clone(),
            },
            _ => bail!(
                "it must have exactly one of token_file, token_env, user with token_file, and app_id with app_key_file"
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct File {
        credential: Vec<Table>,
    }

    fn read(keys: &str) -> Result<Configured> {
        let text = format!("[[credential]]\nlabel = \"work\"\n{keys}");
        let file: File = toml::from_str(&text)?;
        file.credential[0].configured()
    }

    #[test]
    fn a_table_names_exactly_one_credential() {
        let file = || Place::File("t".into());
        for (keys, expected) in [
            ("token_file = \"t\"", What::Token(file())),
            (
                "token_env = \"T\"",
                What::Token(Place::Variable("T".into())),
            ),
            (
                "user = \"octo\"\ntoken_file = \"t\"",
                What::Basic {
                    user: "octo".into(),
                    place: file(),
                },
            ),
            (
                "app_id = 7\napp_key_file = \"k\"",
                What::App {
                    id: "7".into(),
                    key_file: "k".into(),
                },
            ),
            (
                "app_id = \"Iv1.7\"\napp_key_file = \"k\"",
                What::App {
                    id: "Iv1.7".into(),
                    key_file: "k".into(),
                },
            ),
        ] {
            assert_eq!(read(keys).unwrap().what, expected, "{keys}");
        }
        for keys in [
            "",
            "token_file = \"t\"\ntoken_env = \"T\"",
            "user = \"octo\"",
            "user = \"octo\"\ntoken_env = \"T\"",
            "app_id = 7",
            "app_key_file = \"k\"",
            "token_file = \"t\"\napp_id = 7\napp_key_file = \"k\"",
        ] {
            let error = format!("{:#}", read(keys).unwrap_err());
            assert!(
                error.contains("\"work\"") && error.contains("token_env"),
                "{error}"
            );
        }
        assert!(read("token = \"ghp_x\"").is_err());
    }

    #[test]
    fn what_the_system_holds_counts_only_where_nothing_is_named() {
        let named = |token: Option<Place>, tables: Vec<Configured>| Named {
            token,
            app: None,
            tables,
        };
        let system = Configured {
            label: "token".into(),
            what: What::Token(Place::System),
        };
        let table = read("token_file = \"t\"").unwrap();
        assert_eq!(named(None, vec![]).all(), [system]);
        assert_eq!(
            named(None, vec![table.clone()]).all()[..],
            *std::slice::from_ref(&table)
        );
        let both = named(Some(Place::Variable("GH_TOKEN".into())), vec![table]).all();
        let labels: Vec<&str> = both.iter().map(|one| &*one.label).collect();
        assert_eq!(labels, ["token", "work"]);
    }
}
