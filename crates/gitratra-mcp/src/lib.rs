//! The history for assistants: read-only tools over the Model Context Protocol.
//!
//! An assistant asks in one line of JSON and is answered in one. Every answer comes out of
//! `gitratra-answer`, so that an assistant is told the same numbers as a person who looks at a page;
//! each number carries what kind it is, and what is not known is null and never zero. Nothing here
//! writes to the store, asks GitHub or reads a clock. Private repositories are there only for whoever
//! starts the server so; to everybody else they are as if they were not.
//!
//! What strangers wrote (names of referrers, titles, notes, tags) is handed on as data: cleaned of
//! characters that are not seen, cut, and marked in the text.
//!
//! *Source*: <https://modelcontextprotocol.io/specification>

mod asked;
mod fault;
mod legend;
mod line;
mod outline;
mod quoted;
mod reply;
mod seen;
mod server;
mod tool;

pub use line::{LineError, serve, standard_streams};
pub use server::{Options, Server};
