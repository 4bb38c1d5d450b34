//! Repeatable chance: numbers that depend on the seed and on what they are for, and on nothing else.
//!
//! No state is kept, so any day of any repository can be asked for in any order at the same cost.
//! Only additions, multiplications and shifts are used, so every machine draws the same numbers.

/// What a number is drawn for; two topics never share a number.
#[derive(Clone, Copy, Debug)]
#[repr(u64)]
pub(crate) enum Topic {
    Kind = 1,
    Level,
    Slope,
    Weekend,
    Regulars,
    CloneShare,
    Scatter,
    Rounding,
    Spike,
    SpikeSize,
    UniqueShare,
    RegularDay,
    Moment,
    Stale,
    StaleDepth,
    Popular,
    PopularDay,
    Stars,
    Age,
    Fault,
    Code,
    Mix,
    MixKind,
    Sway,
    StarsGiven,
    StarsLost,
    StarLost,
    StarMoment,
    StarBurst,
    Downloads,
    Runs,
}

/// The source of all chance in one simulated GitHub.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Noise {
    seed: u64,
}

impl Noise {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// 64 evenly distributed bits for a topic and two keys.
    pub(crate) fn bits(self, topic: Topic, key: u64, index: u64) -> u64 {
        let start = scramble(self.seed ^ (topic as u64).wrapping_mul(0xA24B_AED4_963E_E407));
        scramble(scramble(start ^ key).wrapping_add(index))
    }

    /// A number of at least 0 and below 1.
    pub(crate) fn unit(self, topic: Topic, key: u64, index: u64) -> f64 {
        (self.bits(topic, key, index) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A number of at least `low` and below `high`.
    pub(crate) fn between(self, topic: Topic, key: u64, index: u64, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit(topic, key, index)
    }

    /// A whole number below `bound`; 0 when `bound` is 0.
    pub(crate) fn below(self, topic: Topic, key: u64, index: u64, bound: u64) -> u64 {
        self.bits(topic, key, index).checked_rem(bound).unwrap_or(0)
    }
}

/// Spreads every bit of the input over the output (the finalizer of `SplitMix64`,
/// <https://doi.org/10.1145/2660193.2660195>).
fn scramble(word: u64) -> u64 {
    let mut word = word.wrapping_add(0x9E37_79B9_7F4A_7C15);
    word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    word ^ (word >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_question_draws_the_same_number() {
        let draw = |seed| Noise::new(seed).bits(Topic::Spike, 5, 9);
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }

    #[test]
    fn units_fill_their_range_evenly() {
        let noise = Noise::new(3);
        let sum: f64 = (0..10_000).map(|i| noise.unit(Topic::Scatter, 1, i)).sum();
        assert!((4_800.0..5_200.0).contains(&sum), "{sum}");
    }
}
