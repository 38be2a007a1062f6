//! By email: the link, the typed code, and a username.

use std::time::Duration;

use thirtyfour::prelude::*;

use crate::support::reset::{BUTTON, secret_of};
use crate::support::{Shape, Site, browse};

const NEW: &str = "Melati-Putih-88";

/// Opening a link posts nothing, however long the page is open; no address on the screen or on the wire holds
/// the secret.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_sets_the_password_and_is_in_no_address() -> WebDriverResult<()> {
    let site = Site::start().await;
    let elsewhere = site.browser(Shape::DESKTOP).await;
    assert!(elsewhere.can_sign_in("ani@toko.example", "Kopi-Tubruk-17").await?);
    browse(&site, Shape::DESKTOP, async |browser| {
        browser.visit("/").await?;
        browser.press("a[href='/reset']").await?;
        browser.until_at("/reset").await?;
        browser.fill("#identifier", "ANI@toko.example").await?;
        browser.press(BUTTON).await?;
        browser.until_says("Please check your email to change your password").await?;
        browser.until_at("/reset/wait").await?;
        let link = site.mail("ani@toko.example").await.link_to("link").unwrap();

        let posts = site.record.posts();
        let nothing_happens = async || {
            assert_eq!(browser.path().await?, "/reset/link", "the secret must not stand in the address bar");
            assert!(!browser.source().await?.contains(secret_of(&link)), "the secret must not stand in the page");
            Ok(())
        };
        browser.left_alone(&link, Duration::from_secs(10), nothing_happens).await?;
        assert_eq!(site.record.posts(), posts, "opening a link must post nothing");

        browser.follow(&link).await?;
        browser.set_password("melati").await?;
        browser.element(".summary").await?;
        let rules = browser.find_all(By::Css("#rules .broken")).await?;
        let mut broken = Vec::new();
        for rule in rules {
            broken.push(rule.attr("data-rule").await?.unwrap_or_default());
        }
        assert_eq!(
            broken,
            ["too_short", "needs_upper", "needs_digit", "needs_symbol"],
            "one warning for each broken rule"
        );
        browser.set_password(NEW).await?;
        browser.until_at("/reset/done").await?;
        browser.press("main a.button").await?;
        browser.until_at("/sign-in").await?;
        assert!(!browser.can_sign_in("ani@toko.example", "Kopi-Tubruk-17").await?);
        assert!(browser.can_sign_in("ani@toko.example", NEW).await?);

        let cookies = browser.get_all_cookies().await?;
        let mut secrets: Vec<String> = cookies.into_iter().map(|it| it.value).filter(|it| it.len() > 20).collect();
        secrets.push(secret_of(&link).to_owned());
        for asked in site.record.all() {
            for seen in [Some(asked.target.as_str()), asked.referer.as_deref()].into_iter().flatten() {
                assert!(!secrets.iter().any(|secret| seen.contains(secret)), "a secret is in {seen}");
            }
        }
        Ok(browser)
    })
    .await?;
    elsewhere.visit("/account").await?;
    elsewhere.until_at("/sign-in").await?;
    elsewhere.close().await
}

/// Mail filters encode the `#` of a link. The page takes the secret out of the address bar, from wherever it stands, and
/// one press goes on; of a link that was cut it says so.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_that_a_filter_rewrote_leaves_the_address_bar() -> WebDriverResult<()> {
    let site = Site::start().await;
    browse(&site, Shape::DESKTOP, async |browser| {
        browser.ask("email", "ani@toko.example").await?;
        let mail = site.mail("ani@toko.example").await;
        let link = mail.link_to("link").unwrap();
        let (page, secret) = link.split_once('#').unwrap();
        for address in [
            format!("{page}%23{secret}"),
            format!("{page}%2523{secret}"),
            format!("{page}/%23{secret}"),
            format!("{page}{secret}"),
            format!("{page}%23{secret}."),
            format!("{page}%23{secret}%3E&data=05"),
            format!("{page}?utm_source=mail#{secret}"),
            format!("{page}#{secret}."),
            format!("{page}#({secret})"),
            format!("{page}#{secret}#top"),
        ] {
            browser.visit(&address).await?;
            browser.until_says("Press Continue to create your new password").await?;
            let path = browser.path().await?;
            assert!(path == "/reset/link" || path == "/reset/link?utm_source=mail", "{address} leaves {path}");
        }
        for address in [format!("{page}#{}", &secret[..60]), format!("{page}%23{}", &secret[..60])] {
            browser.visit(&address).await?;
            browser.element(".if-cut").await?;
            assert_eq!(browser.path().await?, "/reset/link", "{address}");
            browser.element("#link").await?;
        }
        for page in ["cancel", "lock"] {
            browser.visit(&format!("/reset/{page}%23{secret}")).await?;
            browser.until("a form that has the link", async || Ok(!browser.shows("#link").await?)).await?;
            assert_eq!(browser.path().await?, format!("/reset/{page}"));
        }
        browser.visit(&format!("/account/confirm%23{secret}")).await?;
        browser.until_at("/account/confirm").await?;
        browser.visit(&format!("{page}%23{secret}")).await?;
        browser.press(BUTTON).await?;
        browser.until_at("/reset/new").await?;
        browser.visit("/reset/link").await?;
        let filtered = format!(
            "<https://eur01.safelinks.protection.outlook.com/?url={}&data=05%7C02>.",
            link.replace(':', "%3A").replace('/', "%2F").replace('#', "%23")
        );
        browser.fill("#link", &filtered).await?;
        browser.press(BUTTON).await?;
        browser.until_at("/reset/new").await?;
        Ok(browser)
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_typed_code_sets_the_password_on_a_phone_in_indonesian() -> WebDriverResult<()> {
    let site = Site::start().await;
    browse(&site, Shape::PHONE.indonesian(), async |browser| {
        browser.ask("email", "citra@toko.example").await?;
        browser.until_says("periksa email").await?;
        let code = site.mail("citra@toko.example").await.code().unwrap();
        let wrong: String = code.chars().map(|digit| if digit == '1' { '2' } else { digit }).rev().collect();
        browser.type_code(&wrong).await?;
        browser.element("#code-error").await?;
        browser.type_code(&code.replace(' ', "-")).await?;
        browser.until_at("/reset/new").await?;
        browser.set_password(NEW).await?;
        browser.until_at("/reset/done").await?;
        assert!(browser.can_sign_in("0812 0000 0003", NEW).await?);
        Ok(browser)
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_username_gets_the_link_at_the_address_on_record() -> WebDriverResult<()> {
    let site = Site::start().await;
    browse(&site, Shape::DESKTOP, async |browser| {
        browser.ask("username", "budi.contoh").await?;
        assert!(!browser.source().await?.contains("budi@toko"), "the page must not show the address on record");
        let mail = site.mail("budi@toko.example").await;
        browser.follow(&mail.link_to("link").unwrap()).await?;
        browser.set_password(NEW).await?;
        browser.until_at("/reset/done").await?;
        assert!(browser.can_sign_in("budi.contoh", NEW).await?);
        Ok(browser)
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_username_gets_the_same_page() -> WebDriverResult<()> {
    let site = Site::start().await;
    browse(&site, Shape::DESKTOP, async |browser| {
        let mut pages = Vec::new();
        for name in ["ani", "who"] {
            browser.ask("email", &format!("{name}@toko.example")).await?;
            let text = browser.text().await?;
            let timeless = text.lines().filter(|line| !line.contains("Link expires in")).collect::<Vec<_>>().join("\n");
            // Each email has a reference of its own, whether or not one is sent.
            let (before, after) = timeless.split_once("ends in (").expect("the page names the reference");
            let (reference, after) = after.split_once(')').unwrap();
            assert!(reference.len() == 4 && reference.bytes().all(|byte| byte.is_ascii_uppercase()), "{reference}");
            pages.push(format!("{before}{after}").replace(name, "…"));
        }
        assert_eq!(pages[0], pages[1]);
        Ok(browser)
    })
    .await
}

/// The mailbox shows an email in a frame that may only open links in another window, as a mail program does.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_button_in_the_mail_opens_the_link_in_another_window() -> WebDriverResult<()> {
    let site = Site::start().await;
    browse(&site, Shape::DESKTOP, async |browser| {
        browser.visit("/dev/mailbox").await?;
        let mailbox = browser.window().await?;
        browser.new_tab().await?;
        browser.ask("email", "ani@toko.example").await?;
        site.mail("ani@toko.example").await;
        browser.switch_to_window(mailbox).await?;
        browser.press("#live a").await?;
        browser.until_at("/dev/mailbox/1").await?;
        browser.look("mail-html").await?;
        let before = browser.windows().await?;
        browser.element("iframe").await?.enter_frame().await?;
        browser.find(By::LinkText("Reset Password")).await?.click().await?;
        browser.enter_default_frame().await?;
        let opened = async || Ok(browser.windows().await?.len() > before.len());
        browser.until("another window", opened).await?;
        let window = browser.windows().await?.into_iter().find(|window| !before.contains(window)).unwrap();
        for way in ["text", "source"] {
            browser.visit(&format!("/dev/mailbox/1/{way}")).await?;
            browser.look(&format!("mail-{way}")).await?;
        }
        browser.switch_to_window(window).await?;
        browser.until_at("/reset/link").await?;
        browser.press(BUTTON).await?;
        browser.until_at("/reset/new").await?;
        browser.set_password(NEW).await?;
        browser.until_at("/reset/done").await?;
        Ok(browser)
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_works_in_another_browser() -> WebDriverResult<()> {
    let site = Site::start().await;
    let asking = site.browser(Shape::DESKTOP).await;
    asking.ask("email", "ani@toko.example").await?;
    let link = site.mail("ani@toko.example").await.link_to("link").unwrap();
    browse(&site, Shape::PHONE, async |other| {
        other.follow(&link).await?;
        other.set_password(NEW).await?;
        other.until_at("/reset/done").await?;
        Ok(other)
    })
    .await?;
    // The requester, who may be a stranger, does not see a proof that was not made with the requester token.
    asking.refresh().await?;
    asking.until_at("/reset/wait").await?;
    asking.until_says("Please check your email").await?;
    asking.close().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_script_a_code_and_a_pasted_link_both_work() -> WebDriverResult<()> {
    let site = Site::start().await;
    for (name, by_link) in [("ani@toko.example", false), ("budi@toko.example", true)] {
        browse(&site, Shape::DESKTOP.without_script(), async |browser| {
            browser.ask("email", name).await?;
            let mail = site.mail(name).await;
            if by_link {
                let link = mail.link_to("link").unwrap();
                browser.visit(&link).await?;
                browser.fill("#link", &link).await?;
                browser.press(BUTTON).await?;
            } else {
                browser.type_code(&mail.code().unwrap()).await?;
            }
            browser.until_at("/reset/new").await?;
            browser.set_password("short").await?;
            browser.element(".summary").await?;
            browser.set_password(NEW).await?;
            browser.until_at("/reset/done").await?;
            Ok(browser)
        })
        .await?;
    }
    Ok(())
}

/// From the front page to the new password with Tab, Enter and typing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_keyboard_alone_is_enough() -> WebDriverResult<()> {
    let site = Site::start().await;
    browse(&site, Shape::DESKTOP, async |browser| {
        browser.visit("/").await?;
        browser.tab_to("a[href='/reset']").await?;
        browser.keys(Key::Enter).await?;
        browser.until_at("/reset").await?;
        browser.tab_to("#identifier").await?;
        browser.keys("ani@toko.example").await?;
        browser.keys(Key::Enter).await?;
        browser.until_at("/reset/wait").await?;
        let code = site.mail("ani@toko.example").await.code().unwrap();
        browser.tab_to("#code").await?;
        browser.keys(code).await?;
        browser.tab_to("form[action$='/code'] button").await?;
        browser.keys(Key::Enter).await?;
        browser.until_at("/reset/new").await?;
        browser.tab_to("#password").await?;
        browser.keys("short").await?;
        browser.keys(Key::Enter).await?;
        browser.element(".summary").await?;
        // The error summary has the focus, and leads to the field.
        let focused = async || Ok(browser.active_element().await?.class_name().await?.as_deref() == Some("summary"));
        browser.until("the focus on the error summary", focused).await?;
        browser.tab_to(".summary a").await?;
        browser.keys(Key::Enter).await?;
        browser.tab_to("#password").await?;
        browser.keys(NEW).await?;
        browser.tab_to("[data-reveal]").await?;
        browser.keys(" ").await?;
        browser.element("#password[type='text']").await?;
        browser.tab_to("#again").await?;
        browser.keys(NEW).await?;
        browser.tab_to(BUTTON).await?;
        browser.keys(Key::Enter).await?;
        browser.until_at("/reset/done").await?;
        Ok(browser)
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_cancel_link_needs_a_tick_and_closes_its_own_reset() -> WebDriverResult<()> {
    let site = Site::start().await;
    browse(&site, Shape::DESKTOP, async |browser| {
        browser.ask("email", "ani@toko.example").await?;
        let mail = site.mail("ani@toko.example").await;
        let (cancel, posts) = (mail.link_to("cancel").unwrap(), site.record.posts());
        let nothing_happens = async || {
            assert_eq!(browser.path().await?, "/reset/cancel");
            Ok(())
        };
        browser.left_alone(&cancel, Duration::from_secs(10), nothing_happens).await?;
        assert_eq!(site.record.posts(), posts, "opening a link must post nothing");
        browser.visit(&cancel).await?;
        browser.press(BUTTON).await?;
        assert_eq!(site.record.posts(), posts, "without the tick nothing may be posted");
        browser.press("#confirm").await?;
        browser.press(BUTTON).await?;
        browser.until_says("Request cancelled").await?;
        browser.visit(&mail.link_to("link").unwrap()).await?;
        browser.until_at("/reset/link").await?;
        browser.press(BUTTON).await?;
        browser.until_at("/reset/expired").await?;
        assert!(browser.can_sign_in("ani@toko.example", "Kopi-Tubruk-17").await?);
        Ok(browser)
    })
    .await
}
