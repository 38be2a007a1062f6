//! What the services have in common.

use std::fmt::Debug;
use std::sync::Arc;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::Request;
use password_reset::PortError;
use password_reset::ports::Delivery;
use password_reset_http_api::{Answer, HttpApiConfigError};
use password_reset_mail::{Mail, MailConfigError};

/// A service: its requests and its answers.
pub(crate) trait Service: Debug + Send + Sync + 'static {
    fn request(&self, mail: &Mail, now: DateTime<Utc>) -> Result<Request<Bytes>, PortError>;

    /// What became of a mail with this answer.
    fn delivery(&self, answer: &Answer) -> Delivery;
}

/// One of the services: [`Postmark`](crate::Postmark), [`Resend`](crate::Resend), [`SendGrid`](crate::SendGrid),
/// [`Mailgun`](crate::Mailgun), [`AmazonSes`](crate::AmazonSes) and [`JsonApi`](crate::JsonApi) convert into it.
#[derive(Clone, Debug)]
pub struct MailService(pub(crate) Arc<dyn Service>);

impl<S: Service> From<S> for MailService {
    fn from(service: S) -> Self {
        Self(Arc::new(service))
    }
}

/// Names the setting of which this was said.
pub(crate) fn setting(field: &'static str) -> impl FnOnce(HttpApiConfigError) -> MailConfigError {
    move |error| MailConfigError::new(field, error.why)
}
