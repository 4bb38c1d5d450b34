//! What a report is made of, whatever it is written as.

use gitratra_render::chart::{Calendar, Ink, TimeChart, WeekdayChart};

/// A piece of a report, from top to bottom.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Block {
    /// A heading below that of the section.
    Heading(String),
    /// A paragraph.
    Text(String),
    /// A paragraph that explains what stands above it.
    Note(String),
    /// Points.
    List(Vec<String>),
    /// Large numbers.
    Figures(Vec<Figure>),
    /// One chart across the page, or two beside each other.
    Charts(Vec<Drawn>),
    /// Rows.
    Table(Table),
}

/// A large number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Figure {
    pub(crate) label: &'static str,
    pub(crate) value: String,
    /// How it changed.
    pub(crate) change: Change,
    /// What has to be known about it; may be empty.
    pub(crate) note: String,
}

/// A change in words, and which way it goes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Change {
    pub(crate) text: String,
    pub(crate) way: Way,
}

/// Up is not always good and down not always bad; colour only helps the eye.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Way {
    Up,
    Down,
    #[default]
    Level,
}

/// A chart and what is said below it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Drawn {
    pub(crate) picture: Picture,
    /// May be empty.
    pub(crate) note: String,
}

/// The kinds of charts.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Picture {
    Time(Box<TimeChart>),
    Weekday(Box<WeekdayChart>),
    Calendar(Box<Calendar>),
}

/// Rows with a heading for each column.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Table {
    /// What the table is of.
    pub(crate) caption: String,
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: Vec<Vec<Cell>>,
    /// What is said below it; may be empty.
    pub(crate) note: String,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) head: String,
    pub(crate) kind: ColumnKind,
}

/// How a column is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ColumnKind {
    /// Of any length: takes the room that is left, and is cut where that is too little.
    Name,
    /// Short words.
    Word,
    /// Numbers, to the right.
    Number,
    /// Pictures.
    Picture,
}

/// One cell.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell {
    Text(String),
    /// The name of a section, which leads to it.
    Section(String, String),
    Change(Change),
    /// From what is certain to what is possible, as parts of the largest.
    Bar(f64, f64, Ink),
    /// A line over the range; what is not known is a hole.
    Spark(Vec<Option<f64>>, Ink),
}

impl Table {
    pub(crate) fn new(caption: impl Into<String>, columns: &[(&str, ColumnKind)]) -> Self {
        let column = |(head, kind): &(&str, ColumnKind)| Column {
            head: (*head).to_owned(),
            kind: *kind,
        };
        Self {
            caption: caption.into(),
            columns: columns.iter().map(column).collect(),
            rows: Vec::new(),
            note: String::new(),
        }
    }
}

impl Cell {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }
}

impl Drawn {
    pub(crate) fn time(chart: TimeChart, note: impl Into<String>) -> Self {
        Self {
            picture: Picture::Time(Box::new(chart)),
            note: note.into(),
        }
    }
}

impl Picture {
    pub(crate) fn title(&self) -> &str {
        match self {
            Self::Time(chart) => &chart.title,
            Self::Weekday(chart) => &chart.title,
            Self::Calendar(chart) => &chart.title,
        }
    }

    pub(crate) fn set_id(&mut self, id: String) {
        match self {
            Self::Time(chart) => chart.id = id,
            Self::Weekday(chart) => chart.id = id,
            Self::Calendar(chart) => chart.id = id,
        }
    }
}

/// What stands above everything.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Head {
    pub(crate) title: String,
    /// What was asked for, in words.
    pub(crate) scope: String,
    /// The days.
    pub(crate) days: String,
    /// Whether anybody may see it: what has to be known before it is passed on.
    pub(crate) privacy: Privacy,
    /// The foot of each page.
    pub(crate) made_by: String,
}

/// How many private repositories a report tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Privacy {
    pub(crate) private: usize,
    pub(crate) of: usize,
}

impl Privacy {
    pub(crate) const fn has_any(self) -> bool {
        self.private > 0
    }

    pub(crate) fn text(self) -> String {
        match (self.private, self.of) {
            (0, 1) => "Public repository".to_owned(),
            (0, _) => "Contains no private repository".to_owned(),
            (1, 1) => "PRIVATE repository: pass this report on with care".to_owned(),
            (private, of) => format!(
                "Contains {private} PRIVATE of {of} repositories: pass this report on with care"
            ),
        }
    }
}

/// One repository of a report of several.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Section {
    pub(crate) name: String,
    /// Unlike that of any other section: letters, digits and `-`.
    pub(crate) anchor: String,
    /// `private`, `archived`, `gone`.
    pub(crate) tags: Vec<&'static str>,
    pub(crate) blocks: Vec<Block>,
}
