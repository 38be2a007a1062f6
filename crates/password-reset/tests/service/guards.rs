//! Small conditions on which the invariants hang, each met in the moment in which it decides.
//!
//! What another node does between two calls of a port is played by a hook before the second.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::FutureExt;
use password_reset::flow::{Event, Step};
use password_reset::ports::{Advanced, ResetStore};
use password_reset::{
    Account, AccountId, AuditEvent, CancelError, CloseReason, Contact, Digest, Grant, GrantToken, Identifier, Locale,
    NewPassword, Owes, PasswordHash, PasswordIsSet, PasswordPolicy, PasswordReset, Proof, Reset, ResetRequest, Rule,
    SetPasswordError, Stage, Standing, State, VerifyError, Worker,
};
use password_reset_testkit::{Fault, Faults, MemoryStore};

use crate::faults::faulty;
use crate::support::{App, EMAIL, NEW, OLD, OTHER, cancel, cheap_hash, email, lifetimes, limits, link, source, start};

fn id() -> AccountId {
    AccountId::new("7")
}

/// The outcome of something that only calls ports in memory, which never wait.
fn at_once<T>(work: impl Future<Output = T>) -> T {
    work.now_or_never().expect("nothing in memory waits")
}

fn meanwhile(app: &Arc<App>, run: impl Fn(&App) + Send + Sync + 'static) -> Fault {
    let app = Arc::clone(app);
    Fault::RunBefore(Arc::new(move || run(&app)))
}

fn only(app: &App) -> Reset {
    let mut resets = app.store.resets().unwrap();
    assert_eq!(resets.len(), 1);
    resets.remove(0)
}

async fn proved(app: &App) -> Grant {
    let (_, mail) = app.mailed().await;
    app.verify_link(&mail).await.unwrap()
}

async fn set(reset: &PasswordReset, grant: Grant) -> Result<PasswordIsSet, SetPasswordError> {
    reset.set_password(grant, NewPassword::confirmed(NEW, NEW)).await
}

/// The hash that the first try of a test makes.
fn first_hash() -> PasswordHash {
    cheap_hash(NEW, 1000)
}

fn put(app: &App, hash: PasswordHash) {
    assert!(app.accounts.update(&id(), |account| account.with_hash(hash)));
}

/// Another try to set a password, on another node, that saw the account before it was written.
fn another_try(app: &App) {
    let now = app.clock_now();
    let event = Event::Apply { hash: Digest::from_bytes([9; 32]), check_at: now + Duration::from_secs(30) };
    let step = Step::new(&only(app), &event, now, Vec::new()).unwrap();
    assert_eq!(at_once(app.store.advance(&step)).unwrap(), Advanced::Moved);
}

/// Sets the password on another node, with a fault at a call that must be the named one.
async fn set_with(
    app: &Arc<App>,
    grant: Grant,
    (call, name): (usize, &str),
    fault: Fault,
) -> Result<PasswordIsSet, SetPasswordError> {
    let faults = Faults::at(call, fault);
    let outcome = set(&faulty(app, &faults).0, grant).await;
    assert_eq!(faults.calls().get(call - 1), Some(&name), "{:?}", faults.calls());
    outcome
}

/// Leaves a reset whose password is about to be written, by a node that was killed before it could write.
async fn applying(app: &App) -> String {
    let token = proved(app).await.into_token().expose().to_string();
    let grant = app.reset.verify(Proof::Grant(GrantToken::parse(&token).unwrap())).await.unwrap();
    let faults = Faults::at(3, Fault::StopAfter);
    let (killed, _worker) = faulty(app, &faults);
    tokio::select! {
        biased;
        () = faults.until_struck() => {}
        outcome = set(&killed, grant) => panic!("{outcome:?}"),
    }
    assert_eq!((faults.calls().last(), only(app).state()), (Some(&"store.advance"), State::Applying));
    token
}

#[tokio::test]
async fn a_password_that_was_set_elsewhere_in_the_last_moment_stays() {
    let app = Arc::new(App::new());
    let grant = proved(&app).await;
    let elsewhere = meanwhile(&app, |app| put(app, cheap_hash(OTHER, 9)));
    let outcome = set_with(&app, grant, (4, "accounts.set_password"), elsewhere).await;
    assert!(matches!(outcome, Err(SetPasswordError::Refused)), "{outcome:?}");
    assert!(app.signs_in_with(OTHER));
    assert_eq!(only(&app).state(), State::Closed(CloseReason::AccountChanged));
}

#[tokio::test]
async fn the_same_password_from_elsewhere_is_not_the_same_try() {
    for app in App::both() {
        let token = proved(&app).await.into_token().expose();
        let grant = async || app.reset.verify(Proof::Grant(GrantToken::parse(&token).unwrap())).await.unwrap();
        app.set(grant().await, NEW).await.unwrap();
        put(&app, cheap_hash(NEW, 9));
        let outcome = app.set(grant().await, NEW).await;
        assert!(matches!(outcome, Err(SetPasswordError::Refused)), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_try_whose_reset_was_closed_before_it_could_finish_is_refused() {
    let app = Arc::new(App::new());
    let grant = proved(&app).await;
    // The password was written; then another one elsewhere, and a worker looked before this try could say so.
    let closed = meanwhile(&app, |app| {
        put(app, cheap_hash(OTHER, 9));
        app.later(1);
        at_once(app.worker.run_once()).unwrap();
        assert_eq!(only(app).state(), State::Closed(CloseReason::AccountChanged));
    });
    let outcome = set_with(&app, grant, (5, "store.advance"), closed).await;
    assert!(matches!(outcome, Err(SetPasswordError::Refused)), "{outcome:?}");
    assert!(app.signs_in_with(OTHER));
}

#[tokio::test]
async fn a_try_that_others_finish_or_overtake_is_the_first_all_the_same() {
    type Meanwhile = fn(&App);
    let finished: Meanwhile = |app| {
        app.later(1);
        at_once(app.worker.run_once()).unwrap();
        assert_eq!(only(app).state(), State::PasswordSet);
    };
    for happens in [finished, another_try] {
        let app = Arc::new(App::new());
        let grant = proved(&app).await;
        let set = set_with(&app, grant, (5, "store.advance"), meanwhile(&app, happens)).await.unwrap();
        assert!(!set.repeated);
        assert_eq!(only(&app).state(), State::PasswordSet);
        assert_eq!(only(&app).set_at(), Some(set.at));
        assert_eq!(app.events().iter().filter(|event| **event == AuditEvent::PasswordSet).count(), 1);
    }
}

#[tokio::test]
async fn a_conflict_costs_no_second_hash() {
    let app = Arc::new(App::new());
    let (_, mail) = app.mailed().await;
    let grant = app.verify_link(&mail).await.unwrap();
    let opened_again = meanwhile(&app, move |app| drop(at_once(app.verify_link(&mail)).unwrap()));
    let set = set_with(&app, grant, (3, "store.advance"), opened_again).await.unwrap();
    assert!(!set.repeated && app.signs_in_with(NEW));
    assert_eq!(app.hashed.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_stored_hash_that_nobody_can_read_keeps_its_owner_not_out() {
    let policy = || PasswordPolicy::four_classes().with(Rule::NotEarlier(2));
    let app = App::with(MemoryStore::new(), |builder| builder.policy(policy()));
    let earlier = "Kertas-Biru-71!";
    assert!(app.accounts.update(&id(), |account| {
        let account = account.with_hash(PasswordHash::new("garbled"));
        account.with_earlier_hash(PasswordHash::new("garbled too")).with_earlier_hash(cheap_hash(earlier, 3))
    }));
    let error = app.set(proved(&app).await, earlier).await.unwrap_err();
    let SetPasswordError::Rejected { violations, grant } = error else { panic!("{error:?}") };
    assert_eq!(violations.codes(), ["used_before"], "the readable ones count as ever");
    app.set(grant, "Payung-Hitam-72!").await.unwrap();
    assert!(app.signs_in_with("Payung-Hitam-72!"));
}

#[tokio::test]
async fn a_reset_that_is_cancelled_in_the_last_moment_yields_no_grant() {
    let app = Arc::new(App::new());
    let (_, mail) = app.mailed().await;
    let token = link(&mail);
    let cancelled = meanwhile(&app, move |app| at_once(app.reset.cancel(&cancel(&mail))).unwrap());
    let faults = Faults::at(3, cancelled);
    let outcome = faulty(&app, &faults).0.verify(Proof::Link(token)).await;
    assert_eq!(faults.calls()[2], "store.advance");
    assert!(matches!(outcome, Err(VerifyError::Refused)), "{outcome:?}");
    assert_eq!(only(&app).state(), State::Closed(CloseReason::Cancelled));
}

#[tokio::test]
async fn a_link_that_is_opened_twice_at_once_opens_twice() {
    let app = Arc::new(App::new());
    let (_, mail) = app.mailed().await;
    let token = link(&mail);
    let opened = meanwhile(&app, move |app| drop(at_once(app.verify_link(&mail)).unwrap()));
    let grant = faulty(&app, &Faults::at(3, opened)).0.verify(Proof::Link(token)).await.unwrap();
    app.set(grant, NEW).await.unwrap();
}

#[tokio::test]
async fn a_worker_closes_what_was_about_to_be_written_once_the_account_changed() {
    let app = App::new();
    let token = applying(&app).await;
    put(&app, cheap_hash(OTHER, 9));
    app.clock.advance(Duration::from_secs(30));
    app.worker.run_once().await.unwrap();
    assert_eq!(only(&app).state(), State::Closed(CloseReason::AccountChanged));
    assert!(app.reset.verify(Proof::Grant(GrantToken::parse(&token).unwrap())).await.is_err());
}

#[tokio::test]
async fn a_password_that_is_written_after_the_reset_expired_is_found() {
    let app = App::new();
    applying(&app).await;
    let expires = only(&app).expires_at();
    // The last look is just before ten minutes are over, and for those before it the old password is in force.
    for seconds in [-1, 0, 300] {
        app.clock.set(expires + chrono::TimeDelta::seconds(seconds));
        app.worker.run_once().await.unwrap();
        assert_eq!((only(&app).state(), only(&app).owes()), (State::Applying, Owes::FINISH), "{seconds}");
    }
    app.clock.set(expires + Duration::from_millis(599_999));
    app.worker.run_once().await.unwrap();
    assert_eq!(only(&app).owes(), Owes::FINISH);
    put(&app, first_hash());
    app.clock.set(expires + Duration::from_secs(900));
    app.worker.run_once().await.unwrap();
    assert_eq!(only(&app).state(), State::PasswordSet);
    assert_eq!(app.mail.last().unwrap().kind(), "password_changed");
}

#[tokio::test]
async fn a_password_that_was_never_written_is_not_looked_for_for_ever() {
    let app = App::new();
    applying(&app).await;
    app.clock.set(only(&app).expires_at() + Duration::from_secs(600));
    app.worker.run_once().await.unwrap();
    assert_eq!((only(&app).state(), only(&app).owes()), (State::Applying, Owes::NOTHING));
    assert!(app.signs_in_with(OLD));
}

#[tokio::test]
async fn a_look_that_another_try_overtakes_is_taken_again() {
    for (written, ends) in
        [(first_hash(), State::PasswordSet), (cheap_hash(OTHER, 9), State::Closed(CloseReason::AccountChanged))]
    {
        let app = Arc::new(App::new());
        applying(&app).await;
        put(&app, written);
        app.later(1);
        let faults = Faults::at(3, meanwhile(&app, another_try));
        faulty(&app, &faults).1.run_once().await.unwrap();
        assert_eq!(faults.calls()[..3], ["store.due", "accounts.load", "store.advance"]);
        assert_eq!((only(&app).state(), only(&app).owes()), (State::Applying, Owes::FINISH));
        app.later(10);
        app.worker.run_once().await.unwrap();
        assert_eq!(only(&app).state(), ends);
    }
}

/// Runs a worker until the fault strikes, as a process that is killed there.
async fn killed(worker: &Worker, faults: &Faults, name: &str) {
    tokio::select! {
        biased;
        () = faults.until_struck() => {}
        paid = worker.run_once() => panic!("{paid:?}"),
    }
    assert_eq!(faults.calls().last(), Some(&name));
}

#[tokio::test]
async fn the_last_token_is_not_lost_with_the_worker_that_took_it() {
    let app = App::new();
    app.mailed().await;
    app.mailed().await;
    let third = app.ask().await.handle;
    let faults = Faults::at(3, Fault::StopAfter);
    killed(&faulty(&app, &faults).1, &faults, "store.take_token").await;
    app.clock.advance(Duration::from_secs(179));
    app.worker.run_once().await.unwrap();
    assert_eq!(app.mail.delivered().len(), 2, "the lease still runs");
    app.clock.advance(Duration::from_secs(1));
    app.worker.run_once().await.unwrap();
    assert_eq!(app.mail.delivered().len(), 3);
    let mail = app.mail.last().unwrap();
    let next_token = start() + Duration::from_secs(205 * 60);
    app.clock.set(next_token - Duration::from_millis(1));
    assert!(app.verify_link(&mail).await.is_ok(), "lives until the next message can be sent");
    app.clock.set(next_token);
    assert!(app.verify_link(&mail).await.is_err(), "and no longer");
    assert_eq!(app.reset.status(&third).await.unwrap().unwrap().stage, Stage::Expired);
    app.mailed().await;
}

#[tokio::test]
async fn a_lease_that_failed_before_a_token_was_asked_for_gives_no_message_beyond_the_tokens() {
    let app = App::new();
    for _ in 0..3 {
        app.mailed().await;
    }
    app.ask().await;
    let faults = Faults::at(2, Fault::FailBefore);
    faulty(&app, &faults).1.run_once().await.unwrap();
    assert_eq!(faults.calls()[1], "accounts.find");
    app.later(1);
    app.worker.run_once().await.unwrap();
    assert_eq!(app.mail.delivered().len(), 3);
    assert_eq!(app.details(AuditEvent::Held), ["capped"]);
    let history = app.reset.history(&id(), 100).await.unwrap();
    assert_eq!(history[0].event, AuditEvent::Held, "whoever owns the account may want to know why no message came");
}

#[tokio::test]
async fn no_link_lives_longer_than_a_day() {
    let day = Duration::from_secs(24 * 60 * 60);
    let app = App::with(MemoryStore::new(), |builder| {
        let limits = limits(|limits| (limits.message_burst, limits.message_refill) = (1, day));
        builder.limits(limits).lifetimes(lifetimes(|lifetimes| lifetimes.link = day))
    });
    let (_, mail) = app.mailed().await;
    assert_eq!(only(&app).binding().unwrap().link_until(), start() + day);
    app.clock.set(start() + day - Duration::from_millis(1));
    assert!(app.verify_link(&mail).await.is_ok());
    app.clock.set(start() + day);
    assert!(app.verify_link(&mail).await.is_err());
}

#[tokio::test]
async fn accounts_that_share_a_mailbox_share_no_tokens() {
    let app = App::new();
    app.accounts.add_named("budi", Account::new("8", Standing::Active).with_contact(Contact::email(EMAIL)));
    for (name, messages) in [("ani", 3), ("budi", 6)] {
        for _ in 0..4 {
            app.ask_for(Identifier::username(name).unwrap()).await;
            app.worker.run_once().await.unwrap();
        }
        assert_eq!(app.mail.delivered().len(), messages, "{name}");
    }
}

#[tokio::test]
async fn a_new_address_has_tokens_of_its_own() {
    let app = App::new();
    let ask = async || {
        for _ in 0..4 {
            app.ask_for(Identifier::username("ani").unwrap()).await;
            app.worker.run_once().await.unwrap();
        }
        app.mail.delivered().len()
    };
    assert_eq!(ask().await, 3);
    let moved = Account::new("7", Standing::Active).with_contact(Contact::email("moved@toko.example"));
    assert!(app.accounts.update(&id(), |_| moved));
    assert_eq!(ask().await, 6);
}

#[test]
fn two_accounts_with_one_hash_have_two_session_stamps() {
    let app = App::new();
    let stamp = |account: &str| app.reset.session_stamp(&AccountId::new(account), &cheap_hash(OLD, 1));
    assert_ne!(stamp("7"), stamp("8"));
    assert_eq!(stamp("7"), app.another_node().session_stamp(&id(), &cheap_hash(OLD, 1)));
}

#[tokio::test]
async fn a_notice_is_in_the_language_of_the_account_and_a_message_in_that_of_the_form() {
    let app = App::new();
    assert!(app.accounts.update(&id(), |account| account.with_locale(Locale::Indonesian)));
    let grant = proved(&app).await;
    app.set(grant, NEW).await.unwrap();
    app.worker.run_once().await.unwrap();
    let locales: Vec<_> = app.mail.delivered().iter().map(|sent| (sent.kind(), sent.locale)).collect();
    assert_eq!(locales, [("reset_link", Locale::English), ("password_changed", Locale::Indonesian)]);
}

#[tokio::test]
async fn each_contact_that_can_be_reached_is_told_once_and_the_others_are_passed_over() {
    let app = App::new();
    let twice =
        |account: Account| account.with_contact(Contact::phone("+6281200000001")).with_contact(Contact::email(EMAIL));
    assert!(app.accounts.update(&id(), twice));
    let grant = proved(&app).await;
    app.set(grant, NEW).await.unwrap();
    app.worker.run_once().await.unwrap();
    let told = app.mail.tried().iter().filter(|sent| sent.kind() == "password_changed").count();
    assert_eq!((told, only(&app).owes()), (1, Owes::NOTHING));
    assert!(!app.events().contains(&AuditEvent::NoticeFailed), "nothing failed");
}

#[tokio::test]
async fn nobody_hears_that_a_password_which_is_set_was_cancelled() {
    for app in App::both() {
        let (_, mail) = app.mailed().await;
        let grant = app.verify_link(&mail).await.unwrap();
        app.set(grant, NEW).await.unwrap();
        let late = app.reset.cancel(&cancel(&mail)).await;
        assert!(matches!(late, Err(CancelError::Refused)), "{late:?}");
        assert_eq!(only(&app).state(), State::PasswordSet);
    }
}

#[tokio::test]
async fn what_was_proved_is_not_shown_once_it_expired() {
    let app = App::new();
    let (handle, mail) = app.mailed().await;
    drop(app.verify_code(&handle, mail.code().unwrap()).await.unwrap());
    let stage = async || app.reset.status(&handle).await.unwrap().unwrap().stage;
    assert_eq!(stage().await, Stage::Proved);
    app.clock.set(only(&app).expires_at());
    assert_eq!(stage().await, Stage::Expired);
}

/// Lets every other task go on as far as it can without the clock.
async fn settle() {
    for _ in 0..1_000 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_running_worker_is_woken_by_a_new_password() {
    let App { reset, worker, mail, .. } = App::new();
    let running = tokio::spawn(worker.run());
    reset.request(ResetRequest::email_link(email(EMAIL), source())).await.unwrap();
    let sent = mail.until_delivered(1).await.remove(0);
    settle().await;
    let grant = reset.verify(Proof::Link(link(&sent))).await.unwrap();
    set(&reset, grant).await.unwrap();
    settle().await;
    assert_eq!(mail.last().unwrap().kind(), "password_changed");
    running.abort();
}

#[tokio::test]
async fn a_tick_finds_what_another_node_opened() {
    let app = App::new();
    let node = app.another_node();
    let App { worker, mail, clock, .. } = app;
    let running = tokio::spawn(worker.run());
    settle().await;
    node.request(ResetRequest::email_link(email(EMAIL), source())).await.unwrap();
    clock.advance(Duration::from_millis(499));
    settle().await;
    assert!(mail.last().is_none(), "nobody woke it");
    clock.advance(Duration::from_millis(1));
    settle().await;
    assert_eq!(mail.delivered().len(), 1);
    running.abort();
}

#[tokio::test]
async fn a_running_worker_deletes_what_is_old_every_ten_minutes() {
    let app = App::new();
    app.mailed().await;
    let expires = only(&app).expires_at();
    let App { worker, clock, store, .. } = app;
    clock.set(expires + Duration::from_secs(24 * 60 * 60));
    let running = tokio::spawn(worker.run());
    settle().await;
    assert_eq!(store.resets().unwrap().len(), 1, "not yet a day old");
    for (seconds, kept) in [(599, 1), (1, 0)] {
        clock.advance(Duration::from_secs(seconds));
        settle().await;
        assert_eq!(store.resets().unwrap().len(), kept);
    }
    running.abort();
}

#[tokio::test]
async fn a_worker_waits_longer_after_every_failure_and_begins_anew_after_a_success() {
    let app = App::with(MemoryStore::new(), |builder| {
        builder.lifetimes(lifetimes(|lifetimes| lifetimes.link = Duration::from_secs(24 * 60 * 60)))
    });
    (0..9).for_each(|_| app.mail.later(None));
    app.ask().await;
    let mut waits = Vec::new();
    for failures in 1..=9 {
        app.worker.run_once().await.unwrap();
        assert_eq!(only(&app).attempts(), failures);
        let due_at = only(&app).stored().due_at.unwrap();
        waits.push((due_at - app.clock_now()).num_seconds());
        app.clock.set(due_at);
    }
    assert_eq!(waits, [5, 10, 20, 40, 80, 160, 300, 300, 300]);
    app.worker.run_once().await.unwrap();
    assert_eq!((app.mail.delivered().len(), only(&app).attempts()), (1, 0));
    let grant = app.verify_link(&app.mail.last().unwrap()).await.unwrap();
    app.set(grant, NEW).await.unwrap();
    app.mail.later(None);
    app.worker.run_once().await.unwrap();
    let wait = only(&app).stored().due_at.unwrap() - app.clock_now();
    assert_eq!((wait.num_seconds(), only(&app).attempts()), (5, 1));
}
