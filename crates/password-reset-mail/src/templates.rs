//! The texts of mails: a trait that an application can implement, and the default texts.

mod html;
mod letter;
mod letters;
mod notices;
mod text;
mod writing;

use std::fmt;

use password_reset::Message;
use password_reset::message::MessageBody;

pub(crate) use self::letter::plain;

/// Writes mails.
///
/// Implement this for texts or a look of your own, and delegate the rest to [`DefaultTemplates`]:
///
/// ```
/// use password_reset::message::{LinkKind, MessageBody};
/// use password_reset::{Locale, Message};
/// use password_reset_mail::{DefaultTemplates, MailTemplates, MailWriter, RenderError, RenderedMail};
///
/// #[derive(Debug)]
/// struct Friendlier;
///
/// impl MailTemplates for Friendlier {
///     fn render(&self, message: &Message) -> Result<RenderedMail, RenderError> {
///         let mut mail = DefaultTemplates::new().render(message)?;
///         if let (MessageBody::Link(body), Locale::ENGLISH) = (message.body(), message.locale())
///             && matches!(body.kind, LinkKind::Reset { .. })
///         {
///             mail.subject = format!("Locked out? Let's get you back in ({})", message.reset().reference());
///         }
///         Ok(mail)
///     }
/// }
///
/// let writer = MailWriter::new("no-reply@toko.example")?.with_templates(Friendlier); // each notifier has it too
/// # Ok::<(), password_reset_mail::MailConfigError>(())
/// ```
///
/// # Contract
/// * Text and HTML contain the same link and the same code, and state the service, the purpose, the lifetime, and what
///   to do if the reader did not ask for it.
/// * HTML escapes all values, and does not make links of names.
/// * There are no images, tracking pixels, scripts or URLs other than those of the message.
/// * The same message gives the same mail, however often it is rendered.
/// * The subject of a link or a code ends in the [reference](password_reset::ResetId::reference) of its reset, in brackets: the
///   waiting page says so.
///
/// # Security
/// Locked screens show the subject and the first words of the body: they must not contain a secret.
pub trait MailTemplates: fmt::Debug + Send + Sync + 'static {
    /// Writes the mail of a message, in the message's language.
    ///
    /// # Errors
    /// [`RenderError`] when there is no mail for the message. The notifier gives it up, and the audit trail has the reason.
    fn render(&self, message: &Message) -> Result<RenderedMail, RenderError>;
}

/// A rendered mail.
///
/// Any line ends are allowed. The notifier drops control characters from the bodies, and refuses them in the subject.
/// `Debug` shows no content, because it contains secrets.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RenderedMail {
    /// The subject; without secrets.
    pub subject: String,
    /// The body as plain text.
    pub text: String,
    /// The body as HTML.
    pub html: String,
}

impl RenderedMail {
    /// All parts; see the fields.
    #[must_use]
    pub fn new(subject: impl Into<String>, text: impl Into<String>, html: impl Into<String>) -> Self {
        Self { subject: subject.into(), text: text.into(), html: html.into() }
    }
}

impl fmt::Debug for RenderedMail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RenderedMail(…)")
    }
}

/// There is no mail for a message.
///
/// The reason is a `'static` text, so that no part of the message can get into audit trails and logs with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct RenderError {
    why: &'static str,
}

impl RenderError {
    /// The reason, for administrators.
    #[must_use]
    pub const fn new(why: &'static str) -> Self {
        Self { why }
    }

    /// The reason.
    #[must_use]
    pub const fn why(&self) -> &'static str {
        self.why
    }
}

/// The default texts, in the languages of the [`Site`](password_reset::Site::with_languages).
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct DefaultTemplates;

impl DefaultTemplates {
    /// The default texts.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

impl MailTemplates for DefaultTemplates {
    fn render(&self, message: &Message) -> Result<RenderedMail, RenderError> {
        let no_text = RenderError::new("no text for this message: update password-reset-mail");
        let mut letter = letters::letter(message).ok_or(no_text)?;
        // Mail programs put mails with one subject into one conversation, and the newest link is then easily overlooked.
        if matches!(message.body(), MessageBody::Link(_) | MessageBody::Code(_)) {
            letter.subject = format!("{} ({})", letter.subject, message.reset().reference());
        }
        Ok(RenderedMail { text: text::write(&letter), html: html::write(&letter), subject: letter.subject })
    }
}
