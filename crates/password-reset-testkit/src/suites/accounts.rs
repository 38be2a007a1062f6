//! The application's user table.

use std::sync::Arc;

use password_reset::ports::{Accounts, Changed, PasswordChange};
use password_reset::{Account, AccountId, AccountStatus, CallingCode, Contact, Identifier, PasswordHash};

use super::fixtures::{as_if_active, created, present};
use super::{AccountSpec, AccountsFixture, all_at_once};
use crate::sample::{self, noon};

const TASKS: usize = 64;

/// Pairs of names that look alike, or that some collation or folding takes for one: neither may find the other.
/// They fit usernames, and local parts of addresses where they are such.
pub const LOOK_ALIKES: &[(&str, &str)] = &[
    // Letters that case folding or compatibility forms bring to ASCII.
    ("stra\u{df}e", "strasse"),
    ("hat\u{131}ce", "hatice"),
    ("bo\u{17f}s", "boss"),
    ("\u{212a}ira", "kira"),
    ("\u{fb00}ion", "ffion"),
    ("\u{fb01}ona", "fiona"),
    ("\u{fb02}ora", "flora"),
    ("gri\u{fb03}n", "griffin"),
    ("ra\u{fb04}es", "raffles"),
    ("\u{fb05}ella", "stella"),
    ("\u{fb06}eve", "steve"),
    // Accents, composed and decomposed.
    ("jos\u{e9}", "jose"),
    ("jose\u{301}", "jose"),
    ("ren\u{e9}", "rene\u{301}"),
    ("\u{c5}sa", "A\u{30a}sa"),
    ("\u{212b}ke", "\u{c5}ke"),
    // Case of other scripts.
    ("\u{410}\u{43d}\u{43d}\u{430}", "\u{430}\u{43d}\u{43d}\u{430}"),
    ("\u{c9}va", "\u{e9}va"),
    // Other scripts that look like ASCII.
    ("\u{430}dmin", "admin"),
    ("p\u{430}ul", "paul"),
    // Width.
    ("\u{ff41}\u{ff4e}\u{ff41}", "ana"),
    ("ana\u{ff11}", "ana1"),
    // Characters that mean something to a database.
    ("ab_d", "abcd"),
    ("ab%d", "abcd"),
    ("ab%", "abcdef"),
    ("x'or'1'='1", "x"),
    ("a*c", "abc"),
];

/// The same for usernames alone: white space has no place in an address.
pub const LOOK_ALIKE_USERNAMES: &[(&str, &str)] = &[
    ("ana maria", "anamaria"),
    ("ana\u{a0}maria", "ana maria"),
    ("ana\u{2003}maria", "ana maria"),
    ("ana  maria", "ana maria"),
    ("x' or '1'='1' --", "x"),
    ("x\\", "x"),
];

async fn found(accounts: &dyn Accounts, identifier: &Identifier) -> Vec<AccountId> {
    let found = accounts.find(identifier).await.expect("find must succeed");
    let mut ids: Vec<AccountId> = found.iter().map(|account| account.id().clone()).collect();
    ids.sort();
    ids
}

fn username(name: &str) -> Identifier {
    Identifier::username(name).expect("the sample must be a username")
}

fn email(address: &str) -> Identifier {
    Identifier::email(address).expect("the sample must be an address")
}

/// Creates an account with all three names, and some that others have.
async fn three_named(fixture: &impl AccountsFixture) -> (AccountId, String, String, PasswordHash) {
    for _ in 0..3 {
        let number = sample::phone();
        let name = format!("other{number}");
        fixture.create(AccountSpec::active().email(sample::email()).username(name).phone(number)).await;
    }
    let (address, number) = (sample::email(), sample::phone());
    let spec = AccountSpec::active().email(&address).username("ana.maria").phone(&number);
    let hash = spec.hash.clone().unwrap();
    (fixture.create(spec).await, address, number, hash)
}

/// The account of an address, with its confirmed contacts, its hash and its standing.
pub async fn an_address_finds_its_account(fixture: &impl AccountsFixture) {
    let (id, address, number, hash) = three_named(fixture).await;
    let accounts = fixture.accounts();
    let found = accounts.find(&email(&address)).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].id(), found[0].status(), found[0].hash()), (&id, AccountStatus::Active, Some(&hash)));
    for contact in [Contact::email(address), Contact::phone(number)] {
        assert!(found[0].contacts().contains(&contact), "a confirmed contact is missing: {contact:?}");
    }
    assert_eq!(found[0], present(&*accounts, &id).await, "find and load show the same account");
}

/// The account of a username.
pub async fn a_username_finds_its_account(fixture: &impl AccountsFixture) {
    let (id, ..) = three_named(fixture).await;
    assert_eq!(found(&*fixture.accounts(), &username("ana.maria")).await, [id]);
}

/// The account of a phone number, however the number was typed.
pub async fn a_number_finds_its_account(fixture: &impl AccountsFixture) {
    let (id, _, number, _) = three_named(fixture).await;
    let national = number.replacen("+62", "0", 1);
    for typed in [number.as_str(), national.as_str()] {
        let identifier = Identifier::phone(typed, CallingCode::INDONESIA).unwrap();
        assert_eq!(found(&*fixture.accounts(), &identifier).await, std::slice::from_ref(&id));
    }
}

/// A number that WhatsApp writes in two ways finds its account whichever of them is stored, and the contact is the bytes
/// on record: a message to the other may not arrive.
pub async fn a_number_finds_its_account_by_its_other_form(fixture: &impl AccountsFixture) {
    let accounts = fixture.accounts();
    for (stored, other, neighbour) in [
        ("+525512345678", "+5215512345678", "+5215512345679"),
        ("+5215598765432", "+525598765432", "+525598765431"),
        ("+5491123456789", "+541123456789", "+541123456780"),
        ("+553187654321", "+5531987654321", "+5531987654320"),
    ] {
        let id = fixture.create(AccountSpec::active().phone(stored)).await;
        fixture.create(AccountSpec::active().phone(neighbour)).await;
        for typed in [stored, other] {
            let identifier = Identifier::phone(typed, CallingCode::INDONESIA).unwrap();
            let found = accounts.find(&identifier).await.unwrap();
            assert_eq!(found.iter().map(Account::id).collect::<Vec<_>>(), [&id], "typed as {typed}");
            assert_eq!(found[0].contacts(), [Contact::phone(stored)]);
        }
        let was = present(&*accounts, &id).await;
        assert_eq!(accounts.set_password(&change(&was, &sample::hash())).await.unwrap(), Changed::Updated);
    }
}

/// ASCII letters of an address match in either case, and the contact is the bytes on record, not what was typed.
pub async fn an_address_finds_its_account_whatever_its_ascii_case(fixture: &impl AccountsFixture) {
    let id = fixture.create(AccountSpec::active().email("Budi.Santoso@Example.COM")).await;
    let accounts = fixture.accounts();
    for typed in ["budi.santoso@example.com", "BUDI.SANTOSO@EXAMPLE.COM", " Budi.Santoso@Example.COM\t"] {
        let found = accounts.find(&email(typed)).await.unwrap();
        assert_eq!(found.iter().map(Account::id).collect::<Vec<_>>(), [&id], "typed as {typed:?}");
        assert_eq!(found[0].contacts(), [Contact::email("Budi.Santoso@Example.COM")]);
    }
}

/// Two accounts that one name fits are both returned, for then nothing is sent.
pub async fn two_accounts_of_one_name_are_both_found(fixture: &impl AccountsFixture) {
    let mut ids = vec![
        fixture.create(AccountSpec::active().email("twice@example.com")).await,
        fixture.create(AccountSpec::active().email("Twice@example.com").disabled()).await,
    ];
    fixture.create(AccountSpec::active().email("once@example.com")).await;
    ids.sort();
    assert_eq!(found(&*fixture.accounts(), &email("twice@example.com")).await, ids);
}

/// A name that no account has is no error.
pub async fn a_name_that_nobody_has_finds_nobody(fixture: &impl AccountsFixture) {
    three_named(fixture).await;
    let accounts = fixture.accounts();
    let number = Identifier::phone("+6289999999999", CallingCode::INDONESIA).unwrap();
    for identifier in [email("nobody@example.com"), username("nobody"), number] {
        assert!(found(&*accounts, &identifier).await.is_empty());
    }
}

/// A username that reads like an address or number of another account does not find that account.
pub async fn a_kind_of_name_is_not_another_kind(fixture: &impl AccountsFixture) {
    let (id, address, number, _) = three_named(fixture).await;
    let accounts = fixture.accounts();
    for name in [&address, &number] {
        assert!(found(&*accounts, &username(name)).await.is_empty());
    }
    let twin = fixture.create(AccountSpec::active().username(&address)).await;
    assert_eq!(found(&*accounts, &email(&address)).await, [id]);
    assert_eq!(found(&*accounts, &username(&address)).await, [twin]);
}

/// Of two usernames that look alike each finds its own account and not the other's.
pub async fn look_alike_usernames_do_not_match(fixture: &impl AccountsFixture) {
    let accounts = fixture.accounts();
    let mut known = std::collections::BTreeMap::new();
    // Some of them no form accepts; those are looked for by their look-alikes.
    let typed = |name: &str| Identifier::username(name).ok();
    for name in LOOK_ALIKES.iter().chain(LOOK_ALIKE_USERNAMES).flat_map(|(left, right)| [left, right]) {
        let Some(identifier) = typed(name) else {
            known.entry(name).or_insert(fixture.create(AccountSpec::active().username(*name)).await);
            continue;
        };
        assert!(
            known.contains_key(name) || found(&*accounts, &identifier).await.is_empty(),
            "{name:?} finds a look-alike"
        );
        if !known.contains_key(name) {
            known.insert(name, fixture.create(AccountSpec::active().username(*name)).await);
        }
    }
    for (name, id) in &known {
        if let Some(identifier) = typed(name) {
            assert_eq!(found(&*accounts, &identifier).await, std::slice::from_ref(id), "{name:?}");
        }
    }
    // A name with a space before or after it is refused when it is typed, so it must not be found without the space.
    fixture.create(AccountSpec::active().username("spaced ")).await;
    fixture.create(AccountSpec::active().username(" spaced")).await;
    assert!(found(&*accounts, &username("spaced")).await.is_empty());
}

/// Of two addresses that look alike each finds its own account and not the other's, or an attacker who owns one would
/// get the mail of the other (CVE-2019-19844, CVE-2024-27295).
pub async fn look_alike_addresses_do_not_match(fixture: &impl AccountsFixture) {
    let accounts = fixture.accounts();
    let mut known = std::collections::BTreeMap::new();
    for name in LOOK_ALIKES.iter().flat_map(|(left, right)| [left, right]) {
        let address = format!("{name}@example.com");
        // ASCII letters of an address match in either case; only other differences make it another one.
        let same = address.to_ascii_lowercase();
        if known.contains_key(&same) {
            continue;
        }
        assert!(found(&*accounts, &email(&address)).await.is_empty(), "{address:?} finds a look-alike");
        known.insert(same, fixture.create(AccountSpec::active().email(address)).await);
    }
    for (address, id) in &known {
        assert_eq!(found(&*accounts, &email(address)).await, std::slice::from_ref(id), "{address:?}");
    }
    fixture.create(AccountSpec::active().email("dian@examp1e.com")).await;
    fixture.create(AccountSpec::active().email("dian@example.com.attacker.example")).await;
    assert!(found(&*accounts, &email("dian@example.com")).await.is_empty());
}

/// An account that does not exist is `None`.
pub async fn an_account_that_is_not_there_is_not_loaded(fixture: &impl AccountsFixture) {
    three_named(fixture).await;
    for id in ["999999999", "no such account", "", "1 or 1=1"] {
        assert!(fixture.accounts().load(&AccountId::new(id)).await.unwrap().is_none(), "{id:?}");
    }
}

/// A barred account is found and loaded, and shown as what it is.
pub async fn a_disabled_account_is_shown_as_barred(fixture: &impl AccountsFixture) {
    let id = fixture.create(AccountSpec::active().disabled().email("barred@example.com")).await;
    let accounts = fixture.accounts();
    assert_eq!(present(&*accounts, &id).await.status(), AccountStatus::Disabled);
    let found = accounts.find(&email("barred@example.com")).await.unwrap();
    assert_eq!(found.iter().map(Account::status).collect::<Vec<_>>(), [AccountStatus::Disabled]);
}

fn change(was: &Account, new: &PasswordHash) -> PasswordChange {
    PasswordChange::new(was.clone(), new.clone(), noon())
}

/// A change is made, the same call again is done too, and no other account's password changes.
pub async fn a_password_is_changed_once(fixture: &impl AccountsFixture) {
    let accounts = fixture.accounts();
    let was = created(fixture, AccountSpec::active()).await;
    let bystander = created(fixture, AccountSpec::active()).await;
    let new = sample::hash();
    for _ in 0..3 {
        assert_eq!(accounts.set_password(&change(&was, &new)).await.unwrap(), Changed::Updated);
        let now = present(&*accounts, was.id()).await;
        assert_eq!((now.hash(), now.contacts(), now.status()), (Some(&new), was.contacts(), was.status()));
    }
    assert_eq!(present(&*accounts, bystander.id()).await, bystander);
    let now = present(&*accounts, was.id()).await;
    assert_eq!(
        accounts.set_password(&change(&now, &sample::hash())).await.unwrap(),
        Changed::Updated,
        "and on from there"
    );
}

/// An account without a password gets its first, once.
pub async fn a_first_password_is_set(fixture: &impl AccountsFixture) {
    let accounts = fixture.accounts();
    let was = created(fixture, AccountSpec::active().without_password()).await;
    assert_eq!(was.hash(), None);
    let first = sample::hash();
    assert_eq!(accounts.set_password(&change(&was, &first)).await.unwrap(), Changed::Updated);
    assert_eq!(accounts.set_password(&change(&was, &sample::hash())).await.unwrap(), Changed::Conflict);
    assert_eq!(present(&*accounts, was.id()).await.hash(), Some(&first));
}

/// A hash that is no longer the one that was checked is not replaced.
pub async fn a_changed_hash_is_stale(fixture: &impl AccountsFixture) {
    let accounts = fixture.accounts();
    let was = created(fixture, AccountSpec::active()).await;
    let elsewhere = sample::hash();
    assert_eq!(accounts.set_password(&change(&was, &elsewhere)).await.unwrap(), Changed::Updated);
    assert_eq!(accounts.set_password(&change(&was, &sample::hash())).await.unwrap(), Changed::Conflict);
    assert_eq!(present(&*accounts, was.id()).await.hash(), Some(&elsewhere));
}

/// An account that is barred by now keeps its password.
pub async fn a_disabled_account_is_stale(fixture: &impl AccountsFixture) {
    let accounts = fixture.accounts();
    let disabled = created(fixture, AccountSpec::active().disabled()).await;
    for was in [&as_if_active(&disabled), &disabled] {
        assert_eq!(accounts.set_password(&change(was, &sample::hash())).await.unwrap(), Changed::Conflict);
    }
    assert_eq!(present(&*accounts, disabled.id()).await, disabled);
}

/// An account that is gone gets no password, and is not made.
pub async fn an_account_that_is_gone_is_stale(fixture: &impl AccountsFixture) {
    let accounts = fixture.accounts();
    let bystander = created(fixture, AccountSpec::active()).await;
    let gone = Account::new("999999999", AccountStatus::Active).with_hash(bystander.hash().unwrap().clone());
    assert_eq!(accounts.set_password(&change(&gone, &sample::hash())).await.unwrap(), Changed::Conflict);
    assert!(accounts.load(gone.id()).await.unwrap().is_none());
    assert_eq!(present(&*accounts, bystander.id()).await, bystander);
}

/// Many changes at once from the same old hash: one is done, the others learn of it.
pub async fn one_of_many_changes_wins(fixture: &impl AccountsFixture) {
    for _ in 0..10 {
        let was = created(fixture, AccountSpec::active()).await;
        let changes: Vec<PasswordChange> = (0..TASKS).map(|_| change(&was, &sample::hash())).collect();
        let changes = Arc::new(changes);
        let results = all_at_once(TASKS, |number| {
            let (accounts, changes) = (fixture.accounts(), Arc::clone(&changes));
            async move { accounts.set_password(&changes[number]).await.unwrap() }
        })
        .await;
        let winners: Vec<usize> = (0..TASKS).filter(|number| results[*number] == Changed::Updated).collect();
        assert_eq!(winners.len(), 1, "exactly one change from one old hash is made");
        let now = present(&*fixture.accounts(), was.id()).await;
        assert_eq!(now.hash(), Some(changes[winners[0]].new_hash()));
    }
}

/// The same change many times at once: every caller gets the answer that it is done.
pub async fn the_same_change_many_times_is_done(fixture: &impl AccountsFixture) {
    for _ in 0..10 {
        let was = created(fixture, AccountSpec::active()).await;
        let change = Arc::new(change(&was, &sample::hash()));
        let results = all_at_once(TASKS, |_| {
            let (accounts, change) = (fixture.accounts(), Arc::clone(&change));
            async move { accounts.set_password(&change).await.unwrap() }
        })
        .await;
        assert!(results.iter().all(|result| *result == Changed::Updated));
        assert_eq!(present(&*fixture.accounts(), was.id()).await.hash(), Some(change.new_hash()));
    }
}

/// Ending sessions is no error when there are none, were none, or the account does not exist.
pub async fn sessions_can_be_ended_again_and_again(fixture: &impl AccountsFixture) {
    let accounts = fixture.accounts();
    let account = created(fixture, AccountSpec::active()).await;
    for id in [account.id(), account.id(), &AccountId::new("999999999")] {
        accounts.end_sessions(id, noon()).await.unwrap();
    }
    assert_eq!(present(&*accounts, account.id()).await, account);
}
