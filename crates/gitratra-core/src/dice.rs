//! A generator of numbers for tests: the same seed rolls the same on every machine, so that a claim
//! about chance either always holds or never.

/// Dice that were thrown with a seed.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// 64 even bits, by the generator that is known as `SplitMix64`.
    pub(crate) const fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// A number below `end`.
    pub(crate) const fn below(&mut self, end: u64) -> u64 {
        self.roll() % end
    }

    /// Whether something happens that does so in `percent` of all cases.
    pub(crate) const fn is(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// From just above 0 to 1.
    fn part(&mut self) -> f64 {
        let bits = u32::try_from(self.roll() >> 32).unwrap();
        (f64::from(bits) + 1.0) / 4_294_967_296.0
    }

    /// A number of events that come independently of each other, `mean` of them on average.
    pub(crate) fn poisson(&mut self, mean: f64) -> u64 {
        let mut left = mean;
        let mut count = 0;
        loop {
            left += self.part().ln();
            if left < 0.0 {
                return count;
            }
            count += 1;
        }
    }
}
