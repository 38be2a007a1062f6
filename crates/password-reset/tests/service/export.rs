//! A person's data, shown before it is erased.

use password_reset::flow::{AuditEvent, State};

use crate::support::{App, EMAIL, NEW, id};

/// Resets that were set, are open, and have not been looked up yet; no secret of any message, no password and no hash; and after
/// erasing nothing.
#[tokio::test]
async fn an_export_has_what_erasing_takes_and_no_secret() {
    for app in App::both() {
        let account = id();
        assert!(app.reset.admin().export(&account).await.unwrap().audit.is_empty());
        app.reset_to(NEW).await;
        app.later(2);
        app.mailed_now().await;
        app.ask().await;
        let export = app.reset.admin().export(&account).await.unwrap();
        let mut states: Vec<_> = export.resets.iter().map(|reset| reset.state.code()).collect();
        states.sort_unstable();
        assert_eq!(states, [State::CodeIssued, State::PasswordSet, State::Requested].map(State::code));
        assert!(export.resets.iter().all(|reset| reset.identifier == EMAIL));
        assert_eq!(export.resets.iter().filter(|reset| reset.set_at.is_some()).count(), 1);
        for event in [AuditEvent::Requested, AuditEvent::Sent, AuditEvent::Proved, AuditEvent::PasswordSet] {
            assert!(export.audit.iter().any(|row| row.event == event), "{event:?}");
        }
        assert!(!export.counters.is_empty(), "messages are counted");
        let text = format!("{export:?}");
        for sent in app.mail.delivered() {
            let secrets = [sent.link_secret(), sent.code()];
            assert!(secrets.into_iter().flatten().all(|secret| !text.contains(secret)), "{text}");
        }
        assert!(!text.contains(NEW) && !text.contains("plain$"), "{text}");
        app.reset.admin().erase(&account).await.unwrap();
        let left = app.reset.admin().export(&account).await.unwrap();
        assert!(left.resets.is_empty() && left.audit.is_empty() && left.counters.is_empty(), "{left:?}");
    }
}
