//! The keys of quotas.

use super::digests::Digests;
use super::kind_name;
use crate::digest::Digest;
use crate::identity::account::{Account, Contact, ContactKind};
use crate::identity::id::AccountId;
use crate::identity::identifier::{Identifier, IdentifierKind};

/// Makes the digests under which permits are counted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct QuotaKeys<'a>(&'a Digests);

impl Digests {
    /// The keys of quotas.
    pub(crate) fn quotas(&self) -> QuotaKeys<'_> {
        QuotaKeys(self)
    }
}

impl QuotaKeys<'_> {
    pub(crate) fn replies(self, account: &AccountId, contact: &Contact) -> Digest {
        self.0.counted("replies", &[account.as_str().as_bytes(), kind_name(contact.kind()), contact.value().as_bytes()])
    }

    /// Second proofs are sent for who brought a first one, so they take none of the messages that strangers share.
    pub(crate) fn step_up_codes(self, account: &AccountId, contact: &Contact) -> Digest {
        self.0.counted(
            "second codes",
            &[account.as_str().as_bytes(), kind_name(contact.kind()), contact.value().as_bytes()],
        )
    }

    /// Whose wrong step-up codes and factors are counted.
    pub(crate) fn step_up_failures(self, account: &AccountId) -> Digest {
        self.0.counted("step-up failures", &[account.as_str().as_bytes()])
    }

    /// Of an account's wrong codes: of first proofs, and of step-ups.
    pub(crate) fn failures(self, account: &AccountId) -> [Digest; 2] {
        [self.0.account(account), self.step_up_failures(account)]
    }

    /// Every key under which something is counted for an account, whatever its contacts.
    pub(crate) fn keys_of(self, account: &AccountId) -> Vec<Digest> {
        let mut keys = self.failures(account).to_vec();
        keys.extend([self.current_password(account), self.admin_asks(account), self.confirmations_for(account)]);
        keys
    }

    /// Every key under which something is counted for the contacts of an account, and the subjects of requests that name one of
    /// them, or a word of the account as its username.
    ///
    /// Without the messages that ask to confirm a contact, which are counted for all accounts together: erasing one account and
    /// opening another would begin that count anew, and flood a mailbox that belongs to neither.
    pub(crate) fn keys_of_contacts(self, account: &Account) -> Vec<Digest> {
        let mut keys = Vec::new();
        let mut names: Vec<Identifier> =
            account.context_words().iter().filter_map(|word| Identifier::username(word).ok()).collect();
        for contact in account.contacts() {
            let id = account.id();
            keys.extend([self.destination(id, contact), self.replies(id, contact), self.step_up_codes(id, contact)]);
            match contact.kind() {
                ContactKind::Email => names.extend(Identifier::email(contact.value())),
                ContactKind::Phone => {
                    let number = |text: &str| Identifier::from_stored(IdentifierKind::Phone, text);
                    let same = number(contact.value()).map(|number| number.same_numbers()).unwrap_or_default();
                    names.extend(same.iter().filter_map(|text| number(text)));
                }
            }
        }
        keys.extend(names.iter().flat_map(|name| [self.0.identifier(name), self.no_destination(name)]));
        keys
    }

    pub(crate) fn destination(self, account: &AccountId, contact: &Contact) -> Digest {
        self.0.counted(
            "destination",
            &[account.as_str().as_bytes(), kind_name(contact.kind()), contact.value().as_bytes()],
        )
    }

    /// Stands in for a destination where there is none, so that the same statement runs (I5).
    pub(crate) fn no_destination(self, identifier: &Identifier) -> Digest {
        self.0.counted("no destination", &[identifier.kind().code().as_bytes(), identifier.as_str().as_bytes()])
    }

    pub(crate) fn codes_from(self, source: &Digest) -> Digest {
        self.0.counted("codes from", &[source.as_bytes()])
    }

    /// A quota of its own, because codes of the other are typed by who only asked (I4).
    pub(crate) fn step_ups_from(self, source: &Digest) -> Digest {
        self.0.counted("step-ups from", &[source.as_bytes()])
    }

    pub(crate) fn current_password(self, account: &AccountId) -> Digest {
        self.0.counted("current password", &[account.as_str().as_bytes()])
    }

    pub(crate) fn admin_asks(self, account: &AccountId) -> Digest {
        self.0.counted("administrator asks", &[account.as_str().as_bytes()])
    }

    /// Of the messages that ask to confirm a new contact: those for an account, and those to the contact, for all accounts together.
    pub(crate) fn confirmations(self, account: &AccountId, new: &Contact) -> (Digest, Digest) {
        (
            self.confirmations_for(account),
            self.0.counted("confirmations to", &[kind_name(new.kind()), new.value().as_bytes()]),
        )
    }

    fn confirmations_for(self, account: &AccountId) -> Digest {
        self.0.counted("confirmations for", &[account.as_str().as_bytes()])
    }
}
