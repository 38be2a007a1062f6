//! One mail that lists the accounts of a mailbox.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use password_reset::flow::AuditEvent;
use password_reset::secret::LinkToken;
use password_reset::{
    Account, AccountId, AccountStatus, Builder, Contact, Grant, Identifier, Proof, ResetRequest, SeveralAccounts,
    Stage, VerifyError,
};
use password_reset_testkit::{Fault, Faults, MemoryAccounts, MemoryStore, Sent};

use crate::support::{App, NEW, OLD, cheap_hash, email, source};

const TWINS: &str = "twins@toko.example";

fn twins(count: usize) -> MemoryAccounts {
    let accounts = MemoryAccounts::new();
    for at in 1..=count {
        let (id, name) = (format!("twin-{at:02}"), format!("toko-{at}"));
        // Stored as it was once typed: one mailbox, and not the same bytes.
        let address = if at == 2 { "Twins@Toko.example" } else { TWINS };
        let account = Account::new(id, AccountStatus::Active).with_contact(Contact::email(address));
        accounts.add_named(&name, account.with_hash(cheap_hash(OLD, at)).with_username(&name));
    }
    accounts
}

fn lists(builder: Builder) -> Builder {
    builder.several_accounts(SeveralAccounts::MailList)
}

fn listing(count: usize) -> App {
    App::on(twins(count), MemoryStore::new(), lists)
}

async fn run(app: &App) {
    for _ in 0..3 {
        app.worker.run_once().await.unwrap();
        app.clock.advance(Duration::from_secs(6));
    }
}

fn names(mail: &Sent) -> Vec<&str> {
    mail.link_secrets().into_iter().map(|(name, _)| name.unwrap()).collect()
}

async fn open(app: &App, secret: &str) -> Result<Grant, VerifyError> {
    app.reset.verify(Proof::Link(LinkToken::parse(secret).unwrap())).await
}

/// The links of each account in all mails that left.
fn links(app: &App) -> BTreeMap<String, BTreeSet<String>> {
    let mut links: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for mail in app.mail.delivered() {
        let one = mail.username.as_deref().zip(mail.link_secret());
        let several = mail.link_secrets().into_iter().map(|(name, link)| (name.unwrap(), link));
        for (name, link) in several.chain(one) {
            links.entry(name.to_owned()).or_default().insert(link.to_owned());
        }
    }
    links
}

#[tokio::test]
async fn one_mail_has_a_link_for_each_account_on_the_mailbox() {
    let app = listing(3);
    let asked = app.ask_for(email(TWINS)).await;
    run(&app).await;
    let [mail] = app.mail.delivered().try_into().unwrap();
    assert_eq!((mail.kind(), mail.to.value(), mail.code(), mail.link()), ("reset_links", TWINS, None, None));
    assert_eq!(names(&mail), ["toko-1", "toko-2", "toko-3"]);
    assert_eq!((mail.name.as_deref(), mail.username.as_deref()), (None, None), "it is not about one of them");
    let secrets: Vec<&str> = mail.link_secrets().into_iter().map(|(_, secret)| secret).collect();
    // Each link sets the password of its account, and leaves the others as they are.
    for (secret, id) in secrets.iter().zip(["twin-01", "twin-02", "twin-03"]).rev() {
        assert_eq!(app.reset.status(&asked.requester_token).await.unwrap().unwrap().stage, Stage::Waiting);
        let grant = open(&app, secret).await.unwrap();
        assert_eq!(grant.account().as_str(), id);
        app.set(grant, NEW).await.unwrap();
        open(&app, secret).await.unwrap_err();
    }
    // The trail of each account says that it was sent.
    for id in ["twin-01", "twin-02", "twin-03"] {
        let trail = app.reset.admin().history(&AccountId::from(id), 20).await.unwrap();
        let sent = trail.iter().filter(|row| row.event == AuditEvent::Sent).count();
        assert_eq!(sent, 1, "{id}: {trail:?}");
    }
}

/// An account that has had its messages is left out, also the one whose reset would have sent the mail.
#[tokio::test]
async fn an_account_without_a_permit_is_left_out() {
    for (capped, left) in [(1, ["toko-2", "toko-3"]), (3, ["toko-1", "toko-2"])] {
        let app = listing(3);
        for minute in 0..10 {
            let from = std::net::IpAddr::from([198, 51, 100, minute]);
            let name = Identifier::username(&format!("toko-{capped}")).unwrap();
            app.reset.request(ResetRequest::email_link(name, from)).await.unwrap();
            app.worker.run_once().await.unwrap();
        }
        let before = app.mail.delivered().len();
        app.ask_for(email(TWINS)).await;
        run(&app).await;
        let mails = app.mail.delivered();
        assert_eq!(mails.len(), before + 1);
        assert_eq!(names(mails.last().unwrap()), left);
        assert_eq!(app.details(AuditEvent::Suppressed).last().map(String::as_str), Some("capped"));
    }
}

/// With one account left it is the mail that this account always gets.
#[tokio::test]
async fn a_list_of_one_is_no_list() {
    let app = listing(2);
    for _ in 0..10 {
        app.reset.request(ResetRequest::email_link(Identifier::username("toko-2").unwrap(), source())).await.unwrap();
        app.worker.run_once().await.unwrap();
        app.later(2);
    }
    app.ask_for(email(TWINS)).await;
    run(&app).await;
    let mail = app.mail.last().unwrap();
    assert_eq!((mail.kind(), mail.username.as_deref(), mail.code().is_some()), ("reset_link", Some("toko-1"), true));
}

/// A mailbox that is one account's alone must not say which other accounts there are.
#[tokio::test]
async fn an_account_whose_mail_goes_elsewhere_gets_its_own_there() {
    let app = listing(3);
    let id = AccountId::from("twin-01");
    assert!(app.accounts.update(&id, |account| account.with_contact(Contact::email("only@toko.example"))));
    app.mail.no_such_contact("550");
    app.reset.request(ResetRequest::email_link(Identifier::username("toko-1").unwrap(), source())).await.unwrap();
    app.worker.run_once().await.unwrap();
    app.mail.deliver_next();
    app.ask_for(email(TWINS)).await;
    run(&app).await;
    let mut sent: Vec<_> = app.mail.delivered().iter().map(|mail| (mail.to.value().to_owned(), mail.kind())).collect();
    sent.sort();
    assert_eq!(
        sent,
        [("Twins@Toko.example".to_owned(), "reset_links"), ("only@toko.example".to_owned(), "reset_link")]
    );
    let list = app.mail.delivered().into_iter().find(|mail| mail.kind() == "reset_links").unwrap();
    assert_eq!(names(&list), ["toko-2", "toko-3"]);
}

/// Its reset is over before the mail left: the others do not lose theirs by it.
#[tokio::test]
async fn where_the_list_is_never_sent_each_of_the_others_gets_a_mail() {
    let app = listing(3);
    app.mail.later(None);
    app.mailed_for(email(TWINS)).await;
    assert!(app.accounts.update(&AccountId::from("twin-01"), |account| account.with_hash(cheap_hash(NEW, 9))));
    app.mail.deliver_next();
    for _ in 0..6 {
        app.later(1);
        app.worker.run_once().await.unwrap();
    }
    let mut mails = app.mail.delivered();
    mails.sort_by(|one, other| one.username.cmp(&other.username));
    let sent: Vec<_> = mails.iter().map(|mail| (mail.kind(), mail.username.as_deref())).collect();
    assert_eq!(sent, [("reset_link", Some("toko-2")), ("reset_link", Some("toko-3"))]);
    for mail in &mails {
        let _grant = app.verify_link(mail).await.unwrap();
    }
}

/// A delivery that failed is repeated with the same links, and with those accounts alone that are as they were.
#[tokio::test]
async fn a_list_that_is_sent_later_has_the_accounts_that_are_as_they_were() {
    let app = listing(3);
    app.mail.later(None);
    app.mailed_for(email(TWINS)).await;
    let [first] = app.mail.tried().try_into().unwrap();
    assert!(app.accounts.update(&AccountId::from("twin-02"), |account| account.with_hash(cheap_hash(NEW, 9))));
    app.mail.deliver_next();
    for _ in 0..4 {
        app.later(1);
        app.worker.run_once().await.unwrap();
    }
    let [mail] = app.mail.delivered().try_into().unwrap();
    assert_eq!((names(&mail), &mail.id), (vec!["toko-1", "toko-3"], &first.id));
    let of =
        |mail: &Sent, name: &str| mail.link_secrets().iter().find(|(of, _)| *of == Some(name)).unwrap().1.to_owned();
    assert_eq!(of(&mail, "toko-3"), of(&first, "toko-3"));
}

/// Whatever call is the last of a worker: every account gets one link, in one mail that is sent again or in none other.
#[tokio::test]
async fn a_worker_that_is_killed_loses_no_link_and_makes_none_twice() {
    let mut failures = 0;
    for (fault, what) in [(Fault::FailBefore, "before"), (Fault::FailAfter, "after")] {
        for call in 1.. {
            let app = listing(3);
            app.ask_for(email(TWINS)).await;
            let faults = Faults::at(call, fault.clone());
            let (_, worker) = crate::faults::faulty_with(&app, &faults, lists);
            let _failed = worker.run_once().await;
            if !faults.struck() {
                break;
            }
            failures += 1;
            for _ in 0..6 {
                app.later(4);
                app.worker.run_once().await.unwrap();
            }
            let links = links(&app);
            let counts: Vec<_> = links.iter().map(|(name, links)| (name.as_str(), links.len())).collect();
            let each = [("toko-1", 1), ("toko-2", 1), ("toko-3", 1)];
            assert_eq!(counts, each, "call {call} failed {what}: {:?}", faults.calls());
            let mails: BTreeSet<String> = app.mail.delivered().into_iter().map(|mail| mail.id).collect();
            assert_eq!(mails.len(), 1, "call {call} failed {what}: {:?}", faults.calls());
            for link in links.into_values().flatten() {
                let _grant = open(&app, &link).await.unwrap();
            }
        }
    }
    assert!(failures > 30, "{failures} calls failed");
}
