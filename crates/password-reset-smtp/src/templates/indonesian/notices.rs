//! Mails of notices, in Bahasa Indonesia.

use password_reset::message::{ActionLink, Notice, NoticeAction, NoticeKind};
use password_reset::{Channel, Locale, Site};

use super::super::letter::{Letter, Part, plain, unlinked};
use super::{OTHERWISE, span, time};

pub(super) fn letter(site: &Site, notice: &Notice) -> Option<Letter> {
    let (name, ask_url) = (site.name(), site.base_url());
    Some(match (notice.kind, &notice.action) {
        (NoticeKind::PasswordChanged, _) => changed(name, ask_url, notice),
        (NoticeKind::ResetProved, NoticeAction::Cancel(cancel)) => proved(name, notice, cancel),
        (NoticeKind::CodeRequested, NoticeAction::Cancel(cancel)) => code_requested(name, notice, cancel),
        (NoticeKind::AdminRequested, NoticeAction::Cancel(cancel)) => admin_requested(name, notice, cancel),
        (NoticeKind::ResetCancelled, _) => cancelled(name, ask_url, notice),
        (NoticeKind::ContactChanged, _) => contact_changed(name, ask_url, notice),
        (NoticeKind::AccountLocked, _) => locked(name, ask_url, notice),
        _ => return None,
    })
}

fn changed(site: &str, ask_url: &str, changed: &Notice) -> Letter {
    let name = unlinked(site);
    let mut parts = vec![Part::Paragraph(format!(
        "Kata sandi akun Anda di {name} telah diubah pada {}. Jika Anda yang mengubahnya, Anda tidak perlu melakukan apa \
         pun.",
        time(changed.at)
    ))];
    parts.extend(circumstances(changed).map(Part::Paragraph));
    parts.extend(match &changed.action {
        NoticeAction::Lock(lock) => report(lock),
        _ => start_again(ask_url),
    });
    Letter {
        language: Locale::Indonesian.tag(),
        subject: format!("Kata sandi Anda di {} telah diubah", plain(site)),
        preheader: format!("Kata sandi akun Anda di {name} baru saja diubah."),
        heading: "Kata sandi Anda telah diubah".to_owned(),
        parts,
        site: name,
    }
}

/// The channel and the device, as far as they are known.
fn circumstances(changed: &Notice) -> Option<String> {
    let how = match changed.channel {
        Some(Channel::EmailLink) => Some(" dengan tautan atau kode dari email Anda"),
        Some(Channel::AdminLink) => Some(" dengan tautan yang diminta oleh administrator"),
        Some(Channel::WhatsAppCode) => Some(" dengan kode yang dikirim ke WhatsApp Anda"),
        Some(Channel::WhatsAppInbound(_)) => Some(" dengan pesan dari nomor WhatsApp Anda"),
        Some(Channel::CurrentPassword) => Some(" dengan kata sandi sebelumnya"),
        _ => None,
    };
    let from = changed.device.as_deref().map(|device| format!(" dari {}", unlinked(device)));
    match (how, from) {
        (None, None) => None,
        (how, from) => Some(format!("Perubahan dilakukan{}{}.", how.unwrap_or_default(), from.unwrap_or_default())),
    }
}

fn report(lock: &ActionLink) -> Vec<Part> {
    vec![
        Part::Paragraph(format!(
            "Jika bukan Anda, segera kunci akun Anda. Semua sesi akan diakhiri, dan kata sandi yang baru itu tidak berlaku \
             lagi. Anda dapat melakukannya selama {} sejak waktu tersebut tanpa perlu masuk, lalu membuat kata sandi baru \
             melalui cara lain.",
            span(lock.lives)
        )),
        Part::Action {
            button: "Kunci Akun Saya".to_owned(),
            sentence: "Untuk mengunci akun Anda, buka halaman ini:".to_owned(),
            otherwise: OTHERWISE.to_owned(),
            url: lock.url.expose().to_owned(),
        },
    ]
}

fn start_again(ask_url: &str) -> Vec<Part> {
    vec![
        Part::Paragraph(
            "Jika bukan Anda, mungkin ada orang lain yang menggunakan akun Anda. Segera buat kata sandi baru, dan \
             pastikan tidak ada orang lain yang dapat membaca email Anda."
                .to_owned(),
        ),
        Part::Action {
            button: "Buat Kata Sandi Baru".to_owned(),
            sentence: "Untuk membuat kata sandi baru, buka halaman ini:".to_owned(),
            otherwise: OTHERWISE.to_owned(),
            url: ask_url.to_owned(),
        },
    ]
}

fn proved(site: &str, proved: &Notice, cancel: &ActionLink) -> Letter {
    let name = unlinked(site);
    Letter {
        language: Locale::Indonesian.tag(),
        subject: format!("Permintaan kata sandi baru di {} disetujui lewat WhatsApp", plain(site)),
        preheader: format!("Pesan WhatsApp dari nomor Anda mengizinkan pembuatan kata sandi baru di {name}."),
        heading: "Permintaan disetujui lewat WhatsApp".to_owned(),
        parts: vec![
            Part::Paragraph(format!(
                "Pada {}, pesan WhatsApp dari nomor Anda menyetujui pembuatan kata sandi baru untuk akun Anda di {name}. \
                 Jika itu Anda, Anda tidak perlu melakukan apa pun.",
                time(proved.at)
            )),
            Part::Paragraph(format!(
                "Jika ada orang yang meminta Anda mengirim pesan itu, atau itu bukan Anda, batalkan permintaan ini dalam \
                 {}. Kata sandi Anda tidak akan berubah.",
                span(cancel.lives)
            )),
            Part::Action {
                button: "Batalkan Permintaan".to_owned(),
                sentence: "Untuk membatalkan permintaan, buka halaman ini:".to_owned(),
                otherwise: OTHERWISE.to_owned(),
                url: cancel.url.expose().to_owned(),
            },
        ],
        site: name,
    }
}

fn code_requested(site: &str, asked: &Notice, cancel: &ActionLink) -> Letter {
    let name = unlinked(site);
    Letter {
        language: Locale::Indonesian.tag(),
        subject: format!("Kode untuk kata sandi baru di {} diminta", plain(site)),
        preheader: format!("Kode untuk kata sandi baru akun Anda di {name} telah diminta."),
        heading: "Kode untuk kata sandi baru diminta".to_owned(),
        parts: vec![
            Part::Paragraph(format!(
                "Pada {}, seseorang meminta kata sandi baru untuk akun Anda di {name}, dan kodenya dikirim ke nomor WhatsApp Anda. \
                 Pesan itu tidak menyebutkan kegunaan kodenya: kode itu untuk membuat kata sandi baru. Jangan berikan kepada siapa pun.",
                time(asked.at)
            )),
            Part::Paragraph(format!(
                "Jika bukan Anda yang meminta, batalkan dalam {}. Kata sandi Anda tidak akan berubah.",
                span(cancel.lives)
            )),
            Part::Action {
                button: "Batalkan Permintaan".to_owned(),
                sentence: "Untuk membatalkan permintaan, buka halaman ini:".to_owned(),
                otherwise: OTHERWISE.to_owned(),
                url: cancel.url.expose().to_owned(),
            },
        ],
        site: name,
    }
}

fn admin_requested(site: &str, asked: &Notice, cancel: &ActionLink) -> Letter {
    let name = unlinked(site);
    Letter {
        language: Locale::Indonesian.tag(),
        subject: format!("Administrator meminta kata sandi baru di {}", plain(site)),
        preheader: format!("Anda diminta membuat kata sandi baru untuk akun Anda di {name}."),
        heading: "Administrator meminta kata sandi baru".to_owned(),
        parts: vec![
            Part::Paragraph(format!(
                "Pada {}, administrator {name} meminta Anda membuat kata sandi baru. Tautannya dikirim ke alamat Anda yang \
                 lain. Jika Anda mengharapkannya, tidak ada yang perlu dilakukan di sini.",
                time(asked.at)
            )),
            Part::Paragraph(format!(
                "Jika Anda tidak mengharapkannya, atau tidak dapat lagi membaca email di alamat itu, batalkan dalam {}. \
                 Kata sandi Anda tidak akan berubah.",
                span(cancel.lives)
            )),
            Part::Action {
                button: "Batalkan Permintaan".to_owned(),
                sentence: "Untuk membatalkan permintaan, buka halaman ini:".to_owned(),
                otherwise: OTHERWISE.to_owned(),
                url: cancel.url.expose().to_owned(),
            },
        ],
        site: name,
    }
}

fn cancelled(site: &str, ask_url: &str, cancelled: &Notice) -> Letter {
    let name = unlinked(site);
    Letter {
        language: Locale::Indonesian.tag(),
        subject: format!("Permintaan kata sandi baru di {} dibatalkan", plain(site)),
        preheader: format!("Kata sandi Anda di {name} tidak berubah."),
        heading: "Permintaan telah dibatalkan".to_owned(),
        parts: vec![
            Part::Paragraph(format!(
                "Pada {}, ada permintaan untuk mengatur ulang kata sandi akun Anda di {name}. Permintaan itu dibatalkan \
                 melalui tautan dari salah satu pesan kami, dan kata sandi Anda tidak berubah.",
                time(cancelled.at)
            )),
            Part::Paragraph(
                "Jika Anda yang memintanya dan masih memerlukan kata sandi baru, silakan minta lagi.".to_owned(),
            ),
            Part::Action {
                button: "Minta Lagi".to_owned(),
                sentence: "Untuk meminta lagi, buka halaman ini:".to_owned(),
                otherwise: OTHERWISE.to_owned(),
                url: ask_url.to_owned(),
            },
        ],
        site: name,
    }
}

fn locked(site: &str, ask_url: &str, locked: &Notice) -> Letter {
    let name = unlinked(site);
    let another = match locked.channel {
        Some(Channel::EmailLink | Channel::AdminLink) => {
            "Sampai saat itu, atur ulang lewat email tidak dapat dipakai, karena siapa pun yang membaca email itu dapat \
             memintanya lagi. Pilih cara lain, misalnya nomor WhatsApp Anda."
        }
        Some(Channel::WhatsAppCode | Channel::WhatsAppInbound(_)) => {
            "Sampai saat itu, atur ulang lewat WhatsApp tidak dapat dipakai, karena siapa pun yang memegang nomor itu dapat \
             memintanya lagi. Pilih cara lain, misalnya alamat email Anda."
        }
        _ => "Pilih kata sandi yang belum pernah Anda gunakan.",
    };
    Letter {
        language: Locale::Indonesian.tag(),
        subject: format!("Akun Anda di {} dikunci", plain(site)),
        preheader: format!("Tidak ada yang dapat masuk ke akun Anda di {name} sampai Anda membuat kata sandi baru."),
        heading: "Akun Anda dikunci".to_owned(),
        parts: vec![
            Part::Paragraph(format!(
                "Pada {}, seseorang yang menerima salah satu pesan kami memberi tahu bahwa perubahan terakhir kata sandi akun \
                 Anda di {name} bukan dilakukan olehnya. Karena itu kata sandi tersebut tidak berlaku lagi, dan semua sesi \
                 telah diakhiri.",
                time(locked.at)
            )),
            Part::Paragraph(format!("Untuk memakai akun Anda lagi, buat kata sandi baru. {another}")),
            Part::Action {
                button: "Buat Kata Sandi Baru".to_owned(),
                sentence: "Untuk membuat kata sandi baru, buka halaman ini:".to_owned(),
                otherwise: OTHERWISE.to_owned(),
                url: ask_url.to_owned(),
            },
            Part::Advice {
                heading: "Tidak punya cara lain?".to_owned(),
                sentence: format!("Hubungi {name}. Mereka dapat memulai atur ulang untuk Anda."),
                link: None,
            },
        ],
        site: name,
    }
}

fn contact_changed(site: &str, ask_url: &str, changed: &Notice) -> Letter {
    let name = unlinked(site);
    Letter {
        language: Locale::Indonesian.tag(),
        subject: format!("Alamat ini dihapus dari akun Anda di {}", plain(site)),
        preheader: format!("Data kontak akun Anda di {name} telah diubah."),
        heading: "Alamat ini telah dihapus".to_owned(),
        parts: vec![
            Part::Paragraph(format!(
                "Pada {}, data kontak akun Anda di {name} telah diubah. Alamat ini bukan lagi milik akun tersebut. Jika \
                 Anda yang mengubahnya, Anda tidak perlu melakukan apa pun.",
                time(changed.at)
            )),
            Part::Paragraph(format!(
                "Jika bukan Anda, mungkin ada orang lain yang menggunakan akun Anda. Alamat ini tidak dapat lagi dipakai \
                 untuk mengatur ulang kata sandi, jadi segera hubungi {name}."
            )),
            Part::Action {
                button: "Buka Situs".to_owned(),
                sentence: "Situsnya ada di sini:".to_owned(),
                otherwise: OTHERWISE.to_owned(),
                url: ask_url.to_owned(),
            },
        ],
        site: name,
    }
}
