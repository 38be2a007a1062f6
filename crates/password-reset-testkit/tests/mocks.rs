//! A mock can replace its port.

#![allow(clippy::unwrap_used, clippy::panic, reason = "test code")]

use std::sync::Arc;
use std::time::Duration;

use password_reset::ports::{
    Accounts, Clock, Delivery, HashError, HashWorker, Notifier, Opened, PasswordHasher, Quota, RandomSource, ResetStore,
};
use password_reset::{Contact, ContactKind, Password, PortError};
use password_reset_testkit::mocks::{
    MockAccounts, MockClock, MockHashWorker, MockNotifier, MockPasswordHasher, MockRandomSource, MockResetStore,
};
use password_reset_testkit::sample::{self, noon};

#[tokio::test]
async fn a_mocked_store_gives_the_expected_answers() {
    let reset = sample::requested(noon());
    let quota = Quota::new(sample::digest(), 1, Duration::from_secs(1), noon());
    let mut mock = MockResetStore::new();
    mock.expect_load().times(1).returning(|_| Err(PortError::transient("busy")));
    mock.expect_open()
        .withf(move |_, permit, _, audit| permit.is_some_and(|permit| permit.key == quota.key) && audit.is_empty())
        .times(1)
        .returning(|_, _, _, _| Ok(Opened::DuplicateKey));
    let store: Arc<dyn ResetStore> = Arc::new(mock);
    assert!(store.load(reset.id()).await.unwrap_err().is_transient());
    assert_eq!(store.open(&reset, Some(&quota), None, &[]).await.unwrap(), Opened::DuplicateKey);
}

#[tokio::test]
async fn the_other_mocks_give_the_expected_answers() {
    let mut accounts = MockAccounts::new();
    accounts.expect_load().returning(|_| Ok(None));
    let accounts: Arc<dyn Accounts> = Arc::new(accounts);
    assert!(accounts.load(&sample::account_id()).await.unwrap().is_none());

    let mut notifier = MockNotifier::new();
    notifier.expect_reaches().return_const(ContactKind::Phone);
    notifier.expect_deliver().returning(|_| Delivery::Never { why: "said so".to_owned() });
    let notifier: Arc<dyn Notifier> = Arc::new(notifier);
    assert_eq!(notifier.reaches(), ContactKind::Phone);
    let delivery = notifier.deliver(&sample::notice_message(Contact::email(sample::email()))).await;
    assert!(matches!(delivery, Delivery::Never { .. }));

    let mut clock = MockClock::new();
    clock.expect_now().return_const(noon());
    clock.expect_sleep().return_const(());
    let clock: Arc<dyn Clock> = Arc::new(clock);
    clock.sleep(Duration::from_secs(9)).await;
    assert_eq!(clock.now(), noon());

    let mut hasher = MockPasswordHasher::new();
    hasher.expect_worker().returning(|| {
        let mut worker = MockHashWorker::new();
        worker.expect_hash().returning(|_| Err(HashError::Failed));
        Box::new(worker)
    });
    let hasher: Arc<dyn PasswordHasher> = Arc::new(hasher);
    let mut worker: Box<dyn HashWorker> = hasher.worker();
    assert_eq!(worker.hash(&Password::new("whatever")).unwrap_err(), HashError::Failed);

    let mut random = MockRandomSource::new();
    random.expect_fill().returning(|bytes| {
        bytes.fill(7);
        Ok(())
    });
    let random: Arc<dyn RandomSource> = Arc::new(random);
    let mut bytes = [0; 4];
    random.fill(&mut bytes).unwrap();
    assert_eq!(bytes, [7; 4]);
}
