//! Tickets: texts that this service made, which count once.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::digest::Digest;
use crate::error::PortError;
use crate::identity::source::Source;
use crate::ports::{PermitTaken, Quota};
use crate::resets::Resets;
use crate::secret::{Digests, same};
use crate::service::PasswordReset;
use crate::time::later;

/// Bytes that make each ticket another one.
const SALT: usize = 16;

/// Tickets of one purpose, from [`PasswordReset::tickets`]: texts that this service made for a source, which expire and count
/// once, on all nodes together. A challenge of the application's pages stands on them: a puzzle has to be one that the service
/// set, and its solution must not be of use twice.
///
/// Nothing is stored for a ticket until it is redeemed. Nodes agree on them by the key for counters in their
/// [`KeyRing`](crate::KeyRing), also while that key is rotated.
#[derive(Clone)]
pub struct Tickets {
    resets: Arc<Resets>,
    purpose: &'static str,
    lives: Duration,
}

impl fmt::Debug for Tickets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tickets").field("purpose", &self.purpose).field("lives", &self.lives).finish_non_exhaustive()
    }
}

impl PasswordReset {
    /// Tickets for a purpose, which is all that tells them from those of others, and how long each lives.
    #[must_use]
    pub fn tickets(&self, purpose: &'static str, lives: Duration) -> Tickets {
        Tickets { resets: Arc::clone(&self.parts.resets), purpose, lives }
    }
}

impl Tickets {
    /// Makes a ticket for a source: hexadecimal digits and two dots, at most 120 characters.
    ///
    /// # Errors
    /// When the random source fails.
    pub fn issue(&self, source: impl Into<Source>) -> Result<String, PortError> {
        let mut salt = [0; SALT];
        self.resets.random.fill(&mut salt)?;
        let until = later(self.resets.now(), self.lives).timestamp_millis();
        let body = format!("{until:x}.{:032x}", u128::from_be_bytes(salt));
        let seal = self.seal(&self.resets.secrets.digests, &body, &source.into());
        Ok(format!("{body}.{seal}"))
    }

    /// Whether a text is a ticket of this purpose that was made for the source, has not expired, and was not redeemed before. From
    /// then on it is redeemed. Of any number of attempts at once, at most one gets the answer yes.
    ///
    /// # Errors
    /// When the store cannot be asked. The ticket may be redeemed then.
    pub async fn redeem(&self, ticket: &str, source: impl Into<Source>) -> Result<bool, PortError> {
        let (now, source) = (self.resets.now(), source.into());
        let Some((body, seal)) = ticket.rsplit_once('.') else { return Ok(false) };
        let digests = &self.resets.secrets.digests;
        let is_ours = digests.under_each_key().any(|digests| same(self.seal(digests, body, &source).to_string(), seal));
        if !is_ours || !self.is_live(body, now) {
            return Ok(false);
        }
        let redeeming = async {
            // Under each key, because another node may have another one of them first.
            for digests in digests.under_each_key() {
                let spent = digests.counted("redeemed ticket", &[self.purpose.as_bytes(), body.as_bytes()]);
                // One permit, and none again for as long as the ticket may live by the clock of another node.
                let quota = Quota::new(spent, 1, self.lives.saturating_add(crate::time::MAX_CLOCK_SKEW), now);
                if let PermitTaken::RateLimited { .. } = self.resets.store.take_permit(&quota).await? {
                    return Ok(false);
                }
            }
            Ok(true)
        };
        self.resets.in_time("redeem", redeeming).await
    }

    /// The source is no part of the ticket, so the ticket does not show it.
    fn seal(&self, digests: &Digests, body: &str, source: &Source) -> Digest {
        digests.counted("ticket", &[self.purpose.as_bytes(), body.as_bytes(), source.as_bytes()])
    }

    /// A ticket that expires later than one made now was made before the clock was set back, and its mark may be gone by the time
    /// that it expires.
    fn is_live(&self, body: &str, now: DateTime<Utc>) -> bool {
        let until = body.split('.').next().and_then(|until| i64::from_str_radix(until, 16).ok());
        let until = until.and_then(DateTime::from_timestamp_millis);
        let latest = later(later(now, self.lives), crate::time::MAX_CLOCK_SKEW);
        until.is_some_and(|until| now < until && until <= latest)
    }
}
