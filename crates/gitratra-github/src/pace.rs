//! Never more than so many requests in any minute, as the server sees them arrive.
//!
//! A request arrives somewhere between its start and its answer. So it holds its place from its
//! start until a minute after its answer: however long each one travels, no minute on the server's
//! side holds more than the limit.

use std::collections::VecDeque;
use std::time::Duration;

/// The time over which points are counted, and a little for clocks that run unlike.
const WINDOW: Duration = Duration::from_millis(60_100);

/// The log of the last minute.
#[derive(Debug)]
pub(crate) struct Pace {
    /// Points a minute; 0 is no pace at all.
    points: u32,
    in_flight: usize,
    /// When requests ended, ascending.
    ended: VecDeque<Duration>,
}

/// Whether another request may start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Yes.
    Now,
    /// Not before this moment.
    At(Duration),
    /// Not before a request in flight has ended.
    AfterAnswer,
}

impl Pace {
    pub(crate) fn new(points: u32) -> Self {
        Self {
            points,
            in_flight: 0,
            ended: VecDeque::new(),
        }
    }

    pub(crate) fn turn(&mut self, now: Duration) -> Turn {
        if self.points == 0 {
            return Turn::Now;
        }
        let is_over = |ended: &Duration| *ended + WINDOW <= now;
        while self.ended.front().is_some_and(is_over) {
            self.ended.pop_front();
        }
        if self.in_flight + self.ended.len() < self.points as usize {
            return Turn::Now;
        }
        match self.ended.front() {
            Some(ended) => Turn::At(*ended + WINDOW),
            None => Turn::AfterAnswer,
        }
    }

    /// Notes that a request starts.
    pub(crate) fn start(&mut self) {
        self.in_flight += 1;
    }

    /// Notes that a request has its answer, or never will.
    pub(crate) fn end(&mut self, now: Duration) {
        self.in_flight = self.in_flight.saturating_sub(1);
        if self.points > 0 {
            self.ended.push_back(now);
        }
    }

    /// Counts points that were spent elsewhere within the last minute.
    pub(crate) fn preload(&mut self, points: u32, now: Duration) {
        for _ in 0..points.min(self.points) {
            self.ended.push_back(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    #[test]
    fn a_place_is_free_a_minute_after_the_answer() {
        let mut pace = Pace::new(2);
        pace.start();
        pace.start();
        assert_eq!(pace.turn(secs(1)), Turn::AfterAnswer);
        pace.end(secs(5));
        assert_eq!(pace.turn(secs(6)), Turn::At(secs(5) + WINDOW));
        pace.end(secs(7));
        assert_eq!(pace.turn(secs(66)), Turn::Now);
        pace.start();
        assert_eq!(pace.turn(secs(66)), Turn::At(secs(7) + WINDOW));
    }

    #[test]
    fn points_of_another_run_count() {
        let mut pace = Pace::new(900);
        pace.preload(u32::MAX, secs(0));
        assert_eq!(pace.turn(secs(10)), Turn::At(WINDOW));
    }

    #[test]
    fn zero_is_no_pace() {
        let mut pace = Pace::new(0);
        for _ in 0..10_000 {
            assert_eq!(pace.turn(secs(0)), Turn::Now);
            pace.start();
        }
        pace.preload(5, secs(0));
        pace.end(secs(0));
        assert!(pace.ended.is_empty());
    }

    proptest! {
        /// Whenever requests arrive between their start and their answer, no minute has more than
        /// the limit.
        #[test]
        fn no_minute_has_more_arrivals_than_points(
            points in 1_u32..6,
            trips in prop::collection::vec((0_u64..9_000, 0.0_f64..=1.0), 1..60),
        ) {
            let mut pace = Pace::new(points);
            let mut now = Duration::ZERO;
            let mut flying: Vec<Duration> = Vec::new();
            let mut arrivals = Vec::new();
            for (took_ms, part) in trips {
                loop {
                    flying.sort_unstable();
                    while let Some(end) = flying.first().copied().filter(|end| *end <= now) {
                        pace.end(end);
                        flying.remove(0);
                    }
                    let turn = pace.turn(now);
                    let next_end = flying.first().copied();
                    now = match turn {
                        Turn::Now => break,
                        Turn::At(at) => next_end.map_or(at, |end| end.min(at)),
                        Turn::AfterAnswer => next_end.expect("something is in flight"),
                    };
                }
                pace.start();
                let took = Duration::from_millis(took_ms);
                flying.push(now + took);
                arrivals.push(now + took.mul_f64(part));
            }
            arrivals.sort_unstable();
            for pair in arrivals.windows(points as usize + 1) {
                prop_assert!(pair[points as usize] - pair[0] >= secs(60));
            }
        }
    }
}
