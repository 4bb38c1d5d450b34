//! One repository, from its figures to its coverage.

mod beside;
mod coverage;
mod happened;
mod sources;
mod traffic;

use gitratra_answer::{About, RepoAnswer};
use gitratra_core::figures::Fold;
use gitratra_core::{Day, DayRange, Metric};
use gitratra_render::number::{counted, grouped};

use crate::block::{Block, Change, Figure, Section};
use crate::words;

/// How much is told of a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Detail {
    /// The report is about it.
    Alone,
    /// It is one of several.
    OneOfSeveral,
}

/// A repository and what is known of it in the range.
pub(crate) struct Told<'a> {
    pub(crate) about: &'a About,
    pub(crate) answer: &'a RepoAnswer,
    pub(crate) detail: Detail,
}

/// The section of a repository of which nothing is known in the range, which is worth a sentence.
pub(crate) fn of(about: &About, answer: Option<&RepoAnswer>, detail: Detail) -> Section {
    let mut blocks = about_lines(about, detail);
    match answer {
        Some(answer) => {
            let told = Told {
                about,
                answer,
                detail,
            };
            told.add_to(&mut blocks);
        }
        None => blocks.push(Block::Text(match about.known {
            Some(known) => format!(
                "Nothing is known of it in this range; days from {} are.",
                words::days(known)
            ),
            None => "Nothing was read of it yet.".to_owned(),
        })),
    }
    Section {
        name: about.name.to_string(),
        anchor: words::anchor(about.id),
        tags: tags(about),
        blocks,
    }
}

fn tags(about: &About) -> Vec<&'static str> {
    let tags = [
        (about.is_private, "private"),
        (about.is_archived, "archived"),
        (about.is_fork, "fork"),
        (about.gone.is_some(), "gone"),
    ];
    let tags = tags.into_iter().filter(|(is_so, _)| *is_so);
    tags.map(|(_, word)| word).collect()
}

/// What it is: how its owners describe it, and how it was called before.
fn about_lines(about: &About, detail: Detail) -> Vec<Block> {
    let mut blocks = Vec::new();
    if about.is_private && detail == Detail::OneOfSeveral {
        blocks.push(Block::Text(
            "PRIVATE repository: pass what follows on with care.".to_owned(),
        ));
    }
    if let Some((_, profile)) = &about.profile
        && let Some(description) = &profile.description
    {
        blocks.push(Block::Text(words::foreign(description)));
    }
    let mut known = Vec::new();
    if !about.former.is_empty() {
        let former = about.former.iter().take(5).map(ToString::to_string);
        known.push(format!(
            "Before: {}.",
            former.collect::<Vec<_>>().join(", ")
        ));
    }
    if let Some(gone) = &about.gone {
        known.push(format!(
            "GitHub has not answered for it since {} (status {}).",
            Day::of(gone.since),
            gone.status
        ));
    }
    if let Some(days) = about.known {
        known.push(format!("Days are kept from {}.", words::days(days)));
    }
    if !known.is_empty() {
        blocks.push(Block::Note(known.join(" ")));
    }
    blocks
}

impl Told<'_> {
    fn add_to(&self, blocks: &mut Vec<Block>) {
        blocks.push(Block::Figures(self.figures()));
        blocks.push(Block::Note(self.summary()));
        if self.is_alone() {
            for metric in Metric::ALL {
                self.add_traffic(blocks, metric);
            }
        } else {
            self.add_both(blocks);
        }
        self.add_spikes(blocks);
        self.add_all_sources(blocks);
        if self.is_alone() {
            self.add_stars(blocks);
            self.add_forks(blocks);
        } else {
            self.add_stars_and_forks(blocks);
        }
        self.add_downloads(blocks);
        self.add_marks(blocks);
        self.add_coverage(blocks);
    }

    pub(crate) const fn is_alone(&self) -> bool {
        matches!(self.detail, Detail::Alone)
    }

    /// The days of the range since the first known one: before it there is no gap, only nothing.
    pub(crate) fn watched(&self) -> DayRange {
        let first = self.answer.range.first().max(self.answer.known.first());
        DayRange::new(first, self.answer.range.last()).unwrap_or(self.answer.range)
    }

    /// The steps of a metric since the first known day.
    pub(crate) fn folds(&self, metric: Metric) -> Vec<Fold> {
        let folds = self
            .answer
            .of(metric)
            .map_or(&[][..], |traffic| &traffic.folds);
        let since = self.answer.known.first();
        let watched = folds.iter().filter(|fold| fold.range.last() >= since);
        watched.copied().collect()
    }

    fn figures(&self) -> Vec<Figure> {
        let mut figures = Vec::new();
        for traffic in &self.answer.traffic {
            let days = traffic.total.days_measured + traffic.total.days_partial;
            figures.push(Figure {
                label: match traffic.metric {
                    Metric::Views => "Views",
                    Metric::Clones => "Clones",
                },
                value: words::number((days > 0).then_some(traffic.total.count)),
                change: words::change(&traffic.comparison),
                note: format!("on {}", counted(days, "day")),
            });
            figures.push(Figure {
                label: match traffic.metric {
                    Metric::Views => "Unique visitors",
                    Metric::Clones => "Unique cloners",
                },
                value: words::people(&traffic.people),
                change: Change::default(),
                note: words::people_note(&traffic.people),
            });
        }
        if let Some(standing) = &self.answer.standing {
            let counters = &standing.counters;
            let change = |now: u64, before: fn(&(Day, u64, u64)) -> u64| {
                standing
                    .before
                    .as_ref()
                    .map_or_else(Change::default, |known| {
                        words::moved(difference(now, before(known)))
                    })
            };
            figures.push(Figure {
                label: "Stars",
                value: grouped(counters.stars),
                change: change(counters.stars, |(_, stars, _)| *stars),
                note: format!("on {}", standing.day),
            });
            figures.push(Figure {
                label: "Forks",
                value: grouped(counters.forks),
                change: change(counters.forks, |(.., forks)| *forks),
                note: format!("on {}", standing.day),
            });
        }
        if let Some(downloads) = &self.answer.downloads {
            figures.push(Figure {
                label: "Downloads",
                value: words::bounds(downloads.total.count),
                change: Change::default(),
                note: "of releases' files".to_owned(),
            });
        }
        figures
    }

    fn summary(&self) -> String {
        let range = self.answer.range;
        let compared = self
            .answer
            .traffic
            .first()
            .map_or(0, |of| of.comparison.days);
        let against = match compared {
            0 => "There are no days before it to compare with.".to_owned(),
            days => format!(
                "Changes of views and clones are against {}, by the {} measured in both; those of stars and forks since the first day read in the range.",
                words::days(range.before()),
                counted(days, "day")
            ),
        };
        format!(
            "{}, {}. {against}",
            words::days(range),
            counted(range.days().unsigned_abs(), "day")
        )
    }
}

/// How much more there is.
pub(crate) fn difference(now: u64, before: u64) -> i64 {
    let size = i64::try_from(now.abs_diff(before)).unwrap_or(i64::MAX);
    if now < before { -size } else { size }
}
