#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| password_reset_fuzz::try_target("policies", bytes));
