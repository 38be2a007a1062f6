//! Resets that administrators start.

use std::time::Duration;

use password_reset::admin::{AdminRequest, AdminRequestError};
use password_reset::flow::{AuditEvent, State};
use password_reset::ports::{AdminDecision, Decision, RiskPolicy};
use password_reset::{Account, AccountId, AccountStatus, Channel, Contact, Locale, ProofKind};
use password_reset_testkit::MemoryStore;

use crate::support::{App, EMAIL, NEW, OLD, cancel, cheap_hash, deciding, id, source, start, wrong};

fn tenant_and_rank(id: &AccountId) -> (String, u8) {
    let mut parts = id.as_str().split('/');
    let tenant = parts.next().unwrap_or_default().to_owned();
    let rank = match parts.next() {
        Some("owner") => 3,
        Some("admin") => 2,
        _ => 1,
    };
    (tenant, rank)
}

/// Roles and tenants as an application might have them: `tenant/role/name`.
fn roles() -> impl RiskPolicy {
    deciding(
        |_| Decision::Allow,
        |asking| {
            let (tenant, rank) = tenant_and_rank(&asking.actor);
            let (targets, target_rank) = tenant_and_rank(asking.target.id());
            let fresh = asking.authenticated_at.is_some_and(|at| asking.at - at <= chrono::TimeDelta::minutes(5));
            let admitted = rank >= 2 && rank > target_rank && tenant == targets && fresh && !asking.reason.is_empty();
            if admitted { AdminDecision::Allow } else { AdminDecision::Deny }
        },
    )
}

fn app() -> App {
    filled(App::with(MemoryStore::new(), |builder| builder.risk_policy(roles())))
}

fn app_with_phones() -> App {
    filled(App::reaching(&[Contact::email(EMAIL)], |builder| builder.risk_policy(roles())))
}

fn filled(app: App) -> App {
    for id in ["a/user/ani", "a/admin/budi", "a/owner/citra", "b/user/dewi"] {
        let contact = Contact::email(format!("{}@toko.example", id.replace('/', ".")));
        app.accounts.add(Account::new(id, AccountStatus::Active).with_contact(contact).with_hash(cheap_hash(OLD, 1)));
    }
    app
}

fn asks(actor: &str, target: &str) -> AdminRequest {
    AdminRequest::new(actor, target, "ticket 4711", source()).authenticated_at(start())
}

const ADMIN: &str = "a/admin/budi";
const USER: &str = "a/user/ani";

/// No administrator acts on an equal or higher role, on another tenant, or without a role.
#[tokio::test]
async fn the_risk_policy_says_who_may_act_on_whom() {
    let ids = ["a/user/ani", "a/admin/budi", "a/owner/citra", "b/user/dewi", "b/admin/eko"];
    let allowed = [
        ("a/admin/budi", "a/user/ani"),
        ("a/owner/citra", "a/user/ani"),
        ("a/owner/citra", "a/admin/budi"),
        ("b/admin/eko", "b/user/dewi"),
    ];
    for actor in ids {
        for target in ids {
            let app = app();
            let outcome = app.reset.admin().request(asks(actor, target)).await;
            app.worker.run_once().await.unwrap();
            let sent: Vec<_> = app.mail.delivered().into_iter().map(|sent| sent.to.value().to_owned()).collect();
            if allowed.contains(&(actor, target)) {
                outcome.unwrap();
                assert_eq!(sent, [format!("{}@toko.example", target.replace('/', "."))], "{actor} on {target}");
            } else {
                assert!(matches!(outcome, Err(AdminRequestError::Denied)), "{actor} on {target}: {outcome:?}");
                assert!(sent.is_empty() && app.store.resets().unwrap().is_empty(), "{actor} on {target}");
            }
        }
    }
}

#[tokio::test]
async fn without_a_risk_policy_no_administrator_starts_anything() {
    let app = App::new();
    let outcome = app.reset.admin().request(asks(ADMIN, "7")).await;
    assert!(matches!(outcome, Err(AdminRequestError::Denied)));
    assert!(app.store.resets().unwrap().is_empty());
    let row = app.store.trail().pop().unwrap();
    assert_eq!((row.event, row.detail.as_deref()), (AuditEvent::AdminRefused, Some("denied")));
    assert_eq!((row.actor, row.account), (Some(AccountId::new(ADMIN)), Some(id())));
}

#[tokio::test]
async fn the_risk_policy_can_ask_for_a_login_that_is_recent() {
    let app = app();
    let stale = AdminRequest::new(ADMIN, USER, "ticket 4711", source());
    assert!(matches!(app.reset.admin().request(stale).await, Err(AdminRequestError::Denied)));
    app.later(6);
    assert!(matches!(app.reset.admin().request(asks(ADMIN, USER)).await, Err(AdminRequestError::Denied)));
    let again = asks(ADMIN, USER).authenticated_at(app.clock_now());
    app.reset.admin().request(again).await.unwrap();
}

#[tokio::test]
async fn the_link_alone_opens_it_and_everything_is_on_record() {
    let app = app();
    app.reset.admin().request(asks(ADMIN, USER)).await.unwrap();
    assert!(app.signs_in_with(OLD));
    app.worker.run_once().await.unwrap();
    let mail = app.mail.last().unwrap();
    assert_eq!((mail.kind(), mail.code(), mail.cancel().is_some()), ("admin_link", None, true));
    let grant = app.verify_link(&mail).await.unwrap();
    assert_eq!((grant.account().as_str(), grant.proved_by()), (USER, ProofKind::Link));
    app.set(grant, NEW).await.unwrap();
    app.worker.run_once().await.unwrap();
    let history = app.reset.admin().history(&AccountId::new(USER), 100).await.unwrap();
    let asked = history.last().unwrap();
    assert_eq!((asked.event, asked.detail.as_deref()), (AuditEvent::Requested, Some("ticket 4711")));
    assert_eq!((asked.actor.as_ref(), asked.channel), (Some(&AccountId::new(ADMIN)), Some(Channel::AdminLink)));
    assert!(history.iter().any(|row| row.event == AuditEvent::PasswordSet), "the result");
    let notice = app.mail.last().unwrap();
    assert_eq!((notice.kind(), notice.channel), ("password_changed", Some(Channel::AdminLink)));
}

#[tokio::test]
async fn every_other_contact_is_notified_and_can_cancel() {
    let app = app_with_phones();
    let id = AccountId::new(USER);
    assert!(app.accounts.update(&id, |account| {
        account
            .with_contact(Contact::email("second@toko.example"))
            .with_contact(Contact::phone("+6281200000001"))
            .with_locale(Locale::INDONESIAN)
    }));
    app.reset.admin().request(asks(ADMIN, USER)).await.unwrap();
    app.worker.run_once().await.unwrap();
    let mails = app.mail.delivered();
    let kinds: Vec<_> = mails.iter().map(|sent| (sent.kind(), sent.to.value(), sent.locale)).collect();
    assert_eq!(
        kinds,
        [
            ("admin_link", "a.user.ani@toko.example", Locale::INDONESIAN),
            ("admin_requested", "second@toko.example", Locale::INDONESIAN),
        ]
    );
    assert_eq!(app.phone.last().unwrap().kind(), "admin_requested");
    app.reset.cancel(&cancel(&app.phone.last().unwrap())).await.unwrap();
    assert!(app.verify_link(&mails[0]).await.is_err());
    app.worker.run_once().await.unwrap();
    let notified: Vec<_> = app.mail.delivered().into_iter().skip(2).map(|sent| (sent.kind(), sent.to)).collect();
    assert_eq!(
        notified,
        [
            ("reset_cancelled", Contact::email("a.user.ani@toko.example")),
            ("reset_cancelled", Contact::email("second@toko.example")),
        ]
    );
    assert_eq!(app.phone.last().unwrap().kind(), "reset_cancelled");
    app.later(10);
    app.worker.run_once().await.unwrap();
    assert_eq!(app.mail.delivered().len(), 4, "once");
    assert!(app.store.resets().unwrap().iter().all(|reset| reset.tasks().is_empty()));
}

#[tokio::test]
async fn it_takes_no_message_of_the_owner_and_has_a_budget_of_its_own() {
    let app = App::with(MemoryStore::new(), |builder| builder.risk_policy(roles()));
    assert!(app.accounts.remove(&id()));
    let ani =
        Account::new(USER, AccountStatus::Active).with_contact(Contact::email(EMAIL)).with_hash(cheap_hash(OLD, 1));
    app.accounts.add_named("ani", ani);
    for _ in 0..3 {
        app.reset.admin().request(asks(ADMIN, USER)).await.unwrap();
    }
    let outcome = app.reset.admin().request(asks("a/owner/citra", USER)).await;
    let Err(AdminRequestError::TooMany { retry_after }) = outcome else { panic!("{outcome:?}") };
    assert_eq!(retry_after, Duration::from_secs(3600));
    for _ in 0..3 {
        app.mailed_now().await;
    }
    assert_eq!(app.details(AuditEvent::AdminRefused), ["capped"]);
    let kinds: Vec<_> = app.mail.delivered().iter().map(password_reset_testkit::Sent::kind).collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == "reset_link").count(), 3, "the owner has all their messages");
}

#[tokio::test]
async fn what_cannot_be_reset_is_said_to_those_who_may_ask() {
    let app = app();
    let id = AccountId::new(USER);
    for reason in ["", "  ", "line\nbreak", &"x".repeat(201)] {
        let request = AdminRequest::new(ADMIN, USER, reason, source()).authenticated_at(start());
        assert!(matches!(app.reset.admin().request(request).await, Err(AdminRequestError::BadReason)), "{reason:?}");
    }
    assert!(app.accounts.set_standing(&id, AccountStatus::Disabled));
    assert!(matches!(app.reset.admin().request(asks(ADMIN, USER)).await, Err(AdminRequestError::Disabled)));
    app.accounts.add(Account::new(USER, AccountStatus::Active).with_contact(Contact::phone("+6281200000001")));
    assert!(matches!(app.reset.admin().request(asks(ADMIN, USER)).await, Err(AdminRequestError::NoContact)));
    assert_eq!(app.details(AuditEvent::AdminRefused), ["disabled", "no_contact"]);
    assert!(app.store.resets().unwrap().is_empty());
}

/// I8: it is a reset like any other.
#[tokio::test]
async fn a_change_of_the_account_ends_it() {
    let app = app();
    app.reset.admin().request(asks(ADMIN, USER)).await.unwrap();
    app.worker.run_once().await.unwrap();
    let mail = app.mail.last().unwrap();
    let more = |account: Account| account.with_contact(Contact::email("new@toko.example"));
    assert!(app.accounts.update(&AccountId::new(USER), more));
    assert!(app.verify_link(&mail).await.is_err());
    assert!(matches!(app.store.resets().unwrap()[0].state(), State::Closed(_)));
}

#[tokio::test]
async fn the_notice_of_a_change_says_how_and_from_where_and_carries_nothing_that_a_browser_smuggles_in() {
    for app in App::both() {
        let (requester_token, mail) = app.mailed().await;
        app.verify_code(&requester_token, &wrong(mail.code().unwrap())).await.unwrap_err();
        let grant = app.verify_link(&mail).await.unwrap();
        let words = "Firefox (Android), Surabaya https://evil.example/<b>\u{202e}";
        let new = password_reset::NewPassword::confirmed(NEW, NEW).from_device(words);
        app.reset.set_password(grant, new).await.unwrap();
        app.worker.run_once().await.unwrap();
        let notice = app.mail.last().unwrap();
        assert_eq!((notice.kind(), notice.channel), ("password_changed", Some(Channel::EmailLink)));
        assert_eq!(notice.device.as_deref(), Some("Firefox (Android), Surabaya httpsevilexampleb"));
    }
}

/// A mailbox that does not exist is no use to anybody, and a number is worth no less: the link goes there.
#[tokio::test]
async fn the_link_goes_to_the_phone_where_no_mailbox_gets_it() {
    for has_mailbox in [true, false] {
        let app = app_with_phones();
        let mailbox = has_mailbox.then(|| Contact::email(EMAIL));
        let account = Account::new(USER, AccountStatus::Active).with_hash(cheap_hash(OLD, 1));
        let account = account.with_contact(Contact::phone("+6281200000001"));
        app.accounts.add_named("ani", mailbox.into_iter().fold(account, Account::with_contact));
        if has_mailbox {
            app.mail.no_such_contact("550 5.1.1");
            app.reset.admin().request(asks(ADMIN, USER)).await.unwrap();
            app.worker.run_once().await.unwrap();
            assert_eq!(app.phone.last().unwrap().kind(), "admin_requested", "nothing was known of the mailbox");
        }
        app.reset.admin().request(asks(ADMIN, USER)).await.unwrap();
        // The notice to the mailbox is refused like the link before it.
        app.mail.no_such_contact("550 5.1.1");
        // However late the provider takes it: it is a link, and no code that is over after ten minutes.
        app.phone.later(None);
        app.worker.run_once().await.unwrap();
        app.later(15);
        app.worker.run_once().await.unwrap();
        let sent = app.phone.last().unwrap();
        assert_eq!((sent.kind(), sent.code()), ("admin_link", None), "{has_mailbox}");
        let grant = app.verify_link(&sent).await.unwrap();
        app.set(grant, NEW).await.unwrap();
    }
}
