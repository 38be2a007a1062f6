//! Whether two samples of times differ: by how much, and whether that is chance.

/// A difference of paired times, with the interval in which it lies with a confidence of 95 %.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Effect {
    pub median: f64,
    pub low: f64,
    pub high: f64,
}

/// The median of `other - base`, pair by pair. Pairs are measured one after the other, so that what the machine does besides
/// falls out; the interval goes by ranks, so that a few slow calls do not move it.
///
/// # Panics
/// When there are no pairs.
pub fn effect(base: &[f64], other: &[f64]) -> Effect {
    let mut differences: Vec<f64> = base.iter().zip(other).map(|(base, other)| other - base).collect();
    differences.sort_by(f64::total_cmp);
    let count = differences.len();
    let half = 1.96 * (count as f64).sqrt() / 2.0;
    let low = (count as f64 / 2.0 - half).floor().max(0.0) as usize;
    let high = ((count as f64 / 2.0 + half).ceil() as usize).min(count - 1);
    Effect { median: median(&differences), low: differences[low], high: differences[high] }
}

fn median(sorted: &[f64]) -> f64 {
    let middle = sorted.len() / 2;
    if sorted.len().is_multiple_of(2) { f64::midpoint(sorted[middle - 1], sorted[middle]) } else { sorted[middle] }
}

/// The rank test of Mann and Whitney.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RankTest {
    /// How often a time of the second sample is longer than one of the first: 0.5 when they are alike.
    pub longer: f64,
    /// How likely samples of the same distribution are at least so far apart, from both sides.
    pub p: f64,
}

/// Compares two samples by the ranks of their values, with the normal approximation and the correction for ties.
pub fn rank_test(base: &[f64], other: &[f64]) -> RankTest {
    let mut pooled: Vec<(f64, bool)> = base.iter().map(|time| (*time, false)).collect();
    pooled.extend(other.iter().map(|time| (*time, true)));
    pooled.sort_by(|one, two| one.0.total_cmp(&two.0));
    let (first, second, all) = (base.len() as f64, other.len() as f64, pooled.len() as f64);
    let (mut ranks, mut ties, mut from) = (0.0, 0.0, 0);
    while from < pooled.len() {
        let same = pooled[from..].iter().take_while(|(time, _)| *time == pooled[from].0).count();
        let rank = from as f64 + (same as f64 + 1.0) / 2.0;
        ranks += rank * pooled[from..from + same].iter().filter(|(_, is_other)| *is_other).count() as f64;
        ties += (same as f64).powi(3) - same as f64;
        from += same;
    }
    let u = ranks - second * (second + 1.0) / 2.0;
    let variance = first * second / 12.0 * (all + 1.0 - ties / (all * (all - 1.0)));
    let z = if variance > 0.0 { (u - first * second / 2.0) / variance.sqrt() } else { 0.0 };
    RankTest { longer: u / (first * second), p: both_tails(z) }
}

/// The probability of a standard normal variable beyond ±z, by Chebyshev's fit of the complementary error function; its
/// relative error is below 1.2 · 10⁻⁷.
fn both_tails(z: f64) -> f64 {
    const FIT: [f64; 10] = [
        -1.265_512_23,
        1.000_023_68,
        0.374_091_96,
        0.096_784_18,
        -0.186_288_06,
        0.278_868_07,
        -1.135_203_98,
        1.488_515_87,
        -0.822_152_23,
        0.170_872_77,
    ];
    let x = z.abs() / std::f64::consts::SQRT_2;
    let t = 1.0 / (1.0 + x / 2.0);
    let polynomial = FIT.iter().rev().fold(0.0, |sum, factor| sum * t + factor);
    t * (polynomial - x * x).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_near(value: f64, expected: f64) -> bool {
        (value - expected).abs() < 1e-4
    }

    #[test]
    fn tails_are_those_of_the_tables() {
        for (z, p) in [(0.0, 1.0), (1.0, 0.317_31), (1.96, 0.049_996), (-2.575_83, 0.01), (3.290_53, 0.001)] {
            assert!(is_near(both_tails(z), p), "{z}: {}", both_tails(z));
        }
    }

    #[test]
    fn the_rank_test_knows_order_ties_and_nothing_else() {
        let low = [1.0, 2.0, 3.0, 4.0, 5.0];
        let high = [6.0, 7.0, 8.0, 9.0, 10.0];
        // U is 25 of 25, and z is 12.5 / sqrt(22.9167).
        let test = rank_test(&low, &high);
        assert!(is_near(test.longer, 1.0) && is_near(test.p, 0.009_02), "{test:?}");
        assert!(is_near(rank_test(&high, &low).longer, 0.0));
        let same = rank_test(&low, &low);
        assert!(is_near(same.longer, 0.5) && is_near(same.p, 1.0), "{same:?}");
        let all_tied = rank_test(&[1.0; 4], &[1.0; 4]);
        assert!(is_near(all_tied.p, 1.0) && is_near(all_tied.longer, 0.5), "{all_tied:?}");
    }

    #[test]
    fn the_effect_is_that_of_the_pairs() {
        let base: Vec<f64> = (0..1000).map(|at| f64::from(at * 37 % 1000)).collect();
        let other: Vec<f64> = base.iter().enumerate().map(|(at, time)| time + 50.0 + (at % 3) as f64 - 1.0).collect();
        let effect = effect(&base, &other);
        assert!(is_near(effect.median, 50.0) && effect.low >= 49.0 && effect.high <= 51.0, "{effect:?}");
    }
}
