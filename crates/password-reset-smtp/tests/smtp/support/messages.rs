//! Messages with made-up secrets.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeZone, Utc};
use password_reset::message::{
    ActionLink, CodeKind, CodeMessage, ConfirmContact, LinkKind, LinkMessage, MessageBody, Notice, NoticeAction,
    NoticeKind, Zone,
};
use password_reset::ports::{Clock, Digest};
use password_reset::secret::Code;
use password_reset::{Channel, Contact, Locale, Message, SecretUrl, Site};

pub(crate) const TO: &str = "budi@pelanggan.example";
pub(crate) const SITE: &str = "Toko Contoh";
pub(crate) const LINK_SECRET: &str = "AZq1LinkLinkLinkLinkLinkLinkLinkLinkLinkLinkLinkLinkLinkLink_-01";
pub(crate) const CANCEL_SECRET: &str = "AZq1CancelCancelCancelCancelCancelCancelCancelCancelCancelCanc_-";
pub(crate) const LOCK_SECRET: &str = "AZq1LockLockLockLockLockLockLockLockLockLockLockLockLockLockLo_-";
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
    reset_body_with(minutes(10))
}

pub(crate) fn reset_body_with(code_lives: Duration) -> MessageBody {
    let kind = LinkKind::Reset { code: Code::parse(CODE).unwrap(), code_lives };
    MessageBody::Link(LinkMessage::new(kind, url("open", LINK_SECRET), minutes(30), cancel(), at()))
}

pub(crate) fn changed_body() -> MessageBody {
    notice(NoticeKind::PasswordChanged, NoticeAction::StartReset)
}

fn notice(kind: NoticeKind, action: NoticeAction) -> MessageBody {
    MessageBody::Notice(Notice::new(kind, at(), action))
}

fn url(page: &str, secret: &str) -> SecretUrl {
    SecretUrl::new(&Site::new(SITE, ASK), page, secret)
}

fn cancel() -> SecretUrl {
    url("cancel", CANCEL_SECRET)
}

fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(minutes.saturating_mul(60))
}

/// Every message, by the name of its snapshot.
pub(crate) fn bodies() -> Vec<(&'static str, MessageBody)> {
    let can_lock = NoticeAction::Lock(ActionLink::new(url("lock", LOCK_SECRET), minutes(3 * 24 * 60)));
    let can_lock = Notice::new(NoticeKind::PasswordChanged, at(), can_lock)
        .with_channel(Channel::EmailLink)
        .with_device("Firefox (Android), Surabaya");
    let can_cancel = |lives| NoticeAction::Cancel(ActionLink::new(cancel(), minutes(lives)));
    let locked = |channel| {
        let notice = Notice::new(NoticeKind::AccountLocked, at(), NoticeAction::StartReset);
        MessageBody::Notice(notice.with_channel(channel))
    };
    let admin = LinkMessage::new(LinkKind::Admin, url("open", LINK_SECRET), minutes(30), cancel(), at());
    let confirm = SecretUrl::new(&Site::new(SITE, "https://toko.example"), "account/confirm", LINK_SECRET);
    let step_up = CodeMessage::new(CodeKind::StepUp, Code::parse(CODE).unwrap(), minutes(10), cancel(), at());
    vec![
        ("reset", reset_body()),
        ("changed", changed_body()),
        ("changed-lock", MessageBody::Notice(can_lock)),
        ("admin-link", MessageBody::Link(admin)),
        ("step-up-code", MessageBody::Code(step_up)),
        ("proved", notice(NoticeKind::ResetProved, can_cancel(10))),
        ("code-requested", notice(NoticeKind::CodeRequested, can_cancel(10))),
        ("admin-requested", notice(NoticeKind::AdminRequested, can_cancel(30))),
        ("cancelled", notice(NoticeKind::ResetCancelled, NoticeAction::StartReset)),
        ("contact-changed", notice(NoticeKind::ContactChanged, NoticeAction::StartReset)),
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
        Site::new(site, "https://toko.example/reset").with_zone(Zone::WIB),
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

/// A clock that always shows the same time.
#[derive(Debug)]
pub(crate) struct FixedClock(DateTime<Utc>);

impl FixedClock {
    pub(crate) fn at(time: DateTime<Utc>) -> Arc<Self> {
        Arc::new(Self(time))
    }
}

#[async_trait]
impl Clock for FixedClock {
    fn now(&self) -> DateTime<Utc> {
        self.0
    }

    async fn sleep(&self, _span: Duration) {}
}
