//! A service with a list refuses its passwords.
#![allow(clippy::unwrap_used, clippy::panic, reason = "test code")]

use std::net::IpAddr;

use password_reset::secret::LinkToken;
use password_reset::{
    Account, AccountStatus, Contact, Identifier, NewPassword, PasswordPolicy, PasswordReset, Proof, ResetRequest,
    SetPasswordError, Site,
};
use password_reset_breached::{BreachedFile, HashKind, ListBuilder};
use password_reset_testkit::{MemoryAccounts, MemoryStore, RecordingNotifier, sample};
use sha1::Sha1;
use sha2::Digest;

const LEAKED: &str = "gajah payung kopi senja";

#[tokio::test]
async fn a_password_of_the_list_is_refused_and_another_is_accepted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("list");
    let builder = ListBuilder::new(HashKind::Sha1, &path).unwrap();
    let hash: String = Sha1::digest(LEAKED).iter().map(|byte| format!("{byte:02X}")).collect();
    let builder = builder.add("download", "", format!("{hash}:3\n").as_bytes(), |_| {}).unwrap();
    builder.finish().unwrap();

    let accounts = MemoryAccounts::new();
    accounts.add(Account::new("7", AccountStatus::Active).with_contact(Contact::email("ani@toko.example")));
    let mail = RecordingNotifier::new();
    let site = Site::new("Toko Contoh", "https://toko.example/reset");
    let (reset, worker) = PasswordReset::builder(accounts, MemoryStore::new(), sample::keys(), site)
        .notifier(mail.clone())
        .policy(PasswordPolicy::asvs_5())
        .breached_passwords(BreachedFile::open(&path).unwrap())
        .build()
        .unwrap();
    let identifier = Identifier::email("ani@toko.example").unwrap();
    reset.request(ResetRequest::email_link(identifier, IpAddr::from([203, 0, 113, 7]))).await.unwrap();
    worker.run_once().await.unwrap();
    let link = LinkToken::parse(mail.last().unwrap().link_secret().unwrap()).unwrap();
    let grant = reset.verify(Proof::Link(link)).await.unwrap();
    let error = reset.set_password(grant, NewPassword::confirmed(LEAKED, LEAKED)).await.unwrap_err();
    let SetPasswordError::Rejected { violations, grant } = error else { panic!("{error:?}") };
    assert_eq!(violations.codes(), ["breached"]);
    let other = "gajah payung kopi fajar";
    reset.set_password(grant, NewPassword::confirmed(other, other)).await.unwrap();
}
