//! The files by which an application on a phone claims the links of messages.

use http::header::CACHE_CONTROL;
use http::{HeaderValue, StatusCode};
use password_reset::Site;
use password_reset::message::SecretUrl;
use serde_json::{Value, json};
use url::Url;

use crate::body::Body;
use crate::error::WebError;
use crate::failure::Failure;
use crate::{headers, respond};

/// The pages that messages link to with a secret.
const PAGES: [&str; 3] = ["link", "cancel", "lock"];

/// What stands for a secret in a pattern, for Android and Apple alike: a character or more.
const ANY_SECRET: &str = "?*";

const HANDLES_LINKS: &str = "delegate_permission/common.handle_all_urls";

/// The two files by which applications on phones claim the links of messages: Android App Links and Universal Links of Apple.
/// They claim the pages of the [`Site`] for links, for cancelling and for locking, and no other address. Mount them by `app_links` of the
/// crate for the framework.
///
/// ```
/// use password_reset::Site;
/// use password_reset_web::{AppLinks, WebError};
///
/// fn app_links(site: &Site) -> Result<AppLinks, WebError> {
///     let fingerprint = "14:6D:E9:83:C5:73:06:50:D8:EE:B9:95:2F:34:FC:64:16:A0:83:42:E6:1D:BE:A8:8A:04:96:B2:3F:CF:44:E5";
///     AppLinks::new(site)?.android("example.toko.app", [fingerprint])?.apple(["A1B2C3D4E5.example.toko.app"])
/// }
/// # let site = Site::new("Toko Contoh", "https://toko.example/reset");
/// # assert!(app_links(&site).is_ok());
/// ```
///
/// # Contract
/// The files belong at the root of the [host](Self::host) of the link page, which need not be that of the base URL. A page that the site
/// has on another host is not claimed.
#[derive(Clone, Debug)]
pub struct AppLinks {
    host: String,
    /// The patterns of the pages, in the form that Android and Apple share.
    components: Vec<Value>,
    android: Vec<Value>,
    apple: Vec<String>,
}

impl AppLinks {
    /// Where Android looks.
    pub const ANDROID: &str = "/.well-known/assetlinks.json";
    /// Where Apple looks.
    pub const APPLE: &str = "/.well-known/apple-app-site-association";

    /// Claims the pages of a site, for no application yet.
    ///
    /// # Errors
    /// [`WebError::AppLinks`] when an address of the site has a character that patterns read in another way: `*`, `?` or `$`.
    pub fn new(site: &Site) -> Result<Self, WebError> {
        let pages = PAGES.map(|page| Url::parse(SecretUrl::new(site, page, ANY_SECRET).expose()));
        let host = pages.iter().flatten().next().and_then(Url::host_str).ok_or(WebError::Site)?.to_owned();
        let mut components = Vec::new();
        for page in pages.iter().flatten().filter(|page| page.host_str() == Some(&host)) {
            let fragment = page.fragment().unwrap_or_default();
            let (before, after) = fragment.split_once(ANY_SECRET).unwrap_or_default();
            if [page.path(), before, after].iter().any(|text| text.contains(['*', '?', '$'])) {
                return Err(wrong(
                    page.path(),
                    "belongs to an address with *, ? or $: give the page of `Site` another",
                ));
            }
            // Without the fragment, the page alone would open the application too: where `/` is the page, the whole site.
            let component = json!({ "/": page.path(), "#": fragment });
            if !components.contains(&component) {
                components.push(component);
            }
        }
        Ok(Self { host, components, android: Vec::new(), apple: Vec::new() })
    }

    /// Lets an application for Android claim the pages, by its package and the SHA-256 fingerprints of the certificates that sign it.
    ///
    /// # Errors
    /// [`WebError::AppLinks`] when the package or a fingerprint is none, and without a fingerprint.
    ///
    /// # Security
    /// A fingerprint of a development key lets each holder of that key make an application that gets the secrets.
    pub fn android<S: AsRef<str>>(
        mut self,
        package: &str,
        fingerprints: impl IntoIterator<Item = S>,
    ) -> Result<Self, WebError> {
        if !is_package(package) {
            return Err(wrong(package, "is no package of Android: write it like example.toko.app"));
        }
        let mut read = Vec::new();
        for fingerprint in fingerprints {
            let fingerprint = fingerprint.as_ref();
            if !is_fingerprint(fingerprint) {
                let reason = "is no SHA-256 fingerprint: write 32 bytes in hex with colons, like 14:6D:E9:…, as `keytool -list -v` does";
                return Err(wrong(fingerprint, reason));
            }
            read.push(fingerprint.to_ascii_uppercase());
        }
        if read.is_empty() {
            return Err(wrong(package, "needs the SHA-256 fingerprint of the certificate that signs it"));
        }
        let target = json!({ "namespace": "android_app", "package_name": package, "sha256_cert_fingerprints": read });
        // Before Android 15 the filter in the application's manifest alone says which paths.
        let rules = json!({ HANDLES_LINKS: { "dynamic_app_link_components": self.components } });
        self.android.push(json!({ "relation": [HANDLES_LINKS], "target": target, "relation_extensions": rules }));
        Ok(self)
    }

    /// Lets applications for Apple's systems claim the pages, by their ids: the ten characters of the team, and the bundle.
    ///
    /// # Errors
    /// [`WebError::AppLinks`] when an id is none.
    pub fn apple<S: AsRef<str>>(mut self, ids: impl IntoIterator<Item = S>) -> Result<Self, WebError> {
        for id in ids {
            let id = id.as_ref();
            if !is_apple_id(id) {
                let reason = "is no application id: write the team and the bundle, like A1B2C3D4E5.example.toko.app";
                return Err(wrong(id, reason));
            }
            self.apple.push(id.to_owned());
        }
        Ok(self)
    }

    /// The host at whose root the files belong.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The file at [`ANDROID`](Self::ANDROID), for a host that these pages do not serve; `None` without an application for Android.
    #[must_use]
    pub fn android_file(&self) -> Option<String> {
        let statements = Value::Array(self.android.clone());
        (!self.android.is_empty()).then(|| statements.to_string())
    }

    /// The file at [`APPLE`](Self::APPLE), which has no extension, for a host that these pages do not serve; `None` without
    /// an application for Apple's systems.
    #[must_use]
    pub fn apple_file(&self) -> Option<String> {
        let details = json!({ "appIDs": self.apple, "components": self.components });
        (!self.apple.is_empty()).then(|| json!({ "applinks": { "details": [details] } }).to_string())
    }

    /// What GET and HEAD of a path at the root answer: one of the files, or 404.
    #[must_use]
    pub fn respond(&self, path: &str) -> http::Response<Body> {
        let file = match path {
            Self::ANDROID => self.android_file(),
            Self::APPLE => self.apple_file(),
            _ => None,
        };
        let Some(file) = file else {
            let mut response = respond::empty(Failure::NotFound.status());
            headers::secure(response.headers_mut(), false, false);
            return response;
        };
        let mut response = respond::with_type(StatusCode::OK, "application/json", file.into());
        headers::secure(response.headers_mut(), false, false);
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600"));
        response
    }
}

fn wrong(value: &str, reason: &'static str) -> WebError {
    WebError::AppLinks { value: value.to_owned(), reason }
}

fn is_package(text: &str) -> bool {
    let is_part = |part: &str| {
        part.starts_with(|letter: char| letter.is_ascii_alphabetic())
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    text.contains('.') && text.split('.').all(is_part)
}

fn is_fingerprint(text: &str) -> bool {
    let is_byte = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    text.split(':').count() == 32 && text.split(':').all(is_byte)
}

fn is_apple_id(text: &str) -> bool {
    let Some((team, bundle)) = text.split_once('.') else { return false };
    let is_part =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    team.len() == 10
        && team.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        && bundle.split('.').all(is_part)
}
