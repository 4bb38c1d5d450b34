//! Draws the pages of the tests, for looking at them: `show [WIDTH] [color] [ascii] [NAME]`.

#[path = "../tests/scenes/mod.rs"]
mod scenes;

use std::io::Write as _;

use gitratra_core::Metric;
use gitratra_render::term::{FleetLine, ShowFleet, ShowRepo, Style, show_fleet, show_repo};

fn main() -> std::io::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let style = Style {
        width: words
            .iter()
            .find_map(|word| word.parse().ok())
            .unwrap_or(80),
        color: words.iter().any(|word| word == "color"),
        unicode: !words.iter().any(|word| word == "ascii"),
    };
    let is_asked = |name: &str| {
        let mut names = words.iter().filter(|word| word.contains('/')).peekable();
        names.peek().is_none() || names.any(|word| word == name)
    };
    let scenes = scenes::scenes();
    let ranked = scenes::ranked();
    let rankings = scenes::rankings(&ranked);
    let mut out = std::io::stdout().lock();
    for scene in scenes.iter().filter(|scene| is_asked(scene.name)) {
        let show = ShowRepo {
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
            rankings: if scene.name == "octo/normal" {
                &rankings
            } else {
                &[]
            },
        };
        writeln!(out, "{}", show_repo(&show, style))?;
    }
    let lines: Vec<_> = scenes
        .iter()
        .map(|scene| FleetLine {
            name: scene.name,
            series: &scene.series,
        })
        .collect();
    let fleet = ShowFleet {
        range: scenes::range(30),
        metric: Metric::Views,
        lines: &lines,
    };
    writeln!(out, "{}", show_fleet(&fleet, style))
}
