//! One repository and its traffic, by name and by id.

use crate::body::{self, RepoView};
use crate::identity::{Right, TrafficRefusal};
use crate::reply::Reply;
use crate::repo::{Repo, RepoRef};
use crate::route::{Ask, Part, release, runs, star};
use crate::window::Per;
use crate::world::{Located, next_number};

/// Answers for a name; a former one leads on to the id.
pub(crate) fn by_name(
    ask: &Ask<'_>,
    full_name: &str,
    part: Part,
    rest: &str,
    is_read: bool,
) -> Reply {
    match ask.world.locate(full_name) {
        Located::Here(repo) if is_read => reply(ask, repo, part),
        Located::Moved(repo) if ask.right(repo) >= Right::Read => {
            let query = ask.uri.query().map(|query| format!("?{query}"));
            let query = query.unwrap_or_default();
            let location = format!("{}/repositories/{}{rest}{query}", ask.base, repo.id);
            Reply::moved(if is_read { 301 } else { 307 }, &location)
        }
        _ => Reply::not_found(),
    }
}

/// Answers for an id, whatever the repository is called now.
pub(crate) fn by_id(ask: &Ask<'_>, id: u64, part: Part) -> Reply {
    match ask.world.repo(&RepoRef::Id(id)) {
        Ok(repo) if !repo.deleted => reply(ask, repo, part),
        _ => Reply::not_found(),
    }
}

fn reply(ask: &Ask<'_>, repo: &Repo, part: Part) -> Reply {
    let right = ask.right(repo);
    if right == Right::None || part == Part::Unknown {
        return Reply::not_found();
    }
    if let Some(reason) = &repo.blocked {
        return Reply::of(451, body::blocked(reason));
    }
    if (repo.private || part.is_traffic())
        && let Some(owner) = ask.sso_refusal(repo.owner())
    {
        return Reply::sso_required(&owner.login);
    }
    match part {
        Part::Whole => return whole(ask, repo, right),
        Part::Releases => return release::list(ask, repo, right),
        Part::Runs => return runs::list(ask, repo),
        Part::Stargazers => return star::gazers(ask, repo, right),
        Part::StarHistory => return star::history(ask, repo),
        Part::StarCount => return star::count(ask, repo),
        _ => {}
    }
    let Some(token) = ask.token else {
        return Reply::requires_authentication();
    };
    match token.traffic_refusal(repo) {
        Some(refusal) => refuse(refusal),
        None => traffic(ask, repo, part),
    }
}

fn whole(ask: &Ask<'_>, repo: &Repo, right: Right) -> Reply {
    let mut text = Vec::with_capacity(1600);
    let view = RepoView {
        base: ask.base,
        owner: ask.world.owner(repo.owner()),
        right: ask.token.map(|_| right),
        is_full: true,
        numbers: ask.world.numbers(repo, ask.at),
    };
    body::repository(&mut text, repo, view);
    Reply::json(text)
}

fn refuse(refusal: TrafficRefusal) -> Reply {
    const ACCEPTED: (&str, &str) = ("x-accepted-github-permissions", "administration=read");
    let by = |what: &str| Reply::error(403, &format!("Resource not accessible by {what}"));
    match refusal {
        TrafficRefusal::NoPush => Reply::error(403, "Must have push access to repository"),
        TrafficRefusal::PersonalToken => by("personal access token").header(ACCEPTED.0, ACCEPTED.1),
        TrafficRefusal::Integration => by("integration").header(ACCEPTED.0, ACCEPTED.1),
    }
}

fn traffic(ask: &Ask<'_>, repo: &Repo, part: Part) -> Reply {
    let (world, at) = (ask.world, ask.at);
    let mut rows = None;
    let text = match part {
        Part::Window(metric) => {
            let per = match per(ask.uri.query().unwrap_or_default()) {
                Ok(per) => per,
                Err(refused) => return refused,
            };
            let number = next_number(repo, metric);
            let window = world.window(repo, metric, at, per, number);
            if per == Per::Day {
                rows = Some((metric, window.rows.iter().map(|row| row.day).collect()));
            }
            body::window(metric, &window)
        }
        Part::Paths => body::paths(&world.paths(repo, at)),
        Part::Referrers => body::referrers(&world.referrers(repo, at)),
        _ => return Reply::not_found(),
    };
    let mut reply = Reply::json(text).accepted_scopes("");
    reply.rows = rows;
    reply
}

fn per(query: &str) -> Result<Per, Reply> {
    let asked = query.split('&').find_map(|pair| pair.strip_prefix("per="));
    match asked {
        None | Some("" | "day") => Ok(Per::Day),
        Some("week") => Ok(Per::Week),
        Some(_) => Err(Reply::error(422, "Validation Failed")),
    }
}
