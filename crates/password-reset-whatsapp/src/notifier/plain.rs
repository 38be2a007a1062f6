//! What a gateway sends as free text, where other APIs need a template.

use std::fmt::Debug;

use password_reset::message::{CodeKind, CodeMessage, LinkKind, MessageBody, Notice, NoticeAction, NoticeKind};
use password_reset::{Locale, Message};

use super::texts::{DefaultTexts, cancel, lives};

/// Writes the messages that a gateway without templates sends as free text: codes, notices, the question whether a new number is the
/// owner's, and an administrator's link. Replies have [`ReplyTexts`](crate::ReplyTexts).
///
/// # Security
/// The reader may not have asked for anything. The text must name the service and the purpose, and say what to do then.
pub trait PlainTexts: Debug + Send + Sync + 'static {
    /// The text; `None` for a message that goes to the account's other contacts only.
    fn text(&self, message: &Message) -> Option<String>;
}

impl PlainTexts for DefaultTexts {
    fn text(&self, message: &Message) -> Option<String> {
        let (locale, site) = (message.locale(), message.site());
        let name = site.name();
        let at = |at| site.zone().text(at, locale);
        Some(match message.body() {
            MessageBody::Code(body) => code(name, locale, body),
            MessageBody::Notice(body) => notice(name, locale, body, &at(body.at), body.action.expose_url(site))?,
            MessageBody::ConfirmContact(body) => {
                let (at, link) = (at(body.asked_at), body.link.expose());
                match locale {
                    Locale::Indonesian => format!(
                        "Pada {at}, ada yang meminta agar nomor ini dipakai untuk akunnya di {name}. Jika itu Anda, konfirmasi: \
                         {link}\n\nJika bukan, abaikan pesan ini."
                    ),
                    _ => format!(
                        "Someone asked on {at} to use this number for their account at {name}. If this was you, confirm it: \
                         {link}\n\nIf not, ignore this message."
                    ),
                }
            }
            MessageBody::Link(body) if matches!(body.kind, LinkKind::Admin) => {
                let (at, link, stop) = (at(body.asked_at), body.link.expose(), body.cancel.expose());
                match locale {
                    Locale::Indonesian => format!(
                        "Pada {at}, administrator {name} meminta Anda membuat kata sandi baru: {link}\n\nTidak mengenali permintaan \
                         ini? Batalkan: {stop}\n\nJangan bagikan pesan ini."
                    ),
                    _ => format!(
                        "An administrator of {name} asked you on {at} to create a new password: {link}\n\nNot expecting it? Cancel: \
                         {stop}\n\nDo not share this message."
                    ),
                }
            }
            _ => return None,
        })
    }
}

fn code(name: &str, locale: Locale, body: &CodeMessage) -> String {
    let (code, lives) = (body.code.expose(), lives(locale, body.lives));
    let text = match (locale, body.kind) {
        (Locale::Indonesian, CodeKind::StepUp) => format!(
            "{name}: masukkan {code} untuk menyelesaikan atur ulang kata sandi yang Anda mulai, dalam {lives}.\n\nBukan Anda? Jangan \
             berikan kode ini kepada siapa pun."
        ),
        (_, CodeKind::StepUp) => format!(
            "{name}: enter {code} to finish the password reset that you started, within {lives}.\n\nNot you? Do not share this code \
             with anyone."
        ),
        (Locale::Indonesian, _) => format!(
            "{name}: ada permintaan atur ulang kata sandi untuk akun Anda. Jika ini Anda, masukkan {code} di halaman tempat Anda \
             memulai, dalam {lives}.\n\nBukan Anda? Jangan berikan kode ini kepada siapa pun."
        ),
        _ => format!(
            "{name}: someone requested a password reset for your account. If this is you, enter {code} on the page where you started, \
             within {lives}.\n\nNot you? Do not share this code with anyone."
        ),
    };
    text + &cancel(locale, &body.cancel)
}

fn notice(name: &str, locale: Locale, body: &Notice, at: &str, url: &str) -> Option<String> {
    let can_lock = matches!(body.action, NoticeAction::Lock(_));
    Some(match (locale, body.kind) {
        (Locale::Indonesian, NoticeKind::PasswordChanged) if can_lock => {
            format!("Kata sandi Anda di {name} diubah pada {at}. Bukan Anda? Segera kunci akun Anda: {url}")
        }
        (Locale::Indonesian, NoticeKind::PasswordChanged) => {
            format!("Kata sandi Anda di {name} diubah pada {at}. Bukan Anda? Segera buat kata sandi baru: {url}")
        }
        (Locale::Indonesian, NoticeKind::ResetProved) => format!(
            "Pesan WhatsApp dari nomor Anda menyetujui atur ulang kata sandi di {name} pada {at}. Bukan Anda, atau ada yang menyuruh \
             Anda? Batalkan: {url}"
        ),
        (Locale::Indonesian, NoticeKind::CodeRequested) => format!(
            "Kode atur ulang kata sandi di {name} dikirim ke nomor Anda yang lain pada {at}. Bukan Anda? Batalkan permintaan: {url}"
        ),
        (Locale::Indonesian, NoticeKind::AdminRequested) => format!(
            "Administrator {name} memulai atur ulang kata sandi akun Anda pada {at}. Tautannya dikirim ke kontak Anda yang lain. Tidak \
             mengenali permintaan ini? Batalkan: {url}"
        ),
        (Locale::Indonesian, NoticeKind::ResetCancelled) => format!(
            "Atur ulang kata sandi Anda di {name} yang diminta pada {at} telah dibatalkan. Kata sandi Anda tidak berubah. Masih perlu \
             yang baru? {url}"
        ),
        (Locale::Indonesian, NoticeKind::ContactChanged) => {
            format!("Nomor ini dihapus dari akun Anda di {name} pada {at}. Bukan Anda? Segera hubungi {name}.")
        }
        (Locale::Indonesian, NoticeKind::AccountLocked) => {
            format!("Akun Anda di {name} dikunci pada {at}. Untuk memakainya lagi, buat kata sandi baru: {url}")
        }
        (_, NoticeKind::PasswordChanged) if can_lock => {
            format!("Your password for {name} was changed on {at}. Not you? Lock your account now: {url}")
        }
        (_, NoticeKind::PasswordChanged) => {
            format!("Your password for {name} was changed on {at}. Not you? Create a new password now: {url}")
        }
        (_, NoticeKind::ResetProved) => format!(
            "A WhatsApp message from your number approved a password reset for {name} on {at}. Not you, or did someone tell you to send \
             it? Cancel it: {url}"
        ),
        (_, NoticeKind::CodeRequested) => format!(
            "A password reset code for {name} was sent to another number of yours on {at}. Not you? Cancel the request: {url}"
        ),
        (_, NoticeKind::AdminRequested) => format!(
            "An administrator of {name} started a password reset for your account on {at}. The link went to your other contact. Not \
             expecting it? Cancel it: {url}"
        ),
        (_, NoticeKind::ResetCancelled) => format!(
            "Your password reset for {name}, requested on {at}, was cancelled. Your password has not changed. Still need a new one? \
             {url}"
        ),
        (_, NoticeKind::ContactChanged) => {
            format!("This number was removed from your account at {name} on {at}. Not you? Contact {name} right away.")
        }
        (_, NoticeKind::AccountLocked) => {
            format!("Your account at {name} was locked on {at}. To use it again, create a new password: {url}")
        }
        _newer_than_these_texts => return None,
    })
}
