//! A person with two devices, who forgets the password.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use password_reset_testkit::{RecordingNotifier, Sent};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

use crate::{EMAIL, NEW, OLD};

/// One device: it keeps cookies.
struct Device {
    client: Client,
    origin: String,
}

/// Is signed in on a phone, resets the password on a laptop, and must sign in on the phone again. Fails where the application does
/// not work.
pub async fn forgets_the_password(origin: &str, mail: &RecordingNotifier) -> Result<()> {
    let (phone, laptop) = (Device::new(origin)?, Device::new(origin)?);
    ensure!(phone.shows_account().await?.is_none(), "no account is signed in yet");
    ensure!(phone.signs_in(OLD).await? && phone.shows_account().await?.is_some(), "the old password must sign in");
    println!("1. Ani is signed in on the phone.");

    let asked = laptop.calls("requests", json!({ "by": "email", "identifier": EMAIL })).await?;
    asked["requester_token"].as_str().context("a token of the request")?;
    let link = email(mail, 1).await?.link_secret().context("a link")?.to_owned();
    let grant = laptop.calls("verify", json!({ "link": link })).await?["grant"].clone();
    ensure!(phone.shows_account().await?.is_some(), "a session lives until the password is another");
    laptop.calls("password", json!({ "grant": grant, "password": NEW, "again": NEW })).await?;
    println!("2. On the laptop Ani requested a reset, opened the link of the email, and set a new password.");

    ensure!(phone.shows_account().await?.is_none(), "the session on the phone must have ended");
    ensure!(!phone.signs_in(OLD).await?, "the old password must not sign in");
    println!("3. The phone is signed out, and the old password does not sign in.");
    ensure!(phone.signs_in(NEW).await? && phone.shows_account().await?.is_some(), "the new password must sign in");
    ensure!(email(mail, 2).await?.kind() == "password_changed", "the owner must be notified");
    println!("4. The new password signs in, and an email notifies Ani.\n\nDone: every step worked.");
    Ok(())
}

impl Device {
    fn new(origin: &str) -> Result<Self> {
        let client = Client::builder().no_proxy().cookie_store(true).build()?;
        Ok(Self { client, origin: origin.to_owned() })
    }

    async fn signs_in(&self, password: &str) -> Result<bool> {
        let form = [("email", EMAIL), ("password", password)];
        match self.client.post(format!("{}/sign-in", self.origin)).form(&form).send().await?.status() {
            StatusCode::NO_CONTENT => Ok(true),
            StatusCode::UNPROCESSABLE_ENTITY => Ok(false),
            other => bail!("the sign-in answered {other}"),
        }
    }

    /// The account page; `None` where the device is not signed in.
    async fn shows_account(&self) -> Result<Option<String>> {
        let page = self.client.get(format!("{}/account", self.origin)).send().await?;
        match page.status() {
            StatusCode::OK => Ok(Some(page.text().await?)),
            StatusCode::UNAUTHORIZED => Ok(None),
            other => bail!("the account page answered {other}"),
        }
    }

    /// The JSON API of the reset.
    async fn calls(&self, what: &str, body: Value) -> Result<Value> {
        let answer = self.client.post(format!("{}/reset/api/{what}", self.origin)).json(&body).send().await?;
        let (status, body) = (answer.status(), answer.json().await?);
        ensure!(status.is_success(), "{what} answered {status}: {body}");
        Ok(body)
    }
}

/// Waits for email number `count`.
async fn email(mail: &RecordingNotifier, count: usize) -> Result<Sent> {
    let arrived = tokio::time::timeout(Duration::from_secs(30), mail.until_delivered(count)).await;
    arrived.context("no email arrived")?.into_iter().nth(count - 1).context("an email")
}
