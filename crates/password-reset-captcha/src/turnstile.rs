//! Turnstile: <https://developers.cloudflare.com/turnstile/>.

use std::net::IpAddr;

use async_trait::async_trait;
use password_reset::PortError;
use password_reset_web::{Challenge, Directive, Widget};

use crate::error::{CaptchaConfigError, site_key};
use crate::siteverify::{SiteVerify, is_token};

const ORIGIN: &str = "https://challenges.cloudflare.com";
const ACTION: &str = "password-reset";
const LONGEST: usize = 2_048;

/// Cloudflare Turnstile.
#[derive(Clone, Debug)]
pub struct Turnstile {
    site_key: String,
    verify: SiteVerify,
    hostnames: Vec<String>,
}

impl Turnstile {
    /// With the keys of a widget, and the host name of the site: a token that a browser got on another site does not count.
    ///
    /// # Errors
    /// When a key is empty or not one, or the secret is short or from an example.
    pub fn new(key: &str, secret: &str, hostname: &str) -> Result<Self, CaptchaConfigError> {
        let verify = SiteVerify::new("https://challenges.cloudflare.com/turnstile/v0/siteverify", secret)?;
        Self { site_key: site_key(key)?, verify, hostnames: Vec::new() }.or_hostname(hostname)
    }

    /// Adds another host name that the pages have.
    ///
    /// # Errors
    /// When it is not a host name alone.
    pub fn or_hostname(mut self, hostname: &str) -> Result<Self, CaptchaConfigError> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-.".contains(&byte);
        if hostname.is_empty() || !hostname.bytes().all(plain) {
            return Err(CaptchaConfigError::new("host name", "write it like toko.example"));
        }
        self.hostnames.push(hostname.to_ascii_lowercase());
        Ok(self)
    }

    /// Sets where tokens are verified, for a test server. It gets the secret.
    ///
    /// # Errors
    /// Unless it is `https` (`http` for loopback alone).
    pub fn with_verify_url(mut self, url: &str) -> Result<Self, CaptchaConfigError> {
        self.verify = self.verify.at(url)?;
        Ok(self)
    }
}

#[async_trait]
impl Challenge for Turnstile {
    fn widget(&self) -> Widget {
        Widget::new("turnstile", "https://challenges.cloudflare.com/turnstile/v0/api.js")
            .class("cf-turnstile")
            .site_key(&self.site_key)
            .attribute("action", ACTION)
            .attribute("size", "flexible")
            .answer_field("cf-turnstile-response")
            .allow(Directive::Script, ORIGIN)
            .allow(Directive::Frame, ORIGIN)
    }

    fn puzzle(&self, _source: IpAddr) -> Result<Option<String>, PortError> {
        Ok(None)
    }

    async fn verify(&self, answer: &str, _source: IpAddr) -> Result<bool, PortError> {
        if !is_token(answer, LONGEST) {
            return Ok(false);
        }
        let Some(passed) = self.verify.ask(answer, &[]).await? else { return Ok(false) };
        let hostname = passed.hostname.unwrap_or_default().to_ascii_lowercase();
        Ok(self.hostnames.contains(&hostname) && passed.action.as_deref() == Some(ACTION))
    }
}
