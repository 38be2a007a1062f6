//! What administrators and the application's own code read: from where a reset was asked for, what is offered, and what an error
//! means over HTTP.

use std::net::IpAddr;
use std::time::Duration;

use chrono::DateTime;
use password_reset::admin::AdminRequestError;
use password_reset::contacts::ConfirmationError;
use password_reset::flow::AuditEvent;
use password_reset::hashing::PoolError;
use password_reset::ports::HashError;
use password_reset::{Channel, Inbound, PortError};
use password_reset::{InboundMode, Limits};
use password_reset_testkit::MemoryStore;

use crate::support::{App, source};

#[tokio::test]
async fn a_row_of_the_trail_says_whether_it_is_of_an_address() {
    let app = App::new();
    app.mailed().await;
    let rows = app.reset.operations().audit(DateTime::UNIX_EPOCH, None, 10).await.unwrap();
    let asked = rows.iter().find(|entry| entry.row.event == AuditEvent::Requested).unwrap();
    let other: IpAddr = "198.51.100.1".parse().unwrap();
    assert!(app.reset.admin().is_from(&asked.row, source()));
    assert!(!app.reset.admin().is_from(&asked.row, other));
}

#[tokio::test]
async fn only_what_is_set_up_is_offered() {
    let channels = [
        Channel::EmailLink,
        Channel::AdminLink,
        Channel::WhatsAppCode,
        Channel::WhatsAppInbound(InboundMode::PageAdvances),
        Channel::WhatsAppInbound(InboundMode::TypeBack),
        Channel::WhatsAppInbound(InboundMode::ContinueOnPhone),
        Channel::CurrentPassword,
    ];
    let offered = |app: &App| channels.map(|channel| app.reset.offers(channel));
    let mail = App::new();
    assert_eq!(offered(&mail), [true, true, false, false, false, false, true]);
    let inbound = Inbound::page_advances("+6281100000000").unwrap();
    let both = App::reaching(&[], |builder| builder.inbound(inbound));
    assert_eq!(offered(&both), [true, true, true, true, false, false, true], "one mode alone");
}

#[tokio::test]
async fn a_source_that_cannot_pass_a_challenge_waits_for_its_next_request() {
    let app = App::with(MemoryStore::new(), |builder| {
        builder.limits(Limits::default().requests_per_source(20).challenge_from(Some(5)))
    });
    assert_eq!(app.reset.without_challenge_after(), Some(Duration::from_secs(3 * 60)), "twenty an hour");
    assert_eq!(App::new().reset.without_challenge_after(), None, "no request needs a challenge");
}

#[test]
fn each_error_has_the_status_of_its_kind() {
    let soon = Duration::from_secs(3);
    let (away, broken) = (|| PortError::transient("away"), || PortError::permanent("broken"));
    let of_pool = |error: PoolError| (error.status(), error.retry_after().is_some());
    assert_eq!(of_pool(PoolError::Busy { retry_after: soon }), (503, true));
    assert_eq!(of_pool(PoolError::WorkerLost), (503, true));
    assert_eq!(of_pool(PoolError::Hash(HashError::Failed)), (500, false));

    let of_confirmation = |error: ConfirmationError| (error.status(), error.retry_after().is_some());
    assert_eq!(of_confirmation(ConfirmationError::ChannelOff), (400, false));
    assert_eq!(of_confirmation(ConfirmationError::TooMany { retry_after: soon }), (429, true));
    assert_eq!(of_confirmation(ConfirmationError::Unavailable(away())), (503, true));
    assert_eq!(of_confirmation(ConfirmationError::Unavailable(broken())), (500, false));

    let of_admin = |error: AdminRequestError| (error.status(), error.retry_after().is_some());
    assert_eq!(of_admin(AdminRequestError::ChannelOff), (400, false));
    assert_eq!(of_admin(AdminRequestError::Denied), (403, false));
    for to_correct in [AdminRequestError::BadReason, AdminRequestError::Disabled, AdminRequestError::NoContact] {
        assert_eq!(of_admin(to_correct), (422, false));
    }
    assert_eq!(of_admin(AdminRequestError::TooMany { retry_after: soon }), (429, true));
    assert_eq!(of_admin(AdminRequestError::Unavailable(away())), (503, true));
}
