//! Cookies, named after their reset, so that two resets in one browser do not mix.
//!
//! All are `HttpOnly`, with path `/`; on an https site `Secure` and with the prefix `__Host-`, which no other host can
//! set. The grant has a cookie of its own that exists only after the proof, and no cookie here is a session.
//! A partial grant has one too, and gives access to nothing without the step-up.

use std::time::Duration;

use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};
use password_reset::ports::{RandomSource, SystemRandom};
use password_reset::secret::{GrantToken, Malformed, PartialGrantToken, RequesterToken};
use password_reset::{Locale, PortError};
use subtle::ConstantTimeEq;
use url::form_urlencoded;
use zeroize::Zeroizing;

/// The number of resets that one browser keeps. Older cookies are deleted, so that repeated requests never make the
/// headers too long for a server.
const MAX_RESETS: usize = 6;

/// Characters of a reset's name: 12 of the 16 bytes of its id, none of its secret.
const NAME_LENGTH: usize = 16;

/// The longest typed text that is kept, in bytes; longer ones are no identifier.
const MAX_TYPED: usize = 254;

/// How the names of the cookies with the secrets of a reset begin.
const REQUESTER_TOKEN: &str = "r-";
const PARTIAL_GRANT: &str = "p-";
const GRANT: &str = "g-";

const FORM_TOKEN_LIVES: Duration = Duration::from_secs(24 * 60 * 60);
const TYPED_LIVES: Duration = Duration::from_secs(60);
const LANGUAGE_LIVES: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// The public name of a reset within one browser, in cookies, forms and addresses: the first bytes of its id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ResetName(String);

impl ResetName {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        (text.len() == NAME_LENGTH && text.bytes().all(plain)).then(|| Self(text.to_owned()))
    }

    /// The reset of a requester token, a partial grant or a grant, each of which begins with its id.
    pub(crate) fn of(secret: &str) -> Self {
        Self(secret.chars().take(NAME_LENGTH).collect())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// A sort key by age: an id begins with its time of creation, and this maps base64url digits to their values.
    fn age(&self) -> Vec<u8> {
        let digit = |byte: u8| match byte {
            b'A'..=b'Z' => byte.wrapping_sub(b'A'),
            b'a'..=b'z' => byte.wrapping_sub(b'a').wrapping_add(26),
            b'0'..=b'9' => byte.wrapping_sub(b'0').wrapping_add(52),
            b'-' => 62,
            _ => 63,
        };
        self.0.bytes().map(digit).collect()
    }
}

/// The attributes of this site's cookies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CookieStyle {
    secure: bool,
}

impl CookieStyle {
    /// Over plain http, which is allowed on loopback alone, browsers accept neither `Secure` nor the prefix.
    pub(crate) fn new(https: bool) -> Self {
        Self { secure: https }
    }

    fn prefix(self) -> &'static str {
        if self.secure { "__Host-pr-" } else { "pr-" }
    }

    fn write(self, name: &str, value: &str, lives: Duration, same_site: &str) -> Option<HeaderValue> {
        let (prefix, seconds) = (self.prefix(), lives.as_secs());
        let secure = if self.secure { " Secure;" } else { "" };
        let cookie =
            format!("{prefix}{name}={value}; HttpOnly; SameSite={same_site};{secure} Path=/; Max-Age={seconds}");
        HeaderValue::try_from(cookie).ok().map(|mut header| {
            header.set_sensitive(true);
            header
        })
    }

    /// Remembers the chosen language.
    pub(crate) fn set_language(self, locale: Locale) -> Option<HeaderValue> {
        self.write("lang", locale.tag(), LANGUAGE_LIVES, "Lax")
    }
}

/// A random value in a page's forms and in a cookie. A form of another site cannot know it.
#[derive(Clone)]
pub(crate) struct FormToken(String);

impl FormToken {
    const LENGTH: usize = 32;

    pub(crate) fn random() -> Result<Self, PortError> {
        let mut bytes = [0; Self::LENGTH / 2];
        SystemRandom.fill(&mut bytes)?;
        Ok(Self(format!("{:032x}", u128::from_be_bytes(bytes))))
    }

    fn parse(text: &str) -> Option<Self> {
        let hex = text.len() == Self::LENGTH && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        hex.then(|| Self(text.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn is(&self, field: &str) -> bool {
        self.0.as_bytes().ct_eq(field.as_bytes()).into()
    }
}

/// The cookies of this library in a request.
pub(crate) struct Jar {
    style: CookieStyle,
    /// Of each kind, the secrets of resets, the oldest reset first.
    held: Vec<(&'static str, ResetName, Zeroizing<String>)>,
    form: Option<FormToken>,
    locale: Option<Locale>,
    typed: Option<String>,
    used: bool,
}

impl Jar {
    pub(crate) fn read(style: CookieStyle, headers: &HeaderMap) -> Self {
        let mut jar = Self { style, held: Vec::new(), form: None, locale: None, typed: None, used: false };
        for (name, value) in headers.get_all(COOKIE).iter().flat_map(|header| pairs(header.as_bytes())) {
            if let Some(name) = name.strip_prefix(style.prefix()) {
                jar.used = true;
                jar.take(name, value);
            }
        }
        jar.held.sort_by_cached_key(|(_, name, _)| name.age());
        jar
    }

    fn take(&mut self, name: &str, value: &str) {
        for kind in [REQUESTER_TOKEN, PARTIAL_GRANT, GRANT] {
            let reset = name.strip_prefix(kind).and_then(ResetName::parse);
            if let Some(reset) = reset.filter(|reset| *reset == ResetName::of(value)) {
                self.held.push((kind, reset, Zeroizing::new(value.to_owned())));
            }
        }
        match name {
            "form" => self.form = self.form.take().or_else(|| FormToken::parse(value)),
            "typed" => {
                let value = format!("typed={value}");
                self.typed = form_urlencoded::parse(value.as_bytes()).next().map(|(_, typed)| typed.into_owned());
            }
            "lang" => self.locale = self.locale.or_else(|| value.parse().ok()),
            _ => {}
        }
    }

    pub(crate) fn locale(&self) -> Option<Locale> {
        self.locale
    }

    /// Whether the browser sends any cookie of this library.
    pub(crate) fn is_used(&self) -> bool {
        self.used
    }

    /// What was typed into the start form, when it is shown again.
    pub(crate) fn typed(&self) -> &str {
        self.typed.as_deref().unwrap_or_default()
    }

    pub(crate) fn form_token(&self) -> Option<&FormToken> {
        self.form.as_ref()
    }

    /// The name of the newest reset that this browser waits for.
    pub(crate) fn newest(&self) -> Option<&ResetName> {
        self.names(REQUESTER_TOKEN).last()
    }

    pub(crate) fn requester_token(&self, reset: &ResetName) -> Option<RequesterToken> {
        self.secret(REQUESTER_TOKEN, reset, RequesterToken::parse)
    }

    pub(crate) fn partial_grant(&self, reset: &ResetName) -> Option<PartialGrantToken> {
        self.secret(PARTIAL_GRANT, reset, PartialGrantToken::parse)
    }

    pub(crate) fn grant(&self, reset: &ResetName) -> Option<GrantToken> {
        self.secret(GRANT, reset, GrantToken::parse)
    }

    fn secret<T>(&self, kind: &str, reset: &ResetName, parse: fn(&str) -> Result<T, Malformed>) -> Option<T> {
        let mut held = self.held.iter().filter(|(held, name, _)| *held == kind && name == reset);
        held.find_map(|(.., text)| parse(text).ok())
    }

    /// The resets of which the browser has a secret of this kind, the oldest first.
    fn names(&self, kind: &str) -> impl Iterator<Item = &ResetName> {
        self.held.iter().filter(move |(held, ..)| *held == kind).map(|(_, name, _)| name)
    }
}

/// The cookies of a header that are text. Other applications on the same host set what they like, so a cookie that cannot
/// be read never affects the next one (RFC 6265 §5.4 sends bytes).
fn pairs(header: &[u8]) -> impl Iterator<Item = (&str, &str)> {
    header.split(|byte| *byte == b';').filter_map(|pair| {
        let (name, value) = std::str::from_utf8(pair).ok()?.split_once('=')?;
        let value = value.trim_matches([' ', '\t']);
        // Some proxies and clients quote every value.
        let unquoted = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
        Some((name.trim_matches([' ', '\t']), unquoted.unwrap_or(value)))
    })
}

/// The `Set-Cookie` headers of a response.
#[derive(Default)]
pub(crate) struct SetCookies(Vec<HeaderValue>);

impl SetCookies {
    pub(crate) fn set_form_token(&mut self, style: CookieStyle, token: &FormToken) {
        self.0.extend(style.write("form", token.as_str(), FORM_TOKEN_LIVES, "Lax"));
    }

    /// Keeps what was typed for the page that says what is wrong with it; a redirect cannot carry it without showing it in
    /// the address.
    pub(crate) fn set_typed(&mut self, style: CookieStyle, typed: &str) {
        let kept = if typed.len() <= MAX_TYPED { typed } else { "" };
        let value: String = form_urlencoded::byte_serialize(kept.as_bytes()).collect();
        self.0.extend(style.write("typed", &value, TYPED_LIVES, "Strict"));
    }

    /// Sets the requester token of a new reset.
    pub(crate) fn set_requester_token(&mut self, jar: &Jar, requester_token: &RequesterToken, lives: Duration) {
        self.set(jar, REQUESTER_TOKEN, &[], requester_token.expose(), lives);
    }

    /// Sets the partial grant of a first proof, and deletes the requester token, which is no longer needed.
    pub(crate) fn set_partial_grant(&mut self, jar: &Jar, partial_grant: &PartialGrantToken, lives: Duration) {
        self.set(jar, PARTIAL_GRANT, &[REQUESTER_TOKEN], partial_grant.expose(), lives);
    }

    /// Sets the grant of a proof, and deletes the tokens that led to it.
    pub(crate) fn set_grant(&mut self, jar: &Jar, grant: &GrantToken, lives: Duration) {
        self.set(jar, GRANT, &[REQUESTER_TOKEN, PARTIAL_GRANT], grant.expose(), lives);
    }

    /// Sets a secret, deletes those of its reset that led to it, and of its own kind the oldest beyond [`MAX_RESETS`].
    fn set(&mut self, jar: &Jar, kind: &str, spent: &[&str], secret: &str, lives: Duration) {
        let name = ResetName::of(secret);
        let others: Vec<_> = jar.names(kind).filter(|other| **other != name).collect();
        let surplus = others.len().saturating_sub(MAX_RESETS.saturating_sub(1));
        for other in others.into_iter().take(surplus) {
            self.drop(jar.style, &[kind], other);
        }
        self.drop(jar.style, spent, &name);
        self.0.extend(jar.style.write(&format!("{kind}{}", name.as_str()), secret, lives, "Strict"));
    }

    /// Deletes all cookies of one reset.
    pub(crate) fn forget(&mut self, style: CookieStyle, name: &ResetName) {
        self.drop(style, &[REQUESTER_TOKEN, PARTIAL_GRANT, GRANT], name);
    }

    fn drop(&mut self, style: CookieStyle, kinds: &[&str], name: &ResetName) {
        for kind in kinds {
            self.0.extend(style.write(&format!("{kind}{}", name.as_str()), "", Duration::ZERO, "Strict"));
        }
    }

    pub(crate) fn into_headers(self) -> Vec<HeaderValue> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_of_one_length_and_one_alphabet_and_sort_by_age() {
        let named = |digit: char| ResetName::parse(&digit.to_string().repeat(NAME_LENGTH)).unwrap();
        let by_age: Vec<_> = "AMZamz059-_".chars().map(named).collect();
        let mut sorted = by_age.clone();
        sorted.sort_by_key(|name| std::cmp::Reverse(name.age()));
        sorted.reverse();
        assert_eq!(sorted, by_age);
        assert!(by_age.windows(2).all(|pair| pair[0].age() < pair[1].age()));
        let long = "a".repeat(NAME_LENGTH + 1);
        for wrong in ["", "a", long.as_str(), &format!("{}.", "a".repeat(NAME_LENGTH - 1))] {
            assert!(ResetName::parse(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn a_form_token_is_hexadecimal_and_of_one_length() {
        let token = FormToken::random().unwrap();
        assert!(FormToken::parse(token.as_str()).is_some());
        for wrong in [&token.as_str()[1..], &format!("{}0", token.as_str()), &"x".repeat(FormToken::LENGTH)] {
            assert!(FormToken::parse(wrong).is_none(), "{wrong}");
        }
    }
}
