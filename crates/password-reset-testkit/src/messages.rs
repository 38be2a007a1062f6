//! One message of each kind, with made-up secrets that a test can look for: to test texts and notifiers.

#![allow(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "test support: a sample that the core refuses is a mistake here"
)]

use std::time::Duration;

use chrono::{DateTime, TimeZone, Utc};
use password_reset::message::SecretUrl;
use password_reset::message::{
    AccountLink, AccountLinks, ActionLink, CodeKind, CodeMessage, ConfirmContact, LinkKind, LinkMessage, MessageBody,
    Notice, NoticeAction, NoticeKind, Zone,
};
use password_reset::ports::Digest;
use password_reset::secret::Code;
use password_reset::{Account, AccountStatus, Channel, Contact, Language, Languages, Locale, Message, Site};

/// The recipient.
pub const TO: &str = "budi@pelanggan.example";
/// The name of the service.
pub const SITE: &str = "Toko Contoh";
/// The secret of a link that resets.
pub const LINK_SECRET: &str = "AZq1LinkLinkLinkLinkLinkLinkLinkLinkLinkLinkLinkLinkLinkLink_-01";
/// The secret of a link that cancels.
pub const CANCEL_SECRET: &str = "AZq1CancelCancelCancelCancelCancelCancelCancelCancelCancelCanc_-";
/// The secret of a link that locks the account.
pub const LOCK_SECRET: &str = "AZq1LockLockLockLockLockLockLockLockLockLockLockLockLockLockLo_-";
/// The link that resets.
pub const LINK: &str =
    "https://toko.example/reset/open#AZq1LinkLinkLinkLinkLinkLinkLinkLinkLinkLinkLinkLinkLinkLink_-01";
/// The link that cancels.
pub const CANCEL: &str =
    "https://toko.example/reset/cancel#AZq1CancelCancelCancelCancelCancelCancelCancelCancelCancelCanc_-";
/// Where a reset is requested.
pub const ASK: &str = "https://toko.example/reset";
/// The code to type.
pub const CODE: &str = "40718265";

/// When the messages were requested.
#[must_use]
pub fn requested_at() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 21, 6, 50, 9).unwrap()
}

/// A link and a code that lives for ten minutes.
#[must_use]
pub fn reset_body() -> MessageBody {
    reset_body_with(minutes(10))
}

/// A link, and a code that lives so long.
#[must_use]
pub fn reset_body_with(code_lives: Duration) -> MessageBody {
    let kind = LinkKind::Reset { code: Code::parse(CODE).unwrap(), code_lives };
    MessageBody::Link(LinkMessage::new(kind, url("open", LINK_SECRET), minutes(30), cancel(), requested_at()))
}

/// The notice that the password was changed.
#[must_use]
pub fn changed_body() -> MessageBody {
    notice(NoticeKind::PasswordChanged, NoticeAction::StartReset)
}

fn notice(kind: NoticeKind, action: NoticeAction) -> MessageBody {
    MessageBody::Notice(Notice::new(kind, requested_at(), action))
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

/// Every message that a mail can carry, by a name.
#[must_use]
pub fn bodies() -> Vec<(&'static str, MessageBody)> {
    let can_lock = NoticeAction::Lock(ActionLink::new(url("lock", LOCK_SECRET), minutes(3 * 24 * 60)));
    let can_lock = Notice::new(NoticeKind::PasswordChanged, requested_at(), can_lock)
        .with_channel(Channel::EmailLink)
        .with_device("Firefox (Android), Surabaya");
    let can_cancel = |lives| NoticeAction::Cancel(ActionLink::new(cancel(), minutes(lives)));
    let locked = |channel| {
        let notice = Notice::new(NoticeKind::AccountLocked, requested_at(), NoticeAction::StartReset);
        MessageBody::Notice(notice.with_channel(channel))
    };
    let admin = LinkMessage::new(LinkKind::Admin, url("open", LINK_SECRET), minutes(30), cancel(), requested_at());
    let confirm = SecretUrl::new(&Site::new(SITE, "https://toko.example"), "account/confirm", LINK_SECRET);
    let step_up = CodeMessage::new(CodeKind::StepUp, Code::parse(CODE).unwrap(), minutes(10), cancel(), requested_at());
    vec![
        ("reset", reset_body()),
        ("changed", changed_body()),
        ("changed-lock", MessageBody::Notice(can_lock)),
        ("admin-link", MessageBody::Link(admin)),
        ("step-up-code", MessageBody::Code(step_up)),
        ("list", list()),
        ("proved", notice(NoticeKind::ResetProved, can_cancel(10))),
        ("code-requested", notice(NoticeKind::CodeRequested, can_cancel(10))),
        ("admin-requested", notice(NoticeKind::AdminRequested, can_cancel(30))),
        ("cancelled", notice(NoticeKind::ResetCancelled, NoticeAction::StartReset)),
        ("contact-changed", notice(NoticeKind::ContactChanged, NoticeAction::StartReset)),
        ("confirm-contact", MessageBody::ConfirmContact(ConfirmContact::new(confirm, minutes(60), requested_at()))),
        ("locked-mail", locked(Channel::EmailLink)),
        ("locked-whatsapp", locked(Channel::WhatsAppCode)),
        ("locked-password", locked(Channel::CurrentPassword)),
    ]
}

/// A link for each of three accounts, of which the last has no names.
fn list() -> MessageBody {
    let account = |id: &str| Account::new(id, AccountStatus::Active);
    let accounts = [
        account("1").with_username("toko.ani").with_name("Ani Wulandari"),
        account("2").with_username("gudang-2"),
        account("3"),
    ];
    let link = |account: &Account| AccountLink::new(account, url("open", LINK_SECRET), minutes(30), cancel());
    let list = AccountLinks::new(accounts.iter().map(link).collect(), requested_at());
    MessageBody::Links(list.with_device("Chrome (Android), Surabaya"))
}

/// Every language that is there.
#[must_use]
pub fn languages() -> Languages {
    Languages::default().with(Language::malay()).with(Language::arabic())
}

/// A message whose ids consist of this byte.
#[must_use]
pub fn message(id: u8, to: &str, site: &str, locale: Locale, body: MessageBody) -> Message {
    Message::new(
        Digest::from_bytes([id; 32]),
        password_reset::ResetId::from_bytes([id; 16]),
        Contact::email(to),
        locale,
        Site::new(site, "https://toko.example/reset").with_zone(Zone::WIB).with_languages(languages()),
        body,
    )
}

/// A reset by link and code, whose ids consist of this byte.
#[must_use]
pub fn reset(id: u8) -> Message {
    message(id, TO, SITE, Locale::ENGLISH, reset_body())
}

/// A reset for this address.
#[must_use]
pub fn reset_to(to: &str) -> Message {
    message(1, to, SITE, Locale::ENGLISH, reset_body())
}

/// A reset at a service of this name.
#[must_use]
pub fn reset_at_site(site: &str, locale: Locale) -> Message {
    message(1, TO, site, locale, reset_body())
}
