//! What the store promises, on both engines.

mod accounts;
mod names;
mod place;
mod samples;
mod visits;
