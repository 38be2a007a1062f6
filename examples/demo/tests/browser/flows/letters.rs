//! Every mail in every language that is there, on a telephone and on a desk: whether it is accessible, and what it looks like.

use password_reset::message::{LinkKind, LinkMessage, MessageBody, NoticeKind};
use password_reset::{Account, AccountStatus, Locale};
use password_reset_smtp::{DefaultTemplates, MailTemplates};
use password_reset_testkit::messages::{SITE, TO, bodies, message, reset_body};
use thirtyfour::prelude::*;

use crate::support::{Browser, Shape, Site, browse};

/// What is written from left to right must be it in Arabic too: links, and codes.
const MIXED_UP: &str = "
    const goes = (it) => getComputedStyle(it).direction;
    const is_link = (it) => it.textContent.trim().startsWith('https:');
    const is_code = (it) => !it.children.length && /^[0-9]{3,4} [0-9]{3,4}$/.test(it.textContent.trim());
    return [...document.querySelectorAll('a, td')].filter((it) => is_link(it) || is_code(it))
        .filter((it) => goes(it) !== 'ltr').map((it) => it.outerHTML);";

/// How far the text is from the middle of the window.
const OFF_CENTRE: &str = "
    const { left, right } = document.querySelector('h1').closest('td').getBoundingClientRect();
    return Math.abs((left + right - document.documentElement.clientWidth) / 2);";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_mail_in_english() -> WebDriverResult<()> {
    every_mail(Locale::ENGLISH).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_mail_in_indonesian() -> WebDriverResult<()> {
    every_mail(Locale::INDONESIAN).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_mail_in_malay() -> WebDriverResult<()> {
    every_mail(Locale::MALAY).await
}

/// From right to left.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_mail_in_arabic() -> WebDriverResult<()> {
    every_mail(Locale::ARABIC).await
}

async fn every_mail(locale: Locale) -> WebDriverResult<()> {
    let site = Site::start().await;
    let folder = tempfile::tempdir().unwrap();
    for shape in [Shape::PHONE, Shape::DESKTOP] {
        browse(&site, shape.preferring(locale), async |browser| {
            for (name, body) in mails() {
                let message = message(1, TO, SITE, locale, body);
                // These go to contacts that may be a stranger's, or are about several accounts.
                let message = match name {
                    "contact-changed" | "confirm-contact" | "list" => message,
                    _ => message.about(&ani()),
                };
                let html = DefaultTemplates::new().render(&message).expect("every message has a mail").html;
                let file = folder.path().join(format!("{name}.html"));
                std::fs::write(&file, html).unwrap();
                browser.visit(&format!("file://{}", file.display())).await?;
                look(&browser, name).await?;
            }
            Ok(browser)
        })
        .await?;
    }
    Ok(())
}

fn ani() -> Account {
    Account::new("7", AccountStatus::Active).with_name("Ani Wulandari").with_username("ani.w")
}

/// Every body, and those of which the others have a part alone.
fn mails() -> Vec<(&'static str, MessageBody)> {
    let of_one = || {
        let MessageBody::Link(body) = reset_body() else { panic!("a link") };
        LinkMessage::new(LinkKind::ResetWithoutCode, body.link, body.lives, body.cancel, body.asked_at)
    };
    let device = "Chrome (Android), Surabaya";
    let more = [("one-of-several", MessageBody::Link(of_one().with_device(device)))];
    bodies().into_iter().map(|(name, body)| (name, on_device(body, device))).chain(more).collect()
}

fn on_device(body: MessageBody, device: &str) -> MessageBody {
    match body {
        MessageBody::Link(body) => MessageBody::Link(body.with_device(device)),
        MessageBody::Code(body) => MessageBody::Code(body.with_device(device)),
        MessageBody::Notice(notice) if matches!(notice.kind, NoticeKind::ResetProved | NoticeKind::CodeRequested) => {
            MessageBody::Notice(notice.with_device(device))
        }
        other => other,
    }
}

async fn look(browser: &Browser, name: &str) -> WebDriverResult<()> {
    let html: (String, String) =
        browser.execute("return [document.documentElement.lang, document.dir]", Vec::new()).await?.convert()?;
    let direction = if browser.shape.language == Locale::ARABIC { "rtl" } else { "ltr" };
    assert_eq!(html, (browser.shape.language.tag().to_owned(), direction.to_owned()), "{name}");
    let mixed_up: Vec<String> = browser.execute(MIXED_UP, Vec::new()).await?.convert()?;
    assert!(mixed_up.is_empty(), "{name}: {mixed_up:#?}");
    let off: f64 = browser.execute(OFF_CENTRE, Vec::new()).await?.convert()?;
    assert!(off < 2.0, "{name}: the text stands {off} pixels beside the middle");
    browser.is_accessible_mail().await?;
    browser.picture(&format!("letter-{name}")).await
}
