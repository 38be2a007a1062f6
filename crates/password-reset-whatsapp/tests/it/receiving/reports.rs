//! What users and providers report.

use async_trait::async_trait;
use password_reset::flow::AuditEvent;
use password_reset::ports::{AdminContext, AdminDecision, Decision, ProofContext, RiskPolicy};
use password_reset::{CallingCode, Identifier, PortError, ResetRequest, Stage};
use password_reset_testkit::Faults;
use serde_json::json;
use tokio::sync::mpsc;

use crate::app::{ANI, App, page, post, signed, source, status, with};

#[tokio::test]
async fn a_report_closes_live_resets() {
    let app = App::new(page());
    let button = json!({"from": "6281200000001", "type": "button", "timestamp": "1893456000",
                        "button": {"payload": "DID_NOT_REQUEST_CODE", "text": "I didn't request a code"}});
    let moved = json!({"from": "6281200000001", "type": "system", "timestamp": "1893456000",
                       "system": {"wa_id": "6281300000002", "type": "user_changed_number"}});
    for reporting in [button, moved] {
        let (asked, closed) = (app.ask(ANI).await, app.audited(AuditEvent::Closed));
        let said = |from: &str, minutes: i64| {
            with(reporting.clone(), |message| {
                let at = app.now() + chrono::TimeDelta::minutes(minutes);
                (message["from"], message["timestamp"]) = (from.into(), at.timestamp().to_string().into());
            })
        };
        app.receive(&[said("6281200000002", 0)]).await;
        assert_eq!(app.audited(AuditEvent::Closed), closed, "reported by another user");
        app.receive(&[said("6281200000001", -2)]).await;
        assert_eq!(app.audited(AuditEvent::Closed), closed, "reported before the request, and delivered late");
        app.receive(&[said("6281200000001", 0)]).await;
        assert!(app.audited(AuditEvent::Closed) > closed);
        app.receive(&[app.message(&asked, ANI)]).await;
        assert_eq!(app.stage(&asked).await, Stage::Waiting);
        app.later(20);
    }
}

/// Denies senders whose keys have changed.
#[derive(Debug)]
struct Careful(mpsc::UnboundedSender<bool>);

#[async_trait]
impl RiskPolicy for Careful {
    async fn assess(&self, context: &ProofContext) -> Result<Decision, PortError> {
        self.0.send(context.identity_changed).unwrap();
        Ok(if context.identity_changed { Decision::Deny } else { Decision::Allow })
    }

    async fn authorize_admin(&self, _: &AdminContext) -> Result<AdminDecision, PortError> {
        Ok(AdminDecision::Deny)
    }
}

#[tokio::test]
async fn the_risk_policy_learns_that_the_senders_keys_changed() {
    let (told, mut gate) = mpsc::unbounded_channel();
    let app = App::with(page(), &Faults::none(), |builder| builder.risk_policy(Careful(told)));
    let hear = async |hash: &str| {
        let asked = app.ask(ANI).await;
        let contact = json!({"wa_id": "6281200000001", "identity_key_hash": hash});
        let body = post(json!({"contacts": [contact], "messages": [app.message(&asked, ANI)]}));
        assert_eq!(status(&app.webhook.handle(signed(&body)).await), 200);
        let stage = app.stage(&asked).await;
        app.later(20);
        stage
    };
    assert_eq!((hear("one").await, gate.recv().await), (Stage::Proved, Some(false)));
    assert_eq!((hear("one").await, gate.recv().await), (Stage::Proved, Some(false)));
    assert_eq!((hear("two").await, gate.recv().await), (Stage::Waiting, Some(true)));
}

#[tokio::test]
async fn delivery_statuses_are_audited() {
    let app = App::new(page());
    let phone = Identifier::phone(ANI, CallingCode::INDONESIA).unwrap();
    let asked = app.reset.request(ResetRequest::whatsapp_code(phone, source())).await.unwrap();
    app.worker.run_once().await.unwrap();
    assert_eq!(app.phone.last().unwrap().kind(), "code");
    let (reset, message) = (app.store.resets().unwrap()[0].id(), app.phone.last().unwrap().id);
    let of = |reset: &[u8]| format!("message:{}-{}", base16ct::lower::encode_string(reset), &message[..32]);
    let callback_data = of(reset.as_bytes());
    let failed = json!({"status": "failed", "biz_opaque_callback_data": callback_data, "errors": [{"code": 131_049}]});
    let unknown = json!({"status": "delivered", "biz_opaque_callback_data": of(&[0; 16])});
    let delivered = json!({"status": "delivered", "biz_opaque_callback_data": callback_data});
    let body = post(json!({"statuses": [failed, unknown, delivered]}));
    assert_eq!(status(&app.webhook.handle(signed(&body)).await), 200);
    let why = |event| app.store.trail().into_iter().find(|row| row.event == event).map(|row| row.detail);
    assert_eq!(why(AuditEvent::SendFailed), Some(Some("131049".to_owned())));
    assert_eq!(why(AuditEvent::Arrived), Some(None));
    assert_eq!(app.stage(&asked).await, Stage::Waiting, "the page does not show it");
}
