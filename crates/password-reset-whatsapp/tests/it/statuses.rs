//! Delivery statuses, from the sent message to the history that an administrator reads.

use std::sync::Arc;

use axum::body::Bytes;
use http::Request;
use password_reset::flow::AuditEvent;
use password_reset::{
    Account, AccountId, AccountStatus, CallingCode, Contact, Identifier, Language, Lifetimes, Locale, PasswordReset,
    Requested, ResetRequest, Site, Stage, UndeliveredCodes, Worker,
};
use password_reset_testkit::{FakeClock, MemoryAccounts, MemoryStore, RecordingNotifier, sample};
use password_reset_whatsapp::{Countries, MetaApi, Provider, Template, Twilio, TwilioApi, Webhook, WhatsAppNotifier};
use serde_json::{Value, json};

use crate::app::{ANI, APP_SECRET, SERVICE, meta, pool, post, signed, source, status, unsigned};
use crate::provider::StandIn;

const TOKEN: &str = "only-the-tests-send-with-this-01";
const ACCOUNT: &str = "AC0000000000000000000000000000000a";
const URL: &str = "https://toko.example/webhooks/twilio";

mod gateways;
mod undelivered;

struct App {
    reset: PasswordReset,
    worker: Worker,
    webhook: Webhook,
    mail: RecordingNotifier,
}

impl App {
    fn new(notifier: WhatsAppNotifier, provider: impl Provider) -> Self {
        Self::of(Account::new("7", AccountStatus::Active).with_contact(Contact::phone(ANI)), notifier, provider)
    }

    fn of(account: Account, notifier: WhatsAppNotifier, provider: impl Provider) -> Self {
        Self::with(account, UndeliveredCodes::Nothing, notifier, provider)
    }

    fn with(
        account: Account,
        undelivered_codes: UndeliveredCodes,
        notifier: WhatsAppNotifier,
        provider: impl Provider,
    ) -> Self {
        let (accounts, clock, mail) = (MemoryAccounts::new(), FakeClock::default(), RecordingNotifier::new());
        accounts.add(account);
        let site = Site::new("Toko Contoh", "https://toko.example/reset");
        let (reset, worker) = PasswordReset::builder(accounts, MemoryStore::new(), sample::keys(), site)
            .notifier(notifier)
            .notifier(mail.clone())
            .undelivered_codes(undelivered_codes)
            .hash_pool(pool())
            .clock(clock.clone())
            .build()
            .unwrap();
        let webhook = Webhook::new(reset.clone(), provider).unwrap().with_clock(Arc::new(clock));
        Self { reset, worker, webhook, mail }
    }

    /// Requests a code, which the worker sends.
    async fn ask(&self) -> Requested {
        let phone = Identifier::phone(ANI, CallingCode::INDONESIA).unwrap();
        let asked = self.reset.request(ResetRequest::whatsapp_code(phone, source())).await.unwrap();
        self.worker.run_once().await.unwrap();
        asked
    }

    /// How many links went to the mailbox by now.
    async fn links(&self) -> usize {
        for _ in 0..2 {
            self.worker.run_once().await.unwrap();
        }
        self.mail.delivered().iter().filter(|sent| sent.link().is_some()).count()
    }

    /// The history that an administrator reads, oldest first.
    async fn history(&self) -> Vec<(AuditEvent, Option<String>)> {
        let mut rows = self.reset.admin().history(&AccountId::new("7"), 50).await.unwrap();
        rows.reverse();
        rows.into_iter().map(|row| (row.event, row.detail)).collect()
    }

    async fn stage(&self, asked: &Requested) -> Stage {
        self.reset.status(&asked.requester_token).await.unwrap().unwrap().stage
    }
}

fn happened(events: &[(AuditEvent, Option<&str>)]) -> Vec<(AuditEvent, Option<String>)> {
    events.iter().map(|(event, detail)| (*event, detail.map(str::to_owned))).collect()
}

const SENT: [(AuditEvent, Option<&str>); 2] = [(AuditEvent::Issued, None), (AuditEvent::Sent, None)];

#[tokio::test]
async fn metas_statuses_reach_the_history_and_not_the_page() {
    let stand_in = StandIn::default();
    let api = MetaApi::new("300000000000001", TOKEN).unwrap().with_base_url(&stand_in.start().await).unwrap();
    let template = Template::meta("reset_code", Locale::ENGLISH, "en");
    let notifier = WhatsAppNotifier::meta(api, Countries::any()).unwrap();
    let app = App::new(notifier.with_code_template(template, 10, &Lifetimes::default()).unwrap(), meta());
    let asked = app.ask().await;
    let message: Value = serde_json::from_str(&stand_in.sent().last().unwrap().body).unwrap();
    let report = |status: &str, errors: Value| {
        post(json!({"statuses": [{"id": "wamid.OUT", "status": status, "recipient_id": "6281200000001",
            "biz_opaque_callback_data": message["biz_opaque_callback_data"], "errors": errors}]}))
    };
    assert_eq!(app.history().await, happened(&SENT), "accepted, but not yet delivered");

    let failed = report("failed", json!([{"code": 131_026, "title": "Message undeliverable to 6281200000001"}]));
    let forged = crate::app::signature("only-the-tests-sign-with-this-09", failed.as_bytes());
    assert_eq!(status(&app.webhook.handle(unsigned(failed.as_bytes(), Some(&forged))).await), 401);
    assert_eq!(app.history().await, happened(&SENT));
    for (body, words) in [
        (report("sent", json!([])), "WhatsApp accepted the last message. The phone may be off."),
        (failed, "The number is not on WhatsApp. Correct it."),
        (report("delivered", json!([])), "The last message was delivered."),
    ] {
        // Providers repeat statuses.
        for _ in 0..4 {
            assert_eq!(status(&app.webhook.handle(signed(&body)).await), 200);
        }
        let last = app.reset.admin().deliveries(&AccountId::new("7")).await.unwrap().remove(0);
        assert_eq!(last.words(&Language::english()), words);
    }
    let reported = [(AuditEvent::NoSuchContact, Some("131026")), (AuditEvent::Arrived, None)];
    assert_eq!(app.history().await, happened(&[&SENT[..], &reported].concat()));
    assert_eq!(app.stage(&asked).await, Stage::Waiting);
}

#[tokio::test]
async fn twilios_statuses_reach_the_history_and_not_the_page() {
    let stand_in = StandIn::default();
    let api = TwilioApi::new(ACCOUNT, TOKEN, SERVICE).unwrap().with_base_url(&stand_in.start().await).unwrap();
    let template = Template::twilio("HX0000000000000000000000000000000a", Locale::ENGLISH);
    let notifier = WhatsAppNotifier::twilio(api.with_status_url(URL).unwrap(), Countries::any()).unwrap();
    let notifier = notifier.with_code_template(template, 10, &Lifetimes::default()).unwrap();
    let app = App::new(notifier, Twilio::new(APP_SECRET, ACCOUNT, URL).unwrap());
    let asked = app.ask().await;
    let form: Vec<(String, String)> =
        url::form_urlencoded::parse(stand_in.sent().last().unwrap().body.as_bytes()).into_owned().collect();
    // Twilio calls and signs the status URL that the message carried.
    let callback = &form.iter().find(|(name, _)| name == "StatusCallback").unwrap().1;
    let report = |token: &str, message_status: &str| {
        let fields = [("AccountSid", ACCOUNT), ("ErrorCode", "63024"), ("MessageStatus", message_status)];
        let signed: String = fields.iter().map(|(name, value)| format!("{name}{value}")).collect();
        let mac = {
            use base64::Engine;
            use hmac::{Hmac, KeyInit, Mac};
            let mac = Hmac::<sha1::Sha1>::new_from_slice(token.as_bytes()).unwrap().chain_update(callback);
            base64::engine::general_purpose::STANDARD.encode(mac.chain_update(signed).finalize().into_bytes())
        };
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&fields).finish();
        let request = Request::post(callback.as_str()).header("x-twilio-signature", mac);
        request.body(Bytes::from(form)).unwrap()
    };
    assert_eq!(status(&app.webhook.handle(report(TOKEN, "failed")).await), 401);
    assert_eq!(app.history().await, happened(&SENT));
    for message_status in ["queued", "sent", "undelivered", "delivered"] {
        assert_eq!(status(&app.webhook.handle(report(APP_SECRET, message_status)).await), 200);
    }
    let reported = [(AuditEvent::NoSuchContact, Some("63024")), (AuditEvent::Arrived, None)];
    assert_eq!(app.history().await, happened(&[&SENT[..], &reported].concat()));
    assert_eq!(app.stage(&asked).await, Stage::Waiting);
}
