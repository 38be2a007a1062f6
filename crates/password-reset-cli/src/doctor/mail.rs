//! What arrived: the link, the times that it states, and what the receiving server says of its sender.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mail_parser::MessageParser;
use password_reset::ResetId;
use password_reset::secret::LinkToken;
use zeroize::Zeroizing;

use super::Doctor;

/// A link as it stands in the mail.
pub(super) struct Link {
    /// Up to the `#`.
    pub(super) page: String,
    pub(super) secret: Zeroizing<String>,
    pub(super) reset: Option<ResetId>,
}

impl Doctor<'_> {
    /// The link, if it is one that can be followed.
    pub(super) fn read_mail(&mut self, mail: &[u8]) -> Option<Link> {
        let Some(mail) = MessageParser::default().parse(mail) else {
            self.find("link_rewritten", "the mail cannot be read", "turn rewriting of mails off on their way");
            return None;
        };
        self.read_authentication(&mail);
        let (text, html) = (mail.body_text(0).unwrap_or_default(), mail.body_html(0).unwrap_or_default());
        self.compare_minutes(&text);
        let base = self.settings.site().base_url().to_owned();
        let Some(link) = text.split_whitespace().find_map(link) else {
            let what = "the mail has no link with a secret after its #";
            self.find("link_rewritten", what, "turn click tracking off at the mail service for this sender");
            return None;
        };
        if !link.page.starts_with(&format!("{base}/")) {
            let leads = url::Url::parse(&link.page).ok();
            let leads = leads.as_ref().map_or("elsewhere", |url| url.host_str().unwrap_or("elsewhere"));
            let what = format!("the link in the mail leads to {leads}, and not below {base}");
            self.find("link_address", what, format!("site.url of the application: write url = \"{base}\" in [site]"));
            return None;
        }
        let whole = format!("{}#{}", link.page, *link.secret);
        if mail.html_body.is_empty() || !html.contains(&whole) {
            let what = "the button of the mail leads elsewhere than the plain link";
            self.find("link_rewritten", what, "turn click tracking off at the mail service for this sender");
        }
        Some(link)
    }

    fn compare_minutes(&mut self, text: &str) {
        let lives = self.settings.lifetimes().link;
        let [english, indonesian] = spans(lives);
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if !words.contains(&english) && !words.contains(&indonesian) {
            let what = format!("the mail does not state that its link works for {english}, as the settings say");
            let seconds = lives.as_secs();
            self.find(
                "stated_minutes",
                what,
                format!("lifetimes.link of the application: write link = \"{seconds}s\" in [lifetimes]"),
            );
        }
    }

    fn read_authentication(&mut self, mail: &mail_parser::Message<'_>) {
        let Some(authserv_id) = self.canary.authserv_id.clone() else { return };
        // The topmost of this name is the receiving server's; others may have come with the mail.
        let headers = mail.headers_raw().filter(|(name, _)| name.eq_ignore_ascii_case("Authentication-Results"));
        let mut results = headers.map(|(_, value)| value.split_whitespace().collect::<Vec<_>>().join(" "));
        let is_of =
            |value: &String| value.split([';', ' ']).next().is_some_and(|id| id.eq_ignore_ascii_case(&authserv_id));
        let Some(results) = results.find(is_of) else {
            let what = format!("the mail has no Authentication-Results of {authserv_id}");
            self.find(
                "authentication_results",
                what,
                "canary.authserv_id: write the name that the receiving server signs them with",
            );
            return;
        };
        for (name, change) in [
            ("spf", "the TXT record of the sender's domain: let it include the mail server (v=spf1 …)"),
            ("dkim", "the mail service: sign with DKIM for the domain of mail.from, and publish its key"),
            ("dmarc", "the TXT record _dmarc, and a mail.from in the domain that SPF or DKIM passes for"),
        ] {
            let wanted = format!("{name}=");
            let found = results.split([';', ' ']).find_map(|part| part.strip_prefix(&wanted)).map(str::to_owned);
            if found.as_deref() != Some("pass") {
                let what = format!("{} says {name}={}", authserv_id, found.as_deref().unwrap_or("nothing"));
                self.find(name, what, change);
            }
        }
    }
}

/// A word of the text that is a link with a secret, but not the one that cancels.
fn link(word: &str) -> Option<Link> {
    let (page, secret) = word.split_once('#')?;
    LinkToken::parse(secret).ok()?;
    if !page.starts_with("http") || page.ends_with("/cancel") {
        return None;
    }
    let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(secret).ok()?);
    let reset = bytes.first_chunk::<16>().map(|id| ResetId::from_bytes(*id));
    Some(Link { page: page.to_owned(), secret: Zeroizing::new(secret.to_owned()), reset })
}

/// As mails state it, in English and Indonesian.
fn spans(lives: Duration) -> [String; 2] {
    let minutes = lives.as_secs().div_euclid(60);
    let parts = [
        (minutes.div_euclid(1_440), "day", "hari"),
        (minutes.div_euclid(60).rem_euclid(24), "hour", "jam"),
        (minutes.rem_euclid(60), "minute", "menit"),
    ];
    let parts = parts.into_iter().filter(|(count, _, _)| *count > 0);
    let (mut english, mut indonesian) = (Vec::new(), Vec::new());
    for (count, unit, satuan) in parts {
        english.push(format!("{count} {unit}{}", if count == 1 { "" } else { "s" }));
        indonesian.push(format!("{count} {satuan}"));
    }
    [english.join(" "), indonesian.join(" ")]
}
