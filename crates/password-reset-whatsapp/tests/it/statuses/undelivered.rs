//! Reports of failure that bring a mail in place of the code.

use password_reset::UndeliveredCodes;
use password_reset_whatsapp::{Gateway, GatewayApi, SentMessages};

use super::gateways::reported;
use super::{
    ANI, APP_SECRET, Account, AccountStatus, App, Contact, Countries, Lifetimes, Locale, MetaApi, Provider, StandIn,
    TOKEN, Template, Value, WhatsAppNotifier, json, meta, post, signed, status,
};

/// An owner with a number and a mailbox, whose undelivered codes are followed by a mail.
fn app(notifier: WhatsAppNotifier, provider: impl Provider) -> App {
    let account = Account::new("7", AccountStatus::Active).with_contact(Contact::phone(ANI));
    App::with(account.with_contact(Contact::email("ani@toko.example")), UndeliveredCodes::Mail, notifier, provider)
}

#[tokio::test]
async fn a_failure_that_meta_reports_is_followed_by_one_mail() {
    for code in [131_026, 131_049] {
        let stand_in = StandIn::default();
        let api = MetaApi::new("300000000000001", TOKEN).unwrap().with_base_url(&stand_in.start().await).unwrap();
        let template = Template::meta("reset_code", Locale::ENGLISH, "en");
        let notifier = WhatsAppNotifier::meta(api, Countries::any()).unwrap();
        let app = app(notifier.with_code_template(template, 10, &Lifetimes::default()).unwrap(), meta());
        app.ask().await;
        let message: Value = serde_json::from_str(&stand_in.sent().last().unwrap().body).unwrap();
        let report = |status: &str, errors: Value| {
            post(json!({"statuses": [{"id": "wamid.OUT", "status": status, "recipient_id": "6281200000001",
                "biz_opaque_callback_data": message["biz_opaque_callback_data"], "errors": errors}]}))
        };
        // The mailbox was notified of the code meanwhile, and the report still counts for the number alone.
        assert_eq!(app.links().await, 0);
        let failed = report("failed", json!([{"code": code}]));
        for (body, links) in [(&report("sent", json!([])), 0), (&failed, 1), (&failed, 1)] {
            assert_eq!(status(&app.webhook.handle(signed(body)).await), 200);
            assert_eq!(app.links().await, links, "{code}");
        }
    }
}

#[tokio::test]
async fn a_failure_that_a_gateway_reports_is_followed_by_one_mail() {
    let stand_in = StandIn::default();
    let api = GatewayApi::waha(&stand_in.start().await, "default", TOKEN).unwrap();
    stand_in.answer(201, r#"{"id":"true_6281200000001@c.us_3EB0A7","ack":1,"_data":{}}"#);
    let sent = SentMessages::new();
    let notifier = WhatsAppNotifier::gateway(api.reporting(&sent).unwrap(), Countries::any()).unwrap();
    let app = app(notifier, Gateway::waha(APP_SECRET).unwrap().reporting(&sent).unwrap());
    app.ask().await;
    assert_eq!(app.links().await, 0);
    let report = |ack: &str| {
        let payload = json!({"id": "true_6281200000001@c.us_3EB0A7", "fromMe": true, "ackName": ack});
        reported(&json!({"event": "message.ack", "payload": payload}), APP_SECRET)
    };
    for (ack, links) in [("SERVER", 0), ("ERROR", 1), ("ERROR", 1)] {
        assert_eq!(status(&app.webhook.handle(report(ack)).await), 200);
        assert_eq!(app.links().await, links, "{ack}");
    }
}
