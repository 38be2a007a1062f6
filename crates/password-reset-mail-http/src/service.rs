//! What the services have in common.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::Request;
use password_reset::PortError;
use password_reset::ports::Delivery;
use password_reset_http_api::Answer;
use password_reset_mail::Mail;

use crate::json_api::JsonApi;
use crate::mailgun::Mailgun;
use crate::postmark::Postmark;
use crate::resend::Resend;
use crate::sendgrid::SendGrid;
use crate::ses::AmazonSes;

/// One of the services; each converts into it.
#[derive(Clone, Debug)]
pub struct MailService(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Postmark(Postmark),
    Resend(Resend),
    SendGrid(SendGrid),
    Mailgun(Mailgun),
    AmazonSes(AmazonSes),
    JsonApi(JsonApi),
}

impl MailService {
    pub(crate) fn request(&self, mail: &Mail, now: DateTime<Utc>) -> Result<Request<Bytes>, PortError> {
        match &self.0 {
            Kind::Postmark(service) => service.request(mail),
            Kind::Resend(service) => service.request(mail),
            Kind::SendGrid(service) => service.request(mail),
            Kind::Mailgun(service) => service.request(mail),
            Kind::AmazonSes(service) => service.request(mail, now),
            Kind::JsonApi(service) => service.request(mail),
        }
    }

    /// What became of a mail with this answer.
    pub(crate) fn outcome(&self, answer: &Answer) -> Delivery {
        match &self.0 {
            Kind::Postmark(_) => crate::postmark::outcome(answer),
            Kind::Resend(_) => crate::resend::outcome(answer),
            Kind::SendGrid(_) => crate::sendgrid::outcome(answer),
            Kind::Mailgun(_) => crate::mailgun::outcome(answer),
            Kind::AmazonSes(_) => crate::ses::outcome(answer),
            Kind::JsonApi(service) => service.outcome(answer),
        }
    }
}

impl From<Postmark> for MailService {
    fn from(service: Postmark) -> Self {
        Self(Kind::Postmark(service))
    }
}

impl From<Resend> for MailService {
    fn from(service: Resend) -> Self {
        Self(Kind::Resend(service))
    }
}

impl From<SendGrid> for MailService {
    fn from(service: SendGrid) -> Self {
        Self(Kind::SendGrid(service))
    }
}

impl From<Mailgun> for MailService {
    fn from(service: Mailgun) -> Self {
        Self(Kind::Mailgun(service))
    }
}

impl From<AmazonSes> for MailService {
    fn from(service: AmazonSes) -> Self {
        Self(Kind::AmazonSes(service))
    }
}

impl From<JsonApi> for MailService {
    fn from(service: JsonApi) -> Self {
        Self(Kind::JsonApi(service))
    }
}
