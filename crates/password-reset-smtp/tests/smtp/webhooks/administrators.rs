//! From a mail that a server took to what administrators read after the service's webhook.

use std::net::IpAddr;

use password_reset::{
    Account, AccountId, AccountStatus, Contact, DeliveryOutcome, Identifier, Key, KeyRing, Locale, PasswordReset,
    ResetRequest, Site, Worker,
};
use password_reset_smtp::{Bounce, SmtpNotifier};
use password_reset_testkit::{MemoryAccounts, MemoryStore};
use serde_json::{Value, json};

use super::services::{Service, now};
use crate::support::FROM;
use crate::support::messages::reset;
use crate::support::server::MailServer;

const GONE: &str = "ani@example.com";
const SECOND: &str = "ani.second@example.com";

struct App {
    reset: PasswordReset,
    worker: Worker,
    server: MailServer,
}

impl App {
    fn start() -> Self {
        let server = MailServer::plain();
        let notifier = SmtpNotifier::dangerous_plaintext(&format!("smtp://127.0.0.1:{}", server.port), FROM).unwrap();
        let accounts = MemoryAccounts::new();
        let account = Account::new("7", AccountStatus::Active);
        accounts.add(account.with_contact(Contact::email(GONE)).with_contact(Contact::email(SECOND)));
        let key = |id: &str, first: u8| Key::new(id, &(first..).take(32).collect::<Vec<u8>>()).unwrap();
        let keys = KeyRing::new(key("k1", 1), key("counters", 101));
        let site = Site::new("Toko Contoh", "https://toko.example/reset");
        let (reset, worker) =
            PasswordReset::builder(accounts, MemoryStore::new(), keys, site).notifier(notifier).build().unwrap();
        Self { reset, worker, server }
    }

    /// Where a mail went, and its headers by name.
    async fn mailed(&self) -> (String, impl Fn(&str) -> String) {
        let before = self.server.received().len();
        let identifier = Identifier::email(GONE).unwrap();
        self.reset.request(ResetRequest::email_link(identifier, IpAddr::from([203, 0, 113, 7]))).await.unwrap();
        self.worker.run_once().await.unwrap();
        let mail = self.server.received().split_off(before).remove(0);
        let text = String::from_utf8(mail.content).unwrap();
        let header = move |name: &str| {
            let found = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
            found.unwrap_or_default().trim().to_owned()
        };
        (mail.to[0].clone(), header)
    }

    async fn said(&self) -> (DeliveryOutcome, Option<String>, &'static str) {
        let deliveries = self.reset.deliveries(&AccountId::new("7")).await.unwrap();
        let last = deliveries.into_iter().find(|last| last.contact.value() == GONE).unwrap();
        (last.outcome, last.why.clone(), last.words(Locale::English))
    }
}

/// A hard bounce of a mail with these headers, as each service knows it, and a complaint about it.
fn events(service: Service, header: &impl Fn(&str) -> String) -> [Value; 2] {
    let id = header("Message-ID");
    match service {
        Service::Postmark => {
            let metadata = json!({"password-reset": header("X-PM-Metadata-password-reset")});
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
                app.reset.report_bounce(bounce.reset, bounce.message, bounce.report).await.unwrap();
            }
        };
        let (to, header) = app.mailed().await;
        assert_eq!((to.as_str(), app.said().await.0), (GONE, DeliveryOutcome::Taken), "{service:?}");
        let [bounce, complaint] = events(service, &header);

        report(&complaint).await;
        let (outcome, why, words) = app.said().await;
        assert_eq!((outcome, why.as_deref()), (DeliveryOutcome::Refused, Some("complaint")), "{service:?}");
        assert!(words.contains("marked a message as spam"), "{words}");
        let (to, header) = app.mailed().await;
        assert_eq!(to, GONE, "a complaint moves no proof: {service:?}");

        let (headers, body) = service.forged(&events(service, &header)[0], now());
        assert!(service.webhook().read(&headers, &body, now()).is_err(), "{service:?}");
        report(&bounce).await;
        let (outcome, why, words) = app.said().await;
        assert_eq!((outcome, why.as_deref()), (DeliveryOutcome::NoSuchContact, Some("5.1.1")), "{service:?}");
        assert!(words.contains("does not exist"), "{words}");
        assert_eq!(app.mailed().await.0, SECOND, "{service:?}");
    }
}

/// What a notifier of one's own gives along is what stands in the mails of this one.
#[tokio::test]
async fn a_mail_carries_its_reference_where_a_service_hands_it_back() {
    let server = MailServer::plain();
    let notifier = SmtpNotifier::dangerous_plaintext(&format!("smtp://127.0.0.1:{}", server.port), FROM).unwrap();
    let message = reset(9);
    crate::support::assert_delivered(&password_reset::ports::Notifier::deliver(&notifier, &message).await);
    let text = String::from_utf8(server.only().content).unwrap();
    let reference = Bounce::reference_for(&message);
    assert!(reference.len() == 65 && reference.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'));
    assert!(text.contains(&format!("\r\nMessage-ID: <{reference}@toko.example>\r\n")), "{text}");
    assert!(text.contains(&format!("\r\nX-PM-Metadata-{}: {reference}\r\n", Bounce::FIELD)), "{text}");
}
