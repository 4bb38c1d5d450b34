//! What can go wrong with a question, sorted by what the caller does next.
//!
//! Every text in here is one line, bounded, and free of the credential.

use std::fmt;

use gitratra_core::{Endpoint, Timestamp};

/// A question without an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The repository as it was asked for: `owner/name`, or `repository ID` where it was asked by
    /// number; of a list the owner, where it has one.
    pub repo: Option<String>,
    /// What was asked.
    pub endpoint: Endpoint,
    /// The status of GitHub's answer, where there was one.
    pub status: Option<u16>,
    /// GitHub's words, or ours where it had none.
    pub message: String,
    /// What it means.
    pub kind: FailureKind,
    pub(crate) hint: Hint,
    /// What could not be done, where the question's own words would mislead.
    pub(crate) deed: Option<&'static str>,
}

/// What a failure means for what is done next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FailureKind {
    /// The credential is not taken. The client sends nothing more.
    Unauthorized,
    /// A limit is used up. The client sends nothing before `until`.
    RateLimited {
        /// When it is worth asking again, by the server's clock.
        until: Option<Timestamp>,
    },
    /// The credential is taken, but may not do this.
    Forbidden(Need),
    /// GitHub knows nothing of it, or does not say.
    NotFound,
    /// GitHub has blocked the repository.
    Blocked {
        /// GitHub's word for the reason: `dmca`, `tos`, `unavailable`.
        reason: String,
    },
    /// The answer cannot be right; nothing of it was taken.
    Malformed,
    /// A redirect or a next page lies on another host, to which nothing was sent.
    OtherHost {
        /// That host, with its port where one was named.
        location: String,
    },
    /// GitHub's own trouble, after retries.
    Server,
    /// No answer came, or none came whole, after retries.
    Unreachable,
    /// GitHub does not take the question.
    Refused,
}

/// What is missing where GitHub forbids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Need {
    /// Push access to the repository.
    PushAccess,
    /// A permission of a fine-grained token or an app, such as `Administration (read)`.
    Permission(String),
    /// The scope `repo` or `public_repo` of a classic token.
    Scope,
    /// Single sign-on of an organisation.
    Sso {
        /// GitHub's page for it, valid for an hour; only an https page of GitHub's own site.
        url: Option<String>,
        /// The numbers of the organisations, where GitHub gave them.
        organizations: Vec<String>,
    },
    /// Something else; the message says what.
    Other,
}

impl FailureKind {
    /// The word of each kind, for counting; they stay as they are.
    pub const WORDS: [&str; 10] = [
        "unauthorized",
        "rate_limited",
        "forbidden",
        "not_found",
        "blocked",
        "malformed",
        "other_host",
        "server",
        "unreachable",
        "refused",
    ];

    /// The word of this kind.
    #[must_use]
    pub fn word(&self) -> &'static str {
        Self::WORDS[self.place()]
    }

    /// The place of this kind among [`FailureKind::WORDS`].
    pub(crate) fn place(&self) -> usize {
        match self {
            Self::Unauthorized => 0,
            Self::RateLimited { .. } => 1,
            Self::Forbidden(_) => 2,
            Self::NotFound => 3,
            Self::Blocked { .. } => 4,
            Self::Malformed => 5,
            Self::OtherHost { .. } => 6,
            Self::Server => 7,
            Self::Unreachable => 8,
            Self::Refused => 9,
        }
    }

    /// The same with each text that comes from outside passed through `change` and made one line.
    pub(crate) fn with_texts(self, change: impl Fn(&str) -> String) -> Self {
        let clean = |text: String| one_line(&change(&text), MESSAGE_CHARS);
        match self {
            Self::Blocked { reason } => Self::Blocked {
                reason: clean(reason),
            },
            Self::OtherHost { location } => Self::OtherHost {
                location: clean(location),
            },
            Self::Forbidden(Need::Permission(permission)) => {
                Self::Forbidden(Need::Permission(clean(permission)))
            }
            Self::Forbidden(Need::Sso { url, organizations }) => Self::Forbidden(Need::Sso {
                // An address that is cut off would lead nowhere.
                url: url.map(|url| change(&url)).filter(|url| url.len() <= 2000),
                organizations,
            }),
            other => other,
        }
    }
}

/// What the client knew beyond the answer itself, for a better sentence in [`Failure::action`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Hint {
    /// Nothing.
    #[default]
    Nothing,
    /// A user name and a secret were sent.
    Basic,
    /// No credential was sent.
    Anonymous,
    /// The token has no scope that shows private repositories.
    PublicOnly,
    /// This kind of server has no traffic endpoints.
    NoTraffic,
    /// What the App's key has signed was not taken.
    AppKey,
    /// The App has no such installation.
    AppGone,
    /// The installation is suspended.
    AppSuspended,
    /// A token of the installation was refused, and then another one that was made anew.
    AppToken,
    /// GitHub gave up on a query about many repositories at once.
    TooMuch,
    /// What may be spent could not be agreed on with those who share the store.
    Unagreed,
}

impl Failure {
    /// A failure of a kind; the message is made one short line.
    #[must_use]
    pub fn new(
        repo: Option<String>,
        endpoint: Endpoint,
        status: Option<u16>,
        message: &str,
        kind: FailureKind,
    ) -> Self {
        Self {
            repo,
            endpoint,
            status,
            message: one_line(message, MESSAGE_CHARS),
            kind,
            hint: Hint::Nothing,
            deed: None,
        }
    }

    /// The same failure under the repository's present name.
    #[must_use]
    pub fn named(mut self, repo: impl fmt::Display) -> Self {
        self.repo = Some(repo.to_string());
        self
    }

    /// The same failure as it meets another question, which could not be asked because of it.
    pub(crate) fn met_by(mut self, repo: Option<String>, endpoint: Endpoint) -> Self {
        self.message = one_line(
            &format!("no token for the installation: {}", self.message),
            MESSAGE_CHARS,
        );
        Self {
            repo,
            endpoint,
            ..self
        }
    }

    /// Whether GitHub gave up on a question about many repositories at once, so that asking about
    /// half of them may help. It was not asked again.
    #[must_use]
    pub fn is_too_much_at_once(&self) -> bool {
        self.hint == Hint::TooMuch
    }

    /// What to change so that it works, as one sentence without a full stop.
    #[must_use]
    pub fn action(&self) -> String {
        match &self.kind {
            FailureKind::Unauthorized => match self.hint {
                Hint::Basic => {
                    "GitHub takes no account passwords since 2020-11-13: use a personal \
                     access token, and if it was one, it is wrong, expired or revoked"
                        .to_owned()
                }
                Hint::Anonymous => {
                    "give a token, GitHub answers nobody without one here".to_owned()
                }
                Hint::AppKey => "check the App's id and that the key file belongs to it; a key \
                     that was deleted in the App's settings on GitHub has to be made anew"
                    .to_owned(),
                Hint::AppGone => "the App is not installed there any more, or its id is another \
                     App's: install it again, or check the App's id and its key file"
                    .to_owned(),
                Hint::AppSuspended => "the installation is suspended: unsuspend it in the \
                     account's settings on GitHub, under \"Applications\""
                    .to_owned(),
                Hint::AppToken => "GitHub takes no token of this installation, not even a new \
                     one: check that the App is still installed and not suspended"
                    .to_owned(),
                _ => "the token is wrong, expired or revoked: make a new one".to_owned(),
            },
            FailureKind::RateLimited { until: Some(until) } => {
                format!(
                    "wait until {until}, when GitHub's rate limit lets this credential ask again"
                )
            }
            FailureKind::RateLimited { .. } if self.hint == Hint::Unagreed => {
                "look after the database, which is asked what may be spent; the log has its answer"
                    .to_owned()
            }
            FailureKind::RateLimited { until: None } => {
                "wait until GitHub's rate limit lets this credential ask again".to_owned()
            }
            FailureKind::Forbidden(need) => self.missing(need),
            FailureKind::NotFound => self.not_found(),
            FailureKind::Blocked { reason } => format!(
                "nothing to be done from here, GitHub has blocked the repository (\"{reason}\"); \
                 what was collected is kept"
            ),
            FailureKind::Server | FailureKind::Unreachable if self.is_too_much_at_once() => {
                "ask about fewer repositories at once, or about each alone".to_owned()
            }
            FailureKind::Malformed => {
                "nothing of the answer was taken; try again later, and check that the API address \
                 and any proxy lead to GitHub"
                    .to_owned()
            }
            FailureKind::OtherHost { location } => format!(
                "nothing was sent to \"{location}\"; if that is the right server, give it as the \
                 API address"
            ),
            FailureKind::Server => "GitHub has trouble of its own, try again later".to_owned(),
            FailureKind::Unreachable => {
                "check the network, the API address and the proxy settings, then try again"
                    .to_owned()
            }
            FailureKind::Refused if self.status == Some(410) => {
                "GitHub has retired this version of its API: get a newer gitratra".to_owned()
            }
            FailureKind::Refused => {
                "GitHub does not take the question; check the API address".to_owned()
            }
        }
    }

    fn missing(&self, need: &Need) -> String {
        match need {
            Need::PushAccess => {
                "get push access to the repository, GitHub shows its traffic to nobody else"
                    .to_owned()
            }
            Need::Permission(permission) if is_traffic(self.endpoint) => format!(
                "give the token the repository permission {permission} and push access to the \
                 repository"
            ),
            Need::Permission(permission) => {
                format!("give the token the repository permission {permission}")
            }
            Need::Scope => "give the token the scope \"repo\" (for public repositories \
                 \"public_repo\" is enough)"
                .to_owned(),
            Need::Sso { url: Some(url), .. } => {
                format!("authorize the token for the organization's single sign-on (SSO) at {url}")
            }
            Need::Sso { url: None, .. } => {
                "authorize the token for the organization's single sign-on (SSO) in the token's \
                 settings on GitHub"
                    .to_owned()
            }
            Need::Other if self.message.contains("login attempts") => {
                "wait some minutes: GitHub locks a user out after several wrong tokens".to_owned()
            }
            Need::Other if self.hint == Hint::Anonymous => {
                "give a token, GitHub answers nobody without one here".to_owned()
            }
            Need::Other => "look at what GitHub says".to_owned(),
        }
    }

    fn not_found(&self) -> String {
        let subject = match self.endpoint {
            Endpoint::Counters => return "check the API address, no GraphQL is there".to_owned(),
            Endpoint::Repositories => "no such user or organization, or it is",
            _ => "the repository was deleted, renamed without trace, is",
        };
        let hint = match self.hint {
            Hint::PublicOnly => {
                "; the token lacks the scope \"repo\", so it sees no private repositories"
            }
            Hint::NoTraffic => "; this kind of server has no traffic endpoints",
            _ if self.endpoint == Endpoint::Stars => {
                "; where it can be read otherwise, this server has no history of stars, or hides it"
            }
            _ => "",
        };
        format!("{subject} private and not visible to this token, or the name has a typo{hint}")
    }

    fn fmt_deed(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.endpoint, &self.repo) {
            (Endpoint::Repository, Some(repo)) => write!(f, "cannot look up \"{repo}\"")?,
            (Endpoint::Repositories, Some(owner)) => {
                write!(f, "cannot list the repositories of \"{owner}\"")?;
            }
            (Endpoint::Repositories, None) => f.write_str("cannot list repositories")?,
            (Endpoint::RateLimit, None) => f.write_str("cannot read the rate limit")?,
            (Endpoint::User, None) => f.write_str("cannot ask whose token this is")?,
            (Endpoint::Counters, None) => f.write_str("cannot count many repositories at once")?,
            (endpoint, Some(repo)) => {
                let what = endpoint.word().replace('_', " ");
                write!(f, "cannot read {what} of \"{repo}\"")?;
            }
            (endpoint, None) => write!(f, "cannot read {endpoint}")?,
        }
        Ok(())
    }
}

/// Whether a question is about traffic, which GitHub shows only to those who may push.
pub(crate) fn is_traffic(endpoint: Endpoint) -> bool {
    let is_by_week = matches!(endpoint, Endpoint::ViewsByWeek | Endpoint::ClonesByWeek);
    is_by_week || Endpoint::TRAFFIC.contains(&endpoint)
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.deed {
            Some(deed) => f.write_str(deed)?,
            None => self.fmt_deed(f)?,
        }
        match self.status {
            Some(status) => write!(f, ": {status} {}", self.message),
            None => write!(f, ": {}", self.message),
        }
    }
}

impl std::error::Error for Failure {}

/// The longest message that is shown.
pub(crate) const MESSAGE_CHARS: usize = 300;

/// A text as one line of at most `chars` characters, without control characters, without those that
/// cannot be seen and without those that turn the direction of writing.
pub(crate) fn one_line(text: &str, chars: usize) -> String {
    let is_hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    let mut line = String::new();
    let mut left = chars;
    let mut is_gap = false;
    for c in text.chars() {
        if c.is_whitespace() || is_hidden(c) {
            is_gap = !line.is_empty();
            continue;
        }
        let needed = 1 + usize::from(is_gap);
        if left < needed + 1 {
            line.push('…');
            break;
        }
        if std::mem::take(&mut is_gap) {
            line.push(' ');
        }
        line.push(c);
        left -= needed;
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(kind: FailureKind) -> Failure {
        Failure::new(
            Some("o/r".to_owned()),
            Endpoint::Views,
            Some(403),
            "Must have push access to repository",
            kind,
        )
    }

    #[test]
    fn a_failure_names_what_was_asked_and_what_github_said() {
        assert_eq!(
            failure(FailureKind::Forbidden(Need::PushAccess)).to_string(),
            "cannot read views of \"o/r\": 403 Must have push access to repository"
        );
        let list = Failure::new(
            None,
            Endpoint::Repositories,
            None,
            "connection refused",
            FailureKind::Unreachable,
        );
        assert_eq!(
            list.to_string(),
            "cannot list repositories: connection refused"
        );
    }

    fn check(kind: FailureKind, hint: Hint, expected: &[&str]) {
        let action = Failure {
            hint,
            ..failure(kind)
        }
        .action();
        for word in expected {
            assert!(action.contains(word), "{action} lacks {word}");
        }
    }

    #[test]
    fn the_action_says_what_to_change() {
        use FailureKind::{Forbidden, NotFound, Unauthorized};
        check(Unauthorized, Hint::Nothing, &["expired", "revoked"]);
        check(Unauthorized, Hint::Basic, &["personal access token"]);
        check(Forbidden(Need::PushAccess), Hint::Nothing, &["push access"]);
        check(
            Forbidden(Need::Permission("Administration (read)".to_owned())),
            Hint::Nothing,
            &["Administration (read)"],
        );
        check(Forbidden(Need::Scope), Hint::Nothing, &["scope", "repo"]);
        check(
            NotFound,
            Hint::Nothing,
            &["deleted", "renamed", "private", "typo"],
        );
        check(NotFound, Hint::PublicOnly, &["scope \"repo\""]);
        let url = Some("https://github.com/orgs/o/sso".to_owned());
        let organizations = vec![];
        check(
            Forbidden(Need::Sso { url, organizations }),
            Hint::Nothing,
            &["https://github.com/orgs/o/sso"],
        );
    }

    #[test]
    fn each_kind_has_a_word_of_its_own() {
        use FailureKind as Kind;
        let reason = String::new;
        let kinds = [
            Kind::Unauthorized,
            Kind::RateLimited { until: None },
            Kind::Forbidden(Need::Other),
            Kind::NotFound,
            Kind::Blocked { reason: reason() },
            Kind::Malformed,
            Kind::OtherHost { location: reason() },
            Kind::Server,
            Kind::Unreachable,
            Kind::Refused,
        ];
        let words = kinds.map(|kind| kind.word());
        assert_eq!(words, FailureKind::WORDS);
    }

    #[test]
    fn a_message_is_one_short_line() {
        assert_eq!(one_line(" a\n\tb\u{1b}[31m c ", 300), "a b [31m c");
        assert_eq!(one_line("abc\u{202e}def", 300), "abc def");
        for hidden in ['\u{61c}', '\u{200e}', '\u{200f}']
            .into_iter()
            .chain('\u{202a}'..='\u{202e}')
            .chain('\u{2060}'..='\u{2069}')
        {
            assert_eq!(one_line(&format!("abc{hidden}def"), 300), "abc def");
        }
        assert_eq!(one_line("abcdef", 4), "abc…");
        assert_eq!(one_line("é".repeat(400).as_str(), 300).chars().count(), 300);
        assert_eq!(one_line("", 300), "");
    }
}
