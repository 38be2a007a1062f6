//! The pages of a service, as settings describe them.

use password_reset::PasswordReset;
use password_reset_captcha::{HCaptcha, Turnstile};
use password_reset_web::{AppLinks, Mount, ProofOfWork, Settings as Web};

use crate::challenge::ChallengeSettings;
use crate::error::SettingsError;
use crate::settings::Settings;

impl Settings {
    /// Begins the pages of a service, with every part that settings can describe: proxies, origins, addresses, language, and the
    /// challenge. What is the application's own, such as its brand, it adds before it builds. With the feature `pages`.
    ///
    /// ```no_run
    /// # use password_reset_config::Settings;
    /// # fn pages(settings: &Settings, reset: &password_reset::PasswordReset) -> Result<(), Box<dyn std::error::Error>> {
    /// let pages: password_reset_web::Web = settings.web(reset)?; // or password_reset_axum::Web, password_reset_actix::Web
    /// let pages = pages.build()?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Names the setting that a part refuses. `build` names those that do not fit together.
    pub fn web<M: Mount>(&self, reset: &PasswordReset) -> Result<Web<M>, SettingsError> {
        let mut web = Web::new(reset.clone())
            .trusted_proxies(self.trusted_proxies())
            .trusted_origins(&self.pages.trusted_origins)
            .locale(self.pages.language);
        if let Some(url) = &self.pages.sign_in_url {
            web = web.sign_in_url(url);
        }
        if let Some(url) = &self.pages.contact_url {
            web = web.contact_url(url);
        }
        let failed = |error| SettingsError::one("challenge", error);
        Ok(match &self.pages.challenge {
            None => web,
            Some(ChallengeSettings::ProofOfWork { bits }) => {
                let work = ProofOfWork::new(reset);
                web.challenge(match bits {
                    Some(bits) => work.bits(*bits),
                    None => work,
                })
            }
            Some(ChallengeSettings::Turnstile { site_key, secret, hostname }) => {
                web.challenge(Turnstile::new(site_key, secret.expose(), hostname).map_err(failed)?)
            }
            Some(ChallengeSettings::HCaptcha { site_key, secret }) => {
                web.challenge(HCaptcha::new(site_key, secret.expose()).map_err(failed)?)
            }
        })
    }

    /// The files by which the applications that settings name claim the links of messages; `None` where they name none. Mount them by
    /// `app_links` of the crate for the framework, at the root of their host. With the feature `pages`.
    ///
    /// # Errors
    /// Names the setting that is refused.
    pub fn app_links(&self) -> Result<Option<AppLinks>, SettingsError> {
        let Some(names) = self.app_names() else { return Ok(None) };
        let mut links = AppLinks::new(self.site()).map_err(|error| SettingsError::one("site", error))?;
        if let Some((package, fingerprints)) = &names.android {
            let failed = |error| SettingsError::one("pages.android_package", error);
            links = links.android(package, fingerprints).map_err(failed)?;
        }
        let failed = |error| SettingsError::one("pages.apple_apps", error);
        links.apple(&names.apple).map(Some).map_err(failed)
    }
}
