//! The applications on phones that claim the links of messages.

use crate::reader::Reader;

/// The applications on phones, as settings name them. `password_reset_web::AppLinks` checks their form.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AppNames {
    /// The package for Android, and the fingerprints of the certificates that sign it.
    pub android: Option<(String, Vec<String>)>,
    /// The ids of applications for Apple's systems.
    pub apple: Vec<String>,
}

impl AppNames {
    /// `None` where no application is named.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let package = reader.text("pages.android_package");
        let fingerprints = reader.list("pages.android_fingerprints").unwrap_or_default();
        let apple = reader.list("pages.apple_apps").unwrap_or_default();
        match &package {
            Some(_) if fingerprints.is_empty() => reader.fault(
                "pages.android_fingerprints",
                "write the SHA-256 fingerprint of the certificate that signs the application, as in [\"14:6D:E9:…\"]",
            ),
            None if !fingerprints.is_empty() => reader.fault(
                "pages.android_package",
                "write the package that these fingerprints belong to, as in \"example.toko.app\"",
            ),
            _ => {}
        }
        let android = package.map(|package| (package, fingerprints));
        (android.is_some() || !apple.is_empty()).then_some(Self { android, apple })
    }
}
