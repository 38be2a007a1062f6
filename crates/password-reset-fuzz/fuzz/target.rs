//! The target that the variable `FUZZ_TARGET` names.
#![no_main]

use std::sync::LazyLock;

use password_reset_fuzz::{TARGETS, Target};

static CHECK: LazyLock<Target> = LazyLock::new(|| {
    let name = std::env::var("FUZZ_TARGET").expect("FUZZ_TARGET names a target");
    let found = TARGETS.iter().find(|(target, _)| *target == name);
    found.unwrap_or_else(|| panic!("there is no target {name}")).1
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| CHECK(bytes));
