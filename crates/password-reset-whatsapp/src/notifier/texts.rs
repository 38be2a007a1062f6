//! The texts of replies.

use std::fmt::Debug;
use std::time::Duration;

use password_reset::message::{CodeMessage, LinkMessage};
use password_reset::{Language, Locale, SecretUrl, Site};

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

/// The replies in the languages of the site.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct DefaultTexts;

impl DefaultTexts {
    /// The replies in the languages of the site.
    #[must_use]
    pub fn new() -> Self {
        Self
    }
}

impl ReplyTexts for DefaultTexts {
    fn reply_code(&self, site: &Site, locale: Locale, message: &CodeMessage) -> String {
        let proof = ("code", message.code.expose());
        reply("reply-code", site, locale, proof, &message.cancel, message.lives)
    }

    fn reply_link(&self, site: &Site, locale: Locale, message: &LinkMessage) -> String {
        let proof = ("link", message.link.expose());
        reply("reply-link", site, locale, proof, &message.cancel, message.lives)
    }
}

fn reply(
    key: &str,
    site: &Site,
    locale: Locale,
    (name, proof): (&str, &str),
    cancel: &SecretUrl,
    lives: Duration,
) -> String {
    let language = site.languages().get(locale);
    let lives = minutes(language, lives);
    let values = [("name", site.name()), (name, proof), ("cancel", cancel.expose()), ("lives", &lives)];
    language.fill(key, &values.map(|(name, value)| (name, value.into())))
}

/// Whole minutes in words, rounded down so that the text never promises more than there are.
pub(super) fn minutes(language: &Language, lives: Duration) -> String {
    match lives.as_secs() / 60 {
        0 => language.text("span-moment"),
        minutes => language.fill("span-minutes", &[("n", minutes.into())]),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use chrono::DateTime;
    use password_reset::message::{CodeKind, CodeMessage, LinkKind, LinkMessage};
    use password_reset::secret::Code;
    use password_reset_testkit::voice::avoided;

    use super::{DefaultTexts, Language, Locale, ReplyTexts as _, SecretUrl, Site, minutes};

    #[test]
    fn no_reply_uses_a_word_that_the_glossary_avoids() {
        let site = Site::new("Toko Contoh", "https://toko.example/reset");
        let url = |page| SecretUrl::new(&site, page, "no-secret");
        let (minutes, at) = (Duration::from_secs(600), DateTime::UNIX_EPOCH);
        let code = CodeMessage::new(CodeKind::Reply, Code::parse("483126").unwrap(), minutes, url("cancel"), at);
        let link = LinkMessage::new(LinkKind::Reply, url("link"), minutes, url("cancel"), at);
        for locale in [Locale::ENGLISH, Locale::INDONESIAN] {
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
            let texts = [Language::english(), Language::indonesian()]
                .map(|language| minutes(&language, Duration::from_secs(seconds)));
            assert_eq!(texts, [english, indonesian]);
        }
    }
}
