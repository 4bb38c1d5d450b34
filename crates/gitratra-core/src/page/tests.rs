//! Pages of several spellings against visits of which each spelling is known.

use proptest::prelude::*;

use super::*;
use crate::rolling::{LINES, Sources};
use crate::{Count, Day, DayRange, Window};

fn names() -> PageNames {
    let name = |text: &str| text.parse::<RepoName>().unwrap();
    PageNames::new(name("Octo/Atlas-Maps"), [name("octo/atlas")])
}

#[test]
fn spellings_and_former_names_are_one_page() {
    let names = names();
    let key = |path: &str| names.key(path);
    assert_eq!(key("/octo/atlas"), key("/Octo/Atlas-Maps"));
    assert_eq!(key("/octo/atlas/"), key("/octo/atlas"));
    assert_eq!(key("/octo/atlas/Issues"), key("/OCTO/atlas-maps/issues"));
    assert_ne!(key("/octo/atlas/issues"), key("/octo/atlas/pulls"));
    assert_ne!(key("/octo/atlas2/issues"), key("/octo/atlas/issues"));
    assert_eq!(key("/elsewhere/Page").as_str(), "/elsewhere/Page");
    assert_eq!(names.shown("/octo/atlas"), "/");
    assert_eq!(
        names.shown("/Octo/Atlas-Maps/blob/main/README.md"),
        "/blob/main/README.md"
    );
    assert_eq!(names.shown("/octo/atlas?tab=readme"), "?tab=readme");
    assert_eq!(names.shown("/elsewhere/Page"), "/elsewhere/Page");
    assert_eq!(names.shown("no path"), "no path");
}

fn list(last: Day, lines: &[(&str, u64, u64)]) -> List<String> {
    let line = |(path, count, uniques): &(&str, u64, u64)| {
        ((*path).to_owned(), Count::new(*count, *uniques).unwrap())
    };
    List {
        window: Window { last },
        lines: lines.iter().map(line).collect(),
    }
}

#[test]
fn counts_of_spellings_add_up_and_their_people_lie_between() {
    let day: Day = "2026-03-10".parse().unwrap();
    let lists = [list(
        day,
        &[
            ("/octo/atlas/issues", 30, 9),
            ("/Octo/Atlas-Maps/issues", 12, 5),
            ("/octo/atlas", 7, 7),
        ],
    )];
    let pages = Pages::new(names(), &lists);
    let merged = pages.merge(&lists[0]);
    let key = names().key("/octo/atlas/issues");
    let page = pages.page(&key).unwrap();
    assert_eq!(page.shown, "/issues");
    assert_eq!(
        page.spellings,
        ["/octo/atlas/issues", "/Octo/Atlas-Maps/issues"]
    );
    let total = merged.lines[0].1;
    assert_eq!(merged.lines[0].0, key);
    assert_eq!(total.count, Bounds::exact(42));
    assert_eq!(total.people, Bounds::new(9, 14).unwrap());
    assert_eq!(pages.iter().count(), 2);
}

#[test]
fn a_spelling_that_fell_out_of_a_full_list_had_no_more_than_its_last_line() {
    let day: Day = "2026-03-10".parse().unwrap();
    let both = list(day, &[("/octo/atlas", 30, 9), ("/Octo/Atlas-Maps", 12, 5)]);
    let mut full = list(day.plus(1), &[("/octo/atlas", 30, 9)]);
    for n in 1..LINES {
        let line = (format!("/octo/atlas/{n}"), Count::new(8, 2).unwrap());
        full.lines.push(line);
    }
    let pages = Pages::new(names(), &[both, full.clone()]);
    let merged = pages.merge(&full);
    let front = names().key("/octo/atlas");
    let (_, total) = merged.lines.iter().find(|(key, _)| *key == front).unwrap();
    assert_eq!(total.count, Bounds::new(30, 38).unwrap());
    assert_eq!(total.people, Bounds::new(9, 17).unwrap());
}

proptest! {
    /// Visits of each day by page and spelling, of lists that were read on some days.
    #[test]
    fn the_visits_of_a_page_lie_between_its_bounds(
        visits in prop::collection::vec(prop::collection::vec(0..12_u64, 14 * 2), 20..45),
        read in prop::collection::vec(any::<bool>(), 45),
    ) {
        let first: Day = "2026-01-01".parse().unwrap();
        let path = |page: usize, spelling: usize| {
            let name = ["/octo/atlas", "/Octo/Atlas-Maps"][spelling];
            format!("{name}/{page}")
        };
        let of = |page: usize, spelling: usize, range: DayRange| -> u64 {
            let days = visits.iter().zip(0..);
            days.filter(|(_, at)| range.contains(first.plus(*at)))
                .map(|(day, _)| day[page * 2 + spelling])
                .sum()
        };
        let list = |last: usize| {
            let window = Window { last: first.plus(i64::try_from(last).unwrap()) };
            let all = (0..14).flat_map(|page| [(page, 0), (page, 1)]);
            let mut lines: Vec<(String, Count)> = all
                .map(|(page, spelling)| (path(page, spelling), of(page, spelling, window.range())))
                .filter(|(_, total)| *total > 0)
                .map(|(path, total)| (path, Count::new(total, total.div_ceil(2)).unwrap()))
                .collect();
            lines.sort_by_key(|(_, total)| std::cmp::Reverse(*total));
            lines.truncate(LINES);
            List { window, lines }
        };
        let lasts = (13..visits.len()).filter(|last| read[*last]);
        let lists: Vec<List<String>> = lasts.map(list).collect();
        let pages = Pages::new(names(), &lists);
        let merged = lists.iter().map(|list| pages.merge(list));
        let sources = Sources::of_loose(merged, None, None);
        prop_assert!(sources.contradicted().is_empty());
        for page in 0..14 {
            let key = names().key(&path(page, 0));
            // What no list ever had under one of its spellings is not known of the page.
            let is_known = pages.page(&key).is_some_and(|page| page.spellings.len() == 2);
            if !is_known {
                continue;
            }
            for (day, found) in sources.by_day(&key) {
                let day = DayRange::ending(day, 1);
                let was = of(page, 0, day) + of(page, 1, day);
                prop_assert!(found.contains(was), "{page} {day}: {was} in {found}");
            }
        }
    }
}
