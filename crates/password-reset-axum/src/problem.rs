//! Problem documents of the API (RFC 9457), with stable codes.

use axum::response::Response;
use password_reset::Locale;
use password_reset::policy::Violation;
use serde::Serialize;

use crate::failure::Failure;
use crate::respond;

#[derive(Serialize)]
struct Document {
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
    };
    respond::typed_json(status, "application/problem+json", &document)
}

/// One sentence that tells the caller what to do.
fn detail(failure: &Failure, locale: Locale) -> &'static str {
    let (english, indonesian) = match failure {
        Failure::NotFound => ("There is no resource at this address.", "Tidak ada apa pun di alamat ini."),
        Failure::MethodNotAllowed => (
            "This address takes other methods; the header Allow names them.",
            "Alamat ini menerima metode lain; lihat header Allow.",
        ),
        Failure::MediaType => ("Send application/json.", "Kirimkan application/json."),
        Failure::TooLarge => ("The body is too long.", "Isi permintaan terlalu panjang."),
        Failure::TooSlow => {
            ("The body took too long to come; send it again.", "Isi permintaan terlalu lama sampai; kirimkan lagi.")
        }
        Failure::Malformed => (
            "The body is not what this address takes; see openapi.json.",
            "Isi permintaan tidak sesuai; lihat openapi.json.",
        ),
        Failure::BadIdentifier => (
            "What was typed is not of the kind that it is said to be; check it for mistakes.",
            "Yang diketik tidak sesuai jenisnya; periksa lagi.",
        ),
        Failure::ChannelOff => {
            ("This way of resetting a password is not set up here.", "Cara ini tidak tersedia di sini.")
        }
        Failure::CrossSite => ("Requests from other sites are refused.", "Permintaan dari situs lain ditolak."),
        Failure::NoCookies => ("Send the cookies that were set.", "Kirim cookie yang telah ditetapkan."),
        Failure::Refused => (
            "This link or code is not valid, or not any more; ask for a new one.",
            "Tautan atau kode ini tidak berlaku, atau tidak berlaku lagi; minta yang baru.",
        ),
        Failure::Rejected(_) => {
            ("The password breaks rules; choose another.", "Kata sandi melanggar aturan; pilih yang lain.")
        }
        Failure::ChallengeRequired => ("Pass the challenge, and ask again.", "Selesaikan tantangan, lalu minta lagi."),
        Failure::TooMany(_) => {
            ("Too many requests; wait, and try again.", "Terlalu banyak permintaan; tunggu, lalu coba lagi.")
        }
        Failure::Busy(_) | Failure::Unavailable => {
            ("This cannot be done now; try again soon.", "Ini belum bisa dilakukan; coba lagi sebentar lagi.")
        }
        Failure::Internal => (
            "Something went wrong here; nothing that you can mend.",
            "Ada yang salah di pihak kami; bukan kesalahan Anda.",
        ),
    };
    match locale {
        Locale::Indonesian => indonesian,
        _ => english,
    }
}

#[cfg(test)]
mod tests {
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
            let [english, indonesian] = Locale::ALL.map(|locale| detail(&failure, locale));
            assert!(english.ends_with('.') && indonesian.ends_with('.') && english != indonesian, "{failure:?}");
        }
    }
}
