//! A service in memory behind a webhook, and a provider that signs like the real one.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::body::Bytes;
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use http::{Request, Response};
use password_reset::flow::AuditEvent;
use password_reset::hashing::{Argon2Hasher, HashPoolConfig};
use password_reset::ports::Clock;
use password_reset::{
    Account, AccountStatus, Builder, CallingCode, Contact, ContactKind, HashPool, Identifier, Inbound, Locale,
    PasswordReset, Requested, ResetRequest, Site, Stage, Worker,
};
use password_reset_testkit::{FakeClock, Faults, FaultyStore, MemoryAccounts, MemoryStore, RecordingNotifier, sample};
use password_reset_whatsapp::{Meta, Webhook};
use serde_json::{Value, json};
use sha2::Sha256;

pub(crate) const SERVICE: &str = "+6281100000000";
pub(crate) const ANI: &str = "+6281200000001";
pub(crate) const BUDI: &str = "+6281200000002";
pub(crate) const APP_SECRET: &str = "only-the-tests-sign-with-this-01";
const VERIFY_TOKEN: &str = "verify-token-of-the-tests";

pub(crate) struct App {
    pub(crate) reset: PasswordReset,
    pub(crate) worker: Worker,
    pub(crate) webhook: Webhook,
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) accounts: MemoryAccounts,
    pub(crate) phone: RecordingNotifier,
    pub(crate) mail: RecordingNotifier,
    pub(crate) clock: FakeClock,
}

pub(crate) fn meta() -> Meta {
    Meta::new(APP_SECRET, VERIFY_TOKEN, "300000000000001", "200000000000001").unwrap()
}

pub(crate) fn page() -> Inbound {
    Inbound::page_advances(SERVICE).unwrap()
}

pub(crate) fn pool() -> HashPool {
    static POOL: OnceLock<HashPool> = OnceLock::new();
    POOL.get_or_init(|| HashPool::new(Arc::new(Argon2Hasher::default()), HashPoolConfig::default()).unwrap()).clone()
}

impl App {
    pub(crate) fn new(inbound: Inbound) -> Self {
        Self::with(inbound, &Faults::none(), |builder| builder)
    }

    pub(crate) fn with(inbound: Inbound, faults: &Faults, change: impl FnOnce(Builder) -> Builder) -> Self {
        let (accounts, store, clock) = (MemoryAccounts::new(), Arc::new(MemoryStore::new()), FakeClock::default());
        let ani = Account::new("7", AccountStatus::Active)
            .with_contact(Contact::email("ani@toko.example"))
            .with_contact(Contact::phone(ANI));
        accounts.add(ani);
        let (mail, phone) = (RecordingNotifier::new(), RecordingNotifier::reaching(ContactKind::Phone));
        let builder = PasswordReset::builder(
            accounts.clone(),
            FaultyStore::new(Arc::clone(&store), faults),
            sample::keys(),
            Site::new("Toko Contoh", "https://toko.example/reset"),
        );
        let builder = builder.inbound(inbound).notifier(mail.clone()).notifier(phone.clone());
        let (reset, worker) = change(builder.hash_pool(pool()).clock(clock.clone())).build().unwrap();
        let webhook = Webhook::new(reset.clone(), meta()).unwrap().with_clock(Arc::new(clock.clone()));
        Self { reset, worker, webhook, store, accounts, phone, mail, clock }
    }

    /// Requests a reset by a number, and lets the worker look up the account.
    pub(crate) async fn ask(&self, phone: &str) -> Requested {
        let phone = Identifier::phone(phone, CallingCode::INDONESIA).unwrap();
        let asked = self.reset.request(ResetRequest::whatsapp_inbound(phone, source())).await.unwrap();
        self.worker.run_once().await.unwrap();
        asked
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// The drafted text of a challenge, sent from a number now.
    pub(crate) fn message(&self, asked: &Requested, from: &str) -> Value {
        let text = asked.challenge.as_ref().unwrap().text(Locale::INDONESIAN);
        json!({"from": from.trim_start_matches('+'), "id": "wamid.A", "timestamp": self.now().timestamp().to_string(),
               "type": "text", "text": {"body": text}})
    }

    /// Posts messages as Meta does; the answer must be 200.
    pub(crate) async fn receive(&self, messages: &[Value]) {
        let response = self.webhook.handle(signed(&post(json!({"messages": messages})))).await;
        assert_eq!((response.status().as_u16(), response.body().len()), (200, 0));
    }

    pub(crate) async fn stage(&self, asked: &Requested) -> Stage {
        self.reset.status(&asked.requester_token).await.unwrap().unwrap().stage
    }

    pub(crate) fn audited(&self, event: AuditEvent) -> usize {
        self.store.trail().iter().filter(|row| row.event == event).count()
    }

    pub(crate) fn later(&self, minutes: u64) {
        self.clock.advance(Duration::from_secs(minutes * 60));
    }
}

pub(crate) fn source() -> std::net::IpAddr {
    [192, 0, 2, 1].into()
}

/// A message with a change.
pub(crate) fn with(mut message: Value, change: impl FnOnce(&mut Value)) -> Value {
    change(&mut message);
    message
}

/// A body with messages to the service's number.
pub(crate) fn post(mut value: Value) -> String {
    value["messaging_product"] = "whatsapp".into();
    value["metadata"] = json!({"display_phone_number": "6281100000000", "phone_number_id": "300000000000001"});
    changes(&[json!({"field": "messages", "value": value})])
}

pub(crate) fn changes(changes: &[Value]) -> String {
    json!({"object": "whatsapp_business_account", "entry": [{"id": "200000000000001", "changes": changes}]}).to_string()
}

pub(crate) fn signature(secret: &str, body: &[u8]) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap().chain_update(body).finalize();
    format!("sha256={}", base16ct::lower::encode_string(&mac.into_bytes()))
}

pub(crate) fn signed(body: &str) -> Request<Bytes> {
    unsigned(body.as_bytes(), Some(&signature(APP_SECRET, body.as_bytes())))
}

pub(crate) fn unsigned(body: &[u8], signature: Option<&str>) -> Request<Bytes> {
    let request = Request::post("/webhooks/whatsapp");
    let request = signature.into_iter().fold(request, |request, value| request.header("X-Hub-Signature-256", value));
    request.body(Bytes::copy_from_slice(body)).unwrap()
}

pub(crate) fn get(query: &str) -> Request<Bytes> {
    Request::get(format!("/webhooks/whatsapp?{query}")).body(Bytes::new()).unwrap()
}

pub(crate) fn status(response: &Response<Bytes>) -> u16 {
    response.status().as_u16()
}
