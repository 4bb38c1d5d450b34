//! Referrers and popular pages: what visitors of 14 days came from and looked at.
//!
//! Each day's views are shared out among a repository's candidates; an answer adds up 14 such
//! days and keeps the ten largest. The difference of two answers is therefore not a day.

use crate::clock::Day;
use crate::noise::{Noise, Topic};
use crate::repo::Repo;
use crate::truth::{DayCounts, distinct};

/// One line of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Popular {
    /// The referrer, or the page as visitors typed it.
    pub name: String,
    /// The page's title; empty for a referrer.
    pub title: String,
    /// Views in the 14 days.
    pub count: u64,
    /// Distinct visitors in the 14 days.
    pub uniques: u64,
}

const REFERRERS: [&str; 16] = [
    "Google",
    "github.com",
    "Bing",
    "DuckDuckGo",
    "t.co",
    "reddit.com",
    "news.ycombinator.com",
    "com.reddit.frontpage",
    "com.linkedin.android",
    "chatgpt.com",
    "statics.teams.cdn.office.net",
    "lobste.rs",
    "baidu.com",
    "yandex.ru",
    "youtube.com",
    "docs.rs",
];

const PAGES: [&str; 16] = [
    "",
    "/issues",
    "/pulls",
    "/releases",
    "/tree/main",
    "/tree/main/src",
    "/blob/main/README.md",
    "/blob/main/LICENSE",
    "/graphs/traffic",
    "/actions",
    "/wiki",
    "/blob/main/docs/getting-started.md",
    "/discussions",
    "/issues/1",
    "/commits/main",
    "/stargazers",
];

const PAGE_CANDIDATES: usize = PAGES.len() + 2;
const SHARES_PER_DAY: u64 = 10_000;

/// The ten referrers with most views in the 14 days that end on `last`.
pub(crate) fn referrers(
    noise: Noise,
    repo: &Repo,
    last: Day,
    truth: impl Fn(Day) -> DayCounts,
) -> Vec<Popular> {
    let days = window(last, truth);
    let lines = REFERRERS.iter().enumerate().map(|(candidate, name)| {
        let (count, uniques) = total(noise, repo.id, candidate as u64, &days);
        Popular {
            name: (*name).to_string(),
            title: String::new(),
            count,
            uniques,
        }
    });
    ten_largest(lines.collect())
}

/// The ten pages with most views in the 14 days that end on `last`.
///
/// A page that visitors spell in two ways, or under a former name of the repository, comes
/// twice. Titles are those of the page until 2025 (`long_titles`), and short ones since.
pub(crate) fn paths(
    noise: Noise,
    repo: &Repo,
    last: Day,
    long_titles: bool,
    truth: impl Fn(Day) -> DayCounts,
) -> Vec<Popular> {
    let days = window(last, truth);
    let mut lines = Vec::with_capacity(PAGE_CANDIDATES);
    for period in days.chunk_by(|a, b| repo.name_on(a.0) == repo.name_on(b.0)) {
        let name = repo.name_on(period[0].0);
        for candidate in 0..PAGE_CANDIDATES {
            let page = PAGES[candidate % PAGES.len()];
            let spelled = if candidate < PAGES.len() {
                name.to_string()
            } else {
                other_spelling(name)
            };
            let key = 100 + candidate as u64;
            let (count, uniques) = total(noise, repo.id, key, period);
            let title = match page {
                _ if long_titles => long_title(repo, page),
                "" => "Overview".to_string(),
                page => page.to_string(),
            };
            lines.push(Popular {
                name: format!("/{spelled}{page}"),
                title,
                count,
                uniques,
            });
        }
    }
    ten_largest(lines)
}

fn window(last: Day, truth: impl Fn(Day) -> DayCounts) -> Vec<(Day, DayCounts)> {
    (-13..=0)
        .map(|n| last.plus(n))
        .map(|day| (day, truth(day)))
        .filter(|(_, counts)| counts.count > 0)
        .collect()
}

/// What one candidate had on the days, as events and as people.
fn total(noise: Noise, repo_id: u64, candidate: u64, days: &[(Day, DayCounts)]) -> (u64, u64) {
    let usual = usual_share(noise, repo_id, candidate);
    let parts: Vec<_> = days
        .iter()
        .map(|(day, counts)| {
            // Mostly steady, a quarter of it by the day.
            let index = candidate * 1_000_000 + day.number() as u64;
            let by_day = noise.below(Topic::PopularDay, repo_id, index, 300);
            counts.part(usual + by_day / 2, SHARES_PER_DAY)
        })
        .collect();
    let count = parts.iter().map(|part| part.count).sum();
    (count, distinct(parts.into_iter()))
}

/// A candidate's part of any day in ten-thousandths.
fn usual_share(noise: Noise, repo_id: u64, candidate: u64) -> u64 {
    let usual = noise.below(Topic::Popular, repo_id, candidate, 900);
    let front_page = if candidate == 0 || candidate == 100 {
        2500
    } else {
        0
    };
    front_page + usual * usual / 900
}

fn ten_largest(mut lines: Vec<Popular>) -> Vec<Popular> {
    lines.retain(|line| line.count > 0);
    lines.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.name.cmp(&b.name)));
    lines.truncate(10);
    lines
}

fn long_title(repo: &Repo, page: &str) -> String {
    let (name, text) = (&repo.full_name, repo.about.description.as_deref());
    match (page, text) {
        ("", Some(text)) => format!("GitHub - {name}: {text}"),
        ("", None) => format!("GitHub - {name}"),
        (page, _) => format!("{} · {name} · GitHub", &page[1..]),
    }
}

/// The name in lower case, or with capitals where it is in lower case already.
fn other_spelling(name: &str) -> String {
    let lower = name.to_lowercase();
    if lower != name {
        return lower;
    }
    let mut at_start = true;
    name.chars()
        .map(|letter| {
            let starts = std::mem::replace(&mut at_start, letter == '/');
            if starts {
                letter.to_ascii_uppercase()
            } else {
                letter
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repo::RepoSpec;

    fn repo(name: &str) -> Repo {
        let spec = RepoSpec::new(name);
        Repo::build(&spec, Noise::new(1), 9, "2026-03-10".into()).unwrap()
    }

    fn busy(_: Day) -> DayCounts {
        DayCounts {
            count: 300,
            once: 70,
            regulars: 20,
        }
    }

    #[test]
    fn lists_hold_ten_lines_ordered_by_views() {
        let repo = repo("octo/alpha");
        let last = Day::from("2026-03-09");
        for list in [
            referrers(Noise::new(1), &repo, last, busy),
            paths(Noise::new(1), &repo, last, false, busy),
        ] {
            assert_eq!(list.len(), 10);
            assert!(list.is_sorted_by(|a, b| a.count >= b.count));
            assert!(
                list.iter()
                    .all(|line| 1 <= line.uniques && line.uniques <= line.count)
            );
        }
    }

    #[test]
    fn a_repository_nobody_visits_has_empty_lists() {
        let quiet = |_| DayCounts::default();
        let last = Day::from("2026-03-09");
        assert_eq!(referrers(Noise::new(1), &repo("o/a"), last, quiet), []);
    }

    #[test]
    fn the_front_page_comes_in_two_spellings() {
        assert_eq!(other_spelling("Octo/Alpha"), "octo/alpha");
        assert_eq!(other_spelling("octo/alpha-b"), "Octo/Alpha-b");
    }

    #[test]
    fn pages_under_a_former_name_fade_out_in_fourteen_days() {
        let mut repo = repo("octo/new");
        repo.former.push(("2026-03-05".into(), "octo/old".into()));
        let old_views = |last: &str| -> u64 {
            paths(Noise::new(1), &repo, last.into(), false, busy)
                .iter()
                .filter(|line| line.name.starts_with("/octo/old"))
                .map(|line| line.count)
                .sum()
        };
        assert!(old_views("2026-03-05") > old_views("2026-03-12"));
        assert!(old_views("2026-03-12") > 0);
        assert_eq!(old_views("2026-03-18"), 0);
    }
}
