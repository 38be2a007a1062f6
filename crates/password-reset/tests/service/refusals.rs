//! What the operator and administrators learn of messages that were refused, at once or by a bounce.

use password_reset::admin::DeliveryOutcome;
use password_reset::flow::AuditEvent;
use password_reset::inbound::DeliveryReport;
use password_reset::{Account, AccountStatus, Contact, ResetId};
use password_reset_testkit::Log;
use tracing::Level;

use crate::support::{App, EMAIL, NEW, cheap_hash, id};

/// The lines of this service in the log so far.
pub(crate) fn lines(log: &Log) -> Vec<String> {
    log.text().lines().filter(|line| line.contains("password_reset")).map(str::to_owned).collect()
}

pub(crate) fn listening() -> (Log, tracing::subscriber::DefaultGuard) {
    Log::of_this_thread(Level::DEBUG)
}

async fn last(app: &App) -> (DeliveryOutcome, Option<String>) {
    let last = app.reset.admin().deliveries(&id()).await.unwrap().remove(0);
    assert_eq!(last.contact.value(), EMAIL);
    (last.outcome, last.why)
}

#[tokio::test]
async fn every_outcome_is_in_the_log_the_trail_and_the_list_of_administrators_with_its_code() {
    type Queue = fn(&App);
    let cases: [(Queue, &str, &str, DeliveryOutcome, Option<&str>); 5] = [
        (|app| app.mail.deliver_next(), "DEBUG", "message accepted", DeliveryOutcome::Taken, None),
        (
            |app| app.mail.no_such_contact("550 5.1.1"),
            "WARN",
            "no such email address",
            DeliveryOutcome::NoSuchContact,
            Some("550 5.1.1"),
        ),
        (
            |app| app.mail.never("552 5.2.2"),
            "ERROR",
            "rejected permanently",
            DeliveryOutcome::Refused,
            Some("552 5.2.2"),
        ),
        (|app| app.mail.later(None), "WARN", "message not sent, will retry", DeliveryOutcome::Delayed, None),
        (
            |app| app.mail.later_until_corrected("550 5.4.5"),
            "ERROR",
            "fix the notifier",
            DeliveryOutcome::Delayed,
            Some("550 5.4.5"),
        ),
    ];
    for (queue, level, words, outcome, code) in cases {
        let (log, _guard) = listening();
        let app = App::new();
        queue(&app);
        app.mailed_now().await;
        let lines: Vec<String> = lines(&log).into_iter().filter(|line| line.contains(words)).collect();
        assert_eq!(lines.len(), 1, "{words}: {lines:?}");
        assert!(lines[0].contains(level) && code.is_none_or(|code| lines[0].contains(code)), "{}", lines[0]);
        assert!(!lines[0].contains("toko.example"), "{}", lines[0]);
        assert_eq!(last(&app).await, (outcome, code.map(str::to_owned)));
    }
}

/// A reason that comes only later stands there as well, and so does the end.
#[tokio::test]
async fn a_refusal_that_lasts_is_on_record_with_its_newest_reason_and_its_end_is_an_error() {
    let (log, _guard) = listening();
    let app = App::new();
    app.mail.later(None);
    for _ in 0..40 {
        app.mail.later_until_corrected("550 5.7.1");
    }
    app.ask().await;
    for _ in 0..40 {
        app.worker.run_once().await.unwrap();
        app.later(1);
    }
    assert_eq!(last(&app).await, (DeliveryOutcome::GivenUp, Some("550 5.7.1".to_owned())));
    let ends: Vec<String> = lines(&log).into_iter().filter(|line| line.contains("it expired first")).collect();
    assert!(ends.len() == 1 && ends[0].contains("ERROR"), "{ends:?}");
    assert_eq!(app.details(AuditEvent::SendFailed), ["expired 550 5.7.1"]);
}

#[tokio::test]
async fn different_recipients_refused_in_a_row_raise_an_alarm() {
    let (log, _guard) = listening();
    let app = App::new();
    for at in 0..4 {
        let address = format!("user{at}@toko.example");
        let account =
            Account::new(format!("1{at}"), AccountStatus::Active).with_hash(cheap_hash(crate::support::OLD, 1));
        app.accounts.add_named(format!("user{at}"), account.with_contact(Contact::email(address)));
    }
    let ask = async |at: usize| {
        app.mailed_for(crate::support::email(&format!("user{at}@toko.example"))).await;
    };
    let alarms = || lines(&log).into_iter().filter(|line| line.contains("password_reset::alert")).collect::<Vec<_>>();
    for (at, refused) in [(0, true), (0, true), (1, true), (2, false), (0, true), (1, true)] {
        if refused {
            app.mail.no_such_contact("550 5.1.1");
        }
        ask(at).await;
        assert!(alarms().is_empty(), "the same recipient again, or an accepted message between: {:?}", alarms());
    }
    // A transport that is away says nothing of recipients.
    app.mail.later(None);
    ask(2).await;
    assert!(alarms().is_empty(), "{:?}", alarms());
    app.mail.later_until_corrected("550");
    ask(3).await;
    assert_eq!(alarms().len(), 1, "the third in a row");
    assert!(alarms()[0].contains("ERROR") && alarms()[0].contains("this service"), "{:?}", alarms());
    assert!(!alarms()[0].contains("toko.example"), "{:?}", alarms());
}

fn half(id: &str) -> [u8; 16] {
    u128::from_str_radix(&id[..32], 16).unwrap().to_be_bytes()
}

const GONE: &str = "5.1.1";

fn gone() -> DeliveryReport {
    DeliveryReport::NoSuchContact { why: GONE.to_owned() }
}

#[tokio::test]
async fn a_bounce_counts_for_the_contact_that_its_message_went_to() {
    let app = App::new();
    let (_, mail) = app.mailed().await;
    let reset = app.store.resets().unwrap()[0].id();
    app.reset.reports().bounce(reset, half(&mail.id), gone()).await.unwrap();
    app.reset.reports().bounce(reset, half(&mail.id), gone()).await.unwrap();
    assert_eq!(last(&app).await, (DeliveryOutcome::NoSuchContact, Some(GONE.to_owned())));
    assert_eq!(app.details(AuditEvent::NoSuchContact), [GONE], "said again, it changes nothing");
    // The notice about the new password comes back as well.
    let grant = app.verify_link(&mail).await.unwrap();
    app.set(grant, NEW).await.unwrap();
    app.worker.run_once().await.unwrap();
    assert_eq!(last(&app).await.0, DeliveryOutcome::Taken);
    let notice = app.mail.last().unwrap();
    assert_eq!(notice.kind(), "password_changed");
    app.reset.reports().bounce(reset, half(&notice.id), gone()).await.unwrap();
    assert_eq!(last(&app).await, (DeliveryOutcome::NoSuchContact, Some(GONE.to_owned())));
}

/// I4: the requester knows the id of the reset, and anyone can send mail to the address that bounces go to.
#[tokio::test]
async fn a_bounce_that_an_attacker_made_up_changes_nothing() {
    let app = App::new();
    let (_, mail) = app.mailed().await;
    let (_, other) = app.mailed().await;
    let resets: Vec<ResetId> = app.store.resets().unwrap().iter().map(|reset| reset.id()).collect();
    for reset in &resets {
        for made_up in [[0; 16], [0xff; 16], *reset.as_bytes()] {
            app.reset.reports().bounce(*reset, made_up, gone()).await.unwrap();
        }
    }
    // The id of another reset's message is none of this one's.
    let own = app.store.resets().unwrap().iter().map(|reset| reset.id()).max().unwrap();
    let foreign = if resets[0] == own { &other.id } else { &mail.id };
    app.reset.reports().bounce(ResetId::from_bytes([9; 16]), half(foreign), gone()).await.unwrap();
    assert_eq!(last(&app).await.0, DeliveryOutcome::Taken);
    assert!(app.details(AuditEvent::NoSuchContact).is_empty());
}

#[tokio::test]
async fn each_new_reason_of_a_bounce_is_on_record_and_only_a_bounce_is_a_warning() {
    let app = App::new();
    let (_, mail) = app.mailed().await;
    let reset = app.store.resets().unwrap()[0].id();
    assert_eq!(mail.to.value(), EMAIL);
    let (log, _guard) = listening();
    let report = async |report: DeliveryReport| app.reset.reports().delivery(reset, report).await.unwrap();
    let bounces = || lines(&log).iter().filter(|line| line.contains("message bounced")).count();
    report(DeliveryReport::Delivered).await;
    assert_eq!(bounces(), 0);
    for why in ["4.2.2", "5.2.1", "5.2.1", "4.2.2"] {
        report(DeliveryReport::Failed { why: why.to_owned() }).await;
    }
    assert_eq!(app.details(AuditEvent::SendFailed), ["4.2.2", "5.2.1"], "each once");
    assert_eq!(bounces(), 2);
}
