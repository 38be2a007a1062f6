//! Secrets and grants are not copied.
use password_reset::secret::{CancelToken, Code, GrantToken, RequesterToken, LinkToken};
use password_reset::{Grant, Key, Password, SecretUrl};

fn needs_clone<T: Clone>() {}

fn main() {
    needs_clone::<Grant>();
    needs_clone::<GrantToken>();
    needs_clone::<LinkToken>();
    needs_clone::<CancelToken>();
    needs_clone::<RequesterToken>();
    needs_clone::<Code>();
    needs_clone::<Password>();
    needs_clone::<SecretUrl>();
    needs_clone::<Key>();
}
