//! Messages lead to the pages that an application has elsewhere.

use async_trait::async_trait;
use password_reset::admin::AdminRequest;
use password_reset::ports::{AccountLock, AccountLocker, AdminDecision, Decision};
use password_reset::secret::{CancelToken, LinkToken, LockToken};
use password_reset::{NewPassword, PasswordReset, PortError, Proof, Site};
use password_reset_testkit::{MemoryAccounts, MemoryStore, PlainHasher, RecordingNotifier, Sent};

use crate::support::{App, NEW, ani, deciding, id, keys, source, start};

const FRONT: &str = "https://app.toko.example";

/// Locks nothing.
#[derive(Debug)]
struct Agrees;

#[async_trait]
impl AccountLocker for Agrees {
    async fn lock(&self, _: &AccountLock) -> Result<(), PortError> {
        Ok(())
    }
}

fn app(site: impl FnOnce(Site) -> Site) -> App {
    let app = App::new();
    let site = site(Site::new("Toko Contoh", "https://toko.example/reset"));
    let (reset, worker) = app.rebuilt_as(site, |builder| {
        builder.account_locker(Agrees).risk_policy(deciding(|_| Decision::Allow, |_| AdminDecision::Allow))
    });
    App { reset, worker, ..app }
}

/// The link, and the notice of the password that it set.
async fn a_reset(app: &App) -> (Sent, Sent) {
    let (_, mail) = app.mailed().await;
    let grant = app.reset.verify(Proof::Link(LinkToken::parse(mail.link_secret().unwrap()).unwrap())).await.unwrap();
    app.reset.set_password(grant, NewPassword::confirmed(NEW, NEW)).await.unwrap();
    app.worker.run_once().await.unwrap();
    (mail, app.mail.last().unwrap())
}

#[tokio::test]
async fn every_link_leads_to_the_page_of_its_kind_and_its_secret_works() {
    let app = app(|site| {
        site.with_link_page(format!("{FRONT}/new-password#{{secret}}"))
            .with_cancel_page(format!("{FRONT}/?lang=id#/cancel/{{secret}}/now"))
            .with_lock_page(format!("{FRONT}/lock#secret={{secret}}"))
    });
    let (mail, notice) = a_reset(&app).await;
    let [link, cancel, lock] = [mail.link_secret(), mail.cancel_secret(), notice.lock_secret()].map(Option::unwrap);
    assert_eq!(mail.link(), Some(format!("{FRONT}/new-password#{link}").as_str()));
    assert_eq!(mail.cancel(), Some(format!("{FRONT}/?lang=id#/cancel/{cancel}/now").as_str()));
    assert_eq!(app.reset.site().before_secret("lock"), format!("{FRONT}/lock#secret="));
    CancelToken::parse(cancel).unwrap();
    app.reset.lock(&LockToken::parse(lock).unwrap()).await.unwrap();

    let admin = AdminRequest::new("budi", "7", "ticket 4711", source()).authenticated_at(start());
    app.reset.admin().request(admin).await.unwrap();
    app.worker.run_once().await.unwrap();
    let mail = app.mail.delivered().into_iter().rfind(|sent| sent.kind() == "admin_link").unwrap();
    assert!(mail.link().unwrap().starts_with(&format!("{FRONT}/new-password#")));
    let account = app.reset.verify(Proof::Link(LinkToken::parse(mail.link_secret().unwrap()).unwrap())).await.unwrap();
    assert_eq!(account.account(), &id());
}

#[tokio::test]
async fn pages_that_are_not_set_stay_below_the_base_url() {
    let app = app(|site| site.with_cancel_page(format!("{FRONT}/cancel#{{secret}}")));
    let (mail, notice) = a_reset(&app).await;
    assert!(mail.link().unwrap().starts_with("https://toko.example/reset/link#"));
    assert!(mail.cancel().unwrap().starts_with("https://app.toko.example/cancel#"));
    assert_eq!(app.reset.site().before_secret("lock"), "https://toko.example/reset/lock#");
    assert!(notice.lock_secret().is_some());
    let site = Site::new("Toko", "https://toko.example/reset/");
    assert_eq!(site.start_page(), "https://toko.example/reset");
    assert_eq!(
        site.with_start_page("https://app.toko.example/#/forgot").start_page(),
        "https://app.toko.example/#/forgot"
    );
}

fn refusal(site: Site) -> String {
    let accounts = MemoryAccounts::new();
    accounts.add(ani());
    let builder = PasswordReset::builder(accounts, MemoryStore::new(), keys(), site).notifier(RecordingNotifier::new());
    let refused = builder.hash_pool(PlainHasher::salted().pool()).build().err();
    refused.map(|error| error.to_string()).unwrap_or_default()
}

#[test]
fn addresses_that_would_show_the_secret_or_lose_it_are_refused_with_what_to_write() {
    let site = || Site::new("Toko", "https://toko.example/reset");
    let once = "must have {secret} once: write it like https://app.example.com/link#{secret}";
    let behind = "must have {secret} behind a #: browsers send what stands there neither to servers nor in Referer";
    for (address, says) in [
        ("https://app.toko.example/reset", once),
        ("https://app.toko.example/reset#", once),
        ("https://app.toko.example/reset#{secret}{secret}", once),
        ("https://app.toko.example/{secret}#{secret}", once),
        ("https://app.toko.example/reset#{token}", once),
        ("https://app.toko.example/reset/{secret}", behind),
        ("https://app.toko.example/reset?secret={secret}", behind),
        ("https://app.toko.example/reset?secret={secret}#x", behind),
        ("https://{secret}.toko.example/#x", behind),
        ("https://app.toko.example/#a#{secret}", "must have one #"),
        ("https://app.toko.example/reset#{secret}#x", "must have one #"),
        ("https://app.toko.example/reset#%2F{secret}", "must have one # and no %"),
        ("https://app.toko.example/reset#token{secret}", "must have a character like / or ="),
        ("https://app.toko.example/reset#-{secret}", "must have a character like / or ="),
        ("https://app.toko.example/reset#{secret}now", "must have a character like / or ="),
        ("http://app.toko.example/reset#{secret}", "must start with https://"),
        ("toko://reset#{secret}", "must start with https://"),
        ("/reset#{secret}", "is not a valid URL"),
        ("https://#{secret}", "is not a valid URL"),
        ("https://ani:x@app.toko.example/#{secret}", "remove the user name and password"),
        ("https://app.toko.example/ reset#{secret}", "has a character that no URL has"),
        ("https://app.toko.example/reset\n#{secret}", "has a character that no URL has"),
        ("https://app.toko.example/\"><b>#{secret}", "has a character that no URL has"),
        ("https://münchen.example/#{secret}", "has a character that no URL has"),
    ] {
        let refused = refusal(site().with_link_page(address));
        assert!(refused.starts_with("site: ") && refused.contains("`link_page`"), "{address}: {refused}");
        assert!(refused.contains(says), "{address}: {refused}");
    }
    assert!(refusal(site().with_cancel_page("x")).contains("`cancel_page`"));
    assert!(refusal(site().with_lock_page("x")).contains("`lock_page`"));
    for start in ["http://app.toko.example", "forgot", "https://app.toko.example/#{secret}", "https://a.example/\n"] {
        assert!(refusal(site().with_start_page(start)).contains("`start_page`"), "{start}");
    }
    for good in [
        "https://app.toko.example/#{secret}",
        "https://app.toko.example#{secret}",
        "https://app.toko.example:8443/a/b?c=d#/reset/{secret}?from=mail",
        "http://localhost:5173/reset#{secret}",
        "http://127.0.0.1:3000/reset#!{secret}",
    ] {
        assert_eq!(refusal(site().with_link_page(good)), "", "{good}");
    }
    assert_eq!(refusal(site().with_start_page("http://localhost:5173/#/forgot")), "");
}
