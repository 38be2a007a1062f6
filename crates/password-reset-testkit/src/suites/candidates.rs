//! Rows that no reset can act on, beside the owner's.

use password_reset::{
    Account, AccountId, CallingCode, ContactKind, Identifier, Key, KeyRing, PasswordReset, ResetRequest, Site,
};

use super::{AccountSpec, AccountsFixture};
use crate::sample::noon;
use crate::{FakeClock, MemoryStore, RecordingNotifier};

const ADDRESS: &str = "owner@example.com";
const NUMBER: &str = "+6281200000077";
/// More than any `find` has to return.
const MANY: usize = 120;

fn email() -> Identifier {
    Identifier::email(ADDRESS).unwrap()
}

fn phone() -> Identifier {
    Identifier::phone(NUMBER, CallingCode::INDONESIA).unwrap()
}

fn owner() -> AccountSpec {
    AccountSpec::active().email(ADDRESS).phone(NUMBER).username("owner")
}

/// Many sign-ups with the owner's address and number, and a disabled and a deleted account that had them before.
async fn others(fixture: &impl AccountsFixture) {
    for number in 0..MANY {
        let sign_up = AccountSpec::active().unconfirmed().email(ADDRESS).phone(NUMBER);
        fixture.create(sign_up.username(format!("stranger {number}"))).await;
    }
    fixture.create(owner().disabled()).await;
    fixture.create(owner().deleted()).await;
}

/// Of many accounts with one name, those that could be reset come first: active, and the named contact confirmed.
pub async fn an_account_that_could_be_reset_comes_before_the_others(fixture: &impl AccountsFixture) {
    others(fixture).await;
    let id = fixture.create(owner()).await;
    let accounts = fixture.accounts();
    let named = [email(), phone(), Identifier::username("owner").unwrap()];
    for name in &named {
        let found = accounts.find(name).await.unwrap();
        assert_eq!(found.first().map(Account::id), Some(&id), "{name:?}");
    }
    let twin = fixture.create(owner()).await;
    let mut both: Vec<AccountId> = vec![id, twin];
    both.sort();
    for name in &named {
        let found = accounts.find(name).await.unwrap();
        let mut first: Vec<_> = found.iter().take(2).map(|account| account.id().clone()).collect();
        first.sort();
        assert_eq!(first, both, "{name:?}: two accounts that could be reset are both seen");
    }
}

/// The owner of a confirmed address and number gets a link by each name, and not when another could be reset too.
pub async fn the_owner_gets_a_link_whatever_rows_strangers_sign_up(fixture: &impl AccountsFixture) {
    others(fixture).await;
    let mail = RecordingNotifier::new();
    let whatsapp = RecordingNotifier::reaching(ContactKind::Phone);
    let clock = FakeClock::at(noon());
    let builder = PasswordReset::builder(fixture.accounts(), MemoryStore::new(), keys(), site());
    let builder = builder.notifier(mail.clone()).notifier(whatsapp.clone()).clock(clock);
    let (reset, worker) = builder.build().unwrap();
    let source: std::net::IpAddr = "203.0.113.7".parse().unwrap();
    let ask = async || {
        let by_name = ResetRequest::email_link(Identifier::username("owner").unwrap(), source);
        let by_number = ResetRequest::whatsapp_code(phone(), source);
        for request in [ResetRequest::email_link(email(), source), by_name, by_number] {
            reset.request(request).await.unwrap();
        }
        worker.run_once().await.unwrap();
        let links = mail.delivered().iter().filter(|sent| sent.link_secret().is_some()).count();
        (links, whatsapp.delivered().len())
    };
    assert_eq!(ask().await, (0, 0), "no row could be reset");
    fixture.create(owner()).await;
    assert_eq!(ask().await, (2, 1), "one row could be reset, and its owner has the messages");
    fixture.create(owner()).await;
    assert_eq!(ask().await, (2, 1), "two could be reset: the names are ambiguous");
}

fn keys() -> KeyRing {
    let key = |id: &str, first: u8| Key::new(id, &(first..first + 32).collect::<Vec<u8>>()).unwrap();
    KeyRing::new(key("k1", 1), key("counters", 101))
}

fn site() -> Site {
    Site::new("Example", "https://www.example.com/reset")
}
