//! Requests with a signature in place of a key.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use password_reset::PortError;
use sha2::Sha256;
use zeroize::Zeroizing;

/// Signs the date and the first line of a request, as Mekari's API wants it.
#[derive(Clone)]
pub(super) struct Signing {
    client_id: String,
    client_secret: Zeroizing<String>,
}

impl Signing {
    pub(super) fn new(client_id: &str, client_secret: &str) -> Self {
        Self { client_id: client_id.to_owned(), client_secret: Zeroizing::new(client_secret.to_owned()) }
    }

    /// The values of `Date` and `Authorization` for a POST to a path.
    pub(super) fn of_post(&self, path: &str, now: DateTime<Utc>) -> Result<(String, String), PortError> {
        let date = now.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
        let key = Hmac::<Sha256>::new_from_slice(self.client_secret.as_bytes());
        let key =
            key.map_err(|_never_for_hmac| PortError::permanent("a client secret of the gateway cannot be a key"))?;
        let signed = key.chain_update(format!("date: {date}\nPOST {path} HTTP/1.1")).finalize();
        let signature = STANDARD.encode(signed.into_bytes());
        let authorization = format!(
            "hmac username=\"{}\", algorithm=\"hmac-sha256\", headers=\"date request-line\", signature=\"{signature}\"",
            self.client_id
        );
        Ok((date, authorization))
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::Signing;

    /// The signature was made with another program.
    #[test]
    fn a_post_is_signed_with_its_date_and_its_first_line() {
        let signing = Signing::new("toko-client", "only-the-tests-sign-with-this-01");
        let now = DateTime::from_timestamp(1_636_529_069, 0).unwrap();
        let (date, authorization) = signing.of_post("/qontak/chat/v1/broadcasts/whatsapp/direct", now).unwrap();
        assert_eq!(date, "Wed, 10 Nov 2021 07:24:29 GMT");
        assert_eq!(
            authorization,
            "hmac username=\"toko-client\", algorithm=\"hmac-sha256\", headers=\"date request-line\", \
             signature=\"0nAvjhCm+33U+C+iuYcfEOXyWpCkmP98n1J16TaBuG4=\""
        );
    }
}
