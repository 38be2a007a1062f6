//! What the application's own login calls.

use std::time::Duration;

use crate::error::PortError;
use crate::hashing::hash_pool::HashPool;
use crate::identity::id::AccountId;
use crate::identity::password::Password;
use crate::identity::password_hash::PasswordHash;
use crate::identity::source::Source;
use crate::secret::same;
use crate::service::Parts;
use crate::service::proof::VerifyError;
use crate::service::sign_in::{SignInError, SignedIn};

/// What the application's own login and its sessions call, from [`PasswordReset::login`](crate::PasswordReset::login).
#[derive(Clone, Copy, Debug)]
#[must_use = "it does nothing by itself"]
pub struct Login<'a> {
    pub(super) parts: &'a Parts,
}

impl<'a> Login<'a> {
    /// Checks the password of a login: give the account that the typed name belongs to, or `None` where it belongs to none.
    ///
    /// It compares the password in the form of the [policy](crate::PasswordReset::policy), and does the same work where there is no
    /// account. When the password is right, it lifts a pause of the account's codes, as [`signed_in`](Self::signed_in) does, and
    /// hashes the password anew if its hash is outdated. Sessions and open resets stay valid then.
    ///
    /// ```no_run
    /// # use password_reset::{AccountId, Password, PasswordReset};
    /// async fn sign_in(reset: &PasswordReset, account: Option<&AccountId>, typed: String) -> Option<String> {
    ///     let signed_in = reset.login().sign_in(account, Password::new(typed)).await.ok()?;
    ///     Some(signed_in.session_auth_hash) // keep it in the session
    /// }
    /// ```
    ///
    /// # Errors
    /// [`SignInError::WrongPassword`] for whatever the user can be the cause of, [`Busy`](SignInError::Busy) and
    /// [`Unavailable`](SignInError::Unavailable). A new hash that cannot be stored is no error: the next login tries again.
    ///
    /// # Security
    /// Guesses are not limited here: limit them by account and source in front of it, or strangers also fill the hash pool. The
    /// work is the same only for hashes with the parameters of new ones: until its first login, an imported account
    /// can be told from an unknown one by the time of the answer.
    pub async fn sign_in(self, account: Option<&AccountId>, password: Password) -> Result<SignedIn, SignInError> {
        let signing_in = &self.parts.signing_in;
        let checking = async {
            let (account, rehashed) = signing_in.check(account, password).await?;
            if let Err(error) = self.signed_in(account.id()).await {
                crate::log_bounded!(warn, %error, "a pause of codes may last on after a login");
            }
            let hash = account.hash().ok_or(SignInError::WrongPassword)?;
            Ok(SignedIn { session_auth_hash: self.session_auth_hash(account.id(), hash), rehashed })
        };
        self.parts.resets.contained("login.sign_in", checking).await
    }

    /// Says that the owner signed in with the password: codes that were paused work again.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn signed_in(self, account: &AccountId) -> Result<(), PortError> {
        let resets = &self.parts.resets;
        let failures: Vec<_> =
            resets.secrets.digests.under_each_key().flat_map(|digests| digests.quotas().failures(account)).collect();
        resets.in_time("login.signed_in", resets.store.refill(&failures)).await
    }

    /// A fingerprint for sessions: 64 characters that change with the account's password.
    ///
    /// Store it in a session at sign-in, and compare it on every request with
    /// [`is_session_auth_hash`](Self::is_session_auth_hash): a session then dies with the password by itself, even one that was
    /// being opened while the password was set.
    #[must_use]
    pub fn session_auth_hash(self, account: &AccountId, hash: &PasswordHash) -> String {
        self.parts.resets.secrets.digests.session(account, hash).to_string()
    }

    /// Whether a text that a session carries is the [`session_auth_hash`](Self::session_auth_hash) of the account's present
    /// password, under any key for counters in the ring. Compares in constant time.
    #[must_use]
    pub fn is_session_auth_hash(self, text: &str, account: &AccountId, hash: &PasswordHash) -> bool {
        let mut digests = self.parts.resets.secrets.digests.under_each_key();
        digests.any(|digests| same(digests.session(account, hash).to_string(), text))
    }

    /// Compares a password with the account's present one, and nothing more: for asking who is signed in once more before
    /// they change a contact or the like. For a new password bring it to [`verify`](crate::PasswordReset::verify) instead.
    ///
    /// The same limit, the same record of wrong ones, and the same refusal while the account is locked.
    ///
    /// # Errors
    /// [`VerifyError::WrongPassword`], [`TooMany`](VerifyError::TooMany), [`Busy`](VerifyError::Busy),
    /// [`Refused`](VerifyError::Refused) for an account that is disabled, locked, gone or without a password, and
    /// [`Unavailable`](VerifyError::Unavailable).
    pub async fn check_current_password(
        self,
        account: &AccountId,
        password: Password,
        source: impl Into<Source>,
    ) -> Result<(), VerifyError> {
        let (now, source) = (self.parts.resets.now(), source.into());
        let checking = self.parts.current_password.has_current(account, password, &source, now);
        self.parts.resets.contained("login.check_current_password", checking).await.map(|_account| ())
    }

    /// Whether the password of an account was reset within the time before now, other than with the current one: ask such
    /// an account for another proof before a payment, a change of contacts or the like.
    ///
    /// Where the trail of the account is so busy that it does not reach back so far, the answer is yes: an attacker who
    /// reset the password must not be able to push that out of sight.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn recently_recovered(self, account: &AccountId, within: Duration) -> Result<bool, PortError> {
        let Parts { resets, trail, .. } = self.parts;
        resets.in_time("login.recently_recovered", trail.recently_recovered(account, within)).await
    }

    /// The threads that hash, to share them with the application's login.
    #[must_use]
    pub fn hash_pool(self) -> &'a HashPool {
        &self.parts.completing.pool
    }
}
