//! The notifier.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use password_reset::ports::{Clock, Delivery, Notifier, SystemClock};
use password_reset::{ContactKind, Message};
use password_reset_http_api::HttpClient;
use password_reset_mail::{MailConfigError, MailTemplates, MailWriter};

use crate::service::{MailService, setting};

const TIMEOUT: Duration = Duration::from_secs(15);

/// Sends messages by mail, through the HTTP API of a mail service.
///
/// # Contract
/// * One message goes to the one address in [`Message::to`], and to no other. The sender comes from the configuration alone.
/// * The same [`Message::id`] gives the same reference: the idempotency key where the service has one, the `Message-ID` where it
///   takes one, and always what its webhooks hand back, so that a later bounce can be put on record
///   ([`BounceWebhook`](password_reset_mail::BounceWebhook)).
/// * Click and open tracking are switched off in each request, where the service lets it.
/// * The notifier logs no part of a message and no key, and keeps only the codes of the service's answers.
///
/// Deliveries need a Tokio runtime with I/O and time enabled. The [crate's documentation](crate) lists the outcomes.
#[derive(Debug)]
pub struct HttpMailNotifier {
    service: MailService,
    writer: MailWriter,
    client: HttpClient,
    timeout: Duration,
    clock: Arc<dyn Clock>,
}

impl HttpMailNotifier {
    /// Sends through a service, as `from`: an address, alone or with a name, as `Toko Contoh <no-reply@toko.example>`.
    ///
    /// # Errors
    /// When `from` is not one plain address, or TLS cannot be initialised.
    pub fn new(service: impl Into<MailService>, from: &str) -> Result<Self, MailConfigError> {
        Ok(Self {
            service: service.into(),
            writer: MailWriter::new(from)?,
            client: HttpClient::new().map_err(setting("TLS"))?,
            timeout: TIMEOUT,
            clock: Arc::new(SystemClock),
        })
    }

    /// Sets the `Reply-To` address, alone or with a name. By default answers go to the sender.
    ///
    /// # Errors
    /// [`MailConfigError`] when it is not one plain address.
    pub fn with_reply_to(mut self, address: &str) -> Result<Self, MailConfigError> {
        self.writer = self.writer.with_reply_to(address)?;
        Ok(self)
    }

    /// Replaces the texts and the look of mails.
    #[must_use]
    pub fn with_templates(mut self, templates: impl MailTemplates) -> Self {
        self.writer = self.writer.with_templates(templates);
        self
    }

    /// Sets the timeout of one delivery; the default is 15 seconds. The outcome of a timeout is `Later`; if the service had
    /// already accepted the mail, it may arrive twice where the service has no idempotency key.
    ///
    /// # Errors
    /// For zero.
    pub fn with_timeout(mut self, timeout: Duration) -> Result<Self, MailConfigError> {
        if timeout.is_zero() {
            return Err(MailConfigError::new("timeout", "must be greater than zero"));
        }
        self.timeout = timeout;
        Ok(self)
    }

    /// Replaces the clock that signatures for Amazon SES carry; the default is the operating system's.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }
}

#[async_trait]
impl Notifier for HttpMailNotifier {
    fn reaches(&self) -> ContactKind {
        ContactKind::Email
    }

    async fn deliver(&self, message: &Message) -> Delivery {
        let mail = match self.writer.write(message) {
            Ok(mail) => mail,
            Err(error) => return Delivery::Never { why: error.why().to_owned() },
        };
        let request = match self.service.0.request(&mail, self.clock.now()) {
            Ok(request) => request,
            Err(why) => return Delivery::Later { after: None, why },
        };
        match self.client.send(request, self.timeout).await {
            Ok(answer) => self.service.0.delivery(&answer),
            Err(why) => Delivery::Later { after: None, why },
        }
    }
}
