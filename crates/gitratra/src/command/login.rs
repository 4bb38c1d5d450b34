//! `login` and `logout`: a token in the system's keychain.

use anyhow::{Context as _, Result, anyhow, bail};
use gitratra_core::Timestamp;
use gitratra_github::device::{self, DeviceError};
use gitratra_github::{ApiUrl, Credential, DeviceOptions, FailureKind, SiteUrl};
use jiff::SignedDuration;
use secrecy::{ExposeSecret as _, SecretString};

use crate::Exit;
use crate::args;
use crate::configured::{Place, What};
use crate::output::Voice;
use crate::settings::Settings;
use crate::{connect, credential, interrupt, keychain};

/// What a classic token needs for the traffic of private repositories; what is asked of an OAuth
/// app. A GitHub App takes no scopes.
const SCOPE: &str = "repo";

const PROMPT: &str = "Personal access token:";

pub(super) async fn login(args: &args::Login, settings: &Settings, voice: Voice) -> Result<Exit> {
    let api = settings.api_url()?;
    let token = match args.with_token {
        true => credential::ask(PROMPT)?,
        false => with_the_browser(args, &api, settings, voice).await?,
    };
    let checked = check(&token, settings).await?;
    let account = keychain::account(&api);
    let kept = keychain::keep(&account, token.clone()).await;
    kept.map_err(without_keychain)?;
    let whose = match &checked.login {
        Some(login) => format!("the token of \"{login}\""),
        None => "the token, which is no user's,".to_owned(),
    };
    voice.say(&format!(
        "{whose} is kept in this system's keychain, for {account}"
    ));
    tell_rights(&token, &checked, voice);
    tell_end(&checked, voice);
    tell_what_comes_first(settings, voice);
    Ok(Exit::Done)
}

pub(super) async fn logout(settings: &Settings, voice: Voice) -> Result<Exit> {
    let api = settings.api_url()?;
    let account = keychain::account(&api);
    let forgotten = keychain::forget(&account).await;
    if forgotten.context("nothing was forgotten")? {
        let page = api.site().map_or_else(String::new, |site| {
            format!(" ({site}/settings/tokens or {site}/settings/applications)")
        });
        voice.say(&format!(
            "the token for {account} is forgotten here; it works elsewhere until it is revoked on GitHub{page}"
        ));
    } else {
        voice.say(&format!(
            "there was no token for {account} in this system's keychain"
        ));
    }
    Ok(Exit::Done)
}

/// The device flow: a person types a code on GitHub's page.
async fn with_the_browser(
    args: &args::Login,
    api: &ApiUrl,
    settings: &Settings,
    voice: Voice,
) -> Result<SecretString> {
    let Some(site) = api.site() else {
        bail!("nobody logs in over plain http: give the API address as https");
    };
    let Some(client_id) = settings.client_id(args.client_id.as_deref()) else {
        bail!(no_client_id(&site));
    };
    // Nobody shall type a code for nothing.
    let looked = keychain::read(&keychain::account(api)).await;
    looked.map_err(without_keychain)?;
    let options = DeviceOptions::new(site, client_id, SCOPE.to_owned());
    let begun = device::begin(&options).await.map_err(refused)?;
    let interrupt = interrupt::listen(voice)?;
    voice.tell(&format!(
        "open   {}\nenter  {}\nwithin {} minutes; waiting …",
        begun.verification_uri,
        begun.user_code,
        begun.expires_in.as_secs() / 60
    ));
    tokio::select! {
        token = begun.wait() => token.map_err(refused),
        () = interrupt.cancelled() => bail!("the login was interrupted, so no token is kept"),
    }
}

fn refused(error: DeviceError) -> anyhow::Error {
    let action = error.action();
    anyhow!("{error}: {action}").context("no token was given, so none is kept")
}

fn no_client_id(site: &SiteUrl) -> String {
    format!(
        "\
logging in with the browser needs the client id of an OAuth app, which is no secret.
  Make one at {site}/settings/developers under \"OAuth Apps\", with any homepage and callback URL and with
  \"Enable Device Flow\", then either
    gitratra login --client-id ID   or   export GITRATRA_CLIENT_ID=ID   or   client_id = \"ID\" in the configuration
  Without an app:
    gitratra login --with-token   keeps a personal access token ({site}/settings/tokens)
    gh auth login                 gitratra takes the token of gh
    export GITRATRA_TOKEN=…       or   gitratra --token-file FILE …"
    )
}

fn without_keychain(error: anyhow::Error) -> anyhow::Error {
    anyhow!(
        "\
the token cannot be kept: {error:#}
  Without a keychain, keep it
    in a file that only you can read (chmod 600 FILE), named by --token-file FILE or token_file in the configuration
    as a systemd credential: LoadCredential=github:FILE in the unit, and gitratra --token-file ${{CREDENTIALS_DIRECTORY}}/github
    or in the variable GITRATRA_TOKEN"
    )
}

/// What GitHub says of a token.
struct Checked {
    /// Nothing where the token is no user's.
    login: Option<String>,
    scopes: Option<Vec<String>>,
    expires_at: Option<Timestamp>,
    now: Option<Timestamp>,
}

/// Asks GitHub whose token it is; one that is refused is an error.
async fn check(token: &SecretString, settings: &Settings) -> Result<Checked> {
    let client = connect::client(settings, Credential::Token(token.clone()), 0, 1)?;
    let asked = match client.login().await {
        Ok((login, _)) => Ok(Some(login)),
        // Installations of Apps are no users; whether they are taken is told by what all may ask.
        Err(failure)
            if matches!(
                failure.kind,
                FailureKind::Forbidden(_) | FailureKind::NotFound
            ) =>
        {
            match client.rate_limit().await {
                Ok(_) => Ok(None),
                // Servers without limits answer so.
                Err(failure) if failure.kind == FailureKind::NotFound => Ok(None),
                Err(failure) => Err(failure),
            }
        }
        Err(failure) => Err(failure),
    };
    let login = asked.map_err(|failure| {
        anyhow!("{failure}: {}", failure.action())
            .context("GitHub does not answer to the token, so it is not kept")
    })?;
    Ok(Checked {
        login,
        scopes: client.scopes(),
        expires_at: client.token_expires_at(),
        now: client.server_now(),
    })
}

/// What the token may do, as far as GitHub tells, and what it lacks.
fn tell_rights(token: &SecretString, checked: &Checked, voice: Voice) {
    let begins = |prefix: &str| token.expose_secret().starts_with(prefix);
    let Some(scopes) = &checked.scopes else {
        voice.say(
            "GitHub does not tell the permissions of such a token: it needs the repository permission \
             \"Administration: read\"; `gitratra doctor` tells whether it has it",
        );
        if begins("ghs_") {
            voice.warn(
                "an installation's token ends within the hour: give the App itself with --app-id and --app-key",
            );
        } else if begins("ghu_") {
            voice.warn(
                "a token that a GitHub App gives to a user ends after 8 hours, unless the App was told otherwise: \
                 for collecting, log in through an OAuth app or give the App itself with --app-id and --app-key",
            );
        }
        return;
    };
    let has = |scope: &str| scopes.iter().any(|one| one == scope);
    match scopes.is_empty() {
        true => voice.say("it has no scopes"),
        false => voice.say(&format!("its scopes: {}", scopes.join(", "))),
    }
    if !has("repo") && !has("public_repo") {
        voice.warn(
            "reading traffic needs the scope \"repo\", or \"public_repo\" where only public repositories are read: \
             give it to the token in its settings on GitHub",
        );
    } else if !has("repo") {
        voice.say("without the scope \"repo\" it sees public repositories only");
    }
}

fn tell_end(checked: &Checked, voice: Voice) {
    const SOON: SignedDuration = SignedDuration::from_hours(14 * 24);
    let Some(end) = checked.expires_at else {
        voice.say("GitHub names no day on which it expires");
        return;
    };
    let left = checked.now.map(|now| end.duration_since(now));
    let text = match left {
        Some(left) => format!("it expires on {end:.0}, in {}", days(left.as_hours() / 24)),
        None => format!("it expires on {end:.0}"),
    };
    match left {
        Some(left) if left < SOON => voice.warn(&text),
        _ => voice.say(&text),
    }
}

fn days(number: i64) -> String {
    match number {
        0 => "less than a day".to_owned(),
        1 => "1 day".to_owned(),
        number => format!("{number} days"),
    }
}

/// A kept token is looked for only where nothing else is named.
fn tell_what_comes_first(settings: &Settings, voice: Voice) {
    for configured in settings.credentials() {
        let what = match configured.what {
            What::Token(Place::System) => continue,
            What::Token(Place::Variable(name)) => format!("the token in {name}"),
            What::Token(Place::File(path)) => format!("the token in \"{}\"", path.display()),
            What::Basic { .. } | What::App { .. } => {
                format!("the credential \"{}\"", configured.label)
            }
        };
        voice.warn(&format!("{what} is used in place of the kept one"));
    }
}
