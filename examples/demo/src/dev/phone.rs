//! WhatsApp on this machine: the phones of people, and a stand-in for Meta between them and the application.
//!
//! What somebody types goes to the application's own webhook, signed as Meta signs; what the application sends to Meta
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

/// Everybody's phone. Clones show the same messages.
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
    /// The number of the person, in E.164 form.
    pub person: String,
    /// From the person, and not to them.
    pub sent: bool,
    /// What it says.
    pub text: String,
    /// When.
    pub at: DateTime<Utc>,
}

impl Phone {
    /// Starts the stand-in on a free port of this machine. `webhook` is where the application takes messages.
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

    /// The messages from and to a person, the oldest first.
    #[must_use]
    pub fn chat_with(&self, person: &str) -> Vec<Line> {
        self.messages.borrow().iter().filter(|line| line.person == person).cloned().collect()
    }

    /// The first message that is looked for, as soon as it is there.
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

    /// Sends from a person's number what they typed, as Meta hands it over.
    ///
    /// # Errors
    /// When the application does not take it.
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

    /// What the application sent to a person; then the report that it was delivered.
    pub(super) async fn deliver(&self, message: &Value) -> Result<()> {
        let person = message["to"].as_str().context("a message to nobody")?;
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
