//! Lists of repositories and their pages.
//!
//! A list says nothing of repositories that the asker cannot see, and its `Link` names accounts
//! by id, as GitHub's does.

use std::collections::BTreeSet;

use crate::body::{self, RepoView};
use crate::identity::{Right, TokenKind};
use crate::reply::Reply;
use crate::repo::Repo;
use crate::route::page::{Parameters, Span, parameters};
use crate::route::{Account, Ask};

fn parameter<'a>(parameters: &'a Parameters, name: &str, default: &'a str) -> &'a str {
    parameters.get(name).map_or(default, String::as_str)
}

/// `/user/repos`: everything the token's user owns, works on or reaches as a member.
pub(crate) fn user_repos(ask: &Ask<'_>) -> Reply {
    let Some(token) = ask.token else {
        return Reply::requires_authentication();
    };
    if token.spec.kind == TokenKind::Installation {
        return Reply::error(403, "Resource not accessible by integration");
    }
    let parameters = parameters(ask);
    let kind = parameters.get("type").map(String::as_str);
    let has_either =
        parameters.contains_key("visibility") || parameters.contains_key("affiliation");
    if kind.is_some() && has_either {
        return Reply::error(
            422,
            "If you specify visibility or affiliation, you cannot specify type.",
        );
    }
    let visibility = match kind {
        Some(kind @ ("public" | "private")) => kind,
        _ => parameter(&parameters, "visibility", "all"),
    };
    let affiliation = match kind {
        Some("owner") => Some("owner"),
        Some("member") => Some("collaborator,organization_member"),
        _ => parameters.get("affiliation").map(String::as_str),
    };
    let mut left_out = BTreeSet::new();
    let repos = ask.world.listed().filter(|repo| {
        let is_affiliated = |chosen: &str| {
            let relation = relation(ask, repo);
            chosen.split(',').any(|each| each == relation)
        };
        let wanted = is_visibility(repo, visibility)
            && affiliation.is_none_or(is_affiliated)
            && token.granted(repo) >= Right::Read
            && ask.right(repo) >= Right::Read;
        let refusal = wanted.then(|| ask.sso_refusal(repo.owner())).flatten();
        if let Some(owner) = refusal {
            left_out.insert(owner.id);
        }
        wanted && refusal.is_none()
    });
    let repos = repos.collect();
    let reply = page(
        ask,
        repos,
        &parameters,
        ("full_name", "asc"),
        "/user/repos",
        None,
    );
    if left_out.is_empty() {
        return reply;
    }
    let ids: Vec<_> = left_out.iter().map(u64::to_string).collect();
    let value = format!("partial-results; organizations={}", ids.join(","));
    reply.header("x-github-sso", &value)
}

/// How the asker relates to a repository, in the words of `affiliation`.
fn relation(ask: &Ask<'_>, repo: &Repo) -> &'static str {
    let login = ask.token.map_or("", |token| token.login.as_str());
    let owner = ask.world.owner(repo.owner());
    if login.eq_ignore_ascii_case(repo.owner()) {
        "owner"
    } else if owner.is_some_and(|owner| owner.is_organization) {
        "organization_member"
    } else {
        "collaborator"
    }
}

fn is_visibility(repo: &Repo, visibility: &str) -> bool {
    match visibility {
        "public" => !repo.private,
        "private" => repo.private,
        _ => true,
    }
}

/// `/orgs/{org}/repos`: what the asker sees of an organization.
pub(crate) fn org_repos(ask: &Ask<'_>, account: Account<'_>) -> Reply {
    let Some(owner) = account
        .find(ask.world)
        .filter(|owner| owner.is_organization)
    else {
        return Reply::not_found();
    };
    if ask.sso_refusal(&owner.login).is_some() {
        return Reply::sso_required(&owner.login);
    }
    let parameters = parameters(ask);
    let kind = parameter(&parameters, "type", "all");
    let repos = ask.world.listed().filter(|repo| {
        let fits = match kind {
            "forks" => repo.fork,
            "sources" => !repo.fork,
            visibility => is_visibility(repo, visibility),
        };
        fits && repo.owner().eq_ignore_ascii_case(&owner.login) && ask.right(repo) >= Right::Read
    });
    let path = format!("/organizations/{}/repos", owner.id);
    page(
        ask,
        repos.collect(),
        &parameters,
        ("created", "desc"),
        &path,
        None,
    )
}

/// `/users/{user}/repos`: an account's public repositories.
pub(crate) fn users_repos(ask: &Ask<'_>, account: Account<'_>) -> Reply {
    let Some(owner) = account.find(ask.world) else {
        return Reply::not_found();
    };
    let parameters = parameters(ask);
    let is_member_only = parameter(&parameters, "type", "owner") == "member";
    let repos = ask.world.listed().filter(|repo| {
        !is_member_only && !repo.private && repo.owner().eq_ignore_ascii_case(&owner.login)
    });
    let path = format!("/user/{}/repos", owner.id);
    page(
        ask,
        repos.collect(),
        &parameters,
        ("full_name", "asc"),
        &path,
        None,
    )
}

/// `/installation/repositories`: what an App's installation was given.
pub(crate) fn installation_repositories(ask: &Ask<'_>) -> Reply {
    let token = match ask.token {
        None => return Reply::requires_authentication(),
        Some(token) if token.spec.kind != TokenKind::Installation => {
            return Reply::error(
                403,
                "You must authenticate with an installation access token in order to list repositories for an installation.",
            );
        }
        Some(token) => token,
    };
    let repos: Vec<_> = ask
        .world
        .listed()
        .filter(|repo| token.granted(repo) >= Right::Read)
        .collect();
    // Tokens that no App was asked for are for what a test chose.
    let is_for_all = token.installation.is_some() && token.reach.is_none();
    let selection = if is_for_all { "all" } else { "selected" };
    let head = format!(
        "{{\"total_count\":{},\"repository_selection\":\"{selection}\",\"repositories\":",
        repos.len()
    );
    let path = "/installation/repositories";
    page(
        ask,
        repos,
        &parameters(ask),
        ("full_name", "asc"),
        path,
        Some(&head),
    )
}

/// One page of a list, inside `wrapper{…}` where there is one.
fn page(
    ask: &Ask<'_>,
    mut repos: Vec<&Repo>,
    parameters: &Parameters,
    (sort, direction): (&str, &str),
    path: &str,
    wrapper: Option<&str>,
) -> Reply {
    order(&mut repos, parameters, sort, direction);
    let span = Span::read(parameters, repos.len());
    let repos = &repos[span.range()];
    let mut text = Vec::with_capacity(1600 * repos.len() + 100);
    text.extend_from_slice(wrapper.unwrap_or_default().as_bytes());
    text.push(b'[');
    for (index, repo) in repos.iter().enumerate() {
        if index > 0 {
            text.push(b',');
        }
        let view = RepoView {
            base: ask.base,
            owner: ask.world.owner(repo.owner()),
            right: ask.token.map(|_| ask.right(repo)),
            is_full: false,
            numbers: ask.world.numbers(repo, ask.at),
        };
        body::repository(&mut text, repo, view);
    }
    text.push(b']');
    if wrapper.is_some() {
        text.push(b'}');
    }
    span.linked(Reply::json(text), ask, parameters, path)
}

fn order(repos: &mut [&Repo], parameters: &Parameters, sort: &str, direction: &str) {
    let sort = parameter(parameters, "sort", sort);
    let usual = if sort == "full_name" {
        "asc"
    } else {
        direction.max("desc")
    };
    match sort {
        "created" | "updated" | "pushed" => repos.sort_by_key(|repo| (repo.created, repo.id)),
        _ => {}
    }
    if parameter(parameters, "direction", usual) == "desc" {
        repos.reverse();
    }
}
