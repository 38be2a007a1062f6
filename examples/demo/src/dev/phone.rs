//! WhatsApp on this machine: the phones of the users, and a stand-in for Meta between them and the application.
//!
//! A typed message goes to the application's own webhook, signed as Meta signs; a message that the application sends to Meta
//! arrives in the chat. Nothing leaves the machine.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use axum::body::Bytes;
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use password_reset::ports::Clock;
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::graph;
use crate::whatsapp::{MetaAccount, NOTICES};

/// Older messages are dropped.
const MOST: usize = 500;

/// The phones of all users. Clones share the messages.
#[derive(Clone)]
pub struct Phone {
    account: MetaAccount,
    /// The application's webhook.
    webhook: Arc<str>,
    clock: Arc<dyn Clock>,
    client: reqwest::Client,
    messages: watch::Sender<Vec<Line>>,
}

/// One message.
#[derive(Clone, Debug)]
pub struct Line {
    /// The number of the phone, in E.164 form.
    pub person: String,
    /// Whether it was sent from the phone.
    pub sent: bool,
    /// The text.
    pub text: String,
    /// The time.
    pub at: DateTime<Utc>,
}

impl Phone {
    /// Starts the stand-in on a free port of this machine. `webhook` is the address of the application's webhook.
    ///
    /// # Errors
    /// When there is no free port.
    pub async fn start(webhook: String, clock: Arc<dyn Clock>) -> Result<Self> {
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
        let random = || format!("{:032x}", rand::random::<u128>());
        let account = MetaAccount {
            number: "+6281100000000".to_owned(),
            phone_number_id: "300000000000001".to_owned(),
            business_account_id: "200000000000001".to_owned(),
            app_secret: random(),
            verify_token: random(),
            access_token: random(),
            code_template: Some("reset_code".to_owned()),
            notice_templates: NOTICES.map(|(name, notice)| (notice, name.replace('-', "_"))).to_vec(),
            base_url: Some(format!("http://{}", listener.local_addr()?)),
        };
        let client = reqwest::Client::builder().no_proxy().build()?;
        let messages = watch::Sender::new(Vec::new());
        let phone = Self { account, webhook: webhook.into(), clock, client, messages };
        tokio::spawn(graph::serve(listener, phone.clone()));
        Ok(phone)
    }

    /// The account that the application uses.
    #[must_use]
    pub fn account(&self) -> &MetaAccount {
        &self.account
    }

    /// The messages from and to a number, the oldest first.
    #[must_use]
    pub fn chat_with(&self, person: &str) -> Vec<Line> {
        self.messages.borrow().iter().filter(|line| line.person == person).cloned().collect()
    }

    /// Waits for the first message that matches.
    pub async fn wait_for(&self, wanted: impl Fn(&Line) -> bool) -> Line {
        let mut messages = self.messages.subscribe();
        loop {
            if let Some(found) = messages.borrow_and_update().iter().find(|line| wanted(line)) {
                return found.clone();
            }
            // `self` holds the sender, so the channel cannot end.
            let _ = messages.changed().await;
        }
    }

    /// Sends a typed message from a number, as Meta delivers it.
    ///
    /// # Errors
    /// When the application refuses it.
    pub async fn send(&self, person: &str, text: &str) -> Result<()> {
        let from = person.trim_start_matches('+');
        let message = json!({
            "from": from,
            "id": format!("wamid.{:032x}", rand::random::<u128>()),
            "timestamp": self.clock.now().timestamp().to_string(),
            "type": "text",
            "text": { "body": text },
        });
        let contact = json!({ "wa_id": from, "profile": { "name": "Contoh" } });
        self.keep(person, true, text);
        self.post(&json!({ "contacts": [contact], "messages": [message] })).await
    }

    /// Puts a message of the application into the chat, and reports its delivery.
    pub(super) async fn deliver(&self, message: &Value) -> Result<()> {
        let person = message["to"].as_str().context("a message without a recipient")?;
        self.keep(person, false, &graph::text_of(message));
        let status = json!({
            "id": format!("wamid.{:032x}", rand::random::<u128>()),
            "status": "delivered",
            "timestamp": self.clock.now().timestamp().to_string(),
            "recipient_id": person.trim_start_matches('+'),
            "biz_opaque_callback_data": message["biz_opaque_callback_data"],
        });
        self.post(&json!({ "statuses": [status] })).await
    }

    fn keep(&self, person: &str, sent: bool, text: &str) {
        let line = Line { person: person.to_owned(), sent, text: text.to_owned(), at: self.clock.now() };
        self.messages.send_modify(|messages| {
            messages.push(line);
            if messages.len() > MOST {
                messages.remove(0);
            }
        });
    }

    /// Posts to the webhook, signed over the raw bytes.
    async fn post(&self, updates: &Value) -> Result<()> {
        let mut value = json!({
            "messaging_product": "whatsapp",
            "metadata": {
                "display_phone_number": self.account.number.trim_start_matches('+'),
                "phone_number_id": self.account.phone_number_id,
            },
        });
        for (name, update) in updates.as_object().into_iter().flatten() {
            value[name] = update.clone();
        }
        let change = json!({ "field": "messages", "value": value });
        let entry = json!({ "id": self.account.business_account_id, "changes": [change] });
        let body = json!({ "object": "whatsapp_business_account", "entry": [entry] }).to_string();

        let mut mac = Hmac::<Sha256>::new_from_slice(self.account.app_secret.as_bytes())?;
        mac.update(body.as_bytes());
        let signature = mac.finalize().into_bytes();
        let signature: String = signature.iter().map(|byte| format!("{byte:02x}")).collect();
        let request = self
            .client
            .post(&*self.webhook)
            .header("content-type", "application/json")
            .header("x-hub-signature-256", format!("sha256={signature}"))
            .body(Bytes::from(body));
        let status = request.send().await?.status();
        ensure!(status.is_success(), "the webhook answered {status}");
        Ok(())
    }
}
