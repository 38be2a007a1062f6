//! What the log says of a reset, and what it never says.

use password_reset::secret::RequesterToken;
use password_reset::{NewPassword, ResetRequest};
use password_reset_testkit::Log;
use tracing::Level;

use crate::refusals::{lines, listening};
use crate::support::{App, EMAIL, NEW, OLD, OTHER, cancel, email, source, wrong};

#[tokio::test]
async fn the_life_of_a_reset_is_told_in_at_most_five_lines_at_info() {
    for app in App::both() {
        let (log, _guard) = Log::of_this_thread(Level::INFO);
        app.reset_to(NEW).await;
        app.worker.run_once().await.unwrap();
        let lines: Vec<String> = lines(&log).into_iter().filter(|line| line.contains(" INFO ")).collect();
        let said = ["reset requested", "message sent", "proof accepted", "password set"];
        assert_eq!(lines.len(), said.len(), "{lines:#?}");
        let id = app.store.resets().unwrap()[0].id().to_string();
        for (line, said) in lines.iter().zip(said) {
            assert!(line.contains(said), "{said}: {line}");
            assert!(line.contains(&format!("reset={id}")) && line.contains("email_link"), "{line}");
        }
        assert!(lines[0].contains("call{name=\"request\""), "{}", lines[0]);
        assert!(lines[2].contains(&format!("call{{name=\"verify\" reset={id}}}")), "{}", lines[2]);
        assert!(lines[3].contains(&format!("call{{name=\"set_password\" reset={id}}}")), "{}", lines[3]);
    }
}

#[tokio::test]
async fn a_task_has_a_span_with_the_id_of_its_reset() {
    let (log, _guard) = listening();
    let app = App::new();
    app.mail.later(None);
    app.mailed_now().await;
    let id = app.store.resets().unwrap()[0].id();
    let delayed: Vec<String> = lines(&log).into_iter().filter(|line| line.contains("will retry")).collect();
    assert_eq!(delayed.len(), 1);
    assert!(delayed[0].contains(" WARN ") && delayed[0].contains(&format!("task{{name=\"send\" reset={id}}}")));
}

/// Strangers decide how many requests there are, but not how many lines.
#[tokio::test]
async fn a_flood_of_requests_does_not_fill_the_log() {
    let (log, _guard) = Log::of_this_thread(Level::INFO);
    let app = App::new();
    for at in 0..250 {
        app.ask_for(email(&format!("somebody{at}@toko.example"))).await;
    }
    assert_eq!(lines(&log).iter().filter(|line| line.contains("reset requested")).count(), 60);
}

#[tokio::test]
async fn no_line_has_an_address_or_a_secret_however_it_goes() {
    let (log, _guard) = Log::of_this_thread(Level::TRACE);
    let app = App::new();
    app.mail.later(None);
    app.mail.no_such_contact("550 5.1.1");
    app.mail.never("552 5.2.2");
    for _ in 0..2 {
        app.mailed_now().await;
        app.later(1);
        app.worker.run_once().await.unwrap();
    }
    assert_eq!(app.mail.tried().len(), 3);
    app.later(3 * 205);
    let (requester_token, mail) = app.mailed().await;
    let watched = RequesterToken::parse(requester_token.expose()).unwrap();
    drop(app.reset.watch(watched).await.unwrap());
    assert!(app.verify_code(&requester_token, &wrong(mail.code().unwrap())).await.is_err());
    let grant = app.verify_code(&requester_token, mail.code().unwrap()).await.unwrap();
    let refused = app.reset.set_password(grant, NewPassword::confirmed(OTHER, NEW)).await.unwrap_err();
    app.set(refused.into_grant().unwrap(), NEW).await.unwrap();
    app.worker.run_once().await.unwrap();
    app.later(205);
    let (_, closed) = app.mailed().await;
    app.reset.cancel(&cancel(&closed)).await.unwrap();
    app.reset.request(ResetRequest::email_link(email("nobody@toko.example"), source())).await.unwrap();
    app.worker.run_once().await.unwrap();
    let text = log.text();
    assert!(text.contains("password set") && text.contains("reset closed"), "{text}");
    let token = requester_token.expose();
    let mut never = vec![EMAIL, "ani", "nobody", "toko.example", OLD, NEW, OTHER, "plain$", "203.0.113", &token];
    for mail in [&mail, &closed] {
        never.extend([mail.code(), mail.link_secret(), mail.cancel_secret()].map(Option::unwrap));
    }
    for secret in never {
        let line = text.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret}");
    }
}
