//! Searches over the whole of `password-reset`, which are the tests of this crate, and what they share:
//!
//! * `game`: a stranger plays against the owner, and whatever happens the owner can finish.
//! * `two_worlds`: whatever a stranger does, two services that differ in one account alone answer the same.
//! * `table`: every way to prove an account meets every obligation.

/// A small generator (SplitMix64): the same numbers from the same seed on every machine.
#[derive(Clone, Debug)]
pub struct Dice {
    state: u64,
}

impl Dice {
    /// Begins with a seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The next number.
    pub fn draw(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below a limit, which is not zero.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.draw().checked_rem(limit).unwrap_or(0)
    }

    /// One of these.
    ///
    /// # Panics
    /// When there are none.
    #[allow(clippy::expect_used, reason = "a list of choices without any is a mistake in the test")]
    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        let limit = u64::try_from(from.len()).unwrap_or(u64::MAX);
        let at = usize::try_from(self.below(limit)).unwrap_or(0);
        *from.get(at).expect("there is a choice")
    }

    /// Whether something happens that does so in this many of a hundred cases.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// Random bytes.
    pub fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            for (byte, drawn) in chunk.iter_mut().zip(self.draw().to_be_bytes()) {
                *byte = drawn;
            }
        }
    }
}
