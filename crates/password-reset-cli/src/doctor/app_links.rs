//! The files by which applications on phones claim the links of messages.

use http::StatusCode;
use password_reset_config::AppNames;
use url::Url;

use super::Doctor;

const ANDROID: &str = "/.well-known/assetlinks.json";
const APPLE: &str = "/.well-known/apple-app-site-association";

impl Doctor<'_> {
    /// Whether the host of the links has the files that settings describe, as both systems fetch them: without redirects.
    pub(super) async fn look_for_app_links(&mut self) {
        let Some(AppNames { android, apple, .. }) = self.settings.app_names().cloned() else { return };
        let Ok(page) = Url::parse(&self.settings.site().before_secret("link")) else { return };
        let mut files = Vec::new();
        if let Some((package, fingerprints)) = android {
            let fingerprints = fingerprints.iter().map(|fingerprint| fingerprint.to_ascii_uppercase());
            files.push((ANDROID, fingerprints.chain([package]).collect()));
        }
        if !apple.is_empty() {
            files.push((APPLE, apple));
        }
        for (path, names) in files {
            let Ok(url) = page.join(path) else { continue };
            if let Some(wrong) = self.wrong_with_file(url.as_str(), &names).await {
                self.find(
                    "app_links",
                    format!("{url} {wrong}"),
                    "the application: mount `Settings::app_links` at the root of this host, and the proxy: let the path through",
                );
            }
        }
    }

    async fn wrong_with_file(&self, url: &str, names: &[String]) -> Option<String> {
        let answer = match self.client.get(url).await {
            Ok(answer) => answer,
            Err(error) => return Some(format!("does not answer: {error}")),
        };
        if answer.status != StatusCode::OK {
            return Some(format!("answers {}", answer.status));
        }
        if !answer.header("content-type").is_some_and(|media_type| media_type.starts_with("application/json")) {
            return Some("has another content type than application/json".to_owned());
        }
        let file = answer.json().to_string();
        let missing = names.iter().find(|name| !file.contains(&format!("\"{name}\"")))?;
        Some(format!("does not name {missing}"))
    }
}
