//! Style sheet, scripts and logo, each under a name that changes with its content.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use super::brand::{Brand, BrandError};

/// A file that pages load from their own origin.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Asset {
    source: &'static str,
    name: String,
    content_type: &'static str,
    bytes: Vec<u8>,
}

impl Asset {
    fn new(source: &'static str, content_type: &'static str, extension: &str, bytes: Vec<u8>) -> Self {
        let hash = Sha256::digest(&bytes).iter().take(8).fold(String::new(), |mut hex, byte| {
            // Writing to a string does not fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        let stem = source.split('.').next().unwrap_or(source);
        Self { source, name: format!("{stem}.{hash}.{extension}"), content_type, bytes }
    }

    /// The name that it is served under. It contains a hash of the content, so browsers may cache it for ever.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The value of `Content-Type`.
    #[must_use]
    pub fn content_type(&self) -> &'static str {
        self.content_type
    }

    /// The content.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

pub(super) const SCRIPTS: [(&str, &str); 9] = [
    ("challenge.js", include_str!("../../assets/challenge.js")),
    ("copy.js", include_str!("../../assets/copy.js")),
    ("countdown.js", include_str!("../../assets/countdown.js")),
    ("form.js", include_str!("../../assets/form.js")),
    ("link.js", include_str!("../../assets/link.js")),
    ("reveal.js", include_str!("../../assets/reveal.js")),
    ("rules.js", include_str!("../../assets/rules.js")),
    ("solve.js", include_str!("../../assets/solve.js")),
    ("wait.js", include_str!("../../assets/wait.js")),
];

#[derive(Debug)]
pub(super) struct Assets(Vec<Asset>);

impl Assets {
    pub(super) fn new(brand: &Brand) -> Result<Self, BrandError> {
        let css = format!("{}{}", brand.variables()?, include_str!("../../assets/reset.css"));
        let mut assets = vec![Asset::new("reset.css", "text/css; charset=utf-8", "css", css.into_bytes())];
        for (source, text) in SCRIPTS {
            assets.push(Asset::new(source, "text/javascript; charset=utf-8", "js", text.as_bytes().to_vec()));
        }
        for (source, logo) in brand.logos()? {
            assets.push(Asset::new(source, logo.kind.content_type(), logo.kind.extension(), logo.bytes.clone()));
        }
        Ok(Self(assets))
    }

    pub(super) fn by_source(&self, source: &str) -> Option<&Asset> {
        self.0.iter().find(|asset| asset.source == source)
    }

    pub(super) fn by_name(&self, name: &str) -> Option<&Asset> {
        self.0.iter().find(|asset| asset.name == name)
    }
}
