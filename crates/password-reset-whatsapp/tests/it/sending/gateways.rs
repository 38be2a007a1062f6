//! Sending through gateways.

use std::time::Duration;

use password_reset::message::{CodeKind, ConfirmContact, LinkKind, MessageBody, NoticeAction, NoticeKind};
use password_reset::ports::{Delivery, Notifier};
use password_reset::{Contact, ContactKind, Lifetimes, Locale, Message};
use password_reset_testkit::Log;
use password_reset_testkit::voice::avoided;
use password_reset_whatsapp::{
    Countries, GatewayApi, PlainTexts, Refusal, SendingCaps, Template, TemplateField, WhatsAppConfigError,
    WhatsAppNotifier,
};
use serde_json::{Value, json};
use tracing::Level;

use super::{
    ANI, TEN_MINUTES, TOKEN, body, by_mail, can_cancel, changed, code, code_body, form, indonesia, is_delivered,
    link_body, message, noon, notice, proved, reply_code, reply_link, url, why_never, why_no_such_contact,
};
use crate::provider::StandIn;

/// A gateway at an address of a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Named {
    Waha,
    Gowa,
    Fonnte,
    Wablas,
    Qontak,
    Own,
}

/// Of the message whose id consists of ones, of the reset that consists of sevens.
const REFERENCE: &str = "message:07070707070707070707070707070707-01010101010101010101010101010101";

const WITH_TEXTS: [Named; 5] = [Named::Waha, Named::Gowa, Named::Fonnte, Named::Wablas, Named::Own];

impl Named {
    pub(super) fn at(self, address: &str) -> Result<GatewayApi, WhatsAppConfigError> {
        match self {
            Self::Waha => GatewayApi::waha(address, "default", TOKEN),
            Self::Gowa => GatewayApi::gowa(address, "toko", TOKEN),
            Self::Fonnte => GatewayApi::fonnte(TOKEN)?.with_base_url(address),
            Self::Wablas => GatewayApi::wablas(address, TOKEN, "tgw6gVhz"),
            Self::Qontak => {
                GatewayApi::qontak("toko-client", TOKEN, "31c076d5-ac80-4204-adc9-964c9b0c590b")?.with_base_url(address)
            }
            Self::Own => GatewayApi::new(&format!("{address}/v1"))?
                .with_header("Authorization", "Key only-the-tests-send-with-this-01")?
                .with_text("/messages", r#"{"to": "{{to}}", "ref": "{{reference}}", "text": "{{text}}"}"#)?
                .with_refusal("/error/code", "404", Refusal::NoSuchContact),
        }
    }

    async fn notifier(self, stand_in: &StandIn) -> WhatsAppNotifier {
        WhatsAppNotifier::gateway(self.at(&stand_in.start().await).unwrap(), indonesia()).unwrap()
    }

    /// The text that it was sent last.
    fn text(self, stand_in: &StandIn) -> String {
        let pointer = match self {
            Self::Waha | Self::Own => "/text",
            Self::Gowa => "/message",
            Self::Wablas => "/data/0/message",
            Self::Fonnte => return form(stand_in).into_iter().find(|(name, _)| name == "message").unwrap().1,
            Self::Qontak => panic!("it has no texts"),
        };
        body(stand_in).pointer(pointer).unwrap().as_str().unwrap().to_owned()
    }

    /// What it answers to an accepted message.
    pub(super) fn accepts(self) -> &'static str {
        match self {
            Self::Waha => {
                r#"{"id":"true_6281200000001@c.us_3EB0A7","timestamp":1790000000,"ack":1,"ackName":"SERVER"}"#
            }
            Self::Gowa => r#"{"code":"SUCCESS","message":"Success","results":{"message_id":"3EB0A7","status":"sent"}}"#,
            Self::Fonnte => {
                r#"{"detail":"success! message in queue","id":[142223099],"process":"pending","requestid":369052479,"status":true,"target":["6281200000001"]}"#
            }
            Self::Wablas => {
                r#"{"status":true,"message":"Message is pending","data":{"messages":[{"id":"d-7","phone":"6281200000001","status":"pending"}]}}"#
            }
            Self::Qontak => r#"{"status":"success","data":{"id":"5d0e8f7a","name":"b"}}"#,
            Self::Own => "{}",
        }
    }
}

fn template() -> Template {
    Template::meta("32b18403-e0ee-4cfc-9e2e-b28b95f24e37", Locale::INDONESIAN, "id")
}

#[tokio::test]
async fn each_gateway_gets_a_reply_as_it_documents() {
    for named in WITH_TEXTS {
        let stand_in = StandIn::default();
        let notifier = named.notifier(&stand_in).await;
        assert_eq!(notifier.reaches(), ContactKind::Phone);
        stand_in.answer(200, named.accepts());
        assert!(is_delivered(&notifier.deliver(&reply_link()).await), "{named:?}");
        let sent = stand_in.sent().pop().unwrap();
        let text = named.text(&stand_in);
        for part in ["Toko Contoh", "https://toko.example/reset/link#no-secret-at-all", "10 menit", "jangan bagikan"] {
            assert!(text.contains(part), "{named:?} {text}");
        }
        let (path, authorization, api_key, expected) = match named {
            Named::Waha => (
                "/api/sendText",
                "",
                TOKEN,
                json!({"session": "default", "chatId": "6281200000001@c.us", "text": text, "linkPreview": false}),
            ),
            Named::Gowa => {
                // RFC 7617: user and password, in Base64.
                let basic = "Basic dG9rbzpvbmx5LXRoZS10ZXN0cy1zZW5kLXdpdGgtdGhpcy0wMQ==";
                ("/send/message", basic, "", json!({"phone": "6281200000001", "message": text}))
            }
            Named::Wablas => (
                "/api/v2/send-message",
                "only-the-tests-send-with-this-01.tgw6gVhz",
                "",
                json!({"data": [{"phone": "6281200000001", "message": text}]}),
            ),
            Named::Own => (
                "/v1/messages",
                "Key only-the-tests-send-with-this-01",
                "",
                json!({"to": ANI, "ref": REFERENCE, "text": text}),
            ),
            _ => {
                let mut fields = form(&stand_in);
                fields.sort();
                let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
                let expected = [field("countryCode", "0"), field("message", &text), field("target", "6281200000001")];
                assert_eq!(fields, expected);
                assert_eq!((sent.path.as_str(), sent.authorization.as_str()), ("/send", TOKEN));
                assert_eq!(sent.content_type, "application/x-www-form-urlencoded");
                continue;
            }
        };
        assert_eq!(serde_json::from_str::<Value>(&sent.body).unwrap(), expected, "{named:?}");
        let said = (sent.path.as_str(), sent.authorization.as_str(), sent.api_key.as_str(), sent.content_type.as_str());
        assert_eq!(said, (path, authorization, api_key, "application/json"), "{named:?}");
    }
}

/// Everything that other APIs send in a template.
fn without_template(locale: Locale) -> Vec<(Message, Vec<&'static str>)> {
    let to = |body| message(Contact::phone(ANI), locale, body);
    let mut all = vec![
        (to(code_body(CodeKind::Reset, "49381726", TEN_MINUTES)), vec!["49381726", "/cancel#no-secret-either"]),
        (to(code_body(CodeKind::StepUp, "49381726", TEN_MINUTES)), vec!["49381726", "/cancel#no-secret-either"]),
        (
            to(link_body(LinkKind::Admin, "no-secret-at-all")),
            vec!["/link#no-secret-at-all", "/cancel#no-secret-either"],
        ),
        (
            to(MessageBody::ConfirmContact(ConfirmContact::new(url("confirm", "no-secret"), TEN_MINUTES, noon()))),
            vec!["/confirm#no-secret"],
        ),
    ];
    for kind in NoticeKind::ALL {
        let (action, part) = match kind {
            _ if kind.can_cancel() => (can_cancel(), "/cancel#no-secret-either"),
            NoticeKind::ContactChanged => (NoticeAction::StartReset, "Toko Contoh"),
            _ => (NoticeAction::StartReset, "https://app.toko.example/forgot"),
        };
        let at = if locale == Locale::INDONESIAN { "1 Januari 2030" } else { "1 January 2030" };
        all.push((to(notice(*kind, action)), vec![part, at]));
    }
    all
}

#[tokio::test]
async fn a_gateway_without_templates_sends_codes_and_notices_as_texts() {
    for named in WITH_TEXTS {
        let stand_in = StandIn::default();
        let notifier = named.notifier(&stand_in).await;
        for locale in [Locale::ENGLISH, Locale::INDONESIAN] {
            for (message, parts) in without_template(locale) {
                stand_in.answer(200, named.accepts());
                assert!(is_delivered(&notifier.deliver(&message).await), "{message:?}");
                let text = named.text(&stand_in);
                assert!(text.contains("Toko Contoh") && parts.iter().all(|part| text.contains(part)), "{text}");
                assert_eq!(avoided(locale.tag(), &text), [""; 0], "{text}");
            }
        }
        let before = stand_in.sent().len();
        assert_eq!(why_never(&notifier.deliver(&by_mail()).await), "no template for this message");
        assert_eq!(stand_in.sent().len(), before);
    }
}

#[tokio::test]
async fn texts_of_ones_own_replace_them() {
    #[derive(Debug)]
    struct Codes;
    impl PlainTexts for Codes {
        fn text(&self, message: &Message) -> Option<String> {
            matches!(message.body(), MessageBody::Code(_)).then(|| "Kode {{to}}".to_owned())
        }
    }
    let stand_in = StandIn::default();
    let notifier = Named::Waha.notifier(&stand_in).await.with_plain_texts(Codes);
    assert!(is_delivered(&notifier.deliver(&code(ANI)).await));
    assert_eq!(Named::Waha.text(&stand_in), "Kode {{to}}", "what a message says is not read for placeholders");
    assert_eq!(why_never(&notifier.deliver(&changed()).await), "no template for this message");
}

#[tokio::test]
async fn an_official_number_sends_all_but_replies_in_templates() {
    let stand_in = StandIn::default();
    let address = stand_in.start().await;
    let notifier = || WhatsAppNotifier::gateway(Named::Qontak.at(&address).unwrap(), indonesia()).unwrap();
    assert_eq!(why_never(&notifier().deliver(&code(ANI)).await), "no code template");
    assert_eq!(why_never(&notifier().deliver(&changed()).await), "no template for this message");
    let notifier = notifier()
        .with_code_template(template(), 10, &Lifetimes::default())
        .unwrap()
        .with_utility_template(NoticeKind::ResetProved, template(), &[TemplateField::Service, TemplateField::CancelUrl])
        .unwrap();
    // The reply with a code, too: it can send no text to a number.
    for (message, digits) in [(code(ANI), "49381726"), (reply_code(), "483126")] {
        stand_in.answer(201, Named::Qontak.accepts());
        assert!(is_delivered(&notifier.deliver(&message).await));
        let sent = stand_in.sent().pop().unwrap();
        assert_eq!(sent.path, "/qontak/chat/v1/broadcasts/whatsapp/direct");
        let signed =
            "hmac username=\"toko-client\", algorithm=\"hmac-sha256\", headers=\"date request-line\", signature=\"";
        assert!(
            sent.authorization.starts_with(signed) && !sent.authorization.contains(TOKEN),
            "{}",
            sent.authorization
        );
        let parameters = json!({"body": [{"key": "1", "value": "field1", "value_text": digits}],
            "buttons": [{"index": "0", "type": "url", "value": digits}]});
        assert_eq!(
            body(&stand_in),
            json!({"to_number": "6281200000001", "to_name": "6281200000001",
                "message_template_id": "32b18403-e0ee-4cfc-9e2e-b28b95f24e37",
                "channel_integration_id": "31c076d5-ac80-4204-adc9-964c9b0c590b",
                "language": {"code": "id"}, "parameters": parameters})
        );
    }
    assert!(is_delivered(&notifier.deliver(&proved()).await));
    let parameters = &body(&stand_in)["parameters"];
    let link = "https://toko.example/reset/cancel#no-secret-either";
    let fields = json!({"body": [{"key": "1", "value": "field1", "value_text": "Toko Contoh"},
        {"key": "2", "value": "field2", "value_text": link}]});
    assert_eq!(*parameters, fields, "a notice has no button");
    let before = stand_in.sent().len();
    assert_eq!(why_never(&notifier.deliver(&reply_link()).await), "no template for this message");
    assert_eq!(stand_in.sent().len(), before);

    // With texts, they are replies alone.
    let both = Named::Waha.at(&address).unwrap().on_official_number();
    let both = both.with_template("/template", r#"{"to": "{{to}}", "t": "{{template}}", "f": ["{{value}}"]}"#).unwrap();
    let notifier = WhatsAppNotifier::gateway(both, indonesia()).unwrap();
    assert!(
        is_delivered(&notifier.deliver(&reply_code()).await) && is_delivered(&notifier.deliver(&reply_link()).await)
    );
    assert_eq!(why_never(&notifier.deliver(&code(ANI)).await), "no code template");
    assert_eq!(why_never(&notifier.deliver(&changed()).await), "no template for this message");
}

#[tokio::test]
async fn an_answer_is_read_as_the_gateway_means_it() {
    enum Means {
        Delivered,
        Later { transient: bool },
        NoSuchContact(&'static str),
        Never(&'static str),
    }
    use Means::{Delivered, Later, Never, NoSuchContact};
    let gowa = |code: &str| format!(r#"{{"code":"{code}","message":"Phone 6281200000001@s.whatsapp.net, 49381726"}}"#);
    let fonnte = |reason: &str| format!(r#"{{"reason":"{reason}","status":false,"requestid":1}}"#);
    let answers: Vec<(Named, u16, String, Means)> = vec![
        (Named::Waha, 201, Named::Waha.accepts().to_owned(), Delivered),
        (Named::Waha, 200, String::new(), Delivered),
        (
            Named::Waha,
            422,
            r#"{"error":"Session status is not as expected","status":"FAILED"}"#.into(),
            Later { transient: false },
        ),
        (Named::Waha, 401, "{}".into(), Later { transient: false }),
        (Named::Waha, 404, "{}".into(), Later { transient: false }),
        (Named::Waha, 302, String::new(), Later { transient: false }),
        (Named::Waha, 500, r#"{"exception":{"message":"to 6281200000001"}}"#.into(), Later { transient: true }),
        (Named::Gowa, 400, gowa("INVALID_JID"), Later { transient: true }),
        (Named::Gowa, 500, gowa("INVALID_JID"), Later { transient: true }),
        (Named::Gowa, 400, gowa("400"), Later { transient: false }),
        (Named::Gowa, 401, gowa("AUTHENTICATION_ERROR"), Later { transient: false }),
        (Named::Gowa, 500, gowa("INVALID_WA_CLI"), Later { transient: false }),
        (Named::Gowa, 500, gowa("INTERNAL_SERVER_ERROR"), Later { transient: true }),
        (Named::Gowa, 429, gowa("WA_REACHOUT_TIMELOCK"), Never("HTTP 429 WA_REACHOUT_TIMELOCK")),
        (Named::Fonnte, 200, Named::Fonnte.accepts().to_owned(), Delivered),
        (Named::Fonnte, 200, fonnte("target invalid"), NoSuchContact("HTTP 200 target invalid")),
        (Named::Fonnte, 200, fonnte("token invalid for 6281200000001"), Later { transient: false }),
        (Named::Fonnte, 200, "<html>6281200000001".into(), Later { transient: false }),
        (Named::Fonnte, 503, String::new(), Later { transient: true }),
        (Named::Wablas, 200, r#"{"status":false,"message":"token invalid"}"#.into(), Later { transient: false }),
        (Named::Wablas, 429, String::new(), Later { transient: true }),
        (Named::Own, 408, String::new(), Later { transient: true }),
        (Named::Own, 400, r#"{"error":{"code":404}}"#.into(), NoSuchContact("HTTP 400 404")),
        (Named::Own, 400, r#"{"error":{"code":"404"}}"#.into(), NoSuchContact("HTTP 400 404")),
        (Named::Own, 400, r#"{"error":{"code":4041}}"#.into(), Later { transient: false }),
        (Named::Own, 502, r#"{"error":{"code":404}}"#.into(), Later { transient: true }),
        (Named::Own, 403, String::new(), Later { transient: false }),
    ];
    let (log, guard) = Log::of_this_thread(Level::TRACE);
    for (named, status, answer, means) in answers {
        let stand_in = StandIn::default();
        let notifier = named.notifier(&stand_in).await;
        stand_in.answer(status, &answer);
        let delivery = notifier.deliver(&code(ANI)).await;
        let shown = format!("{delivery:?}");
        match means {
            Delivered => assert!(is_delivered(&delivery), "{named:?} {status} {answer}: {shown}"),
            Later { transient } => {
                let Delivery::Later { why, .. } = &delivery else { panic!("{named:?} {status} {answer}: {shown}") };
                assert_eq!(why.is_transient(), transient, "{named:?} {status} {answer}: {shown}");
                let said = why.code().unwrap_or_default();
                assert!(said.starts_with(&format!("HTTP {status}")), "{named:?} {status} {answer}: {shown}");
            }
            NoSuchContact(why) => assert_eq!(why_no_such_contact(&delivery), why),
            Never(why) => {
                assert!(matches!(&delivery, Delivery::Never { why: said } if said == why), "{named:?} {shown}");
            }
        }
        assert!(!shown.contains("81200000001") && !shown.contains("49381726"), "{shown}");
    }
    drop(guard);
    let log = log.text();
    assert!(!log.contains("81200000001") && !log.contains("49381726") && !log.contains("tests-send"), "{log}");
    assert!(log.contains("WA_REACHOUT_TIMELOCK"), "the operator learns that the number is restricted: {log}");
}

#[tokio::test]
async fn a_gateway_has_caps_countries_and_a_timeout() {
    let stand_in = StandIn::default();
    let mut caps = SendingCaps::default();
    caps.per_number = 1;
    let notifier = Named::Waha.notifier(&stand_in).await.with_caps(caps);
    assert!(is_delivered(&notifier.deliver(&changed()).await), "notices do not count");
    assert!(is_delivered(&notifier.deliver(&code(ANI)).await));
    assert!(why_never(&notifier.deliver(&reply_code()).await).contains("cap of this number"));
    assert_eq!(why_never(&notifier.deliver(&code("+12025550123")).await), "country not allowed");

    let stand_in = StandIn::default();
    let api = Named::Waha.at(&stand_in.start().await).unwrap();
    let notifier = WhatsAppNotifier::gateway(api, Countries::any()).unwrap();
    let notifier = notifier.with_timeout(Duration::from_millis(200)).unwrap();
    stand_in.answer_with_retry_after(503, "42");
    let delivery = notifier.deliver(&code(ANI)).await;
    assert!(matches!(delivery, Delivery::Later { after: Some(after), .. } if after.as_secs() == 42));
    stand_in.fall_silent();
    assert!(matches!(notifier.deliver(&code(ANI)).await, Delivery::Later { why, .. } if why.is_transient()));
}
