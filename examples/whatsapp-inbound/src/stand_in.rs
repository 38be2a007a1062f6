//! Stands in for Meta: posts messages and reports in signed requests, and accepts messages as its API does.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::{Json, Router};
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use http_body_util::Full;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use password_reset_whatsapp::{Meta, MetaApi};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

const NUMBER_ID: &str = "300000000000001";
const ACCOUNT_ID: &str = "200000000000001";

/// Meta, as far as the examples need it.
pub struct StandIn {
    app_secret: String,
    access_token: String,
    api: SocketAddr,
    taken: mpsc::UnboundedReceiver<Value>,
    refuse_next: Arc<Mutex<Option<i64>>>,
    client: Client<HttpConnector, Full<Bytes>>,
}

/// How a request is signed.
pub enum Signed {
    /// As Meta signs.
    Right,
    /// With another secret, as an attacker who knows the address of the webhook can.
    Forged,
    No,
}

#[derive(Clone)]
struct Api {
    bearer: String,
    inbox: mpsc::UnboundedSender<Value>,
    refuse_next: Arc<Mutex<Option<i64>>>,
}

impl StandIn {
    /// Creates an app with secrets, and serves the API on a free port of this machine.
    pub async fn start() -> Result<Self> {
        let random = || base16ct::lower::encode_string(&rand::random::<[u8; 16]>());
        let (app_secret, access_token) = (random(), random());
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let api = listener.local_addr()?;
        let (inbox, taken) = mpsc::unbounded_channel();
        let refuse_next = Arc::default();
        let state = Api { bearer: format!("Bearer {access_token}"), inbox, refuse_next: Arc::clone(&refuse_next) };
        let router = Router::new().fallback(send).with_state(state);
        tokio::spawn(async move { axum::serve(listener, router).await });
        let client = Client::builder(TokioExecutor::new()).build_http();
        Ok(Self { app_secret, access_token, api, taken, refuse_next, client })
    }

    /// The provider settings with which the application receives from it.
    pub fn provider(&self) -> Result<Meta> {
        Ok(Meta::new(&self.app_secret, &self.access_token, NUMBER_ID, ACCOUNT_ID)?)
    }

    /// The API settings with which the application sends through it.
    pub fn api(&self) -> Result<MetaApi> {
        Ok(MetaApi::new(NUMBER_ID, &self.access_token)?.with_base_url(&format!("http://{}", self.api))?)
    }

    /// A text from this number at this time.
    pub fn message(from: &str, text: &str, at: DateTime<Utc>) -> Value {
        json!({"contacts": [{"profile": {"name": "Ani"}, "wa_id": from}],
            "messages": [{"from": from, "id": "wamid.EXAMPLE", "timestamp": at.timestamp().to_string(), "type": "text",
                          "text": {"body": text}}]})
    }

    /// Posts messages or reports to the webhook; returns the status of the answer.
    pub async fn post(&self, webhook: SocketAddr, mut value: Value, signed: Signed) -> Result<u16> {
        value["messaging_product"] = json!("whatsapp");
        value["metadata"] = json!({"display_phone_number": "6281100000000", "phone_number_id": NUMBER_ID});
        let body = json!({"object": "whatsapp_business_account",
            "entry": [{"id": ACCOUNT_ID, "changes": [{"field": "messages", "value": value}]}]})
        .to_string();
        let mut request =
            Request::post(format!("http://{webhook}/webhooks/whatsapp")).header("content-type", "application/json");
        let secret = match signed {
            Signed::Right => Some(self.app_secret.as_str()),
            Signed::Forged => Some("another secret"),
            Signed::No => None,
        };
        if let Some(secret) = secret {
            let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes())?.chain_update(&body).finalize();
            let hex = base16ct::lower::encode_string(&mac.into_bytes());
            request = request.header("X-Hub-Signature-256", format!("sha256={hex}"));
        }
        let response = self.client.request(request.body(Full::new(Bytes::from(body)))?).await?;
        Ok(response.status().as_u16())
    }

    /// Refuses the next message with this error code of Meta.
    pub fn refuse_next(&self, code: i64) {
        *self.refuse_next.lock().unwrap_or_else(PoisonError::into_inner) = Some(code);
    }

    /// The next accepted message.
    pub async fn taken(&mut self) -> Result<Value> {
        let taken = tokio::time::timeout(Duration::from_secs(30), self.taken.recv()).await;
        taken.context("nothing was sent within 30 seconds")?.context("the stand-in ended")
    }

    /// Whether no unread message has arrived on the phone.
    pub fn is_silent(&mut self) -> bool {
        self.taken.try_recv().is_err()
    }
}

/// The messages endpoint of the API.
async fn send(State(api): State<Api>, headers: HeaderMap, Json(message): Json<Value>) -> (StatusCode, Json<Value>) {
    let refusal = |code: i64| (StatusCode::BAD_REQUEST, Json(json!({"error": {"code": code, "message": "refused"}})));
    if headers.get("authorization").is_none_or(|said| said != api.bearer.as_str()) {
        return refusal(190);
    }
    if let Some(code) = api.refuse_next.lock().unwrap_or_else(PoisonError::into_inner).take() {
        return refusal(code);
    }
    // The receiver is gone once the example has ended.
    let _ended = api.inbox.send(message);
    (StatusCode::OK, Json(json!({"messaging_product": "whatsapp", "messages": [{"id": "wamid.OUT"}]})))
}
