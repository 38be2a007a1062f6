//! The texts of replies.

use std::fmt::Debug;
use std::time::Duration;

use password_reset::message::{CodeMessage, LinkMessage};
use password_reset::{Locale, SecretUrl, Site};

/// Writes the replies to inbound messages: free text, in the chat that the sender has just opened.
///
/// # Security
/// An attacker may have talked the reader into sending the message. The reply must name the service and the purpose, and
/// say what to do if the reader did not ask for it (R129).
pub trait ReplyTexts: Debug + Send + Sync + 'static {
    /// The reply with a code to type on the page where the requester asked.
    fn reply_code(&self, site: &Site, locale: Locale, message: &CodeMessage) -> String;

    /// The reply with a link that continues on the phone.
    fn reply_link(&self, site: &Site, locale: Locale, message: &LinkMessage) -> String;
}

/// The replies in English and Indonesian.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct DefaultTexts;

impl DefaultTexts {
    /// The replies in English and Indonesian.
    #[must_use]
    pub fn new() -> Self {
        Self
    }
}

impl ReplyTexts for DefaultTexts {
    fn reply_code(&self, site: &Site, locale: Locale, message: &CodeMessage) -> String {
        let (name, minutes, code) = (site.name(), minutes(message.lives), message.code.expose());
        let code = code.as_str();
        let text = match locale {
            Locale::Indonesian => format!(
                "{name}: ada permintaan mengatur ulang kata sandi akun Anda. Jika ini Anda, ketik {code} di halaman tempat \
                 Anda memintanya, dalam {minutes} menit.\n\nBukan Anda, atau ada yang menyuruh Anda mengirim pesan tadi? \
                 Jangan berikan kode ini kepada siapa pun."
            ),
            _ => format!(
                "{name}: somebody wants to reset the password of your account. If it is you, type {code} on the page where \
                 you asked, within {minutes} minutes.\n\nNot you, or did somebody tell you to send that message? Do not \
                 give this code to anyone."
            ),
        };
        text + &cancel(locale, &message.cancel)
    }

    fn reply_link(&self, site: &Site, locale: Locale, message: &LinkMessage) -> String {
        let (name, minutes, link) = (site.name(), minutes(message.lives), message.link.expose());
        let text = match locale {
            Locale::Indonesian => format!(
                "{name}: ada permintaan mengatur ulang kata sandi akun Anda. Jika ini Anda, lanjutkan di ponsel ini dalam \
                 {minutes} menit:\n{link}\n\nBukan Anda, atau ada yang menyuruh Anda mengirim pesan tadi? Abaikan pesan \
                 ini, dan jangan teruskan tautannya."
            ),
            _ => format!(
                "{name}: somebody wants to reset the password of your account. If it is you, go on on this phone within \
                 {minutes} minutes:\n{link}\n\nNot you, or did somebody tell you to send that message? Ignore this, and do \
                 not pass the link on."
            ),
        };
        text + &cancel(locale, &message.cancel)
    }
}

/// The link that cancels the reset.
fn cancel(locale: Locale, url: &SecretUrl) -> String {
    match locale {
        Locale::Indonesian => format!("\n\nBatalkan permintaan ini: {}", url.expose()),
        _ => format!("\n\nCancel this request: {}", url.expose()),
    }
}

/// Whole minutes, rounded down so that the text never promises more than there are.
fn minutes(lives: Duration) -> u64 {
    lives.as_secs().div_euclid(60)
}
