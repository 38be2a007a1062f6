//! Secrets are not serialised.
use password_reset::secret::{CancelToken, Code, GrantToken, RequesterToken, LinkToken};
use password_reset::{Key, NewPassword, Password, SecretUrl};

fn needs<T: serde::Serialize>() {}

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
