//! Texts and templates that say which account they are about, and on which device it was done.

use password_reset::message::{
    ActionLink, CodeKind, CodeMessage, LinkKind, LinkMessage, MessageBody, Notice, NoticeAction, NoticeKind,
};
use password_reset::ports::Notifier;
use password_reset::secret::Code;
use password_reset::{Account, AccountStatus, Contact, Locale, Message};
use password_reset_testkit::messages::{self, SITE};
use password_reset_testkit::voice::avoided;
use password_reset_whatsapp::{
    DefaultTexts, MetaApi, PlainTexts, ReplyTexts, Template, TemplateField, UtilityMessage, WhatsAppNotifier,
};
use serde_json::{Value, json};

use super::{ANI, TEN_MINUTES, TOKEN, body, cancel, indonesia, is_delivered, meta, noon, url};
use crate::provider::StandIn;

const LANGUAGES: [Locale; 4] = [Locale::ENGLISH, Locale::INDONESIAN, Locale::MALAY, Locale::ARABIC];
const DEVICE: &str = "Chrome (Android), Surabaya";

fn account(name: &str, username: &str) -> Account {
    Account::new("7", AccountStatus::Active).with_name(name).with_username(username)
}

fn code(kind: CodeKind, device: Option<&str>) -> MessageBody {
    let mut body = CodeMessage::new(kind, Code::parse("483126").unwrap(), TEN_MINUTES, cancel(), noon());
    body.device = device.map(str::to_owned);
    MessageBody::Code(body)
}

fn link(kind: LinkKind, device: Option<&str>) -> MessageBody {
    let mut body = LinkMessage::new(kind, url("link", "no-secret"), TEN_MINUTES, cancel(), noon());
    body.device = device.map(str::to_owned);
    MessageBody::Link(body)
}

fn notice(kind: NoticeKind, device: Option<&str>) -> MessageBody {
    let action = match kind {
        _ if kind.can_cancel() => NoticeAction::Cancel(ActionLink::new(cancel(), TEN_MINUTES)),
        NoticeKind::PasswordChanged => NoticeAction::Lock(ActionLink::new(url("lock", "no-secret"), TEN_MINUTES)),
        _ => NoticeAction::StartReset,
    };
    let mut notice = Notice::new(kind, noon(), action);
    notice.device = device.map(str::to_owned);
    MessageBody::Notice(notice)
}

/// Every text about an account.
fn bodies(device: Option<&str>) -> Vec<MessageBody> {
    let notices = NoticeKind::ALL.iter().map(|kind| notice(*kind, device));
    let kinds = [CodeKind::Reset, CodeKind::Reply, CodeKind::StepUp];
    let codes = kinds.map(|kind| code(kind, device));
    let links = [link(LinkKind::Reply, device), link(LinkKind::Admin, device)];
    notices.chain(codes).chain(links).collect()
}

fn message(locale: Locale, body: MessageBody) -> Message {
    messages::message(1, ANI, SITE, locale, body)
}

fn text(message: &Message) -> String {
    let texts = DefaultTexts::new();
    match message.body() {
        MessageBody::Code(body) if body.kind == CodeKind::Reply => texts.reply_code(message, body),
        MessageBody::Link(body) if matches!(body.kind, LinkKind::Reply) => texts.reply_link(message, body),
        _ => texts.text(message).unwrap(),
    }
}

#[test]
fn a_code_and_a_notice_name_the_account_and_the_device() {
    let ani = account("Ani Wulandari", "ani");
    let of = |locale, body| text(&message(locale, body).about(&ani));
    assert_eq!(
        of(Locale::ENGLISH, code(CodeKind::Reply, Some(DEVICE))),
        "Toko Contoh: someone requested a password reset for your account. If this is you, enter 483126 on the page where you \
         started, within 10 minutes.\n\n\
         Account: ani\nDevice: Chrome (Android), Surabaya.\n\n\
         Not you, or did someone tell you to send that message? Do not share this code with anyone.\n\n\
         Cancel this request: https://toko.example/reset/cancel#no-secret-either"
    );
    assert_eq!(
        of(Locale::INDONESIAN, notice(NoticeKind::PasswordChanged, Some(DEVICE))),
        "Kata sandi Anda di Toko Contoh diubah pada 1 Januari 2030 pukul 19.00 WIB.\n\n\
         Akun: ani\nPerangkat: Chrome (Android), Surabaya.\n\n\
         Bukan Anda? Segera kunci akun Anda: https://toko.example/reset/lock#no-secret"
    );
    assert_eq!(
        of(Locale::MALAY, notice(NoticeKind::AccountLocked, None)),
        "Akaun anda di Toko Contoh dikunci pada 1 Januari 2030, 19:00 WIB.\n\nAkaun: ani\n\n\
         Untuk menggunakannya semula, cipta kata laluan baharu: https://toko.example/reset"
    );
    assert_eq!(
        of(Locale::ARABIC, code(CodeKind::StepUp, Some(DEVICE))),
        "\u{2068}Toko Contoh\u{2069}: أدخل 483126 لإكمال إعادة تعيين كلمة المرور التي بدأتها، خلال \u{2068}10 دقائق\u{2069}.\n\n\
         الحساب: \u{2068}ani\u{2069}\nالجهاز: \u{2068}Chrome (Android), Surabaya\u{2069}.\n\n\
         لست أنت؟ لا تشارك هذا الرمز مع أي شخص.\n\n\
         لإلغاء هذا الطلب:\nhttps://toko.example/reset/cancel#no-secret-either"
    );
}

#[test]
fn every_text_says_them_in_every_language_behind_what_happened() {
    for locale in LANGUAGES {
        for (one, other) in bodies(Some(DEVICE)).into_iter().zip(bodies(None)) {
            let without = text(&message(locale, other));
            let named = text(&message(locale, one).about(&account("Ani", "ani.w")));
            let (first, rest) = without.split_once("\n\n").unwrap_or((&without, ""));
            let (account, device) = named
                .strip_prefix(first)
                .and_then(|named| named.strip_suffix(rest))
                .and_then(|known| known.trim().split_once('\n'))
                .unwrap_or_else(|| panic!("{named}\n--\n{without}"));
            assert!(account.contains("ani.\u{2060}w") && device.contains(DEVICE), "{named}");
            assert_eq!(avoided(locale.tag(), &named), [""; 0], "{named}");
            assert!(!named.contains("\n\n\n") && !without.contains("\n\n\n"), "{named:?}");
        }
    }
}

#[test]
fn times_are_those_of_the_zone_of_the_account() {
    let makassar = Account::new("7", AccountStatus::Active).with_zone("Asia/Makassar");
    for body in [notice(NoticeKind::PasswordChanged, None), link(LinkKind::Admin, None)] {
        let text = text(&message(Locale::INDONESIAN, body).about(&makassar));
        assert!(text.contains("1 Januari 2030 pukul 20.00 WITA"), "{text}");
    }
}

/// Parents share a number with their children, whose accounts need no usernames.
#[test]
fn an_account_without_a_username_is_known_by_its_owner() {
    let ani = Account::new("7", AccountStatus::Active).with_name("Ani Wulandari");
    let text = text(&message(Locale::ENGLISH, code(CodeKind::Reset, None)).about(&ani));
    assert!(text.contains("\n\nAccount: Ani Wulandari\n\nNot you?"), "{text}");
}

#[test]
fn a_name_of_a_stranger_is_no_link_and_no_number_to_call() {
    for forged in [
        "https://evil.example/login",
        "evil.example",
        "a@evil.example",
        "Ani \u{202e}elpmaxe.live\u{202c}",
        "Ani\n\nhttps://evil.example",
        "+6281234567890",
        "call 081234567890",
    ] {
        for locale in LANGUAGES {
            for body in bodies(Some("0812-3456-7890")) {
                let mut text = text(&message(locale, body).about(&account(forged, forged)));
                assert!(!text.contains("evil.example") && !text.contains("elpmaxe.live"), "{forged:?}: {text}");
                text = text.replace("483126", "").replace("2030", "");
                let digits = text.split(|letter: char| !letter.is_ascii_digit()).map(str::len).max().unwrap();
                assert!(digits <= 2, "{forged:?}: {text}");
            }
        }
    }
}

#[tokio::test]
async fn a_template_has_a_value_for_each_of_its_fields() {
    let stand_in = StandIn::default();
    let template = || Template::meta("changed", Locale::ENGLISH, "en");
    let fields = [TemplateField::Account, TemplateField::Device, TemplateField::At];
    let notifier = meta(&stand_in).await;
    let notifier = notifier.with_utility_template(NoticeKind::PasswordChanged, template(), &fields).unwrap();
    let sent = |body| super::message(Contact::phone(ANI), Locale::ENGLISH, body);
    let ani = account("Ani Wulandari", "ani.w").with_zone("WIB");
    let known = sent(notice(NoticeKind::PasswordChanged, Some(DEVICE))).about(&ani);
    let unknown = sent(notice(NoticeKind::PasswordChanged, None));
    for (message, values) in [
        (known, ["ani.\u{2060}w", DEVICE, "1 January 2030 at 19:00 WIB"]),
        (unknown, ["-", "-", "1 January 2030 at 12:00 UTC"]),
    ] {
        assert!(is_delivered(&notifier.deliver(&message).await));
        let parameters = &body(&stand_in)["template"]["components"][0]["parameters"];
        assert_eq!(*parameters, Value::from_iter(values.map(|text| json!({"type": "text", "text": text}))));
    }
    let accepts = |message: UtilityMessage, field| {
        let api = MetaApi::new("300000000000001", TOKEN).unwrap();
        let notifier = WhatsAppNotifier::meta(api, indonesia()).unwrap();
        notifier.with_utility_template(message, template(), &[field]).is_ok()
    };
    for kind in NoticeKind::ALL {
        let has_device =
            matches!(kind, NoticeKind::PasswordChanged | NoticeKind::ResetProved | NoticeKind::CodeRequested);
        let has_account = *kind != NoticeKind::ContactChanged;
        let has = [TemplateField::Account, TemplateField::Device].map(|field| accepts((*kind).into(), field));
        assert_eq!(has, [has_account, has_device], "{kind:?}");
    }
    for (message, has_account) in [(UtilityMessage::AdminLink, true), (UtilityMessage::ConfirmContact, false)] {
        assert_eq!(
            [TemplateField::Account, TemplateField::Device].map(|field| accepts(message, field)),
            [has_account, false]
        );
    }
}
