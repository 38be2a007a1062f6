//! Maps the answer of an API to the outcome of a delivery, as the README says.
//!
//! A fault of the operator's settings is `Later`: once the operator has corrected it, the message goes out if it is still
//! valid. The text of an answer is never kept, because it may repeat the number.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use http::StatusCode;
use password_reset::PortError;
use password_reset::ports::Delivery;
use password_reset_http_api::Answer;
use serde_json::Value;

use crate::{meta, twilio};

/// The outcome of one API call; the texts are codes of refusals.
#[derive(Debug)]
pub(super) enum Outcome {
    /// The API accepted the message.
    Accepted,
    /// The API asks to try again.
    Later(Option<Duration>, String),
    /// Too many messages to this number.
    PairRate(String),
    /// The operator has to correct a setting.
    OurFault(PortError),
    /// The number is not on WhatsApp.
    NoSuchContact(String),
    /// The API will not send the message.
    Never(String),
    /// There was no answer; the API may have accepted the message.
    Unknown(PortError),
}

impl Outcome {
    /// Whether the API certainly does not send the message, so that it costs nothing.
    pub(super) fn was_not_sent(&self) -> bool {
        !matches!(self, Self::Accepted | Self::Unknown(_))
    }
}

/// Reads a refusal of Meta's by its code; titles and texts change.
pub(super) fn of_meta(answer: &Answer) -> Outcome {
    let code = code_at(&answer.body, &["error", "code"]);
    let said = said(code, answer.status);
    match code {
        Some(131_056) => Outcome::PairRate(said),
        // Throughput, or a temporary fault of Meta's.
        Some(1 | 2 | 4 | 80_007 | 130_429 | 131_000 | 131_016 | 131_057 | 133_004 | 133_016) => {
            Outcome::Later(answer.retry_after, said)
        }
        Some(0 | 3 | 10 | 190 | 200..=299 | 131_005) => {
            our_fault("WhatsApp API rejected the access token: renew it and check its permissions", said)
        }
        Some(131_042) => our_fault("WhatsApp account has a payment problem: fix its payment method", said),
        Some(131_031 | 368) => our_fault("WhatsApp account is locked or restricted: see the dashboard", said),
        Some(132_000..=132_999) => {
            our_fault("WhatsApp template rejected: check its name, language, fields and approval", said)
        }
        Some(33 | 100 | 131_008 | 131_009 | 131_030 | 131_037 | 131_045) => {
            our_fault("WhatsApp API rejected the request: check the phone number id", said)
        }
        Some(code) if meta::NO_SUCH_CONTACT.contains(&code) => Outcome::NoSuchContact(said),
        // Retries make a spam limit worse, so only the operator can end it.
        Some(131_048) => {
            password_reset::log_bounded!(error, code = %said, "WhatsApp restricted this number: check its quality rating");
            Outcome::Never(said)
        }
        Some(130_497) => {
            password_reset::log_bounded!(error, code = %said, "WhatsApp restricted this number: check the allowed countries");
            Outcome::Never(said)
        }
        _ => of_status(answer, said),
    }
}

/// Reads a refusal of Twilio's.
pub(super) fn of_twilio(answer: &Answer) -> Outcome {
    let code = code_at(&answer.body, &["code"]);
    let said = said(code, answer.status);
    match code {
        Some(20_429 | 63_018) => Outcome::Later(answer.retry_after, said),
        Some(20_003 | 20_005 | 20_404) => our_fault("Twilio rejected account SID or auth token", said),
        Some(21_603 | 21_606 | 21_655 | 21_656 | 63_007) => {
            our_fault("Twilio rejected the sender number or content template", said)
        }
        Some(code) if twilio::NO_SUCH_CONTACT.contains(&code) => Outcome::NoSuchContact(said),
        _ => of_status(answer, said),
    }
}

fn of_status(answer: &Answer, said: String) -> Outcome {
    match answer.status {
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS => {
            Outcome::Later(answer.retry_after, said)
        }
        status if status.is_server_error() => Outcome::Later(answer.retry_after, said),
        status if is_our_fault(status) => {
            our_fault("WhatsApp API refused access: check the account and the token", said)
        }
        status if status.is_client_error() => Outcome::Never(said),
        // Neither success nor an error: the server is not the API.
        _ => our_fault("response is not from the WhatsApp API: check the base URL", said),
    }
}

fn is_our_fault(status: StatusCode) -> bool {
    matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND)
}

pub(super) fn our_fault(what: &'static str, code: String) -> Outcome {
    Outcome::OurFault(PortError::permanent(what).with_code(code))
}

/// The code of a refusal, without its text.
pub(super) fn said(code: Option<i64>, status: StatusCode) -> String {
    code.map_or_else(|| format!("HTTP {}", status.as_u16()), |code| code.to_string())
}

fn code_at(body: &[u8], path: &[&str]) -> Option<i64> {
    let answer: Value = serde_json::from_slice(body).ok()?;
    path.iter().try_fold(&answer, |value, name| value.get(name))?.as_i64()
}

/// Consecutive refusals by pair rate of each number; the wait is 4^n seconds, as Meta asks. In memory on this node: a lost
/// count only shortens the wait.
#[derive(Debug, Default)]
pub(super) struct PairRates {
    hasher: RandomState,
    refused: Mutex<HashMap<u64, (u32, DateTime<Utc>)>>,
}

impl PairRates {
    /// 4^5 seconds are 17 minutes, longer than the lifetime of a code.
    const MAX_EXPONENT: u32 = 5;
    const MAX_NUMBERS: usize = 10_000;

    /// The delivery that the worker gets.
    pub(super) fn delivery(&self, number: &str, now: DateTime<Utc>, outcome: Outcome) -> Delivery {
        match outcome {
            Outcome::Accepted => {
                self.lock().remove(&self.hasher.hash_one(number));
                Delivery::Delivered
            }
            Outcome::PairRate(said) => {
                let why = PortError::transient("WhatsApp API limit for this number reached");
                Delivery::Later { after: Some(self.wait(number, now)), why: why.with_code(said) }
            }
            Outcome::Later(after, said) => {
                let why = PortError::transient("WhatsApp API deferred the message").with_code(said);
                Delivery::Later { after, why }
            }
            Outcome::OurFault(why) | Outcome::Unknown(why) => Delivery::Later { after: None, why },
            Outcome::NoSuchContact(said) => Delivery::NoSuchContact { why: said },
            Outcome::Never(said) => Delivery::Never { why: said },
        }
    }

    fn wait(&self, number: &str, now: DateTime<Utc>) -> Duration {
        let mut refused = self.lock();
        let day_ago = now.checked_sub_signed(TimeDelta::days(1)).unwrap_or(now);
        if refused.len() >= Self::MAX_NUMBERS {
            refused.retain(|_, (_, at)| *at > day_ago);
        }
        if refused.len() >= Self::MAX_NUMBERS {
            refused.clear();
        }
        let (times, at) = refused.entry(self.hasher.hash_one(number)).or_insert((0, now));
        if *at <= day_ago {
            *times = 0;
        }
        let wait = Duration::from_secs(4_u64.saturating_pow(*times));
        (*times, *at) = (times.saturating_add(1).min(Self::MAX_EXPONENT), now);
        wait
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<u64, (u32, DateTime<Utc>)>> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use chrono::{DateTime, TimeDelta};
    use http::StatusCode;
    use password_reset::ports::Delivery;

    use super::{Outcome, PairRates, of_meta, of_twilio};
    use password_reset_http_api::Answer;

    fn answer(status: u16, body: &str) -> Answer {
        let status = StatusCode::from_u16(status).unwrap();
        Answer::new(status, body.to_owned())
    }

    fn meta(status: u16, code: i64) -> Outcome {
        let text = "(#1) Something about +6281200000001";
        of_meta(&answer(status, &format!(r#"{{"error":{{"message":"{text}","code":{code},"fbtrace_id":"A"}}}}"#)))
    }

    #[test]
    fn each_code_of_meta_has_its_outcome() {
        for code in [1, 2, 4, 80_007, 130_429, 131_000, 131_016, 131_057, 133_016] {
            assert!(matches!(meta(400, code), Outcome::Later(None, _)), "{code}");
        }
        assert!(matches!(meta(400, 131_056), Outcome::PairRate(_)));
        for code in [
            0, 3, 10, 190, 200, 299, 131_005, 131_042, 131_031, 368, 132_000, 132_001, 132_005, 132_007, 132_012,
            132_015, 132_016, 132_068, 33, 100, 131_008, 131_009, 131_030, 131_037, 131_045,
        ] {
            let Outcome::OurFault(error) = meta(400, code) else { panic!("{code}") };
            assert!(!error.is_transient() && error.code() == Some(&code.to_string()));
            assert!(!format!("{error:?}").contains("81200000001"), "{error:?}");
        }
        let Outcome::NoSuchContact(said) = meta(400, 131_026) else { panic!("not on WhatsApp") };
        assert_eq!(said, "131026");
        for code in [
            130_472, 131_049, 131_050, 130_403, 131_047, 131_062, 131_063, 137_000, 131_048, 130_497, 131_021, 131_051,
            7,
        ] {
            let Outcome::Never(said) = meta(400, code) else { panic!("{code}") };
            assert_eq!(said, code.to_string());
        }
    }

    #[test]
    fn an_answer_without_a_code_is_classified_by_its_status() {
        for status in [500, 502, 503, 504, 429, 425, 408] {
            assert!(matches!(of_meta(&answer(status, "<html>")), Outcome::Later(None, _)), "{status}");
        }
        for status in [401, 403, 404, 301, 100] {
            assert!(matches!(of_meta(&answer(status, "")), Outcome::OurFault(_)), "{status}");
        }
        assert!(matches!(of_meta(&answer(400, "{}")), Outcome::Never(said) if said == "HTTP 400"));
        assert!(matches!(of_meta(&answer(400, r#"{"error":{"code":"190"}}"#)), Outcome::Never(_)));
        let mut busy = answer(503, "");
        busy.retry_after = Some(Duration::from_secs(7));
        assert!(matches!(of_meta(&busy), Outcome::Later(Some(wait), _) if wait.as_secs() == 7));
    }

    #[test]
    fn an_unknown_code_of_meta_does_not_outweigh_its_status() {
        for status in [500, 503, 429, 425] {
            assert!(matches!(meta(status, 7), Outcome::Later(..)), "{status}");
        }
        for status in [401, 403, 404] {
            assert!(matches!(meta(status, 7), Outcome::OurFault(_)), "{status}");
        }
    }

    #[test]
    fn a_refusal_that_is_deferred_keeps_its_code() {
        let rates = PairRates::default();
        let code = |outcome| match rates.delivery("+6281200000001", DateTime::UNIX_EPOCH, outcome) {
            Delivery::Later { why, .. } => why.code().unwrap_or_default().to_owned(),
            other => panic!("{other:?}"),
        };
        for known in [190, 132_001, 131_056, 131_000] {
            assert_eq!(code(meta(400, known)), known.to_string());
        }
        assert_eq!(code(of_meta(&answer(503, "<html>"))), "HTTP 503");
        assert_eq!(code(of_meta(&answer(401, ""))), "HTTP 401");
        assert_eq!(code(of_twilio(&answer(401, r#"{"code":20003}"#))), "20003");
    }

    #[test]
    fn each_code_of_twilio_has_its_outcome() {
        let twilio =
            |status, code: i64| of_twilio(&answer(status, &format!(r#"{{"code":{code},"message":"+62812"}}"#)));
        assert!(matches!(twilio(429, 20_429), Outcome::Later(..)) && matches!(twilio(400, 63_018), Outcome::Later(..)));
        assert!(
            matches!(twilio(401, 20_003), Outcome::OurFault(_)) && matches!(twilio(400, 21_655), Outcome::OurFault(_))
        );
        assert!(matches!(twilio(403, 99_999), Outcome::OurFault(_)));
        for code in [63_003, 63_024, 21_211] {
            assert!(matches!(twilio(400, code), Outcome::NoSuchContact(_)), "{code}");
        }
        for code in [63_016, 21_610] {
            assert!(matches!(twilio(400, code), Outcome::Never(_)), "{code}");
        }
        assert!(matches!(of_twilio(&answer(500, "")), Outcome::Later(..)));
        assert!(matches!(twilio(503, 20_500), Outcome::Later(..)));
    }

    #[test]
    fn a_number_with_too_many_messages_waits_longer_each_time() {
        let rates = PairRates::default();
        let noon = DateTime::from_timestamp(1_893_499_200, 0).unwrap();
        let wait = |number: &str, at| match rates.delivery(number, at, meta(400, 131_056)) {
            Delivery::Later { after: Some(after), why } => {
                assert!(why.is_transient());
                after.as_secs()
            }
            other => panic!("{other:?}"),
        };
        let ani = "+6281200000001";
        assert_eq!([1, 4, 16, 64, 256, 1_024, 1_024].map(|_| wait(ani, noon)), [1, 4, 16, 64, 256, 1_024, 1_024]);
        assert_eq!(wait("+6281200000002", noon), 1, "another number has its own wait");
        assert!(matches!(rates.delivery(ani, noon, Outcome::Accepted), Delivery::Delivered));
        assert_eq!((wait(ani, noon), wait(ani, noon)), (1, 4), "an accepted message resets the wait");
        assert_eq!(wait(ani, noon + TimeDelta::days(1)), 1, "so does a day");
        for number in 0..30_000 {
            wait(&format!("+62812{number:08}"), noon);
        }
        assert!(rates.lock().len() <= PairRates::MAX_NUMBERS);
    }

    #[test]
    fn a_message_that_may_have_been_sent_stays_counted() {
        assert!(!Outcome::Accepted.was_not_sent());
        assert!(!Outcome::Unknown(password_reset::PortError::transient("x")).was_not_sent());
        assert!(meta(400, 131_026).was_not_sent() && meta(400, 131_056).was_not_sent());
    }
}
