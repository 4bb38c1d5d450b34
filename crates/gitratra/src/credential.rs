//! Where a token comes from. It is never printed or logged, and written to the system's keychain
//! alone.

use std::io::{BufRead as _, IsTerminal as _, Read as _};
use std::path::Path;
use std::process::Stdio;
use std::sync::OnceLock;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use gitratra_github::Credential;
use secrecy::SecretString;

use crate::configured::{Place, What};
use crate::keychain;
use crate::settings::{Settings, variable};

/// A token is a line, and a key a page; whatever is longer is neither.
const LONGEST: u64 = 64 * 1024;

const NO_TOKEN: &str = "\
no token: reading traffic needs one.
  Make a fine-grained personal access token with the repository permission \"Administration: read\"
  (or a classic one with the scope \"repo\", for public repositories \"public_repo\"), then either
    export GITRATRA_TOKEN=…   or   gitratra --token-file FILE …   or   gitratra login --with-token
    or   gh auth login
  A GitHub App can ask as well: --app-id and --app-key.
  To try gitratra without a token: gitratra demo";

/// Who is told that a secret lies open.
pub(crate) type Warn<'a> = &'a mut (dyn FnMut(String) + Send);

/// The first credential of a person, for what one of them is enough for.
pub(crate) async fn find(settings: &Settings) -> Result<Credential> {
    let mut warn = |text: String| tracing::warn!("{text}");
    for configured in settings.credentials() {
        match configured.what {
            What::App { .. } => {}
            What::Token(place) => {
                let token = read(&place, settings, &mut warn).await?;
                return Ok(Credential::Token(token));
            }
            What::Basic { user, place } => {
                let secret = read(&place, settings, &mut warn).await?;
                return Ok(Credential::Basic { user, secret });
            }
        }
    }
    bail!("a GitHub App is no user: this needs the token of one, as in GITRATRA_TOKEN")
}

/// The same, or none at all where there is no token; for questions that need no rights.
pub(crate) async fn find_or_anonymous(settings: &Settings) -> Credential {
    find(settings).await.unwrap_or(Credential::Anonymous)
}

/// The token that lies at a place.
pub(crate) async fn read(
    place: &Place,
    settings: &Settings,
    warn: Warn<'_>,
) -> Result<SecretString> {
    match place {
        Place::File(path) => from_file(path, warn),
        Place::Variable(name) => match variable(name) {
            Some(text) => token(&text, name),
            None => bail!("the variable {name} is not set"),
        },
        Place::System => match from_system(settings).await? {
            Some(token) => Ok(token),
            None => Err(anyhow!(NO_TOKEN)),
        },
    }
}

/// What `login` kept, or else what `gh` is logged in with. A system without a keychain is none to
/// complain of.
async fn from_system(settings: &Settings) -> Result<Option<SecretString>> {
    let api = settings.api_url()?;
    match keychain::read(&keychain::account(&api)).await {
        Ok(Some(token)) => return Ok(Some(token)),
        Ok(None) => {}
        Err(error) => tracing::debug!("no token from the keychain: {error:#}"),
    }
    Ok(match gh_host(api.as_str()) {
        Some(host) => from_gh(&["--hostname", &host]).await,
        // What stays on this machine leaks to nobody.
        None if is_this_machine(api.as_str()) => from_gh(&[]).await,
        None => None,
    })
}

/// A token out of text: surrounding blanks and the line end are not part of it.
fn token(text: &str, from: &str) -> Result<SecretString> {
    let token = text.trim();
    if token.is_empty() {
        bail!("there is no token in {from}");
    }
    if token
        .chars()
        .any(|c| c.is_whitespace() || c.is_control() || !c.is_ascii())
    {
        bail!("what is in {from} is no token: it has blanks or characters that no token has");
    }
    Ok(SecretString::from(token.to_owned()))
}

fn from_file(path: &Path, warn: Warn<'_>) -> Result<SecretString> {
    if path == Path::new("-") {
        return from_stdin_once();
    }
    let name = format!("the token file \"{}\"", path.display());
    token(&secret_file(path, &name, warn)?, &name)
}

/// The private key of an App, as it lies in its file.
pub(crate) fn app_key(path: &Path, warn: Warn<'_>) -> Result<SecretString> {
    let name = format!("the key file \"{}\"", path.display());
    secret_file(path, &name, warn).map(SecretString::from)
}

fn secret_file(path: &Path, name: &str, warn: Warn<'_>) -> Result<String> {
    let file = std::fs::File::open(path).with_context(|| format!("cannot open {name}"))?;
    if is_open_to_all(&file) {
        warn(format!(
            "other users of this machine can read {name}: close it with `chmod 600 '{}'`",
            path.display()
        ));
    }
    let mut text = String::new();
    file.take(LONGEST)
        .read_to_string(&mut text)
        .with_context(|| format!("cannot read {name}"))?;
    Ok(text)
}

#[cfg(unix)]
fn is_open_to_all(file: &std::fs::File) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    const READ_BY_OTHERS: u32 = 0o004;
    let mode = file.metadata().map(|data| data.permissions().mode());
    mode.is_ok_and(|mode| mode & READ_BY_OTHERS != 0)
}

#[cfg(not(unix))]
fn is_open_to_all(_file: &std::fs::File) -> bool {
    false
}

/// What standard input held as the token. There is one for the whole process, and it can be read
/// once, while a program that runs for long looks for its token again and again.
fn from_stdin_once() -> Result<SecretString> {
    static TYPED: OnceLock<SecretString> = OnceLock::new();
    if let Some(typed) = TYPED.get() {
        return Ok(typed.clone());
    }
    let typed = from_stdin()?;
    Ok(TYPED.get_or_init(|| typed).clone())
}

/// The first line of standard input.
pub(crate) fn from_stdin() -> Result<SecretString> {
    let mut text = String::new();
    std::io::stdin()
        .lock()
        .take(LONGEST)
        .read_line(&mut text)
        .context("cannot read the token from standard input")?;
    token(&text, "standard input")
}

/// The web site that belongs to the API's address, by which `gh` knows its tokens. An address without
/// TLS, with a port or on this machine is no site that anybody logged in to.
fn gh_host(api: &str) -> Option<String> {
    let host = api.strip_prefix("https://")?.split('/').next()?;
    let is_address = host.parse::<std::net::IpAddr>().is_ok();
    if host.contains([':', '[']) || is_address || host == "localhost" {
        return None;
    }
    let is_github = host == "api.github.com" || host.ends_with(".ghe.com");
    let site = host.strip_prefix("api.").filter(|_| is_github);
    Some(site.unwrap_or(host).to_owned())
}

/// Whether the API's address cannot be reached from another machine.
fn is_this_machine(api: &str) -> bool {
    let Some((_, rest)) = api.split_once("://") else {
        return false;
    };
    let authority = rest.split('/').next().unwrap_or(rest);
    let host = match authority.strip_prefix('[') {
        Some(bracketed) => bracketed.split(']').next().unwrap_or(bracketed),
        None => authority.split(':').next().unwrap_or(authority),
    };
    let is_loopback = |address: std::net::IpAddr| address.is_loopback();
    host == "localhost" || host.parse().is_ok_and(is_loopback)
}

/// What `gh` is logged in with, where `gh` is installed; `host` narrows it to one site.
async fn from_gh(host: &[&str]) -> Option<SecretString> {
    const PATIENCE: Duration = Duration::from_secs(5);
    let asked = tokio::process::Command::new("gh")
        .args(["auth", "token"])
        .args(host)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(PATIENCE, asked).await.ok()?.ok()?;
    if !output.status.success() {
        return None;
    }
    token(std::str::from_utf8(&output.stdout).ok()?, "gh").ok()
}

/// The credential of the original tool's calls: `token:TOKEN`, `token:-`, `token:`,
/// `username:NAME`.
pub(crate) async fn original(word: &str, settings: &Settings) -> Result<Credential> {
    let after = |prefix: &str| {
        let (head, rest) = word.split_at_checked(prefix.len())?;
        head.eq_ignore_ascii_case(prefix).then_some(rest)
    };
    if let Some(user) = after("username:") {
        if user.is_empty() {
            bail!("\"username:\" lacks the name: write username:NAME");
        }
        return Ok(Credential::Basic {
            user: user.to_owned(),
            secret: prompt(user)?,
        });
    }
    match after("token:") {
        Some("-") => Ok(Credential::Token(from_stdin()?)),
        Some("") => find(settings).await,
        Some(text) => Ok(Credential::Token(token(text, "the arguments")?)),
        // It may hold a token all the same, so it is not repeated.
        None => bail!("the first argument is no credential: write token:TOKEN or username:NAME"),
    }
}

/// Asks for the secret that goes with a user name.
fn prompt(user: &str) -> Result<SecretString> {
    ask(&format!(
        "Personal access token of {user} (GitHub takes no passwords):"
    ))
}

/// Asks for a token without echo; without a terminal it is the first line of standard input.
pub(crate) fn ask(prompt: &str) -> Result<SecretString> {
    if !std::io::stdin().is_terminal() {
        return from_stdin();
    }
    let secret = inquire::Password::new(prompt)
        .without_confirmation()
        .with_display_mode(inquire::PasswordDisplayMode::Hidden)
        .prompt()
        .context("no token was given")?;
    token(&secret, "the prompt")
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret as _;

    #[test]
    fn a_token_is_taken_without_its_line_end() {
        assert_eq!(token(" abc\r\n", "x").unwrap().expose_secret(), "abc");
    }

    #[test]
    fn this_machine_is_known_by_its_addresses() {
        for here in [
            "http://127.0.0.1:8080",
            "http://localhost/api/v3",
            "http://[::1]:1/x",
        ] {
            assert!(is_this_machine(here), "{here}");
        }
        for there in [
            "http://127.0.0.1.example.org",
            "https://10.0.0.1",
            "localhost",
        ] {
            assert!(!is_this_machine(there), "{there}");
        }
    }

    #[test]
    fn gh_is_asked_only_for_the_token_of_the_host_that_gets_it() {
        for (api, site) in [
            ("https://api.github.com", Some("github.com")),
            ("https://api.acme.ghe.com", Some("acme.ghe.com")),
            ("https://git.acme.example/api/v3", Some("git.acme.example")),
            ("http://git.acme.example/api/v3", None),
            ("https://127.0.0.1", None),
            ("https://localhost", None),
            ("https://[::1]", None),
            ("http://127.0.0.1:8080", None),
        ] {
            assert_eq!(gh_host(api).as_deref(), site, "{api}");
        }
    }

    #[test]
    fn what_is_no_token_is_refused_without_being_told() {
        for bad in ["", " \n", "a b", "a\nb", "gh\u{e4}"] {
            let error = token(bad, "the arguments").unwrap_err().to_string();
            assert!(error.contains("the arguments"), "{error}");
            assert!(
                bad.trim().is_empty() || !error.contains(bad.trim()),
                "{error}"
            );
        }
    }
}
