//! Finding a number among sorted ones that stand in a file.

use std::io;

use crate::format::ENTRY_BYTES;

/// How many entries are read at once: 4 KiB, a page of most systems.
const BLOCK: usize = 512;
const BLOCK_BYTES: usize = BLOCK * ENTRY_BYTES;

/// How often the place is guessed from the values, before halving takes over.
///
/// Hashes are spread evenly, so the first guess among a billion is wrong by some ten thousand entries, and the second
/// by a hundred: two or three reads find the block. In a file that is not what it should be, guessing could crawl.
const GUESSES: u32 = 6;

/// Whether a number is among `entries` sorted ones. `read` fills bytes from the entry with the given number on.
///
/// Reads at most `GUESSES + 64` blocks, whatever the file holds.
pub(crate) fn contains(
    entries: u64,
    wanted: u64,
    mut read: impl FnMut(u64, &mut [u8]) -> io::Result<()>,
) -> io::Result<bool> {
    let mut block = [0; BLOCK_BYTES];
    // It can only be in low..high, where the values are from least to most.
    let (mut low, mut high) = (0, entries);
    let (mut least, mut most) = (0, u64::MAX);
    let mut reads: u32 = 0;
    while low < high {
        let width = high.saturating_sub(low);
        let at = if reads < GUESSES { guess(width, wanted, least, most) } else { width / 2 };
        let half = BLOCK as u64 / 2;
        let last = high.saturating_sub(BLOCK as u64).max(low);
        let first = low.saturating_add(at).saturating_sub(half).clamp(low, last);
        let many = usize::try_from(high.saturating_sub(first)).unwrap_or(BLOCK).min(BLOCK);
        let bytes = block.get_mut(..many.saturating_mul(ENTRY_BYTES)).unwrap_or_default();
        read(first, bytes)?;
        reads = reads.saturating_add(1);
        let (all, _) = bytes.as_chunks::<ENTRY_BYTES>();
        let (Some(front), Some(back)) = (all.first(), all.last()) else { return Ok(false) };
        let (front, back) = (u64::from_be_bytes(*front), u64::from_be_bytes(*back));
        if wanted < front {
            (high, most) = (first, front);
        } else if wanted > back {
            (low, least) = (first.saturating_add(many as u64), back);
        } else {
            return Ok(all.binary_search(&wanted.to_be_bytes()).is_ok());
        }
    }
    Ok(false)
}

/// Where a value would stand among `width` evenly spread ones: a number under `width`.
fn guess(width: u64, wanted: u64, least: u64, most: u64) -> u64 {
    let span = u128::from(most.saturating_sub(least)).saturating_add(1);
    let part = u128::from(wanted.saturating_sub(least)).saturating_mul(u128::from(width));
    let at = part.checked_div(span).and_then(|at| u64::try_from(at).ok()).unwrap_or(width);
    at.min(width.saturating_sub(1))
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, reason = "test code")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn find(values: &[u64], wanted: u64) -> (bool, u32) {
        let mut reads = 0;
        let found = contains(values.len() as u64, wanted, |first, bytes| {
            reads += 1;
            assert!(reads <= GUESSES + 64, "it runs on");
            for (at, chunk) in bytes.chunks_mut(8).enumerate() {
                chunk.copy_from_slice(&values[usize::try_from(first).unwrap() + at].to_be_bytes());
            }
            Ok(())
        });
        (found.unwrap(), reads)
    }

    fn spread(number: u64) -> u64 {
        // The finaliser of SplitMix64: as even as a hash.
        let mixed = (number ^ number >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    #[test]
    fn every_entry_of_a_million_is_found_in_three_reads_and_nothing_else_is() {
        let mut values: Vec<u64> = (1..1_000_000).map(spread).collect();
        values.sort_unstable();
        let mut worst = 0;
        for number in (1..1_000_000).step_by(101) {
            let (found, reads) = find(&values, spread(number));
            assert!(found);
            worst = worst.max(reads);
            assert!(!find(&values, spread(number + 10_000_000)).0);
        }
        assert!(worst <= 3, "{worst}");
        assert!(find(&values, values[0]).0 && find(&values, values[values.len() - 1]).0);
        assert!(!find(&values, 0).0 && !find(&values, u64::MAX).0);
        assert_eq!(find(&[], 7), (false, 0));
    }

    #[test]
    fn values_that_are_not_spread_at_all_are_found_too() {
        let mut values: Vec<u64> = (0..500_000).map(|number| number * number).collect();
        values.push(u64::MAX);
        for (at, value) in values.iter().enumerate().step_by(101) {
            let (found, reads) = find(&values, *value);
            assert!(found && reads <= GUESSES + 20, "{at}: {reads}");
        }
        assert!(!find(&values, 3).0);
    }

    #[test]
    fn the_neighbours_of_every_block_are_found() {
        for many in [511, 512, 513, 1024, 1025, 5000] {
            let values: Vec<u64> = (0..many).map(|number| number * 2 + 1).collect();
            for value in &values {
                assert!(find(&values, *value).0, "{value} of {many}");
                assert!(!find(&values, value - 1).0, "{value} of {many}");
            }
        }
    }

    proptest! {
        #[test]
        fn it_says_what_a_set_says(mut values in prop::collection::vec(0_u64..5000, 0..2000), wanted in 0_u64..5001) {
            values.sort_unstable();
            prop_assert_eq!(find(&values, wanted).0, values.binary_search(&wanted).is_ok());
        }

        #[test]
        fn a_file_that_is_not_sorted_ends_the_search_all_the_same(values in prop::collection::vec(any::<u64>(), 0..5000), wanted in any::<u64>()) {
            find(&values, wanted);
        }
    }
}
