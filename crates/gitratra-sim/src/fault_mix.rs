//! A part of all answers gone wrong, in every way in which it does not take long.
//!
//! What happens to a request depends on the seed and on the request's number alone. Left out is
//! what would stop a long run (a connection that hangs, a body without end) or lead away from
//! the simulation; a test plans those itself.

use crate::fault::{Fault, Tamper};
use crate::noise::{Noise, Topic};
use crate::route::Endpoint;

/// Every kind of fault at random.
///
/// Refusals in it look like those of a secondary limit and are none: going on after one is not
/// counted as a violation. What never arrives costs nothing of the hour's budget.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FaultMix {
    probability: f64,
}

const WORDS: &str =
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.";

const TAMPERS: [Tamper; 9] = [
    Tamper::NegativeCount,
    Tamper::AbsurdCount,
    Tamper::UniquesAboveCount,
    Tamper::TextForNumber,
    Tamper::MissingField,
    Tamper::NullForNumber,
    Tamper::FractionalCount,
    // These two need a timestamp, so only views and clones meet them.
    Tamper::NotMidnight,
    Tamper::FutureDay,
];

/// JSON, or nearly, that answers none of our questions.
const OTHER_BODIES: [&str; 6] = [
    "null",
    "[1,2,3]",
    "\"ok\"",
    r#"{"message":"We couldn't respond to your request in time."}"#,
    r#"{"count":12,"uniques":"#,
    r#"[{"unexpected":true}]"#,
];

impl FaultMix {
    /// Each answer goes wrong with this probability: 0 never, 1 always.
    pub fn new(probability: f64) -> Self {
        Self { probability }
    }

    /// What goes wrong with the request of this number, if anything does.
    pub(crate) fn draw(self, endpoint: Endpoint, noise: Noise, number: u64) -> Option<Fault> {
        if noise.unit(Topic::Mix, number, 0) >= self.probability {
            return None;
        }
        let below =
            |index, bound: usize| noise.below(Topic::MixKind, number, index, bound as u64) as usize;
        let wait_secs = [1, 10, 30][below(1, 3)].to_string();
        let fault = match below(0, 16) {
            0 => Fault::Close,
            1 => Fault::Reset,
            2 => Fault::Truncated {
                keep_bytes: below(1, 400),
            },
            3 => Fault::Empty,
            4 => Fault::Html,
            5 => Fault::status(500, "Server Error"),
            6 => Fault::status(502, "Server Error"),
            7 => Fault::status(503, "Service Unavailable"),
            8 => Fault::status(504, "Gateway Timeout"),
            9 => Fault::status(429, WORDS).header("retry-after", &wait_secs),
            10 => Fault::status(429, WORDS),
            11 => Fault::status(403, WORDS).header("retry-after", &wait_secs),
            12 => Fault::status(403, WORDS),
            13 => tampered(endpoint, below(1, TAMPERS.len())),
            14 => other_body(below(1, OTHER_BODIES.len())),
            _ => slow(below(1, 2)),
        };
        Some(fault)
    }
}

/// A number that cannot be, where the answer has numbers to spoil.
fn tampered(endpoint: Endpoint, index: usize) -> Fault {
    let choice = match endpoint {
        Endpoint::Views | Endpoint::Clones => TAMPERS.get(index),
        Endpoint::Paths | Endpoint::Referrers => TAMPERS.get(index % 7),
        _ => None,
    };
    choice.map_or_else(|| other_body(index), |how| Fault::Tampered { how: *how })
}

fn other_body(index: usize) -> Fault {
    Fault::Body {
        text: OTHER_BODIES[index % OTHER_BODIES.len()].into(),
    }
}

/// Right in the end, a few milliseconds late.
fn slow(index: usize) -> Fault {
    match index {
        0 => Fault::Slow { before_ms: 2 },
        _ => Fault::Trickle {
            chunk_bytes: 500,
            between_ms: 1,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn drawn(seed: u64, count: u64) -> Vec<Option<Fault>> {
        let mix = FaultMix::new(0.05);
        let noise = Noise::new(seed);
        (0..count)
            .map(|number| mix.draw(Endpoint::Views, noise, number))
            .collect()
    }

    #[test]
    fn the_part_that_goes_wrong_is_as_large_as_asked_for() {
        let faults = drawn(3, 20_000).into_iter().flatten().count();
        assert!((900..1100).contains(&faults), "{faults}");
        let noise = Noise::new(3);
        let all = (0..50).all(|n| FaultMix::new(1.0).draw(Endpoint::Repo, noise, n).is_some());
        let none = (0..50).all(|n| FaultMix::new(0.0).draw(Endpoint::Repo, noise, n).is_none());
        assert!(all && none);
    }

    #[test]
    fn the_seed_and_the_number_decide_alone() {
        assert_eq!(drawn(3, 2_000), drawn(3, 2_000));
        assert_ne!(drawn(3, 2_000), drawn(4, 2_000));
    }

    #[test]
    fn every_kind_of_fault_is_met() {
        let kind = |fault: Fault| match fault {
            Fault::Status {
                status, headers, ..
            } => format!("{status} {}", headers.len()),
            Fault::Tampered { how } => format!("{how:?}"),
            other => format!("{other:?}").chars().take(4).collect(),
        };
        let kinds: BTreeSet<_> = drawn(3, 20_000).into_iter().flatten().map(kind).collect();
        // Eight of status, nine of tampering, and eight that are neither.
        assert_eq!(kinds.len(), 8 + TAMPERS.len() + 8, "{kinds:?}");
    }

    #[test]
    fn a_list_is_never_answered_with_an_empty_one() {
        for body in OTHER_BODIES {
            let lines = serde_json::from_str::<Vec<serde_json::Value>>(body);
            assert!(lines.map_or(true, |lines| !lines.is_empty()), "{body}");
        }
    }
}
