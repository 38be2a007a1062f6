//! Sending.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use password_reset::message::SecretUrl;
use password_reset::message::{
    ActionLink, CodeKind, CodeMessage, LinkKind, LinkMessage, MessageBody, Notice, NoticeAction, NoticeKind,
};
use password_reset::ports::{Delivery, Digest, Notifier};
use password_reset::secret::Code;
use password_reset::{Channel, Contact, ContactKind, Lifetimes, Locale, Message, ResetId, Site};
use password_reset_testkit::{FakeClock, Log};
use password_reset_whatsapp::{Countries, MetaApi, SendingCaps, Template, TemplateField, TwilioApi, WhatsAppNotifier};
use serde_json::{Value, json};
use tracing::Level;

use crate::provider::StandIn;

mod gateway_settings;
mod gateways;
mod names;
mod templates;

const ANI: &str = "+6281200000001";
const TOKEN: &str = "only-the-tests-send-with-this-01";
const ACCOUNT: &str = "AC0000000000000000000000000000000a";

fn indonesia() -> Countries {
    Countries::only(&["+62"]).unwrap()
}

async fn meta(stand_in: &StandIn) -> WhatsAppNotifier {
    let api = MetaApi::new("300000000000001", TOKEN).unwrap().with_base_url(&stand_in.start().await).unwrap();
    let template =
        Template::meta("reset_code", Locale::ENGLISH, "en_US").and_meta("reset_code", Locale::INDONESIAN, "id");
    WhatsAppNotifier::meta(api, indonesia()).unwrap().with_code_template(template, 10, &Lifetimes::default()).unwrap()
}

async fn twilio(stand_in: &StandIn) -> WhatsAppNotifier {
    let api = TwilioApi::new(ACCOUNT, TOKEN, "+6281100000000").unwrap().with_base_url(&stand_in.start().await).unwrap();
    let api = api.with_status_url("https://toko.example/webhooks/twilio").unwrap();
    let template = Template::twilio("HX0000000000000000000000000000000a", Locale::INDONESIAN);
    WhatsAppNotifier::twilio(api, indonesia()).unwrap().with_code_template(template, 10, &Lifetimes::default()).unwrap()
}

fn site() -> Site {
    Site::new("Toko Contoh", "https://toko.example/reset").with_start_page("https://app.toko.example/forgot")
}

fn message(to: Contact, locale: Locale, body: MessageBody) -> Message {
    Message::new(Digest::from_bytes([1; 32]), ResetId::from_bytes([7; 16]), to, locale, site(), body)
}

const TEN_MINUTES: Duration = Duration::from_secs(600);

fn url(page: &str, secret: &str) -> SecretUrl {
    SecretUrl::new(&site(), page, secret)
}

fn cancel() -> SecretUrl {
    url("cancel", "no-secret-either")
}

fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_893_499_200, 0).unwrap()
}

fn code_body(kind: CodeKind, code: &str, lives: Duration) -> MessageBody {
    MessageBody::Code(CodeMessage::new(kind, Code::parse(code).unwrap(), lives, cancel(), DateTime::UNIX_EPOCH))
}

fn link_body(kind: LinkKind, secret: &str) -> MessageBody {
    MessageBody::Link(LinkMessage::new(kind, url("link", secret), TEN_MINUTES, cancel(), noon()))
}

fn notice(kind: NoticeKind, action: NoticeAction) -> MessageBody {
    MessageBody::Notice(Notice::new(kind, noon(), action).with_channel(Channel::EmailLink))
}

fn can_cancel() -> NoticeAction {
    NoticeAction::Cancel(ActionLink::new(cancel(), TEN_MINUTES))
}

fn code(to: &str) -> Message {
    message(Contact::phone(to), Locale::INDONESIAN, code_body(CodeKind::Reset, "49381726", TEN_MINUTES))
}

fn reply_code() -> Message {
    message(Contact::phone(ANI), Locale::ENGLISH, code_body(CodeKind::Reply, "483126", TEN_MINUTES))
}

fn reply_link() -> Message {
    message(Contact::phone(ANI), Locale::INDONESIAN, link_body(LinkKind::Reply, "no-secret-at-all"))
}

fn changed() -> Message {
    let body = notice(NoticeKind::PasswordChanged, NoticeAction::StartReset);
    message(Contact::phone(ANI), Locale::ENGLISH, body)
}

fn proved() -> Message {
    message(Contact::phone(ANI), Locale::ENGLISH, notice(NoticeKind::ResetProved, can_cancel()))
}

fn by_mail() -> Message {
    let kind = LinkKind::Reset { code: Code::parse("01234567").unwrap(), code_lives: TEN_MINUTES };
    message(Contact::phone(ANI), Locale::ENGLISH, link_body(kind, "no-secret-at-all"))
}

fn is_delivered(delivery: &Delivery) -> bool {
    matches!(delivery, Delivery::Delivered)
}

fn why_never(delivery: &Delivery) -> &str {
    match delivery {
        Delivery::Never { why } | Delivery::NoSuchContact { why } => why,
        other => panic!("not never: {other:?}"),
    }
}

fn why_no_such_contact(delivery: &Delivery) -> &str {
    match delivery {
        Delivery::NoSuchContact { why } => why,
        other => panic!("not NoSuchContact: {other:?}"),
    }
}

fn body(stand_in: &StandIn) -> Value {
    serde_json::from_str(&stand_in.sent().last().unwrap().body).unwrap()
}

fn form(stand_in: &StandIn) -> Vec<(String, String)> {
    url::form_urlencoded::parse(stand_in.sent().last().unwrap().body.as_bytes()).into_owned().collect()
}

#[tokio::test]
async fn meta_gets_a_code_as_an_authentication_template() {
    let stand_in = StandIn::default();
    let notifier = meta(&stand_in).await;
    assert_eq!(notifier.reaches(), ContactKind::Phone);
    assert!(is_delivered(&notifier.deliver(&code(ANI)).await));
    let sent = stand_in.sent().pop().unwrap();
    assert_eq!(sent.path, "/v25.0/300000000000001/messages");
    assert_eq!(sent.authorization, format!("Bearer {TOKEN}"));
    let parameters = json!([{"type": "text", "text": "49381726"}]);
    assert_eq!(
        body(&stand_in),
        json!({"messaging_product": "whatsapp", "recipient_type": "individual", "to": ANI, "type": "template",
            "template": {"name": "reset_code", "language": {"code": "id"}, "components": [
                {"type": "body", "parameters": parameters},
                {"type": "button", "sub_type": "url", "index": "0", "parameters": parameters}]},
            "biz_opaque_callback_data": "message:07070707070707070707070707070707-01010101010101010101010101010101"})
    );
}

#[tokio::test]
async fn meta_gets_replies_as_free_text() {
    let stand_in = StandIn::default();
    let notifier = meta(&stand_in).await;
    assert!(is_delivered(&notifier.deliver(&reply_code()).await));
    let sent = body(&stand_in);
    assert_eq!((sent["type"].as_str(), sent["text"]["preview_url"].as_bool()), (Some("text"), Some(false)));
    let text = sent["text"]["body"].as_str().unwrap();
    for part in ["Toko Contoh", "password reset", "483126", "within 10 minutes.", "Do not share this code with anyone"]
    {
        assert!(text.contains(part), "{text}");
    }
    assert!(is_delivered(&notifier.deliver(&reply_link()).await));
    let sent = body(&stand_in);
    let text = sent["text"]["body"].as_str().unwrap();
    for part in
        ["Toko Contoh", "kata sandi", "https://toko.example/reset/link#no-secret-at-all", "10 menit", "jangan bagikan"]
    {
        assert!(text.contains(part), "{text}");
    }
    assert_eq!(
        sent["biz_opaque_callback_data"],
        "message:07070707070707070707070707070707-01010101010101010101010101010101"
    );
}

#[tokio::test]
async fn notices_need_their_template() {
    let stand_in = StandIn::default();
    let notifier = meta(&stand_in).await;
    for message in [changed(), proved(), by_mail()] {
        assert_eq!(why_never(&notifier.deliver(&message).await), "no template for this message");
    }
    assert!(stand_in.sent().is_empty());
    let template = |name| Template::meta(name, Locale::ENGLISH, "en");
    let notifier = notifier
        .with_utility_template(
            NoticeKind::PasswordChanged,
            template("changed"),
            &[TemplateField::Service, TemplateField::At, TemplateField::AskUrl],
        )
        .unwrap()
        .with_utility_template(NoticeKind::ResetProved, template("proved"), &[TemplateField::CancelUrl])
        .unwrap();
    assert!(is_delivered(&notifier.deliver(&changed()).await));
    let sent = body(&stand_in);
    assert_eq!(sent["template"]["name"], "changed");
    assert_eq!(
        sent["template"]["components"],
        json!([{"type": "body", "parameters": [{"type": "text", "text": "Toko Contoh"},
            {"type": "text", "text": "1 January 2030 at 12:00 UTC"}, {"type": "text", "text": "https://app.toko.example/forgot"}]}])
    );
    assert!(is_delivered(&notifier.deliver(&proved()).await));
    let fields = &body(&stand_in)["template"]["components"][0]["parameters"];
    assert_eq!(*fields, json!([{"type": "text", "text": "https://toko.example/reset/cancel#no-secret-either"}]));
    assert_eq!(why_never(&notifier.deliver(&by_mail()).await), "no template for this message");
}

#[tokio::test]
async fn twilio_gets_a_content_template_or_a_body() {
    let stand_in = StandIn::default();
    let notifier = twilio(&stand_in).await;
    assert!(is_delivered(&notifier.deliver(&code(ANI)).await));
    let sent = stand_in.sent().pop().unwrap();
    assert_eq!(sent.path, format!("/2010-04-01/Accounts/{ACCOUNT}/Messages.json"));
    // RFC 7617: user and password, in Base64.
    assert!(sent.authorization.starts_with("Basic QUMwMDAw"), "{}", sent.authorization);
    let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let callback = "https://toko.example/webhooks/twilio?message=message:07070707070707070707070707070707-01010101010101010101010101010101";
    assert_eq!(
        form(&stand_in),
        [
            field("From", "whatsapp:+6281100000000"),
            field("To", "whatsapp:+6281200000001"),
            field("ContentSid", "HX0000000000000000000000000000000a"),
            field("ContentVariables", r#"{"1":"49381726"}"#),
            field("StatusCallback", callback),
        ]
    );
    assert!(is_delivered(&notifier.deliver(&reply_link()).await));
    let sent = form(&stand_in);
    assert!(sent[2].0 == "Body" && sent[2].1.contains("/link#no-secret-at-all"), "{sent:?}");
}

#[tokio::test]
async fn the_code_of_the_answer_decides_and_its_text_is_not_kept() {
    let stand_in = StandIn::default();
    let notifier = meta(&stand_in).await;
    let refusal = |code: i64| {
        format!(
            r#"{{"error":{{"message":"(#{code}) to +6281200000001: 49381726","code":{code},"error_data":{{"details":"x"}}}}}}"#
        )
    };
    stand_in.answer(400, &refusal(131_026));
    assert_eq!(why_no_such_contact(&notifier.deliver(&code(ANI)).await), "131026");
    stand_in.answer(400, &refusal(131_049));
    assert_eq!(why_never(&notifier.deliver(&code(ANI)).await), "131049");
    for (seconds, code_said) in [(Some(1), 131_056), (Some(4), 131_056), (None, 131_016), (None, 190), (None, 132_001)]
    {
        stand_in.answer(400, &refusal(code_said));
        let delivery = notifier.deliver(&code(ANI)).await;
        let Delivery::Later { after, why } = &delivery else { panic!("{delivery:?}") };
        assert_eq!(*after, seconds.map(Duration::from_secs), "{code_said}");
        assert_eq!(why.is_transient(), !matches!(code_said, 190 | 132_001));
        let shown = format!("{delivery:?}");
        assert!(
            shown.contains(&code_said.to_string()) && !shown.contains("81200000001") && !shown.contains("4938"),
            "{shown}"
        );
    }
    stand_in.answer_with_retry_after(503, "42");
    let delivery = notifier.deliver(&code(ANI)).await;
    assert!(matches!(delivery, Delivery::Later { after: Some(after), .. } if after.as_secs() == 42));
    // An endless answer is not read to its end.
    stand_in.answer(400, &"x".repeat(1 << 20));
    assert!(matches!(notifier.deliver(&code(ANI)).await, Delivery::Later { .. }));

    let stand_in = StandIn::default();
    let notifier = twilio(&stand_in).await;
    stand_in.answer(400, r#"{"code":63024,"message":"Invalid recipient +6281200000001","status":400}"#);
    assert_eq!(why_no_such_contact(&notifier.deliver(&code(ANI)).await), "63024");
    stand_in.answer(401, r#"{"code":20003,"message":"Authenticate"}"#);
    assert!(matches!(notifier.deliver(&code(ANI)).await, Delivery::Later { why, .. } if !why.is_transient()));
}

#[tokio::test]
async fn faults_that_only_the_operator_can_correct_are_logged_without_numbers() {
    let stand_in = StandIn::default();
    let notifier = meta(&stand_in).await;
    let (log, guard) = Log::of_this_thread(Level::TRACE);
    for code_said in [131_049, 131_048, 130_497] {
        let said = format!(r#"{{"error":{{"code":{code_said},"message":"to +6281200000001"}}}}"#);
        stand_in.answer(400, &said);
        assert_eq!(why_never(&notifier.deliver(&code(ANI)).await), code_said.to_string());
    }
    drop(guard);
    let errors: Vec<String> = log.text().lines().filter(|line| line.contains("ERROR")).map(str::to_owned).collect();
    assert!(errors.len() == 2 && errors[0].contains("131048") && errors[1].contains("130497"), "{errors:?}");
    assert!(!log.text().contains("81200000001") && !log.text().contains("49381726"));
}

#[tokio::test]
async fn an_unreachable_or_silent_api_is_later() {
    let stand_in = StandIn::default();
    let notifier = meta(&stand_in).await.with_timeout(Duration::from_millis(200)).unwrap();
    stand_in.fall_silent();
    assert!(matches!(notifier.deliver(&code(ANI)).await, Delivery::Later { why, .. } if why.is_transient()));
    // A port on which no server listens.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let api = MetaApi::new("300000000000001", TOKEN).unwrap().with_base_url(&format!("http://{free}")).unwrap();
    let notifier = WhatsAppNotifier::meta(api, indonesia()).unwrap();
    assert!(matches!(notifier.deliver(&reply_code()).await, Delivery::Later { why, .. } if why.is_transient()));
}

#[test]
fn without_a_runtime_it_is_an_error_and_no_panic() {
    let api = MetaApi::new("300000000000001", TOKEN).unwrap().with_base_url("http://127.0.0.1:1").unwrap();
    let notifier = WhatsAppNotifier::meta(api, indonesia()).unwrap();
    let message = reply_code();
    let delivery = futures_util::FutureExt::now_or_never(notifier.deliver(&message)).unwrap();
    assert!(matches!(delivery, Delivery::Later { why, .. } if !why.is_transient()));
}

#[tokio::test]
async fn messages_go_to_one_number_in_an_allowed_country() {
    let stand_in = StandIn::default();
    let notifier = meta(&stand_in).await;
    for other in ["+12025550123", "+8821612345678"] {
        assert_eq!(why_never(&notifier.deliver(&code(other)).await), "country not allowed");
    }
    for other in
        ["", "081200000001", "6281200000001", "+62 812 0000 0001", "+6281200000001,+6281200000002", "+62812\r\n000001"]
    {
        assert_eq!(why_never(&notifier.deliver(&code(other)).await), "not a phone number", "{other}");
    }
    let mail = message(
        Contact::email("ani@toko.example"),
        Locale::ENGLISH,
        code_body(CodeKind::Reset, "49381726", TEN_MINUTES),
    );
    assert_eq!(why_never(&notifier.deliver(&mail).await), "not a phone number");
    assert!(stand_in.sent().is_empty());
}

#[tokio::test]
async fn the_number_is_sent_byte_for_byte() {
    let stand_in = StandIn::default();
    let api = MetaApi::new("300000000000001", TOKEN).unwrap().with_base_url(&stand_in.start().await).unwrap();
    let notifier = WhatsAppNotifier::meta(api, Countries::any()).unwrap();
    let reply = code_body(CodeKind::Reply, "483126", TEN_MINUTES);
    let message = message(Contact::phone("+5215512345678"), Locale::ENGLISH, reply);
    assert!(is_delivered(&notifier.deliver(&message).await));
    assert_eq!(body(&stand_in)["to"], "+5215512345678");
}

#[tokio::test]
async fn caps_hold_for_codes_and_not_for_notices() {
    let stand_in = StandIn::default();
    let clock = FakeClock::default();
    let mut caps = SendingCaps::default();
    caps.per_number = 2;
    let notifier = meta(&stand_in).await.with_caps(caps).with_clock(Arc::new(clock.clone()));
    let template = Template::meta("changed", Locale::ENGLISH, "en");
    let notifier = notifier.with_utility_template(NoticeKind::PasswordChanged, template, &[]).unwrap();
    stand_in.answer(400, r#"{"error":{"code":131026}}"#);
    assert_eq!(why_no_such_contact(&notifier.deliver(&code(ANI)).await), "131026");
    for _ in 0..2 {
        assert!(is_delivered(&notifier.deliver(&code(ANI)).await), "a refused message does not count");
    }
    assert!(why_never(&notifier.deliver(&reply_code()).await).contains("cap of this number"));
    assert!(is_delivered(&notifier.deliver(&changed()).await));
    assert!(is_delivered(&notifier.deliver(&code("+6281200000002")).await));
    clock.advance(Duration::from_secs(24 * 60 * 60));
    assert!(is_delivered(&notifier.deliver(&reply_code()).await));
}
