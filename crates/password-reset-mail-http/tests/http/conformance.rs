//! The suite for notifiers, with the stand-in of each service as what arrives.

use std::sync::Arc;

use password_reset::ports::Notifier;
use password_reset::{Contact, async_trait};
use password_reset_testkit::suites::NotifierFixture;

use crate::services::Named;
use crate::stand_in::StandIn;

struct Fixture(StandIn, Arc<dyn Notifier>);

impl Fixture {
    async fn new(named: Named) -> Self {
        let stand_in = StandIn::default();
        let notifier = named.notifier(&stand_in.start().await);
        Self(stand_in, Arc::new(notifier))
    }
}

#[async_trait]
impl NotifierFixture for Fixture {
    fn notifier(&self) -> Arc<dyn Notifier> {
        Arc::clone(&self.1)
    }

    fn contact(&self, number: usize) -> Contact {
        Contact::email(format!("user{number}@toko.example"))
    }

    async fn arrived(&self) -> Vec<Contact> {
        let to = |sent: crate::stand_in::Sent| sent.json()["To"].as_str().unwrap().to_owned();
        self.0.sent().into_iter().map(|sent| Contact::email(to(sent))).collect()
    }
}

password_reset_testkit::notifier_conformance!(async || Fixture::new(Named::Postmark).await);
