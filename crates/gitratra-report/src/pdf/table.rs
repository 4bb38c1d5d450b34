//! Tables: columns as wide as they need to be, broken over pages between rows, with their heads
//! repeated.

use super::face::Fonts;
use super::flow::{Flow, SMALL, colour_of};
use super::item::{Area, Colour, Item, Role, Type};
use crate::block::{Cell, ColumnKind, Table};

const CELL: Type = Type::plain(8.0, Colour::INK);
const HEAD: Type = Type::bold(7.5, Colour::MUTED);
const LINE: f32 = 10.6;
const PAD: f32 = 2.6;
/// Between two columns.
const GAP: f32 = 10.0;
const PICTURE: f32 = 62.0;
/// A name gets at least so much.
const NAME: f32 = 90.0;
/// Lines of one cell.
const LINES: usize = 5;

/// A column with its place.
struct Placed {
    x: f32,
    width: f32,
    kind: ColumnKind,
    head: String,
}

pub(crate) fn lay_out(flow: &mut Flow<'_>, table: Table) {
    if !table.caption.is_empty() {
        flow.open(Role::Paragraph);
        flow.paragraph(&table.caption, SMALL, 0.0);
        flow.close();
        flow.y += 1.0;
    }
    let columns = placed(flow, &table);
    flow.open(Role::Table);
    head(flow, &columns, false);
    let left = flow.geometry.left;
    for row in table.rows {
        let cells: Vec<Set> = columns
            .iter()
            .zip(row)
            .map(|(column, cell)| Set::of(flow.fonts, column, cell))
            .collect();
        let lines = cells.iter().map(Set::lines).max().unwrap_or(1);
        #[expect(clippy::cast_precision_loss, reason = "there are few lines")]
        let height = lines as f32 * LINE + 2.0 * PAD;
        if height > flow.left() {
            flow.new_page();
            head(flow, &columns, true);
        }
        flow.open(Role::Row);
        for (column, cell) in columns.iter().zip(cells) {
            flow.open(Role::Data);
            cell.put(flow, column);
            flow.close();
        }
        flow.close();
        flow.y += height;
        let area = Area {
            x: left,
            y: flow.y - 0.25,
            width: flow.geometry.room(),
            height: 0.5,
        };
        flow.put(Item::Fill(area, Colour::LINE));
    }
    flow.close();
    if !table.note.is_empty() {
        flow.y += 2.0;
        flow.open(Role::Paragraph);
        flow.paragraph(&table.note, SMALL, 0.0);
        flow.close();
    }
    flow.y += 9.0;
}

/// Where columns stand. What is left over is the name's; where nothing is, words get less.
fn placed(flow: &Flow<'_>, table: &Table) -> Vec<Placed> {
    let fonts = flow.fonts;
    let widest = |at: usize, kind: ColumnKind| match kind {
        ColumnKind::Picture => PICTURE,
        _ => {
            let cells = table.rows.iter().filter_map(|row| row.get(at));
            let cells = cells.map(|cell| fonts.width(text_of(cell), CELL));
            let head = fonts.width(&table.columns[at].head, HEAD);
            cells.fold(head, f32::max).ceil()
        }
    };
    let mut widths: Vec<f32> = table
        .columns
        .iter()
        .enumerate()
        .map(|(at, column)| widest(at, column.kind))
        .collect();
    #[expect(clippy::cast_precision_loss, reason = "there are few columns")]
    let gaps = GAP * widths.len().saturating_sub(1) as f32;
    let room = flow.geometry.room() - gaps;
    let is_name = |at: usize| table.columns[at].kind == ColumnKind::Name;
    let fixed: f32 = (0..widths.len())
        .filter(|at| !is_name(*at))
        .map(|at| widths[at])
        .sum();
    let least = if (0..widths.len()).any(is_name) {
        NAME
    } else {
        0.0
    };
    let scale = ((room - least) / fixed.max(1.0)).min(1.0);
    for (column, width) in table.columns.iter().zip(&mut widths) {
        *width = match column.kind {
            ColumnKind::Name => (room - fixed * scale).max(NAME),
            _ => *width * scale,
        };
    }
    let mut x = flow.geometry.left;
    let mut columns = Vec::with_capacity(widths.len());
    for (column, width) in table.columns.iter().zip(widths) {
        columns.push(Placed {
            x,
            width,
            kind: column.kind,
            head: column.head.clone(),
        });
        x += width + GAP;
    }
    columns
}

fn text_of(cell: &Cell) -> &str {
    match cell {
        Cell::Text(text) | Cell::Section(text, _) => text,
        Cell::Change(change) => &change.text,
        Cell::Bar(..) | Cell::Spark(..) => "",
    }
}

/// The heads of columns; repeated ones are for the eye alone.
fn head(flow: &mut Flow<'_>, columns: &[Placed], is_repeated: bool) {
    flow.open(match is_repeated {
        true => Role::Artifact,
        false => Role::Row,
    });
    for column in columns {
        if !is_repeated {
            flow.open(Role::Head);
        }
        let text = flow.fonts.fitted(&column.head, HEAD, column.width);
        let text = text.into_owned();
        let x = column.start(flow.fonts, &text, HEAD);
        flow.text(x, flow.y + 9.5, HEAD, text);
        if !is_repeated {
            flow.close();
        }
    }
    flow.close();
    flow.y += 14.0;
    let area = Area {
        x: flow.geometry.left,
        y: flow.y - 0.5,
        width: flow.geometry.room(),
        height: 1.0,
    };
    flow.put(Item::Fill(area, Colour::LINE));
}

impl Placed {
    /// Where a text begins: numbers stand to the right.
    fn start(&self, fonts: &Fonts, text: &str, look: Type) -> f32 {
        match self.kind {
            ColumnKind::Number => self.x + self.width - fonts.width(text, look),
            _ => self.x,
        }
    }
}

/// A cell that is set.
enum Set {
    Lines(Vec<String>, Type, Option<String>),
    Small(Cell),
}

impl Set {
    fn of(fonts: &Fonts, column: &Placed, cell: Cell) -> Self {
        match cell {
            Cell::Text(text) => Self::words(fonts, column, &text, CELL, None),
            Cell::Section(text, anchor) => {
                let look = Type {
                    colour: Colour::ACCENT,
                    ..CELL
                };
                Self::words(fonts, column, &text, look, Some(anchor))
            }
            Cell::Change(change) => {
                let look = Type {
                    colour: colour_of(&change),
                    ..CELL
                };
                Self::words(fonts, column, &change.text, look, None)
            }
            small @ (Cell::Bar(..) | Cell::Spark(..)) => Self::Small(small),
        }
    }

    fn words(
        fonts: &Fonts,
        column: &Placed,
        text: &str,
        look: Type,
        anchor: Option<String>,
    ) -> Self {
        let lines = match column.kind {
            ColumnKind::Name => fonts.lines(text, look, column.width, LINES),
            _ => {
                let text = fonts.writable(text);
                // A hair more, since widths were rounded.
                let room = column.width + 0.5;
                vec![fonts.fitted(&text, look, room).into_owned()]
            }
        };
        Self::Lines(lines, look, anchor)
    }

    fn lines(&self) -> usize {
        match self {
            Self::Lines(lines, ..) => lines.len().max(1),
            Self::Small(_) => 1,
        }
    }

    fn put(self, flow: &mut Flow<'_>, column: &Placed) {
        match self {
            Self::Small(cell) => {
                let is_bar = matches!(cell, Cell::Bar(..));
                let height = if is_bar { 6.0 } else { 11.0 };
                let area = Area {
                    x: column.x,
                    y: flow.y + PAD + (LINE - height) / 2.0,
                    width: column.width,
                    height,
                };
                flow.put(Item::Small(area, cell));
            }
            Self::Lines(lines, look, anchor) => {
                let mut y = flow.y + PAD;
                for line in lines {
                    let x = column.start(flow.fonts, &line, look);
                    if let Some(anchor) = &anchor {
                        let area = Area {
                            x,
                            y,
                            width: flow.fonts.width(&line, look),
                            height: LINE,
                        };
                        flow.put(Item::Link(area, anchor.clone()));
                    }
                    y += LINE;
                    flow.text(x, y - 2.6, look, line);
                }
            }
        }
    }
}
