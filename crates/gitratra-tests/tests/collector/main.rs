//! The collector against the simulated GitHub: months and years on a clock that leaps.
#![expect(clippy::unwrap_used, reason = "a test ends where its premise fails")]

mod beside;
mod calm;
mod cut;
mod gone;
mod house;
mod many;
mod others;
mod place;
mod several;
mod told;
mod wire;
mod years;
