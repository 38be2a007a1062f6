//! What each answer of each service means.

use password_reset::ports::{Delivery, Notifier};
use password_reset_testkit::messages::TO;

use crate::services::{ALL, Named, seven};
use crate::stand_in::{Answer, StandIn};

#[derive(Clone, Copy, Debug)]
enum Means {
    Delivered,
    /// `Later`, with a transient error.
    Later,
    /// `Later`, with a permanent error that has these words.
    Mend(&'static str),
    NoMailbox,
    Never(&'static str),
}

use Means::{Delivered, Later, Mend, Never, NoMailbox};

async fn delivery(named: Named, answer: Answer) -> Delivery {
    let stand_in = StandIn::default();
    let notifier = named.notifier(&stand_in.start().await);
    stand_in.answer(answer);
    let delivery = notifier.deliver(&seven()).await;
    assert_eq!(stand_in.sent().len(), 1, "{named:?}: one request, and no redirect is followed");
    delivery
}

#[track_caller]
fn check(delivery: Delivery, means: Means, code: &str, of: &str) {
    let shown = format!("{delivery:?}");
    assert!(!shown.contains(TO) && !shown.contains("pelanggan"), "{of}: {shown}");
    match (delivery, means) {
        (Delivery::Delivered, Delivered) => {}
        (Delivery::Later { why, .. }, Later) => {
            assert!(why.is_transient(), "{of}: {shown}");
            assert_eq!(why.code(), Some(code), "{of}");
        }
        (Delivery::Later { why, .. }, Mend(words)) => {
            assert!(!why.is_transient() && why.to_string().contains(words), "{of}: {shown}");
            assert_eq!(why.code(), Some(code), "{of}");
        }
        (Delivery::NoSuchContact { why }, NoMailbox) => assert_eq!(why, code, "{of}"),
        (Delivery::Never { why }, Never(expected)) => assert_eq!(why, expected, "{of}"),
        _ => panic!("{of}: {shown}, and not {means:?}"),
    }
}

#[tokio::test]
async fn a_status_without_a_code_has_its_meaning_at_every_service() {
    for named in ALL {
        for (status, means) in [
            (200, Delivered),
            (202, Delivered),
            (408, Later),
            (425, Later),
            (429, Later),
            (500, Later),
            (502, Later),
            (503, Later),
            (504, Later),
            (400, Mend("refused the request")),
            (401, Mend("refused access")),
            (402, Mend("quota")),
            (403, Mend("refused access")),
            (404, Mend("refused access")),
            (409, Mend("refused the request")),
            (413, Never("HTTP 413")),
            (422, Mend("refused the request")),
            (451, Mend("refused the request")),
            (301, Mend("not from the API")),
            (307, Mend("not from the API")),
        ] {
            for body in
                ["", "<html>budi@pelanggan.example</html>", "null", "[]", "{\"message\":1,\"name\":[],\"errors\":{}}"]
            {
                let location = vec![("location", "/elsewhere".to_owned())];
                let delivery = delivery(named, Answer(status, location, body.to_owned())).await;
                check(delivery, means, &format!("HTTP {status}"), &format!("{named:?} {status} {body}"));
            }
        }
    }
}

const ANSWERS: &[(Named, u16, &str, Means, &str)] = &[
    (Named::Postmark, 200, r#"{"ErrorCode":0,"Message":"OK","To":"budi@pelanggan.example"}"#, Delivered, ""),
    (
        Named::Postmark,
        401,
        r#"{"ErrorCode":10,"Message":"No Account or Server API tokens were supplied"}"#,
        Mend("access"),
        "HTTP 401 10",
    ),
    (
        Named::Postmark,
        422,
        r#"{"ErrorCode":300,"Message":"Error parsing 'To': Illegal email address 'budi@pelanggan.example'."}"#,
        NoMailbox,
        "HTTP 422 300",
    ),
    (
        Named::Postmark,
        422,
        r#"{"ErrorCode":300,"Message":"Invalid 'To' address: 'budi@pelanggan.example'."}"#,
        NoMailbox,
        "HTTP 422 300",
    ),
    (
        Named::Postmark,
        422,
        r#"{"ErrorCode":300,"Message":"Invalid 'From' address: 'no-reply@toko.example'."}"#,
        Mend("request"),
        "HTTP 422 300",
    ),
    (
        Named::Postmark,
        422,
        r#"{"ErrorCode":300,"Message":"'From' and 'To' must differ."}"#,
        Mend("request"),
        "HTTP 422 300",
    ),
    (
        Named::Postmark,
        422,
        r#"{"ErrorCode":400,"Message":"The 'From' address is not a Sender Signature"}"#,
        Mend("sender"),
        "HTTP 422 400",
    ),
    (Named::Postmark, 422, r#"{"ErrorCode":401,"Message":"not confirmed"}"#, Mend("sender"), "HTTP 422 401"),
    (Named::Postmark, 422, r#"{"ErrorCode":405,"Message":"ran out of credits"}"#, Mend("quota"), "HTTP 422 405"),
    (
        Named::Postmark,
        422,
        r#"{"ErrorCode":406,"Message":"Found inactive addresses: budi@pelanggan.example."}"#,
        Never("suppressed"),
        "",
    ),
    (
        Named::Postmark,
        200,
        r#"{"ErrorCode":406,"Message":"Found inactive addresses: budi@pelanggan.example."}"#,
        Never("suppressed"),
        "",
    ),
    (Named::Postmark, 422, r#"{"ErrorCode":412,"Message":"pending approval"}"#, Mend("quota"), "HTTP 422 412"),
    (Named::Postmark, 422, r#"{"ErrorCode":413,"Message":"may not send"}"#, Mend("quota"), "HTTP 422 413"),
    (Named::Postmark, 422, r#"{"ErrorCode":1235,"Message":"no such stream"}"#, Mend("request"), "HTTP 422 1235"),
    (Named::Postmark, 200, r#"{"ErrorCode":999}"#, Mend("request"), "HTTP 200 999"),
    (Named::Postmark, 429, r#"{"ErrorCode":429}"#, Later, "HTTP 429 429"),
    (Named::Postmark, 503, r#"{"ErrorCode":100}"#, Later, "HTTP 503 100"),
    (Named::Postmark, 500, r#"{"ErrorCode":406}"#, Later, "HTTP 500 406"),
    (Named::Resend, 200, r#"{"id":"49a3999c-0ce1-4ea6-ab68-afcd6dc2e794"}"#, Delivered, ""),
    (
        Named::Resend,
        401,
        r#"{"statusCode":401,"name":"missing_api_key","message":"x"}"#,
        Mend("access"),
        "HTTP 401 missing_api_key",
    ),
    (Named::Resend, 401, r#"{"name":"restricted_api_key"}"#, Mend("access"), "HTTP 401 restricted_api_key"),
    (Named::Resend, 403, r#"{"name":"invalid_api_key"}"#, Mend("access"), "HTTP 403 invalid_api_key"),
    (
        Named::Resend,
        403,
        r#"{"name":"validation_error","message":"The toko.example domain is not verified."}"#,
        Mend("sender"),
        "HTTP 403 validation_error",
    ),
    (Named::Resend, 422, r#"{"name":"invalid_from_address"}"#, Mend("sender"), "HTTP 422 invalid_from_address"),
    (
        Named::Resend,
        422,
        r#"{"name":"validation_error","message":"Invalid `to` field. The email address needs to follow the `email@example.com` format."}"#,
        NoMailbox,
        "HTTP 422 validation_error",
    ),
    (
        Named::Resend,
        422,
        r#"{"name":"validation_error","message":"Invalid `from` field."}"#,
        Mend("request"),
        "HTTP 422 validation_error",
    ),
    (Named::Resend, 422, r#"{"name":"missing_required_field"}"#, Mend("request"), "HTTP 422 missing_required_field"),
    (Named::Resend, 409, r#"{"name":"invalid_idempotent_request"}"#, Delivered, ""),
    (
        Named::Resend,
        409,
        r#"{"name":"concurrent_idempotent_requests"}"#,
        Later,
        "HTTP 409 concurrent_idempotent_requests",
    ),
    (Named::Resend, 429, r#"{"name":"rate_limit_exceeded"}"#, Later, "HTTP 429 rate_limit_exceeded"),
    (Named::Resend, 429, r#"{"name":"daily_quota_exceeded"}"#, Mend("quota"), "HTTP 429 daily_quota_exceeded"),
    (Named::Resend, 429, r#"{"name":"monthly_quota_exceeded"}"#, Mend("quota"), "HTTP 429 monthly_quota_exceeded"),
    (Named::Resend, 500, r#"{"name":"application_error"}"#, Later, "HTTP 500 application_error"),
    // What is no code is not kept.
    (Named::Resend, 422, r#"{"name":"budi@pelanggan.example is odd"}"#, Mend("request"), "HTTP 422"),
    (Named::SendGrid, 202, "", Delivered, ""),
    (
        Named::SendGrid,
        400,
        r#"{"errors":[{"message":"Does not contain a valid address.","field":"personalizations.0.to.0.email","help":null}]}"#,
        NoMailbox,
        "HTTP 400",
    ),
    (
        Named::SendGrid,
        400,
        r#"{"errors":[{"message":"Does not contain a valid address.","field":"from.email"}]}"#,
        Mend("sender"),
        "HTTP 400",
    ),
    (Named::SendGrid, 400, r#"{"errors":[{"message":"Bad Request","field":null}]}"#, Mend("request"), "HTTP 400"),
    (
        Named::SendGrid,
        401,
        r#"{"errors":[{"message":"Maximum credits exceeded","field":null}]}"#,
        Mend("quota"),
        "HTTP 401",
    ),
    (
        Named::SendGrid,
        401,
        r#"{"errors":[{"message":"The provided authorization grant is invalid"}]}"#,
        Mend("access"),
        "HTTP 401",
    ),
    (
        Named::SendGrid,
        403,
        r#"{"errors":[{"message":"The from address does not match a verified Sender Identity.","field":"from"}]}"#,
        Mend("sender"),
        "HTTP 403",
    ),
    (Named::Mailgun, 200, r#"{"id":"<x@mg.toko.example>","message":"Queued. Thank you."}"#, Delivered, ""),
    (
        Named::Mailgun,
        400,
        r#"{"message":"'to' parameter is not a valid address. please check documentation"}"#,
        NoMailbox,
        "HTTP 400",
    ),
    (
        Named::Mailgun,
        400,
        r#"{"message":"to parameter is not a valid address. please check documentation"}"#,
        NoMailbox,
        "HTTP 400",
    ),
    (
        Named::Mailgun,
        400,
        r#"{"message":"from parameter is not a valid address. please check documentation"}"#,
        Mend("sender"),
        "HTTP 400",
    ),
    (
        Named::Mailgun,
        400,
        r#"{"message":"Domain toko.example is not allowed to send: The domain is unverified"}"#,
        Mend("request"),
        "HTTP 400",
    ),
    (Named::Mailgun, 401, "Forbidden", Mend("access"), "HTTP 401"),
    (Named::Ses, 200, r#"{"MessageId":"0100"}"#, Delivered, ""),
    (
        Named::Ses,
        400,
        r#"{"__type":"MailFromDomainNotVerifiedException"}"#,
        Mend("sender"),
        "HTTP 400 MailFromDomainNotVerifiedException",
    ),
    (
        Named::Ses,
        400,
        r#"{"__type":"com.amazonaws.ses#MessageRejected","message":"Email address is not verified. The following identities failed the check: budi@pelanggan.example"}"#,
        Mend("sender"),
        "HTTP 400 MessageRejected",
    ),
    (Named::Ses, 400, r#"{"__type":"MessageRejected","message":"virus"}"#, Mend("request"), "HTTP 400 MessageRejected"),
    (Named::Ses, 400, r#"{"code":"LimitExceededException"}"#, Mend("quota"), "HTTP 400 LimitExceededException"),
    (Named::Ses, 400, r#"{"code":"SendingPausedException"}"#, Mend("quota"), "HTTP 400 SendingPausedException"),
    (Named::Ses, 400, r#"{"code":"AccountSuspendedException"}"#, Mend("quota"), "HTTP 400 AccountSuspendedException"),
    (
        Named::Ses,
        429,
        r#"{"code":"TooManyRequestsException","message":"Maximum sending rate exceeded."}"#,
        Later,
        "HTTP 429 TooManyRequestsException",
    ),
    (
        Named::Ses,
        429,
        r#"{"code":"TooManyRequestsException","message":"Daily message quota exceeded."}"#,
        Mend("quota"),
        "HTTP 429 TooManyRequestsException",
    ),
    (Named::Ses, 400, r#"{"__type":"ThrottlingException"}"#, Later, "HTTP 400 ThrottlingException"),
    (
        Named::Ses,
        403,
        r#"{"__type":"InvalidSignatureException"}"#,
        Mend("access"),
        "HTTP 403 InvalidSignatureException",
    ),
    (Named::Ses, 400, r#"{"__type":"BadRequestException"}"#, Mend("request"), "HTTP 400 BadRequestException"),
    (Named::Json, 422, r#"{"error":{"code":"invalid_recipient"}}"#, NoMailbox, "HTTP 422 invalid_recipient"),
    (Named::Json, 422, r#"{"error":{"code":"invalid_sender"}}"#, Mend("request"), "HTTP 422"),
    (Named::Json, 500, r#"{"error":{"code":"invalid_recipient"}}"#, Later, "HTTP 500"),
];

#[tokio::test]
async fn every_answer_of_every_service_has_its_meaning() {
    for (named, status, body, means, code) in ANSWERS {
        let delivery = delivery(*named, Answer(*status, Vec::new(), (*body).to_owned())).await;
        check(delivery, *means, code, &format!("{named:?} {status} {body}"));
    }
}

#[tokio::test]
async fn ses_names_its_errors_in_a_header() {
    let name = "SendingPausedException:http://internal.amazon.com/coral/com.amazonaws.sesv2/".to_owned();
    let answer = Answer(400, vec![("x-amzn-errortype", name)], r#"{"message":"paused"}"#.to_owned());
    check(delivery(Named::Ses, answer).await, Mend("quota"), "HTTP 400 SendingPausedException", "a header");
}

#[tokio::test]
async fn a_service_that_names_a_wait_gets_it() {
    for named in ALL {
        for status in [429, 503] {
            let answer = Answer(status, vec![("retry-after", "7".to_owned())], String::new());
            let delivery = delivery(named, answer).await;
            assert!(
                matches!(delivery, Delivery::Later { after: Some(after), .. } if after.as_secs() == 7),
                "{named:?} {delivery:?}"
            );
        }
    }
}
