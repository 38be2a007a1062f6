//! A store that does not answer: every verb says so in time, and nothing is lost by it.

use std::sync::Arc;
use std::time::Duration;

use password_reset::inbound::{Assurance, DeliveryReport, InboundMessage, Sender};
use password_reset::{
    CancelError, Inbound, NewPassword, PasswordReset, PortError, Proof, RequestError, ResetRequest, SetPasswordError,
    VerifyError,
};
use password_reset_testkit::{Fault, Faults, FaultyAccounts, FaultyStore};

use crate::support::{App, EMAIL, NEW, OLD, cancel, current, email, id, keys, link, site, source};

/// The same application, on ports with these faults.
fn hanging(app: &App, faults: &Faults) -> PasswordReset {
    let accounts = FaultyAccounts::new(Arc::new(app.accounts.clone()), faults);
    let store = FaultyStore::new(Arc::clone(&app.store), faults);
    let builder = app.service_on(accounts, store, keys(), site()).notifier(app.mail.clone());
    builder.inbound(Inbound::page_advances("+6281100000000").unwrap()).build().unwrap().0
}

/// Returns when a call waits for three seconds and no longer. Where nothing bounds it, the test ends all the same.
async fn until_it_waits(app: &App) {
    let waits = app.clock.until_asleep(Duration::from_secs(3));
    tokio::time::timeout(Duration::from_secs(20), waits).await.expect("the call has a deadline");
}

/// The answer of a call that hangs, which comes after three seconds and not before.
pub(crate) async fn in_three_seconds<T>(app: &App, call: impl Future<Output = T>) -> T {
    let mut call = std::pin::pin!(call);
    tokio::select! {
        _ = &mut call => panic!("it answered at once"),
        () = until_it_waits(app) => {}
    }
    app.clock.advance(Duration::from_millis(2_999));
    for _ in 0..10 {
        tokio::select! { biased; _ = &mut call => panic!("too early"), () = tokio::task::yield_now() => {} }
    }
    app.clock.advance(Duration::from_millis(1));
    call.await
}

fn passes(error: &PortError) -> bool {
    error.is_transient()
}

#[tokio::test]
async fn every_verb_answers_in_time_when_the_store_does_not() {
    let app = App::new();
    let (token, mail) = app.mailed().await;
    let faults = Faults::from_call(1, Fault::StopBefore);
    let reset = hanging(&app, &faults);
    let id = id();
    let failed = in_three_seconds(&app, reset.request(ResetRequest::email_link(email(EMAIL), source()))).await;
    assert!(matches!(failed, Err(RequestError::Unavailable(error)) if passes(&error)));
    assert!(passes(&in_three_seconds(&app, reset.status(&token)).await.unwrap_err()));
    let failed = in_three_seconds(&app, reset.verify(Proof::Link(link(&mail)))).await;
    assert!(matches!(failed, Err(VerifyError::Unavailable(error)) if passes(&error)));
    let failed = in_three_seconds(&app, reset.verify(current(OLD))).await;
    assert!(matches!(failed, Err(VerifyError::Unavailable(error)) if passes(&error)));
    let failed = in_three_seconds(&app, reset.cancel(&cancel(&mail))).await;
    assert!(matches!(failed, Err(CancelError::Unavailable(error)) if passes(&error)));
    let reported = app.store.resets().unwrap()[0].id();
    let report = DeliveryReport::Delivered;
    assert!(passes(&in_three_seconds(&app, reset.reports().delivery(reported, report)).await.unwrap_err()));
    let sender = Sender::phone("+6281200000001").unwrap();
    let message = InboundMessage::new(Assurance::Signed, sender, app.clock_now(), "kodeAB23CD");
    assert!(passes(&in_three_seconds(&app, reset.receive(message)).await.unwrap_err()));
    assert!(passes(&in_three_seconds(&app, reset.admin().history(&id, 10)).await.unwrap_err()));
    assert!(passes(&in_three_seconds(&app, reset.admin().deliveries(&id)).await.unwrap_err()));
    assert!(passes(&in_three_seconds(&app, reset.login().signed_in(&id)).await.unwrap_err()));
    assert!(passes(&in_three_seconds(&app, reset.contacts().changed(&id, &[])).await.unwrap_err()));
    // Nothing of all that is missing afterwards.
    let grant = app.verify_link(&mail).await.unwrap();
    app.set(grant, NEW).await.unwrap();
}

/// Whatever call hangs, before it took effect or after, the grant comes back, and the same attempt again says what happened.
#[tokio::test]
async fn a_password_whose_outcome_is_unknown_is_said_by_the_same_attempt() {
    for fault in [Fault::StopBefore, Fault::StopAfter] {
        let mut hung = 0;
        for call in 1..=8 {
            for app in App::both() {
                let grant = app.proved().await;
                let faults = Faults::at(call, fault.clone());
                let reset = hanging(&app, &faults);
                let mut set = std::pin::pin!(reset.set_password(grant, NewPassword::confirmed(NEW, NEW)));
                tokio::select! {
                    ended = &mut set => {
                        assert!(ended.is_ok() && !faults.struck(), "{ended:?}");
                        continue;
                    }
                    () = faults.until_struck() => {}
                }
                hung += 1;
                until_it_waits(&app).await;
                app.clock.advance(Duration::from_secs(3));
                let failed = set.await;
                let Err(SetPasswordError::Unavailable { error, grant }) = failed else { panic!("{failed:?}") };
                assert!(passes(&error));
                reset.set_password(grant, NewPassword::confirmed(NEW, NEW)).await.unwrap();
                assert!(app.signs_in_with(NEW));
            }
        }
        assert!(hung >= 5, "{fault:?}: {hung}");
    }
}
