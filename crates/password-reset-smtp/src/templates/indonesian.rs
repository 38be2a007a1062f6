//! Mails in Bahasa Indonesia with a link or code; those of notices are in [`notices`].

pub(super) mod notices;

use std::time::Duration;

use chrono::{DateTime, Datelike, Timelike, Utc};
use password_reset::message::{CodeKind, CodeMessage, ConfirmContact, LinkKind, LinkMessage, MessageBody};
use password_reset::secret::Code;
use password_reset::{Locale, Message};

use super::letter::{Letter, Link, Part, Unit, grouped, plain, spans, unlinked};

const OTHERWISE: &str = "Jika tombol tidak berfungsi, salin tautan ini ke peramban Anda:";

const MONTHS: [&str; 12] = [
    "Januari",
    "Februari",
    "Maret",
    "April",
    "Mei",
    "Juni",
    "Juli",
    "Agustus",
    "September",
    "Oktober",
    "November",
    "Desember",
];

/// The mail of a message, if there is one in this language.
pub(super) fn letter(message: &Message) -> Option<Letter> {
    let site = message.site().name();
    Some(match message.body() {
        MessageBody::Link(body) => match &body.kind {
            LinkKind::Reset { code, code_lives } => reset(site, body, code, *code_lives),
            LinkKind::Admin => admin_link(site, body),
            _ => return None,
        },
        MessageBody::Code(body) if body.kind == CodeKind::StepUp => step_up_code(site, body),
        MessageBody::Notice(notice) => return notices::letter(message.site(), notice),
        MessageBody::ConfirmContact(body) => confirm_contact(site, body),
        _ => return None,
    })
}

fn reset(site: &str, reset: &LinkMessage, code: &Code, code_lives: Duration) -> Letter {
    let name = unlinked(site);
    let lives = if reset.lives == code_lives {
        format!("Tautan dan kode di bawah ini berlaku selama {} sejak waktu permintaan tersebut.", span(reset.lives))
    } else {
        format!(
            "Tautan di bawah ini berlaku selama {} dan kodenya selama {} sejak waktu permintaan tersebut.",
            span(reset.lives),
            span(code_lives)
        )
    };
    Letter {
        language: Locale::Indonesian.tag(),
        subject: format!("Atur ulang kata sandi Anda di {}", plain(site)),
        preheader: format!("Ada permintaan untuk mengatur ulang kata sandi akun Anda di {name}."),
        heading: "Atur ulang kata sandi Anda".to_owned(),
        parts: vec![
            Part::Paragraph(format!(
                "Pada {}, ada permintaan untuk mengatur ulang kata sandi akun Anda di {name}.",
                time(reset.asked_at)
            )),
            Part::Paragraph(format!("Jika Anda yang memintanya, silakan buat kata sandi baru sekarang. {lives}")),
            Part::Action {
                button: "Atur Ulang Kata Sandi".to_owned(),
                sentence: "Untuk membuat kata sandi baru, buka tautan ini:".to_owned(),
                otherwise: OTHERWISE.to_owned(),
                url: reset.link.expose().to_owned(),
            },
            Part::Code {
                sentence: "Atau masukkan kode ini di halaman tempat Anda mengajukan permintaan:".to_owned(),
                code: grouped(&code.expose()),
            },
            Part::Advice {
                heading: "Bukan Anda yang meminta?".to_owned(),
                sentence: "Anda tidak perlu melakukan apa pun: kata sandi Anda tidak berubah.".to_owned(),
                link: Some(Link {
                    sentence: "Anda juga dapat membatalkan permintaan ini di sini:".to_owned(),
                    label: "Batalkan permintaan ini".to_owned(),
                    url: reset.cancel.expose().to_owned(),
                }),
            },
            Part::Advice {
                heading: "Jaga kerahasiaan email ini.".to_owned(),
                sentence: format!(
                    "Jangan berikan tautan atau kode ini kepada siapa pun, termasuk kepada orang yang mengaku dari \
                     {name}."
                ),
                link: None,
            },
        ],
        site: name,
    }
}

fn confirm_contact(site: &str, asked: &ConfirmContact) -> Letter {
    let name = unlinked(site);
    Letter {
        language: Locale::Indonesian.tag(),
        subject: format!("Konfirmasi alamat email Anda untuk {}", plain(site)),
        preheader: format!("Ada yang ingin memakai alamat ini untuk akunnya di {name}."),
        heading: "Konfirmasi alamat email Anda".to_owned(),
        parts: vec![
            Part::Paragraph(format!(
                "Pada {}, ada yang meminta agar pesan untuk akunnya di {name} dikirim ke alamat ini. Setelah itu, alamat ini \
                 dapat dipakai untuk mengatur ulang kata sandi akun tersebut.",
                time(asked.asked_at)
            )),
            Part::Paragraph(format!(
                "Jika itu Anda, konfirmasikan. Tautan di bawah ini berlaku selama {} sejak waktu tersebut.",
                span(asked.lives)
            )),
            Part::Action {
                button: "Konfirmasi Alamat Ini".to_owned(),
                sentence: "Untuk mengonfirmasi alamat ini, buka tautan ini:".to_owned(),
                otherwise: OTHERWISE.to_owned(),
                url: asked.link.expose().to_owned(),
            },
            Part::Advice {
                heading: "Bukan Anda?".to_owned(),
                sentence: "Anda tidak perlu melakukan apa pun. Tanpa tautan itu tidak ada yang berubah.".to_owned(),
                link: None,
            },
        ],
        site: name,
    }
}

fn admin_link(site: &str, asked: &LinkMessage) -> Letter {
    let name = unlinked(site);
    Letter {
        language: Locale::Indonesian.tag(),
        subject: format!("Buat kata sandi baru di {}", plain(site)),
        preheader: format!("Administrator meminta Anda membuat kata sandi baru di {name}."),
        heading: "Buat kata sandi baru".to_owned(),
        parts: vec![
            Part::Paragraph(format!(
                "Pada {}, administrator {name} meminta Anda membuat kata sandi baru untuk akun Anda. Hanya Anda yang \
                 mengetahuinya, dan kata sandi yang sekarang tetap berlaku sampai Anda menggantinya.",
                time(asked.asked_at)
            )),
            Part::Paragraph(format!("Tautan di bawah ini berlaku selama {} sejak waktu tersebut.", span(asked.lives))),
            Part::Action {
                button: "Buat Kata Sandi Baru".to_owned(),
                sentence: "Untuk membuat kata sandi baru, buka tautan ini:".to_owned(),
                otherwise: OTHERWISE.to_owned(),
                url: asked.link.expose().to_owned(),
            },
            Part::Advice {
                heading: "Anda tidak mengharapkan email ini?".to_owned(),
                sentence: "Tanyakan kepada pengelola akun Anda. Sementara itu kata sandi Anda tidak berubah."
                    .to_owned(),
                link: Some(Link {
                    sentence: "Anda juga dapat membatalkannya di sini:".to_owned(),
                    label: "Batalkan permintaan ini".to_owned(),
                    url: asked.cancel.expose().to_owned(),
                }),
            },
            Part::Advice {
                heading: "Jaga kerahasiaan email ini.".to_owned(),
                sentence: "Tidak ada administrator yang memerlukan tautan ini atau kata sandi Anda.".to_owned(),
                link: None,
            },
        ],
        site: name,
    }
}

fn step_up_code(site: &str, second: &CodeMessage) -> Letter {
    let name = unlinked(site);
    Letter {
        language: Locale::Indonesian.tag(),
        subject: format!("Kode Anda untuk {}", plain(site)),
        preheader: format!("Satu langkah lagi untuk kata sandi baru di {name}."),
        heading: "Satu langkah lagi".to_owned(),
        parts: vec![
            Part::Paragraph(format!(
                "Pada {}, ada permintaan untuk mengatur ulang kata sandi akun Anda di {name}, dan salah satu kontak Anda \
                 sudah terbukti. Jika itu Anda, kode ini adalah langkah kedua. Kode berlaku selama {}.",
                time(second.asked_at),
                span(second.lives)
            )),
            Part::Code {
                sentence: "Masukkan kode ini di halaman yang sedang Anda buka:".to_owned(),
                code: grouped(&second.code.expose()),
            },
            Part::Advice {
                heading: "Bukan Anda?".to_owned(),
                sentence: format!(
                    "Berarti ada orang lain yang dapat membaca pesan Anda. Jangan berikan kode ini kepada siapa pun, \
                     termasuk kepada orang yang mengaku dari {name}."
                ),
                link: Some(Link {
                    sentence: "Batalkan permintaan di sini:".to_owned(),
                    label: "Batalkan permintaan".to_owned(),
                    url: second.cancel.expose().to_owned(),
                }),
            },
        ],
        site: name,
    }
}

/// `21 November 2026 pukul 06.50 UTC`: Indonesian separates hours and minutes with a full stop.
fn time(time: DateTime<Utc>) -> String {
    let month = MONTHS.iter().zip(1..).find(|(_, number)| *number == time.month()).map_or("", |(name, _)| *name);
    format!("{} {month} {} pukul {:02}.{:02} UTC", time.day(), time.year(), time.hour(), time.minute())
}

/// `3 jam 25 menit`.
fn span(duration: Duration) -> String {
    let parts: Vec<String> = spans(duration)
        .into_iter()
        .map(|(count, unit)| {
            let unit = match unit {
                Unit::Day => "hari",
                Unit::Hour => "jam",
                Unit::Minute => "menit",
            };
            format!("{count} {unit}")
        })
        .collect();
    if parts.is_empty() { "kurang dari satu menit".to_owned() } else { parts.join(" ") }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use chrono::{TimeZone, Utc};

    use super::{span, time};

    #[test]
    fn spans_are_rounded_down_and_counted() {
        for (seconds, text) in [
            (0, "kurang dari satu menit"),
            (60, "1 menit"),
            (30 * 60, "30 menit"),
            (205 * 60, "3 jam 25 menit"),
            (86_400 + 3600, "1 hari 1 jam"),
        ] {
            assert_eq!(span(Duration::from_secs(seconds)), text);
        }
    }

    #[test]
    fn times_are_readable() {
        assert_eq!(time(Utc.with_ymd_and_hms(2026, 11, 21, 6, 50, 9).unwrap()), "21 November 2026 pukul 06.50 UTC");
        assert_eq!(time(Utc.with_ymd_and_hms(2026, 8, 17, 10, 0, 0).unwrap()), "17 Agustus 2026 pukul 10.00 UTC");
    }
}
