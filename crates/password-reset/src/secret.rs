//! The one primitive from which every secret is made.
//!
//! A reset row holds a random nonce and the name of a key. A link, a code, a handle, a grant: each is
//! `HMAC-SHA256(key, purpose ‖ realm ‖ reset id ‖ nonce ‖ …)` (RFC 2104), every field prefixed with its length, so that
//! no two purposes can be mixed up (R32). Nothing that is stored lets anybody make a secret without the key (R36,
//! R37), and the same message can be made again after a crash.
//!
//! Long secrets travel as base64url without padding; exactly one text stands for each (R35), and it ends in a letter or
//! digit, because programs that turn texts into links leave `-` and `_` out at the end. No secret type has
//! `Display`, `Clone`, `PartialEq` or `Serialize`: comparing goes through one constant-time helper (R38), and the text
//! comes out only through a method called `expose` (R40).

mod code;
mod keys;
mod token;

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

pub use self::code::Code;
pub(crate) use self::code::InboundCode;
pub use self::keys::{Key, KeyError, KeyRing};
pub use self::token::{CancelToken, GrantToken, LinkToken, LockToken, Malformed, PartialGrantToken, RequesterToken};
use crate::digest::Digest;
use crate::error::PortError;
use crate::flow::reset::{Binding, Reset};
use crate::identity::account::{Account, AccountStatus, Contact, ContactKind, PasswordHash};
use crate::identity::id::{AccountId, ResetId};
use crate::identity::identifier::{Identifier, IdentifierKind};
use crate::identity::source::Source;
use crate::message::NoticeKind;

/// Names the message that carries the link or code of a reset, for its id.
pub(crate) const RESET_MESSAGE: &str = "reset link";

/// Compares secrets in constant time over their full length. The only comparison of secrets in these crates (R38).
#[must_use]
pub(crate) fn same(left: &[u8], right: &[u8]) -> bool {
    left.ct_eq(right).into()
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
}

impl Secrets {
    pub(crate) fn new(keys: KeyRing, realm: impl Into<String>) -> Self {
        Self { keys, realm: realm.into() }
    }

    /// The name of the key that new resets are made with.
    pub(crate) fn issuing_key(&self) -> &str {
        self.keys.issuing().id()
    }

    /// # Errors
    /// When the key ring lacks the key that the reset was made with.
    pub(crate) fn has_key_of(&self, reset: &Reset) -> Result<(), PortError> {
        self.key(reset.key_id()).map(drop)
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
        self.requester_token(reset).is_ok_and(|right| same(right.mac(), requester_token.mac()))
    }

    pub(crate) fn link(&self, reset: &Reset, binding: &Binding) -> Result<LinkToken, PortError> {
        Ok(LinkToken::new(reset.id(), self.bound("link", reset, binding, binding.link_until())?))
    }

    pub(crate) fn is_link(&self, link: &LinkToken, reset: &Reset, binding: &Binding) -> bool {
        self.link(reset, binding).is_ok_and(|right| same(right.mac(), link.mac()))
    }

    pub(crate) fn cancel(&self, reset: &Reset, binding: &Binding) -> Result<CancelToken, PortError> {
        Ok(CancelToken::new(reset.id(), self.bound("cancel", reset, binding, binding.link_until())?))
    }

    pub(crate) fn is_cancel(&self, cancel: &CancelToken, reset: &Reset, binding: &Binding) -> bool {
        self.cancel(reset, binding).is_ok_and(|right| same(right.mac(), cancel.mac()))
    }

    pub(crate) fn lock(&self, reset: &Reset, binding: &Binding, set_at: DateTime<Utc>) -> Result<LockToken, PortError> {
        Ok(LockToken::new(reset.id(), self.bound("lock", reset, binding, set_at)?))
    }

    pub(crate) fn is_lock(&self, lock: &LockToken, reset: &Reset, binding: &Binding, set_at: DateTime<Utc>) -> bool {
        self.lock(reset, binding, set_at).is_ok_and(|right| same(right.mac(), lock.mac()))
    }

    pub(crate) fn code(&self, reset: &Reset, binding: &Binding) -> Result<Code, PortError> {
        Ok(Code::sent(&self.bound("code", reset, binding, binding.code_until())?))
    }

    pub(crate) fn is_code(&self, code: &Code, reset: &Reset, binding: &Binding) -> bool {
        self.code(reset, binding).is_ok_and(|right| same(right.digits(), code.digits()))
    }

    pub(crate) fn reply_code(&self, reset: &Reset, binding: &Binding) -> Result<Code, PortError> {
        Ok(Code::replied(&self.bound("reply code", reset, binding, binding.code_until())?))
    }

    pub(crate) fn is_reply_code(&self, code: &Code, reset: &Reset, binding: &Binding) -> bool {
        self.reply_code(reset, binding).is_ok_and(|right| same(right.digits(), code.digits()))
    }

    /// What the person is to send. Made before the account is known, so of the reset alone.
    pub(crate) fn inbound_code(&self, key_id: &str, id: ResetId, nonce: &[u8; 32]) -> Result<InboundCode, PortError> {
        let key = self.key(key_id)?;
        let mac = mac(key, "inbound code", &self.realm, &[id.as_bytes(), nonce]);
        Ok(InboundCode::from_mac(&mac))
    }

    /// By what a message finds its reset: the code, and who sent it. Not made with the reset's own key, which a message
    /// does not name.
    pub(crate) fn inbound_key(&self, code: &InboundCode, sender: &Digest) -> Digest {
        self.counted("inbound key", &[code.as_str().as_bytes(), sender.as_bytes()])
    }

    pub(crate) fn sender_number(&self, phone: &Identifier) -> Digest {
        self.counted("sender number", &[phone.as_str().as_bytes()])
    }

    pub(crate) fn sender_id(&self, id: &str) -> Digest {
        self.counted("sender id", &[id.as_bytes()])
    }

    pub(crate) fn sender_identity(&self, hash: &str) -> Digest {
        self.counted("sender identity", &[hash.as_bytes()])
    }

    pub(crate) fn replies(&self, account: &AccountId, contact: &Contact) -> Digest {
        self.counted("replies", &[account.as_str().as_bytes(), kind_name(contact.kind()), contact.value().as_bytes()])
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
        self.bound("partial_grant", reset, binding, partial_grant.until())
            .is_ok_and(|mac| same(&mac, partial_grant.mac()))
    }

    pub(crate) fn step_up_code(&self, reset: &Reset, binding: &Binding) -> Result<Code, PortError> {
        Ok(Code::sent(&self.bound("second code", reset, binding, binding.code_until())?))
    }

    pub(crate) fn is_step_up_code(&self, code: &Code, reset: &Reset, binding: &Binding) -> bool {
        self.step_up_code(reset, binding).is_ok_and(|right| same(right.digits(), code.digits()))
    }

    /// Second proofs are sent for who brought a first one, so they take none of the messages that strangers share.
    pub(crate) fn step_up_codes(&self, account: &AccountId, contact: &Contact) -> Digest {
        self.counted(
            "second codes",
            &[account.as_str().as_bytes(), kind_name(contact.kind()), contact.value().as_bytes()],
        )
    }

    pub(crate) fn is_grant(&self, grant: &GrantToken, reset: &Reset, binding: &Binding) -> bool {
        self.bound("grant", reset, binding, grant.until()).is_ok_and(|mac| same(&mac, grant.mac()))
    }

    /// Digest of the account as it is now: id, password hash, standing, confirmed contacts (I8).
    pub(crate) fn fingerprint(&self, reset_key: &str, account: &Account) -> Result<Digest, PortError> {
        let key = self.key(reset_key)?;
        let status: &[u8] = match account.status() {
            AccountStatus::Active => b"active",
            AccountStatus::Disabled => b"barred",
        };
        // "No password yet" and an empty hash are two things, so the count of fields says which it is.
        let hash = account.hash().map(|hash| hash.as_str().as_bytes());
        let mut contacts: Vec<_> = account.contacts().iter().collect();
        contacts.sort();
        let mut fields: Vec<&[u8]> = vec![account.id().as_str().as_bytes(), status];
        fields.extend(hash);
        fields.push(b"contacts");
        for contact in contacts {
            fields.push(kind_name(contact.kind()));
            fields.push(contact.value().as_bytes());
        }
        Ok(Digest::from_bytes(mac(key, "fingerprint", &self.realm, &fields)))
    }

    /// Digest of a new hash, so that a crash between two writes can be told from one before them.
    pub(crate) fn new_hash(&self, reset: &Reset, hash: &PasswordHash) -> Result<Digest, PortError> {
        self.of_reset("new hash", reset, &[hash.as_str().as_bytes()]).map(Digest::from_bytes)
    }

    /// The id of a message: the same after a crash, and of no use to anybody.
    pub(crate) fn message_id(&self, reset: &Reset, what: &str) -> Result<Digest, PortError> {
        self.of_reset("message id", reset, &[what.as_bytes()]).map(Digest::from_bytes)
    }

    /// The id of the message with the code of a step-up; each step-up of a reset has its own.
    pub(crate) fn step_up_message_id(&self, reset: &Reset, binding: &Binding) -> Result<Digest, PortError> {
        self.message_id(reset, &format!("second code {}", binding.code_until().timestamp_millis()))
    }

    /// The id of a notice to a contact.
    pub(crate) fn notice_id(&self, reset: &Reset, kind: NoticeKind, to: &Contact) -> Result<Digest, PortError> {
        self.message_id(reset, &format!("{} {}", kind.name(), to.value()))
    }

    fn counted(&self, purpose: &str, fields: &[&[u8]]) -> Digest {
        Digest::from_bytes(mac(self.keys.counters(), purpose, &self.realm, fields))
    }

    pub(crate) fn source(&self, source: &Source) -> Digest {
        self.counted("source", &[source.as_bytes()])
    }

    pub(crate) fn identifier(&self, identifier: &Identifier) -> Digest {
        self.counted("identifier", &[identifier.kind().code().as_bytes(), identifier.as_str().as_bytes()])
    }

    pub(crate) fn account(&self, account: &AccountId) -> Digest {
        self.counted("account", &[account.as_str().as_bytes()])
    }

    /// Whose wrong step-up codes and factors are counted.
    pub(crate) fn step_up_failures(&self, account: &AccountId) -> Digest {
        self.counted("step-up failures", &[account.as_str().as_bytes()])
    }

    /// The quotas of an account's wrong codes: of first proofs, and of step-ups.
    pub(crate) fn failure_quotas(&self, account: &AccountId) -> [Digest; 2] {
        [self.account(account), self.step_up_failures(account)]
    }

    /// Every key under which something is counted for an account, whatever its contacts.
    pub(crate) fn keys_of(&self, account: &AccountId) -> Vec<Digest> {
        let mut keys = self.failure_quotas(account).to_vec();
        keys.extend([self.current_password(account), self.admin_asks(account), self.confirmations_for(account)]);
        keys
    }

    /// Every key under which something is counted for the contacts of an account, and the subjects of requests that name one of
    /// them, or a word of the account as its username.
    pub(crate) fn keys_of_contacts(&self, account: &Account) -> Vec<Digest> {
        let mut keys = Vec::new();
        let mut names: Vec<Identifier> =
            account.context_words().iter().filter_map(|word| Identifier::username(word).ok()).collect();
        for contact in account.contacts() {
            keys.extend([self.destination(account.id(), contact), self.step_up_codes(account.id(), contact)]);
            match contact.kind() {
                ContactKind::Email => names.extend(Identifier::email(contact.value())),
                ContactKind::Phone => {
                    let number = |text: &str| Identifier::from_stored(IdentifierKind::Phone, text);
                    let same = number(contact.value()).map(|number| number.same_numbers()).unwrap_or_default();
                    names.extend(same.iter().filter_map(|text| number(text)));
                }
            }
        }
        keys.extend(names.iter().flat_map(|name| [self.identifier(name), self.no_destination(name)]));
        keys
    }

    /// Stands for the contact of a reset's first proof. Made with the reset's own key, which the row names: under another
    /// key no contact would be the one, and the second proof could go to the same.
    pub(crate) fn first_contact(&self, reset: &Reset, contact: &Contact) -> Result<Digest, PortError> {
        let fields = [kind_name(contact.kind()), contact.value().as_bytes()];
        self.of_reset("first contact", reset, &fields).map(Digest::from_bytes)
    }

    /// Stands for a contact of an account in the audit trail.
    pub(crate) fn contact(&self, account: &AccountId, contact: &Contact) -> Digest {
        self.counted("contact", &[account.as_str().as_bytes(), kind_name(contact.kind()), contact.value().as_bytes()])
    }

    pub(crate) fn destination(&self, account: &AccountId, contact: &Contact) -> Digest {
        self.counted(
            "destination",
            &[account.as_str().as_bytes(), kind_name(contact.kind()), contact.value().as_bytes()],
        )
    }

    /// Stands in for a destination where there is none, so that the same statement runs (I5).
    pub(crate) fn no_destination(&self, identifier: &Identifier) -> Digest {
        self.counted("no destination", &[identifier.kind().code().as_bytes(), identifier.as_str().as_bytes()])
    }

    pub(crate) fn codes_from(&self, source: &Digest) -> Digest {
        self.counted("codes from", &[source.as_bytes()])
    }

    /// A quota of its own, because codes of the other are typed by who only asked (I4).
    pub(crate) fn step_ups_from(&self, source: &Digest) -> Digest {
        self.counted("step-ups from", &[source.as_bytes()])
    }

    pub(crate) fn current_password(&self, account: &AccountId) -> Digest {
        self.counted("current password", &[account.as_str().as_bytes()])
    }

    pub(crate) fn admin_asks(&self, account: &AccountId) -> Digest {
        self.counted("administrator asks", &[account.as_str().as_bytes()])
    }

    /// Of an account as it is, but for its standing, and a contact that it is to have.
    pub(crate) fn new_contact(&self, account: &Account, new: &Contact) -> Digest {
        let hash = account.hash().map(|hash| hash.as_str().as_bytes());
        let mut contacts: Vec<_> = account.contacts().iter().collect();
        contacts.sort();
        let mut fields: Vec<&[u8]> =
            vec![account.id().as_str().as_bytes(), kind_name(new.kind()), new.value().as_bytes()];
        // No password and an empty hash are two things.
        fields.push(if hash.is_some() { b"hash" } else { b"none" });
        fields.extend(hash);
        for contact in contacts {
            fields.push(kind_name(contact.kind()));
            fields.push(contact.value().as_bytes());
        }
        self.counted("new contact", &fields)
    }

    /// Of the messages that ask to confirm a new contact: those for an account, and those to the contact, whoever asked.
    pub(crate) fn confirmations(&self, account: &AccountId, new: &Contact) -> (Digest, Digest) {
        (
            self.confirmations_for(account),
            self.counted("confirmations to", &[kind_name(new.kind()), new.value().as_bytes()]),
        )
    }

    fn confirmations_for(&self, account: &AccountId) -> Digest {
        self.counted("confirmations for", &[account.as_str().as_bytes()])
    }

    /// The id of such a message, which belongs to no reset; of no use to anybody.
    pub(crate) fn confirmation(&self, id: ResetId) -> Digest {
        self.counted("confirmation", &[id.as_bytes()])
    }

    pub(crate) fn session(&self, account: &AccountId, hash: &PasswordHash) -> Digest {
        self.counted("session", &[account.as_str().as_bytes(), hash.as_str().as_bytes()])
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
