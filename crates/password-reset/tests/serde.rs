//! What the feature `serde` writes and reads, and what it never does.
#![allow(clippy::unwrap_used, reason = "test code")]

use std::marker::PhantomData;
use std::time::Duration;

use chrono::DateTime;
use password_reset::flow::{AuditEvent, AuditRow, State};
use password_reset::identity::IdentifierKind;
use password_reset::policy::{Rule, Violation, Violations};
use password_reset::ports::{AuditCursor, AuditEntry, Digest};
use password_reset::{
    AccountId, CallingCode, Channel, Lifetimes, Limits, Locale, ProofKind, Realm, ResetId, Retention,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{from_value, json, to_value};

#[allow(clippy::needless_pass_by_value, reason = "tests read better")]
fn reads_what_it_writes<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(
    value: T,
    written: serde_json::Value,
) {
    assert_eq!(to_value(&value).unwrap(), written);
    assert_eq!(from_value::<T>(written).unwrap(), value);
}

#[test]
fn ids_and_names_are_texts() {
    reads_what_it_writes(AccountId::from(7), json!("7"));
    reads_what_it_writes(ResetId::from_bytes([7; 16]), json!("07070707-0707-0707-0707-070707070707"));
    reads_what_it_writes(Digest::from_bytes([0xab; 32]), json!("ab".repeat(32)));
    reads_what_it_writes(Realm::new("toko").unwrap(), json!("toko"));
    reads_what_it_writes(Locale::INDONESIAN, json!("id"));
    reads_what_it_writes(CallingCode::INDONESIA, json!("+62"));
    reads_what_it_writes(Channel::EmailLink, json!("email_link"));
    reads_what_it_writes(ProofKind::StepUpCode, json!("step_up_code"));
    reads_what_it_writes(State::CodeIssued, json!("code_issued"));
    reads_what_it_writes(IdentifierKind::Phone, json!("phone"));
    for text in ["", "0707", "AB"] {
        assert!(from_value::<ResetId>(json!(text)).is_err() && from_value::<Digest>(json!(text)).is_err(), "{text:?}");
        assert!(from_value::<Channel>(json!(text)).is_err(), "{text:?}");
    }
}

#[test]
fn an_audit_entry_is_read_as_it_was_written() {
    let row = AuditRow::new(DateTime::UNIX_EPOCH, AuditEvent::AdminRefused);
    let row = row.account(&AccountId::from(7)).actor(&AccountId::new("ops")).contact(Digest::from_bytes([1; 32]));
    let written = json!({
        "cursor": "c-1",
        "row": {
            "at": "1970-01-01T00:00:00Z", "event": "admin_refused", "reset": null, "account": "7", "actor": "ops",
            "channel": null, "source": null, "contact": "01".repeat(32), "detail": "not recent",
        },
    });
    reads_what_it_writes(AuditEntry::new(AuditCursor::new("c-1"), row.detail("not recent")), written);
}

#[test]
fn settings_name_what_differs_and_durations_are_seconds() {
    let limits: Limits = from_value(json!({"code_attempts": 3, "answer_within": 0.5})).unwrap();
    assert_eq!(limits, Limits::default().code_attempts(3).answer_within(Duration::from_millis(500)));
    reads_what_it_writes(limits, to_value(limits).unwrap());
    let lifetimes = Lifetimes::default().link(Duration::from_secs(600));
    let written = json!({"link": 600, "code": 600, "inbound": 600, "whatsapp": 600, "grant": 900, "lock": 259_200});
    reads_what_it_writes(lifetimes, written);
    reads_what_it_writes(Retention::default(), json!({"resets": 86_400, "audit": 34_560_000, "audit_noise": 604_800}));
    for wrong in [json!({"link": -1}), json!({"link": "30m"}), json!({"links": 600}), json!({"link": 1e300})] {
        assert!(from_value::<Lifetimes>(wrong.clone()).is_err(), "{wrong}");
    }
}

#[test]
fn violations_are_a_list_of_codes_with_their_numbers() {
    let violations: Violations = [Rule::MinLength(15), Rule::Digit].into_iter().map(Violation::from).collect();
    assert_eq!(to_value(violations).unwrap(), json!([{"code": "too_short", "min": 15}, {"code": "needs_digit"}]));
}

struct Probe<T>(PhantomData<T>);

impl<T: Serialize> Probe<T> {
    /// Chosen before that of the trait, where it exists.
    const SERIALIZES: bool = true;
}

trait Otherwise {
    const SERIALIZES: bool = false;
}

impl<T> Otherwise for Probe<T> {}

macro_rules! serialized {
    ($($name:ty),* $(,)?) => { [$((stringify!($name), Probe::<$name>::SERIALIZES)),*] };
}

#[test]
fn no_secret_and_nothing_that_has_one_is_serialized() {
    use password_reset::flow::{Reset, StoredReset};
    use password_reset::message::{ActionLink, CodeMessage, LinkMessage, MessageBody, Notice, SecretUrl};
    use password_reset::ports::{Loaded, PasswordChange};
    use password_reset::secret::{
        CancelToken, Code, GrantToken, LinkToken, LockToken, PartialGrantToken, RequesterToken,
    };
    use password_reset::*;
    let secrets = serialized!(
        CancelToken,
        Code,
        GrantToken,
        LinkToken,
        LockToken,
        PartialGrantToken,
        RequesterToken,
        Key,
        KeyRing,
        Password,
        NewPassword,
        PasswordHash,
        SecretUrl,
        Proof,
        Grant,
        PartialGrant,
        Requested,
        Account,
        Message,
        MessageBody,
        ActionLink,
        CodeMessage,
        LinkMessage,
        Notice,
        PasswordChange,
        Reset,
        StoredReset,
        Loaded,
    );
    for (name, serializes) in secrets {
        assert!(!serializes, "{name}");
    }
}

#[test]
fn what_an_application_shows_or_keeps_is_serialized() {
    use password_reset::admin::*;
    use password_reset::operations::*;
    use password_reset::ports::KnownSender;
    use password_reset::*;
    let outcomes = serialized!(
        AccountExport,
        ExportedReset,
        KnownSender,
        AuditEntry,
        PasswordIsSet,
        Locked,
        Stage,
        StepUp,
        LastDelivery,
        DeliveryOutcome,
        NotSent,
        NotSentReason,
        HealthProblem,
        Contact,
        ContactKind,
        Violations,
    );
    for (name, serializes) in outcomes {
        assert!(serializes, "{name}");
    }
}
