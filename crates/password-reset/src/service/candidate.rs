//! A new password on its way to its hash.

use std::sync::Arc;

use crate::hashing::hash_pool::{PoolError, PoolWorker};
use crate::identity::password::{NewPassword, Password};
use crate::identity::password_hash::PasswordHash;
use crate::policy::{PasswordPolicy, Rule, Violations};
use crate::ports::Verdict;

/// All that the rules and the hash need, so that they are one job of the pool: each wait for one costs two wake-ups.
#[derive(Debug)]
pub(super) struct Candidate {
    pub(super) policy: PasswordPolicy,
    pub(super) new: Arc<NewPassword>,
    /// The form of it that is hashed.
    pub(super) password: Password,
    /// Words that it must not be made of.
    pub(super) words: Vec<String>,
    /// Whether a list of breached passwords has it.
    pub(super) is_breached: bool,
    pub(super) current: Option<PasswordHash>,
    /// The hashes before the current one.
    pub(super) earlier: Vec<PasswordHash>,
}

impl Candidate {
    /// The hash, or every violation at once.
    pub(super) fn hash(self, worker: &mut PoolWorker<'_>) -> Result<Result<PasswordHash, Violations>, PoolError> {
        let words: Vec<&str> = self.words.iter().map(String::as_str).collect();
        let mut violations = self.policy.check(&self.new, &words);
        if self.is_breached {
            violations.push(Rule::NotBreached.into());
        }
        // A password beyond the caps cannot be one of the account's, and must not cost a hash.
        if !self.policy.is_too_long(&self.new) {
            self.check_reuse(worker, &mut violations)?;
        }
        Ok(if violations.is_empty() { Ok(worker.hash(&self.password)?) } else { Err(violations) })
    }

    fn check_reuse(&self, worker: &mut PoolWorker<'_>, violations: &mut Violations) -> Result<(), PoolError> {
        for rule in self.policy.rules() {
            let refused = match *rule {
                Rule::NotCurrent => self.current.as_slice(),
                Rule::NotEarlier(depth) => self.earlier.get(..depth.into()).unwrap_or(&self.earlier),
                _ => &[],
            };
            for hash in refused {
                if self.is_password_of(hash, worker)? {
                    violations.push((*rule).into());
                    break;
                }
            }
        }
        Ok(())
    }

    fn is_password_of(&self, hash: &PasswordHash, worker: &mut PoolWorker<'_>) -> Result<bool, PoolError> {
        match worker.verify(&self.password, hash) {
            Ok(verdict) => Ok(verdict != Verdict::Mismatch),
            // A stored hash that cannot be read is no reason to keep its owner out.
            Err(PoolError::Hash(error)) => {
                crate::log_bounded!(warn, %error, "reuse not checked: stored password hash cannot be verified");
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }
}
