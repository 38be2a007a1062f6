//! Actions on the pages of a reset.

use std::sync::Arc;

use demo::dev::mailbox::Mail;
use thirtyfour::prelude::*;

use super::{Browser, LONGEST, Site};

/// The main button of a reset page.
pub const BUTTON: &str = "main form button.button";

impl Browser {
    /// Starts a reset, by `email`, `username`, `whatsapp` or `whatsapp-code`.
    pub async fn ask(&self, by: &str, typed: &str) -> WebDriverResult<()> {
        self.visit(&format!("/reset?by={by}")).await?;
        self.fill("#identifier", typed).await?;
        self.press(BUTTON).await?;
        self.until_at("/reset/wait").await
    }

    /// Types a code on the waiting page.
    pub async fn type_code(&self, code: &str) -> WebDriverResult<()> {
        self.fill("#code", code).await?;
        self.press("form[action$='/code'] button.button").await
    }

    /// Opens a link as a mail program does, and presses the button behind it.
    pub async fn follow(&self, link: &str) -> WebDriverResult<()> {
        self.visit(link).await?;
        self.until_at("/reset/link").await?;
        self.press(BUTTON).await?;
        self.until_at("/reset/new").await
    }

    /// Fills in the new password twice, and presses the button.
    pub async fn set_password(&self, new: &str) -> WebDriverResult<()> {
        self.fill("#password", new).await?;
        self.fill("#again", new).await?;
        self.press(BUTTON).await
    }

    /// Whether the password signs in. An earlier session of this browser ends.
    pub async fn can_sign_in(&self, name: &str, password: &str) -> WebDriverResult<bool> {
        self.delete_cookie("demo_session").await?;
        self.sign_in(name, password).await?;
        let answered = async || Ok(self.path().await? == "/account" || self.shows("#error").await?);
        self.until("an answer to the sign-in", answered).await?;
        Ok(self.path().await? == "/account")
    }
}

impl Site {
    /// The first email for this address that is wanted.
    pub async fn mail_that(&self, to: &str, wanted: impl Fn(&Mail) -> bool) -> Arc<Mail> {
        let mailbox = self.tools.mailbox.as_ref().expect("mail stays here");
        let found = mailbox.wait_for(|mail| mail.to == to && wanted(mail));
        tokio::time::timeout(LONGEST, found).await.expect("the mail arrives")
    }

    /// The reset email for this address that arrived after this many emails of any kind.
    pub async fn mail_after(&self, number: usize, to: &str) -> Arc<Mail> {
        self.mail_that(to, |mail| mail.number > number && mail.link_to("link").is_some()).await
    }

    /// The first reset email for this address.
    pub async fn mail(&self, to: &str) -> Arc<Mail> {
        self.mail_after(0, to).await
    }

    /// The message on a phone with this text in it.
    pub async fn message(&self, person: &str, part: &str) -> String {
        let phone = self.tools.phone.as_ref().expect("the phones are here");
        let found = phone.wait_for(|line| !line.sent && line.person == person && line.text.contains(part));
        tokio::time::timeout(LONGEST, found).await.expect("the message arrives").text
    }

    /// The code that arrives on a phone.
    pub async fn code_on(&self, person: &str) -> String {
        self.message(person, "[reset_code]").await.rsplit(' ').next().expect("a code").to_owned()
    }
}

/// The part after the `#` of a link.
pub fn secret_of(link: &str) -> &str {
    link.split_once('#').expect("a link has a fragment").1
}
