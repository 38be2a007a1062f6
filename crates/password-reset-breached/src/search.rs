//! Search for a number in a sorted file.

use std::io;

use crate::format::ENTRY_BYTES;

/// Entries per read: 4 KiB, a page of most systems.
const BLOCK: usize = 512;
const BLOCK_BYTES: usize = BLOCK * ENTRY_BYTES;

/// Reads of interpolation search before binary search takes over.
///
/// Hashes are uniformly distributed, so the first guess among a billion is off by some ten thousand entries, and the second
/// by a hundred: two or three reads find the block. In a damaged file, interpolation could take very many steps.
const GUESSES: u32 = 6;

/// Whether a number is among `entries` sorted ones. `read` fills a buffer, starting at the entry with the given index.
///
/// Reads at most `GUESSES + 64` blocks, whatever the file contains.
pub(crate) fn contains(
    entries: u64,
    wanted: u64,
    mut read: impl FnMut(u64, &mut [u8]) -> io::Result<()>,
) -> io::Result<bool> {
    let mut block = [0; BLOCK_BYTES];
    // The number can only be at an index in low..high, where the values are between least and most.
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

/// The index that a value would have among `width` evenly spread ones; less than `width`.
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
            assert!(reads <= GUESSES + 64, "too many reads");
            for (at, chunk) in bytes.chunks_mut(8).enumerate() {
                chunk.copy_from_slice(&values[usize::try_from(first).unwrap() + at].to_be_bytes());
            }
            Ok(())
        });
        (found.unwrap(), reads)
    }

    fn spread(number: u64) -> u64 {
        // The finaliser of SplitMix64 spreads values as evenly as a hash.
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
    fn unevenly_spread_values_are_found() {
        let mut values: Vec<u64> = (0..500_000).map(|number| number * number).collect();
        values.push(u64::MAX);
        for (at, value) in values.iter().enumerate().step_by(101) {
            let (found, reads) = find(&values, *value);
            assert!(found && reads <= GUESSES + 20, "{at}: {reads}");
        }
        assert!(!find(&values, 3).0);
    }

    #[test]
    fn values_at_the_edges_of_blocks_are_found() {
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
        fn it_agrees_with_a_binary_search(mut values in prop::collection::vec(0_u64..5000, 0..2000), wanted in 0_u64..5001) {
            values.sort_unstable();
            prop_assert_eq!(find(&values, wanted).0, values.binary_search(&wanted).is_ok());
        }

        #[test]
        fn the_search_ends_in_an_unsorted_file_too(values in prop::collection::vec(any::<u64>(), 0..5000), wanted in any::<u64>()) {
            find(&values, wanted);
        }
    }
}
