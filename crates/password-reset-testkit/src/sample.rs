//! Made-up rows and messages: every one distinct, none with a secret.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "test support: a sample that the core refuses is a mistake here, and a panic shows where"
)]

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use password_reset::flow::{
    AuditEvent, AuditRow, Binding, CloseReason, Event, NewReset, Reset, State, Step, StoredReset,
};
use password_reset::message::SecretUrl;
use password_reset::message::{LinkKind, LinkMessage, MessageBody, Notice, NoticeAction, NoticeKind};
use password_reset::ports::{Digest, PasswordChange};
use password_reset::secret::Code;
use password_reset::{
    Account, AccountId, CallingCode, Channel, Contact, Identifier, InboundMode, Locale, Message, PasswordHash,
    ProofKind, ResetId, Site, StepUp,
};

pub use crate::keys::{key, keys};

static COUNTER: AtomicU64 = AtomicU64::new(1);

/// A number that no other call returns, in this process or in another that runs beside it.
fn distinct() -> u64 {
    let count = COUNTER.fetch_add(1, Ordering::Relaxed);
    (u64::from(std::process::id()) << 32) | (count & 0xffff_ffff)
}

/// Spreads a number over 32 bytes (the finaliser of SplitMix64), so that rows do not differ in their last byte alone.
fn spread(number: u64) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (place, chunk) in (1_u64..).zip(bytes.chunks_exact_mut(8)) {
        let mut mixed = number.wrapping_add(place.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        chunk.copy_from_slice(&(mixed ^ (mixed >> 31)).to_be_bytes());
    }
    bytes
}

/// A digest that no other call returns.
#[must_use]
pub fn digest() -> Digest {
    Digest::from_bytes(spread(distinct()))
}

/// An account's id that no other call returns.
#[must_use]
pub fn account_id() -> AccountId {
    AccountId::new(format!("account-{:x}", distinct()))
}

/// A hash that no other call returns. It is no hash of anything.
#[must_use]
pub fn hash() -> PasswordHash {
    PasswordHash::new(format!("$sample$v=1${:016x}", distinct()))
}

/// An e-mail address that no other call returns.
#[must_use]
pub fn email() -> String {
    format!("person-{:x}@example.com", distinct())
}

/// A phone number that no other call returns, for some millions of calls.
#[must_use]
pub fn phone() -> String {
    format!("+62812{:08}", distinct() % 100_000_000)
}

/// The time at which samples happen: a day in 2030, with milliseconds.
#[must_use]
pub fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp_millis(1_893_499_200_123).unwrap()
}

/// A time some milliseconds after (or before) another.
#[must_use]
pub fn after(time: DateTime<Utc>, millis: i64) -> DateTime<Utc> {
    time.checked_add_signed(TimeDelta::milliseconds(millis)).unwrap()
}

/// What a new reset is made of: a link to an e-mail address, asked for in English, open for half an hour.
#[must_use]
pub fn new_reset(at: DateTime<Utc>) -> NewReset {
    let number = distinct();
    let mut id = [0; 16];
    id.copy_from_slice(spread(number).split_at(16).0);
    let mut new = NewReset::new(
        ResetId::from_bytes(id),
        Channel::EmailLink,
        Identifier::email(&email()).unwrap(),
        Locale::ENGLISH,
        "k1",
        spread(number.rotate_left(32)),
        digest(),
        digest(),
        at,
        after(at, 30 * 60_000),
    );
    new.device = Some("Peramban (Android), Surabaya".to_owned());
    new
}

/// A reset that was just asked for.
#[must_use]
pub fn requested(at: DateTime<Utc>) -> Reset {
    Reset::open(new_reset(at))
}

/// A reset on a channel that was just asked for.
#[must_use]
pub fn requested_by(channel: Channel, at: DateTime<Utc>) -> Reset {
    let mut new = new_reset(at);
    new.channel = channel;
    if let Channel::WhatsAppCode | Channel::WhatsAppInbound(_) = channel {
        new.identifier = Identifier::phone(&phone(), CallingCode::INDONESIA).unwrap();
    }
    if channel.is_inbound() {
        new.inbound_key = Some(digest());
    }
    Reset::open(new)
}

/// What ties a reset to an account: a link for half an hour, a code for ten minutes.
#[must_use]
pub fn binding(account: &AccountId, at: DateTime<Utc>) -> Binding {
    Binding::new(account.clone(), digest(), at, after(at, 30 * 60_000), after(at, 10 * 60_000))
        .by(Some(Digest::from_bytes([0x5c; 32])))
}

/// The digest under which the wrong codes of an account are counted; the same for the same account.
#[must_use]
pub fn subject(account: &AccountId) -> Digest {
    let number = account
        .as_str()
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |number, byte| (number ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    Digest::from_bytes(spread(number))
}

/// An audit row of a reset.
#[must_use]
pub fn audit(event: AuditEvent, reset: &Reset, at: DateTime<Utc>) -> AuditRow {
    AuditRow::new(at, event).of(reset)
}

/// The step by any event, with an audit row.
#[must_use]
pub fn step(before: &Reset, event: &Event, at: DateTime<Utc>) -> Step {
    let after = password_reset::flow::next(before, event, at).expect("the sample step must be legal");
    let word = match event {
        Event::Issue { .. } => AuditEvent::Issued,
        Event::Suppress => AuditEvent::Suppressed,
        Event::Prove { .. } | Event::RequireStepUp { .. } => AuditEvent::Proved,
        Event::Finish { .. } => AuditEvent::PasswordSet,
        Event::Close(_) => AuditEvent::Closed,
        _ => return Step::new(before, event, at, Vec::new()).expect("the sample step must be legal"),
    };
    Step::new(before, event, at, vec![audit(word, &after, at)]).expect("the sample step must be legal")
}

/// The event that ties a reset to an account.
#[must_use]
pub fn issue_event(account: &AccountId, at: DateTime<Utc>) -> Event {
    Event::Issue { binding: binding(account, at), subject: subject(account) }
}

/// `Requested` → `CodeIssued`.
#[must_use]
pub fn issue(before: &Reset, account: &AccountId, at: DateTime<Utc>) -> Step {
    step(before, &issue_event(account, at), at)
}

/// The next proof that the reset's channel takes, good for a quarter of an hour.
#[must_use]
pub fn prove(before: &Reset, at: DateTime<Utc>) -> Step {
    let proof = match (before.channel(), before.state()) {
        (_, State::AwaitingCode) => ProofKind::StepUpCode,
        (_, State::AwaitingFactor) => ProofKind::HostFactor,
        (Channel::WhatsAppCode, _) => ProofKind::Code,
        (Channel::CurrentPassword, _) => ProofKind::CurrentPassword,
        (Channel::WhatsAppInbound(_), State::CodeIssued) => ProofKind::Message,
        (Channel::WhatsAppInbound(InboundMode::PageAdvances), _) => ProofKind::Claim,
        (Channel::WhatsAppInbound(InboundMode::TypeBack), _) => ProofKind::ReplyCode,
        _ => ProofKind::Link,
    };
    step(before, &Event::Prove { proof, until: after(at, 15 * 60_000) }, at)
}

/// A link that is right, but needs a second proof beside it.
#[must_use]
pub fn require_step_up(before: &Reset, wants: StepUp, at: DateTime<Utc>) -> Step {
    step(before, &Event::RequireStepUp { proof: ProofKind::Link, wants, until: after(at, 10 * 60_000) }, at)
}

/// `PasswordSet` → `Locked`, for a day.
#[must_use]
pub fn lock(before: &Reset, at: DateTime<Utc>) -> Step {
    step(before, &Event::Lock { until: after(at, 24 * 60 * 60_000) }, at)
}

/// The event that says that a hash is about to be written; to be looked after in a minute.
#[must_use]
pub fn apply_event(at: DateTime<Utc>) -> Event {
    Event::Apply { hash: digest(), check_at: after(at, 60_000), device: None }
}

/// The event that says that the account has the password, which its owner cannot lock.
#[must_use]
pub fn finish_event() -> Event {
    Event::Finish { lockable_until: None }
}

/// `Verified` → `Applying`, by a store that leaves accounts alone.
#[must_use]
pub fn apply(before: &Reset, at: DateTime<Utc>) -> Step {
    step(before, &apply_event(at), at)
}

/// `Verified` → `PasswordSet` in a store that writes accounts, and `Applying` in one that does not.
#[must_use]
pub fn apply_with(before: &Reset, was: Account, new: PasswordHash, at: DateTime<Utc>) -> Step {
    let audit = vec![audit(AuditEvent::PasswordSet, before, at)];
    Step::apply(before, &apply_event(at), &finish_event(), PasswordChange::new(was, new, at), at, audit)
        .expect("the sample step must be legal")
}

/// `Applying` → `PasswordSet`.
#[must_use]
pub fn finish(before: &Reset, at: DateTime<Utc>) -> Step {
    step(before, &finish_event(), at)
}

/// Any open state → closed.
#[must_use]
pub fn close(before: &Reset, reason: CloseReason, at: DateTime<Utc>) -> Step {
    step(before, &Event::Close(reason), at)
}

/// A reset by mail in `CodeIssued`, made without a store.
#[must_use]
pub fn issued(account: &AccountId, at: DateTime<Utc>) -> Reset {
    issue(&requested(at), account, at).after().clone()
}

/// A reset by mail in `Verified`, made without a store.
#[must_use]
pub fn verified(account: &AccountId, at: DateTime<Utc>) -> Reset {
    prove(&issued(account, at), at).after().clone()
}

/// A reset by mail in `Applying`, made without a store.
#[must_use]
pub fn applying(account: &AccountId, at: DateTime<Utc>) -> Reset {
    apply(&verified(account, at), at).after().clone()
}

/// A reset with some columns changed by hand, as only a test may.
#[must_use]
pub fn altered(reset: &Reset, change: impl FnOnce(&mut StoredReset)) -> Reset {
    let mut row = reset.stored().clone();
    change(&mut row);
    Reset::from_stored(row).expect("the altered row must make sense")
}

/// A reset message with a link and a code that open nothing.
#[must_use]
pub fn link_message(to: Contact) -> Message {
    let kind = LinkKind::Reset { code: Code::parse("01234567").unwrap(), code_lives: Duration::from_secs(10 * 60) };
    let body = LinkMessage::new(
        kind,
        SecretUrl::new(&site(), "link", "no-secret-at-all"),
        Duration::from_secs(30 * 60),
        SecretUrl::new(&site(), "cancel", "no-secret-either"),
        noon(),
    );
    Message::new(digest(), ResetId::from_bytes([7; 16]), to, Locale::ENGLISH, site(), MessageBody::Link(body))
}

/// A notice that the password was changed.
#[must_use]
pub fn notice_message(to: Contact) -> Message {
    let body = MessageBody::Notice(Notice::new(NoticeKind::PasswordChanged, noon(), NoticeAction::StartReset));
    Message::new(digest(), ResetId::from_bytes([7; 16]), to, Locale::INDONESIAN, site(), body)
}

fn site() -> Site {
    Site::new("Toko Contoh", "https://toko.example/reset")
}
