//! Waiting for a reset to move on.

use std::time::Duration;

use futures_util::FutureExt;
use password_reset::{Proof, Stage};

use crate::support::App;

async fn watch(app: &App, asked: &password_reset::Requested) -> password_reset::Watch {
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
    let forged: String = asked.requester_token.expose().chars().rev().collect();
    let forged = password_reset::secret::RequesterToken::parse(&forged);
    if let Ok(forged) = forged {
        assert!(app.reset.watch(forged).await.unwrap().is_none());
    }
}
