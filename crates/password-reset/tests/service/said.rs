//! What a developer and an operator read in the log where a page must say nothing.

use password_reset::policy::Rule;
use password_reset::{
    Account, AccountStatus, Contact, Password, PasswordHash, PasswordPolicy, ResetRequest, VerifyError,
};
use password_reset_testkit::MemoryStore;

use crate::refusals::{lines, listening};
use crate::support::{App, EMAIL, NEW, OLD, email, id, source};

/// The fourth email within an hour does not come, as many a developer finds out.
#[tokio::test]
async fn a_message_that_is_suppressed_is_a_line_with_its_reason() {
    let (log, _guard) = listening();
    let said = |why: &str| {
        let is_of = |line: &&String| line.contains("message suppressed") && line.contains(&format!("why=\"{why}\""));
        lines(&log).iter().filter(is_of).filter(|line| line.contains("DEBUG") && line.contains("reset=")).count()
    };
    let app = App::new();
    let ask = async |address: &str| {
        app.mailed_for(email(address)).await;
    };
    for _ in 0..3 {
        ask(EMAIL).await;
    }
    assert_eq!((app.mail.delivered().len(), said("capped")), (3, 0));
    ask(EMAIL).await;
    assert_eq!((app.mail.delivered().len(), said("capped")), (3, 1));
    ask("other@toko.example").await;
    assert_eq!(said("unknown"), 1);
    app.accounts.add(Account::new("8", AccountStatus::Disabled).with_contact(Contact::email("budi@toko.example")));
    ask("budi@toko.example").await;
    assert_eq!(said("disabled"), 1);
    assert!(!lines(&log).iter().any(|line| line.contains("toko.example")), "no line holds an address");
}

#[tokio::test]
async fn a_request_that_no_worker_waits_for_is_a_warning_once() {
    let (log, _guard) = listening();
    let said = || {
        let is_of = |line: &&String| line.contains("WARN") && line.contains("spawn `worker.run()`");
        lines(&log).iter().filter(is_of).count()
    };
    let app = App::new();
    let (reset, worker) = app.rebuilt(|builder| builder);
    let ask = async || {
        reset.request(ResetRequest::email_link(email(EMAIL), source())).await.unwrap();
    };
    let running = tokio::spawn(worker.run());
    tokio::task::yield_now().await;
    ask().await;
    assert_eq!(said(), 0, "a worker runs");
    running.abort();
    assert!(running.await.unwrap_err().is_cancelled());
    for _ in 0..3 {
        ask().await;
    }
    assert_eq!(said(), 1);
}

#[tokio::test]
async fn what_the_hash_pool_logs_stands_in_the_call_and_its_reset() {
    let (log, _guard) = listening();
    let policy = PasswordPolicy::nist_800_63b().with(Rule::NotCurrent);
    let app = App::with(MemoryStore::new(), |builder| builder.policy(policy));
    assert!(app.accounts.update(&id(), |was| was.with_hash(PasswordHash::new("in no known format"))));
    app.reset_to(NEW).await;
    let said: Vec<String> = lines(&log).into_iter().filter(|line| line.contains("reuse not checked")).collect();
    assert!(said.len() == 1 && said[0].contains("call{name=\"set_password\" reset="), "{said:?}");
}

#[tokio::test]
async fn a_stored_hash_that_cannot_be_read_is_an_error_in_the_log_and_a_refusal() {
    let (log, _guard) = listening();
    let app = App::new();
    let account = Account::new("7", AccountStatus::Active).with_contact(Contact::email(EMAIL));
    app.accounts.add_named("ani", account.with_hash(PasswordHash::new("md5 of long ago")));
    let tried = app.reset.login().check_current_password(&id(), Password::new(OLD), source()).await;
    assert!(matches!(tried, Err(VerifyError::Refused)), "{tried:?}");
    let lines = lines(&log);
    let said = |line: &&String| line.contains("ERROR") && line.contains("the stored hash cannot be read");
    assert_eq!(lines.iter().filter(said).count(), 1, "{lines:?}");
    assert!(!lines.iter().any(|line| line.contains("long ago")), "{lines:?}");
}
