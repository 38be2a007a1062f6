//! The application's own pages: signing in, the account, the mailbox.

use thirtyfour::prelude::WebDriverResult;

use crate::support::{Shape, Site, browse};

const SHAPES: [Shape; 4] = [Shape::DESKTOP, Shape::PHONE, Shape::DESKTOP.indonesian(), Shape::PHONE.indonesian()];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_own_page_is_accessible_in_both_languages_and_sizes() -> WebDriverResult<()> {
    let site = Site::start().await;
    for shape in SHAPES {
        browse(&site, shape, async |browser| {
            for (path, name) in [
                ("/", "home"),
                ("/sign-in", "sign-in"),
                ("/dev/mailbox", "mailbox"),
                ("/dev/whatsapp", "phones"),
                ("/no", "not-found"),
            ] {
                browser.visit(path).await?;
                browser.look(name).await?;
            }
            Ok(browser)
        })
        .await?;
    }
    Ok(())
}

/// The pages of a signed-in user, of an email and of a phone, in the languages and sizes that other tests do not cover.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_behind_the_sign_in_and_the_tools_is_accessible_too() -> WebDriverResult<()> {
    let site = Site::start().await;
    for shape in [Shape::PHONE, Shape::DESKTOP.indonesian()] {
        browse(&site, shape, async |browser| {
            browser.ask("email", "ani@toko.example").await?;
            let mail = site.mail("ani@toko.example").await.number;
            for (path, name) in [("", "mail-html"), ("/text", "mail-text"), ("/source", "mail-source")] {
                browser.visit(&format!("/dev/mailbox/{mail}{path}")).await?;
                browser.look(name).await?;
            }
            browser.visit("/dev/whatsapp/+6281200000003").await?;
            browser.look("chat").await?;
            browser.sign_in("ani@toko.example", "not this one").await?;
            browser.element("main .error").await?;
            browser.look("sign-in-wrong").await?;
            browser.sign_in("ani@toko.example", "Kopi-Tubruk-17").await?;
            browser.until_at("/account").await?;
            browser.look("account").await?;
            browser.change_password("Kopi-Tubruk-17", "short").await?;
            browser.element("#violations").await?;
            browser.look("account-refused").await?;
            Ok(browser)
        })
        .await?;
    }
    Ok(())
}

/// An administrator presses a button beside a user: a link is sent to the address on record, and the page shows its
/// delivery.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_administrator_starts_a_reset_and_sees_its_delivery() -> WebDriverResult<()> {
    let site = Site::start().await;
    browse(&site, Shape::DESKTOP, async |browser| {
        browser.sign_in("ani@toko.example", "Kopi-Tubruk-17").await?;
        browser.until_at("/account").await?;
        browser.visit("/admin").await?;
        browser.until_says("Page not found").await?;
        Ok(browser)
    })
    .await?;
    for shape in [Shape::DESKTOP, Shape::PHONE.indonesian()] {
        browse(&site, shape, async |browser| {
            browser.sign_in("dewi.admin", "Wedang-Jahe-50").await?;
            browser.until_at("/account").await?;
            browser.visit("/admin?find=budi").await?;
            browser.fill("#reason-2", "Ticket 17").await?;
            browser.press("form[action='/admin/reset'] button").await?;
            let mail = site.mail("budi@toko.example").await;
            browser.visit("/admin").await?;
            browser.until_says("budi@toko.example").await?;
            browser.look("admin").await?;
            assert!(
                !browser.source().await?.contains(&mail.link_to("link").unwrap()),
                "no secret is the administrator's"
            );
            Ok(browser)
        })
        .await?;
    }
    let link = site.mail("budi@toko.example").await.link_to("link").unwrap();
    browse(&site, Shape::DESKTOP.indonesian(), async |browser| {
        browser.follow(&link).await?;
        browser.set_password("Melati-Putih-88").await?;
        browser.until_at("/reset/done").await?;
        Ok(browser)
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_signs_in_changes_the_password_and_signs_out() -> WebDriverResult<()> {
    let site = Site::start().await;
    let elsewhere = site.browser(Shape::DESKTOP).await;
    elsewhere.sign_in("ani@toko.example", "Kopi-Tubruk-17").await?;
    elsewhere.until_at("/account").await?;
    browse(&site, Shape::DESKTOP, async |browser| {
        browser.sign_in("ani@toko.example", "not this one").await?;
        browser.until_says("Wrong sign-in name or password").await?;
        browser.look("sign-in-wrong").await?;
        browser.sign_in("ANI@toko.example", "Kopi-Tubruk-17").await?;
        browser.until_at("/account").await?;
        browser.look("account").await?;

        browser.change_password("not this one", "Melati-Putih-88").await?;
        browser.until_says("Your current password is wrong").await?;
        browser.change_password("Kopi-Tubruk-17", "short").await?;
        browser.until_says("must include an uppercase letter").await?;
        browser.look("account-refused").await?;
        browser.change_password("Kopi-Tubruk-17", "Melati-Putih-88").await?;
        browser.until_says("Your password has been changed").await?;
        browser.picture("account-changed").await?;

        browser.visit("/account").await?;
        browser.until_at("/account").await?;
        browser.press("form[action='/sign-out'] button").await?;
        browser.until_at("/").await?;
        browser.visit("/account").await?;
        browser.until_at("/sign-in").await?;
        browser.sign_in("ani@toko.example", "Kopi-Tubruk-17").await?;
        browser.until_says("Wrong sign-in name or password").await?;
        browser.sign_in("ani@toko.example", "Melati-Putih-88").await?;
        browser.until_at("/account").await?;
        Ok(browser)
    })
    .await?;
    elsewhere.visit("/account").await?;
    elsewhere.until_at("/sign-in").await?;
    let mail = site.tools.mailbox.as_ref().unwrap().wait_for(|mail| mail.subject().contains("changed")).await;
    assert_eq!(mail.to, "ani@toko.example");
    elsewhere.close().await
}
