//! Flags over a time chart: a sign for each mark at its day, and a text for as many as have room.

use maud::{Markup, html};

use super::frame::{Plot, TEXT_PX};
use super::{ChartMark, ChartMarkKind, TimeChart};
use crate::chart::glyph::{clean, shortened, width};
use crate::chart::path::{Path, short};
use crate::chart::theme::{Canvas, Role};

/// Half of a sign.
const HALF_PX: f64 = 4.0;
/// Signs nearer than this are one.
const NEAR_PX: f64 = 9.0;
/// The longest text of a flag on a narrow chart and on a wide one.
const TEXT_ROOM_PX: (f64, f64) = (96.0, 280.0);
const BETWEEN_PX: f64 = 7.0;
/// Lines through the plot that were nearer to each other on average would hide it.
const STEM_PX: f64 = 28.0;

/// Marks so near to each other that they share a sign.
struct Spot<'a> {
    x: f64,
    marks: Vec<&'a ChartMark>,
}

/// Neighbouring signs that share a text.
struct Group<'a> {
    spots: Vec<Spot<'a>>,
    text: String,
    /// Whether the text stands before its signs, since there is no room after them.
    is_before: bool,
}

impl ChartMarkKind {
    pub(super) const fn role(self) -> Role {
        match self {
            Self::Release => Role::MarkRelease,
            Self::Tag => Role::MarkTag,
            Self::Note => Role::MarkNote,
            Self::Spike => Role::MarkSpike,
        }
    }
}

impl Group<'_> {
    fn first(&self) -> f64 {
        self.spots.first().map_or(0.0, |spot| spot.x)
    }

    fn last(&self) -> f64 {
        self.spots.last().map_or(0.0, |spot| spot.x)
    }

    fn start(&self) -> f64 {
        let text = match self.is_before {
            true => 4.0 + width(&self.text, TEXT_PX),
            false => 0.0,
        };
        self.first() - HALF_PX - text
    }

    fn end(&self) -> f64 {
        let text = match self.is_before {
            true => 0.0,
            false => 4.0 + width(&self.text, TEXT_PX),
        };
        self.last() + HALF_PX + text
    }

    fn marks(&self) -> impl Iterator<Item = &ChartMark> {
        self.spots
            .iter()
            .flat_map(|spot| spot.marks.iter().copied())
    }

    /// Leaves room for the group that follows; false where too little of the text would be left.
    fn shorten_before(&mut self, next: &Self) -> bool {
        let room = next.start() - BETWEEN_PX - self.last() - HALF_PX - 4.0;
        !self.is_before && self.shorten(room)
    }

    /// Leaves room for the group before.
    fn shorten_after(&mut self, before: &Self) -> bool {
        let room = self.first() - HALF_PX - 4.0 - before.end() - BETWEEN_PX;
        self.is_before && self.shorten(room)
    }

    fn shorten(&mut self, room: f64) -> bool {
        let text = match self.marks().collect::<Vec<_>>().as_slice() {
            [mark] if room >= LEAST_TEXT_PX => shortened(&mark.text, TEXT_PX, room),
            _ => return false,
        };
        let is_shorter = width(&text, TEXT_PX) < width(&self.text, TEXT_PX);
        if is_shorter {
            self.text = text;
        }
        is_shorter
    }

    /// `v1.2.0`, `3 releases` or `4 marks`; after the signs if there is room, else before them.
    fn write(&mut self, left: f64, right: f64) {
        let room = ((right - left) / 8.0).clamp(TEXT_ROOM_PX.0, TEXT_ROOM_PX.1);
        self.text = match self.marks().collect::<Vec<_>>().as_slice() {
            [mark] => shortened(&mark.text, TEXT_PX, room),
            marks => many(marks),
        };
        self.is_before = false;
        self.is_before = self.end() > right;
        if self.is_before && self.start() < left {
            self.text = String::new();
            self.is_before = false;
        }
    }
}

/// A text shorter than this tells nothing.
const LEAST_TEXT_PX: f64 = 34.0;

/// `3 releases`, or `3 marks` where they are of several kinds.
fn many(marks: &[&ChartMark]) -> String {
    let kind = marks.first().map(|mark| mark.kind);
    let is_one_kind = marks.iter().all(|mark| Some(mark.kind) == kind);
    match kind {
        Some(kind) if is_one_kind => format!("{} {}s", marks.len(), kind.word()),
        _ => format!("{} marks", marks.len()),
    }
}

impl TimeChart {
    /// The marks inside the range.
    pub(super) fn shown_marks(&self) -> impl Iterator<Item = &ChartMark> {
        self.marks
            .iter()
            .filter(|mark| self.range.contains(mark.day))
    }

    /// The kinds of marks that no text of their own explains.
    pub(super) fn unexplained_kinds(&self, plot: &Plot, right: f64) -> Vec<ChartMarkKind> {
        let groups = self.groups(plot, right);
        let bare = groups.iter().filter(|group| {
            let is_own = group.marks().count() == 1 || group.text.ends_with("releases");
            group.text.is_empty() || !is_own
        });
        let mut kinds: Vec<_> = bare.flat_map(Group::marks).map(|mark| mark.kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    }

    pub(super) fn flags(&self, canvas: &Canvas, plot: &Plot) -> Markup {
        let groups = self.groups(plot, canvas.width());
        let spots: usize = groups.iter().map(|group| group.spots.len()).sum();
        let has_stems = spots as f64 * STEM_PX <= plot.days.width;
        let y = plot.top - 11.0;
        let text = canvas.theme.paint(Role::Text);
        html! {
            @for group in &groups {
                @for spot in &group.spots {
                    (self.spot(spot, canvas, plot, y, has_stems))
                }
                @if !group.text.is_empty() {
                    text class=[text.class] color=[text.color] fill="currentColor"
                        font-size=(TEXT_PX) y=(short(y + 4.0))
                        x=(short(if group.is_before { group.first() - HALF_PX - 4.0 }
                            else { group.last() + HALF_PX + 4.0 }))
                        text-anchor=[group.is_before.then_some("end")]
                        aria-hidden="true" { (group.text) }
                }
            }
        }
    }

    /// Signs and texts that do not overlap: neighbours whose texts would are joined.
    fn groups(&self, plot: &Plot, right: f64) -> Vec<Group<'_>> {
        let mut marks: Vec<_> = self.shown_marks().collect();
        marks.sort_by_key(|mark| (mark.day, mark.kind));
        let mut groups: Vec<Group<'_>> = Vec::new();
        for mark in marks {
            let x = plot.left
                + plot
                    .days
                    .middle_of(gitratra_core::DayRange::ending(mark.day, 1));
            let near = groups.last_mut().and_then(|group| group.spots.last_mut());
            match near.filter(|spot| x - spot.x < NEAR_PX) {
                Some(spot) => spot.marks.push(mark),
                None => groups.push(Group {
                    spots: vec![Spot {
                        x,
                        marks: vec![mark],
                    }],
                    text: String::new(),
                    is_before: false,
                }),
            }
        }
        for group in &mut groups {
            group.write(plot.left, right);
        }
        while let Some(at) = overlap(&groups) {
            let (head, tail) = groups.split_at_mut(at + 1);
            if let ([.., one], [other, ..]) = (head, tail)
                && (one.shorten_before(other) || other.shorten_after(one))
            {
                continue;
            }
            let next = groups.remove(at + 1);
            groups[at].spots.extend(next.spots);
            groups[at].write(plot.left, right);
        }
        groups
    }

    fn spot(&self, spot: &Spot<'_>, canvas: &Canvas, plot: &Plot, y: f64, stem: bool) -> Markup {
        let kinds = spot.marks.iter().map(|mark| mark.kind);
        let Some(kind) = kinds.max() else {
            return html! {};
        };
        let paint = canvas.theme.paint(kind.role());
        let href = spot
            .marks
            .iter()
            .rev()
            .find_map(|mark| mark.href.as_deref());
        let mut line = Path::default();
        let foot = if stem { plot.bottom() } else { plot.top + 4.0 };
        line.move_to(spot.x, plot.top - 5.0).line_to(spot.x, foot);
        let drawn = html! {
            title { (clean(&words(&spot.marks))) }
            path d=(line.data()) stroke="currentColor" stroke-opacity=".35" fill="none" {}
            (symbol(kind, spot.x, y))
        };
        html! {
            g class=(paint.beside("mark")) color=[paint.color] {
                @if let Some(href) = href { a href=(href) { (drawn) } } @else { (drawn) }
            }
        }
    }
}

/// The first of two neighbours that touch.
fn overlap(groups: &[Group<'_>]) -> Option<usize> {
    groups
        .windows(2)
        .position(|pair| pair[0].end() + BETWEEN_PX > pair[1].start())
}

/// `2026-11-16: release v1.2.0; 2026-11-17: note …`, at most eight of them.
fn words(marks: &[&ChartMark]) -> String {
    let shown = marks.iter().take(8);
    let mut texts: Vec<_> = shown
        .map(|mark| format!("{}: {} {}", mark.day, mark.kind.word(), mark.text))
        .collect();
    if marks.len() > 8 {
        texts.push(format!("and {} more", marks.len() - 8));
    }
    texts.join("; ")
}

/// A sign of each kind's own shape, so that colour is not needed to tell them apart.
pub(super) fn symbol(kind: ChartMarkKind, x: f64, y: f64) -> Markup {
    let mut path = Path::default();
    let half = HALF_PX;
    match kind {
        ChartMarkKind::Release | ChartMarkKind::Tag => path
            .move_to(x, y - half)
            .line_to(x + half, y)
            .line_to(x, y + half)
            .line_to(x - half, y)
            .close(),
        ChartMarkKind::Note => path.rect(x - 3.0, y - 3.0, 6.0, 6.0),
        ChartMarkKind::Spike => path
            .move_to(x, y - half)
            .line_to(x + half, y + 3.0)
            .line_to(x - half, y + 3.0)
            .close(),
    };
    let is_hollow = kind == ChartMarkKind::Tag;
    html! {
        path d=(path.data()) fill=(if is_hollow { "none" } else { "currentColor" })
            stroke=[is_hollow.then_some("currentColor")] stroke-width=[is_hollow.then_some("1.5")] {}
    }
}
