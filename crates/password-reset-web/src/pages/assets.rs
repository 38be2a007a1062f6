//! Style sheet, scripts and logo, each under a name that changes with its content.

use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::brand::{Brand, BrandError};

/// A file that pages load from their own origin.
#[derive(Clone, Debug)]
pub(crate) struct Asset {
    source: &'static str,
    /// The name that it is served under. It contains a hash of the content, so browsers may cache it for ever.
    pub(crate) name: String,
    pub(crate) content_type: &'static str,
    pub(crate) bytes: Bytes,
}

impl Asset {
    fn new(source: &'static str, content_type: &'static str, extension: &str, bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        let hash = Sha256::digest(&bytes).first_chunk().map_or(0, |start| u64::from_be_bytes(*start));
        let stem = source.split('.').next().unwrap_or(source);
        Self { source, name: format!("{stem}.{hash:016x}.{extension}"), content_type, bytes }
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
        let mut assets = vec![Asset::new("reset.css", "text/css; charset=utf-8", "css", css)];
        for (source, text) in SCRIPTS {
            assets.push(Asset::new(source, "text/javascript; charset=utf-8", "js", text));
        }
        for (source, logo) in brand.logos()? {
            assets.push(Asset::new(source, logo.media_type, logo.extension, logo.bytes.clone()));
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
