//! Templates, and settings that do not fit them.

use std::time::Duration;

use password_reset::message::{ActionLink, CodeKind, ConfirmContact, LinkKind, MessageBody, NoticeAction, NoticeKind};
use password_reset::ports::Notifier;
use password_reset::{Contact, Lifetimes, Locale};
use password_reset_whatsapp::{MetaApi, Template, TemplateField, TwilioApi, UtilityMessage, WhatsAppNotifier};

use super::{
    ACCOUNT, ANI, TEN_MINUTES, TOKEN, body, can_cancel, code, code_body, indonesia, is_delivered, link_body, message,
    meta, noon, notice, url, why_never,
};
use crate::provider::StandIn;

#[tokio::test]
async fn a_template_never_states_more_than_the_lifetime_of_a_code() {
    let stand_in = StandIn::default();
    let notifier = || async {
        let api = MetaApi::new("300000000000001", TOKEN).unwrap().with_base_url(&stand_in.start().await).unwrap();
        WhatsAppNotifier::meta(api, indonesia()).unwrap()
    };
    let template = || Template::meta("reset_code", Locale::ENGLISH, "en");
    let mut short = Lifetimes::default();
    short.whatsapp = Duration::from_secs(299);
    for (minutes, lifetimes) in
        [(0, Lifetimes::default()), (11, Lifetimes::default()), (91, Lifetimes::default()), (5, short)]
    {
        let error = notifier().await.with_code_template(template(), minutes, &lifetimes).unwrap_err();
        assert_eq!(error.field, "code template");
    }
    assert_eq!(why_never(&notifier().await.deliver(&code(ANI)).await), "no code template");
    // A service whose codes live shorter than the configured lifetimes.
    let notifier = notifier().await.with_code_template(template(), 10, &Lifetimes::default()).unwrap();
    let short = code_body(CodeKind::Reset, "49381726", Duration::from_secs(599));
    let message = message(Contact::phone(ANI), Locale::ENGLISH, short);
    assert!(why_never(&notifier.deliver(&message).await).contains("more minutes"));
    assert!(stand_in.sent().is_empty());
}

#[tokio::test]
async fn invalid_settings_are_refused() {
    for token in ["", "EAAG", "your-access-token-here"] {
        assert!(MetaApi::new("300000000000001", token).is_err() && TwilioApi::new(ACCOUNT, token, ANI).is_err());
    }
    assert!(MetaApi::new("300000000000001", "only-the-tests-send\r\nX-Evil: 1").is_err());
    assert!(MetaApi::new("+62811", TOKEN).is_err() && TwilioApi::new("x", TOKEN, ANI).is_err());
    assert!(TwilioApi::new(ACCOUNT, TOKEN, "0811").is_err());
    let api = || MetaApi::new("300000000000001", TOKEN).unwrap();
    for version in ["", "25", "v25", "v25.0/../x", "v.0", "v25.0.1"] {
        assert!(api().with_version(version).is_err(), "{version}");
    }
    assert!(api().with_version("v26.0").is_ok());
    assert!(api().with_base_url("http://graph.facebook.com").is_err());
    for url in
        ["http://toko.example/x", "https://toko.example/x#y", "https://user@toko.example/x", "https://toko.example/x?y"]
    {
        assert!(TwilioApi::new(ACCOUNT, TOKEN, ANI).unwrap().with_status_url(url).is_err(), "{url}");
    }
    for sid in ["HX", "HX0a", "HX0000000000000000000000000000000a0", "HX0000000000000000000000000000000é"] {
        let api = TwilioApi::new(ACCOUNT, TOKEN, ANI).unwrap();
        let refused = WhatsAppNotifier::twilio(api, indonesia()).unwrap().with_code_template(
            Template::twilio(sid, Locale::ENGLISH),
            5,
            &Lifetimes::default(),
        );
        assert!(refused.is_err(), "{sid}");
    }

    let notifier = || WhatsAppNotifier::meta(api(), indonesia()).unwrap();
    let lifetimes = Lifetimes::default();
    for template in [
        Template::twilio("HX0a", Locale::ENGLISH),
        Template::meta("", Locale::ENGLISH, "en"),
        Template::meta("reset code", Locale::ENGLISH, "en"),
        Template::meta("reset_code", Locale::ENGLISH, "en").and_meta("reset_code", Locale::INDONESIAN, "../id"),
    ] {
        assert!(notifier().with_code_template(template.clone(), 5, &lifetimes).is_err());
        assert!(notifier().with_utility_template(NoticeKind::PasswordChanged, template, &[]).is_err());
    }
    let template = Template::meta("x", Locale::ENGLISH, "en");
    assert!(
        notifier()
            .with_utility_template(NoticeKind::PasswordChanged, template.clone(), &[TemplateField::CancelUrl])
            .is_err()
    );
    assert!(notifier().with_utility_template(NoticeKind::ResetProved, template, &[TemplateField::AskUrl]).is_err());
    assert!(notifier().with_timeout(Duration::ZERO).is_err());
    let shown = format!("{:?} {:?}", notifier(), TwilioApi::new(ACCOUNT, TOKEN, ANI).unwrap());
    assert!(!shown.contains(TOKEN) && !shown.contains("81200000001"), "{shown}");
}

#[tokio::test]
async fn every_utility_message_has_its_template_and_a_step_up_code_goes_as_a_code() {
    let stand_in = StandIn::default();
    let mut notifier = meta(&stand_in).await;
    for (message, name, field) in [
        (NoticeKind::PasswordChanged.into(), "changed", TemplateField::LockUrl),
        (NoticeKind::CodeRequested.into(), "code_requested", TemplateField::CancelUrl),
        (NoticeKind::AdminRequested.into(), "admin_requested", TemplateField::CancelUrl),
        (NoticeKind::ResetCancelled.into(), "cancelled", TemplateField::AskUrl),
        (NoticeKind::ContactChanged.into(), "contact", TemplateField::AskUrl),
        (NoticeKind::AccountLocked.into(), "locked", TemplateField::AskUrl),
        (UtilityMessage::ConfirmContact, "confirm", TemplateField::LinkUrl),
        (UtilityMessage::AdminLink, "link", TemplateField::LinkUrl),
    ] {
        let template = Template::meta(name, Locale::ENGLISH, "en");
        notifier = notifier.with_utility_template(message, template, &[field]).unwrap();
    }
    let can_lock = NoticeAction::Lock(ActionLink::new(url("lock", "no-secret-at-all"), TEN_MINUTES));
    let ask = |kind| notice(kind, NoticeAction::StartReset);
    let confirm = ConfirmContact::new(url("link", "no-secret-here"), TEN_MINUTES, noon());
    for (body, name, path) in [
        (notice(NoticeKind::PasswordChanged, can_lock), "changed", "/lock#no-secret-at-all"),
        (ask(NoticeKind::PasswordChanged), "changed", ""),
        (notice(NoticeKind::CodeRequested, can_cancel()), "code_requested", "/cancel#no-secret-either"),
        (notice(NoticeKind::AdminRequested, can_cancel()), "admin_requested", "/cancel#no-secret-either"),
        (ask(NoticeKind::ResetCancelled), "cancelled", ""),
        (ask(NoticeKind::ContactChanged), "contact", ""),
        (ask(NoticeKind::AccountLocked), "locked", ""),
        (MessageBody::ConfirmContact(confirm), "confirm", "/link#no-secret-here"),
        (link_body(LinkKind::Admin, "no-secret-here"), "link", "/link#no-secret-here"),
    ] {
        let sent = notifier.deliver(&message(Contact::phone(ANI), Locale::ENGLISH, body)).await;
        assert!(is_delivered(&sent), "{name}");
        let sent = self::body(&stand_in);
        assert_eq!(sent["template"]["name"], name);
        let value = &sent["template"]["components"][0]["parameters"][0]["text"];
        let start = if path.is_empty() { "https://app.toko.example/forgot" } else { "https://toko.example/reset" };
        assert_eq!(*value, format!("{start}{path}"), "{name}");
    }
    let step_up = code_body(CodeKind::StepUp, "49381726", TEN_MINUTES);
    let step_up = message(Contact::phone(ANI), Locale::ENGLISH, step_up);
    assert!(is_delivered(&notifier.deliver(&step_up).await));
    assert!(body(&stand_in)["template"].to_string().contains("49381726"));
}
