//! Unusual use: two tabs, the back button, a double click, a long pause.

use std::time::Duration;

use thirtyfour::prelude::*;

use crate::support::reset::BUTTON;
use crate::support::{Shape, Site, browse};

const NEW: &str = "Melati-Putih-88";
const OTHER: &str = "Anggrek-Ungu-99";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_tabs_with_one_link_the_first_sets_the_password() -> WebDriverResult<()> {
    let site = Site::start().await;
    browse(&site, Shape::DESKTOP, async |browser| {
        browser.ask("email", "ani@toko.example").await?;
        let link = site.mail("ani@toko.example").await.link_to("link").unwrap();
        browser.follow(&link).await?;
        let first = browser.window().await?;
        browser.new_tab().await?;
        browser.follow(&link).await?;
        let second = browser.window().await?;
        browser.switch_to_window(first).await?;
        browser.set_password(NEW).await?;
        browser.until_at("/reset/done").await?;
        browser.switch_to_window(second).await?;
        browser.set_password(OTHER).await?;
        browser.until_at("/reset/expired").await?;
        assert!(browser.can_sign_in("ani@toko.example", NEW).await?);
        assert!(!browser.can_sign_in("ani@toko.example", OTHER).await?);
        Ok(browser)
    })
    .await
}

/// Two resets share a cookie jar, and do not disturb each other.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_resets_in_one_browser_do_not_mix() -> WebDriverResult<()> {
    let site = Site::start().await;
    browse(&site, Shape::DESKTOP, async |browser| {
        browser.ask("email", "ani@toko.example").await?;
        let ani = browser.window().await?;
        browser.new_tab().await?;
        browser.ask("username", "budi.contoh").await?;
        let budi = browser.window().await?;
        let code_of = async |to: &str| site.mail(to).await.code().unwrap();
        browser.switch_to_window(ani.clone()).await?;
        browser.type_code(&code_of("budi@toko.example").await).await?;
        browser.element("#code-error").await?;
        browser.type_code(&code_of("ani@toko.example").await).await?;
        browser.until_at("/reset/new").await?;
        browser.switch_to_window(budi.clone()).await?;
        browser.type_code(&code_of("budi@toko.example").await).await?;
        browser.until_at("/reset/new").await?;
        for (window, new) in [(ani, NEW), (budi, OTHER)] {
            browser.switch_to_window(window).await?;
            browser.set_password(new).await?;
            browser.until_at("/reset/done").await?;
        }
        assert!(browser.can_sign_in("ani@toko.example", NEW).await?);
        assert!(browser.can_sign_in("budi.contoh", OTHER).await?);
        Ok(browser)
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_back_button_leads_to_pages_that_still_make_sense() -> WebDriverResult<()> {
    let site = Site::start().await;
    browse(&site, Shape::DESKTOP, async |browser| {
        browser.ask("email", "ani@toko.example").await?;
        browser.back().await?;
        browser.until_at("/reset").await?;
        browser.forward().await?;
        browser.until_at("/reset/wait").await?;
        browser.follow(&site.mail("ani@toko.example").await.link_to("link").unwrap()).await?;
        browser.back().await?;
        browser.until_at("/reset/link").await?;
        // The history does not hold the secret, so the page asks for the link.
        browser.element("#link").await?;
        browser.forward().await?;
        browser.until_at("/reset/new").await?;
        browser.set_password(NEW).await?;
        browser.until_at("/reset/done").await?;
        browser.back().await?;
        let usable = async || {
            let path = browser.path().await?;
            Ok(path.starts_with("/reset/expired")
                || path.starts_with("/reset/done")
                || browser.shows("#password").await?)
        };
        browser.until("a page that says how to continue", usable).await?;
        if browser.shows("#password").await? {
            browser.set_password(OTHER).await?;
            browser.until_at("/reset/expired").await?;
        }
        assert!(browser.can_sign_in("ani@toko.example", NEW).await?);
        Ok(browser)
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_double_click_sets_one_password_and_succeeds() -> WebDriverResult<()> {
    let site = Site::start().await;
    for (shape, name) in [(Shape::DESKTOP, "ani@toko.example"), (Shape::DESKTOP.without_script(), "budi@toko.example")]
    {
        browse(&site, shape, async |browser| {
            browser.ask("email", name).await?;
            browser.type_code(&site.mail(name).await.code().unwrap()).await?;
            browser.until_at("/reset/new").await?;
            browser.fill("#password", NEW).await?;
            browser.fill("#again", NEW).await?;
            if shape.script {
                browser.element("[data-strength]").await?;
            }
            let button = browser.element(BUTTON).await?;
            browser.action_chain().double_click_element(&button).perform().await?;
            browser.until_at("/reset/done").await?;
            assert!(browser.can_sign_in(name, NEW).await?);
            Ok(browser)
        })
        .await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn expiry_while_typing_leads_to_a_new_start() -> WebDriverResult<()> {
    let site = Site::start().await;
    browse(&site, Shape::DESKTOP, async |browser| {
        browser.ask("email", "ani@toko.example").await?;
        let first = site.mail("ani@toko.example").await;
        browser.follow(&first.link_to("link").unwrap()).await?;
        browser.fill("#password", NEW).await?;
        site.clock.advance(Duration::from_secs(31 * 60));
        browser.fill("#again", NEW).await?;
        browser.press(BUTTON).await?;
        browser.until_at("/reset/expired").await?;
        browser.press("main a.button").await?;
        browser.until_at("/reset").await?;
        browser.fill("#identifier", "ani@toko.example").await?;
        browser.press(BUTTON).await?;
        browser.until_at("/reset/wait").await?;
        let second = site.mail_after(first.number, "ani@toko.example").await;
        // The code expires before the page on which it is typed.
        site.clock.advance(Duration::from_secs(11 * 60));
        browser.type_code(&second.code().unwrap()).await?;
        browser.element("#code-error").await?;
        browser.follow(&second.link_to("link").unwrap()).await?;
        browser.set_password(NEW).await?;
        browser.until_at("/reset/done").await?;
        Ok(browser)
    })
    .await
}

/// An open page announces its expiry by itself, and one press tries again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_open_until_expiry_offers_to_try_again() -> WebDriverResult<()> {
    let site = Site::start().await;
    browse(&site, Shape::PHONE, async |browser| {
        browser.ask("email", "ani@toko.example").await?;
        let first = site.mail("ani@toko.example").await;
        browser.element("#code").await?;
        for _minute in 0..31 {
            site.clock.advance(Duration::from_secs(60));
        }
        browser.until_says("Time is up").await?;
        browser.press(BUTTON).await?;
        browser.until_says("Please check your email").await?;
        let second = site.mail_after(first.number, "ani@toko.example").await;
        browser.type_code(&second.code().unwrap()).await?;
        browser.until_at("/reset/new").await?;
        Ok(browser)
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_codes_are_counted_down_and_the_link_still_works() -> WebDriverResult<()> {
    let site = Site::start().await;
    browse(&site, Shape::DESKTOP, async |browser| {
        browser.ask("email", "ani@toko.example").await?;
        let mail = site.mail("ani@toko.example").await;
        browser.type_code("123").await?;
        browser.until_says("Enter every digit of the code").await?;
        for left in ["4 attempts left", "3 attempts left", "2 attempts left", "1 attempt left"] {
            browser.type_code("0000 0000").await?;
            browser.until_says(left).await?;
        }
        browser.type_code("0000 0000").await?;
        browser.until_says("Too many attempts").await?;
        assert!(!browser.shows("#code").await?);
        browser.follow(&mail.link_to("link").unwrap()).await?;
        Ok(browser)
    })
    .await
}

/// The page that answers a form was reached by GET, so reloading it sends nothing; and the address of a form leads on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reloading_the_page_of_a_wrong_code_sends_nothing() -> WebDriverResult<()> {
    let site = Site::start().await;
    browse(&site, Shape::DESKTOP, async |browser| {
        browser.ask("email", "ani@toko.example").await?;
        browser.type_code("0000 0000").await?;
        browser.until_says("4 attempts left").await?;
        let posts = site.record.posts();
        for _ in 0..3 {
            browser.refresh().await?;
            browser.until_says("4 attempts left").await?;
        }
        browser.visit("/reset/code").await?;
        browser.until_at("/reset/wait").await?;
        assert_eq!(site.record.posts(), posts);
        browser.visit("/reset/").await?;
        browser.fill("#identifier", "not an address").await?;
        browser.press(BUTTON).await?;
        browser.element("#identifier-error").await?;
        let typed = browser.element("#identifier").await?.prop("value").await?;
        assert_eq!(typed.as_deref(), Some("not an address"), "what was typed is still there");
        Ok(browser)
    })
    .await
}

/// A browser has six connections to a host over HTTP/1.1, for all tabs together.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn waiting_tabs_leave_room_for_another_page() -> WebDriverResult<()> {
    let site = Site::start().await;
    browse(&site, Shape::DESKTOP.hiding_tabs(), async |browser| {
        let first = browser.window().await?;
        for tab in 0..8 {
            if tab > 0 {
                browser.new_tab().await?;
            }
            browser.ask("email", "ani@toko.example").await?;
            browser.element(".clock").await?;
        }
        browser.visit("/reset?by=username").await?;
        browser.element("#identifier").await?;
        // A tab that is shown again listens again.
        let streams = || site.record.all().iter().filter(|asked| asked.target.starts_with("/reset/events")).count();
        let before = streams();
        browser.switch_to_window(first).await?;
        browser.bring_to_front().await?;
        browser.until("the tab to listen again", async || Ok(streams() > before)).await?;
        Ok(browser)
    })
    .await
}

/// Several emails, and one page: it says how the subject of its own email ends. So mail programs show each by itself, and the
/// requester finds the right one. The page says so for every address.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_names_the_email_that_belongs_to_it() -> WebDriverResult<()> {
    let site = Site::start().await;
    let mut subjects = std::collections::BTreeSet::new();
    let mut last = 0;
    for shape in [Shape::DESKTOP, Shape::PHONE.indonesian()] {
        browse(&site, shape, async |browser| {
            browser.ask("email", "ani@toko.example").await?;
            let mail = site.mail_after(last, "ani@toko.example").await;
            last = mail.number;
            let subject = mail.subject().to_owned();
            let (_, reference) = subject.rsplit_once(' ').expect("a reference");
            assert!(reference.len() == 6 && reference.starts_with('(') && reference.ends_with(')'), "{subject}");
            browser.until_says(reference).await?;
            assert!(subjects.insert(subject.clone()), "{subject}");
            browser.ask("email", "lain@toko.example").await?;
            let text = browser.text().await?;
            let other = text.split('(').filter_map(|part| part.split_once(')')).filter(|(inside, _)| inside.len() == 4);
            assert_eq!(other.count(), 1, "{text}");
            assert!(!text.contains(reference), "each request has its own: {text}");
            Ok(browser)
        })
        .await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_browser_that_refuses_cookies_is_told_so() -> WebDriverResult<()> {
    let site = Site::start().await;
    browse(&site, Shape::DESKTOP.without_cookies(), async |browser| {
        browser.visit("/reset").await?;
        browser.fill("#identifier", "ani@toko.example").await?;
        browser.press(BUTTON).await?;
        browser.until_says("Your browser is blocking cookies").await?;
        browser.visit(&site.mail("ani@toko.example").await.link_to("link").unwrap()).await?;
        browser.press(BUTTON).await?;
        browser.until_says("Your browser is blocking cookies").await?;
        Ok(browser)
    })
    .await
}

/// The tests themselves notice what a page's policy forbids.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forbidden_script_is_noticed() -> WebDriverResult<()> {
    let site = Site::start().await;
    for path in ["/", "/reset"] {
        browse(&site, Shape::DESKTOP, async |browser| {
            browser.visit(path).await?;
            assert_eq!(browser.complaints().await?, [""; 0]);
            let inline = "const it = document.createElement('script'); it.textContent = 'window.ran = true'; \
                          document.body.append(it); return window.ran === true";
            assert!(!browser.execute(inline, Vec::new()).await?.convert::<bool>()?, "it must not run");
            browser.until("a complaint", async || Ok(!browser.complaints().await?.is_empty())).await?;
            Ok(browser)
        })
        .await?;
    }
    Ok(())
}
