//! Which of the accounts that a name finds a reset may act on.

use crate::identity::account::{Account, AccountStatus, ContactKind};
use crate::identity::identifier::{Identifier, IdentifierKind};

/// The accounts that could be reset by the identifier; where there is none, the first of the others, to say why.
///
/// An attacker who signs up with the owner's address cannot confirm it. If that row counted, the name would be ambiguous
/// and the owner would get no message (I8).
pub(crate) fn candidates(mut found: Vec<Account>, named: &Identifier) -> Vec<Account> {
    if found.iter().any(|account| could_be_reset(account, named)) {
        found.retain(|account| could_be_reset(account, named));
    } else {
        found.truncate(1);
    }
    found
}

/// Whether the account is active, and the named address or number is one of its confirmed contacts.
fn could_be_reset(account: &Account, named: &Identifier) -> bool {
    let confirmed = |kind: ContactKind| {
        account.contacts().iter().any(|contact| contact.kind() == kind && named.names(contact.value()))
    };
    account.status() == AccountStatus::Active
        && match named.kind() {
            IdentifierKind::Email => confirmed(ContactKind::Email),
            IdentifierKind::Phone => confirmed(ContactKind::Phone),
            IdentifierKind::Username => true,
        }
}
