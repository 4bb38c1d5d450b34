//! What `show` writes, page by page, as a reader sees it; and what holds for every page.

mod scenes;

use gitratra_core::figures::Step;
use gitratra_core::people::People;
use gitratra_core::rolling::InRange;
use gitratra_core::{Bounds, DayRange, Metric, Ranking, Series};
use gitratra_render::term::{
    FleetLine, ShowFleet, ShowRepo, ShowSources, Style, show_fleet, show_repo, show_sources,
};
use insta::assert_snapshot;
use scenes::{Scene, range, ranked, rankings, scenes};
use unicode_width::UnicodeWidthStr as _;

fn style(width: usize) -> Style {
    Style {
        width,
        color: false,
        unicode: true,
    }
}

fn show<'a>(scene: &'a Scene) -> ShowRepo<'a> {
    ShowRepo {
        name: scene.name,
        former_name: scene.former_name,
        range: scene.range,
        step: scene.step,
        metrics: &Metric::ALL,
        has_table: scene.has_table,
        series: &scene.series,
        people: &scene.people,
        counters: scene.counters,
        machines: None,
        marks: &[],
        rankings: &[],
    }
}

fn fleet(width: usize, color: bool) -> String {
    let scenes = scenes();
    let lines: Vec<_> = scenes
        .iter()
        .map(|scene| FleetLine {
            name: scene.name,
            series: &scene.series,
        })
        .collect();
    let show = ShowFleet {
        range: range(30),
        metric: Metric::Views,
        lines: &lines,
    };
    let style = Style {
        color,
        ..style(width)
    };
    show_fleet(&show, style)
}

/// The text without its colours.
fn uncolored(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\x1b[") {
        out += before;
        rest = after.split_once('m').map_or("", |(_, rest)| rest);
    }
    out + rest
}

#[test]
fn every_page_at_every_width() {
    for scene in scenes() {
        for width in [40, 80, 120] {
            let name = scene.name.replace('/', "-");
            let name = format!("{}-{width}", &name[..name.len().min(20)]);
            assert_snapshot!(name, show_repo(&show(&scene), style(width)));
        }
    }
}

#[test]
fn pages_in_ascii() {
    let ascii = Style {
        unicode: false,
        ..style(80)
    };
    for scene in scenes().iter().filter(|scene| scene.name == "octo/holes") {
        assert_snapshot!("ascii", show_repo(&show(scene), ascii));
    }
}

#[test]
fn pages_in_color() {
    let color = Style {
        color: true,
        ..style(80)
    };
    for scene in scenes().iter().filter(|scene| scene.name == "octo/week") {
        assert_snapshot!("color", show_repo(&show(scene), color).escape_debug());
    }
}

#[test]
fn the_fleet_at_every_width() {
    for width in [40, 80, 120] {
        assert_snapshot!(format!("fleet-{width}"), fleet(width, false));
    }
}

#[test]
fn color_changes_no_text_of_the_fleet() {
    assert_eq!(uncolored(&fleet(80, true)), fleet(80, false));
}

#[test]
fn a_fleet_of_none_says_so() {
    let show = ShowFleet {
        range: range(30),
        metric: Metric::Clones,
        lines: &[],
    };
    assert_snapshot!(show_fleet(&show, style(80)), @"0 repositories · 2026-10-23 to 2026-11-21");
}

#[test]
fn ranked_lists_name_their_window() {
    let ranked = ranked();
    let rankings = rankings(&ranked);
    let series = Series::default();
    let show = ShowRepo {
        name: "octo/alpha",
        former_name: None,
        range: range(30),
        step: Step::Day,
        metrics: &[],
        has_table: false,
        series: &series,
        people: &[People::default(), People::default()],
        counters: None,
        machines: None,
        marks: &[],
        rankings: &rankings,
    };
    for width in [40, 80] {
        assert_snapshot!(format!("ranked-{width}"), show_repo(&show, style(width)));
    }
}

#[test]
fn sources_of_a_range_tell_what_is_certain_and_what_is_possible() {
    let found = |least, most| InRange {
        count: Bounds::new(least, most).unwrap(),
        people: Bounds::new(1, most).unwrap(),
        days_known: 30,
        of_days: 30,
    };
    let exact = [("Google", found(1204, 1204)), ("t.co", found(9, 9))];
    let lines = [
        ("Google", found(1204, 1204)),
        (
            "a-very-long-referrer-name.sub.domain.example.org",
            found(310, 904),
        ),
        ("\u{1b}[31mred.example", found(0, 12)),
    ];
    let many: Vec<(&str, InRange)> = (0..40).map(|_| ("again", found(1, 1))).collect();
    let holes = InRange {
        days_known: 21,
        ..found(40, 40)
    };
    for (name, lines) in [
        ("exact", &exact[..]),
        ("bounds", &lines),
        ("many", &many),
        ("holes", &[("Bing", holes)]),
        ("none", &[]),
    ] {
        let sources = ShowSources {
            ranking: Ranking::Referrers,
            range: range(30),
            lines,
        };
        for width in [40, 80] {
            let page = show_sources(&sources, style(width));
            let widest = page.lines().map(|line| line.width()).max();
            assert!(widest <= Some(width), "{page}");
            assert_snapshot!(format!("sources-{name}-{width}"), page);
        }
    }
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for scene in scenes() {
        for width in (30..=200).step_by(7) {
            for (color, unicode) in [(false, true), (true, true), (true, false)] {
                let style = Style {
                    width,
                    color,
                    unicode,
                };
                let page = uncolored(&show_repo(&show(&scene), style));
                for line in page.lines() {
                    assert!(line.width() <= width, "{} at {width}: {line:?}", scene.name);
                    assert_eq!(line, line.trim_end(), "{} at {width}", scene.name);
                    assert!(
                        unicode || line.is_ascii(),
                        "{} at {width}: {line:?}",
                        scene.name
                    );
                }
            }
        }
    }
    for width in (30..=200).step_by(7) {
        for line in fleet(width, false).lines() {
            assert!(line.width() <= width, "{width}: {line:?}");
        }
    }
}

#[test]
fn the_word_gap_stands_exactly_where_one_lies_in_the_range() {
    for scene in scenes() {
        let days = scene.series.within(scene.range);
        let has_gap = days.iter().any(|row| row.views.is_none());
        for width in [30, 80, 200] {
            let page = show_repo(&show(&scene), style(width));
            assert_eq!(page.contains("gap"), has_gap, "{} at {width}", scene.name);
        }
    }
}

#[test]
fn a_fleet_without_gaps_does_not_speak_of_them() {
    let scenes = scenes();
    let shown = |name: &str| {
        let found = scenes.iter().filter(|scene| scene.name == name);
        let lines: Vec<_> = found
            .map(|scene| FleetLine {
                name: scene.name,
                series: &scene.series,
            })
            .collect();
        let show = ShowFleet {
            range: range(30),
            metric: Metric::Views,
            lines: &lines,
        };
        show_fleet(&show, style(80))
    };
    assert!(!shown("octo/normal").contains("gap"));
    assert!(shown("octo/holes").contains("gap"));
}

#[test]
fn a_range_without_ends_is_what_is_known() {
    for scene in scenes() {
        let known = scene.series.range();
        let all = ShowRepo {
            range: DayRange::ALL,
            ..show(&scene)
        };
        let page = show_repo(&all, style(80));
        match known {
            Some(known) => {
                let range = ShowRepo {
                    range: known,
                    ..show(&scene)
                };
                assert_eq!(page, show_repo(&range, style(80)));
            }
            None => assert!(page.contains("no day is known yet")),
        }
    }
}

#[test]
fn one_metric_is_shown_alone() {
    let scenes = scenes();
    let clones = ShowRepo {
        metrics: &[Metric::Clones],
        ..show(&scenes[0])
    };
    let page = show_repo(&clones, style(80));
    assert!(page.contains("CLONES") && !page.contains("VIEWS"));
}
