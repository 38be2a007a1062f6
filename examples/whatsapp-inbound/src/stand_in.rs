//! Stands in for Meta: delivers messages in signed requests, and accepts the replies as its API does.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result};
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::HeaderMap;
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

/// Meta, as far as this example needs it.
pub struct StandIn {
    app_secret: String,
    access_token: String,
    api: SocketAddr,
    replies: mpsc::UnboundedReceiver<Reply>,
    client: Client<HttpConnector, Full<Bytes>>,
}

/// A message that arrived on a phone.
pub struct Reply {
    pub to: String,
    pub text: String,
}

#[derive(Clone)]
struct Api {
    bearer: String,
    inbox: mpsc::UnboundedSender<Reply>,
}

impl StandIn {
    /// Creates an app with secrets, and serves the API on a free port of this machine.
    pub async fn start() -> Result<Self> {
        let random = || base16ct::lower::encode_string(&rand::random::<[u8; 16]>());
        let (app_secret, access_token) = (random(), random());
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let api = listener.local_addr()?;
        let (inbox, replies) = mpsc::unbounded_channel();
        let state = Api { bearer: format!("Bearer {access_token}"), inbox };
        let router = Router::new().fallback(send).with_state(state);
        tokio::spawn(async move { axum::serve(listener, router).await });
        let client = Client::builder(TokioExecutor::new()).build_http();
        Ok(Self { app_secret, access_token, api, replies, client })
    }

    /// The provider settings with which the application receives from it.
    pub fn provider(&self) -> Result<Meta> {
        Ok(Meta::new(&self.app_secret, &self.access_token, NUMBER_ID, ACCOUNT_ID)?)
    }

    /// The API settings with which the application sends through it.
    pub fn api(&self) -> Result<MetaApi> {
        Ok(MetaApi::new(NUMBER_ID, &self.access_token)?.with_base_url(&format!("http://{}", self.api))?)
    }

    /// The body of a request for a text from this number at this time.
    pub fn message(from: &str, text: &str, at: DateTime<Utc>) -> Value {
        json!({"object": "whatsapp_business_account", "entry": [{"id": ACCOUNT_ID, "changes": [{"field": "messages",
            "value": {"messaging_product": "whatsapp",
                "metadata": {"display_phone_number": "6281100000000", "phone_number_id": NUMBER_ID},
                "contacts": [{"profile": {"name": "Ani"}, "wa_id": from}],
                "messages": [{"from": from, "id": "wamid.EXAMPLE", "timestamp": at.timestamp().to_string(), "type": "text",
                              "text": {"body": text}}]}}]}]})
    }

    /// Posts it, signed as Meta signs; returns the status of the answer.
    pub async fn deliver(&self, webhook: SocketAddr, body: &Value) -> Result<u16> {
        let body = body.to_string();
        let signature = signature(&self.app_secret, &body)?;
        self.post(webhook, body, Some(&signature)).await
    }

    /// Posts it, signed with another secret, as an attacker who knows the address of the webhook can.
    pub async fn forge(&self, webhook: SocketAddr, body: &Value) -> Result<u16> {
        let body = body.to_string();
        let signature = signature("somebody else's secret", &body)?;
        self.post(webhook, body, Some(&signature)).await
    }

    /// Posts it without a signature.
    pub async fn post_unsigned(&self, webhook: SocketAddr, body: &Value) -> Result<u16> {
        self.post(webhook, body.to_string(), None).await
    }

    async fn post(&self, webhook: SocketAddr, body: String, signature: Option<&str>) -> Result<u16> {
        let request =
            Request::post(format!("http://{webhook}/webhooks/whatsapp")).header("content-type", "application/json");
        let request =
            signature.into_iter().fold(request, |request, value| request.header("X-Hub-Signature-256", value));
        let response = self.client.request(request.body(Full::new(Bytes::from(body)))?).await?;
        Ok(response.status().as_u16())
    }

    /// The next message on the phone.
    pub async fn reply(&mut self) -> Result<Reply> {
        let reply = tokio::time::timeout(Duration::from_secs(30), self.replies.recv()).await;
        reply.context("no reply within 30 seconds")?.context("the stand-in ended")
    }

    /// Whether no unread message has arrived on the phone.
    pub fn is_silent(&mut self) -> bool {
        self.replies.try_recv().is_err()
    }
}

fn signature(secret: &str, body: &str) -> Result<String> {
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes())?.chain_update(body).finalize();
    Ok(format!("sha256={}", base16ct::lower::encode_string(&mac.into_bytes())))
}

/// The messages endpoint of the API.
async fn send(State(api): State<Api>, headers: HeaderMap, Json(message): Json<Value>) -> Json<Value> {
    if headers.get("authorization").is_none_or(|said| said != api.bearer.as_str()) {
        return Json(json!({"error": {"code": 190, "message": "Invalid OAuth access token"}}));
    }
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    // The receiver is gone once the example has ended.
    let _ended = api.inbox.send(Reply { to: text(&message["to"]), text: text(&message["text"]["body"]) });
    Json(json!({"messaging_product": "whatsapp", "messages": [{"id": "wamid.REPLY"}]}))
}
