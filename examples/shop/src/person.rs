//! A person with a browser.

use anyhow::{Context, Result, ensure};
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, Response, StatusCode};
use url::form_urlencoded;

use crate::{EMAIL, NEW, OLD, Shop};

/// A person who forgot the password. Uses the pages as a browser does.
pub struct Person {
    client: Client,
    origin: String,
}

impl Person {
    /// `origin` is where the application serves, such as `http://127.0.0.1:3000`.
    pub fn new(origin: &str) -> Result<Self> {
        let client = Client::builder().no_proxy().redirect(Policy::none()).build()?;
        Ok(Self { client, origin: origin.to_owned() })
    }

    /// Resets the password by the link of an email, and signs in. Fails where the application does not work.
    pub async fn resets_and_signs_in(&self, shop: &Shop) -> Result<()> {
        ensure!(self.signs_in(OLD).await?, "the old password must work before the reset");
        self.looks_by_head().await?;
        println!("1. Ani opens \"Forgot Password\", and types the address.");
        let waiting = self.posts("/reset", &[("by", "email"), ("identifier", EMAIL)], "").await?;
        println!("   The browser goes to {}.", place(&waiting)?);

        let email = shop.email(1).await?;
        let secret = email.link_secret().context("the email must have a link")?;
        println!("2. An email arrived. Ani opens its link, and presses the button.");
        let opened = self.posts("/reset/link", &[("link", secret)], "").await?;
        let (form, grant) = (place(&opened)?, cookie(&opened, "pr-g-").context("the grant must be in a cookie")?);
        let name = form.split_once("reset=").context("the address must name the reset")?.1;

        println!("3. The browser shows \"Create New Password\".");
        let new = [("reset", name), ("password", NEW), ("again", NEW)];
        let done = self.posts("/reset/new", &new, &grant).await?;
        ensure!(place(&done)?.ends_with("/reset/done"), "the password must be set");

        ensure!(self.signs_in(NEW).await?, "the new password must sign in");
        ensure!(!self.signs_in(OLD).await?, "the old password must not");
        let again = self.posts("/reset/link", &[("link", secret)], "").await?;
        ensure!(place(&again)?.ends_with("/reset/expired"), "a used link must be refused");
        ensure!(shop.email(2).await?.kind() == "password_changed", "the owner must be notified");
        println!("4. The new password signs in, the old one and the used link do not, and an email notifies Ani.");
        Ok(())
    }

    /// What link checkers do: the answer to HEAD is that to GET without its body.
    async fn looks_by_head(&self) -> Result<()> {
        let page = self.sends(Method::GET, "/reset/link", None, "").await?.bytes().await?;
        let head = self.sends(Method::HEAD, "/reset/link", None, "").await?;
        let length = head.headers().get(CONTENT_LENGTH).context("an answer to HEAD must have a length")?;
        ensure!(length.to_str()? == page.len().to_string(), "the length must be that of the page");
        ensure!(head.bytes().await?.is_empty(), "an answer to HEAD must have no body");
        Ok(())
    }

    async fn signs_in(&self, password: &str) -> Result<bool> {
        let answer = self.posts("/sign-in", &[("email", EMAIL), ("password", password)], "").await?;
        match answer.status() {
            StatusCode::NO_CONTENT => Ok(true),
            StatusCode::UNPROCESSABLE_ENTITY => Ok(false),
            other => anyhow::bail!("the sign-in answered {other}"),
        }
    }

    async fn posts(&self, path: &str, fields: &[(&str, &str)], cookie: &str) -> Result<Response> {
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.sends(Method::POST, path, Some(form), cookie).await
    }

    async fn sends(&self, method: Method, path: &str, form: Option<String>, cookie: &str) -> Result<Response> {
        // Browsers say by this header that a page of the same site makes them send the request.
        let mut asked =
            self.client.request(method, format!("{}{path}", self.origin)).header("sec-fetch-site", "same-origin");
        if !cookie.is_empty() {
            asked = asked.header(COOKIE, cookie);
        }
        if let Some(form) = form {
            asked = asked.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form);
        }
        Ok(asked.send().await?)
    }
}

/// Where the answer leads.
fn place(answer: &Response) -> Result<&str> {
    let status = answer.status();
    let place = answer.headers().get(LOCATION).with_context(|| format!("a redirect, but it answered {status}"))?;
    Ok(place.to_str()?)
}

/// The cookie whose name begins like this, as the browser sends it back.
fn cookie(answer: &Response, name: &str) -> Option<String> {
    let cookies = answer.headers().get_all(SET_COOKIE).iter().filter_map(|cookie| cookie.to_str().ok());
    cookies
        .filter(|cookie| !cookie.contains("Max-Age=0"))
        .find(|cookie| cookie.starts_with(name))?
        .split(';')
        .next()
        .map(str::to_owned)
}
