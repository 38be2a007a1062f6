//! A user whose contact does not work, and an administrator who helps.

use demo::dev::mailbox::GONE;
use demo::web::Texts;
use thirtyfour::prelude::*;

use crate::support::reset::BUTTON;
use crate::support::{Shape, Site, browse};

const FAJAR: &str = "fajar.contoh";
const BUDI: &str = "budi@toko.example";
const BUDIS_NEW: &str = "budi@baru.example";

/// The owner asks, nothing arrives, and the page names who helps. The list says why; the address is corrected, and only the
/// new mailbox can confirm it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_administrator_sees_why_nothing_arrived_and_corrects_the_address() -> WebDriverResult<()> {
    for (shape, words) in [
        (Shape::DESKTOP, "The email address does not exist. Correct it."),
        (Shape::PHONE.indonesian(), "Alamat email tidak ditemukan. Perbaiki alamatnya."),
    ] {
        let site = Site::start().await;
        let t = Texts::of(shape.language);
        let owner = site.browser(shape).await;
        owner.ask("username", FAJAR).await?;
        owner.element("a[href='mailto:bantuan@toko.example']").await?;
        let old = format!("fajar@{GONE}");
        let new = "fajar@baru.example";
        browse(&site, shape, async |browser| {
            browser.sign_in("dewi.admin", "Wedang-Jahe-50").await?;
            browser.until_at("/account").await?;
            browser
                .until("the reason", async || {
                    browser.visit("/admin?find=fajar").await?;
                    Ok(browser.text().await?.contains(words))
                })
                .await?;
            let text = browser.text().await?;
            assert!(text.contains(&old) && text.contains(FAJAR), "{text}");
            for (typed, reason, why) in
                [("fajar", "Ticket 17", t.admin_bad_contact), (&format!("x@{GONE}"), "Ticket 17", t.contact_not_sent)]
            {
                browser.visit("/admin?find=fajar").await?;
                browser.fill("#new-6", typed).await?;
                browser.fill("#why-6", reason).await?;
                browser.press("form[action='/admin/contact'] button").await?;
                browser.until_says(why).await?;
            }
            browser.visit("/admin?find=fajar").await?;
            browser.fill("#new-6", new).await?;
            browser.fill("#why-6", "Ticket 17").await?;
            browser.press("form[action='/admin/contact'] button").await?;
            browser.until_says(t.admin_corrected).await?;
            browser.look("admin-corrected").await?;
            let link = site.confirmation_to(new).await;
            assert!(!browser.source().await?.contains(&link), "no secret is the administrator's");
            browser.visit("/admin?find=fajar").await?;
            assert!(browser.text().await?.contains(&old), "nothing has changed yet");
            owner.visit(&link).await?;
            owner.press("main form button").await?;
            owner.until_says(t.confirmed_email).await?;
            browser.visit("/admin?find=fajar").await?;
            let text = browser.text().await?;
            assert!(text.contains(new) && !text.contains(words), "{text}");
            Ok(browser)
        })
        .await?;
        // The same request within a minute would be the same reset.
        site.clock.advance(std::time::Duration::from_secs(61));
        owner.ask("username", FAJAR).await?;
        owner.follow(&site.mail(new).await.link_to("link").unwrap()).await?;
        owner.set_password("Melati-Putih-88").await?;
        owner.until_at("/reset/done").await?;
        owner.close().await?;
    }
    Ok(())
}

/// An administrator may be deceived: the mailbox that was right is notified, and its live resets end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_correction_notifies_the_address_before_and_ends_its_resets() -> WebDriverResult<()> {
    let site = Site::start().await;
    let owner = site.browser(Shape::DESKTOP.indonesian()).await;
    owner.ask("email", BUDI).await?;
    let reset = site.mail(BUDI).await.link_to("link").unwrap();
    browse(&site, Shape::DESKTOP, async |browser| {
        browser.sign_in("ani@toko.example", "Kopi-Tubruk-17").await?;
        browser.until_at("/account").await?;
        let posted = "const form = document.createElement('form'); form.method = 'post'; form.action = '/admin/contact'; \
                      for (const [name, value] of [['user', '2'], ['new', 'x@baru.example'], ['reason', 'x']]) { \
                      const field = document.createElement('input'); field.name = name; field.value = value; \
                      form.append(field); } document.body.append(form); form.submit()";
        browser.execute(posted, Vec::new()).await?;
        browser.until_says("Page not found").await?;
        Ok(browser)
    })
    .await?;
    browse(&site, Shape::DESKTOP, async |browser| {
        browser.sign_in("dewi.admin", "Wedang-Jahe-50").await?;
        browser.until_at("/account").await?;
        browser.visit("/admin?find=budi").await?;
        browser.fill("#new-2", BUDIS_NEW).await?;
        browser.fill("#why-2", "Ticket 18").await?;
        browser.press("form[action='/admin/contact'] button").await?;
        let link = site.confirmation_to(BUDIS_NEW).await;
        browser.visit(&link).await?;
        browser.press("main form button").await?;
        browser.until_at("/account/confirmed").await?;
        Ok(browser)
    })
    .await?;
    site.mail_that(BUDI, |mail| mail.subject().contains("dihapus")).await;
    owner.visit(&reset).await?;
    owner.press(BUTTON).await?;
    owner.until_at("/reset/expired").await?;
    assert!(site.tools.mailbox.as_ref().unwrap().all().iter().all(|mail| mail.to != "x@baru.example"));
    owner.close().await
}
