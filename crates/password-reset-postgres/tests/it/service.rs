//! The whole service on a database, and a person who resets a password by mail.

use std::net::IpAddr;

use password_reset::ports::Clock;
use password_reset::secret::LinkToken;
use password_reset::{
    Grant, Identifier, Key, KeyRing, NewPassword, PasswordReset, Proof, RequestError, Requested, ResetRequest,
    SetPasswordError, Site, Worker,
};
use password_reset_postgres::{PostgresAccounts, PostgresStore};
use password_reset_testkit::RecordingNotifier;
use sqlx::PgPool;

pub struct Service {
    pub reset: PasswordReset,
    pub worker: Worker,
    pub mail: RecordingNotifier,
}

impl Service {
    pub fn on(pool: &PgPool, clock: &(impl Clock + Clone)) -> Self {
        let accounts = PostgresAccounts::new(pool, "users");
        let store = PostgresStore::new(pool).writing(accounts.clone()).not_listening();
        let key = |id, first: u8| Key::new(id, &(first..first + 32).collect::<Vec<u8>>()).unwrap();
        let keys = KeyRing::new(key("k1", 1), key("counters", 77));
        let site = Site::new("Toko Contoh", "https://toko.example/reset");
        let mail = RecordingNotifier::new();
        let builder = PasswordReset::builder(accounts, store, keys, site);
        let (reset, worker) = builder.notifier(mail.clone()).clock(clock.clone()).build().unwrap();
        Self { reset, worker, mail }
    }

    pub async fn ask(&self, email: &str) -> Result<Requested, RequestError> {
        // A source of its own for each person.
        let source: IpAddr = [203, 0, 113, u8::try_from(email.len()).unwrap()].into();
        self.reset.request(ResetRequest::email_link(Identifier::email(email).unwrap(), source)).await
    }

    /// Opens the link in the one mail that came to an address.
    pub async fn prove(&self, email: &str) -> Grant {
        let mails = self.mail.delivered();
        let links: Vec<&str> =
            mails.iter().filter(|mail| mail.to.value() == email).filter_map(|mail| mail.link_secret()).collect();
        assert_eq!(links.len(), 1, "one mail to {email}");
        self.reset.verify(Proof::Link(LinkToken::parse(links[0]).unwrap())).await.unwrap()
    }

    pub async fn set(&self, grant: Grant) -> Result<(), SetPasswordError> {
        let new = "quiet umbrella festival 92";
        self.reset.set_password(grant, NewPassword::confirmed(new, new)).await.map(drop)
    }
}
