//! Whom messages address, which account they name, and which device they say.

use std::time::Duration;

use password_reset::flow::AuditEvent;
use password_reset::message::Zone;
use password_reset::secret::RequesterToken;
use password_reset::{
    Account, AccountStatus, Contact, Identifier, Language, NewPassword, Proof, ResetRequest, SeveralAccounts, Stage,
};
use password_reset_testkit::{Fault, Faults, MemoryAccounts, MemoryStore, Sent};

use crate::support::{App, EMAIL, NEW, OLD, ani, cheap_hash, email, site, source};

const PHONE: &str = "+6281200000001";

fn said(sent: &Sent) -> (&'static str, Option<&str>, Option<&str>, Option<&str>) {
    (sent.kind(), sent.name.as_deref(), sent.username.as_deref(), sent.device.as_deref())
}

#[tokio::test]
async fn messages_say_whom_they_address_which_account_is_named_and_which_device_asked() {
    for app in App::both() {
        app.accounts.add_named("ani", ani().with_name("Ani Wulandari").with_username("ani.w"));
        let request = ResetRequest::email_link(email(EMAIL), source()).from_device("Chrome (Android), Surabaya");
        app.reset.request(request).await.unwrap();
        app.worker.run_once().await.unwrap();
        let mail = app.mail.last().unwrap();
        let names = (Some("Ani Wulandari"), Some("ani.w"));
        assert_eq!(said(&mail), ("reset_link", names.0, names.1, Some("Chrome (Android), Surabaya")));
        // What set the password is another device, or none that is known; never the one that asked.
        for (device, noticed) in [(None, None), (Some("Firefox (Linux)"), Some("Firefox (Linux)"))] {
            let request = ResetRequest::email_link(email(EMAIL), source()).from_device("Chrome (Android)");
            app.reset.request(request).await.unwrap();
            app.worker.run_once().await.unwrap();
            let grant = app.verify_link(&app.mail.last().unwrap()).await.unwrap();
            let password = format!("{NEW} {device:?}");
            let new = NewPassword::confirmed(&*password, &*password);
            app.reset.set_password(grant, device.into_iter().fold(new, NewPassword::from_device)).await.unwrap();
            app.worker.run_once().await.unwrap();
            assert_eq!(said(&app.mail.last().unwrap()), ("password_changed", names.0, names.1, noticed));
        }
    }
}

/// A notice about a live reset goes where the code did not, and says on which device it was asked for.
#[tokio::test]
async fn a_notice_of_a_live_reset_says_the_device_that_asked() {
    let app = App::reaching(&[], |builder| builder);
    app.accounts.add_named("ani", ani().with_contact(Contact::phone(PHONE)).with_name("Ani"));
    let number = Identifier::phone(PHONE, None).unwrap();
    let request = ResetRequest::whatsapp_code(number, source()).from_device("Chrome (Android)");
    app.reset.request(request).await.unwrap();
    app.worker.run_once().await.unwrap();
    let device = Some("Chrome (Android)");
    assert_eq!(said(&app.phone.last().unwrap()), ("code", Some("Ani"), None, device));
    assert_eq!(said(&app.mail.last().unwrap()), ("code_requested", Some("Ani"), None, device));
}

/// A stranger who signs up chooses the names, and the requester the device.
#[tokio::test]
async fn what_does_not_look_like_a_name_is_in_no_message() {
    let app = App::new();
    let forged = ani().with_name("Call +62 812, evil.example").with_username("https://evil.example/ani");
    app.accounts.add_named("ani", forged);
    let request =
        ResetRequest::email_link(email(EMAIL), source()).from_device("<a href=\"//evil.example\">\r\nBcc: x\u{202e}");
    app.reset.request(request).await.unwrap();
    app.worker.run_once().await.unwrap();
    assert_eq!(said(&app.mail.last().unwrap()), ("reset_link", None, None, Some("a hrefevilexampleBcc x")));
    app.reset.request(ResetRequest::email_link(email(EMAIL), source()).from_device(&"x".repeat(500))).await.unwrap();
    app.worker.run_once().await.unwrap();
    assert_eq!(app.mail.last().unwrap().device.unwrap().len(), 80);
}

/// A contact that was removed, or is not confirmed yet, may be a stranger's.
#[tokio::test]
async fn contacts_that_are_not_the_owners_learn_no_name() {
    let app = App::new();
    let new = Contact::email("ani@baru.example");
    let named =
        Account::new("7", AccountStatus::Active).with_contact(new.clone()).with_name("Ani").with_username("ani");
    app.accounts.add_named("ani", named.clone());
    app.reset.contacts().changed(named.id(), &[Contact::email(EMAIL)]).await.unwrap();
    app.worker.run_once().await.unwrap();
    assert_eq!(said(&app.mail.last().unwrap()), ("contact_changed", None, None, None));
    let link = password_reset::message::SecretUrl::new(&site(), "confirm", "secret");
    app.reset.contacts().send_confirmation(&named, &new, link, Duration::from_secs(3600)).await.unwrap();
    assert_eq!(said(&app.mail.last().unwrap()), ("confirm_contact", None, None, None));
}

/// Links, codes and notices to an account; what may be a stranger's, and a name that means no zone, get the zone of the site.
#[tokio::test]
async fn messages_state_times_in_the_zone_of_their_account() {
    let berlin = |name: &str| match name {
        "Europe/Berlin" => Some(Zone::changing(|_| ("CET".to_owned(), 60))),
        other => Zone::named(other),
    };
    for (named, zone) in [
        (Some("Asia/Makassar"), Some(Zone::WITA)),
        (Some("Europe/Berlin"), None),
        (Some("Atlantis"), Some(Zone::WIB)),
        (None, Some(Zone::WIB)),
    ] {
        let mut app = App::new();
        let (site, phone) = (site().with_zone(Zone::WIB).with_zones(berlin), app.phone.clone());
        (app.reset, app.worker) = app.rebuilt_as(site, |builder| builder.notifier(phone));
        let ani = named.into_iter().fold(ani().with_contact(Contact::phone(PHONE)), Account::with_zone);
        app.accounts.add_named("ani", ani.clone());
        app.mailed_now().await;
        let grant = app.verify_link(&app.mail.last().unwrap()).await.unwrap();
        app.set(grant, NEW).await.unwrap();
        app.worker.run_once().await.unwrap();
        let number = Identifier::phone(PHONE, None).unwrap();
        app.reset.request(ResetRequest::whatsapp_code(number, source())).await.unwrap();
        app.worker.run_once().await.unwrap();
        let sent: Vec<Sent> = app.mail.delivered().into_iter().chain(app.phone.last()).collect();
        let kinds: Vec<_> = sent.iter().map(Sent::kind).collect();
        assert_eq!(kinds, ["reset_link", "password_changed", "code_requested", "code"]);
        for message in sent {
            let text = message.zone.text(message.at, &Language::english());
            match &zone {
                Some(zone) => assert_eq!(&message.zone, zone, "{}", message.kind()),
                None => assert!(text.ends_with("CET"), "{text}"),
            }
        }
        app.reset.contacts().changed(ani.id(), &[Contact::email("old@toko.example")]).await.unwrap();
        app.worker.run_once().await.unwrap();
        let removed = app.mail.last().unwrap();
        assert_eq!((removed.kind(), removed.zone), ("contact_changed", Zone::WIB));
    }
}

/// A password must not be one's own name.
#[tokio::test]
async fn names_are_words_that_the_password_must_not_be() {
    let account = Account::new("7", AccountStatus::Active).with_name("Wulandari").with_username("gajah");
    assert_eq!(account.context_words(), ["Wulandari", "gajah"]);
    assert_eq!(account.with_name("gajah").context_words(), ["Wulandari", "gajah"], "once");
}

fn twins(count: usize) -> MemoryAccounts {
    let accounts = MemoryAccounts::new();
    for at in 1..=count {
        let (id, name) = (format!("twin-{at:02}"), format!("toko-{at}"));
        let account = Account::new(id, AccountStatus::Active).with_contact(Contact::email("twins@toko.example"));
        accounts.add_named(&name, account.with_hash(cheap_hash(OLD, at)).with_username(&name));
    }
    accounts
}

fn mailing_each(count: usize) -> App {
    App::on(twins(count), MemoryStore::new(), |builder| builder.several_accounts(SeveralAccounts::MailEach))
}

/// The reset that was asked for is the first account's, and all the requester sees.
#[tokio::test]
async fn each_account_on_one_mailbox_gets_a_mail_with_a_link_of_its_own() {
    let app = mailing_each(3);
    let asked = app.ask_for(email("twins@toko.example")).await;
    app.worker.run_once().await.unwrap();
    app.worker.run_once().await.unwrap();
    let mut mails = app.mail.delivered();
    mails.sort_by(|one, other| one.username.cmp(&other.username));
    let accounts: Vec<_> = mails.iter().map(|mail| mail.username.as_deref().unwrap()).collect();
    assert_eq!(accounts, ["toko-1", "toko-2", "toko-3"]);
    assert!(mails.iter().all(|mail| mail.kind() == "reset_link" && mail.to.value() == "twins@toko.example"));
    let codes: Vec<_> = mails.iter().map(|mail| mail.code().is_some()).collect();
    assert_eq!(codes, [true, false, false], "the page that asked shows one reset");
    // The second account's link sets its password, leaves the others as they are, and shows nothing to the requester.
    let grant = app.verify_link(&mails[1]).await.unwrap();
    assert_eq!(grant.account().as_str(), "twin-02");
    app.set(grant, NEW).await.unwrap();
    assert_eq!(app.reset.status(&asked.requester_token).await.unwrap().unwrap().stage, Stage::Waiting);
    app.verify_link(&mails[1]).await.unwrap_err();
    let code = password_reset::secret::Code::parse(mails[0].code().unwrap()).unwrap();
    let requester_token = RequesterToken::parse(asked.requester_token.expose()).unwrap();
    let grant = app.reset.verify(Proof::Code { requester_token, code }).await.unwrap();
    assert_eq!(grant.account().as_str(), "twin-01");
    assert_eq!(app.verify_link(&mails[2]).await.unwrap().account().as_str(), "twin-03");
    assert!(app.details(AuditEvent::Suppressed).is_empty());
}

/// Each mail takes a permit of its own account, so a stranger gets no more of them by asking again.
#[tokio::test]
async fn mails_of_each_are_capped_for_each_account() {
    let app = mailing_each(2);
    for minute in 0..40 {
        let from = std::net::IpAddr::from([198, 51, 100, minute]);
        app.reset.request(ResetRequest::email_link(email("twins@toko.example"), from)).await.unwrap();
        app.worker.run_once().await.unwrap();
        app.worker.run_once().await.unwrap();
        app.later(1);
    }
    let of = |name: &str| app.mail.delivered().iter().filter(|mail| mail.username.as_deref() == Some(name)).count();
    assert_eq!(of("toko-1"), of("toko-2"));
    assert!((1..10).contains(&of("toko-1")), "{}", of("toko-1"));
}

/// By either setting: only a shared mailbox brings mails, only a mail is sent for it, and only to ten accounts at the most.
#[tokio::test]
async fn more_accounts_than_ten_and_other_methods_get_nothing() {
    for (several, mails) in [(SeveralAccounts::MailEach, 10), (SeveralAccounts::MailList, 1)] {
        let app = |accounts: MemoryAccounts| {
            let own = [Contact::email(EMAIL)];
            App::reaching_on(accounts, MemoryStore::new(), &own, |builder| builder.several_accounts(several))
        };
        let mailbox = || email("twins@toko.example");
        let ten = app(twins(10));
        ten.mailed_for(mailbox()).await;
        ten.worker.run_once().await.unwrap();
        assert_eq!(ten.mail.delivered().len(), mails, "{several:?}");

        let eleven = app(twins(11));
        eleven.mailed_for(mailbox()).await;
        assert_eq!(eleven.details(AuditEvent::Suppressed), ["ambiguous"], "{several:?}");
        assert!(eleven.mail.tried().is_empty());
        eleven.mailed_for(Identifier::username("toko-7").unwrap()).await;
        assert_eq!(eleven.mail.last().unwrap().kind(), "reset_link", "the owner can name the account");

        // Two accounts that share a mailbox, a number and a username.
        let shared = || Identifier::username("toko").unwrap();
        let number = || Identifier::phone(PHONE, None).unwrap();
        for request in [
            ResetRequest::whatsapp_code(number(), source()),
            ResetRequest::whatsapp_code(mailbox(), source()),
            ResetRequest::email_link(shared(), source()),
            ResetRequest::email_link(number(), source()),
        ] {
            let what = format!("{several:?} {request:?}");
            let accounts = MemoryAccounts::new();
            for id in ["twin-01", "twin-02"] {
                let account = Account::new(id, AccountStatus::Active).with_hash(cheap_hash(OLD, 1));
                let mailbox = Contact::email("twins@toko.example");
                accounts.add_named("toko", account.with_contact(mailbox).with_contact(Contact::phone(PHONE)));
            }
            let app = app(accounts);
            app.reset.request(request).await.unwrap();
            for _ in 0..2 {
                app.worker.run_once().await.unwrap();
            }
            assert_eq!(app.details(AuditEvent::Suppressed), ["ambiguous"], "{what}");
            assert!(app.mail.tried().is_empty() && app.phone.tried().is_empty(), "{what}");
        }
    }
}

/// A worker that dies between the other rows and its own finds them, and sends none twice.
#[tokio::test]
async fn a_crash_between_the_rows_sends_no_mail_twice_and_loses_none() {
    let each = |builder: password_reset::Builder| builder.several_accounts(SeveralAccounts::MailEach);
    let mut failures = 0;
    for (fault, what) in [(Fault::FailBefore, "before"), (Fault::FailAfter, "after")] {
        for call in 1.. {
            let app = mailing_each(3);
            app.ask_for(email("twins@toko.example")).await;
            let faults = Faults::at(call, fault.clone());
            let (_, worker) = crate::faults::faulty_with(&app, &faults, each);
            let _failed = worker.run_once().await;
            if !faults.struck() {
                break;
            }
            failures += 1;
            // A node that knows the setting goes on.
            for _ in 0..6 {
                app.later(4);
                app.worker.run_once().await.unwrap();
            }
            let mut mails: Vec<_> = app.mail.delivered().into_iter().map(|mail| (mail.username, mail.id)).collect();
            mails.sort();
            mails.dedup();
            let names: Vec<_> = mails.iter().map(|(name, _)| name.as_deref().unwrap()).collect();
            assert_eq!(names, ["toko-1", "toko-2", "toko-3"], "call {call} failed {what}: {:?}", faults.calls());
        }
    }
    assert!(failures > 20, "{failures} calls failed");
}
