//! Digests that stand for sources, contacts, accounts and numbers in rows, quotas and the audit trail.

use std::iter;
use std::sync::Arc;

use super::code::InboundCode;
use super::keys::{Key, KeyRing};
use super::{kind_name, mac};
use crate::digest::Digest;
use crate::flow::reset::Reset;
use crate::identity::account::{Account, Contact};
use crate::identity::id::{AccountId, ResetId};
use crate::identity::identifier::Identifier;
use crate::identity::password_hash::PasswordHash;
use crate::identity::source::Source;

/// Makes the digests of one realm, with the key for counters: what is counted outlives the resets, and a message names no
/// reset whose key could be looked up.
#[derive(Debug)]
pub(crate) struct Digests {
    key: Arc<Key>,
    realm: String,
    others: Vec<Self>,
}

impl Digests {
    /// With the first key for counters; the others stand behind it.
    pub(super) fn new(keys: &KeyRing, realm: &str) -> Self {
        let under = |key: &Arc<Key>, others| Self { key: Arc::clone(key), realm: realm.to_owned(), others };
        let others = keys.other_counters.iter().map(|key| under(key, Vec::new())).collect();
        under(&keys.counters, others)
    }

    /// The digests under each key of the ring: under that of new ones first, and under those that are being rotated in or out.
    pub(crate) fn under_each_key(&self) -> impl Iterator<Item = &Self> {
        iter::once(self).chain(&self.others)
    }

    /// A digest for a purpose, which no digest of another purpose equals.
    pub(crate) fn counted(&self, purpose: &str, fields: &[&[u8]]) -> Digest {
        Digest::from_bytes(mac(&self.key, purpose, &self.realm, fields))
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

    pub(crate) fn source(&self, source: &Source) -> Digest {
        self.counted("source", &[source.as_bytes()])
    }

    pub(crate) fn identifier(&self, identifier: &Identifier) -> Digest {
        self.counted("identifier", &[identifier.kind().code().as_bytes(), identifier.as_str().as_bytes()])
    }

    pub(crate) fn account(&self, account: &AccountId) -> Digest {
        self.counted("account", &[account.as_str().as_bytes()])
    }

    /// Whether a digest is that of an account, under any key.
    pub(crate) fn is_of_account(&self, digest: &Digest, account: &AccountId) -> bool {
        self.under_each_key().any(|digests| digests.account(account) == *digest)
    }

    /// Of what the id of a reset is made that is opened for one of several accounts. Under the first key: nodes that rotate it at that
    /// moment may open two.
    pub(crate) fn beside(&self, account: &AccountId) -> Digest {
        self.counted("beside", &[account.as_str().as_bytes()])
    }

    /// Whose wrong first codes are counted: the account's; as long as it is not known, those of the identifier.
    pub(crate) fn subject(&self, reset: &Reset) -> Digest {
        reset.account().map_or_else(|| self.identifier(&reset.identifier()), |account| self.account(account))
    }

    /// [`subject`](Self::subject) under each key.
    pub(crate) fn subjects(&self, reset: &Reset) -> impl Iterator<Item = Digest> {
        self.under_each_key().map(|digests| digests.subject(reset))
    }

    /// Stands for a contact of an account in the audit trail.
    pub(crate) fn contact(&self, account: &AccountId, contact: &Contact) -> Digest {
        self.counted("contact", &[account.as_str().as_bytes(), kind_name(contact.kind()), contact.value().as_bytes()])
    }

    /// Of an account as it is, but for its status, and a contact that it is to have.
    pub(crate) fn new_contact(&self, account: &Account, new: &Contact) -> Digest {
        let hash = account.hash().map(PasswordHash::identity);
        let mut contacts: Vec<_> = account.contacts().iter().collect();
        contacts.sort();
        let mut fields: Vec<&[u8]> =
            vec![account.id().as_str().as_bytes(), kind_name(new.kind()), new.value().as_bytes()];
        // No password and an empty hash are two things.
        fields.push(if hash.is_some() { b"hash" } else { b"none" });
        fields.extend(hash.as_ref().map(AsRef::<[u8]>::as_ref));
        for contact in contacts {
            fields.push(kind_name(contact.kind()));
            fields.push(contact.value().as_bytes());
        }
        self.counted("new contact", &fields)
    }

    /// The id of a message that asks to confirm a contact, which belongs to no reset; of no use to anybody.
    pub(crate) fn confirmation(&self, id: ResetId) -> Digest {
        self.counted("confirmation", &[id.as_bytes()])
    }

    pub(crate) fn session(&self, account: &AccountId, hash: &PasswordHash) -> Digest {
        self.counted("session", &[account.as_str().as_bytes(), &hash.identity()])
    }
}
