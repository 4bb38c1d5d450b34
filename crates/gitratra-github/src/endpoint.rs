//! Questions as values: which path is asked, and under which name the question appears in reports.
//!
//! Nothing here sends anything; how an answer is read is in `decode`.

use gitratra_core::select::Owner;
use gitratra_core::{Day, Endpoint, Metric, Ranking, RepoId, RepoName, StarHistory};

use crate::gate::Fare;
use crate::limit::Resource;
use crate::meter::Price;
use crate::query;

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
    /// The path below the API's address, with its query; a GraphQL query has an address of its own.
    pub(crate) path: String,
    /// The repository, or the owner whose list is asked for, as it is named in a failure.
    pub(crate) subject: Option<String>,
    pub(crate) way: Way,
    /// What is posted, and how many points of the hour that costs at most.
    pub(crate) letter: Option<(String, u64)>,
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
    /// The POST of a GraphQL query by the client's credential, which changes nothing.
    Query,
}

impl Question {
    fn bare(endpoint: Endpoint, path: impl Into<String>) -> Self {
        Self {
            endpoint,
            path: path.into(),
            subject: None,
            way: Way::Get,
            letter: None,
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

    /// Views or clones by week.
    pub(crate) fn traffic_by_week(target: &Target, metric: Metric) -> Self {
        let path = format!("{}/traffic/{}?per=week", target.path(), metric.word());
        Self::about(target, Endpoint::by_week(metric), path)
    }

    /// A page of the history of stars. The list of stargazers, who are persons, is never asked for.
    pub(crate) fn star_history(target: &Target, page: u32) -> Self {
        let path = format!(
            "{}/stargazers/history?per_page={}&page={page}",
            target.path(),
            StarHistory::PAGE
        );
        Self::about(target, Endpoint::Stars, path)
    }

    pub(crate) fn releases(target: &Target) -> Self {
        let path = format!("{}/releases?per_page=100", target.path());
        Self::about(target, Endpoint::Releases, path)
    }

    /// Runs that were created on a UTC day; of the list itself as little as may be asked for.
    pub(crate) fn workflow_runs(target: &Target, day: Day) -> Self {
        let path = format!(
            "{}/actions/runs?created={day}..{day}&per_page=1",
            target.path()
        );
        Self::about(target, Endpoint::WorkflowRuns, path)
    }

    /// The counters of the repositories with these node ids.
    pub(crate) fn counters(ids: &[&str]) -> Self {
        Self {
            way: Way::Query,
            letter: Some((query::letter(ids), query::price(ids.len()))),
            ..Self::bare(Endpoint::Counters, "")
        }
    }

    fn about(target: &Target, endpoint: Endpoint, path: String) -> Self {
        Self {
            subject: Some(target.label()),
            ..Self::bare(endpoint, path)
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
            Way::Get | Way::Nobody | Way::Query => self.endpoint.word(),
            Way::Token => "installation_token",
        }
    }

    /// What GitHub counts for it, and where.
    pub(crate) fn fare(&self) -> Fare {
        let points = match self.way {
            Way::Get | Way::Nobody | Way::Query => 1,
            Way::Token => 5,
        };
        let hourly = match &self.letter {
            _ if self.is_free() => 0,
            Some((_, price)) => *price,
            None => 1,
        };
        Fare {
            resource: self.resource(),
            price: Price { points, hourly },
        }
    }

    /// The budget that it is counted against.
    pub(crate) fn resource(&self) -> Resource {
        match self.way {
            Way::Get | Way::Nobody | Way::Token => Resource::Core,
            Way::Query => Resource::GraphQl,
        }
    }

    /// Whether the hourly limit in the answer is that of the client's credential.
    pub(crate) fn is_own_account(&self) -> bool {
        matches!(self.way, Way::Get | Way::Query)
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
            Question::traffic_by_week(&name, Metric::Views),
            Question::star_history(&id, 3),
            Question::releases(&name),
            Question::workflow_runs(&id, "2026-01-07".parse().unwrap()),
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
            "/repos/Octo/a.b/traffic/views?per=week",
            "/repositories/7/stargazers/history?per_page=30&page=3",
            "/repos/Octo/a.b/releases?per_page=100",
            "/repositories/7/actions/runs?created=2026-01-07..2026-01-07&per_page=1",
        ];
        assert_eq!(found, expected);
    }
}
