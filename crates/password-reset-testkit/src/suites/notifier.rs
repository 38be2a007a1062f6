//! Sending.

use std::sync::Arc;

use password_reset::ports::Delivery;
use password_reset::{Contact, ContactKind};

use super::{NotifierFixture, all_at_once};
use crate::sample;

/// A message that was taken arrives, at the one recipient it is for and at no other.
pub async fn a_message_arrives_at_its_one_recipient(fixture: &impl NotifierFixture) {
    let notifier = fixture.notifier();
    for number in [0, 1] {
        let to = fixture.contact(number);
        assert_eq!(to.kind(), notifier.reaches(), "the fixture must give contacts that the notifier reaches");
        let delivery = notifier.deliver(&sample::link_message(to)).await;
        assert!(matches!(delivery, Delivery::Delivered), "{delivery:?}");
    }
    let mut arrived = fixture.arrived().await;
    arrived.sort();
    let mut expected = vec![fixture.contact(0), fixture.contact(1)];
    expected.sort();
    assert!(arrived == expected, "{} messages arrived, or not where they should", arrived.len());
}

/// Every kind of message is taken.
pub async fn every_kind_of_message_is_delivered(fixture: &impl NotifierFixture) {
    let notifier = fixture.notifier();
    for message in [sample::link_message(fixture.contact(0)), sample::notice_message(fixture.contact(0))] {
        let delivery = notifier.deliver(&message).await;
        assert!(matches!(delivery, Delivery::Delivered), "{delivery:?}");
    }
    assert_eq!(fixture.arrived().await.len(), 2);
}

/// After a crash the same message comes again: it is taken again, and arrives at the same recipient once or twice.
pub async fn a_message_may_come_again(fixture: &impl NotifierFixture) {
    let notifier = fixture.notifier();
    let message = sample::link_message(fixture.contact(0));
    for _ in 0..2 {
        let delivery = notifier.deliver(&message).await;
        assert!(matches!(delivery, Delivery::Delivered), "{delivery:?}");
    }
    let arrived = fixture.arrived().await;
    assert!((1..=2).contains(&arrived.len()));
    assert!(arrived.iter().all(|to| *to == fixture.contact(0)));
}

/// A contact that the notifier does not reach is never reached; waiting would not help.
pub async fn a_contact_of_another_kind_is_never_reached(fixture: &impl NotifierFixture) {
    let notifier = fixture.notifier();
    let to = match notifier.reaches() {
        ContactKind::Email => Contact::phone(sample::phone()),
        _ => Contact::email(sample::email()),
    };
    let value = to.value().to_owned();
    match notifier.deliver(&sample::link_message(to)).await {
        Delivery::Never { why } => assert!(!why.contains(&value), "the reason must not hold the address"),
        other => panic!("a contact of another kind must be answered with Never, not {other:?}"),
    }
    assert!(fixture.arrived().await.is_empty());
}

/// Sixteen messages at once, each to another recipient: each arrives, once, where it should.
pub async fn many_messages_at_once_all_arrive(fixture: &impl NotifierFixture) {
    let contacts: Arc<Vec<Contact>> = Arc::new((0..16).map(|number| fixture.contact(number)).collect());
    let results = all_at_once(16, |number| {
        let (notifier, contacts) = (fixture.notifier(), Arc::clone(&contacts));
        async move { notifier.deliver(&sample::link_message(contacts[number].clone())).await }
    })
    .await;
    assert!(results.iter().all(|delivery| matches!(delivery, Delivery::Delivered)));
    let mut arrived = fixture.arrived().await;
    arrived.sort();
    let mut expected = contacts.to_vec();
    expected.sort();
    assert!(arrived == expected, "{} of 16 messages arrived, or not where they should", arrived.len());
}
