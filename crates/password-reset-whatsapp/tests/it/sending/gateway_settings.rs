//! What a gateway cannot do is refused at the start, and the reason says what to do.

use password_reset::message::NoticeKind;
use password_reset::ports::Fallback;
use password_reset::ports::Notifier;
use password_reset::{Inbound, InboundMode, Lifetimes, Locale, PasswordReset, Site};
use password_reset_testkit::{MemoryAccounts, MemoryStore, RecordingNotifier, sample};
use password_reset_whatsapp::{
    Authentication, Gateway, GatewayApi, Refusal, Reports, SentMessages, Template, WhatsAppConfigError,
    WhatsAppNotifier,
};

use super::gateways::Named;
use super::{TOKEN, indonesia};
use crate::app::{APP_SECRET, SERVICE, pool};

const LOCAL: &str = "http://127.0.0.1:1";
const TEXT: &str = r#"{"to": "{{to}}", "text": "{{text}}"}"#;

#[track_caller]
fn refused<T: std::fmt::Debug>(result: Result<T, WhatsAppConfigError>) -> (&'static str, &'static str) {
    let error = result.unwrap_err();
    (error.field, error.why)
}

fn template() -> Template {
    Template::meta("32b18403-e0ee", Locale::INDONESIAN, "id")
}

fn qontak() -> WhatsAppNotifier {
    WhatsAppNotifier::gateway(Named::Qontak.at(LOCAL).unwrap(), indonesia()).unwrap()
}

fn waha() -> WhatsAppNotifier {
    WhatsAppNotifier::gateway(Named::Waha.at(LOCAL).unwrap(), indonesia()).unwrap()
}

fn with_code(notifier: WhatsAppNotifier) -> WhatsAppNotifier {
    notifier.with_code_template(template(), 10, &Lifetimes::default()).unwrap()
}

fn build(inbound: Inbound, notifier: impl Notifier) -> Result<(), (&'static str, String)> {
    let site = Site::new("Toko Contoh", "https://toko.example/reset");
    PasswordReset::builder(MemoryAccounts::new(), MemoryStore::new(), sample::keys(), site)
        .inbound(inbound)
        .notifier(notifier)
        .notifier(RecordingNotifier::new())
        .hash_pool(pool())
        .build()
        .map(drop)
        .map_err(|error| (error.field, error.reason.to_string()))
}

#[test]
fn a_mode_whose_reply_a_gateway_cannot_send_is_refused_at_the_start() {
    let (type_back, on_phone) =
        (|| Inbound::type_back(SERVICE).unwrap(), || Inbound::continue_on_phone(SERVICE).unwrap());
    build(type_back(), waha()).unwrap();
    build(on_phone(), waha()).unwrap();
    build(Inbound::page_advances(SERVICE).unwrap(), qontak()).unwrap();
    let (field, why) = build(type_back(), qontak()).unwrap_err();
    assert!(field == "inbound" && why.contains("`with_code_template`"), "{why}");
    build(type_back(), with_code(qontak())).unwrap();
    for notifier in [qontak(), with_code(qontak())] {
        let (field, why) = build(on_phone(), notifier).unwrap_err();
        assert!(field == "inbound" && why.contains("`Inbound::type_back`"), "{why}");
    }
    // Behind another one, too, and in whatever it is wrapped.
    for (first, second) in [(waha(), qontak()), (qontak(), waha())] {
        assert!(build(type_back(), Fallback::new(first, second).unwrap()).is_err());
    }
    assert!(build(on_phone(), std::sync::Arc::new(qontak())).is_err());
    assert_eq!(waha().cannot_reply(InboundMode::ContinueOnPhone), None);
}

#[test]
fn templates_need_a_gateway_that_has_them_and_an_official_number_needs_templates() {
    for (field, why) in [
        refused(waha().with_code_template(template(), 10, &Lifetimes::default())),
        refused(waha().with_utility_template(NoticeKind::PasswordChanged, template(), &[])),
    ] {
        assert!(field.ends_with("template") && why.contains("`GatewayApi::with_template`"), "{why}");
    }
    let twilio = Template::twilio("HX0000000000000000000000000000000a", Locale::ENGLISH);
    assert!(refused(qontak().with_code_template(twilio, 10, &Lifetimes::default())).1.contains("`Template::meta`"));
    for named in [Named::Waha, Named::Wablas] {
        let official = named.at(LOCAL).unwrap().on_official_number();
        let (field, why) = refused(WhatsAppNotifier::gateway(official, indonesia()));
        assert!(field == "gateway" && why.contains("approved templates alone") && why.contains("`MetaApi`"), "{why}");
    }
    let (_, why) = refused(WhatsAppNotifier::gateway(GatewayApi::new(LOCAL).unwrap(), indonesia()));
    assert!(why.contains("`GatewayApi::with_text`"), "{why}");
}

#[test]
fn reports_need_a_gateway_that_sends_them() {
    let sent = SentMessages::new();
    for named in [Named::Waha, Named::Gowa, Named::Fonnte, Named::Wablas] {
        named.at(LOCAL).unwrap().reporting(&sent).unwrap();
    }
    for named in [Named::Qontak, Named::Own] {
        let (field, why) = refused(named.at(LOCAL).unwrap().reporting(&sent));
        assert!(field == "delivery reports" && why.contains("`GatewayApi::with_message_id`"), "{why}");
    }
    let query = || Authentication::query("secret", APP_SECRET).unwrap();
    for described in [
        Gateway::waha(APP_SECRET).unwrap(),
        Gateway::gowa(APP_SECRET).unwrap(),
        Gateway::wablas(query()),
        Gateway::fonnte(APP_SECRET).unwrap().with_authentication(query()),
        Gateway::new(query(), "from", "text").with_reports(Reports::new("id", "status")),
    ] {
        described.reporting(&sent).unwrap();
    }
    for undescribed in [Gateway::qontak(query(), "c-1"), Gateway::new(query(), "from", "text")] {
        let (field, why) = refused(undescribed.reporting(&sent));
        assert!(field == "delivery reports" && why.contains("`Gateway::with_reports`"), "{why}");
    }
    let (_, why) = refused(Gateway::fonnte(APP_SECRET).unwrap().reporting(&sent));
    assert!(why.contains("no secret in the body") && why.contains("`with_authentication"), "{why}");
}

#[test]
fn settings_that_cannot_be_right_are_refused_with_their_name_and_not_shown() {
    for key in ["", "hunter2", "your-api-key-goes-here", "hunter2 hunter2 hunter2\n"] {
        for refusal in [
            refused(GatewayApi::waha(LOCAL, "default", key)),
            refused(GatewayApi::gowa(LOCAL, "toko", key)),
            refused(GatewayApi::fonnte(key)),
            refused(GatewayApi::wablas(LOCAL, key, "tgw6gVhz")),
            refused(GatewayApi::qontak("toko", key, "31c076d5")),
        ] {
            assert!(
                matches!(refusal.0, "API key" | "gateway password" | "device token" | "client secret"),
                "{refusal:?}"
            );
            assert!(key.is_empty() || !refusal.1.contains("hunter2"), "{refusal:?}");
        }
    }
    for address in ["", "http://waha.toko.example", "ftp://localhost", "https://x?secret", "https://a:b@x"] {
        assert_eq!(refused(Named::Waha.at(address)).0, "gateway URL", "{address}");
    }
    assert_eq!(refused(GatewayApi::waha(LOCAL, "{{text}}", TOKEN)).0, "session");
    assert_eq!(refused(GatewayApi::gowa(LOCAL, "a:b", TOKEN)).0, "gateway user");
    assert_eq!(refused(GatewayApi::wablas(LOCAL, TOKEN, "")).0, "secret key");
    assert_eq!(refused(GatewayApi::qontak("toko", TOKEN, "a b")).0, "channel integration id");
    assert_eq!(refused(GatewayApi::qontak("a\"b", TOKEN, "31c076d5")).0, "client id");
    let own = || GatewayApi::new(LOCAL).unwrap();
    for path in ["", "messages", "/a b", "/a?b", "/a#b"] {
        assert_eq!(refused(own().with_text(path, TEXT)).0, "gateway text", "{path}");
        assert_eq!(
            refused(own().with_template(path, r#"{"t":"{{template}}{{to}}","v":["{{value}}"]}"#)).0,
            "gateway template"
        );
    }
    for body in ["", "[]", "{}", r#"{"to":"{{to}}"}"#, r#"{"to":"{{to}}","text":"{{text}}","x":"{{code}}"}"#] {
        assert_eq!(refused(own().with_text("/", body)).0, "gateway text", "{body}");
        assert_eq!(refused(own().with_text_form("/", body)).0, "gateway text", "{body}");
        assert_eq!(refused(own().with_template("/", body)).0, "gateway template", "{body}");
    }
    for (name, value) in [("a b", "x"), ("x", ""), ("x", "a\r\nb: c"), ("x", "kunci-é")] {
        assert_eq!(refused(own().with_header(name, value)).0, "gateway header", "{name} {value}");
    }
    assert_eq!(refused(own().with_accepted("status", "true")).0, "gateway answer");
    assert_eq!(refused(own().with_accepted("/status", "tru")).0, "gateway answer");
    assert_eq!(refused(own().with_message_id("id")).0, "gateway answer");
    for (pointer, word) in [("code", "x"), ("/code", ""), ("/code", &"x".repeat(49))] {
        assert_eq!(refused(own().with_refusal(pointer, word, Refusal::Busy)).0, "gateway answer");
    }
    let shown = format!("{:?} {:?}", Named::Waha.at(LOCAL).unwrap(), waha());
    assert!(!shown.contains("tests-send"), "{shown}");
}
