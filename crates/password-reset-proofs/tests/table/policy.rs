//! The application's risk policy: asked about every proof, and obeyed.

use password_reset::admin::AdminRequestError;
use password_reset::flow::AuditEvent;
use password_reset::inbound::Received;
use password_reset::{ProofKind, VerifyError};

use crate::app::{ADMIN, HERE, OLD, OWNER, Setup, channel};
use crate::ways::{Way, token};

/// The proofs that are assessed on each way, in their order. A step-up completes the proof before it.
fn assessed(way: Way) -> &'static [ProofKind] {
    match way {
        Way::MailLink | Way::Administrator | Way::StepUpCode | Way::StepUpFactor => &[ProofKind::Link],
        Way::MailCode | Way::WhatsAppCode => &[ProofKind::Code],
        Way::PageAdvances => &[ProofKind::Message, ProofKind::Claim],
        Way::TypeBack => &[ProofKind::Message, ProofKind::ReplyCode],
        Way::ContinueOnPhone => &[ProofKind::Message, ProofKind::Link],
        Way::CurrentPassword => &[ProofKind::CurrentPassword],
    }
}

pub(crate) async fn asked(way: Way) {
    let app = Setup::of(way).build();
    let begun = app.begin(way).await;
    drop(app.finish(way, &begun).await.unwrap());
    let expected: Vec<_> = assessed(way).iter().map(|proof| (channel(way), *proof)).collect();
    assert_eq!(app.risk.asked(), expected);
    let admins = app.risk.admins();
    assert_eq!(admins.len(), usize::from(way == Way::Administrator));
    for asking in admins {
        assert_eq!((asking.actor.as_str(), asking.target.id().as_str()), (ADMIN, OWNER));
    }
}

/// Each proof of the way in turn is denied. The answer is that of a wrong proof; nothing is granted, and it is on record.
pub(crate) async fn denies(way: Way) {
    for denied in assessed(way) {
        let app = Setup::of(way).denying(*denied).build();
        let refused = match (way, denied) {
            (Way::StepUpCode | Way::StepUpFactor, _) => {
                app.ask(way, HERE).await.unwrap();
                app.work().await;
                let link = app.mail.last().unwrap().link_secret().unwrap().to_owned();
                assert!(app.first_proof(&link).await.is_none(), "no partial grant either");
                app.work().await;
                assert!(app.phone.delivered().is_empty(), "no code for a second proof");
                Err(VerifyError::Refused)
            }
            (_, ProofKind::Message) => {
                let asked = app.ask(way, HERE).await.unwrap();
                let received = app.send(&asked.challenge.unwrap().text(password_reset::Locale::ENGLISH)).await;
                assert!(matches!(received, Received::Ignored(_)), "{received:?}");
                app.work().await;
                assert!(app.phone.delivered().is_empty(), "no reply");
                let token = token(asked.requester_token.expose());
                app.reset.verify(password_reset::Proof::Claim(token)).await
            }
            _ => {
                let begun = app.begin(way).await;
                app.finish(way, &begun).await
            }
        };
        assert!(matches!(refused, Err(VerifyError::Refused)), "{denied:?}: {refused:?}");
        let row = app.store.trail().into_iter().find(|row| row.event == AuditEvent::ProofRefused);
        assert_eq!(row.and_then(|row| row.detail).as_deref(), Some(denied.code()));
        let verified = |reset: &password_reset::flow::Reset| reset.state() == password_reset::flow::State::Verified;
        // A claim takes what the message proved.
        assert!(*denied == ProofKind::Claim || !app.store.resets().unwrap().iter().any(verified), "nothing is proved");
        assert!(app.signs_in_with(OLD));
    }
    if way == Way::Administrator {
        let mut setup = Setup::of(way);
        setup.admits_admin = false;
        let app = setup.build();
        assert!(matches!(app.ask_as_admin(HERE).await, Err(AdminRequestError::Denied)));
        app.work().await;
        assert!(app.mail.delivered().is_empty() && app.store.resets().unwrap().is_empty());
    }
}
