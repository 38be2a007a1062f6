//! Mails in Bahasa Indonesia with a link or code; those of notices are in [`notices`].

pub(super) mod notices;

use std::time::Duration;

use password_reset::message::{CodeKind, CodeMessage, ConfirmContact, LinkKind, LinkMessage, MessageBody};
use password_reset::secret::Code;
use password_reset::{Locale, Message, SecretUrl, Site};

use super::letter::{Letter, Link, Part, Unit, grouped, plain, spans, unlinked};

/// The mail of a message, if there is one in this language.
pub(super) fn letter(message: &Message) -> Option<Letter> {
    let site = message.site();
    let letter = match message.body() {
        MessageBody::Link(body) => match &body.kind {
            LinkKind::Reset { code, code_lives } => reset(site, body, Some((code, *code_lives))),
            LinkKind::ResetWithoutCode => reset(site, body, None),
            LinkKind::Admin => admin_link(site, body),
            _ => return None,
        },
        MessageBody::Code(body) if body.kind == CodeKind::StepUp => step_up_code(site, body),
        MessageBody::Notice(notice) => notices::letter(site, notice)?,
        MessageBody::ConfirmContact(body) => confirm_contact(site, body),
        _ => return None,
    };
    Some(letter.addressed(message.name().map(greeting), known(message)))
}

fn greeting(name: &str) -> String {
    format!("Halo {},", unlinked(name))
}

/// The account, and how and on which device it was done, as far as they are known: a paragraph each.
fn known(message: &Message) -> Vec<String> {
    let (how, device) = match message.body() {
        MessageBody::Link(body) => (None, body.device.as_deref()),
        MessageBody::Code(body) => (None, body.device.as_deref()),
        MessageBody::Notice(notice) => (notices::how(notice), notice.device.as_deref()),
        _ => (None, None),
    };
    let account = message.username().map(|account| format!("Akun: {}", unlinked(account)));
    let how = how.map(|how| format!("Cara: {how}."));
    let device = device.map(|device| format!("Perangkat: {}.", unlinked(device)));
    let done: Vec<String> = how.into_iter().chain(device).collect();
    account.into_iter().chain((!done.is_empty()).then(|| done.join(" "))).collect()
}

/// What every mail has.
fn new(site: &Site, subject: String, preheader: impl Into<String>, heading: &str, parts: Vec<Part>) -> Letter {
    let name = unlinked(site.name());
    Letter {
        language: Locale::Indonesian.tag(),
        subject,
        footer: format!("Email keamanan otomatis dari {name}."),
        site: name,
        preheader: preheader.into(),
        heading: heading.to_owned(),
        parts,
    }
}

fn action(button: &str, sentence: &str, url: &str) -> Part {
    Part::Action {
        button: button.to_owned(),
        sentence: sentence.to_owned(),
        otherwise: "Jika tombol tidak berfungsi, salin tautan ini ke browser Anda:".to_owned(),
        url: url.to_owned(),
    }
}

fn advice(heading: &str, sentence: impl Into<String>, link: Option<Link>) -> Part {
    Part::Advice { heading: heading.to_owned(), sentence: sentence.into(), link }
}

fn cancel(url: &SecretUrl) -> Option<Link> {
    Some(Link {
        sentence: "Untuk membatalkan permintaan, buka tautan ini:".to_owned(),
        label: "Batalkan permintaan ini".to_owned(),
        url: url.expose().to_owned(),
    })
}

fn reset(site: &Site, reset: &LinkMessage, code: Option<(&Code, Duration)>) -> Letter {
    let (name, time) = (unlinked(site.name()), site.zone().text(reset.asked_at, Locale::Indonesian));
    let link_lives = span(reset.lives);
    let lives = match code {
        None => format!("Tautan berlaku {link_lives} sejak permintaan."),
        Some((_, lives)) if lives == reset.lives => format!("Tautan dan kode berlaku {link_lives} sejak permintaan."),
        Some((_, lives)) => {
            let code_lives = span(lives);
            format!("Tautan berlaku {link_lives} dan kode berlaku {code_lives} sejak permintaan.")
        }
    };
    let secrets = if code.is_some() { "tautan atau kode" } else { "tautan" };
    let mut parts = vec![
        Part::Paragraph(format!(
            "Pada {time}, kami menerima permintaan untuk mengatur ulang kata sandi akun Anda di {name}."
        )),
        Part::Paragraph(format!("Jika ini Anda, buat kata sandi baru sekarang. {lives}")),
        action("Atur Ulang Kata Sandi", "Untuk membuat kata sandi baru, buka tautan ini:", reset.link.expose()),
    ];
    parts.extend(code.map(|(code, _)| Part::Code {
        sentence: "Atau masukkan kode ini di halaman tempat Anda mengajukan permintaan:".to_owned(),
        code: grouped(code.expose()),
    }));
    parts.extend([
        advice(
            "Bukan Anda?",
            "Anda tidak perlu melakukan apa pun. Kata sandi Anda tidak berubah.",
            cancel(&reset.cancel),
        ),
        advice(
            "Jangan bagikan email ini.",
            format!("Jangan berikan {secrets} kepada siapa pun, termasuk orang yang mengaku dari {name}."),
            None,
        ),
    ]);
    let subject = format!("Atur ulang kata sandi Anda di {}", plain(site.name()));
    let preheader = format!("Tautan berlaku {link_lives}. Bukan Anda? Abaikan email ini.");
    new(site, subject, preheader, "Atur ulang kata sandi Anda", parts)
}

fn confirm_contact(site: &Site, asked: &ConfirmContact) -> Letter {
    let (name, time) = (unlinked(site.name()), site.zone().text(asked.asked_at, Locale::Indonesian));
    let lives = span(asked.lives);
    let parts = vec![
        Part::Paragraph(format!(
            "Pada {time}, ada yang meminta agar alamat email ini dipakai untuk akunnya di {name}. Setelah \
                 dikonfirmasi, alamat ini menerima pesan akun tersebut dan dapat dipakai untuk mengatur ulang kata \
                 sandinya."
        )),
        Part::Paragraph(format!("Jika ini Anda, konfirmasi alamat ini. Tautan berlaku {lives} sejak permintaan.")),
        action("Konfirmasi Alamat Email", "Untuk mengonfirmasi alamat ini, buka tautan ini:", asked.link.expose()),
        advice(
            "Bukan Anda?",
            "Anda tidak perlu melakukan apa pun. Tidak ada yang berubah kecuali tautan itu dipakai.",
            None,
        ),
    ];
    let subject = format!("Konfirmasi alamat email Anda untuk {}", plain(site.name()));
    let preheader = format!("Tautan berlaku {lives}. Bukan Anda? Abaikan email ini.");
    new(site, subject, preheader, "Konfirmasi alamat email Anda", parts)
}

fn admin_link(site: &Site, asked: &LinkMessage) -> Letter {
    let (name, time) = (unlinked(site.name()), site.zone().text(asked.asked_at, Locale::Indonesian));
    let link_lives = span(asked.lives);
    let parts = vec![
        Part::Paragraph(format!(
            "Pada {time}, administrator {name} meminta Anda membuat kata sandi baru untuk akun Anda. Tidak ada \
                 yang berubah sampai Anda membuatnya."
        )),
        Part::Paragraph(format!(
            "Hanya Anda yang akan mengetahui kata sandi baru. Tautan berlaku {link_lives} sejak permintaan."
        )),
        action("Buat Kata Sandi Baru", "Untuk membuat kata sandi baru, buka tautan ini:", asked.link.expose()),
        advice(
            "Tidak mengenali permintaan ini?",
            "Tanyakan kepada administrator Anda sebelum membuka tautan.",
            cancel(&asked.cancel),
        ),
        advice(
            "Jangan bagikan email ini.",
            "Administrator tidak akan pernah meminta tautan ini atau kata sandi Anda.",
            None,
        ),
    ];
    let subject = format!("Buat kata sandi baru untuk {}", plain(site.name()));
    let preheader = format!("Diminta oleh administrator. Tautan berlaku {link_lives}.");
    new(site, subject, preheader, "Buat kata sandi baru", parts)
}

fn step_up_code(site: &Site, second: &CodeMessage) -> Letter {
    let (name, time) = (unlinked(site.name()), site.zone().text(second.asked_at, Locale::Indonesian));
    let lives = span(second.lives);
    let parts = vec![
        Part::Paragraph(format!(
            "Satu langkah lagi untuk mengatur ulang kata sandi akun Anda di {name}, yang diminta pada {time}. \
                 Kode berlaku {lives}."
        )),
        Part::Code {
            sentence: "Masukkan kode ini di halaman yang memintanya:".to_owned(),
            code: grouped(second.code.expose()),
        },
        advice(
            "Bukan Anda?",
            format!(
                "Ada orang lain yang sudah melewati langkah pertama. Batalkan permintaan ini, dan jangan berikan \
                 kode ini kepada siapa pun, termasuk orang yang mengaku dari {name}."
            ),
            cancel(&second.cancel),
        ),
    ];
    let subject = format!("Kode verifikasi Anda untuk {}", plain(site.name()));
    new(
        site,
        subject,
        "Masukkan untuk menyelesaikan atur ulang kata sandi. Jangan bagikan.",
        "Kode verifikasi Anda",
        parts,
    )
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
    if parts.is_empty() { "kurang dari 1 menit".to_owned() } else { parts.join(" ") }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::span;

    #[test]
    fn spans_are_rounded_down_and_counted() {
        for (seconds, text) in [
            (0, "kurang dari 1 menit"),
            (60, "1 menit"),
            (30 * 60, "30 menit"),
            (205 * 60, "3 jam 25 menit"),
            (86_400 + 3600, "1 hari 1 jam"),
        ] {
            assert_eq!(span(Duration::from_secs(seconds)), text);
        }
    }
}
