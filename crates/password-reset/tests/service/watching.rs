//! Waiting for a reset to move on.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use password_reset::{Limits, Proof, ResetRequest, Stage, Watch};
use password_reset_testkit::{Fault, Faults, FaultyStore, Hook, MemoryStore};

use crate::deadlines::in_three_seconds;
use crate::faults::faulty_with;
use crate::support::{App, email, keys, site, source};

async fn watch(app: &App, asked: &password_reset::Requested) -> Watch {
    let requester_token = password_reset::secret::RequesterToken::parse(asked.requester_token.expose()).unwrap();
    app.reset.watch(requester_token).await.unwrap().unwrap()
}

#[tokio::test]
async fn what_happens_on_this_node_wakes_at_once() {
    let app = App::new();
    let (requester_token, mail) = app.mailed().await;
    let mut watch = app
        .reset
        .watch(password_reset::secret::RequesterToken::parse(requester_token.expose()).unwrap())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(watch.seen(), Stage::Waiting);
    assert!(watch.changed().now_or_never().is_none());
    let (status, proved) = tokio::join!(watch.changed(), app.verify_code(&requester_token, mail.code().unwrap()));
    assert_eq!(status.unwrap().stage, Stage::Proved);
    drop(proved);
}

#[tokio::test]
async fn what_happens_on_another_node_is_seen_by_a_poll() {
    let app = App::new();
    let (requester_token, mail) = app.mailed().await;
    let mut watch = app
        .reset
        .watch(password_reset::secret::RequesterToken::parse(requester_token.expose()).unwrap())
        .await
        .unwrap()
        .unwrap();
    assert!(watch.changed().now_or_never().is_none());
    let proof =
        Proof::Code { requester_token, code: password_reset::secret::Code::parse(mail.code().unwrap()).unwrap() };
    drop(app.another_node().verify(proof).await.unwrap());
    assert!(watch.changed().now_or_never().is_none_or(|status| status.unwrap().stage == Stage::Proved));
    let advancing = async {
        for _ in 0..4 {
            app.clock.advance(Duration::from_secs(1));
            tokio::task::yield_now().await;
        }
        std::future::pending::<()>().await;
    };
    if watch.seen() == Stage::Waiting {
        let status = tokio::select! {
            status = watch.changed() => status.unwrap(),
            () = advancing => unreachable!("it waits for ever"),
        };
        assert_eq!(status.stage, Stage::Proved);
    }
}

#[tokio::test]
async fn expiry_is_a_change_too() {
    let app = App::new();
    let asked = app.ask().await;
    let mut watch = watch(&app, &asked).await;
    assert!(watch.changed().now_or_never().is_none());
    app.later(30);
    assert_eq!(watch.changed().await.unwrap().stage, Stage::Expired);
}

#[tokio::test]
async fn a_token_of_no_reset_is_not_waited_for() {
    let app = App::new();
    let asked = app.ask().await;
    let forged = format!("{}{}", &asked.requester_token.expose()[..22], "A".repeat(42));
    let forged = password_reset::secret::RequesterToken::parse(&forged).unwrap();
    assert!(app.reset.watch(forged).await.unwrap().is_none());
}

/// A store is asked about five hundred resets at a time, so that how often it is asked tells how many are waited for.
#[tokio::test]
async fn a_browser_that_left_is_waited_for_no_more() {
    let app = App::new();
    let faults = Faults::none();
    let limits = Limits::default().requests_per_source(1_000).requests_per_minute(60_000);
    let (reset, _worker) = faulty_with(&app, &faults, |builder| builder.limits(limits));
    let mut watches = Vec::new();
    for nth in 0..501 {
        let typed = email(&format!("user{nth}@toko.example"));
        let asked = reset.request(ResetRequest::email_link(typed, source())).await.unwrap();
        watches.push(reset.watch(asked.requester_token).await.unwrap().unwrap());
    }
    let looks = async |watch: &mut Watch| {
        let before = faults.calls().len();
        let mut changed = std::pin::pin!(watch.changed());
        while faults.calls().split_off(before).iter().all(|call| *call != "store.versions") {
            assert!(changed.as_mut().now_or_never().is_none());
            app.clock.advance(Duration::from_secs(1));
        }
        assert!(changed.as_mut().now_or_never().is_none());
        faults.calls().split_off(before).iter().filter(|call| **call == "store.versions").count()
    };
    let mut last = watches.pop().unwrap();
    assert_eq!(looks(&mut last).await, 2);
    drop(watches);
    assert_eq!(looks(&mut last).await, 1);
}

/// The poll runs in the stream of the application that waits.
#[tokio::test]
async fn a_poll_that_panics_or_does_not_answer_is_an_error_and_the_wait_goes_on() {
    let panics: Hook = Arc::new(|| panic!("a port that panics, on purpose"));
    for (fault, answers) in [(Fault::RunBefore(panics), true), (Fault::StopBefore, false)] {
        let app = App::new();
        let (requester_token, mail) = app.mailed().await;
        let faults = Faults::at_nth("store.versions", 1, fault);
        let store = FaultyStore::new(Arc::<MemoryStore>::clone(&app.store), &faults);
        let builder = app.service_on(app.accounts.clone(), store, keys(), site());
        let (reset, _worker) = builder.notifier(app.mail.clone()).build().unwrap();
        let mut watch = reset.watch(requester_token).await.unwrap().unwrap();
        let failed = {
            let mut changed = std::pin::pin!(watch.changed());
            assert!(changed.as_mut().now_or_never().is_none());
            app.clock.advance(Duration::from_secs(2));
            match answers {
                true => changed.await.unwrap_err(),
                false => in_three_seconds(&app, changed).await.unwrap_err(),
            }
        };
        assert!(failed.is_transient());
        assert_eq!(faults.calls().last(), Some(&"store.versions"));
        drop(app.verify_link(&mail).await.unwrap());
        app.later(30);
        assert_eq!(watch.changed().await.unwrap().stage, Stage::Expired);
    }
}
