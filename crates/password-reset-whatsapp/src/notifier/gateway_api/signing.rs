//! Requests with a signature in place of a key.

use chrono::{DateTime, Utc};

use crate::error::WhatsAppConfigError;
use crate::signature::{Algorithm, Encoding, Keys};

/// Signs the date and the first line of a request, as Mekari's API wants it.
#[derive(Clone)]
pub(super) struct Signing {
    client_id: String,
    keys: Keys,
}

impl Signing {
    pub(super) fn new(client_id: &str, client_secret: &str) -> Result<Self, WhatsAppConfigError> {
        let keys = Keys::new("client secret", Algorithm::Sha256, client_secret)?;
        Ok(Self { client_id: client_id.to_owned(), keys })
    }

    /// The values of `Date` and `Authorization` for a POST to a path.
    pub(super) fn of_post(&self, path: &str, now: DateTime<Utc>) -> (String, String) {
        let date = now.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
        let signed = format!("date: {date}\nPOST {path} HTTP/1.1");
        let signature = self.keys.sign(signed.as_bytes(), Encoding::Base64);
        let authorization = format!(
            "hmac username=\"{}\", algorithm=\"hmac-sha256\", headers=\"date request-line\", signature=\"{signature}\"",
            self.client_id
        );
        (date, authorization)
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::Signing;

    /// The signature was made with another program.
    #[test]
    fn a_post_is_signed_with_its_date_and_its_first_line() {
        let signing = Signing::new("toko-client", "only-the-tests-sign-with-this-01").unwrap();
        let now = DateTime::from_timestamp(1_636_529_069, 0).unwrap();
        let (date, authorization) = signing.of_post("/qontak/chat/v1/broadcasts/whatsapp/direct", now);
        assert_eq!(date, "Wed, 10 Nov 2021 07:24:29 GMT");
        assert_eq!(
            authorization,
            "hmac username=\"toko-client\", algorithm=\"hmac-sha256\", headers=\"date request-line\", \
             signature=\"0nAvjhCm+33U+C+iuYcfEOXyWpCkmP98n1J16TaBuG4=\""
        );
    }
}
