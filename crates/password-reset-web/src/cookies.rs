//! Cookies, named after their reset, so that two resets in one browser do not mix.
//!
//! All are `HttpOnly`, with path `/`; on an https site `Secure` and with the prefix `__Host-`, which no other host can
//! set. The grant has a cookie of its own that exists only after the proof, and no cookie here is a session.
//! A partial grant has one too, and gives access to nothing without the step-up.

use std::time::Duration;

use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};
use password_reset::ports::{RandomSource, SystemRandom};
use password_reset::secret::{GrantToken, PartialGrantToken, RequesterToken};
use password_reset::{Locale, PortError};
use subtle::ConstantTimeEq;
use url::form_urlencoded;

/// The number of resets that one browser keeps. Older cookies are deleted, so that repeated requests never make the
/// headers too long for a server.
const MAX_RESETS: usize = 6;

/// Characters of a reset's name: 12 of the 16 bytes of its id, none of its secret.
const NAME_LENGTH: usize = 16;

/// The longest typed text that is kept, in bytes; longer ones are no identifier.
const MAX_TYPED: usize = 254;

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

    pub(crate) fn of_requester_token(requester_token: &RequesterToken) -> Self {
        Self::of_secret(requester_token.expose())
    }

    pub(crate) fn of_grant(grant: &GrantToken) -> Self {
        Self::of_secret(grant.expose())
    }

    pub(crate) fn of_partial_grant(partial_grant: &PartialGrantToken) -> Self {
        Self::of_secret(partial_grant.expose())
    }

    /// Every such secret begins with the id of its reset.
    fn of_secret(secret: &str) -> Self {
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

    fn drop(self, name: &str) -> Option<HeaderValue> {
        self.write(name, "", Duration::ZERO, "Strict")
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
        let mut text = String::with_capacity(Self::LENGTH);
        for byte in bytes {
            for nibble in [byte >> 4, byte & 0x0f] {
                text.extend(char::from_digit(u32::from(nibble), 16));
            }
        }
        Ok(Self(text))
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
    requester_tokens: Vec<(ResetName, RequesterToken)>,
    partial_grants: Vec<(ResetName, PartialGrantToken)>,
    grants: Vec<(ResetName, GrantToken)>,
    form: Option<FormToken>,
    locale: Option<Locale>,
    typed: Option<String>,
    used: bool,
}

impl Jar {
    pub(crate) fn read(style: CookieStyle, headers: &HeaderMap) -> Self {
        let (requester_tokens, partial_grants, grants) = (Vec::new(), Vec::new(), Vec::new());
        let mut jar = Self {
            style,
            requester_tokens,
            partial_grants,
            grants,
            form: None,
            locale: None,
            typed: None,
            used: false,
        };
        for (name, value) in headers.get_all(COOKIE).iter().flat_map(|header| pairs(header.as_bytes())) {
            if let Some(name) = name.strip_prefix(style.prefix()) {
                jar.used = true;
                jar.take(name, value);
            }
        }
        jar.requester_tokens.sort_by_cached_key(|(name, _)| name.age());
        jar.partial_grants.sort_by_cached_key(|(name, _)| name.age());
        jar.grants.sort_by_cached_key(|(name, _)| name.age());
        jar
    }

    fn take(&mut self, name: &str, value: &str) {
        if let Some(name) = name.strip_prefix("r-").and_then(ResetName::parse) {
            if let Some(requester_token) = RequesterToken::parse(value)
                .ok()
                .filter(|requester_token| ResetName::of_requester_token(requester_token) == name)
            {
                self.requester_tokens.push((name, requester_token));
            }
        } else if let Some(name) = name.strip_prefix("p-").and_then(ResetName::parse) {
            let partial_grant = PartialGrantToken::parse(value).ok();
            if let Some(partial_grant) =
                partial_grant.filter(|partial_grant| ResetName::of_partial_grant(partial_grant) == name)
            {
                self.partial_grants.push((name, partial_grant));
            }
        } else if let Some(name) = name.strip_prefix("g-").and_then(ResetName::parse) {
            if let Some(grant) = GrantToken::parse(value).ok().filter(|grant| ResetName::of_grant(grant) == name) {
                self.grants.push((name, grant));
            }
        } else if name == "form" {
            self.form = self.form.take().or_else(|| FormToken::parse(value));
        } else if name == "typed" {
            let value = format!("typed={value}");
            self.typed = form_urlencoded::parse(value.as_bytes()).next().map(|(_, typed)| typed.into_owned());
        } else if name == "lang" {
            self.locale = self.locale.or_else(|| value.parse().ok());
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

    /// The name of the newest reset that this browser waits for.
    pub(crate) fn newest(&self) -> Option<&ResetName> {
        self.requester_tokens.last().map(|(name, _)| name)
    }

    pub(crate) fn form_token(&self) -> Option<&FormToken> {
        self.form.as_ref()
    }

    /// Takes out the requester token of one reset.
    pub(crate) fn requester_token(&mut self, name: &ResetName) -> Option<RequesterToken> {
        let at = self.requester_tokens.iter().position(|(own, _)| own == name)?;
        Some(self.requester_tokens.remove(at).1)
    }

    /// A copy of the requester token of the newest reset.
    pub(crate) fn newest_requester_token(&self) -> Option<RequesterToken> {
        let (_, newest) = self.requester_tokens.last()?;
        RequesterToken::parse(newest.expose()).ok()
    }

    /// Takes out the partial grant of one reset.
    pub(crate) fn partial_grant(&mut self, name: &ResetName) -> Option<PartialGrantToken> {
        let at = self.partial_grants.iter().position(|(own, _)| own == name)?;
        Some(self.partial_grants.remove(at).1)
    }

    pub(crate) fn has_partial_grant(&self, name: &ResetName) -> bool {
        self.partial_grants.iter().any(|(own, _)| own == name)
    }

    /// Takes out the grant of one reset.
    pub(crate) fn grant(&mut self, name: &ResetName) -> Option<GrantToken> {
        let at = self.grants.iter().position(|(own, _)| own == name)?;
        Some(self.grants.remove(at).1)
    }

    pub(crate) fn has_grant(&self, name: &ResetName) -> bool {
        self.grants.iter().any(|(own, _)| own == name)
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

    /// Sets the requester token of a new reset, and deletes the oldest ones beyond [`MAX_RESETS`].
    pub(crate) fn set_requester_token(&mut self, jar: &Jar, requester_token: &RequesterToken, lives: Duration) {
        let name = ResetName::of_requester_token(requester_token);
        self.drop_oldest(jar.style, "r-", others(&jar.requester_tokens, &name));
        self.set(jar.style, "r-", &name, requester_token.expose(), lives);
    }

    /// Sets the partial grant of a first proof, and deletes the requester token, which is no longer needed.
    pub(crate) fn set_partial_grant(&mut self, jar: &Jar, partial_grant: &PartialGrantToken, lives: Duration) {
        let name = ResetName::of_partial_grant(partial_grant);
        self.drop_oldest(jar.style, "p-", others(&jar.partial_grants, &name));
        self.drop(jar.style, &["r-"], &name);
        self.set(jar.style, "p-", &name, partial_grant.expose(), lives);
    }

    /// Sets the grant of a proof, and deletes the tokens that led to it.
    pub(crate) fn set_grant(&mut self, jar: &Jar, grant: &GrantToken, lives: Duration) {
        let name = ResetName::of_grant(grant);
        self.drop_oldest(jar.style, "g-", others(&jar.grants, &name));
        self.drop(jar.style, &["r-", "p-"], &name);
        self.set(jar.style, "g-", &name, grant.expose(), lives);
    }

    fn set(&mut self, style: CookieStyle, kind: &str, name: &ResetName, secret: &str, lives: Duration) {
        self.0.extend(style.write(&format!("{kind}{}", name.as_str()), secret, lives, "Strict"));
    }

    /// Deletes all cookies of one reset.
    pub(crate) fn forget(&mut self, style: CookieStyle, name: &ResetName) {
        self.drop(style, &["r-", "p-", "g-"], name);
    }

    fn drop(&mut self, style: CookieStyle, kinds: &[&str], name: &ResetName) {
        for kind in kinds {
            self.0.extend(style.drop(&format!("{kind}{}", name.as_str())));
        }
    }

    fn drop_oldest<'a>(&mut self, style: CookieStyle, kind: &str, held: impl Iterator<Item = &'a ResetName>) {
        let held: Vec<_> = held.collect();
        let surplus = held.len().saturating_sub(MAX_RESETS.saturating_sub(1));
        for name in held.into_iter().take(surplus) {
            self.drop(style, &[kind], name);
        }
    }

    pub(crate) fn into_headers(self) -> Vec<HeaderValue> {
        self.0
    }
}

fn others<'a, T>(held: &'a [(ResetName, T)], name: &'a ResetName) -> impl Iterator<Item = &'a ResetName> {
    held.iter().map(|(held, _)| held).filter(move |held| *held != name)
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
