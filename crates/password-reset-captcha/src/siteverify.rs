//! The call that both services have: is this token one that a browser got for passing?

use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http::header::CONTENT_TYPE;
use password_reset::PortError;
use password_reset_http_api::{ApiSecret, HttpClient, base_url};
use serde::Deserialize;
use url::form_urlencoded::Serializer;

use crate::error::CaptchaConfigError;

/// Less than the pages wait, so that the error says what happened.
const WITHIN: Duration = Duration::from_millis(2_500);

/// What a client's token can cause. The services document each; none of them says that the configuration is wrong. `bad-request` is
/// among them, since all of a request but the token is always the same.
const OF_THE_TOKEN: [&str; 7] = [
    "missing-input-response",
    "invalid-input-response",
    "expired-input-response",
    "already-seen-response",
    "invalid-or-already-seen-response",
    "timeout-or-duplicate",
    "bad-request",
];

/// What goes away by itself.
const OF_THE_SERVICE: &str = "internal-error";

/// What only the operator can correct.
const OF_THE_SETTINGS: [&str; 5] = [
    "missing-input-secret",
    "invalid-input-secret",
    "sitekey-secret-mismatch",
    "invalid-sitekey",
    "not-using-dummy-passcode",
];

#[derive(Clone, Debug)]
pub(crate) struct SiteVerify {
    client: HttpClient,
    url: String,
    secret: ApiSecret,
}

/// A token that counted, and now counts no more.
#[derive(Debug)]
pub(crate) struct Passed {
    pub(crate) hostname: Option<String>,
    pub(crate) action: Option<String>,
}

#[derive(Deserialize)]
struct Answer {
    success: bool,
    #[serde(default)]
    hostname: Option<String>,
    #[serde(default)]
    action: Option<String>,
    #[serde(default, rename = "error-codes")]
    errors: Option<Vec<String>>,
}

impl SiteVerify {
    pub(crate) fn new(url: &str, secret: &str) -> Result<Self, CaptchaConfigError> {
        let secret = ApiSecret::new(secret).map_err(CaptchaConfigError::of("secret"))?;
        let client = HttpClient::new().map_err(CaptchaConfigError::of("TLS"))?;
        Ok(Self { client, url: url.to_owned(), secret })
    }

    pub(crate) fn at(mut self, url: &str) -> Result<Self, CaptchaConfigError> {
        self.url = base_url(url).map_err(CaptchaConfigError::of("verify URL"))?;
        Ok(self)
    }

    /// Asks about a token; `None` if it does not count.
    pub(crate) async fn ask(&self, token: &str, more: &[(&str, &str)]) -> Result<Option<Passed>, PortError> {
        let request = self.request(token, more)?;
        let answer = self.client.send(request, WITHIN).await?;
        let status = answer.status;
        let Ok(answer) = serde_json::from_slice::<Answer>(&answer.body) else {
            let passes = status.is_success() || status.is_server_error() || status.as_u16() == 429;
            let error = if passes { PortError::transient } else { PortError::permanent };
            return Err(
                error("the answer of the captcha service cannot be read").with_code(status.as_u16().to_string())
            );
        };
        if answer.success {
            return Ok(Some(Passed { hostname: answer.hostname, action: answer.action }));
        }
        let errors = answer.errors.unwrap_or_default();
        if !errors.is_empty() && errors.iter().all(|code| OF_THE_TOKEN.contains(&code.as_str())) {
            return Ok(None);
        }
        if errors.iter().any(|code| code == OF_THE_SERVICE) {
            return Err(PortError::transient("the captcha service has an error of its own").with_code(OF_THE_SERVICE));
        }
        // Only words that are known go into logs.
        let known = OF_THE_SETTINGS.iter().find(|known| errors.iter().any(|code| code == *known));
        Err(PortError::permanent("the captcha service refuses the settings").with_code(*known.unwrap_or(&"unknown")))
    }

    fn request(&self, token: &str, more: &[(&str, &str)]) -> Result<Request<Bytes>, PortError> {
        let mut form = Serializer::new(String::new());
        form.append_pair("secret", self.secret.expose()).append_pair("response", token).extend_pairs(more);
        Request::post(&self.url)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form.finish().into())
            .map_err(|_no_detail| PortError::permanent("no request can be made of the settings"))
    }
}

/// Whether a text can be a token at all. What cannot is not worth a call.
pub(crate) fn is_token(text: &str, longest: usize) -> bool {
    !text.is_empty() && text.len() <= longest && text.bytes().all(|byte| byte.is_ascii_graphic())
}
