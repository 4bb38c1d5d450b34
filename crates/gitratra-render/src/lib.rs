//! Core values to what people look at: same values, same bytes.
//!
//! [`term`] writes for a terminal, [`chart`] makes SVG and PNG. [`number`], [`scale`], [`bars`] and [`axis`] hold what every
//! drawing needs, whatever it is drawn with: how a number is written, where an axis has its ticks,
//! how days become bars, where dates stand.
//!
//! This crate queries and fetches nothing and reads no clock, locale or environment. What is not
//! known is drawn as not known: a gap is never a zero, and uniques are never added.

pub mod axis;
pub mod bars;
pub mod chart;
pub mod number;
pub mod scale;
pub mod term;
