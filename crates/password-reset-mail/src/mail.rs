//! A message as a mail, whatever sends it.

use std::fmt;
use std::sync::Arc;

use password_reset::{ContactKind, Locale, Message};

use crate::address::{Address, ENCODED_WORD, Mailbox, is_unsafe, parse, parse_mailbox};
use crate::bounce::Bounce;
use crate::error::MailConfigError;
use crate::templates::{DefaultTemplates, MailTemplates, RenderError, plain};

/// Writes messages as mails: from whom, where answers go, and the texts.
///
/// What a notifier for mail stands on, also one of your own:
///
/// ```
/// use password_reset::Message;
/// use password_reset::ports::Delivery;
/// use password_reset_mail::MailWriter;
///
/// fn deliver(writer: &MailWriter, message: &Message) -> Delivery {
///     let mail = match writer.write(message) {
///         Ok(mail) => mail,
///         Err(error) => return Delivery::Never { why: error.why().to_owned() },
///     };
///     let (_to, _subject, _text) = (mail.to().as_str(), mail.subject(), mail.text()); // and send it
///     Delivery::Delivered
/// }
///
/// let writer = MailWriter::new("Toko Contoh <no-reply@toko.example>")?.with_reply_to("help@toko.example")?;
/// # let _ = (deliver, writer);
/// # Ok::<(), password_reset_mail::MailConfigError>(())
/// ```
#[derive(Clone, Debug)]
pub struct MailWriter {
    from: Mailbox,
    reply_to: Option<Mailbox>,
    templates: Arc<dyn MailTemplates>,
}

impl MailWriter {
    /// Mails from this address, alone or with a name: `Toko Contoh <no-reply@toko.example>`. The default name is that of the
    /// [`Site`](password_reset::Site).
    ///
    /// # Errors
    /// [`MailConfigError`] when it is not one plain address.
    pub fn new(from: &str) -> Result<Self, MailConfigError> {
        let from = parse_mailbox(from).map_err(|why| MailConfigError::new("sender (from)", why))?;
        Ok(Self { from, reply_to: None, templates: Arc::new(DefaultTemplates::new()) })
    }

    /// Sets the `Reply-To` address, alone or with a name. By default answers go to the sender.
    ///
    /// # Errors
    /// [`MailConfigError`] when it is not one plain address.
    pub fn with_reply_to(mut self, address: &str) -> Result<Self, MailConfigError> {
        self.reply_to = Some(parse_mailbox(address).map_err(|why| MailConfigError::new("reply-to", why))?);
        Ok(self)
    }

    /// Replaces the texts and the look.
    #[must_use]
    pub fn with_templates(mut self, templates: impl MailTemplates) -> Self {
        self.templates = Arc::new(templates);
        self
    }

    /// Writes the mail of a message. The same message gives the same mail, so that a second copy can be dropped.
    ///
    /// # Errors
    /// When the message is for no mailbox, its address is not one plain address, or there is no text for it.
    /// [`RenderError::why`] is a reason for [`Delivery::Never`](password_reset::ports::Delivery::Never), without any part of the
    /// message.
    pub fn write(&self, message: &Message) -> Result<Mail, RenderError> {
        if message.to().kind() != ContactKind::Email {
            return Err(RenderError::new("not an email address"));
        }
        let to = parse(message.to().value()).map_err(RenderError::new)?;
        let rendered = self.templates.render(message)?;
        if rendered.subject.chars().any(is_unsafe) {
            return Err(RenderError::new("subject has a line break, control or invisible character"));
        }
        if rendered.subject.contains(ENCODED_WORD) {
            return Err(RenderError::new("subject has an encoded word: write plain text"));
        }
        Ok(Mail {
            from: self.sender(message),
            reply_to: self.reply_to.clone(),
            to,
            subject: rendered.subject,
            text: lines(&rendered.text),
            html: lines(&rendered.html),
            reference: Bounce::reference_for(message),
            locale: message.locale(),
        })
    }

    fn sender(&self, message: &Message) -> Mailbox {
        let mut from = self.from.clone();
        from.name = from.name.or_else(|| Some(plain(message.site().name()))).filter(|name| !name.is_empty());
        from
    }
}

/// A mail from one sender to one recipient. `Debug` shows no part of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    from: Mailbox,
    reply_to: Option<Mailbox>,
    to: Address,
    subject: String,
    text: String,
    html: String,
    reference: String,
    locale: Locale,
}

impl Mail {
    /// The sender, from the configuration; its name may be that of the service.
    #[must_use]
    pub fn from(&self) -> &Mailbox {
        &self.from
    }

    /// Where answers go, if not to the sender.
    #[must_use]
    pub fn reply_to(&self) -> Option<&Mailbox> {
        self.reply_to.as_ref()
    }

    /// The recipient.
    #[must_use]
    pub fn to(&self) -> &Address {
        &self.to
    }

    /// The subject, without line breaks, control and invisible characters.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The body as plain text. Lines end in `\n`; tabs are the only control characters.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The body as HTML; as [`text`](Self::text).
    #[must_use]
    pub fn html(&self) -> &str {
        &self.html
    }

    /// What a bounce must carry: see [`Bounce::reference_for`].
    #[must_use]
    pub fn reference(&self) -> &str {
        &self.reference
    }

    /// The `Message-ID`, in angle brackets: the [`reference`](Self::reference) at the sender's domain.
    #[must_use]
    pub fn message_id(&self) -> String {
        format!("<{}@{}>", self.reference, self.from.address.domain())
    }

    /// What else the head says: the language, and that no program shall answer.
    #[must_use]
    pub fn headers(&self) -> [(&'static str, &str); 3] {
        [
            ("Content-Language", self.locale.tag()),
            // RFC 3834 §5: keeps vacation responders from answering and sending the link elsewhere (CVE-2017-8295).
            ("Auto-Submitted", "auto-generated"),
            ("X-Auto-Response-Suppress", "All"),
        ]
    }
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mail(…)")
    }
}

/// Converts line ends to LF and drops control characters except tabs: servers disagree on a lone CR, a NUL or an escape
/// sequence (CVE-2021-38189).
fn lines(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    text.replace(|letter: char| letter.is_control() && !matches!(letter, '\n' | '\t'), "")
}
