//! Problem documents of the API (RFC 9457), with stable codes.

use password_reset::Locale;
use password_reset::policy::Violation;
use serde::Serialize;

use crate::challenge::ToPass;
use crate::failure::Failure;
use crate::respond::{self, Response};

#[derive(Serialize)]
struct Document<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'static str,
    status: u16,
    detail: &'static str,
    code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    violations: Option<Vec<BrokenRule>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    challenge: Option<&'a ToPass>,
}

/// A rule that a password breaks.
#[derive(Serialize)]
pub(crate) struct BrokenRule {
    code: &'static str,
    #[serde(skip_serializing_if = "serde_json::Map::is_empty")]
    params: serde_json::Map<String, serde_json::Value>,
    text: String,
}

impl BrokenRule {
    pub(crate) fn of(violation: &Violation, locale: Locale) -> Self {
        let params = violation.params().into_iter().map(|(name, value)| (name.to_owned(), value.into()));
        Self { code: violation.code(), params: params.collect(), text: violation.sentence(locale) }
    }

    pub(crate) fn with(mut self, param: &str, value: u8) -> Self {
        self.params.insert(param.to_owned(), value.into());
        self
    }
}

pub(crate) fn document(failure: &Failure, locale: Locale) -> Result<Response, Failure> {
    let status = failure.status();
    let violations = match failure {
        Failure::Rejected(violations) => {
            Some(violations.iter().map(|violation| BrokenRule::of(violation, locale)).collect())
        }
        _ => None,
    };
    let document = Document {
        kind: "about:blank",
        title: status.canonical_reason().unwrap_or("Error"),
        status: status.as_u16(),
        detail: detail(failure, locale),
        code: failure.code(),
        retry_after: failure.retry_after(),
        violations,
        challenge: match failure {
            Failure::ChallengeRequired(to_pass) => to_pass.as_deref(),
            _ => None,
        },
    };
    respond::typed_json(status, "application/problem+json", &document)
}

/// Tells the caller what happened and what to do.
fn detail(failure: &Failure, locale: Locale) -> &'static str {
    let (english, indonesian) = match failure {
        Failure::NotFound => (
            "There is no resource at this address. See openapi.json.",
            "Tidak ada apa pun di alamat ini. Lihat openapi.json.",
        ),
        Failure::MethodNotAllowed(_) => (
            "This method is not allowed here. Use one of the methods in the Allow header.",
            "Metode ini tidak diizinkan. Gunakan metode di header Allow.",
        ),
        Failure::MediaType => ("Send the body as application/json.", "Kirim isi sebagai application/json."),
        Failure::TooLarge => {
            ("The body is too large. Send less.", "Isi permintaan terlalu besar. Kirim lebih sedikit.")
        }
        Failure::TooSlow => {
            ("The body took too long to arrive. Send it again.", "Isi permintaan terlalu lama diterima. Kirim lagi.")
        }
        Failure::Malformed => (
            "The body does not match the schema. See openapi.json.",
            "Isi permintaan tidak sesuai skema. Lihat openapi.json.",
        ),
        Failure::BadIdentifier => (
            "This is not a valid email address, username or phone number. Check it and try again.",
            "Ini bukan alamat email, nama pengguna, atau nomor telepon yang valid. Periksa lagi.",
        ),
        Failure::ChannelOff => (
            "This way to reset a password is not available. Use another one.",
            "Cara ini tidak tersedia. Gunakan cara lain.",
        ),
        Failure::CrossSite => (
            "The request came from another site, or its form token is missing or has expired. Reload and try again.",
            "Permintaan datang dari situs lain, atau token formulirnya tidak ada atau kedaluwarsa. Muat ulang lalu coba lagi.",
        ),
        Failure::NoCookies => ("Send the cookies that were set.", "Kirim cookie yang telah ditetapkan."),
        Failure::Refused => (
            "This link or code is wrong, used or expired. Request a new one.",
            "Tautan atau kode ini salah, sudah dipakai, atau kedaluwarsa. Minta yang baru.",
        ),
        Failure::Rejected(_) => (
            "The password does not meet the rules. See violations.",
            "Kata sandi tidak memenuhi aturan. Lihat violations.",
        ),
        Failure::ChallengeRequired(_) => {
            ("Complete the challenge, then try again.", "Selesaikan tantangan, lalu coba lagi.")
        }
        Failure::TooMany(_) => (
            "Too many requests. Try again after retry_after seconds.",
            "Terlalu banyak permintaan. Coba lagi setelah retry_after detik.",
        ),
        Failure::Busy(_) | Failure::Unavailable => (
            "This is not available right now. Try again after retry_after seconds.",
            "Layanan sedang tidak tersedia. Coba lagi setelah retry_after detik.",
        ),
        Failure::Internal => (
            "Something went wrong on our side. Try again later.",
            "Terjadi kesalahan pada sistem kami. Coba lagi nanti.",
        ),
    };
    match locale {
        Locale::Indonesian => indonesian,
        _ => english,
    }
}

#[cfg(test)]
mod tests {
    use password_reset_testkit::voice::avoided;

    use super::*;

    #[test]
    fn the_api_document_lists_every_code_and_no_other() {
        let document: serde_json::Value = serde_json::from_str(include_str!("api/openapi.json")).unwrap();
        let listed = document["components"]["schemas"]["ProblemCode"]["enum"].as_array().unwrap().clone();
        let listed: Vec<&str> = listed.iter().map(|code| code.as_str().unwrap()).collect();
        let codes: Vec<&str> = Failure::all().iter().map(Failure::code).collect();
        assert_eq!(listed, codes);
    }

    #[test]
    fn every_failure_says_what_to_do_in_both_languages() {
        for failure in Failure::all() {
            let [english, indonesian] = [Locale::English, Locale::Indonesian].map(|locale| detail(&failure, locale));
            assert_eq!(avoided("en", english), [""; 0], "{english}");
            assert_eq!(avoided("id", indonesian), [""; 0], "{indonesian}");
            assert!(english.ends_with('.') && indonesian.ends_with('.') && english != indonesian, "{failure:?}");
        }
    }
}
