//! What people ask of a history, answered out of the store as plain data.
//!
//! The command line, the dashboard, its API and reports answer the same questions with the same
//! numbers, since all of them ask here. This crate neither draws nor prints, and knows nobody who
//! might not be allowed to see something: who asks is told what to leave out by whoever calls.

pub mod fleet;
