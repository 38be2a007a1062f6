//! Messages with made-up secrets.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeZone, Utc};
use password_reset::ports::Clock;
use password_reset::{
    AccountLocked, AdminAsked, AdminLink, Channel, Code, CodeAsked, ConfirmContact, Contact, ContactChanged, Digest,
    Locale, LockLink, Message, MessageBody, PasswordChanged, ResetCancelled, ResetLink, ResetProved, SecretUrl, Site,
    StepUpCode,
};

pub(crate) const TO: &str = "budi@pelanggan.example";
pub(crate) const SITE: &str = "Toko Contoh";
pub(crate) const LINK_SECRET: &str = "AZq1LinkLinkLinkLinkLinkLinkLinkLinkLinkLinkLinkLinkLinkLink_-01";
pub(crate) const CANCEL_SECRET: &str = "AZq1CancelCancelCancelCancelCancelCancelCancelCancelCancelCanc_-";
pub(crate) const UNDO_SECRET: &str = "AZq1UndoUndoUndoUndoUndoUndoUndoUndoUndoUndoUndoUndoUndoUndoUn_-";
pub(crate) const LINK: &str =
    "https://toko.example/reset/open#AZq1LinkLinkLinkLinkLinkLinkLinkLinkLinkLinkLinkLinkLinkLink_-01";
pub(crate) const CANCEL: &str =
    "https://toko.example/reset/cancel#AZq1CancelCancelCancelCancelCancelCancelCancelCancelCancelCanc_-";
pub(crate) const ASK: &str = "https://toko.example/reset";
pub(crate) const CODE: &str = "40718265";

pub(crate) fn at() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 21, 6, 50, 9).unwrap()
}

pub(crate) fn reset_body() -> MessageBody {
    let site = Site::new(SITE, "https://toko.example/reset");
    MessageBody::ResetLink(ResetLink::new(
        SecretUrl::new(&site, "open", LINK_SECRET),
        Code::parse(CODE).unwrap(),
        SecretUrl::new(&site, "cancel", CANCEL_SECRET),
        Duration::from_secs(30 * 60),
        Duration::from_secs(10 * 60),
        at(),
    ))
}

pub(crate) fn changed_body() -> MessageBody {
    MessageBody::PasswordChanged(PasswordChanged::new(at(), ASK))
}

fn site() -> Site {
    Site::new(SITE, "https://toko.example/reset")
}

fn cancel() -> SecretUrl {
    SecretUrl::new(&site(), "cancel", CANCEL_SECRET)
}

/// Every message, by the name of its snapshot.
pub(crate) fn bodies() -> Vec<(&'static str, MessageBody)> {
    let minutes = |minutes: u64| Duration::from_secs(minutes.saturating_mul(60));
    let link = SecretUrl::new(&site(), "open", LINK_SECRET);
    let lock = LockLink::new(SecretUrl::new(&site(), "lock", UNDO_SECRET), minutes(3 * 24 * 60));
    let lock_requested = PasswordChanged::new(at(), ASK).by(Channel::EmailLink).lock(lock);
    let lock_requested = lock_requested.from_device(Some("Firefox (Android), Surabaya"));
    let locked = |by| MessageBody::AccountLocked(AccountLocked::new(at(), by, ASK));
    let confirm = SecretUrl::new(&Site::new(SITE, "https://toko.example"), "account/confirm", LINK_SECRET);
    let second = StepUpCode::new(Code::parse(CODE).unwrap(), minutes(10), at(), cancel());
    vec![
        ("reset", reset_body()),
        ("changed", changed_body()),
        ("changed-lock", MessageBody::PasswordChanged(lock_requested)),
        ("admin-link", MessageBody::AdminLink(AdminLink::new(link, cancel(), minutes(30), at()))),
        ("step-up-code", MessageBody::StepUpCode(second)),
        ("proved", MessageBody::ResetProved(ResetProved::new(at(), cancel(), minutes(10)))),
        ("code-asked", MessageBody::CodeAsked(CodeAsked::new(at(), cancel(), minutes(10)))),
        ("admin-asked", MessageBody::AdminAsked(AdminAsked::new(at(), cancel(), minutes(30)))),
        ("cancelled", MessageBody::ResetCancelled(ResetCancelled::new(at(), ASK))),
        ("contact-changed", MessageBody::ContactChanged(ContactChanged::new(at(), ASK))),
        ("confirm-contact", MessageBody::ConfirmContact(ConfirmContact::new(confirm, minutes(60), at()))),
        ("locked-mail", locked(Channel::EmailLink)),
        ("locked-whatsapp", locked(Channel::WhatsAppCode)),
        ("locked-password", locked(Channel::CurrentPassword)),
    ]
}

pub(crate) fn message(id: u8, to: &str, site: &str, locale: Locale, body: MessageBody) -> Message {
    Message::new(
        Digest::from_bytes([id; 32]),
        password_reset::ResetId::from_bytes([id; 16]),
        Contact::email(to),
        locale,
        Site::new(site, "https://toko.example/reset"),
        body,
    )
}

pub(crate) fn reset(id: u8) -> Message {
    message(id, TO, SITE, Locale::English, reset_body())
}

pub(crate) fn reset_to(to: &str) -> Message {
    message(1, to, SITE, Locale::English, reset_body())
}

pub(crate) fn reset_at_site(site: &str, locale: Locale) -> Message {
    message(1, TO, site, locale, reset_body())
}

/// A clock that stands.
#[derive(Debug)]
pub(crate) struct AccountStatus(DateTime<Utc>);

impl AccountStatus {
    pub(crate) fn at(time: DateTime<Utc>) -> Arc<Self> {
        Arc::new(Self(time))
    }
}

#[async_trait]
impl Clock for AccountStatus {
    fn now(&self) -> DateTime<Utc> {
        self.0
    }

    async fn sleep(&self, _span: Duration) {}
}
