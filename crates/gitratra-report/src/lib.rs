//! Reports as HTML, Markdown and PDF, made without a browser.
//!
//! A report is made in two steps. [`cover`], [`section`] and [`method`] turn answers into [`block`]s:
//! headings, figures, charts, tables. [`html`], [`markdown`] and [`pdf`] write blocks. So all three
//! tell the same numbers, and none of them asks the store.
//!
//! The same store and the same question give the same bytes: nothing here reads a clock, a locale or
//! a random number. A finished report loads nothing from anywhere and runs no script.
//!
//! [`cover`]: self
//! [`section`]: self
//! [`method`]: self
//! [`block`]: self
//! [`html`]: self
//! [`markdown`]: self
//! [`pdf`]: self

mod block;
mod charts;
mod cover;
mod fleet;
mod html;
mod markdown;
mod method;
mod pdf;
mod question;
mod read;
mod section;
mod words;
mod write;

pub use question::{Format, Paper, Question, ReportError, UnknownEnding};
pub use write::{Written, write};
