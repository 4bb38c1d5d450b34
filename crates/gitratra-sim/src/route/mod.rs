//! Which address was asked for, and who answers it.
//!
//! One module per kind of address; each is a function from the world and the asker to a reply.

pub(crate) mod account;
pub(crate) mod app;
pub(crate) mod graphql;
pub(crate) mod list;
pub(crate) mod page;
pub(crate) mod release;
pub(crate) mod repository;
pub(crate) mod runs;
pub(crate) mod star;
pub(crate) mod web;

use axum::http::{Method, Uri};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::clock::Time;
use crate::identity::{Right, Token};
use crate::limit::Budgets;
use crate::reply::Reply;
use crate::repo::{Repo, RepoRef};
use crate::truth::Metric;
use crate::world::{Owner, World};

/// The kinds of address that the simulated GitHub tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Endpoint {
    /// `/user`.
    User,
    /// `/rate_limit`.
    RateLimit,
    /// `/repos/{owner}/{repo}` and `/repositories/{id}`.
    Repo,
    /// `…/traffic/views`.
    Views,
    /// `…/traffic/clones`.
    Clones,
    /// `…/traffic/popular/paths`.
    Paths,
    /// `…/traffic/popular/referrers`.
    Referrers,
    /// `…/releases`.
    Releases,
    /// `…/actions/runs`.
    Runs,
    /// `…/stargazers`, the people; closed to all but those who may push.
    Stargazers,
    /// `…/stargazers/history`.
    StarHistory,
    /// `…/stargazers/count`.
    StarCount,
    /// `/user/repos`.
    UserRepos,
    /// `/orgs/{org}/repos` and `/organizations/{id}/repos`.
    OrgRepos,
    /// `/users/{user}/repos` and `/user/{id}/repos`.
    UsersRepos,
    /// `/installation/repositories`.
    InstallationRepos,
    /// `/app`.
    App,
    /// `/app/installations`.
    AppInstallations,
    /// `/app/installations/{id}`.
    AppInstallation,
    /// `/app/installations/{id}/access_tokens`.
    InstallationToken,
    /// `/login/device/code`, of the web site.
    DeviceCode,
    /// `/login/oauth/access_token`, of the web site.
    DeviceToken,
    /// `/graphql`.
    Graphql,
    /// Anything else: 404.
    Other,
}

impl Endpoint {
    /// The four traffic addresses.
    pub const TRAFFIC: [Self; 4] = [Self::Views, Self::Clones, Self::Paths, Self::Referrers];

    /// Whether it belongs to the web site, and not to the API.
    pub(crate) fn is_web(self) -> bool {
        matches!(self, Self::DeviceCode | Self::DeviceToken)
    }
}

/// The part of a repository that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Whole,
    Window(Metric),
    Paths,
    Referrers,
    Releases,
    Runs,
    Stargazers,
    StarHistory,
    StarCount,
    Unknown,
}

impl Part {
    /// Whether it is one of the four that only those who may push are told.
    pub(crate) fn is_traffic(self) -> bool {
        matches!(self, Self::Window(_) | Self::Paths | Self::Referrers)
    }

    fn read(rest: &str) -> Self {
        match rest {
            "" => Self::Whole,
            "/traffic/views" => Self::Window(Metric::Views),
            "/traffic/clones" => Self::Window(Metric::Clones),
            "/traffic/popular/paths" => Self::Paths,
            "/traffic/popular/referrers" => Self::Referrers,
            "/releases" => Self::Releases,
            "/actions/runs" => Self::Runs,
            "/stargazers" => Self::Stargazers,
            "/stargazers/history" => Self::StarHistory,
            "/stargazers/count" => Self::StarCount,
            _ => Self::Unknown,
        }
    }
}

/// An account by login or by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Account<'a> {
    Login(&'a str),
    Id(u64),
}

impl Account<'_> {
    pub(crate) fn find(self, world: &World) -> Option<&Owner> {
        match self {
            Account::Login(login) => world.owner(login),
            Account::Id(id) => world.owner_by_id(id),
        }
    }
}

/// An address, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target<'a> {
    User,
    RateLimit,
    Versions,
    Named {
        full_name: &'a str,
        part: Part,
        rest: &'a str,
    },
    Numbered {
        id: u64,
        part: Part,
    },
    UserRepos,
    OrgRepos(Account<'a>),
    UsersRepos(Account<'a>),
    InstallationRepos,
    App,
    AppInstallations,
    AppInstallation(u64),
    InstallationToken(u64),
    DeviceCode,
    DeviceToken,
    Graphql,
    Nothing,
}

impl<'a> Target<'a> {
    /// Takes a path apart; a slash too many leads nowhere, as it does at GitHub.
    pub(crate) fn read(path: &'a str) -> Self {
        if let Some(tail) = path.strip_prefix("/repos/") {
            return Self::read_named(tail);
        }
        if let Some(tail) = path.strip_prefix("/repositories/") {
            let (id, rest) = split_at_slash(tail);
            return id.parse().map_or(Self::Nothing, |id| Self::Numbered {
                id,
                part: Part::read(rest),
            });
        }
        match path {
            "/user" => return Self::User,
            "/rate_limit" => return Self::RateLimit,
            "/versions" => return Self::Versions,
            "/user/repos" => return Self::UserRepos,
            "/installation/repositories" => return Self::InstallationRepos,
            "/app" => return Self::App,
            "/app/installations" => return Self::AppInstallations,
            "/graphql" => return Self::Graphql,
            "/login/device/code" => return Self::DeviceCode,
            "/login/oauth/access_token" => return Self::DeviceToken,
            _ => {}
        }
        if let Some(tail) = path.strip_prefix("/app/installations/") {
            let (id, rest) = split_at_slash(tail);
            return match (id.parse(), rest) {
                (Ok(id), "") => Self::AppInstallation(id),
                (Ok(id), "/access_tokens") => Self::InstallationToken(id),
                _ => Self::Nothing,
            };
        }
        let account = |prefix| {
            let tail = path.strip_prefix(prefix)?;
            let account = tail.strip_suffix("/repos")?;
            (!account.is_empty() && !account.contains('/')).then_some(account)
        };
        let numbered = |prefix| account(prefix)?.parse().ok().map(Account::Id);
        if let Some(login) = account("/orgs/") {
            Self::OrgRepos(Account::Login(login))
        } else if let Some(id) = numbered("/organizations/") {
            Self::OrgRepos(id)
        } else if let Some(login) = account("/users/") {
            Self::UsersRepos(Account::Login(login))
        } else if let Some(id) = numbered("/user/") {
            Self::UsersRepos(id)
        } else {
            Self::Nothing
        }
    }

    fn read_named(tail: &'a str) -> Self {
        let Some((owner, after)) = tail.split_once('/') else {
            return Self::Nothing;
        };
        let (name, rest) = split_at_slash(after);
        if owner.is_empty() || name.is_empty() {
            return Self::Nothing;
        }
        Self::Named {
            full_name: &tail[..owner.len() + 1 + name.len()],
            part: Part::read(rest),
            rest,
        }
    }

    pub(crate) fn endpoint(self) -> Endpoint {
        match self {
            Self::User => Endpoint::User,
            Self::RateLimit => Endpoint::RateLimit,
            Self::UserRepos => Endpoint::UserRepos,
            Self::OrgRepos(_) => Endpoint::OrgRepos,
            Self::UsersRepos(_) => Endpoint::UsersRepos,
            Self::InstallationRepos => Endpoint::InstallationRepos,
            Self::App => Endpoint::App,
            Self::AppInstallations => Endpoint::AppInstallations,
            Self::AppInstallation(_) => Endpoint::AppInstallation,
            Self::InstallationToken(_) => Endpoint::InstallationToken,
            Self::DeviceCode => Endpoint::DeviceCode,
            Self::DeviceToken => Endpoint::DeviceToken,
            Self::Graphql => Endpoint::Graphql,
            Self::Named { part, .. } | Self::Numbered { part, .. } => match part {
                Part::Whole => Endpoint::Repo,
                Part::Window(Metric::Views) => Endpoint::Views,
                Part::Window(Metric::Clones) => Endpoint::Clones,
                Part::Paths => Endpoint::Paths,
                Part::Referrers => Endpoint::Referrers,
                Part::Releases => Endpoint::Releases,
                Part::Runs => Endpoint::Runs,
                Part::Stargazers => Endpoint::Stargazers,
                Part::StarHistory => Endpoint::StarHistory,
                Part::StarCount => Endpoint::StarCount,
                Part::Unknown => Endpoint::Other,
            },
            Self::Versions | Self::Nothing => Endpoint::Other,
        }
    }

    /// The repository it leads to, whether or not the asker may see it and it still exists.
    pub(crate) fn repo(self, world: &World) -> Option<&Repo> {
        match self {
            Self::Named { full_name, .. } => world.bearer(full_name),
            Self::Numbered { id, .. } => world.repo(&RepoRef::Id(id)).ok(),
            _ => None,
        }
    }
}

fn split_at_slash(text: &str) -> (&str, &str) {
    text.split_at(text.find('/').unwrap_or(text.len()))
}

/// What a reply depends on.
pub(crate) struct Ask<'a> {
    pub(crate) world: &'a World,
    pub(crate) base: &'a str,
    pub(crate) method: &'a Method,
    pub(crate) uri: &'a Uri,
    /// The `Accept` header.
    pub(crate) accept: &'a str,
    /// What was sent along.
    pub(crate) body: &'a [u8],
    pub(crate) at: Time,
    pub(crate) token: Option<&'a Token>,
    /// The App that signed the request.
    pub(crate) app: Option<&'a App>,
    pub(crate) budgets: Budgets,
    /// Whether the version asked for is 2026-03-10.
    pub(crate) is_new_version: bool,
    /// Whether the address belongs to the web site, and not to the API.
    pub(crate) is_web: bool,
}

impl Ask<'_> {
    /// What the asker may do with a repository.
    pub(crate) fn right(&self, repo: &Repo) -> Right {
        match self.token {
            Some(token) => token.right(repo),
            None if repo.private => Right::None,
            None => Right::Read,
        }
    }

    /// The organization that refuses the asker's token for want of single sign-on.
    pub(crate) fn sso_refusal(&self, owner: &str) -> Option<&Owner> {
        let owner = self.world.sso_owner(owner)?;
        let is_authorised = self.token?.is_authorised_for(&owner.login);
        (!is_authorised).then_some(owner)
    }
}

/// The reply to an address.
pub(crate) fn reply(ask: &Ask<'_>, target: Target<'_>) -> Reply {
    let is_read = *ask.method == Method::GET || *ask.method == Method::HEAD;
    let is_post = *ask.method == Method::POST;
    match target {
        Target::Named {
            full_name,
            part,
            rest,
        } => repository::by_name(ask, full_name, part, rest, is_read),
        Target::InstallationToken(id) if is_post => app::access_token(ask, id),
        Target::DeviceCode if is_post => web::device_code(ask),
        Target::DeviceToken if is_post => web::access_token(ask),
        Target::Graphql if is_post => graphql::reply(ask),
        _ if !is_read => Reply::not_found(),
        Target::App => app::app(ask),
        Target::AppInstallations => app::installations(ask),
        Target::AppInstallation(id) => app::installation(ask, id),
        Target::RateLimit => account::rate_limit(ask),
        Target::Versions => Reply::json(r#"["2026-03-10","2022-11-28"]"#.to_string()),
        // What follows belongs to somebody, and an App that signs is nobody.
        _ if ask.app.is_some() => Reply::error(403, "Resource not accessible by integration"),
        Target::Numbered { id, part } => repository::by_id(ask, id, part),
        Target::User => account::user(ask),
        Target::UserRepos => list::user_repos(ask),
        Target::OrgRepos(account) => list::org_repos(ask, account),
        Target::UsersRepos(account) => list::users_repos(ask, account),
        Target::InstallationRepos => list::installation_repositories(ask),
        Target::InstallationToken(_)
        | Target::DeviceCode
        | Target::DeviceToken
        | Target::Graphql
        | Target::Nothing => Reply::not_found(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, expected: Endpoint) {
        assert_eq!(Target::read(path).endpoint(), expected, "{path}");
    }

    #[test]
    fn addresses_are_told_apart() {
        check("/repos/o/r/traffic/views", Endpoint::Views);
        check("/repositories/7/traffic/popular/paths", Endpoint::Paths);
        check("/repos/o/r", Endpoint::Repo);
        check("/repos/o/r/stargazers/history", Endpoint::StarHistory);
        check("/repositories/7/stargazers", Endpoint::Stargazers);
        check("/repos/o/r/", Endpoint::Other);
        check("/repos/o", Endpoint::Other);
        check("/repositories/x", Endpoint::Other);
        check("/orgs/acme/repos", Endpoint::OrgRepos);
        check("/organizations/5/repos", Endpoint::OrgRepos);
        check("/users/octo/repos", Endpoint::UsersRepos);
        check("/user/5/repos", Endpoint::UsersRepos);
        check("/user/repos", Endpoint::UserRepos);
        check("/orgs/a/b/repos", Endpoint::Other);
        check("/app/installations", Endpoint::AppInstallations);
        check("/app/installations/5", Endpoint::AppInstallation);
        let tokens = "/app/installations/5/access_tokens";
        check(tokens, Endpoint::InstallationToken);
        check("/app/installations/x", Endpoint::Other);
        check("/graphql", Endpoint::Graphql);
        check("/repos/o/r/actions/runs", Endpoint::Runs);
    }
}
