//! The suite for notifiers, with a server as what arrives.

use std::sync::Arc;

use password_reset::ports::Notifier;
use password_reset::{Contact, async_trait};
use password_reset_smtp::SmtpNotifier;
use password_reset_testkit::suites::NotifierFixture;

use crate::support::FROM;
use crate::support::server::MailServer;

struct Fixture(MailServer, Arc<dyn Notifier>);

#[async_trait]
impl NotifierFixture for Fixture {
    fn notifier(&self) -> Arc<dyn Notifier> {
        Arc::clone(&self.1)
    }

    fn contact(&self, number: usize) -> Contact {
        Contact::email(format!("user{number}@toko.example"))
    }

    async fn arrived(&self) -> Vec<Contact> {
        self.0.received().into_iter().flat_map(|received| received.to).map(Contact::email).collect()
    }
}

password_reset_testkit::notifier_conformance!(async || {
    let server = MailServer::plain();
    let notifier = SmtpNotifier::new(&format!("smtp://127.0.0.1:{}", server.port), FROM).unwrap();
    Fixture(server, Arc::new(notifier))
});
