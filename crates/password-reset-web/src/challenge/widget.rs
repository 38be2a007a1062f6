//! What a page shows of a challenge, and the content security policy of that page.

use http::HeaderValue;

use crate::error::WebError;
use crate::headers::POLICY;
use crate::paths;

/// What a page shows of a [`Challenge`](super::Challenge): an element, the script that fills it, and what the
/// `Content-Security-Policy` of that one page must allow. All of it is public.
///
/// The page's form sends the answer in [`answer_field`](Self::answer_field), which the widget's script adds to it.
#[derive(Clone, Debug)]
#[must_use]
pub struct Widget {
    pub(crate) kind: &'static str,
    pub(crate) script: Script,
    pub(crate) class: &'static str,
    pub(crate) site_key: Option<String>,
    pub(crate) attributes: Vec<(&'static str, String)>,
    pub(crate) field: &'static str,
    pub(crate) sources: Vec<(Directive, &'static str)>,
}

/// Where the script comes from.
#[derive(Clone, Debug)]
pub(crate) enum Script {
    /// It is one of these pages' own.
    Own,
    Address(String),
}

/// A directive of `Content-Security-Policy` that a widget widens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Directive {
    /// `script-src`
    Script,
    /// `frame-src`
    Frame,
    /// `style-src`
    Style,
    /// `connect-src`
    Connect,
}

/// The fields that the form has besides.
const OTHER_FIELDS: [&str; 4] = ["by", "form_token", "identifier", "reset"];

impl Widget {
    /// A widget of this kind, which API clients know it by: lower-case letters and `_`. The script is a path on this site or an
    /// `https` URL.
    pub fn new(kind: &'static str, script: impl Into<String>) -> Self {
        Self {
            kind,
            script: Script::Address(script.into()),
            class: "",
            site_key: None,
            attributes: Vec::new(),
            field: "challenge",
            sources: Vec::new(),
        }
    }

    /// One whose script is among the assets of these pages.
    pub(crate) fn own(kind: &'static str) -> Self {
        Self { script: Script::Own, ..Self::new(kind, "") }
    }

    /// Sets the class of the element, by which the script finds it.
    pub fn class(mut self, class: &'static str) -> Self {
        self.class = class;
        self
    }

    /// Sets the public key of the site: `data-sitekey` of the element, and `site_key` in the API.
    pub fn site_key(mut self, key: impl Into<String>) -> Self {
        self.site_key = Some(key.into());
        self
    }

    /// Adds an attribute `data-…` to the element. The name has lower-case letters and `-`.
    pub fn attribute(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.attributes.push((name, value.into()));
        self
    }

    /// Sets the name of the form's field with the answer, which the script adds: `challenge` by default.
    pub fn answer_field(mut self, name: &'static str) -> Self {
        self.field = name;
        self
    }

    /// Allows a source: an `https` origin, where `*` may stand for a subdomain.
    pub fn allow(mut self, directive: Directive, source: &'static str) -> Self {
        self.sources.push((directive, source));
        self
    }

    pub(crate) fn is_own(&self) -> bool {
        matches!(self.script, Script::Own)
    }

    pub(crate) fn script_url(&self) -> Option<&str> {
        match &self.script {
            Script::Own => None,
            Script::Address(url) => Some(url),
        }
    }

    /// Refuses what would not work, or would say something else in a header or a page than it was meant to.
    pub(crate) fn check(&self) -> Result<(), WebError> {
        let lower = |text: &str, more: u8| {
            !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == more)
        };
        let word = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        let host = |byte: u8| byte.is_ascii_alphanumeric() || b"-.*:".contains(&byte);
        let origin =
            |text: &str| text.strip_prefix("https://").is_some_and(|it| !it.is_empty() && it.bytes().all(host));
        let wrong = |part| Err(WebError::Widget { part });
        if !lower(self.kind, b'_') {
            return wrong("kind");
        }
        if !self.script_url().is_none_or(paths::is_link) {
            return wrong("script");
        }
        if !self.attributes.iter().all(|(name, _)| lower(name, b'-') && *name != "sitekey" && *name != "puzzle") {
            return wrong("attribute");
        }
        if self.field.is_empty() || !word(self.field) || OTHER_FIELDS.contains(&self.field) {
            return wrong("answer_field");
        }
        if !self.sources.iter().all(|(_, source)| origin(source)) {
            return wrong("allow");
        }
        Ok(())
    }
}

impl Directive {
    const fn name(self) -> &'static str {
        match self {
            Self::Script => "script-src",
            Self::Frame => "frame-src",
            Self::Style => "style-src",
            Self::Connect => "connect-src",
        }
    }
}

/// Marks a response with a policy other than that of all others.
#[derive(Clone, Debug)]
pub(crate) struct Csp(pub(crate) HeaderValue);

impl Csp {
    /// The policy of all pages, with the sources of the widget and nothing else.
    pub(super) fn of(widget: &Widget) -> Result<Self, WebError> {
        let mut directives: Vec<String> = POLICY.split(';').map(|directive| directive.trim().to_owned()).collect();
        for (directive, source) in &widget.sources {
            let name = directive.name();
            match directives.iter_mut().find(|text| text.split(' ').next() == Some(name)) {
                Some(text) => text.extend([" ", source]),
                None => directives.push(format!("{name} {source}")),
            }
        }
        HeaderValue::try_from(directives.join("; ")).map(Self).map_err(|_not_text| WebError::Widget { part: "allow" })
    }
}
