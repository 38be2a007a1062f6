//! Each service with made-up keys, at an address of a test.

use chrono::{DateTime, TimeZone, Utc};
use password_reset::Locale;
use password_reset_mail_http::{
    AmazonSes, HttpMailNotifier, JsonApi, MailConfigError, MailService, Mailgun, Postmark, Resend, SendGrid,
};
use password_reset_testkit::FakeClock;
use password_reset_testkit::messages::{SITE, TO, message, reset_body};

pub(crate) const KEY: &str = "only-the-tests-send-with-this-01";
pub(crate) const FROM: &str = "no-reply@toko.example";
/// Of the message and the reset that consist of sevens.
pub(crate) const REFERENCE: &str = "07070707070707070707070707070707-07070707070707070707070707070707";

const BODY: &str = r#"{
    "sender": {"email": "{{from_address}}", "name": "{{from_name}}"},
    "to": [{"email": "{{to}}"}],
    "replyTo": "{{reply_to}}",
    "title": "Mail: {{subject}}",
    "plain": "{{text}}",
    "htm": "{{html}}",
    "count": 1,
    "id": "{{message_id}}"
}"#;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Named {
    Postmark,
    Resend,
    SendGrid,
    Mailgun,
    Ses,
    Json,
}

pub(crate) const ALL: [Named; 6] =
    [Named::Postmark, Named::Resend, Named::SendGrid, Named::Mailgun, Named::Ses, Named::Json];

impl Named {
    pub(crate) fn at(self, url: &str) -> Result<MailService, MailConfigError> {
        Ok(match self {
            Self::Postmark => Postmark::new(KEY)?.with_base_url(url)?.into(),
            Self::Resend => Resend::new(KEY)?.with_base_url(url)?.into(),
            Self::SendGrid => SendGrid::new(KEY)?.with_base_url(url)?.into(),
            Self::Mailgun => Mailgun::new("mg.toko.example", KEY)?.with_base_url(url)?.into(),
            Self::Ses => AmazonSes::new("ap-southeast-1", "AKIDEXAMPLE", KEY)?
                .with_configuration_set("resets")
                .with_base_url(url)?
                .into(),
            Self::Json => JsonApi::new(&format!("{url}/v1/mails"), BODY)?
                .with_header("x-key", KEY)?
                .with_header("Idempotency-Key", "reset/{{reference}}")?
                .with_invalid_recipient("/error/code", "invalid_recipient")?
                .into(),
        })
    }

    pub(crate) fn notifier(self, url: &str) -> HttpMailNotifier {
        let clock = FakeClock::at(now());
        HttpMailNotifier::new(self.at(url).unwrap(), FROM).unwrap().with_clock(std::sync::Arc::new(clock))
    }
}

pub(crate) fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 21, 6, 50, 9).unwrap()
}

/// The reset whose ids consist of sevens.
pub(crate) fn seven() -> password_reset::Message {
    message(7, TO, SITE, Locale::INDONESIAN, reset_body())
}
