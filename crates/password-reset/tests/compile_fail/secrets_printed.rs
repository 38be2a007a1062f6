//! Secrets are not printed.
use password_reset::{CancelToken, Code, GrantToken, RequesterToken, Key, LinkToken, NewPassword, Password, SecretUrl};

fn needs<T: std::fmt::Display>() {}

fn main() {
    needs::<GrantToken>();
    needs::<LinkToken>();
    needs::<CancelToken>();
    needs::<RequesterToken>();
    needs::<Code>();
    needs::<Password>();
    needs::<NewPassword>();
    needs::<SecretUrl>();
    needs::<Key>();
}
