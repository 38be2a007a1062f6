//! Calibration on machines whose speed the test chooses.

#![allow(clippy::arithmetic_side_effects, reason = "test code")]

use proptest::prelude::*;

use super::*;

const MIB: u32 = 1024;

/// A machine that needs so many nanoseconds for one KiB in one pass.
fn machine(nanos: u64) -> impl Fn(Argon2Params) -> Result<Duration, HashError> {
    move |params| Ok(Duration::from_nanos(nanos * u64::from(params.memory_kib()) * u64::from(params.passes())))
}

fn calibrate(target_ms: u64, max_memory_kib: u32, nanos: u64) -> Calibration {
    Argon2Params::calibrate_by(Duration::from_millis(target_ms), max_memory_kib, machine(nanos)).unwrap()
}

#[test]
fn memory_is_raised_before_passes() {
    // 400 ns: the floor takes 15.6 ms.
    let found = calibrate(50, 256 * MIB, 400);
    assert_eq!((found.params().passes(), found.params().lanes()), (2, 1));
    assert_eq!(found.params().memory_kib(), 62_500);
    assert_eq!(found.each_takes(), Duration::from_millis(50));
    assert_eq!(found.to_string(), "m=62500 KiB, t=2, p=1: 50.0 ms a hash");
}

#[test]
fn passes_are_raised_where_memory_is_limited() {
    let found = calibrate(100, 32 * MIB, 400);
    assert_eq!((found.params().memory_kib(), found.params().passes()), (32 * MIB, 7));
    assert!(found.each_takes() <= Duration::from_millis(100));
    assert_eq!(calibrate(60_000, 32 * MIB, 400).params().passes(), 16, "the most passes");
}

#[test]
fn a_slow_machine_gets_the_floor() {
    let found = calibrate(5, 256 * MIB, 4_000);
    assert_eq!(found.params(), Argon2Params::DEFAULT);
    assert!(found.each_takes() > Duration::from_millis(5), "and the true time");
}

#[test]
fn a_memory_limit_below_the_floor_is_refused() {
    for limit in [0, 19 * MIB - 1, 1024 * MIB + 1] {
        let error = Argon2Params::calibrate_by(Duration::from_secs(1), limit, machine(400)).unwrap_err();
        let CalibrationError::Params(error) = error else { panic!("{error}") };
        assert_eq!(error.field(), "memory_kib");
    }
}

#[test]
fn a_failed_hash_fails_the_calibration() {
    let failed = Argon2Params::calibrate_by(Duration::from_secs(1), 64 * MIB, |_| Err(HashError::Failed));
    assert_eq!(failed, Err(CalibrationError::Hash(HashError::Failed)));
}

#[test]
fn the_bounds_of_the_pool_follow() {
    let found = calibrate(50, 256 * MIB, 400);
    let bounds = found.bounds(&HashPoolConfig::default().threads(2).queue(20));
    assert_eq!(bounds.memory_kib, 125_000);
    assert_eq!(bounds.longest_wait, Duration::from_millis(550));
}

#[test]
fn this_machine_can_be_calibrated() {
    let function: Arc<dyn Argon2Function> = Arc::new(crate::hashing::argon2_function::DefaultFunction);
    for found in [
        Argon2Params::calibrate(Duration::ZERO, 19 * MIB).unwrap(),
        Argon2Params::calibrate_with(Duration::ZERO, 19 * MIB, &function).unwrap(),
    ] {
        assert_eq!(found.params(), Argon2Params::DEFAULT);
        assert!(found.each_takes() > Duration::ZERO);
    }
}

proptest! {
    #[test]
    fn parameters_are_never_below_the_floor_nor_above_the_target(
        target_ms in 0_u64..2_000,
        max_memory_kib in 19 * MIB..=1024 * MIB,
        nanos in 1_u64..10_000,
        noise in proptest::collection::vec(80_u64..125, 32),
    ) {
        let target = Duration::from_millis(target_ms);
        let mut noise = noise.into_iter().cycle();
        let mut measured = 0;
        let noisy = |params| {
            measured += 1;
            let percent = noise.next().unwrap_or(100);
            machine(nanos)(params).map(|took| took * u32::try_from(percent).unwrap_or(100) / 100)
        };
        let found = Argon2Params::calibrate_by(target, max_memory_kib, noisy).unwrap();
        let params = found.params();
        prop_assert!(params.memory_kib() >= 19 * MIB && params.passes() >= 2 && params.lanes() == 1);
        prop_assert!(params.memory_kib() <= max_memory_kib && params.passes() <= 16);
        prop_assert!(found.each_takes() <= target || params == Argon2Params::DEFAULT);
        prop_assert!(measured <= 20, "{measured} sets were measured");
    }
}
