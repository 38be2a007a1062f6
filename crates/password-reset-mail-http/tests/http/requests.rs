//! What each service gets: as its documentation describes it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use password_reset::ContactKind;
use password_reset::ports::{Delivery, Notifier};
use password_reset_mail::{BounceWebhook, MailWriter};
use password_reset_mail_http::{AmazonSes, HttpMailNotifier, Postmark};
use password_reset_testkit::messages::{LINK, TO, reset};
use serde_json::{Value, json};

use crate::services::{ALL, FROM, KEY, Named, REFERENCE, now, seven};
use crate::stand_in::{Sent, StandIn};

/// The request of a service, for the message of sevens.
async fn request(named: Named) -> Sent {
    let stand_in = StandIn::default();
    let notifier = named.notifier(&stand_in.start().await).with_reply_to("Bantuan <help@toko.example>").unwrap();
    assert_eq!(notifier.reaches(), ContactKind::Email);
    let delivery = notifier.deliver(&seven()).await;
    assert!(matches!(delivery, Delivery::Delivered), "{named:?} {delivery:?}");
    let mut sent = stand_in.sent();
    assert_eq!(sent.len(), 1, "{named:?}");
    sent.remove(0)
}

/// Subject, text and HTML of that message.
fn mail() -> [String; 3] {
    let mail = MailWriter::new(FROM).unwrap().write(&seven()).unwrap();
    [mail.subject().to_owned(), mail.text().to_owned(), mail.html().to_owned()]
}

const SENDER: &str = "\"Toko Contoh\" <no-reply@toko.example>";
const HELP: &str = "\"Bantuan\" <help@toko.example>";

fn message_id() -> String {
    format!("<{REFERENCE}@toko.example>")
}

#[tokio::test]
async fn postmark() {
    let sent = request(Named::Postmark).await;
    let [subject, text, html] = mail();
    assert_eq!(sent.line, "POST /email");
    assert_eq!((sent.header("x-postmark-server-token"), sent.header("authorization")), (KEY, ""));
    assert_eq!((sent.header("accept"), sent.header("content-type")), ("application/json", "application/json"));
    let expected = json!({
        "From": SENDER, "To": TO, "ReplyTo": HELP, "Subject": subject, "TextBody": text, "HtmlBody": html,
        "MessageStream": "outbound", "TrackOpens": false, "TrackLinks": "None",
        "Metadata": {"password-reset": REFERENCE},
        "Headers": [
            {"Name": "Content-Language", "Value": "id"},
            {"Name": "Auto-Submitted", "Value": "auto-generated"},
            {"Name": "X-Auto-Response-Suppress", "Value": "All"},
            {"Name": "Message-ID", "Value": message_id()},
            {"Name": "X-PM-KeepID", "Value": "true"},
        ],
    });
    assert_eq!(sent.json(), expected);
    let stand_in = StandIn::default();
    let service = Postmark::new(KEY).unwrap().with_base_url(&stand_in.start().await).unwrap();
    HttpMailNotifier::new(service.with_message_stream("resets"), FROM).unwrap().deliver(&seven()).await;
    assert_eq!(stand_in.sent()[0].json()["MessageStream"], "resets");
}

#[tokio::test]
async fn resend() {
    let sent = request(Named::Resend).await;
    let [subject, text, html] = mail();
    assert_eq!(sent.line, "POST /emails");
    assert_eq!(sent.header("authorization"), format!("Bearer {KEY}"));
    assert_eq!((sent.header("idempotency-key"), sent.header("content-type")), (REFERENCE, "application/json"));
    let expected = json!({
        "from": SENDER, "to": [TO], "reply_to": HELP, "subject": subject, "text": text, "html": html,
        "tags": [{"name": "password-reset", "value": REFERENCE}],
        "headers": {
            "Content-Language": "id", "Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All",
        },
    });
    assert_eq!(sent.json(), expected);
}

#[tokio::test]
async fn sendgrid() {
    let sent = request(Named::SendGrid).await;
    let [subject, text, html] = mail();
    assert_eq!(sent.line, "POST /v3/mail/send");
    assert_eq!(sent.header("authorization"), format!("Bearer {KEY}"));
    let expected = json!({
        "personalizations": [{"to": [{"email": TO}]}],
        "from": {"email": FROM, "name": "Toko Contoh"},
        "reply_to": {"email": "help@toko.example", "name": "Bantuan"},
        "subject": subject,
        "content": [{"type": "text/plain", "value": text}, {"type": "text/html", "value": html}],
        "headers": {
            "Content-Language": "id", "Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All",
        },
        "custom_args": {"password-reset": REFERENCE},
        "tracking_settings": {
            "click_tracking": {"enable": false, "enable_text": false},
            "open_tracking": {"enable": false},
            "subscription_tracking": {"enable": false},
        },
    });
    assert_eq!(sent.json(), expected);
}

#[tokio::test]
async fn mailgun() {
    let sent = request(Named::Mailgun).await;
    let [subject, text, html] = mail();
    assert_eq!(sent.line, "POST /v3/mg.toko.example/messages");
    assert_eq!(sent.header("authorization"), format!("Basic {}", STANDARD.encode(format!("api:{KEY}"))));
    assert_eq!(sent.header("content-type"), "application/x-www-form-urlencoded");
    let message_id = message_id();
    let expected = [
        ("from", SENDER),
        ("to", TO),
        ("subject", &subject),
        ("text", &text),
        ("html", &html),
        ("h:Message-Id", &message_id),
        ("v:password-reset", REFERENCE),
        ("o:tracking", "no"),
        ("o:tracking-clicks", "no"),
        ("o:tracking-opens", "no"),
        ("h:Content-Language", "id"),
        ("h:Auto-Submitted", "auto-generated"),
        ("h:X-Auto-Response-Suppress", "All"),
        ("h:Reply-To", HELP),
    ];
    let form = sent.form();
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(form, expected);
}

#[tokio::test]
async fn amazon_ses() {
    let sent = request(Named::Ses).await;
    let [subject, text, html] = mail();
    assert_eq!(sent.line, "POST /v2/email/outbound-emails");
    let data = |data: &str| json!({"Data": data, "Charset": "UTF-8"});
    let expected = json!({
        "FromEmailAddress": SENDER,
        "ReplyToAddresses": [HELP],
        "Destination": {"ToAddresses": [TO]},
        "ConfigurationSetName": "resets",
        "EmailTags": [{"Name": "password-reset", "Value": REFERENCE}],
        "Content": {"Simple": {
            "Subject": data(&subject),
            "Body": {"Text": data(&text), "Html": data(&html)},
            "Headers": [
                {"Name": "Content-Language", "Value": "id"},
                {"Name": "Auto-Submitted", "Value": "auto-generated"},
                {"Name": "X-Auto-Response-Suppress", "Value": "All"},
            ],
        }},
    });
    assert_eq!(sent.json(), expected);
    assert_eq!(sent.header("x-amz-date"), now().format("%Y%m%dT%H%M%SZ").to_string());
    let authorization = sent.header("authorization");
    let scope = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261121/ap-southeast-1/ses/aws4_request, ";
    let (signed, signature) = authorization.strip_prefix(scope).unwrap().split_once(", Signature=").unwrap();
    assert_eq!(signed, "SignedHeaders=content-type;host;x-amz-date");
    assert!(signature.len() == 64 && signature.bytes().all(|byte| byte.is_ascii_hexdigit()), "{signature}");
    assert!(sent.header("host").starts_with("127.0.0.1:"), "the host that was signed");

    // A token of temporary credentials is signed, too.
    let stand_in = StandIn::default();
    let service = AmazonSes::new("eu-west-1", "ASIDEXAMPLE", KEY).unwrap().with_session_token(KEY).unwrap();
    let service = service.with_base_url(&stand_in.start().await).unwrap();
    HttpMailNotifier::new(service, FROM).unwrap().deliver(&seven()).await;
    let sent = stand_in.sent().remove(0);
    assert_eq!(sent.header("x-amz-security-token"), KEY);
    assert!(sent.header("authorization").contains("SignedHeaders=content-type;host;x-amz-date;x-amz-security-token,"));
}

#[tokio::test]
async fn any_json_api() {
    let sent = request(Named::Json).await;
    let [subject, text, html] = mail();
    assert_eq!(sent.line, "POST /v1/mails");
    assert_eq!((sent.header("x-key"), sent.header("idempotency-key")), (KEY, format!("reset/{REFERENCE}").as_str()));
    let expected = json!({
        "sender": {"email": FROM, "name": "Toko Contoh"}, "to": [{"email": TO}], "replyTo": HELP,
        "title": format!("Mail: {subject}"), "plain": text, "htm": html, "count": 1, "id": message_id(),
    });
    assert_eq!(sent.json(), expected);
    // Without what a placeholder stands for, its field is left out.
    let stand_in = StandIn::default();
    Named::Json.notifier(&stand_in.start().await).deliver(&seven()).await;
    assert_eq!(stand_in.sent()[0].json().get("replyTo"), None);
}

/// The name of a service cannot end a text of JSON, and is not read for placeholders.
#[tokio::test]
async fn what_a_mail_says_stays_text() {
    let name = "x\", \"to\": \"jahat@evil.example {{to}} {{reference}} \\";
    for named in ALL {
        let stand_in = StandIn::default();
        let message = password_reset_testkit::messages::reset_at_site(name, password_reset::Locale::ENGLISH);
        named.notifier(&stand_in.start().await).deliver(&message).await;
        let sent = stand_in.sent().remove(0);
        if named == Named::Mailgun {
            assert_eq!(sent.form().iter().filter(|(name, _)| name == "to").count(), 1);
            continue;
        }
        assert!(!texts(&sent.json()).iter().any(|text| text == "jahat@evil.example"), "{named:?}");
        if named == Named::Json {
            assert_eq!(sent.json()["to"], json!([{"email": TO}]));
            let title = sent.json()["title"].as_str().unwrap().to_owned();
            assert!(title.contains("{{to}} {{reference}} \\"), "{title}");
        }
    }
}

/// Every text of a document.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(values) => values.iter().flat_map(texts).collect(),
        Value::Object(fields) => fields.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

/// One id is one mail, whatever the attempt: the same key, reference and content.
#[tokio::test]
async fn a_second_attempt_is_the_same_request() {
    for named in ALL {
        let stand_in = StandIn::default();
        let notifier = named.notifier(&stand_in.start().await);
        stand_in.answer(crate::stand_in::Answer(503, Vec::new(), String::new()));
        assert!(matches!(notifier.deliver(&seven()).await, Delivery::Later { .. }), "{named:?}");
        assert!(matches!(notifier.deliver(&seven()).await, Delivery::Delivered), "{named:?}");
        assert!(matches!(notifier.deliver(&reset(9)).await, Delivery::Delivered), "{named:?}");
        let sent = stand_in.sent();
        assert_eq!((&sent[0].headers, &sent[0].body), (&sent[1].headers, &sent[1].body), "{named:?}");
        let holds = |sent: &Sent| {
            sent.header("idempotency-key").contains(REFERENCE)
                || String::from_utf8_lossy(&sent.body).contains(REFERENCE)
        };
        assert!(holds(&sent[0]) && holds(&sent[1]) && !holds(&sent[2]), "{named:?}");
        assert!(String::from_utf8_lossy(&sent[0].body).contains(&LINK[40..60]), "{named:?}");
    }
}

/// What a request gave along is what the service's webhook hands back.
#[tokio::test]
async fn a_webhook_finds_the_mail_by_what_the_request_gave_along() {
    let user = "bounces";
    let basic = format!("Basic {}", STANDARD.encode(format!("{user}:{KEY}")));
    let headers = http::HeaderMap::from_iter([(http::header::AUTHORIZATION, basic.parse().unwrap())]);
    let sent = request(Named::Postmark).await.json();
    let postmark = json!({"RecordType": "Delivery", "Metadata": sent["Metadata"]});
    let sent = request(Named::SendGrid).await.json();
    let mut sendgrid = sent["custom_args"].clone();
    sendgrid["event"] = "delivered".into();
    let sent = request(Named::Ses).await.json();
    let tag = &sent["EmailTags"][0];
    let tags = Value::from_iter([(tag["Name"].as_str().unwrap(), json!([tag["Value"]]))]);
    let ses = json!({"eventType": "Delivery", "mail": {"tags": tags}});
    for (webhook, event) in [
        (BounceWebhook::postmark(user, KEY), postmark),
        (BounceWebhook::sendgrid(user, KEY), json!([sendgrid])),
        (BounceWebhook::ses(user, KEY), ses),
    ] {
        let bounces = webhook.unwrap().read(&headers, event.to_string().as_bytes(), now()).unwrap();
        assert_eq!(bounces.len(), 1, "{event}");
        assert_eq!((bounces[0].message, bounces[0].reset), ([7; 16], password_reset::ResetId::from_bytes([7; 16])));
    }
}
