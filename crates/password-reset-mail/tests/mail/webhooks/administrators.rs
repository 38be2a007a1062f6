//! From a mail that was sent to what administrators read after the service's webhook.

use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use password_reset::admin::DeliveryOutcome;
use password_reset::ports::{Delivery, Notifier};
use password_reset::{
    Account, AccountId, AccountStatus, Contact, ContactKind, Identifier, Language, Message, PasswordReset,
    ResetRequest, Site, Worker, async_trait,
};
use password_reset_mail::{Bounce, Mail, MailWriter};
use password_reset_testkit::{MemoryAccounts, MemoryStore, sample};
use serde_json::{Value, json};

use super::services::{Service, now};
use crate::FROM;

const GONE: &str = "ani@example.com";
const SECOND: &str = "ani.second@example.com";

struct App {
    reset: PasswordReset,
    worker: Worker,
    outbox: Outbox,
}

/// Takes every mail.
#[derive(Clone, Debug)]
struct Outbox(MailWriter, Arc<Mutex<Vec<Mail>>>);

#[async_trait]
impl Notifier for Outbox {
    fn reaches(&self) -> ContactKind {
        ContactKind::Email
    }

    async fn deliver(&self, message: &Message) -> Delivery {
        self.1.lock().unwrap().push(self.0.write(message).unwrap());
        Delivery::Delivered
    }
}

impl App {
    fn start() -> Self {
        let outbox = Outbox(MailWriter::new(FROM).unwrap(), Arc::default());
        let accounts = MemoryAccounts::new();
        let account = Account::new("7", AccountStatus::Active);
        accounts.add(account.with_contact(Contact::email(GONE)).with_contact(Contact::email(SECOND)));
        let site = Site::new("Toko Contoh", "https://toko.example/reset");
        let (reset, worker) = PasswordReset::builder(accounts, MemoryStore::new(), sample::keys(), site)
            .notifier(outbox.clone())
            .build()
            .unwrap();
        Self { reset, worker, outbox }
    }

    async fn mailed(&self) -> Mail {
        let before = self.outbox.1.lock().unwrap().len();
        let identifier = Identifier::email(GONE).unwrap();
        self.reset.request(ResetRequest::email_link(identifier, IpAddr::from([203, 0, 113, 7]))).await.unwrap();
        self.worker.run_once().await.unwrap();
        self.outbox.1.lock().unwrap().split_off(before).remove(0)
    }

    async fn said(&self) -> (DeliveryOutcome, Option<String>, String) {
        let deliveries = self.reset.admin().deliveries(&AccountId::new("7")).await.unwrap();
        let last = deliveries.into_iter().find(|last| last.contact.value() == GONE).unwrap();
        (last.outcome, last.why.clone(), last.words(&Language::english()))
    }
}

/// A hard bounce of a mail, as each service knows it, and a complaint about it.
fn events(service: Service, mail: &Mail) -> [Value; 2] {
    let id = mail.message_id();
    match service {
        Service::Postmark => {
            let metadata = json!({(Bounce::FIELD): mail.reference()});
            [
                json!({"RecordType": "Bounce", "Type": "HardBounce", "Details": "smtp;550 5.1.1 x", "Metadata": metadata}),
                json!({"RecordType": "SpamComplaint", "Type": "SpamComplaint", "Metadata": metadata}),
            ]
        }
        Service::Resend => {
            let headers = json!([{"name": "Message-ID", "value": id}]);
            let bounce = json!({"type": "Permanent", "subType": "General", "diagnosticCode": ["smtp; 550 5.1.1 x"]});
            [
                json!({"type": "email.bounced", "data": {"headers": headers, "bounce": bounce}}),
                json!({"type": "email.complained", "data": {"headers": headers}}),
            ]
        }
        Service::SendGrid => [
            json!([{"event": "bounce", "type": "bounce", "reason": "550 5.1.1 x", "smtp-id": id}]),
            json!([{"event": "spamreport", "smtp-id": id}]),
        ],
        Service::Mailgun => {
            let message = json!({"headers": {"message-id": id.trim_matches(['<', '>'])}});
            let status = json!({"code": 550, "message": "5.1.1 x"});
            [
                json!({"event": "failed", "severity": "permanent", "reason": "bounce", "delivery-status": status, "message": message}),
                json!({"event": "complained", "message": message}),
            ]
        }
        Service::Ses | Service::Sns => {
            let mail = json!({"headers": [{"name": "Message-ID", "value": id}]});
            let recipients = json!([{"emailAddress": GONE, "status": "5.1.1"}]);
            let bounce =
                json!({"bounceType": "Permanent", "bounceSubType": "General", "bouncedRecipients": recipients});
            [
                json!({"eventType": "Bounce", "bounce": bounce, "mail": mail}),
                json!({"eventType": "Complaint", "complaint": {}, "mail": mail}),
            ]
        }
    }
}

#[tokio::test]
async fn administrators_read_why_nothing_arrived_and_the_next_mail_goes_elsewhere() {
    for service in super::services::ALL {
        let app = App::start();
        let report = async |event: &Value| {
            let (headers, body) = service.request(event, now());
            for bounce in service.webhook().read(&headers, &body, now()).unwrap() {
                app.reset.reports().bounce(bounce.reset, bounce.message, bounce.report).await.unwrap();
            }
        };
        let mail = app.mailed().await;
        assert_eq!((mail.to().as_str(), app.said().await.0), (GONE, DeliveryOutcome::Taken), "{service:?}");
        let [bounce, complaint] = events(service, &mail);

        report(&complaint).await;
        let (outcome, why, words) = app.said().await;
        assert_eq!((outcome, why.as_deref()), (DeliveryOutcome::Refused, Some("complaint")), "{service:?}");
        assert!(words.contains("marked a message as spam"), "{words}");
        let mail = app.mailed().await;
        assert_eq!(mail.to().as_str(), GONE, "a complaint moves no proof: {service:?}");

        let (headers, body) = service.forged(&events(service, &mail)[0], now());
        assert!(service.webhook().read(&headers, &body, now()).is_err(), "{service:?}");
        report(&bounce).await;
        let (outcome, why, words) = app.said().await;
        assert_eq!((outcome, why.as_deref()), (DeliveryOutcome::NoSuchContact, Some("5.1.1")), "{service:?}");
        assert!(words.contains("does not exist"), "{words}");
        assert_eq!(app.mailed().await.to().as_str(), SECOND, "{service:?}");
    }
}
