//! Resets through WAHA, a gateway of your own: the owner sends the code from their WhatsApp, the service replies with another, and
//! WAHA reports that the reply arrived. `cargo run -p whatsapp-gateway` needs no set-up: a stand-in on this machine takes WAHA's place.

use anyhow::{Context, Result, ensure};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::{Json, Router, routing::post};
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http::Request;
use password_reset::flow::AuditEvent;
use password_reset::ports::{Clock, SystemClock};
use password_reset::secret::{Code, RequesterToken};
use password_reset::{
    Account, AccountId, AccountStatus, CallingCode, Contact, Identifier, Inbound, Locale, NewPassword, PasswordReset,
    Proof, ResetRequest, Site, Stage,
};
use password_reset_testkit::{MemoryAccounts, MemoryStore, RecordingNotifier, sample};
use password_reset_whatsapp::{Countries, Gateway, GatewayApi, SentMessages, Webhook, WhatsAppNotifier};
use serde_json::{Value, json};
use sha2::Sha512;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

const SERVICE: &str = "+6281100000000";
const ANI: &str = "+6281200000001";
/// `WAHA_API_KEY`, and `hmac.key` of the webhook; make yours with `openssl rand -hex 32`.
const API_KEY: &str = "0c9b2f7e51d84a36b7e0f3a9c25d8e14";
const HMAC_KEY: &str = "e41d8a06f95b4c27a3d1709be8f2563c";

/// The stand-in's side of WAHA's API: checks the key, and shows what arrives on the phone.
async fn send_text(
    State(phone): State<mpsc::UnboundedSender<Value>>,
    head: HeaderMap,
    Json(body): Json<Value>,
) -> (StatusCode, Json<Value>) {
    if head.get("x-api-key").is_none_or(|key| key != API_KEY) {
        return (StatusCode::UNAUTHORIZED, Json(json!({"message": "Unauthorized"})));
    }
    // The receiver is gone once the example has ended.
    let _ended = phone.send(body);
    (StatusCode::CREATED, Json(json!({"id": "true_6281200000001@c.us_3EB0A7", "ack": 1, "ackName": "SERVER"})))
}

/// A post of WAHA's to the webhook, signed as WAHA signs.
fn event(body: &Value) -> Result<Request<Bytes>> {
    let body = body.to_string();
    let mac = Hmac::<Sha512>::new_from_slice(HMAC_KEY.as_bytes())?.chain_update(&body).finalize();
    let mac = base16ct::lower::encode_string(&mac.into_bytes());
    Ok(Request::post("/webhooks/whatsapp").header("X-Webhook-Hmac", mac).body(Bytes::from(body))?)
}

#[tokio::main]
async fn main() -> Result<()> {
    let (phone, mut arrives) = mpsc::unbounded_channel();
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}", listener.local_addr()?);
    let waha = Router::new().route("/api/sendText", post(send_text)).with_state(phone);
    tokio::spawn(async move { axum::serve(listener, waha).await });

    // What an application configures: the same `SentMessages` on both sides, for the reports.
    let sent = SentMessages::new();
    let api = GatewayApi::waha(&address, "default", API_KEY)?.reporting(&sent)?;
    let gateway = Gateway::waha(HMAC_KEY)?.reporting(&sent)?;
    let notifier = WhatsAppNotifier::gateway(api, Countries::only(&["+62"])?)?;

    // The rest stands in for the application; a real one has a store of its own and keys from its environment.
    let accounts = MemoryAccounts::new();
    accounts.add(Account::new("7", AccountStatus::Active).with_contact(Contact::phone(ANI)));
    let site = Site::new("Toko Contoh", "https://toko.example/reset");
    let (reset, worker) = PasswordReset::builder(accounts, MemoryStore::new(), sample::keys(), site)
        .inbound(Inbound::type_back(SERVICE)?)
        .notifier(notifier)
        .notifier(RecordingNotifier::new())
        .build()?;
    tokio::spawn(worker.run());
    let webhook = Webhook::new(reset.clone(), gateway)?;

    println!("1. Ani types her number into the form.");
    let source: std::net::IpAddr = [192, 0, 2, 1].into();
    let number = Identifier::phone("0812-0000-0001", CallingCode::INDONESIA)?;
    let asked = reset.request(ResetRequest::whatsapp_inbound(number, source)).await?;
    let text = asked.challenge.as_ref().context("no message to send")?.text(Locale::ENGLISH);
    println!("   The page says: send this to {SERVICE} on WhatsApp:\n   \"{text}\"");

    println!("2. She sends it. WAHA posts it to the webhook.");
    let message = json!({"event": "message", "session": "default", "me": {"id": "6281100000000@c.us"},
        "payload": {"id": "false_6281200000001@c.us_3EB0A1", "timestamp": SystemClock.now().timestamp(), "from": "6281200000001@c.us",
                    "fromMe": false, "body": text, "hasMedia": false, "participant": null, "_data": {}}});
    let mut forged = event(&message)?;
    forged.headers_mut().insert("X-Webhook-Hmac", "00".repeat(64).parse()?);
    ensure!(webhook.handle(forged).await.status() == 401, "a forgery must be refused");
    let again = |token: &RequesterToken| RequesterToken::parse(token.expose());
    let mut watch = reset.watch(again(&asked.requester_token)?).await?.context("the page must wait")?;
    ensure!(webhook.handle(event(&message)?).await.status() == 200, "WAHA's own post must be taken");
    ensure!(watch.changed().await?.stage == Stage::MessageReceived, "the page must ask for the code");

    println!("3. The worker replies through WAHA. Her phone shows:");
    let reply = tokio::time::timeout(std::time::Duration::from_secs(30), arrives.recv()).await?.context("no reply")?;
    ensure!(reply["chatId"] == "6281200000001@c.us" && reply["session"] == "default", "it must go to her number");
    let text = reply["text"].as_str().context("the reply has no text")?;
    text.lines().filter(|line| !line.is_empty()).for_each(|line| println!("   | {line}"));
    let six = |word: &&str| word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit());
    let code = Code::parse(text.split([' ', '\n']).find(six).context("the reply has no code")?)?;

    println!("4. She enters the code on the page, and creates a password.");
    let grant = reset.verify(Proof::Code { requester_token: asked.requester_token, code }).await?;
    let new = "quiet umbrella festival 92";
    reset.set_password(grant, NewPassword::confirmed(new, new)).await?;

    println!("5. WAHA reports that the reply arrived; an administrator can read it.");
    let report = json!({"event": "message.ack", "session": "default", "me": {"id": "6281100000000@c.us"},
        "payload": {"id": "true_6281200000001@c.us_3EB0A7", "fromMe": true, "ack": 2, "ackName": "DEVICE"}});
    ensure!(webhook.handle(event(&report)?).await.status() == 200, "the report must be taken");
    let history = reset.admin().history(&AccountId::new("7"), 50).await?;
    ensure!(history.iter().any(|row| row.event == AuditEvent::Arrived), "the report must be on record");

    println!("\nDone: every step worked.");
    Ok(())
}
