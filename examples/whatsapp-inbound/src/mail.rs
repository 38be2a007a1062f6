//! The mailbox of the account.

use password_reset::message::{MessageBody, NoticeKind};
use password_reset::ports::{Delivery, Notifier};
use password_reset::{ContactKind, Message, async_trait};
use tokio::sync::mpsc;

/// Stands in for email; `password-reset-smtp` sends real ones.
#[derive(Debug)]
pub struct Mail(mpsc::UnboundedSender<String>);

impl Mail {
    /// With a mailbox that receives the cancel links of emails to the account.
    pub fn with_mailbox() -> (Self, mpsc::UnboundedReceiver<String>) {
        let (mail, mailbox) = mpsc::unbounded_channel();
        (Self(mail), mailbox)
    }
}

#[async_trait]
impl Notifier for Mail {
    fn reaches(&self) -> ContactKind {
        ContactKind::Email
    }

    async fn deliver(&self, message: &Message) -> Delivery {
        let text = match message.body() {
            MessageBody::Notice(notice) if notice.kind == NoticeKind::ResetProved => {
                notice.action.expose_url(message.site()).to_owned()
            }
            _ => return Delivery::Delivered,
        };
        match self.0.send(text) {
            Ok(()) => Delivery::Delivered,
            Err(_ended) => Delivery::Never { why: "the example has ended".to_owned() },
        }
    }
}
