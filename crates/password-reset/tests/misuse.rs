//! What types do not allow (I1). That only a proof makes a grant, and that it is used once, stands in `service/grant.rs`, as
//! programs that do not compile.

#![allow(
    dead_code,
    reason = "a probe is never made, and what it would say of a type with the trait is for the day that one has it"
)]

use std::fmt::Display;
use std::marker::PhantomData;

use password_reset::message::SecretUrl;
use password_reset::secret::{CancelToken, Code, GrantToken, LinkToken, LockToken, PartialGrantToken, RequesterToken};
use password_reset::{Grant, Key, KeyRing, NewPassword, PartialGrant, Password, PasswordHash};

/// The names of the types that have a trait: the constant with the bound wins where the bound is met.
macro_rules! that_are {
    ($bound:path: $($name:ty),* $(,)?) => {{
        struct Probe<T>(PhantomData<T>);
        trait Otherwise {
            const IS: bool = false;
        }
        impl<T> Otherwise for Probe<T> {}
        impl<T: $bound> Probe<T> {
            const IS: bool = true;
        }
        [$((stringify!($name), Probe::<$name>::IS)),*].into_iter().filter(|(_, is)| *is).map(|(name, _)| name).collect::<Vec<_>>()
    }};
}

#[test]
fn the_probe_sees_a_trait_that_is_there() {
    assert_eq!(that_are!(Clone: String, Grant), ["String"]);
}

#[test]
fn secrets_and_grants_are_not_copied() {
    let copied = that_are!(
        Clone: CancelToken, Code, GrantToken, LinkToken, LockToken, PartialGrantToken, RequesterToken, Grant, PartialGrant, Key,
        KeyRing, Password, SecretUrl,
    );
    assert!(copied.is_empty(), "{copied:?}");
}

#[test]
fn secrets_are_not_compared() {
    let compared = that_are!(
        PartialEq: CancelToken, Code, GrantToken, LinkToken, LockToken, PartialGrantToken, RequesterToken, Grant, PartialGrant, Key,
        KeyRing, NewPassword, Password, SecretUrl,
    );
    assert!(compared.is_empty(), "{compared:?}");
}

#[test]
fn secrets_are_not_printed() {
    let printed = that_are!(
        Display: CancelToken, Code, GrantToken, LinkToken, LockToken, PartialGrantToken, RequesterToken, Grant, PartialGrant, Key,
        KeyRing, NewPassword, Password, PasswordHash, SecretUrl,
    );
    assert!(printed.is_empty(), "{printed:?}");
}
