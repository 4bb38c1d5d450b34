//! Stars of one repository: how many, since when, and who.
//!
//! Who gave them is told since July 2026 only to those who may push; how many and when is told
//! to everybody since September 2026.
//!
//! Sources: <https://docs.github.com/en/rest/activity/starring>,
//! <https://github.blog/changelog/2026-09-04-new-api-endpoint-provides-privacy-safe-star-history-data>.

use std::ops::RangeInclusive;

use serde_json::{Value, json};

use crate::clock::Day;
use crate::identity::Right;
use crate::json;
use crate::reply::Reply;
use crate::repo::Repo;
use crate::route::Ask;
use crate::route::page::{Parameters, Span, parameters};

/// How many weeks a page has at most, and how many pages there are.
const MOST_WEEKS: u64 = 30;
const MOST_PAGES: u64 = 100;

/// `…/stargazers/count`.
pub(crate) fn count(ask: &Ask<'_>, repo: &Repo) -> Reply {
    if !ask.world.has_star_history {
        return Reply::not_found();
    }
    let stars = ask.world.numbers(repo, ask.at).stars;
    Reply::json(json!({ "count": stars }).to_string())
}

/// `…/stargazers/history`: weeks from Sunday on, the newest first, since the repository was made.
pub(crate) fn history(ask: &Ask<'_>, repo: &Repo) -> Reply {
    if !ask.world.has_star_history {
        return Reply::not_found();
    }
    let parameters = parameters(ask);
    let per_page = number(&parameters, "per_page", MOST_WEEKS, 1..=MOST_WEEKS);
    let page = number(&parameters, "page", 1, 1..=MOST_PAGES);
    let (Ok(per_page), Ok(page)) = (per_page, page) else {
        return Reply::error(422, "Validation Failed");
    };
    let newest = sunday(ask.at.day());
    let oldest = sunday(repo.created.day().min(ask.at.day()));
    let stars = repo.counted.stars.by_day(ask.world.noise, ask.at);
    let start = ((page - 1) * per_page) as usize;
    let weeks = (oldest.number()..=newest.number()).rev().step_by(7);
    let weeks = weeks.skip(start).take(per_page as usize);
    let mut text = Vec::with_capacity(100 * per_page as usize);
    json::array(&mut text, weeks, |line, number| {
        let sunday = Day::from_number(number);
        let days = [0, 1, 2, 3, 4, 5, 6].map(|n| stars.get(&sunday.plus(n)).copied().unwrap_or(0));
        line.number("week", sunday.start().secs().unsigned_abs())
            .number("total", days.iter().sum())
            .raw("days", &json!(days).to_string());
    });
    Reply::json(text)
}

/// `…/stargazers`, the oldest first; their names are numbers.
pub(crate) fn gazers(ask: &Ask<'_>, repo: &Repo, right: Right) -> Reply {
    if ask.token.is_none() {
        return Reply::requires_authentication();
    }
    if right < Right::Push {
        return Reply::not_found();
    }
    let parameters = parameters(ask);
    let stars = repo.counted.stars.by_day(ask.world.noise, ask.at);
    let stars = stars
        .into_iter()
        .flat_map(|(day, there)| (0..there).map(move |_| day));
    let stars: Vec<_> = stars.enumerate().collect();
    let span = Span::read(&parameters, stars.len());
    let has_moments = ask.accept.contains("star+json");
    let lines = stars[span.range()].iter().map(|(index, day)| {
        let user = json!({ "login": format!("stargazer-{index}"), "id": index, "type": "User" });
        match has_moments {
            true => json!({ "starred_at": day.start(), "user": user }),
            false => user,
        }
    });
    let reply = Reply::json(lines.collect::<Value>().to_string());
    let path = format!("/repositories/{}/stargazers", repo.id);
    span.linked(reply, ask, &parameters, &path)
}

/// A number in the query that must lie within bounds where it is given.
fn number(
    parameters: &Parameters,
    name: &str,
    default: u64,
    bounds: RangeInclusive<u64>,
) -> Result<u64, ()> {
    let Some(text) = parameters.get(name) else {
        return Ok(default);
    };
    let number = text.parse().ok().filter(|number| bounds.contains(number));
    number.ok_or(())
}

/// The Sunday on or before a day.
fn sunday(day: Day) -> Day {
    day.plus(1).monday().plus(-1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_of_stars_begin_on_sunday() {
        let check = |day: &str, expected: &str| {
            assert_eq!(sunday(day.into()), expected.into(), "{day}");
        };
        check("2026-03-07", "2026-03-01");
        check("2026-03-08", "2026-03-08");
        check("2026-03-09", "2026-03-08");
    }
}
