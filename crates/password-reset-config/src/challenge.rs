//! The challenge of the pages.

use crate::reader::Reader;
use crate::secret::Secret;

/// The settings of the challenge that sources must pass which ask often.
#[cfg_attr(not(feature = "pages"), allow(dead_code, reason = "every build checks the settings; the pages use them"))]
#[derive(Clone, Debug)]
pub(crate) enum ChallengeSettings {
    ProofOfWork { bits: Option<u8> },
    Turnstile { site_key: String, secret: Secret, hostname: String },
    HCaptcha { site_key: String, secret: Secret },
}

impl ChallengeSettings {
    /// `host` is that of `site.url`, and `asks` whether `limits.challenge_from` is set.
    pub(crate) fn read(reader: &mut Reader<'_>, host: Option<&str>, asks: bool) -> Option<Self> {
        // A file may keep them while there is no challenge, or another.
        reader.know(&["challenge.bits", "challenge.hostname", "challenge.site_key", "challenge.secret_file"]);
        let kind = reader.text("challenge.kind")?;
        if !asks {
            let reason = "nothing asks for it: write challenge_from in [limits], or leave it out";
            reader.fault("challenge.kind", reason);
        }
        match kind.as_str() {
            "proof_of_work" => return Some(Self::ProofOfWork { bits: reader.number("challenge.bits") }),
            "turnstile" | "hcaptcha" => {}
            _ => {
                reader.fault("challenge.kind", "write \"proof_of_work\", \"turnstile\" or \"hcaptcha\"");
                return None;
            }
        }
        let site_key = reader.required("challenge.site_key", "0x4AAA…");
        let secret = reader.required_secret("challenge.secret");
        let (site_key, secret) = (site_key?, secret?);
        if kind == "hcaptcha" {
            return Some(Self::HCaptcha { site_key, secret });
        }
        let hostname = reader.text("challenge.hostname").or_else(|| host.map(str::to_owned));
        Some(Self::Turnstile { site_key, secret, hostname: hostname? })
    }
}
