#![allow(clippy::unwrap_used, reason = "test code")]

use std::collections::BTreeSet;

use super::*;

fn row(event: AuditEvent, why: &str) -> AuditRow {
    AuditRow::new(DateTime::UNIX_EPOCH, event).detail(why)
}

#[test]
fn each_reason_to_send_nothing_has_words_of_its_own() {
    let reasons = ["disabled", "no_contact", "locked", "capped"];
    let mut words = BTreeSet::new();
    for language in [Language::english(), Language::indonesian()] {
        for why in reasons {
            let said = NotSent::newest(&[row(AuditEvent::Suppressed, why)]).unwrap().words(&language);
            assert!(said.split(' ').count() > 4, "{said}");
            words.insert(said);
        }
    }
    assert_eq!(words.len(), reasons.len().saturating_mul(2));
    assert!(NotSent::newest(&[row(AuditEvent::Suppressed, "unknown")]).is_none(), "no account, nothing to tell");
    assert!(NotSent::newest(&[row(AuditEvent::Issued, ""), row(AuditEvent::Suppressed, "capped")]).is_none());
}

#[test]
fn what_was_refused_given_up_and_put_off_are_told_apart() {
    let of = |event, why: &str| {
        let last = LastDelivery::new(&Contact::email("ani@toko.example"), &row(event, why)).unwrap();
        (last.outcome, last.words(&Language::english()))
    };
    let refused = of(AuditEvent::NoticeFailed, "no known reason");
    let given_up = of(AuditEvent::NoticeFailed, GAVE_UP);
    let delayed = of(AuditEvent::SendDelayed, "no known reason");
    assert_eq!(
        [refused.0, given_up.0, delayed.0],
        [DeliveryOutcome::Refused, DeliveryOutcome::GivenUp, DeliveryOutcome::Delayed]
    );
    assert_eq!(BTreeSet::from([&refused.1, &given_up.1, &delayed.1]).len(), 3);
    let unknown_address = of(AuditEvent::NoSuchContact, "no known reason").1;
    assert_eq!(of(AuditEvent::SendFailed, "550 5.1.6").1, unknown_address, "any fault of the address, by its code");
}
