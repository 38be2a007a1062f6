//! The content security policy of the page that shows a challenge.

use http::HeaderValue;

use super::{Directive, Widget};
use crate::error::WebError;
use crate::headers::POLICY;

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
