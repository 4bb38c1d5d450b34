//! The league table.

use gitratra_answer::fleet::{Direction, FleetLine, LineMetric};
use gitratra_render::chart::{Canvas, Ink, sparkline};
use gitratra_render::number::grouped;
use maud::{Markup, html};

use super::{LINES, Shown};
use crate::pages::words;

const SPARK: Canvas = Canvas::page(120, 28);

/// The heads: the word that sorts by it, the text, and whether it is left out on phones.
const HEADS: [(&str, &str, bool); 6] = [
    ("name", "Repository", false),
    ("views", "Views", false),
    ("views-change", "Change", false),
    ("clones", "Clones", true),
    ("clones-change", "Change", true),
    ("stars", "Stars", true),
];

impl Shown<'_> {
    pub(super) fn league(&self) -> Markup {
        let answer = self.answer;
        let pages = answer.repos_found.div_ceil(LINES).max(1);
        html! {
            section class="panel" aria-labelledby="league" {
                header {
                    h2 id="league" { "Repositories" }
                    (self.filters())
                }
                @if answer.lines.is_empty() {
                    p class="muted" { "No repository matches." }
                } @else {
                    div class="scroll" tabindex="0" role="region" aria-label="Table" {
                        table class="fold" {
                            thead {
                                tr {
                                    @for (word, label, drops) in HEADS { (self.head(word, label, drops)) }
                                    th scope="col" class="graph" { span class="unseen" { "Views over time" } }
                                    (self.head("safe", "Safe", true))
                                }
                            }
                            tbody { @for line in &answer.lines { (self.line(line)) } }
                        }
                    }
                }
                @if pages > 1 {
                    nav class="pages" aria-label="Pages of the table" {
                        span {
                            @if self.page > 1 { a rel="prev" href=(self.at(self.page - 1)) { "← Before" } }
                        }
                        span class="muted" { "Page " (grouped(self.page as u64)) " of " (grouped(pages as u64)) }
                        span {
                            @if self.page < pages { a rel="next" href=(self.at(self.page + 1)) { "Next →" } }
                        }
                    }
                }
            }
        }
    }

    fn at(&self, page: usize) -> String {
        let page = (page > 1).then(|| page.to_string());
        self.params.with("page", page.as_deref()).to_string()
    }

    fn filters(&self) -> Markup {
        let (owner, group) = (self.params.get("owner"), self.params.get("group"));
        html! {
            form class="line at-once" method="get" role="search" {
                @for (name, value) in self.params.beside(&["q", "owner", "group"]) {
                    input type="hidden" name=(name) value=(value);
                }
                label class="unseen" for="q" { "Name" }
                input id="q" type="search" name="q" value=[self.params.get("q")] placeholder="Filter by name" maxlength="140";
                @if self.answer.owners.len() > 1 || owner.is_some() {
                    label class="unseen" for="owner" { "Owner" }
                    select id="owner" name="owner" {
                        option value="" { "All owners" }
                        @for known in self.answer.owners.iter().take(500) {
                            option value=(known.owner) selected[owner.is_some_and(|owner| owner.eq_ignore_ascii_case(&known.owner))] { (known.owner) }
                        }
                    }
                }
                @if !self.answer.groups.is_empty() {
                    label class="unseen" for="group" { "Group" }
                    select id="group" name="group" {
                        option value="" { "All groups" }
                        @for known in self.answer.groups.iter() {
                            @let name = known.name.as_str();
                            option value=(name) selected[group.is_some_and(|group| group.trim().to_lowercase() == known.name.key())] { (name) }
                        }
                    }
                }
                button { "Filter" }
            }
        }
    }

    fn head(&self, word: &str, label: &str, drops: bool) -> Markup {
        let is_by = self.order.word == word;
        let is_down = matches!(self.order.direction, Direction::Down);
        // Names begin with the first letter, numbers with the largest.
        let next = match (is_by, is_down, word) {
            (true, true, _) | (false, _, "name" | "safe") => word.to_owned(),
            _ => format!("-{word}"),
        };
        let class = match (word, drops) {
            ("name", _) => "",
            (_, true) => "number drop",
            (_, false) => "number",
        };
        html! {
            th scope="col" class=(class) aria-sort=[is_by.then_some(if is_down { "descending" } else { "ascending" })] {
                a href=(self.params.with("sort", Some(&next))) {
                    (label)
                    @if is_by { span aria-hidden="true" { (if is_down { " ↓" } else { " ↑" }) } }
                }
            }
        }
    }

    fn is_newest_cut(&self) -> bool {
        let newest = self.answer.chart[0].last();
        newest.is_some_and(|sum| self.answer.step.is_cut(sum.days))
    }

    fn line(&self, line: &FleetLine) -> Markup {
        let [views, clones] = &line.metrics;
        let repo = &line.repo;
        let view = self.params.of_one();
        let values: Vec<Option<f64>> = views
            .steps
            .iter()
            .map(|count| count.map(super::super::repo::large))
            .collect();
        html! {
            tr {
                th scope="row" {
                    a href={ (words::path_of(&repo.name)) (view) } { (repo.name) }
                    @if repo.is_private { " " span class="tag" { "private" } }
                    @if repo.is_archived { " " span class="tag" { "archived" } }
                    @if repo.gone.is_some() { " " span class="tag bad" { "gone" } }
                    @else if repo.is_failing { " " span class="tag warn" { "failing" } }
                }
                (count(views, false))
                td class="number" { (words::change(&views.comparison)) }
                (count(clones, true))
                td class="number drop" { (words::change(&clones.comparison)) }
                td class="number drop" {
                    @match line.stars {
                        Some(stars) => { (grouped(stars.stars)) }
                        None => "–",
                    }
                }
                td class="graph" { (sparkline(&values, self.is_newest_cut(), Ink::Views, &SPARK)) }
                td class="number drop" {
                    @match line.days_safe {
                        Some(days @ 0..=3) => span class="tag bad" { (words::counted(days.into(), "day")) },
                        Some(days) => { (words::counted(days.into(), "day")) }
                        None => "–",
                    }
                }
            }
        }
    }
}

/// Events; a star where some days of the range are not known.
fn count(metric: &LineMetric, drops: bool) -> Markup {
    let total = &metric.total;
    let is_known = total.days_measured + total.days_partial > 0;
    let class = if drops { "number drop" } else { "number" };
    html! {
        td class=(class) {
            (words::number(is_known.then_some(total.count)))
            @if is_known && total.days_missing > 0 {
                span class="muted" title={ (words::counted(total.days_missing, "day")) " not known" } { "*" }
            }
        }
    }
}
