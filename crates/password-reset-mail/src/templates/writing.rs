//! The sentences of a mail, in the language of its message.

use std::time::Duration;

use chrono::{DateTime, Utc};
use password_reset::{Language, Message, Site};

use super::letter::{Letter, Link, Part, plain, unlinked};

/// Writes the parts of one mail.
pub(super) struct Writing<'a> {
    pub(super) site: &'a Site,
    message: &'a Message,
    language: &'a Language,
    /// The name of the site, for bodies.
    name: String,
}

impl<'a> Writing<'a> {
    pub(super) fn new(message: &'a Message) -> Self {
        let (site, language) = (message.site(), message.language());
        Self { site, message, language, name: unlinked(site.name()) }
    }

    pub(super) fn text(&self, key: &str) -> String {
        self.with(key, &[])
    }

    /// A sentence of the body, which may name the site.
    pub(super) fn with(&self, key: &str, values: &[(&str, &str)]) -> String {
        self.filled(key, &self.name, values)
    }

    fn filled(&self, key: &str, name: &str, values: &[(&str, &str)]) -> String {
        let values = values.iter().map(|(key, value)| (*key, (*value).into()));
        self.language.fill(key, &values.chain([("name", name.into())]).collect::<Vec<_>>())
    }

    pub(super) fn time(&self, at: DateTime<Utc>) -> String {
        self.message.time(at)
    }

    pub(super) fn duration(&self, duration: Duration) -> String {
        self.language.duration(duration)
    }

    /// A button, and a link as text, with the sentences of these keys.
    pub(super) fn action(&self, button: &str, open: &str, url: &str) -> Part {
        Part::Action {
            button: self.text(button),
            sentence: self.text(open),
            otherwise: self.text("mail-button-fails"),
            url: url.to_owned(),
        }
    }

    pub(super) fn advice(&self, heading: &str, sentence: &str, link: Option<Link>) -> Part {
        Part::Advice { heading: self.text(heading), sentence: self.text(sentence), link }
    }

    /// What every mail has: the sentences `{key}-subject`, `{key}-preheader` and `{key}-heading`.
    pub(super) fn letter(&self, key: &str, values: &[(&str, &str)], parts: Vec<Part>) -> Letter {
        self.letter_with(key, &format!("{key}-preheader"), values, parts)
    }

    /// As [`letter`](Self::letter), with another preheader.
    pub(super) fn letter_with(&self, key: &str, preheader: &str, values: &[(&str, &str)], parts: Vec<Part>) -> Letter {
        Letter {
            language: self.language.clone(),
            subject: self.filled(&format!("{key}-subject"), &plain(self.site.name()), values),
            site: self.name.clone(),
            preheader: self.with(preheader, values),
            heading: self.text(&format!("{key}-heading")),
            parts,
            footer: self.text("mail-footer"),
        }
    }
}
