//! The data behind a chart as rows of text: for the keyboard, for a screen reader, for copying.

use maud::{Markup, html};

/// What a chart shows, as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// What the table is of.
    pub caption: String,
    /// The headings of the columns.
    pub header: Vec<String>,
    /// The rows; each has as many cells as there are headings, and its first names it.
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// An HTML table with a caption and with headings for columns and rows.
    #[must_use]
    pub fn markup(&self) -> Markup {
        html! {
            table.chart-data {
                caption { (self.caption) }
                thead { tr { @for heading in &self.header { th scope="col" { (heading) } } } }
                tbody {
                    @for row in &self.rows {
                        tr {
                            @for (at, cell) in row.iter().enumerate() {
                                @if at == 0 { th scope="row" { (cell) } } @else { td { (cell) } }
                            }
                        }
                    }
                }
            }
        }
    }
}
