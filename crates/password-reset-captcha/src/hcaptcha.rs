//! hCaptcha: <https://docs.hcaptcha.com/>.

use std::net::IpAddr;

use async_trait::async_trait;
use password_reset::PortError;
use password_reset_web::{Challenge, Directive, Widget};

use crate::error::{CaptchaConfigError, site_key};
use crate::siteverify::{SiteVerify, is_token};

const SOURCES: [&str; 2] = ["https://hcaptcha.com", "https://*.hcaptcha.com"];
const LONGEST: usize = 8_192;

/// hCaptcha.
///
/// A token must be of the site key. The host name in the answer is what the browser says, and is missing while a site has much traffic,
/// so nothing depends on it: limit the site key to your host names in the dashboard.
#[derive(Clone, Debug)]
pub struct HCaptcha {
    site_key: String,
    verify: SiteVerify,
}

impl HCaptcha {
    /// With the key of a site, and the secret of the account.
    ///
    /// # Errors
    /// When a key is empty or not one, or the secret is short or from an example.
    pub fn new(key: &str, secret: &str) -> Result<Self, CaptchaConfigError> {
        let verify = SiteVerify::new("https://api.hcaptcha.com/siteverify", secret)?;
        Ok(Self { site_key: site_key(key)?, verify })
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
impl Challenge for HCaptcha {
    fn widget(&self) -> Widget {
        // Without its field for another service's programs, which the form does not have.
        let widget = Widget::new("hcaptcha", "https://js.hcaptcha.com/1/api.js?recaptchacompat=off")
            .class("h-captcha")
            .site_key(&self.site_key)
            .answer_field("h-captcha-response");
        let directives = [Directive::Script, Directive::Frame, Directive::Style, Directive::Connect];
        directives.into_iter().fold(widget, |widget, directive| {
            SOURCES.into_iter().fold(widget, |widget, source| widget.allow(directive, source))
        })
    }

    fn puzzle(&self, _source: IpAddr) -> Result<Option<String>, PortError> {
        Ok(None)
    }

    async fn verify(&self, answer: &str, _source: IpAddr) -> Result<bool, PortError> {
        if !is_token(answer, LONGEST) {
            return Ok(false);
        }
        Ok(self.verify.ask(answer, &[("sitekey", &self.site_key)]).await?.is_some())
    }
}
