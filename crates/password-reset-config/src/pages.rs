//! The pages that settings describe.

use password_reset::PasswordReset;
use password_reset_captcha::{HCaptcha, Turnstile};
use password_reset_web::{Mount, ProofOfWork, Settings as Web};

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
            .trusted_origins(self.trusted_origins())
            .locale(self.language());
        if let Some(url) = self.sign_in_url() {
            web = web.sign_in_url(url);
        }
        if let Some(url) = self.contact_url() {
            web = web.contact_url(url);
        }
        let failed = |error| SettingsError::one("challenge", error);
        Ok(match &self.challenge {
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
}
