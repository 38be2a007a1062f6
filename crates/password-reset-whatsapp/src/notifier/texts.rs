//! The texts of replies.

use std::fmt::Debug;
use std::time::Duration;

use password_reset::message::{CodeMessage, LinkMessage};
use password_reset::{Locale, SecretUrl, Site};

/// Writes the replies to inbound messages: free text, in the chat that the sender has just opened.
///
/// # Security
/// An attacker may have talked the reader into sending the message. The reply must name the service and the purpose, and
/// say what to do if the reader did not ask for it.
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
        let (name, lives, code) = (site.name(), lives(locale, message.lives), message.code.expose());
        let text = match locale {
            Locale::Indonesian => format!(
                "{name}: ada permintaan atur ulang kata sandi untuk akun Anda. Jika ini Anda, masukkan {code} di halaman \
                 tempat Anda memulai, dalam {lives}.\n\nBukan Anda, atau ada yang menyuruh Anda mengirim pesan tadi? \
                 Jangan berikan kode ini kepada siapa pun."
            ),
            _ => format!(
                "{name}: someone requested a password reset for your account. If this is you, enter {code} on the page \
                 where you started, within {lives}.\n\nNot you, or did someone tell you to send that message? Do not \
                 share this code with anyone."
            ),
        };
        text + &cancel(locale, &message.cancel)
    }

    fn reply_link(&self, site: &Site, locale: Locale, message: &LinkMessage) -> String {
        let (name, lives, link) = (site.name(), lives(locale, message.lives), message.link.expose());
        let text = match locale {
            Locale::Indonesian => format!(
                "{name}: ada permintaan atur ulang kata sandi untuk akun Anda. Jika ini Anda, buka tautan ini dalam \
                 {lives}:\n{link}\n\nBukan Anda, atau ada yang menyuruh Anda mengirim pesan tadi? Abaikan pesan ini, \
                 dan jangan bagikan tautannya kepada siapa pun."
            ),
            _ => format!(
                "{name}: someone requested a password reset for your account. If this is you, open this link within \
                 {lives}:\n{link}\n\nNot you, or did someone tell you to send that message? Ignore this message and do \
                 not share the link with anyone."
            ),
        };
        text + &cancel(locale, &message.cancel)
    }
}

/// The link that cancels the reset.
pub(super) fn cancel(locale: Locale, url: &SecretUrl) -> String {
    match locale {
        Locale::Indonesian => format!("\n\nBatalkan permintaan ini: {}", url.expose()),
        _ => format!("\n\nCancel this request: {}", url.expose()),
    }
}

/// Whole minutes in words, rounded down so that the text never promises more than there are.
pub(super) fn lives(locale: Locale, lives: Duration) -> String {
    match (lives.as_secs().div_euclid(60), locale) {
        (0, Locale::Indonesian) => "kurang dari 1 menit".to_owned(),
        (minutes, Locale::Indonesian) => format!("{minutes} menit"),
        (0, _) => "less than a minute".to_owned(),
        (1, _) => "1 minute".to_owned(),
        (minutes, _) => format!("{minutes} minutes"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use chrono::DateTime;
    use password_reset::message::{CodeKind, CodeMessage, LinkKind, LinkMessage};
    use password_reset::secret::Code;
    use password_reset_testkit::voice::avoided;

    use super::{DefaultTexts, Locale, ReplyTexts as _, SecretUrl, Site, lives};

    #[test]
    fn no_reply_uses_a_word_that_the_glossary_avoids() {
        let site = Site::new("Toko Contoh", "https://toko.example/reset");
        let url = |page| SecretUrl::new(&site, page, "no-secret");
        let (minutes, at) = (Duration::from_secs(600), DateTime::UNIX_EPOCH);
        let code = CodeMessage::new(CodeKind::Reply, Code::parse("483126").unwrap(), minutes, url("cancel"), at);
        let link = LinkMessage::new(LinkKind::Reply, url("link"), minutes, url("cancel"), at);
        for &locale in Locale::ALL {
            let texts = DefaultTexts::new();
            for text in [texts.reply_code(&site, locale, &code), texts.reply_link(&site, locale, &link)] {
                assert_eq!(avoided(locale.tag(), &text), [""; 0], "{text}");
            }
        }
    }

    #[test]
    fn lifetimes_are_counted_in_words() {
        for (seconds, english, indonesian) in [
            (59, "less than a minute", "kurang dari 1 menit"),
            (60, "1 minute", "1 menit"),
            (659, "10 minutes", "10 menit"),
        ] {
            let texts = [Locale::English, Locale::Indonesian].map(|locale| lives(locale, Duration::from_secs(seconds)));
            assert_eq!(texts, [english, indonesian]);
        }
    }
}
