//! Digests that stand for sources, contacts, accounts and numbers in rows, quotas and the audit trail.

use std::sync::Arc;

use super::code::InboundCode;
use super::keys::KeyRing;
use super::{kind_name, mac};
use crate::digest::Digest;
use crate::identity::account::{Account, Contact, ContactKind, PasswordHash};
use crate::identity::id::{AccountId, ResetId};
use crate::identity::identifier::{Identifier, IdentifierKind};
use crate::identity::source::Source;

/// Makes the digests of one realm, with the key for counters: what is counted outlives the resets, and a message names no
/// reset whose key could be looked up.
#[derive(Debug)]
pub(crate) struct Digests {
    keys: Arc<KeyRing>,
    realm: String,
}

impl Digests {
    pub(super) fn new(keys: Arc<KeyRing>, realm: String) -> Self {
        Self { keys, realm }
    }

    fn counted(&self, purpose: &str, fields: &[&[u8]]) -> Digest {
        Digest::from_bytes(mac(self.keys.counters(), purpose, &self.realm, fields))
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

    /// Second proofs are sent for who brought a first one, so they take none of the messages that strangers share.
    pub(crate) fn step_up_codes(&self, account: &AccountId, contact: &Contact) -> Digest {
        self.counted(
            "second codes",
            &[account.as_str().as_bytes(), kind_name(contact.kind()), contact.value().as_bytes()],
        )
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

    /// Of the messages that ask to confirm a new contact: those for an account, and those to the contact, for all accounts together.
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
