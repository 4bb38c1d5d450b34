//! Sums by owner and by group.

use gitratra_answer::fleet::FleetMetric;
use gitratra_render::number::grouped;
use maud::{Markup, html};

use super::Shown;
use crate::pages::words;

/// Lines of such a table.
const MOST: usize = 20;

/// One line: what it is called, how many repositories, their views and clones.
type Line<'a> = (&'a str, usize, &'a [FleetMetric; 2]);

impl Shown<'_> {
    pub(super) fn owners(&self) -> Markup {
        let owners = self.answer.owners.iter();
        let lines: Vec<Line<'_>> = owners
            .map(|sum| (sum.owner.as_str(), sum.repos, &sum.metrics))
            .collect();
        match lines.len() {
            ..2 => html! {},
            _ => self.rolled("owner", "Owner", lines, None),
        }
    }

    pub(super) fn groups(&self) -> Markup {
        let groups = self.answer.groups.iter();
        let lines: Vec<Line<'_>> = groups
            .map(|sum| (sum.name.as_str(), sum.repos, &sum.metrics))
            .collect();
        let note = "A repository may be in several groups, so that they are not to be added up.";
        match lines.len() {
            0 => html! {},
            _ => self.rolled("group", "Group", lines, Some(note)),
        }
    }

    /// The busiest first, each a link that shows it alone.
    fn rolled(
        &self,
        name: &str,
        label: &str,
        mut lines: Vec<Line<'_>>,
        note: Option<&str>,
    ) -> Markup {
        let id = format!("by-{name}");
        lines.sort_by_key(|(_, _, metrics)| std::cmp::Reverse(metrics[0].total.count));
        html! {
            section class="panel" aria-labelledby=(id) {
                header { h2 id=(id) { "By " (name) } }
                div class="scroll" tabindex="0" role="region" aria-label="Table" {
                    table {
                        thead {
                            tr {
                                th scope="col" { (label) }
                                th scope="col" class="number" { "Repositories" }
                                th scope="col" class="number" { "Views" }
                                th scope="col" class="number" { "Clones" }
                            }
                        }
                        tbody {
                            @for (text, repos, metrics) in lines.iter().take(MOST) {
                                tr {
                                    th scope="row" { a href=(self.params.with(name, Some(text))) { (text) } }
                                    td class="number" { (grouped(*repos as u64)) }
                                    @for metric in *metrics { (cell(metric)) }
                                }
                            }
                        }
                    }
                }
                @if lines.len() > MOST { p class="small muted" { "and " (grouped((lines.len() - MOST) as u64)) " more" } }
                @if let Some(note) = note { p class="small muted" { (note) } }
            }
        }
    }
}

/// Events with their change; a dash where no repository is known.
fn cell(metric: &FleetMetric) -> Markup {
    let is_known = metric.repos_known > 0;
    html! {
        td class="number" {
            (words::number(is_known.then_some(metric.total.count)))
            @if is_known { " " (words::change(&metric.comparison)) }
        }
    }
}
