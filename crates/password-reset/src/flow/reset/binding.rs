//! What ties a reset to an account.

use chrono::{DateTime, Utc};

use crate::digest::Digest;
use crate::identity::id::AccountId;

/// What ties a reset to an account, from the moment it was issued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    pub(crate) account: AccountId,
    pub(crate) fingerprint: Digest,
    pub(crate) issued_at: DateTime<Utc>,
    pub(crate) link_until: DateTime<Utc>,
    pub(crate) code_until: DateTime<Utc>,
    pub(crate) contact: Option<Digest>,
}

impl Binding {
    /// Ties a reset to an account as it was: `fingerprint` is the keyed digest of it, `link_until` and `code_until` say how
    /// long what is issued lives.
    #[must_use]
    pub fn new(
        account: AccountId,
        fingerprint: Digest,
        issued_at: DateTime<Utc>,
        link_until: DateTime<Utc>,
        code_until: DateTime<Utc>,
    ) -> Self {
        let cut = crate::time::to_millis;
        Self {
            account,
            fingerprint,
            issued_at: cut(issued_at),
            link_until: cut(link_until),
            code_until: cut(code_until),
            contact: None,
        }
    }

    /// Says to which contact the first proof goes, or from which it comes; none where no contact takes part.
    #[must_use]
    pub fn by(mut self, contact: Option<Digest>) -> Self {
        self.contact = contact;
        self
    }

    /// The account.
    #[must_use]
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// Keyed digest of the contact to which the first proof goes, or from which it comes: the second one takes another.
    #[must_use]
    pub fn contact(&self) -> Option<&Digest> {
        self.contact.as_ref()
    }

    /// The account's fingerprint when the reset was issued.
    #[must_use]
    pub fn fingerprint(&self) -> &Digest {
        &self.fingerprint
    }

    /// When it was issued.
    #[must_use]
    pub fn issued_at(&self) -> DateTime<Utc> {
        self.issued_at
    }

    /// How long the link lives.
    #[must_use]
    pub fn link_until(&self) -> DateTime<Utc> {
        self.link_until
    }

    /// How long the code lives.
    #[must_use]
    pub fn code_until(&self) -> DateTime<Utc> {
        self.code_until
    }
}
