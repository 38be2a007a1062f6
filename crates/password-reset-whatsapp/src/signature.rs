//! HMACs over requests.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::digest::InvalidLength;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Sha256, Sha512};

use crate::error::WhatsAppConfigError;
use crate::secret;

/// The hash of an HMAC (RFC 2104).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Algorithm {
    /// HMAC-SHA1: for providers that support nothing newer.
    Sha1,
    /// HMAC-SHA256.
    Sha256,
    /// HMAC-SHA512.
    Sha512,
}

/// The text encoding of an HMAC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Encoding {
    /// Hexadecimal, upper or lower case.
    Hex,
    /// Base64 with padding (RFC 4648 §4).
    Base64,
}

impl Encoding {
    fn encode(self, bytes: &[u8]) -> String {
        match self {
            Self::Hex => base16ct::lower::encode_string(bytes),
            Self::Base64 => STANDARD.encode(bytes),
        }
    }

    fn decode(self, text: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Hex => base16ct::mixed::decode_vec(text).ok(),
            Self::Base64 => STANDARD.decode(text).ok(),
        }
    }
}

/// The accepted keys of one algorithm: the current one and, during a rotation, the previous one.
#[derive(Clone)]
pub(crate) struct Keys {
    algorithm: Algorithm,
    keyed: Vec<Keyed>,
}

/// A prepared key: cloning it is cheaper than preparing it for every request.
#[derive(Clone)]
enum Keyed {
    Sha1(Hmac<Sha1>),
    Sha256(Hmac<Sha256>),
    Sha512(Hmac<Sha512>),
}

impl Keys {
    /// Refuses what [`secret::checked`] refuses.
    pub(crate) fn new(field: &'static str, algorithm: Algorithm, key: &str) -> Result<Self, WhatsAppConfigError> {
        Self { algorithm, keyed: Vec::new() }.and(field, key)
    }

    pub(crate) fn and(mut self, field: &'static str, key: &str) -> Result<Self, WhatsAppConfigError> {
        secret::checked(field, key)?;
        let keyed = Keyed::new(self.algorithm, key.as_bytes())
            .map_err(|_never_for_hmac| WhatsAppConfigError::new(field, "cannot be a key"))?;
        self.keyed.push(keyed);
        Ok(self)
    }

    /// The HMAC of a body with the current key.
    pub(crate) fn sign(&self, body: &[u8], encoding: Encoding) -> String {
        self.keyed.first().map_or_else(String::new, |keyed| encoding.encode(&keyed.sign(body)))
    }

    /// Whether `mac` is the full-length HMAC of the concatenated parts; compares in constant time.
    pub(crate) fn verify(&self, parts: &[&[u8]], mac: &[u8], encoding: Encoding) -> bool {
        let Some(mac) = encoding.decode(mac) else { return false };
        self.keyed.iter().any(|keyed| keyed.verify(parts, &mac))
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keys({:?}, {})", self.algorithm, self.keyed.len())
    }
}

impl Keyed {
    fn new(algorithm: Algorithm, key: &[u8]) -> Result<Self, InvalidLength> {
        Ok(match algorithm {
            Algorithm::Sha1 => Self::Sha1(Hmac::new_from_slice(key)?),
            Algorithm::Sha256 => Self::Sha256(Hmac::new_from_slice(key)?),
            Algorithm::Sha512 => Self::Sha512(Hmac::new_from_slice(key)?),
        })
    }

    fn sign(&self, body: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha1(keyed) => keyed.clone().chain_update(body).finalize().into_bytes().to_vec(),
            Self::Sha256(keyed) => keyed.clone().chain_update(body).finalize().into_bytes().to_vec(),
            Self::Sha512(keyed) => keyed.clone().chain_update(body).finalize().into_bytes().to_vec(),
        }
    }

    fn verify(&self, parts: &[&[u8]], mac: &[u8]) -> bool {
        fn run<M: Mac + Clone>(keyed: &M, parts: &[&[u8]], mac: &[u8]) -> bool {
            let mut running = keyed.clone();
            parts.iter().for_each(|part| running.update(part));
            running.verify_slice(mac).is_ok()
        }
        match self {
            Self::Sha1(keyed) => run(keyed, parts, mac),
            Self::Sha256(keyed) => run(keyed, parts, mac),
            Self::Sha512(keyed) => run(keyed, parts, mac),
        }
    }
}

/// Keys for published vectors: [`Keys::new`] refuses their secrets.
#[cfg(test)]
pub(crate) fn of_test(algorithm: Algorithm, key: &str) -> Keys {
    Keys { algorithm, keyed: vec![Keyed::new(algorithm, key.as_bytes()).unwrap()] }
}

#[cfg(test)]
mod tests {
    use super::{Algorithm, Encoding, Keys, of_test};

    fn verify(algorithm: Algorithm, key: &str, message: &[u8], mac: &str, encoding: Encoding) -> bool {
        of_test(algorithm, key).verify(&[message], mac.as_bytes(), encoding)
    }

    #[test]
    fn published_signatures_hold_and_altered_ones_do_not() {
        use Algorithm::{Sha1, Sha256, Sha512};
        // RFC 2202 §3, RFC 4231 §4.3: test case 2 of each.
        let message = b"what do ya want for nothing?";
        for (algorithm, mac) in [
            (Sha1, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
            (Sha256, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
            (
                Sha512,
                "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
            ),
        ] {
            assert!(verify(algorithm, "Jefe", message, mac, Encoding::Hex));
            assert!(verify(algorithm, "Jefe", message, &mac.to_uppercase(), Encoding::Hex));
            assert!(!verify(algorithm, "jefe", message, mac, Encoding::Hex));
            assert!(!verify(algorithm, "Jefe", b"what do ya want for nothing!", mac, Encoding::Hex));
            // Truncated, empty, extended and not hexadecimal: a comparison up to the shorter length would accept some.
            for other in
                ["", &mac[..2], &mac[..mac.len() - 2], &format!("{mac}00"), &format!("{mac} "), &"zz".repeat(32)]
            {
                assert!(!verify(algorithm, "Jefe", message, other, Encoding::Hex), "{other}");
            }
        }
        let vector = "dec6a680679a968e7e0319355b23599cbfc54502c0784668e9618baa0c633756";
        let body = br#"{"object":"whatsapp_business_account","entry":[]}"#;
        assert!(verify(Sha256, "test_app_secret", body, vector, Encoding::Hex));
        let spaced = br#"{"object": "whatsapp_business_account", "entry": []}"#;
        assert!(
            !verify(Sha256, "test_app_secret", spaced, vector, Encoding::Hex),
            "the raw bytes are signed, not the parsed JSON"
        );
    }

    #[test]
    fn either_of_two_keys_is_accepted() {
        let (old, new) = ("only-the-tests-sign-with-this-01", "only-the-tests-sign-with-this-02");
        let both = Keys::new("app secret", Algorithm::Sha256, new).unwrap().and("previous app secret", old).unwrap();
        let other = Keys::new("app secret", Algorithm::Sha256, "only-the-tests-sign-with-this-03").unwrap();
        for key in [old, new] {
            let mac = mac(key, b"body");
            assert!(both.verify(&[b"body"], mac.as_bytes(), Encoding::Hex));
            assert!(both.verify(&[b"bo", b"dy"], mac.as_bytes(), Encoding::Hex));
            assert!(!other.verify(&[b"body"], mac.as_bytes(), Encoding::Hex));
        }
        assert!(Keys::new("app secret", Algorithm::Sha256, "").is_err());
        assert!(both.and("previous app secret", "secret").is_err());
        assert_eq!(format!("{other:?}"), "Keys(Sha256, 1)");
    }

    fn mac(key: &str, body: &[u8]) -> String {
        use hmac::{Hmac, KeyInit, Mac};
        let mac = Hmac::<sha2::Sha256>::new_from_slice(key.as_bytes()).unwrap().chain_update(body).finalize();
        base16ct::lower::encode_string(&mac.into_bytes())
    }
}
