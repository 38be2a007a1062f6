//! Mails of notices, in Bahasa Indonesia.

use password_reset::message::{ActionLink, Notice, NoticeAction, NoticeKind};
use password_reset::{Channel, Locale, Site};

use super::super::letter::{Letter, Part, plain, unlinked};
use super::{action, advice, new, span};

pub(super) fn letter(site: &Site, notice: &Notice) -> Option<Letter> {
    Some(match (notice.kind, &notice.action) {
        (NoticeKind::PasswordChanged, _) => changed(site, notice),
        (NoticeKind::ResetProved, NoticeAction::Cancel(cancel)) => proved(site, notice, cancel),
        (NoticeKind::CodeRequested, NoticeAction::Cancel(cancel)) => code_requested(site, notice, cancel),
        (NoticeKind::AdminRequested, NoticeAction::Cancel(cancel)) => admin_requested(site, notice, cancel),
        (NoticeKind::ResetCancelled, _) => cancelled(site, notice),
        (NoticeKind::ContactChanged, _) => contact_changed(site, notice),
        (NoticeKind::AccountLocked, _) => locked(site, notice),
        _ => return None,
    })
}

/// The name of the site and the time of the notice.
fn named(site: &Site, notice: &Notice) -> (String, String) {
    (unlinked(site.name()), site.zone().text(notice.at, Locale::Indonesian))
}

fn cancel_button(cancel: &ActionLink) -> Part {
    action("Batalkan Permintaan", "Untuk membatalkan permintaan, buka tautan ini:", cancel.url.expose())
}

fn changed(site: &Site, changed: &Notice) -> Letter {
    let (name, time) = named(site, changed);
    let mut parts = vec![Part::Paragraph(format!(
        "Kata sandi akun Anda di {name} diubah pada {time}. Jika ini Anda, Anda tidak perlu melakukan apa \
                 pun."
    ))];
    let preheader = match &changed.action {
        NoticeAction::Lock(lock) => {
            let lives = span(lock.lives);
            parts.push(Part::Paragraph(format!(
                "Jika bukan Anda, segera kunci akun Anda. Kata sandi baru itu tidak akan berlaku lagi, dan semua \
                 perangkat akan dikeluarkan. Anda tidak perlu masuk. Tautan berlaku {lives} sejak perubahan. \
                 Setelah itu, Anda dapat membuat kata sandi baru dengan cara lain."
            )));
            parts.push(action("Kunci Akun Saya", "Untuk mengunci akun Anda, buka tautan ini:", lock.url.expose()));
            "Bukan Anda? Segera kunci akun Anda."
        }
        _ => {
            parts.push(Part::Paragraph(
                "Jika bukan Anda, mungkin ada orang lain yang memakai akun Anda. Segera buat kata sandi baru, dan \
                 ganti juga kata sandi email Anda."
                    .to_owned(),
            ));
            parts.push(action(
                "Buat Kata Sandi Baru",
                "Untuk membuat kata sandi baru, buka halaman ini:",
                site.start_page(),
            ));
            "Bukan Anda? Segera buat kata sandi baru."
        }
    };
    new(
        site,
        format!("Kata sandi Anda di {} telah diubah", plain(site.name())),
        preheader,
        "Kata sandi Anda telah diubah",
        parts,
    )
}

/// How a password was changed, as far as that is known.
pub(super) fn how(changed: &Notice) -> Option<&'static str> {
    match changed.channel.filter(|_| changed.kind == NoticeKind::PasswordChanged) {
        Some(Channel::EmailLink) => Some("tautan atau kode dari email Anda"),
        Some(Channel::AdminLink) => Some("tautan yang diminta administrator"),
        Some(Channel::WhatsAppCode) => Some("kode yang dikirim ke WhatsApp Anda"),
        Some(Channel::WhatsAppInbound(_)) => Some("pesan dari nomor WhatsApp Anda"),
        Some(Channel::CurrentPassword) => Some("kata sandi Anda sebelumnya"),
        _ => None,
    }
}

fn proved(site: &Site, proved: &Notice, cancel: &ActionLink) -> Letter {
    let ((name, time), lives) = (named(site, proved), span(cancel.lives));
    let parts = vec![
        Part::Paragraph(format!(
            "Pada {time}, pesan WhatsApp dari nomor Anda menyetujui atur ulang kata sandi akun Anda di {name}. \
                 Jika ini Anda, Anda tidak perlu melakukan apa pun."
        )),
        Part::Paragraph(format!(
            "Jika bukan Anda, atau ada yang menyuruh Anda mengirim pesan itu, batalkan permintaan dalam \
                 {lives}. Kata sandi Anda tidak akan berubah."
        )),
        cancel_button(cancel),
    ];
    let subject = format!("Atur ulang kata sandi disetujui di {}", plain(site.name()));
    new(
        site,
        subject,
        "Disetujui lewat pesan WhatsApp dari nomor Anda. Bukan Anda? Batalkan sekarang.",
        "Atur ulang kata sandi disetujui",
        parts,
    )
}

fn code_requested(site: &Site, asked: &Notice, cancel: &ActionLink) -> Letter {
    let ((name, time), lives) = (named(site, asked), span(cancel.lives));
    let parts = vec![
        Part::Paragraph(format!(
            "Pada {time}, ada permintaan atur ulang kata sandi untuk akun Anda di {name}, dan kami mengirim \
                 kode ke nomor WhatsApp Anda. Pesan itu tidak menyebutkan kegunaan kode: siapa pun yang memilikinya \
                 dapat membuat kata sandi baru. Jangan bagikan."
        )),
        Part::Paragraph(format!(
            "Jika bukan Anda, batalkan permintaan dalam {lives}. Kata sandi Anda tidak akan berubah."
        )),
        cancel_button(cancel),
    ];
    let subject = format!("Ada permintaan kode atur ulang kata sandi di {}", plain(site.name()));
    new(
        site,
        subject,
        "Kode dikirim ke WhatsApp Anda. Bukan Anda? Batalkan permintaan.",
        "Kami mengirim kode ke WhatsApp Anda",
        parts,
    )
}

fn admin_requested(site: &Site, asked: &Notice, cancel: &ActionLink) -> Letter {
    let ((name, time), lives) = (named(site, asked), span(cancel.lives));
    let parts = vec![
        Part::Paragraph(format!(
            "Pada {time}, administrator {name} meminta Anda membuat kata sandi baru. Tautannya dikirim ke \
                 alamat email atau nomor WhatsApp Anda yang lain. Jika Anda mengetahuinya, tidak ada yang perlu \
                 dilakukan di sini."
        )),
        Part::Paragraph(format!(
            "Jika Anda tidak mengetahuinya, atau tidak punya akses lagi ke kontak itu, batalkan permintaan \
                 dalam {lives}. Kata sandi Anda tidak akan berubah."
        )),
        cancel_button(cancel),
    ];
    let subject = format!("Administrator memulai atur ulang kata sandi Anda di {}", plain(site.name()));
    new(
        site,
        subject,
        "Tautan dikirim ke kontak Anda yang lain. Tidak mengenalinya? Batalkan.",
        "Administrator memulai atur ulang kata sandi Anda",
        parts,
    )
}

fn cancelled(site: &Site, cancelled: &Notice) -> Letter {
    let (name, time) = named(site, cancelled);
    let parts = vec![
        Part::Paragraph(format!(
            "Atur ulang kata sandi akun Anda di {name}, yang diminta pada {time}, telah dibatalkan lewat tautan \
                 dari salah satu pesan kami. Kata sandi Anda tidak berubah."
        )),
        Part::Paragraph("Jika masih memerlukan kata sandi baru, mulai lagi.".to_owned()),
        action("Atur Ulang Kata Sandi", "Untuk memulai lagi, buka halaman ini:", site.start_page()),
    ];
    let subject = format!("Atur ulang kata sandi dibatalkan di {}", plain(site.name()));
    new(site, subject, "Kata sandi Anda tidak berubah.", "Atur ulang kata sandi dibatalkan", parts)
}

fn locked(site: &Site, locked: &Notice) -> Letter {
    let (name, time) = named(site, locked);
    let another = match locked.channel {
        Some(Channel::EmailLink | Channel::AdminLink) => {
            "Untuk memakai akun Anda lagi, buat kata sandi baru dengan cara lain, misalnya nomor WhatsApp Anda. \
                 Sampai saat itu, atur ulang lewat email dinonaktifkan, karena mungkin ada orang lain yang dapat \
                 membaca email Anda."
        }
        Some(Channel::WhatsAppCode | Channel::WhatsAppInbound(_)) => {
            "Untuk memakai akun Anda lagi, buat kata sandi baru dengan cara lain, misalnya alamat email Anda. \
                 Sampai saat itu, atur ulang lewat WhatsApp dinonaktifkan, karena mungkin ada orang lain yang \
                 mengakses nomor Anda."
        }
        _ => "Untuk memakai akun Anda lagi, buat kata sandi baru yang belum pernah Anda gunakan.",
    };
    let parts = vec![
        Part::Paragraph(format!(
            "Pada {time}, akun Anda di {name} dikunci lewat tautan dari salah satu pesan kami. Kata sandi \
                 terakhirnya tidak berlaku lagi, dan semua perangkat telah dikeluarkan."
        )),
        Part::Paragraph(another.to_owned()),
        action("Buat Kata Sandi Baru", "Untuk membuat kata sandi baru, buka halaman ini:", site.start_page()),
        advice(
            "Tidak ada cara lain?",
            format!("Hubungi {name}. Administrator dapat memulai atur ulang kata sandi untuk Anda."),
            None,
        ),
    ];
    let subject = format!("Akun Anda di {} telah dikunci", plain(site.name()));
    new(site, subject, "Buat kata sandi baru untuk memakainya lagi.", "Akun Anda telah dikunci", parts)
}

fn contact_changed(site: &Site, changed: &Notice) -> Letter {
    let (name, time) = named(site, changed);
    let parts = vec![
        Part::Paragraph(format!(
            "Pada {time}, alamat email ini dihapus dari akun Anda di {name}. Jika ini Anda, Anda tidak perlu \
                 melakukan apa pun."
        )),
        Part::Paragraph(format!(
            "Jika bukan Anda, mungkin ada orang lain yang memakai akun Anda. Alamat ini tidak dapat lagi \
                 dipakai untuk mengatur ulang kata sandi, jadi segera hubungi {name}."
        )),
        action(&format!("Buka {name}"), &format!("Untuk membuka {name}, buka halaman ini:"), site.start_page()),
    ];
    let subject = format!("Alamat email Anda dihapus dari {}", plain(site.name()));
    new(site, subject, format!("Bukan Anda? Segera hubungi {name}."), "Alamat email Anda telah dihapus", parts)
}
