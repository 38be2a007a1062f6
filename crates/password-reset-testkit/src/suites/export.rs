//! What is shown of an account is what is erased with it.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::DateTime;
use password_reset::flow::{AuditEvent, AuditRow, Event, Reset, Step};
use password_reset::ports::{Digest, KnownSender, Purge, Quota, ResetStore, Transitioned};
use password_reset::{AccountId, Channel, InboundMode, ResetId};

use super::{StoreFixture, moved, stored};
use crate::sample::{self, after, noon};

/// What the suite wrote about an account, and the keys that stand for it.
struct Written {
    resets: BTreeSet<ResetId>,
    keys: Vec<Digest>,
    sender: KnownSender,
    quotas: usize,
    audit: usize,
}

fn quota(key: Digest) -> Quota {
    Quota::new(key, 1, Duration::from_secs(60), noon())
}

/// Resets in every state, one of them by a message, a request that no worker has looked up, one that was suppressed, rows of a
/// reset that was purged, and quotas.
async fn write(store: &dyn ResetStore, account: &AccountId) -> Written {
    let audit = |event, reset: &Reset| sample::audit(event, reset, noon());
    let mut resets = BTreeSet::new();
    let set = sample::finish(&sample::applying(account, noon()), noon()).after().clone();
    for reset in [sample::issued(account, noon()), sample::verified(account, noon()), set] {
        let reset = stored(store, reset).await;
        store.record(&audit(AuditEvent::Sent, &reset)).await.unwrap();
        resets.insert(reset.id());
    }
    let inbound = sample::requested_by(Channel::WhatsAppInbound(InboundMode::PageAdvances), noon());
    store.open(&inbound, None, None, &[audit(AuditEvent::Requested, &inbound)]).await.unwrap();
    let issued = moved(store, &sample::issue(&inbound, account, noon())).await;
    let mut sender = KnownSender::new(sample::digest(), account.clone(), noon());
    sender.id = Some(sample::digest());
    let step = sample::prove(&issued, noon()).learning(sender.clone());
    assert_eq!(store.transition(&step).await.unwrap(), Transitioned::Moved { lease: None });
    let named = sample::requested(noon());
    let suppressed = sample::requested(noon());
    let purged = sample::altered(&sample::requested(noon()), |row| row.expires_at = after(noon(), 1));
    for reset in [&named, &suppressed, &purged] {
        store.open(reset, None, None, &[audit(AuditEvent::Requested, reset)]).await.unwrap();
    }
    for reset in [&suppressed, &purged] {
        let row = audit(AuditEvent::Suppressed, reset).account(account);
        moved(store, &Step::new(reset, &Event::Suppress, noon(), vec![row]).unwrap()).await;
    }
    let long_ago = DateTime::UNIX_EPOCH;
    assert_eq!(store.purge(&Purge::new(long_ago, after(noon(), 2), long_ago, 99)).await.unwrap(), 1);
    resets.extend([inbound.id(), named.id(), suppressed.id()]);
    store.record(&AuditRow::new(noon(), AuditEvent::ContactChanged).account(account)).await.unwrap();
    let keys = vec![sample::digest(), *named.subject(), sample::digest()];
    for key in [keys[0], sample::subject(account)] {
        store.take_permit(&quota(key)).await.unwrap();
    }
    Written { resets, keys, sender, quotas: 2, audit: 3 + 3 + 3 + 2 + 1 }
}

fn ids(resets: &[Reset]) -> BTreeSet<ResetId> {
    resets.iter().map(Reset::id).collect()
}

/// Everything of the account, and nothing of another; afterwards nothing is left to show, and of the other all is as it was.
pub async fn what_is_erased_is_what_was_exported(fixture: &impl StoreFixture) {
    let (store, other_node) = (fixture.store(), fixture.another_node());
    let (account, another) = (sample::account_id(), sample::account_id());
    let (own, foreign) = (write(&*store, &account).await, write(&*store, &another).await);
    let unknown = sample::requested(noon());
    store.open(&unknown, None, None, &[sample::audit(AuditEvent::Requested, &unknown, noon())]).await.unwrap();
    let shown = other_node.export(&account, &own.keys).await.unwrap();
    let kept = other_node.export(&another, &foreign.keys).await.unwrap();
    for (written, rows, account) in [(&own, &shown, &account), (&foreign, &kept, &another)] {
        assert_eq!(ids(&rows.resets), written.resets);
        assert_eq!(rows.senders, std::slice::from_ref(&written.sender));
        assert_eq!((rows.quotas.len(), rows.audit.len()), (written.quotas, written.audit), "{:#?}", rows.audit);
        assert!(rows.audit.iter().all(|row| row.account.as_ref().is_none_or(|of| of == account)));
        assert!(rows.audit.is_sorted_by_key(|row| row.at));
        assert!(rows.resets.is_sorted_by_key(|reset| reset.created_at()));
    }
    store.erase(&account, &own.keys).await.unwrap();
    let left = store.export(&account, &own.keys).await.unwrap();
    let is_empty = left.resets.is_empty() && left.audit.is_empty() && left.senders.is_empty() && left.quotas.is_empty();
    assert!(is_empty, "{left:?}");
    let still = store.export(&another, &foreign.keys).await.unwrap();
    assert_eq!((&still.resets, &still.audit, &still.senders), (&kept.resets, &kept.audit, &kept.senders));
    assert_eq!(still.quotas.len(), kept.quotas.len());
    // By another way than the export: what a purge of all rows finds is what was shown of the other, and the unknown request.
    let late = after(noon(), 400 * 86_400_000);
    let audit = Purge::new(DateTime::UNIX_EPOCH, DateTime::UNIX_EPOCH, late, 999);
    let audit_rows = foreign.audit + 1;
    assert_eq!(store.purge(&audit).await.unwrap(), u64::try_from(audit_rows + still.senders.len()).unwrap());
}
