//! What owners receive, by mail and on their phones.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// The mailboxes and phones that owners look into. What goes to others is dropped.
#[derive(Clone, Default)]
pub struct Mailboxes(Arc<Mutex<HashMap<String, UnboundedSender<String>>>>);

/// The mailbox or phone of one owner, until it is dropped.
pub struct Mailbox {
    mailboxes: Mailboxes,
    address: String,
    secrets: UnboundedReceiver<String>,
}

impl Mailboxes {
    pub fn open(&self, address: &str) -> Mailbox {
        let (sender, secrets) = unbounded_channel();
        self.lock().insert(address.to_owned(), sender);
        Mailbox { mailboxes: self.clone(), address: address.to_owned(), secrets }
    }

    /// A message with this link or code arrived.
    pub fn arrived(&self, to: &str, secret: String) {
        let Some(sender) = self.lock().get(to).cloned() else { return };
        // The owner may have given up meanwhile.
        let _gone = sender.send(secret);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, UnboundedSender<String>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Mailbox {
    /// The link or code of the next message.
    pub async fn secret(&mut self) -> Result<String> {
        self.secrets.recv().await.context("nothing more arrives")
    }
}

impl Drop for Mailbox {
    fn drop(&mut self) {
        self.mailboxes.lock().remove(&self.address);
    }
}
