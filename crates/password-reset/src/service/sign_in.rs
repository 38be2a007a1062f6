//! The password of a login.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures_util::future::try_join;

use crate::error::PortError;
use crate::hashing::hash_pool::{HashPool, PoolError, PoolWorker};
use crate::identity::account::{Account, AccountStatus};
use crate::identity::id::AccountId;
use crate::identity::password::Password;
use crate::identity::password_hash::PasswordHash;
use crate::policy::PasswordPolicy;
use crate::ports::{Changed, HashError, PasswordChange, Verdict};
use crate::resets::Resets;

/// The password is right.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SignedIn {
    /// For the session: compare it on every request with
    /// [`is_session_auth_hash`](crate::login::Login::is_session_auth_hash).
    pub session_auth_hash: String,
    /// The stored hash was outdated, and a new one of the same password has replaced it.
    pub rehashed: bool,
}

/// The login is refused, or could not be checked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignInError {
    /// The password is wrong, or the account is unknown, disabled, locked or without a password. Answer the same for all.
    #[error("wrong account or password")]
    WrongPassword,
    /// The hash pool is busy.
    #[error("password hashing queue is full: retry in {} s", retry_after.as_secs())]
    Busy {
        /// When to try again.
        retry_after: Duration,
    },
    /// A port failed.
    #[error("storage or another port is unavailable")]
    Unavailable(#[from] PortError),
}

impl From<PoolError> for SignInError {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Busy { retry_after } => Self::Busy { retry_after },
            error => PortError::transient("password not verified").because(error).into(),
        }
    }
}

/// Verifies the passwords of logins.
#[derive(Debug)]
pub(crate) struct SigningIn {
    pub(crate) resets: Arc<Resets>,
    pub(crate) pool: HashPool,
    pub(crate) policy: PasswordPolicy,
    /// What passwords without an account are compared with.
    pub(crate) decoy: Arc<OnceLock<PasswordHash>>,
}

impl SigningIn {
    pub(super) async fn check(
        &self,
        account: Option<&AccountId>,
        password: Password,
    ) -> Result<(Account, bool), SignInError> {
        let account = self.resets.in_time("sign_in", self.usable(account)).await?;
        let password = password.in_form(self.policy.normalization());
        let stored = account.as_ref().and_then(|account| account.hash().cloned());
        let (decoy, hash) = (Arc::clone(&self.decoy), stored.clone());
        let job = move |worker: &mut PoolWorker<'_>| compare(worker, &password, hash.as_ref(), &decoy);
        let compared = self.pool.slot()?.run(job).await??;
        let (Some(account), Some(stored)) = (account, stored) else { return Err(SignInError::WrongPassword) };
        match compared {
            Compared::Same => Ok((account, false)),
            Compared::Outdated(new) => {
                let rehashed = self.replace(&account, &stored, new).await;
                Ok((account, rehashed))
            }
            Compared::Different => Err(SignInError::WrongPassword),
            Compared::Unreadable(error) => {
                let account = account.id().as_str();
                crate::log_bounded!(error, account, %error, "login refused: the stored hash cannot be read, so the owner \
                 needs a reset by message");
                Err(SignInError::WrongPassword)
            }
        }
    }

    /// The account, if it may sign in.
    async fn usable(&self, account: Option<&AccountId>) -> Result<Option<Account>, PortError> {
        let no_account = AccountId::new("");
        let load = async {
            match account {
                Some(id) => self.resets.accounts.load(id).await,
                None => Ok(None),
            }
        };
        // An attacker may know the password for which the owner locked the account. The store is asked at the same time, and also
        // where there is no account, so that one read does not follow the other for known names alone.
        let state = self.resets.store.account_state(account.unwrap_or(&no_account), &[], self.resets.now());
        let (found, state) = try_join(load, state).await?;
        Ok(found.filter(|found| found.status() == AccountStatus::Active && state.locked.is_empty()))
    }

    /// Whether the new hash of the same password has replaced the old one. If not, the next login tries again.
    async fn replace(&self, account: &Account, old: &PasswordHash, new: Result<PasswordHash, PoolError>) -> bool {
        let replacing = async {
            let new = new.map_err(|error| PortError::transient("password not hashed").because(error))?;
            let change = PasswordChange::new(account.clone(), new.replacing(old), self.resets.now());
            self.resets.in_time("sign_in", self.resets.accounts.set_password(&change)).await
        };
        match replacing.await {
            Ok(changed) => changed == Changed::Updated,
            Err(error) => {
                crate::log_bounded!(warn, %error, "an outdated password hash stays");
                false
            }
        }
    }
}

/// A password beside the stored hash.
enum Compared {
    Same,
    /// The same, and a new hash of it.
    Outdated(Result<PasswordHash, PoolError>),
    Different,
    Unreadable(HashError),
}

/// One comparison for every login, so that its time says nothing about an account: without a hash that can be read, with
/// the decoy, which the first login makes.
fn compare(
    worker: &mut PoolWorker<'_>,
    password: &Password,
    stored: Option<&PasswordHash>,
    decoy: &OnceLock<PasswordHash>,
) -> Result<Compared, PoolError> {
    let decoy = match decoy.get() {
        Some(decoy) => decoy,
        None => {
            let hash = worker.hash(&Password::new("no account has this hash"))?;
            decoy.get_or_init(|| hash)
        }
    };
    match stored.map(|hash| worker.verify(password, hash)) {
        Some(Ok(Verdict::Match { outdated: false })) => Ok(Compared::Same),
        Some(Ok(Verdict::Match { outdated: true })) => Ok(Compared::Outdated(worker.hash(password))),
        Some(Ok(Verdict::Mismatch)) => Ok(Compared::Different),
        Some(Err(PoolError::Hash(error))) => {
            worker.verify(password, decoy).map(|_mismatch| Compared::Unreadable(error))
        }
        Some(Err(error)) => Err(error),
        None => worker.verify(password, decoy).map(|_mismatch| Compared::Different),
    }
}
