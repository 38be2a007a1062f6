//! Many at once, and one wins.

use std::sync::Arc;

use password_reset::flow::{CloseReason, State};
use password_reset::secret::{GrantToken, LinkToken, RequesterToken};
use password_reset::{NewPassword, Proof, SetPasswordError};
use tokio::sync::Barrier;

use crate::support::App;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_all_secrets_of_one_account_at_once_exactly_one_sets_a_password() {
    for round in 0..5 {
        for app in App::both() {
            let app = Arc::new(app);
            // Three messages: three links, three codes, and a grant of each kind.
            let mut proofs = Vec::new();
            for _ in 0..3 {
                let (requester_token, mail) = app.mailed().await;
                let grant = app.verify_link(&mail).await.unwrap().into_token().expose().to_owned();
                proofs.push((requester_token.expose().to_owned(), mail, grant));
            }
            let barrier = Arc::new(Barrier::new(64));
            let nodes = [app.reset.clone(), app.another_node(), app.another_node()];
            let tasks: Vec<_> = (0..64)
                .map(|at| {
                    let barrier = Arc::clone(&barrier);
                    let (requester_token, mail, grant) = &proofs[at % 3];
                    let node = nodes[(at / 3) % 3].clone();
                    let proof = match at % 4 {
                        0 => Proof::Grant(GrantToken::parse(grant).unwrap()),
                        1 => Proof::Code {
                            requester_token: RequesterToken::parse(requester_token).unwrap(),
                            code: password_reset::secret::Code::parse(mail.code().unwrap()).unwrap(),
                        },
                        _ => Proof::Link(LinkToken::parse(mail.link_secret().unwrap()).unwrap()),
                    };
                    tokio::spawn(async move {
                        barrier.wait().await;
                        let grant = node.verify(proof).await.ok()?;
                        let password = format!("garden number {at} of many words");
                        let new = NewPassword::confirmed(password.clone(), password.clone());
                        match node.set_password(grant, new).await {
                            Ok(set) if !set.repeated => Some(password),
                            Ok(_) | Err(SetPasswordError::Refused) => None,
                            Err(error) => panic!("{error:?}"),
                        }
                    })
                })
                .collect();
            let mut winners = Vec::new();
            for task in tasks {
                winners.extend(task.await.unwrap());
            }
            assert_eq!(winners.len(), 1, "round {round}");
            assert!(app.signs_in_with(&winners[0]), "round {round}: who was told so has the password");
            let mut set = 0;
            for reset in app.store.resets().unwrap() {
                match reset.state() {
                    State::PasswordSet => set += 1,
                    State::Closed(CloseReason::OtherResetWon | CloseReason::AccountChanged) => {}
                    state => panic!("round {round}: {state:?}"),
                }
            }
            assert_eq!(set, 1, "round {round}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_double_click_sets_one_password_and_both_get_the_success() {
    for _ in 0..20 {
        for app in App::both() {
            let app = Arc::new(app);
            let token = app.proved().await.into_token().expose().to_owned();
            let barrier = Arc::new(Barrier::new(2));
            // Two clicks on two nodes: what decides is the store, not the queue of one process.
            let clicks: Vec<_> = [app.reset.clone(), app.another_node()]
                .map(|node| {
                    let (barrier, token) = (Arc::clone(&barrier), token.clone());
                    tokio::spawn(async move {
                        barrier.wait().await;
                        let grant = node.verify(Proof::Grant(GrantToken::parse(&token).unwrap())).await.unwrap();
                        let new = NewPassword::confirmed(crate::support::NEW, crate::support::NEW);
                        node.set_password(grant, new).await.unwrap().repeated
                    })
                })
                .into();
            let mut repeated = Vec::new();
            for click in clicks {
                repeated.push(click.await.unwrap());
            }
            repeated.sort_unstable();
            assert_eq!(repeated, [false, true]);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn parallel_guesses_are_counted_before_they_are_compared() {
    let app = Arc::new(App::new());
    let (requester_token, mail) = app.mailed().await;
    let requester_token = requester_token.expose().to_owned();
    let right = mail.code().unwrap().to_owned();
    let barrier = Arc::new(Barrier::new(200));
    let tasks: Vec<_> = (0..200)
        .map(|at| {
            let (app, barrier, requester_token) = (Arc::clone(&app), Arc::clone(&barrier), requester_token.clone());
            let guess = if at < 199 { crate::support::wrong(&right) } else { right.clone() };
            tokio::spawn(async move {
                barrier.wait().await;
                app.verify_code(&RequesterToken::parse(&requester_token).unwrap(), &guess).await.is_ok()
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let wrong = app.events().iter().filter(|event| **event == password_reset::flow::AuditEvent::WrongCode).count();
    assert!(wrong <= 5, "{wrong} guesses were compared");
    assert_eq!(app.store.resets().unwrap()[0].stored().code_attempts, 5);
}
