//! Questions as values: which path is asked, and under which name the question appears in reports.
//!
//! Nothing here sends anything; how an answer is read is in `decode`.

use gitratra_core::select::Owner;
use gitratra_core::{Endpoint, Metric, Ranking, RepoId, RepoName};

/// Which repository is asked about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Target {
    /// By name, `/repos/OWNER/NAME`; GitHub redirects from names of the past.
    Name(RepoName),
    /// By number, `/repositories/ID`, which stays through renames.
    Id(RepoId),
}

impl Target {
    fn path(&self) -> String {
        match self {
            Self::Name(name) => format!("/repos/{name}"),
            Self::Id(id) => format!("/repositories/{id}"),
        }
    }

    fn label(&self) -> String {
        match self {
            Self::Name(name) => name.to_string(),
            Self::Id(id) => format!("repository {id}"),
        }
    }
}

/// Which list of repositories is asked for.
#[derive(Debug, Clone)]
pub enum Listing {
    /// All that the credential's user owns, works on or reaches through an organisation.
    Mine,
    /// Those of an organisation.
    Org(Owner),
    /// The public ones of a user.
    User(Owner),
    /// Those an app installation was given.
    Installation,
}

/// One question.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    /// What kind of question it is.
    pub(crate) endpoint: Endpoint,
    /// The path below the API's address, with its query.
    pub(crate) path: String,
    /// The repository, or the owner whose list is asked for, as it is named in a failure.
    pub(crate) subject: Option<String>,
    pub(crate) way: Way,
}

/// How a question is sent, and on whose account it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// A GET by the client's credential.
    Get,
    /// A GET by nobody, which tells the time.
    Nobody,
    /// The POST by an App that gives a token of an installation.
    Token,
}

impl Question {
    fn bare(endpoint: Endpoint, path: impl Into<String>) -> Self {
        Self {
            endpoint,
            path: path.into(),
            subject: None,
            way: Way::Get,
        }
    }

    pub(crate) fn traffic(target: &Target, metric: Metric) -> Self {
        Self {
            subject: Some(target.label()),
            ..Self::bare(
                metric.into(),
                format!("{}/traffic/{}", target.path(), metric.word()),
            )
        }
    }

    pub(crate) fn ranked(target: &Target, ranking: Ranking) -> Self {
        Self {
            subject: Some(target.label()),
            ..Self::bare(
                ranking.into(),
                format!("{}/traffic/popular/{}", target.path(), ranking.word()),
            )
        }
    }

    pub(crate) fn repository(target: &Target) -> Self {
        Self {
            subject: Some(target.label()),
            ..Self::bare(Endpoint::Repository, target.path())
        }
    }

    pub(crate) fn list(listing: &Listing) -> Self {
        let (path, owner) = match listing {
            Listing::Mine => ("/user/repos?per_page=100".to_owned(), None),
            Listing::Org(owner) => (
                format!("/orgs/{}/repos?per_page=100", owner.as_str()),
                Some(owner),
            ),
            Listing::User(owner) => (
                format!("/users/{}/repos?per_page=100", owner.as_str()),
                Some(owner),
            ),
            Listing::Installation => ("/installation/repositories?per_page=100".to_owned(), None),
        };
        Self {
            subject: owner.map(|owner| owner.as_str().to_owned()),
            ..Self::bare(Endpoint::Repositories, path)
        }
    }

    pub(crate) fn user() -> Self {
        Self::bare(Endpoint::User, "/user")
    }

    pub(crate) fn rate_limit() -> Self {
        Self::bare(Endpoint::RateLimit, "/rate_limit")
    }

    /// The free question whose answer tells the time to who cannot prove to be anybody yet.
    pub(crate) fn time() -> Self {
        Self {
            way: Way::Nobody,
            ..Self::rate_limit()
        }
    }

    pub(crate) fn installations() -> Self {
        Self::bare(Endpoint::Repositories, "/app/installations?per_page=100")
    }

    /// A new token of an installation.
    pub(crate) fn token(installation: u64) -> Self {
        let path = format!("/app/installations/{installation}/access_tokens");
        Self {
            way: Way::Token,
            ..Self::bare(Endpoint::User, path)
        }
    }

    /// The word for logs.
    pub(crate) fn word(&self) -> &'static str {
        match self.way {
            Way::Get | Way::Nobody => self.endpoint.word(),
            Way::Token => "installation_token",
        }
    }

    /// Points of the minute that GitHub counts.
    pub(crate) fn points(&self) -> u32 {
        match self.way {
            Way::Get | Way::Nobody => 1,
            Way::Token => 5,
        }
    }

    /// Whether the hourly limit in the answer is that of the client's credential.
    pub(crate) fn is_own_account(&self) -> bool {
        self.way == Way::Get
    }

    /// Whether the answer costs nothing of the hourly limit, so that it may be asked when that is
    /// used up.
    pub(crate) fn is_free(&self) -> bool {
        self.endpoint == Endpoint::RateLimit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_of_github() {
        let name = Target::Name("Octo/a.b".parse().unwrap());
        let id = Target::Id(RepoId(7));
        let octo = Owner::new("octo").unwrap();
        let found = [
            Question::traffic(&name, Metric::Views),
            Question::traffic(&id, Metric::Clones),
            Question::ranked(&name, Ranking::Paths),
            Question::ranked(&id, Ranking::Referrers),
            Question::repository(&name),
            Question::repository(&id),
            Question::list(&Listing::Mine),
            Question::list(&Listing::Org(octo.clone())),
            Question::list(&Listing::User(octo)),
            Question::list(&Listing::Installation),
        ]
        .map(|question| question.path);
        let expected = [
            "/repos/Octo/a.b/traffic/views",
            "/repositories/7/traffic/clones",
            "/repos/Octo/a.b/traffic/popular/paths",
            "/repositories/7/traffic/popular/referrers",
            "/repos/Octo/a.b",
            "/repositories/7",
            "/user/repos?per_page=100",
            "/orgs/octo/repos?per_page=100",
            "/users/octo/repos?per_page=100",
            "/installation/repositories?per_page=100",
        ];
        assert_eq!(found, expected);
    }
}
