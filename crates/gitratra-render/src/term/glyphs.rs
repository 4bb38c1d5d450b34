//! The characters that drawings are made of: Unicode's blocks, or ASCII for terminals without.

/// One set of characters, each one column wide.
#[derive(Debug)]
pub(super) struct Glyphs {
    /// Empty, then one to eight eighths of a column's height.
    pub(super) eighths: [char; 9],
    /// A piece of a bar along a row.
    pub(super) length: char,
    /// A day or step of which only a part is known.
    pub(super) part: char,
    /// Never seen.
    pub(super) gap: char,
    /// Zeros that are not believed.
    pub(super) suspect: char,
    /// The base line.
    pub(super) base: char,
    /// On the base line: nothing happened.
    pub(super) zero: char,
    /// On the base line: a date stands below.
    pub(super) tick: char,
    /// Both.
    pub(super) zero_tick: char,
    /// The value axis.
    pub(super) axis: char,
    /// The value axis where a number stands.
    pub(super) axis_tick: char,
    /// Where both axes begin.
    pub(super) corner: char,
    /// Under a heading.
    pub(super) rule: char,
    /// Between facts.
    pub(super) dot: &'static str,
    /// Where text was cut.
    pub(super) cut: &'static str,
    pub(super) minus: char,
    /// For what cannot or must not be shown.
    pub(super) unknown: char,
    /// In front of a change.
    pub(super) up: &'static str,
    pub(super) down: &'static str,
}

impl Glyphs {
    pub(super) const BLOCKS: Self = Self {
        eighths: [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'],
        length: '▆',
        part: '▒',
        gap: '░',
        suspect: '?',
        base: '─',
        zero: '┴',
        tick: '┬',
        zero_tick: '┼',
        axis: '│',
        axis_tick: '┤',
        corner: '└',
        rule: '─',
        dot: " · ",
        cut: "…",
        minus: '−',
        unknown: '\u{fffd}',
        up: "▲ ",
        down: "▼ ",
    };

    pub(super) const ASCII: Self = Self {
        eighths: [' ', '_', '_', '_', '=', '=', '#', '#', '#'],
        length: '#',
        part: '+',
        gap: ':',
        suspect: '?',
        base: '-',
        zero: '0',
        tick: '\'',
        zero_tick: '0',
        axis: '|',
        axis_tick: '+',
        corner: '+',
        rule: '-',
        dot: " | ",
        cut: "..",
        minus: '-',
        unknown: '?',
        up: "",
        down: "",
    };
}
