//! The one primitive from which every secret is made.
//!
//! A reset row holds a random nonce and the name of a key. A link, a code, a requester token, a grant: each is
//! `HMAC-SHA256(key, purpose ‖ realm ‖ reset id ‖ nonce ‖ …)` (RFC 2104), every field prefixed with its length, so that
//! no two purposes can be mixed up. Nothing that is stored lets anybody make a secret without the key,
//! and the same message can be made again after a crash.
//!
//! Long secrets travel as base64url without padding; exactly one text stands for each, and it ends in a letter or
//! digit, because programs that turn texts into links leave `-` and `_` out at the end. No secret type has
//! `Display`, `Clone`, `PartialEq` or `Serialize`: comparing goes through one constant-time helper, and the text
//! comes out only through a method called `expose`.

pub(crate) mod code;
mod digests;
mod keys;
mod quota_keys;
mod token;

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

pub use self::code::Code;
use self::code::CodeKind;
pub(crate) use self::code::InboundCode;
pub(crate) use self::digests::Digests;
pub use self::keys::{Key, KeyError, KeyRing};
pub(crate) use self::quota_keys::QuotaKeys;
pub use self::token::{CancelToken, GrantToken, LinkToken, LockToken, Malformed, PartialGrantToken, RequesterToken};
use crate::digest::Digest;
use crate::error::PortError;
use crate::flow::reset::{Binding, Reset};
use crate::identity::account::{Account, AccountStatus, Contact, ContactKind};
use crate::identity::id::ResetId;
use crate::identity::password_hash::PasswordHash;

/// One of the messages of a reset.
#[derive(Clone, Copy)]
pub(crate) enum MessageName<'a> {
    /// The one that carries the link or code.
    Reset,
    /// The one with the code of a step-up; each step-up of a reset has its own.
    StepUp(&'a Binding),
    /// A notice to a contact, by the name of its kind.
    Notice(&'static str, &'a Contact),
}

/// Compares secrets in constant time over their full length. The only comparison of secrets in this crate; those
/// beside it compare theirs with `subtle` too.
#[must_use]
pub(crate) fn same(left: impl AsRef<[u8]>, right: impl AsRef<[u8]>) -> bool {
    left.as_ref().ct_eq(right.as_ref()).into()
}

fn mac(key: &Key, purpose: &str, realm: &str, fields: &[&[u8]]) -> [u8; 32] {
    // HMAC takes keys of any length; this cannot fail, and an empty digest would match nothing that is made with a key.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.bytes()) else {
        return [0; 32];
    };
    for field in [b"password-reset 1".as_slice(), purpose.as_bytes(), realm.as_bytes()].iter().chain(fields) {
        let length = u64::try_from(field.len()).unwrap_or(u64::MAX);
        mac.update(&length.to_be_bytes());
        mac.update(field);
    }
    mac.finalize().into_bytes().into()
}

/// Makes and checks every secret of one realm.
#[derive(Debug)]
pub(crate) struct Secrets {
    keys: KeyRing,
    realm: String,
    pub(crate) digests: Digests,
}

impl Secrets {
    pub(crate) fn new(keys: KeyRing, realm: impl Into<String>) -> Self {
        let realm = realm.into();
        let digests = Digests::new(&keys, &realm);
        Self { keys, realm, digests }
    }

    /// The name of the key that new resets are made with.
    pub(crate) fn issuing_key(&self) -> &str {
        self.keys.issuing.id()
    }

    /// # Errors
    /// When the key ring lacks this key, with which a reset was made.
    pub(crate) fn has_key(&self, id: &str) -> Result<(), PortError> {
        self.key(id).map(drop)
    }

    fn key(&self, id: &str) -> Result<&Key, PortError> {
        let lacks = "signing key of a stored reset is missing from the key ring: keep old keys until their \
                 resets have expired";
        self.keys.find(id).ok_or_else(|| PortError::transient(lacks))
    }

    fn of_reset(&self, purpose: &str, reset: &Reset, more: &[&[u8]]) -> Result<[u8; 32], PortError> {
        let key = self.key(reset.key_id())?;
        let id = reset.id();
        let mut fields: Vec<&[u8]> = vec![id.as_bytes(), reset.nonce()];
        fields.extend(more);
        Ok(mac(key, purpose, &self.realm, &fields))
    }

    fn bound(
        &self,
        purpose: &str,
        reset: &Reset,
        binding: &Binding,
        until: DateTime<Utc>,
    ) -> Result<[u8; 32], PortError> {
        let expiry = until.timestamp_millis().to_be_bytes();
        let more = [binding.account().as_str().as_bytes(), reset.channel().code().as_bytes(), expiry.as_slice()];
        self.of_reset(purpose, reset, &more)
    }

    pub(crate) fn requester_token(&self, reset: &Reset) -> Result<RequesterToken, PortError> {
        Ok(RequesterToken::new(reset.id(), self.of_reset("requester_token", reset, &[])?))
    }

    pub(crate) fn is_requester_token(&self, requester_token: &RequesterToken, reset: &Reset) -> bool {
        self.requester_token(reset).is_ok_and(|right| same(right.expose(), requester_token.expose()))
    }

    pub(crate) fn link(&self, reset: &Reset, binding: &Binding) -> Result<LinkToken, PortError> {
        Ok(LinkToken::new(reset.id(), self.bound("link", reset, binding, binding.link_until())?))
    }

    pub(crate) fn is_link(&self, link: &LinkToken, reset: &Reset, binding: &Binding) -> bool {
        self.link(reset, binding).is_ok_and(|right| same(right.expose(), link.expose()))
    }

    pub(crate) fn cancel(&self, reset: &Reset, binding: &Binding) -> Result<CancelToken, PortError> {
        Ok(CancelToken::new(reset.id(), self.bound("cancel", reset, binding, binding.link_until())?))
    }

    pub(crate) fn is_cancel(&self, cancel: &CancelToken, reset: &Reset, binding: &Binding) -> bool {
        self.cancel(reset, binding).is_ok_and(|right| same(right.expose(), cancel.expose()))
    }

    pub(crate) fn lock(&self, reset: &Reset, binding: &Binding, set_at: DateTime<Utc>) -> Result<LockToken, PortError> {
        Ok(LockToken::new(reset.id(), self.bound("lock", reset, binding, set_at)?))
    }

    pub(crate) fn is_lock(&self, lock: &LockToken, reset: &Reset, binding: &Binding, set_at: DateTime<Utc>) -> bool {
        self.lock(reset, binding, set_at).is_ok_and(|right| same(right.expose(), lock.expose()))
    }

    pub(crate) fn code(&self, kind: CodeKind, reset: &Reset, binding: &Binding) -> Result<Code, PortError> {
        let mac = |purpose| self.bound(purpose, reset, binding, binding.code_until());
        Ok(match kind {
            CodeKind::Reset => Code::sent(&mac("code")?),
            CodeKind::Reply => Code::replied(&mac("reply code")?),
            CodeKind::StepUp => Code::sent(&mac("second code")?),
        })
    }

    pub(crate) fn is_code(&self, kind: CodeKind, code: &Code, reset: &Reset, binding: &Binding) -> bool {
        self.code(kind, reset, binding).is_ok_and(|right| same(right.expose(), code.expose()))
    }

    /// What the person is to send. Made before the account is known, so of the reset alone.
    pub(crate) fn inbound_code(&self, key_id: &str, id: ResetId, nonce: &[u8; 32]) -> Result<InboundCode, PortError> {
        let key = self.key(key_id)?;
        let mac = mac(key, "inbound code", &self.realm, &[id.as_bytes(), nonce]);
        Ok(InboundCode::from_mac(&mac))
    }

    pub(crate) fn grant(
        &self,
        reset: &Reset,
        binding: &Binding,
        until: DateTime<Utc>,
    ) -> Result<GrantToken, PortError> {
        Ok(GrantToken::new(reset.id(), until, self.bound("grant", reset, binding, until)?))
    }

    pub(crate) fn partial_grant(
        &self,
        reset: &Reset,
        binding: &Binding,
        until: DateTime<Utc>,
    ) -> Result<PartialGrantToken, PortError> {
        Ok(PartialGrantToken::new(reset.id(), until, self.bound("partial_grant", reset, binding, until)?))
    }

    pub(crate) fn is_partial_grant(&self, partial_grant: &PartialGrantToken, reset: &Reset, binding: &Binding) -> bool {
        self.partial_grant(reset, binding, partial_grant.until())
            .is_ok_and(|right| same(right.expose(), partial_grant.expose()))
    }

    pub(crate) fn is_grant(&self, grant: &GrantToken, reset: &Reset, binding: &Binding) -> bool {
        self.grant(reset, binding, grant.until()).is_ok_and(|right| same(right.expose(), grant.expose()))
    }

    /// Digest of the account as it is now: id, password hash, status, confirmed contacts (I8).
    pub(crate) fn fingerprint(&self, reset_key: &str, account: &Account) -> Result<Digest, PortError> {
        let key = self.key(reset_key)?;
        let status: &[u8] = match account.status() {
            AccountStatus::Active => b"active",
            AccountStatus::Disabled => b"barred",
        };
        // "No password yet" and an empty hash are two things, so the count of fields says which it is.
        let hash = account.hash().map(PasswordHash::identity);
        let mut contacts: Vec<_> = account.contacts().iter().collect();
        contacts.sort();
        let mut fields: Vec<&[u8]> = vec![account.id().as_str().as_bytes(), status];
        fields.extend(hash.as_ref().map(AsRef::<[u8]>::as_ref));
        fields.push(b"contacts");
        for contact in contacts {
            fields.push(kind_name(contact.kind()));
            fields.push(contact.value().as_bytes());
        }
        Ok(Digest::from_bytes(mac(key, "fingerprint", &self.realm, &fields)))
    }

    /// Digest of a new hash, so that a crash between two writes can be told from one before them.
    pub(crate) fn new_hash(&self, reset: &Reset, hash: &PasswordHash) -> Result<Digest, PortError> {
        self.of_reset("new hash", reset, &[&hash.identity()]).map(Digest::from_bytes)
    }

    /// The id of a message: the same after a crash, and of no use to anybody.
    pub(crate) fn message_id(&self, reset: &Reset, message: MessageName<'_>) -> Result<Digest, PortError> {
        let what = match message {
            MessageName::Reset => "reset link".to_owned(),
            MessageName::StepUp(binding) => format!("second code {}", binding.code_until().timestamp_millis()),
            MessageName::Notice(kind, to) => format!("{kind} {}", to.value()),
        };
        self.of_reset("message id", reset, &[what.as_bytes()]).map(Digest::from_bytes)
    }

    /// Stands for the contact of a reset's first proof. Made with the reset's own key, which the row names: under another
    /// key no contact would be the one, and the second proof could go to the same.
    pub(crate) fn first_contact(&self, reset: &Reset, contact: &Contact) -> Result<Digest, PortError> {
        let fields = [kind_name(contact.kind()), contact.value().as_bytes()];
        self.of_reset("first contact", reset, &fields).map(Digest::from_bytes)
    }
}

fn kind_name(kind: ContactKind) -> &'static [u8] {
    match kind {
        ContactKind::Email => b"email",
        ContactKind::Phone => b"phone",
    }
}

/// The reset that a secret names, before anything is proved.
pub(crate) trait NamesReset {
    fn reset_id(&self) -> ResetId;
}

#[cfg(test)]
mod tests;
