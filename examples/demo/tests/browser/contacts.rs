//! Changes of the email address or WhatsApp number on the account page; and a mailbox that does not exist.

use std::time::Duration;

use demo::Settings;
use demo::dev::mailbox::GONE;
use demo::web::Texts;
use password_reset_postgres_server::Server;
use thirtyfour::prelude::*;

use crate::support::reset::{BUTTON, secret_of};
use crate::support::{Browser, Shape, Site, browse};

const ANI: &str = "ani@toko.example";
const ANIS: &str = "Kopi-Tubruk-17";
const NEW: &str = "ani@baru.example";
const OTHER: &str = "Melati-Putih-88";
const CITRA: &str = "+6281200000003";
const FAJAR: &str = "+6281200000006";
const NEW_NUMBER: &str = "+6281200000031";

impl Site {
    /// The link that confirms this address.
    pub async fn confirmation_to(&self, address: &str) -> String {
        self.mail_that(address, |mail| mail.link_to("confirm").is_some()).await.link_to("confirm").expect("a link")
    }
}

fn link_in(message: &str) -> String {
    message.split_whitespace().find(|word| word.contains('#')).expect("a link").to_owned()
}

fn texts(browser: &Browser) -> &'static Texts {
    Texts::of(browser.shape.language)
}

impl Browser {
    async fn signed_in(&self, name: &str, password: &str) -> WebDriverResult<()> {
        self.sign_in(name, password).await?;
        self.until_at("/account").await
    }

    /// Requests the change on the page; `kind` is `email` or `whatsapp`.
    async fn wants(&self, kind: &str, new: &str, password: &str) -> WebDriverResult<()> {
        self.visit(&format!("/account/contact/{kind}")).await?;
        self.fill("#new", new).await?;
        self.fill("#current", password).await?;
        self.press("main form button").await
    }

    async fn confirms(&self, link: &str) -> WebDriverResult<()> {
        self.visit(link).await?;
        self.until_at("/account/confirm").await?;
        self.press("main form button").await
    }

    async fn is_refused(&self, why: &str) -> WebDriverResult<()> {
        self.until_says(why).await?;
        self.is_accessible().await
    }
}

/// From the request to the new address, with every step that must change nothing.
async fn changes_the_address(site: &Site, shape: Shape) -> WebDriverResult<()> {
    let other = site.browser(shape).await;
    other.ask("email", ANI).await?;
    let reset = site.mail(ANI).await.link_to("link").expect("a link");
    browse(site, shape, async |browser| {
        let t = texts(&browser);
        browser.signed_in(ANI, ANIS).await?;
        browser.press("a[href='/account/contact/email']").await?;
        browser.until_at("/account/contact/email").await?;
        browser.look("contact-email").await?;
        for (new, password, why) in
            [(NEW, "not this one", t.wrong_current), ("ani@localhost", ANIS, t.bad_email), (ANI, ANIS, t.same_contact)]
        {
            browser.wants("email", new, password).await?;
            browser.is_refused(why).await?;
        }
        browser.picture("contact-email-refused").await?;
        let asked = site.tools.mailbox.as_ref().expect("mail stays here").all();
        assert!(asked.iter().all(|mail| mail.to != NEW), "a wrong password must send nothing");

        browser.wants("email", NEW, ANIS).await?;
        browser.until_says(t.pending_more).await?;
        browser.look("account-pending").await?;
        let link = site.confirmation_to(NEW).await;
        assert!(browser.text().await?.contains(ANI), "nothing has changed yet");
        assert!(other.can_sign_in(ANI, ANIS).await?);

        // Opened in another browser without a session: opening changes nothing, and no address holds the secret.
        other.delete_cookie("demo_session").await?;
        let posts = site.record.posts();
        let nothing_happens = async || {
            assert_eq!(other.path().await?, "/account/confirm", "the secret must not stand in the address bar");
            Ok(())
        };
        other.left_alone(&link, Duration::from_secs(10), nothing_happens).await?;
        assert_eq!(site.record.posts(), posts, "opening a link must post nothing");
        other.visit(&link).await?;
        other.until_says(t.confirm_lead).await?;
        other.look("confirm").await?;
        other.press("main form button").await?;
        other.until_at("/account/confirmed").await?;
        other.until_says(t.confirmed_email).await?;
        other.look("confirmed").await?;
        for asked in site.record.all() {
            let seen = [Some(asked.target.as_str()), asked.referer.as_deref()];
            assert!(!seen.into_iter().flatten().any(|seen| seen.contains(secret_of(&link))), "{asked:?}");
        }

        // The link of the live reset is void, and the previous address is notified.
        other.visit(&reset).await?;
        other.press(BUTTON).await?;
        other.until_at("/reset/expired").await?;
        site.mail_that(ANI, |mail| mail.subject().contains("removed")).await;
        assert!(!other.can_sign_in(ANI, ANIS).await?);
        assert!(other.can_sign_in(NEW, ANIS).await?);

        // The session stays, and the link works once.
        browser.visit("/account").await?;
        browser.until_says(NEW).await?;
        assert!(!browser.text().await?.contains(t.pending_more));
        browser.confirms(&link).await?;
        browser.is_refused(t.confirm_over).await?;
        browser.picture("confirm-over").await?;
        Ok(browser)
    })
    .await?;
    other.close().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_address_is_used_once_it_is_confirmed() -> WebDriverResult<()> {
    changes_the_address(&Site::start().await, Shape::DESKTOP).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_address_is_confirmed_in_indonesian_on_a_phone_too() -> WebDriverResult<()> {
    changes_the_address(&Site::start().await, Shape::PHONE.indonesian()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_address_is_confirmed_on_postgres_too() -> WebDriverResult<()> {
    let database = Server::shared().expect("a server").database().await.expect("a database");
    let site = Site::with(|settings| settings.database = database.url()).await;
    changes_the_address(&site, Shape::DESKTOP).await
}

/// An owner who recovers the account by a reset need not know of changes that an attacker began.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pending_change_ends_with_a_reset_or_another_change() -> WebDriverResult<()> {
    let site = Site::start().await;
    browse(&site, Shape::DESKTOP, async |browser| {
        let t = texts(&browser);
        browser.signed_in(ANI, ANIS).await?;
        browser.wants("email", NEW, ANIS).await?;
        browser.until_says(t.pending_more).await?;
        let before_reset = site.confirmation_to(NEW).await;
        browser.ask("email", ANI).await?;
        browser.follow(&site.mail(ANI).await.link_to("link").expect("a link")).await?;
        browser.set_password(OTHER).await?;
        browser.until_at("/reset/done").await?;
        browser.confirms(&before_reset).await?;
        browser.is_refused(t.confirm_over).await?;

        browser.signed_in(ANI, OTHER).await?;
        assert!(!browser.text().await?.contains(t.pending_more), "a void change must not be shown as pending");
        browser.wants("email", "ani@lain.example", OTHER).await?;
        browser.until_says(t.pending_more).await?;
        browser.wants("whatsapp", NEW_NUMBER, OTHER).await?;
        browser.until_says(NEW_NUMBER).await?;
        let (address, number) =
            (site.confirmation_to("ani@lain.example").await, site.message(NEW_NUMBER, "confirm").await);
        browser.confirms(&link_in(&number)).await?;
        browser.until_says(t.confirmed_phone).await?;
        browser.confirms(&address).await?;
        browser.is_refused(t.confirm_over).await?;
        assert!(browser.can_sign_in(ANI, OTHER).await? && browser.can_sign_in(NEW_NUMBER, OTHER).await?);
        Ok(browser)
    })
    .await
}

/// Of two changes that are confirmed concurrently one is made, and the other is refused.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_concurrent_changes_one_is_made_on_both_databases() -> WebDriverResult<()> {
    let database = Server::shared().expect("a server").database().await.expect("a database");
    for url in [None, Some(database.url())] {
        let site = Site::with(|settings| settings.database = url.unwrap_or_else(|| settings.database.clone())).await;
        let mut links = Vec::new();
        browse(&site, Shape::DESKTOP, async |browser| {
            browser.signed_in(ANI, ANIS).await?;
            browser.wants("email", NEW, ANIS).await?;
            browser.until_says(NEW).await?;
            browser.wants("whatsapp", NEW_NUMBER, ANIS).await?;
            browser.until_says(NEW_NUMBER).await?;
            links = vec![site.confirmation_to(NEW).await, link_in(&site.message(NEW_NUMBER, "confirm").await)];
            Ok(browser)
        })
        .await?;
        let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let barrier = std::sync::Arc::new(tokio::sync::Barrier::new(links.len() * 8));
        let presses: Vec<_> = std::iter::repeat_n(links, 8)
            .flatten()
            .map(|link| {
                let (client, barrier, page) =
                    (client.clone(), barrier.clone(), format!("{}/account/confirm", site.origin));
                tokio::spawn(async move {
                    let body = format!("link={}", secret_of(&link));
                    barrier.wait().await;
                    let form = "application/x-www-form-urlencoded";
                    let answer = client.post(page).header("content-type", form).body(body).send().await.unwrap();
                    answer.status().as_u16()
                })
            })
            .collect();
        let mut made = 0;
        for press in presses {
            match press.await.unwrap() {
                303 => made += 1,
                422 => {}
                other => panic!("answered {other}"),
            }
        }
        assert_eq!(made, 1);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_number_is_confirmed_on_the_phone_and_the_previous_one_is_notified() -> WebDriverResult<()> {
    let site = Site::start().await;
    for (shape, old, new, password) in [
        (Shape::PHONE.indonesian(), CITRA, NEW_NUMBER, "Es-Cendol-39"),
        (Shape::DESKTOP, NEW_NUMBER, "+6281200000032", "Es-Cendol-39"),
    ] {
        browse(&site, shape, async |browser| {
            let t = texts(&browser);
            browser.signed_in(old, password).await?;
            browser.visit("/account/contact/whatsapp").await?;
            browser.look("contact-whatsapp").await?;
            browser.wants("whatsapp", "my phone", password).await?;
            browser.is_refused(t.bad_phone).await?;
            // As users write it.
            browser.wants("whatsapp", &new.replacen("+62", "0", 1), password).await?;
            browser.until_says(t.pending_more).await?;
            assert!(browser.can_sign_in(old, password).await?);
            let link = link_in(&site.message(new, "confirm_contact").await);
            browser.confirms(&link).await?;
            browser.until_says(t.confirmed_phone).await?;
            site.message(old, "contact_changed").await;
            assert!(!browser.can_sign_in(old, password).await?);
            assert!(browser.can_sign_in(new, password).await?);
            Ok(browser)
        })
        .await?;
    }
    Ok(())
}

/// A signed-in user learns nothing of other accounts, and a link that reached another user by mistake changes nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_of_another_account_gets_the_same_answer_and_is_refused() -> WebDriverResult<()> {
    let site = Site::start().await;
    browse(&site, Shape::DESKTOP.without_script(), async |browser| {
        let t = texts(&browser);
        browser.signed_in(ANI, ANIS).await?;
        browser.wants("email", "budi@toko.example", ANIS).await?;
        browser.until_says(t.pending_more).await?;
        let link = site.confirmation_to("budi@toko.example").await;
        // Without script the link is pasted.
        browser.visit("/account/confirm").await?;
        browser.fill("#link", &link).await?;
        browser.press("main form button").await?;
        browser.until_says(t.confirm_taken).await?;
        for text in ["", "1", "1-", "x-y", "99-0", &link.replace("#1-", "#2-"), &link[..link.len() - 1]] {
            browser.visit("/account/confirm").await?;
            browser.fill("#link", &format!("#{text}")).await?;
            browser.press("main form button").await?;
            browser.until_says(t.confirm_over).await?;
        }
        assert!(browser.can_sign_in(ANI, ANIS).await? && browser.can_sign_in("budi.contoh", "Teh-Poci-28").await?);
        Ok(browser)
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unsent_confirmations_are_reported_and_pending_ones_expire() -> WebDriverResult<()> {
    let site = Site::start().await;
    browse(&site, Shape::DESKTOP.indonesian(), async |browser| {
        let t = texts(&browser);
        browser.signed_in(ANI, ANIS).await?;
        browser.wants("email", &format!("ani@{GONE}"), ANIS).await?;
        browser.is_refused(t.contact_not_sent).await?;
        browser.wants("email", NEW, ANIS).await?;
        browser.until_says(t.pending_more).await?;
        let link = site.confirmation_to(NEW).await;
        site.clock.advance(Duration::from_secs(60 * 60));
        browser.visit("/account").await?;
        assert!(!browser.text().await?.contains(t.pending_more));
        browser.confirms(&link).await?;
        browser.is_refused(t.confirm_over).await?;
        Ok(browser)
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn contacts_of_a_kind_without_notifier_cannot_be_changed() -> WebDriverResult<()> {
    let off = |settings: &mut Settings| settings.whatsapp = demo::WhatsApp::Off;
    let site = Site::with(off).await;
    browse(&site, Shape::DESKTOP, async |browser| {
        browser.signed_in(ANI, ANIS).await?;
        assert!(!browser.shows("a[href='/account/contact/whatsapp']").await?);
        for path in ["/account/contact/whatsapp", "/account/contact/pigeon"] {
            browser.visit(path).await?;
            browser.until_says(texts(&browser).not_found).await?;
        }
        browser.delete_cookie("demo_session").await?;
        browser.visit("/account/contact/email").await?;
        browser.until_at("/sign-in").await?;
        Ok(browser)
    })
    .await
}

/// A mailbox no longer exists. Requesters do not see it; the next reset uses the phone; an administrator sees why no email
/// arrived, and sends a link by the same channel.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn administrators_see_a_missing_mailbox_and_the_next_reset_uses_the_phone() -> WebDriverResult<()> {
    let site = Site::start().await;
    let person = site.browser(Shape::DESKTOP).await;
    person.ask("username", "fajar.contoh").await?;
    let page = person.text().await?;
    assert!(!page.contains(GONE) && !page.contains("0006"), "{page}");
    browse(&site, Shape::DESKTOP, async |browser| {
        browser.signed_in("dewi.admin", "Wedang-Jahe-50").await?;
        sees_no_mailbox(&browser, "The email address does not exist").await?;
        browser.fill("#reason-6", "Ticket 18").await?;
        browser.press("form[action='/admin/reset'] button").await?;
        browser.until_says(texts(&browser).admin_done).await?;
        Ok(browser)
    })
    .await?;
    person.follow(&link_in(&site.message(FAJAR, "admin_link").await)).await?;
    person.set_password(OTHER).await?;
    person.until_at("/reset/done").await?;
    assert!(person.can_sign_in("fajar.contoh", OTHER).await?);
    person.close().await
}

async fn sees_no_mailbox(administrator: &Browser, words: &str) -> WebDriverResult<()> {
    let shown = async || {
        administrator.visit("/admin?find=fajar").await?;
        Ok(administrator.text().await?.contains(words))
    };
    administrator.until(words, shown).await?;
    administrator.look("admin-no-mailbox").await
}

/// The same in Indonesian; the next reset sends a code to the phone, which is typed on a page that does not mention it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_without_a_mailbox_gets_the_next_code_on_the_phone() -> WebDriverResult<()> {
    let site = Site::start().await;
    browse(&site, Shape::PHONE.indonesian(), async |browser| {
        browser.ask("username", "fajar.contoh").await?;
        browser.signed_in("dewi.admin", "Wedang-Jahe-50").await?;
        sees_no_mailbox(&browser, "Alamat email tidak ditemukan").await?;
        Ok(browser)
    })
    .await?;
    browse(&site, Shape::PHONE.indonesian(), async |browser| {
        browser.ask("username", "fajar.contoh").await?;
        browser.type_code(&site.code_on(FAJAR).await).await?;
        browser.until_at("/reset/new").await?;
        browser.set_password(OTHER).await?;
        browser.until_at("/reset/done").await?;
        assert!(browser.can_sign_in("fajar.contoh", OTHER).await?);
        Ok(browser)
    })
    .await
}
