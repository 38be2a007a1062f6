//! What arrived: the link, the times that it states, and what the receiving server says of its sender.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mail_parser::MessageParser;
use password_reset::secret::LinkToken;
use password_reset::{Language, ResetId};
use zeroize::Zeroizing;

use super::Doctor;

/// A link as it stands in the mail.
pub(super) struct Link {
    /// Up to the `#`.
    pub(super) page: String,
    /// Up to the secret.
    before: String,
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
        let site = self.settings.site();
        let (wanted, cancels) = (site.before_secret("link").into_owned(), site.before_secret("cancel").into_owned());
        let mut links: Vec<Link> = text.split_whitespace().filter_map(link).collect();
        let found = links.iter().position(|link| link.before == wanted);
        // Of an application with other settings, the one that does not cancel.
        let found = found.or_else(|| links.iter().position(|link| link.before != cancels && !link.is_to_cancel()));
        let Some(link) = found.map(|at| links.swap_remove(at)) else {
            let what = "the mail has no link with a secret after its #";
            self.find("link_rewritten", what, "turn click tracking off at the mail service for this sender");
            return None;
        };
        if link.before != wanted {
            let leads = url::Url::parse(&link.page).ok();
            let leads = leads.as_ref().map_or("elsewhere", |url| url.host_str().unwrap_or("elsewhere"));
            let base = site.base_url().to_owned();
            let own = format!("{base}/link#") != wanted;
            let change = match own {
                true => format!("site.link_page of the application: write the one whose secret stands behind {wanted}"),
                false => format!("site.url of the application: write url = \"{base}\" in [site]"),
            };
            self.find("link_address", format!("the link in the mail leads to {leads}, and not to {wanted}…"), change);
            return None;
        }
        let whole = Zeroizing::new(format!("{}{}", link.before, *link.secret));
        let in_html = html.contains(whole.as_str()) || html.contains(&whole.replace('&', "&amp;"));
        if mail.html_body.is_empty() || !in_html {
            let what = "the button of the mail leads elsewhere than the plain link";
            self.find("link_rewritten", what, "turn click tracking off at the mail service for this sender");
        }
        Some(link)
    }

    fn compare_minutes(&mut self, text: &str) {
        let lives = self.settings.lifetimes().link;
        let languages = self.settings.site().languages();
        let states = |language: &Language| one_line(text).contains(&one_line(&language.duration(lives)));
        if !languages.iter().any(states) {
            let stated = languages.first().duration(lives);
            let what = format!("the mail does not state that its link works for {stated}, as the settings say");
            let change =
                format!("lifetimes.link of the application: write link = \"{}s\" in [lifetimes]", lives.as_secs());
            self.find("stated_minutes", what, change);
        }
    }

    fn read_authentication(&mut self, mail: &mail_parser::Message<'_>) {
        let Some(authserv_id) = self.canary.authserv_id.clone() else { return };
        // The topmost of this name is the receiving server's; others may have come with the mail.
        let headers = mail.headers_raw().filter(|(name, _)| name.eq_ignore_ascii_case("Authentication-Results"));
        let mut results = headers.map(|(_, value)| one_line(value));
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

impl Link {
    /// As a page that cancels is mostly named.
    fn is_to_cancel(&self) -> bool {
        self.before.contains("/cancel")
    }
}

/// A word of the text that is a link with a secret behind its `#`.
fn link(word: &str) -> Option<Link> {
    let (page, fragment) = word.split_once('#').filter(|(page, _)| page.starts_with("http"))?;
    let of_secret = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
    let secret = fragment.split(|letter| !of_secret(letter)).find(|part| LinkToken::parse(part).is_ok())?;
    let (before, _) = word.split_once(secret)?;
    let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(secret).ok()?);
    let reset = bytes.first_chunk::<16>().map(|id| ResetId::from_bytes(*id));
    let secret = Zeroizing::new(secret.to_owned());
    Some(Link { page: page.to_owned(), before: before.to_owned(), secret, reset })
}

/// Lines may be broken on the way, wherever there is a space.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
