//! Where a value axis of a chart has its ticks, linear or logarithmic, and how they are written.

use crate::number;

/// One tick.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tick {
    /// Its place from 0 (bottom) to 1 (top).
    pub(super) place: f64,
    /// What stands beside it.
    pub(super) text: String,
}

/// A value axis that covers its data.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ValueAxis {
    kind: Kind,
    /// Ascending.
    pub(super) ticks: Vec<Tick>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Linear {
        low: f64,
        high: f64,
    },
    /// Zero stands at the base, `low` at `foot`, `high` at the top.
    Log {
        low: f64,
        high: f64,
        foot: f64,
    },
}

/// Pixels between two ticks, at least.
const BETWEEN_PX: f64 = 16.0;

impl ValueAxis {
    /// An axis with round steps over all the values (finite ones), from zero on if asked.
    pub(super) fn linear(values: &[f64], is_zero_based: bool, height_px: f64) -> Self {
        let (mut low, mut high) = ends(values).unwrap_or((0.0, 0.0));
        if is_zero_based || (low..=high).contains(&0.0) {
            (low, high) = (low.min(0.0), high.max(0.0));
        }
        let is_whole = values.iter().all(|value| value.fract() == 0.0);
        if low == high {
            let room = if low == 0.0 { 1.0 } else { low.abs() * 0.05 };
            let room = if is_whole { room.ceil() } else { room };
            high += room;
            // What is never negative has no axis below zero.
            if low < 0.0 {
                low -= room;
            } else if !is_zero_based {
                low = (low - room).max(0.0);
            }
        }
        let fewest = if low < 0.0 && high > 0.0 { 3.0 } else { 2.0 };
        let most = (height_px / 44.0).clamp(fewest, 8.0).floor();
        let mut step = round_up((high - low) / most);
        if is_whole {
            step = step.max(1.0);
        }
        while (high / step).ceil() - (low / step).floor() > most {
            step = round_up(step * 1.5);
        }
        let (first, last) = ((low / step).floor(), (high / step).ceil());
        let (low, high) = (first * step, last * step);
        let largest = low.abs().max(high.abs());
        let ticks = (0..=(last - first) as u32).map(|at| {
            let steps = first + f64::from(at);
            Tick {
                place: f64::from(at) / (last - first),
                text: tick_text(steps * step, step, largest),
            }
        });
        Self {
            ticks: ticks.collect(),
            kind: Kind::Linear { low, high },
        }
    }

    /// An axis of decades over the values; zero and less stand at its base.
    pub(super) fn log(values: &[f64], height_px: f64) -> Self {
        let positive: Vec<f64> = values
            .iter()
            .copied()
            .filter(|value| *value > 0.0)
            .collect();
        let (least, most) = ends(&positive).unwrap_or((1.0, 1.0));
        let lowest = least.log10().floor();
        let low = 10_f64.powf(lowest);
        let high = round_up(most).max(low * 10.0);
        let foot = (BETWEEN_PX / height_px).min(0.25);
        let kind = Kind::Log { low, high, foot };
        let mut ticks = vec![Tick {
            place: 0.0,
            text: "0".to_owned(),
        }];
        let apart = |ticks: &[Tick], place: f64| {
            let far = |tick: &Tick| (tick.place - place).abs() * height_px >= BETWEEN_PX - 0.5;
            ticks.iter().all(far)
        };
        let decades = (high.log10() - lowest).floor().max(0.0) as i32;
        let decade_px = height_px * (1.0 - foot) / (high.log10() - lowest);
        let every = (BETWEEN_PX / decade_px).ceil().max(1.0) as i32;
        // Decades first; two and five only where there is room between them.
        for factor in [1.0, 5.0, 2.0] {
            let candidates = (0..=decades).filter(|at| at % every == 0);
            for value in candidates.map(|at| factor * 10_f64.powf(lowest + f64::from(at))) {
                let place = kind.place(value);
                if value <= high * 1.000_001 && apart(&ticks, place) {
                    ticks.push(Tick {
                        place,
                        text: tick_text(value, value, value),
                    });
                }
            }
            if decades > 3 {
                break;
            }
        }
        ticks.sort_by(|one, other| one.place.total_cmp(&other.place));
        Self { kind, ticks }
    }

    /// Where a value stands, from 0 (bottom) to 1 (top).
    pub(super) fn place(&self, value: f64) -> f64 {
        self.kind.place(value)
    }
}

impl Kind {
    fn place(self, value: f64) -> f64 {
        match self {
            Self::Linear { low, high } => ((value - low) / (high - low)).clamp(0.0, 1.0),
            Self::Log { .. } if value <= 0.0 => 0.0,
            Self::Log { low, high, foot } => {
                let share = (value.log10() - low.log10()) / (high.log10() - low.log10());
                (foot + (1.0 - foot) * share).clamp(0.0, 1.0)
            }
        }
    }
}

fn ends(values: &[f64]) -> Option<(f64, f64)> {
    let low = values.iter().copied().reduce(f64::min)?;
    let high = values.iter().copied().reduce(f64::max)?;
    Some((low, high))
}

/// The next number of the form 1, 2 or 5 times a power of ten; 1 where there is none.
fn round_up(number: f64) -> f64 {
    if number <= 0.0 || !number.is_finite() {
        return 1.0;
    }
    let power = 10_f64.powf(number.log10().floor());
    let rounds = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * power);
    let found = rounds
        .into_iter()
        .find(|round| *round >= number * 0.999_999_9);
    found.unwrap_or(power * 10.0)
}

/// A tick's number, as exact as the step between two needs: `500`, `12.5k`, `1.2M`, `0.02`.
fn tick_text(value: f64, step: f64, largest: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    if largest >= 1e15 {
        return format!("{value:.1e}").replace(".0e", "e");
    }
    let units = [(1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k"), (1.0, "")];
    let decimals = |unit: f64| (-(step / unit).log10() - 1e-9).ceil().max(0.0) as usize;
    let (unit, letter) = units
        .into_iter()
        .find(|(unit, _)| {
            let is_large = largest >= if *unit == 1e3 { 1e4 } else { *unit };
            *unit == 1.0 || is_large && decimals(*unit) <= 2
        })
        .unwrap_or((1.0, ""));
    format!("{}{letter}", decimal(value / unit, decimals(unit).min(9)))
}

/// A number in full, for tables and for words: grouped, and with decimals only where it has them.
pub(super) fn exact(value: f64) -> String {
    let decimals = match value.abs() {
        large if large >= 100.0 => 1,
        small if small > 0.0 && small < 0.01 => 6,
        _ => 2,
    };
    decimal(value, decimals)
}

/// Rounded to so many decimals, without those at the end that are zero.
fn decimal(value: f64, decimals: usize) -> String {
    let text = format!("{:.decimals$}", value.abs());
    let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
    let rest = rest.trim_end_matches('0');
    let whole = whole.parse().map_or(whole.to_owned(), number::grouped);
    let sign = if value < 0.0 { "−" } else { "" };
    match rest {
        "" if whole == "0" => whole,
        "" => format!("{sign}{whole}"),
        rest => format!("{sign}{whole}.{rest}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn texts(axis: &ValueAxis) -> String {
        let texts: Vec<_> = axis.ticks.iter().map(|tick| tick.text.as_str()).collect();
        texts.join(" ")
    }

    #[test]
    fn linear_ticks_are_round() {
        let check = |values: &[f64], is_zero_based, expected: &str| {
            let axis = ValueAxis::linear(values, is_zero_based, 180.0);
            assert_eq!(texts(&axis), expected, "{values:?}");
        };
        check(&[], true, "0 1");
        check(&[0.0], true, "0 1");
        check(&[1.0], true, "0 1");
        check(&[3.0], true, "0 1 2 3");
        check(&[0.0, 1204.0], true, "0 500 1,000 1,500");
        check(&[15_000.0], true, "0 5k 10k 15k");
        check(&[1_234_567.0], true, "0 0.5M 1M 1.5M");
        check(&[1e12], true, "0 0.5T 1T");
        check(&[0.003], true, "0 0.001 0.002 0.003");
        check(
            &[12_345.0, 12_349.0],
            false,
            "12,345 12,346 12,347 12,348 12,349",
        );
        check(&[12_345.0], false, "11.5k 12k 12.5k 13k");
        check(&[-40.0, 120.0], true, "−50 0 50 100 150");
        check(&[3e17], true, "0 1e17 2e17 3e17");
    }

    #[test]
    fn log_ticks_are_decades_over_zero() {
        let check = |values: &[f64], height, expected: &str| {
            assert_eq!(
                texts(&ValueAxis::log(values, height)),
                expected,
                "{values:?}"
            );
        };
        check(&[0.0], 180.0, "0 1 2 5 10");
        check(
            &[0.0, 3.0, 800.0],
            180.0,
            "0 1 2 5 10 20 50 100 200 500 1,000",
        );
        check(&[1.0, 1e12], 120.0, "0 1 100 10k 1M 100M 10B 1T");
        check(&[0.02, 3.0], 90.0, "0 0.01 0.1 1 5");
    }

    #[test]
    fn numbers_in_full_are_not_rounded() {
        let check = |value, expected: &str| assert_eq!(exact(value), expected);
        check(0.0, "0");
        check(1_234_567.0, "1,234,567");
        check(-3.5, "−3.5");
        check(0.1 + 0.2, "0.3");
        check(1e12, "1,000,000,000,000");
    }

    proptest! {
        #[test]
        fn every_axis_covers_its_values(
            values in proptest::collection::vec(-1e12_f64..1e13, 0..20),
            is_zero_based: bool,
            height in 30.0_f64..700.0,
        ) {
            for axis in [
                ValueAxis::linear(&values, is_zero_based, height),
                ValueAxis::log(&values, height),
            ] {
                prop_assert!(axis.ticks.len() >= 2 && axis.ticks.len() <= 24, "{axis:?}");
                for pair in axis.ticks.windows(2) {
                    prop_assert!((pair[1].place - pair[0].place) * height > 9.9, "{axis:?}");
                    prop_assert_ne!(&pair[0].text, &pair[1].text);
                }
                for value in &values {
                    let place = axis.place(*value);
                    prop_assert!((0.0..=1.0).contains(&place));
                }
            }
            if let (Some((low, high)), Kind::Linear { low: least, high: most }) =
                (ends(&values), ValueAxis::linear(&values, is_zero_based, height).kind)
            {
                prop_assert!(least <= low && high <= most);
            }
        }

        #[test]
        fn more_is_never_lower(mut values in proptest::collection::vec(0_u64..1 << 50, 2..20)) {
            values.sort_unstable();
            let values: Vec<f64> = values.into_iter().map(|value| value as f64).collect();
            for axis in [
                ValueAxis::linear(&values, true, 200.0),
                ValueAxis::log(&values, 200.0),
            ] {
                for pair in values.windows(2) {
                    prop_assert!(axis.place(pair[0]) <= axis.place(pair[1]));
                }
            }
        }
    }
}
