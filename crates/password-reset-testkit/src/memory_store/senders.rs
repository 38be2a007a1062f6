//! The senders of accepted inbound messages.

use std::collections::BTreeMap;

use password_reset::AccountId;
use password_reset::ports::{Digest, KnownSender, Purge, SenderName};

use super::purging::taken_out;

/// The last sender from each number.
#[derive(Clone, Default)]
pub(super) struct KnownSenders(BTreeMap<Digest, KnownSender>);

impl KnownSenders {
    pub(super) fn named(&self, name: &SenderName) -> Option<KnownSender> {
        self.0.values().find(|known| goes_by(known, name)).cloned()
    }

    pub(super) fn of(&self, account: &AccountId) -> Vec<KnownSender> {
        self.0.values().filter(|known| known.account == *account).cloned().collect()
    }

    pub(super) fn learn(&mut self, learnt: &KnownSender) {
        if let Some(id) = learnt.id {
            self.0.retain(|number, known| *number == learnt.number || known.id != Some(id));
        }
        let before = self.0.remove(&learnt.number);
        let mut learnt = learnt.clone();
        learnt.id = learnt.id.or(before.as_ref().and_then(|before| before.id));
        learnt.identity = learnt.identity.or(before.and_then(|before| before.identity));
        self.0.insert(learnt.number, learnt);
    }

    pub(super) fn forget(&mut self, name: &SenderName) {
        self.0.retain(|_, known| !goes_by(known, name));
    }

    pub(super) fn erase(&mut self, account: &AccountId) {
        self.0.retain(|_, known| known.account != *account);
    }

    pub(super) fn purge(&mut self, purge: &Purge) -> u64 {
        taken_out(&mut self.0, purge.limit, |known| known.seen_at < purge.audit_before)
    }
}

fn goes_by(known: &KnownSender, name: &SenderName) -> bool {
    match name {
        SenderName::Number(number) => known.number == *number,
        SenderName::Id(id) => known.id == Some(*id),
    }
}
