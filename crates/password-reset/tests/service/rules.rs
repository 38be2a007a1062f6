//! Rules that need more than the password: a list, hashes, and the form in which it is hashed.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::TimeDelta;
use password_reset::flow::AuditEvent;
use password_reset::hashing::Normalization;
use password_reset::policy::{Rule, Violations};
use password_reset::ports::BreachedPasswords;
use password_reset::{
    Account, AccountStatus, Contact, Identifier, Language, Limits, Password, PasswordPolicy, PasswordReset, PortError,
    SetPasswordError, Site, VerifyError,
};
use password_reset_testkit::{MemoryAccounts, MemoryStore, RecordingNotifier};

use crate::support::{App, NEW, OLD, cheap_hash, id, keys, start};

/// A list in memory, which can be out of order.
#[derive(Debug, Default)]
struct List {
    passwords: Mutex<HashSet<String>>,
    asked: AtomicUsize,
    broken: AtomicBool,
}

#[async_trait]
impl BreachedPasswords for List {
    async fn contains(&self, password: &Password) -> Result<bool, PortError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        if self.broken.load(Ordering::SeqCst) {
            return Err(PortError::transient("the list cannot be read"));
        }
        Ok(self.passwords.lock().unwrap().contains(password.expose()))
    }
}

fn listing(passwords: &[&str]) -> Arc<List> {
    let list = List::default();
    list.passwords.lock().unwrap().extend(passwords.iter().map(|&password| password.to_owned()));
    Arc::new(list)
}

fn with_list(list: &Arc<List>, policy: PasswordPolicy) -> App {
    let list = Arc::clone(list);
    App::with(MemoryStore::new(), |builder| builder.policy(policy).breached_passwords(list))
}

fn rejected(error: SetPasswordError) -> (Violations, password_reset::Grant) {
    let SetPasswordError::Rejected { violations, grant } = error else { panic!("{error:?}") };
    (violations, grant)
}

#[tokio::test]
async fn a_password_from_a_breach_is_refused_with_its_reason_and_spends_nothing() {
    let leaked = "gajah payung kopi senja";
    let list = listing(&[leaked]);
    let app = with_list(&list, PasswordPolicy::nist_800_63b().with(Rule::NotBreached));
    let grant = app.proved().await;
    let (violations, grant) = rejected(app.set(grant, leaked).await.unwrap_err());
    assert_eq!(violations.codes(), ["breached"]);
    let violation = violations.iter().next().unwrap();
    assert_eq!(violation.sentence(&Language::english()), "has appeared in a data breach");
    assert_eq!(violation.sentence(&Language::indonesian()), "pernah muncul dalam kebocoran data");
    assert_eq!(app.hasher.hashed(), 0, "nothing is hashed for it");
    assert!(app.details(AuditEvent::PasswordRefused).contains(&"breached".to_owned()));
    app.set(grant, NEW).await.unwrap();
    assert!(app.signs_in_with(NEW));
}

#[tokio::test]
async fn a_breach_is_said_together_with_everything_else() {
    let list = listing(&[OLD]);
    let policy = PasswordPolicy::four_classes().with(Rule::NotBreached);
    let app = with_list(&list, policy);
    let grant = app.proved().await;
    let (violations, _) = rejected(app.set(grant, OLD).await.unwrap_err());
    assert_eq!(violations.codes(), ["needs_upper", "needs_digit", "needs_symbol", "breached", "same_as_current"]);
}

#[tokio::test]
async fn while_the_list_cannot_be_read_no_password_is_set_and_the_grant_stays() {
    let list = listing(&[]);
    let app = with_list(&list, PasswordPolicy::nist_800_63b().with(Rule::NotBreached));
    let grant = app.proved().await;
    list.broken.store(true, Ordering::SeqCst);
    let error = app.set(grant, NEW).await.unwrap_err();
    let SetPasswordError::Unavailable { grant, .. } = error else { panic!("{error:?}") };
    assert!(app.signs_in_with(OLD) && app.hasher.hashed() == 0);
    list.broken.store(false, Ordering::SeqCst);
    app.set(grant, NEW).await.unwrap();
}

#[tokio::test]
async fn a_try_costs_one_search_and_one_comparison_and_neither_for_what_is_longer_than_a_cap() {
    let list = listing(&[]);
    let policy =
        PasswordPolicy::nist_800_63b().with(Rule::MaxLength(100)).with(Rule::MaxBytes(150)).with(Rule::NotCurrent);
    let app = with_list(&list, policy.with(Rule::NotBreached));
    let mut grant = app.proved().await;
    let cost = || (list.asked.load(Ordering::SeqCst), app.hasher.verified());
    assert_eq!(cost(), (0, 0), "nor by the proof");
    for longer in ["x".repeat(10_000), "x".repeat(101), "\u{e9}".repeat(100)] {
        (_, grant) = rejected(app.set(grant, &longer).await.unwrap_err());
        assert_eq!(cost(), (0, 0));
    }
    let (_, grant) = rejected(app.set(grant, &"x".repeat(100)).await.unwrap_err());
    assert_eq!(cost(), (1, 1));
    app.set(grant, NEW).await.unwrap();
    assert_eq!(cost(), (2, 2));
}

/// One password, typed on two systems.
const COMPOSED: &str = "caf\u{e9} di ujung jalan sepi";
const DECOMPOSED: &str = "cafe\u{301} di ujung jalan sepi";

#[tokio::test]
async fn form_c_makes_both_spellings_one_password_and_as_typed_keeps_them_apart() {
    for (form, is_one) in [(Normalization::Nfc, true), (Normalization::AsTyped, false)] {
        let policy = PasswordPolicy::nist_800_63b().with(Rule::NotCurrent).with_normalization(form);
        let app = App::with(MemoryStore::new(), |builder| builder.policy(policy.clone()));
        app.reset_to(DECOMPOSED).await;
        assert!(app.signs_in_with(policy.password(DECOMPOSED).expose()), "{form:?}");
        assert_eq!(app.signs_in_with(policy.password(COMPOSED).expose()), is_one, "{form:?}");
        assert_eq!(app.signs_in_with(DECOMPOSED), !is_one, "{form:?}: the bytes that were typed");

        // The current password as a proof, and as one that must not be used again, is read in the same form.
        let grant = app.current(DECOMPOSED).await.unwrap();
        let (violations, _) = rejected(app.set(grant, DECOMPOSED).await.unwrap_err());
        assert_eq!(violations.codes(), ["same_as_current"], "{form:?}");
        let other = app.current(COMPOSED).await;
        assert_eq!(matches!(other, Err(VerifyError::WrongPassword)), !is_one, "{form:?}: {other:?}");
    }
}

#[tokio::test]
async fn the_last_four_cost_five_comparisons_and_never_more() {
    let app = App::with(MemoryStore::new(), |builder| builder.policy(PasswordPolicy::pci_dss_4()));
    let earlier: Vec<String> = (1..=9).map(|number| format!("payung hitam ke-{number}0")).collect();
    assert!(app.accounts.update(&id(), |account| {
        earlier.iter().enumerate().fold(account, |account, (at, text)| account.with_earlier_hash(cheap_hash(text, at)))
    }));
    let mut grant = app.proved().await;
    for (at, text) in earlier.iter().enumerate().take(4) {
        app.hasher.restart_at(app.hasher.hashed());
        let (violations, again) = rejected(app.set(grant, text).await.unwrap_err());
        assert_eq!(violations.codes(), ["used_before"], "{text}");
        assert_eq!(app.hasher.verified(), at + 2, "the current one, and those up to the hit");
        grant = again;
    }
    app.hasher.restart_at(app.hasher.hashed());
    app.set(grant, &earlier[4]).await.unwrap();
    assert_eq!(app.hasher.verified(), 5);
}

/// Peraturan BSSN 4/2021, Pasal 27 (1), letter by letter.
#[tokio::test]
async fn an_operator_of_public_services_sets_what_the_regulation_asks() {
    // c: length, mix, validity period.
    let policy = PasswordPolicy::bssn().with(Rule::MinLength(12)).with(Rule::MaxAge(180));
    // d: how many wrong entries there can be.
    let limits =
        Limits::default().code_attempts(3).wrong_code_burst(10).current_password_burst(3).completion_attempts(10);
    let app = App::with(MemoryStore::new(), |builder| builder.policy(policy).limits(limits));
    // e: a way to recover.
    let grant = app.proved().await;
    let (violations, grant) = rejected(app.set(grant, "Kopi-Senja1").await.unwrap_err());
    assert_eq!(violations.codes(), ["too_short"]);
    app.set(grant, "Payung&Gajah-Senja7").await.unwrap();
    assert_eq!(app.reset.policy().valid_until(start()), Some(start() + TimeDelta::days(180)));
    // f: what is stored is what the hasher wrote; the one by default is Argon2id.
    assert_eq!(app.hasher.hashed(), 1);
    // g: a protected channel, or nothing is built.
    let site = Site::new("Layanan Contoh", "http://layanan.example/reset");
    let plain = PasswordReset::builder(MemoryAccounts::new(), MemoryStore::new(), keys(), site);
    assert_eq!(plain.notifier(RecordingNotifier::new()).build().map(drop).unwrap_err().field, "site");
}

/// The words of the account are known at the password step, also where the request named it by something else.
#[tokio::test]
async fn the_typed_name_the_mailbox_and_the_number_are_words_that_a_password_must_not_be() {
    let account = || {
        Account::new("7", AccountStatus::Active)
            .with_hash(cheap_hash(OLD, 1))
            .with_contact(Contact::email("budi.santoso+toko@example.org"))
            .with_contact(Contact::phone("+6281234567890"))
    };
    let username = Identifier::username("gajahterbang").unwrap();
    let mailbox = crate::support::email("budi.santoso+toko@example.org");
    // By username, which the application may not name beside the account; by address, where only the account says it.
    let asked = [(username, account()), (mailbox, account().with_context_word("gajahterbang"))];
    for (typed, account) in asked {
        let app = App::with(MemoryStore::new(), |builder| builder.policy(PasswordPolicy::nist_800_63b()));
        app.accounts.add_named("gajahterbang", account);
        app.mailed_for(typed.clone()).await;
        let mut grant = app.verify_link(&app.mail.last().unwrap()).await.unwrap();
        for password in [
            "gajahterbang1234",
            "Gajah-Terbang!2026",
            "4321gnabrethajag",
            "budi.santoso2026!",
            "BudiSantoso12345",
            "santosobudi-2026",
            "081234567890 2026",
            "+62 812-3456-7890",
            "6281234567890!!!",
            "0062 81234567890",
            "81234567890-1990",
        ] {
            let (violations, again) = rejected(app.set(grant, password).await.unwrap_err());
            assert!(
                violations.codes().contains(&"too_personal"),
                "{password}, asked by {:?}: {violations}",
                typed.kind()
            );
            grant = again;
        }
        app.set(grant, NEW).await.unwrap();
    }
}
