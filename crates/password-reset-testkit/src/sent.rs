//! A message as a test reads it.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};
use password_reset::message::{AccountLink, LinkKind, MessageBody, NoticeAction, Zone};
use password_reset::secret::Code;
use password_reset::{Channel, Contact, Locale, Message};

/// A message that a [`RecordingNotifier`](crate::RecordingNotifier) was asked to deliver, with its secrets in plain
/// text. `Debug` shows neither secrets nor addresses.
#[derive(Clone)]
#[non_exhaustive]
pub struct Sent {
    /// The message's id, in hexadecimal.
    pub id: String,
    /// The one recipient.
    pub to: Contact,
    /// The language.
    pub locale: Locale,
    /// The zone in which it states times.
    pub zone: Zone,
    /// Whether the notifier answered [`Delivery::Delivered`](password_reset::ports::Delivery::Delivered).
    pub delivered: bool,
    /// When the reset was requested or, in a notice, when it happened.
    pub at: DateTime<Utc>,
    /// Lifetime of the link, or of the code where there is no link.
    pub lives: Option<Duration>,
    /// The channel of the reset, in a notice.
    pub channel: Option<Channel>,
    /// The device that set the password, or on which the reset was requested.
    pub device: Option<String>,
    /// Whom the message addresses.
    pub name: Option<String>,
    /// Which account the message is about.
    pub username: Option<String>,
    kind: &'static str,
    link: Option<String>,
    links: Vec<(Option<String>, String)>,
    code: Option<String>,
    cancel: Option<String>,
    lock: Option<String>,
}

impl Sent {
    pub(crate) fn new(message: &Message, delivered: bool) -> Self {
        let mut sent = Self {
            id: message.id().as_bytes().iter().map(|byte| format!("{byte:02x}")).collect(),
            to: message.to().clone(),
            locale: message.locale(),
            zone: message.zone().clone(),
            delivered,
            at: DateTime::UNIX_EPOCH,
            lives: None,
            channel: None,
            device: None,
            name: message.name().map(str::to_owned),
            username: message.username().map(str::to_owned),
            kind: message.body().name(),
            link: None,
            links: Vec::new(),
            code: None,
            cancel: None,
            lock: None,
        };
        let digits = |code: &Code| Some(code.expose().to_owned());
        match message.body() {
            MessageBody::Link(body) => {
                (sent.at, sent.lives, sent.device) = (body.asked_at, Some(body.lives), body.device.clone());
                sent.link = Some(body.link.expose().to_owned());
                sent.cancel = Some(body.cancel.expose().to_owned());
                if let LinkKind::Reset { code, .. } = &body.kind {
                    sent.code = digits(code);
                }
            }
            MessageBody::Links(body) => {
                (sent.at, sent.device) = (body.asked_at, body.device.clone());
                let link = |account: &AccountLink| (account.username.clone(), account.link.expose().to_owned());
                sent.links = body.accounts.iter().map(link).collect();
                sent.lives = body.accounts.iter().map(|account| account.lives).min();
            }
            MessageBody::Code(body) => {
                (sent.at, sent.lives, sent.device) = (body.asked_at, Some(body.lives), body.device.clone());
                sent.code = digits(&body.code);
                sent.cancel = Some(body.cancel.expose().to_owned());
            }
            MessageBody::ConfirmContact(body) => {
                (sent.at, sent.lives) = (body.asked_at, Some(body.lives));
                sent.link = Some(body.link.expose().to_owned());
            }
            MessageBody::Notice(notice) => {
                (sent.at, sent.channel, sent.device) = (notice.at, notice.channel, notice.device.clone());
                match &notice.action {
                    NoticeAction::Cancel(link) => {
                        (sent.cancel, sent.lives) = (Some(link.url.expose().to_owned()), Some(link.lives));
                    }
                    NoticeAction::Lock(link) => {
                        (sent.lock, sent.lives) = (Some(link.url.expose().to_owned()), Some(link.lives));
                    }
                    _ => {}
                }
            }
            _ => {}
        }
        sent
    }

    /// The name of the kind of message, as [`MessageBody::name`] has it: `reset_link`, `password_changed` and so on.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        self.kind
    }

    /// The whole URL of the link, if the message has one.
    #[must_use]
    pub fn link(&self) -> Option<&str> {
        self.link.as_deref()
    }

    /// The usernames and the secrets of the links of several accounts, if the message has these.
    #[must_use]
    pub fn link_secrets(&self) -> Vec<(Option<&str>, &str)> {
        let links = self.links.iter();
        links.filter_map(|(name, url)| Some((name.as_deref(), fragment(url)?))).collect()
    }

    /// The secret of the link: the part after `#`, as [`LinkToken::parse`](password_reset::secret::LinkToken::parse) takes it.
    #[must_use]
    pub fn link_secret(&self) -> Option<&str> {
        self.link().and_then(fragment)
    }

    /// The code, if the message has one.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// The secret that locks the account, as [`LockToken::parse`](password_reset::secret::LockToken::parse) takes it.
    #[must_use]
    pub fn lock_secret(&self) -> Option<&str> {
        self.lock.as_deref().and_then(fragment)
    }

    /// The whole URL that cancels the reset, if the message has one.
    #[must_use]
    pub fn cancel(&self) -> Option<&str> {
        self.cancel.as_deref()
    }

    /// The secret that cancels the reset, as [`CancelToken::parse`](password_reset::secret::CancelToken::parse) takes it.
    #[must_use]
    pub fn cancel_secret(&self) -> Option<&str> {
        self.cancel().and_then(fragment)
    }
}

impl fmt::Debug for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sent")
            .field("kind", &self.kind())
            .field("to", &self.to)
            .field("locale", &self.locale)
            .field("delivered", &self.delivered)
            .finish_non_exhaustive()
    }
}

/// The secret in the fragment of a link. A site may have other words around it, which are shorter.
fn fragment(url: &str) -> Option<&str> {
    let (_, fragment) = url.split_once('#')?;
    let of_secret = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
    fragment.split(|letter| !of_secret(letter)).max_by_key(|run| run.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn a_test_can_read_the_secrets_but_debug_hides_them() {
        let sent = Sent::new(&sample::link_message(Contact::email("ana@example.com")), true);
        assert_eq!(sent.code(), Some("01234567"));
        assert_eq!(sent.link_secret(), Some("no-secret-at-all"));
        assert_eq!(sent.cancel_secret(), Some("no-secret-either"));
        assert_eq!(sent.link(), Some("https://toko.example/reset/link#no-secret-at-all"));
        assert_eq!((sent.kind(), sent.to.value(), sent.id.len()), ("reset_link", "ana@example.com", 64));
        let shown = format!("{sent:?}");
        for hidden in ["01234567", "secret", "ana@"] {
            assert!(!shown.contains(hidden), "Debug shows {hidden}");
        }
    }
}
