//! Hundreds of parameter sets, and implementations that are wrong.

use password_reset::PortError;
use password_reset::ports::{HashError, SystemRandom};
use proptest::prelude::*;

use super::*;
use crate::function::SimdWorker;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn random_parameters_give_the_same_tags(bytes in proptest::array::uniform32(any::<[u8; 8]>())) {
        let bytes: [u8; Set::BYTES] = bytes.concat().try_into().unwrap();
        let set = Set::from(&bytes).unwrap();
        prop_assert_eq!(set.compare(&mut SimdWorker::default()), Ok(()));
    }
}

#[test]
fn memory_that_is_used_again_gives_the_same_tags() {
    let mut worker = SimdWorker::default();
    for _ in 0..200 {
        let mut bytes = [0; Set::BYTES];
        SystemRandom.fill(&mut bytes).unwrap();
        assert_eq!(Set::from(&bytes).unwrap().compare(&mut worker), Ok(()));
    }
}

/// Right, but for calls that the test chooses.
struct Wrong<F>(F, SimdWorker);

impl<F: Fn(&Argon2Call<'_>) -> bool + Send> Argon2Worker for Wrong<F> {
    fn compute(&mut self, call: &Argon2Call<'_>, tag: &mut [u8]) -> Result<(), HashError> {
        self.1.compute(call, tag)?;
        if (self.0)(call) {
            tag[0] ^= 1;
        }
        Ok(())
    }

    fn shrink(&mut self, kept_kib: u32) {
        self.1.shrink(kept_kib);
    }
}

fn of_wrong(is_wrong: impl Fn(&Argon2Call<'_>) -> bool + Send) -> Result<(), Mismatch> {
    compare(&mut Wrong(is_wrong, SimdWorker::default()), &SystemRandom)
}

#[test]
fn one_wrong_bit_refuses_the_start() {
    assert_eq!(of_wrong(|_| false), Ok(()));
    assert!(matches!(of_wrong(|_| true), Err(Mismatch::KnownAnswer { .. })));
    let is_known = |call: &Argon2Call<'_>| call.password == b"password";
    assert!(matches!(of_wrong(|call| !is_known(call)), Err(Mismatch::Differs { .. })));
    let of_default = of_wrong(|call| call.params.m_cost() == 19 * 1024);
    let Err(Mismatch::Differs { set }) = of_default else { panic!("{of_default:?}") };
    assert!(set.contains("19456"), "{set}");
}

#[test]
fn a_failing_implementation_refuses_the_start() {
    struct Failing;
    impl Argon2Worker for Failing {
        fn compute(&mut self, _: &Argon2Call<'_>, _: &mut [u8]) -> Result<(), HashError> {
            Err(HashError::Failed)
        }

        fn shrink(&mut self, _: u32) {}
    }
    assert!(matches!(compare(&mut Failing, &SystemRandom), Err(Mismatch::KnownAnswer { .. })));
}

#[test]
fn the_start_is_refused_where_it_cannot_be_random() {
    #[derive(Debug)]
    struct Empty;
    impl RandomSource for Empty {
        fn fill(&self, _: &mut [u8]) -> Result<(), PortError> {
            Err(PortError::transient("no random bytes"))
        }
    }
    assert_eq!(compare(&mut SimdWorker::default(), &Empty), Err(Mismatch::NotCompared));
}
