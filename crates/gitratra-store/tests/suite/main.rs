//! What the store promises, on both engines.

mod place;
mod samples;
mod visits;
