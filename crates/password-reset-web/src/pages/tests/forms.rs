//! What forms post, and the attributes of their fields.

use password_reset::policy::Violations;
use password_reset::{Choices, InboundMode, Languages, Locale, NewPassword, PasswordPolicy};

use super::document::Document;
use super::samples::{KODE, NUMBER, PLAIN, Values, WA_ME, theme};
use crate::pages::{
    CancelPage, DefaultTemplates, Layout, LockPage, MessageToSend, NewPasswordPage, ResetMethod, StartPage,
    Templates as _, Texts, Theme, WaitFor, WaitPage, WaitProblem, WaitStage,
};

const VALUES: Values<'static> = Values::PLAIN;

fn layout(theme: &Theme, locale: Locale) -> Layout<'_> {
    Layout::new(theme, locale, "/page").with_form(VALUES.token, Some(VALUES.reset))
}

fn parse(page: Result<String, crate::pages::RenderError>) -> Document {
    Document::parse(&page.unwrap())
}

#[test]
fn every_form_posts_to_the_mount_path_with_its_token() {
    for sample in PLAIN.iter() {
        let page = Document::parse(&sample.html);
        let forms = page.all("form").count();
        for form in page.all("form") {
            assert_eq!(form.attribute("method"), Some("post"), "{}", sample.name);
            assert!(form.attribute("action").unwrap().starts_with("/reset"), "{}", sample.name);
        }
        let tokens = page.all("input").filter(|input| input.attribute("name") == Some("form_token"));
        assert_eq!(tokens.filter(|input| input.attribute("value") == Some(VALUES.token)).count(), forms);
    }
}

#[test]
fn the_identifier_field_fits_the_method() {
    let theme = theme(&VALUES);
    for (chosen, kind, autocomplete) in [
        (ResetMethod::Email, "email", "email"),
        (ResetMethod::Username, "text", "username"),
        (ResetMethod::WhatsApp, "tel", "tel"),
        (ResetMethod::WhatsAppCode, "tel", "tel"),
    ] {
        let layout = layout(&theme, Locale::ENGLISH);
        let page = parse(DefaultTemplates.start(&StartPage {
            layout,
            methods: ResetMethod::ALL,
            chosen,
            typed: "",
            problem: None,
        }));
        let field = page.field("identifier").unwrap();
        assert_eq!(field.attribute("type"), Some(kind));
        assert_eq!(field.attribute("autocomplete"), Some(autocomplete));
        assert_eq!(page.field("by").unwrap().attribute("value"), Some(chosen.code()));
        let current = page.all("a").find(|a| a.attribute("aria-current") == Some("page")).unwrap();
        assert!(current.attribute("href").unwrap().ends_with(&format!("?by={}", chosen.code())));
    }
}

#[test]
fn a_single_method_needs_no_links() {
    let theme = theme(&VALUES);
    let layout = layout(&theme, Locale::ENGLISH);
    let page =
        StartPage { layout, methods: &[ResetMethod::Email], chosen: ResetMethod::Email, typed: "", problem: None };
    assert!(!DefaultTemplates.start(&page).unwrap().contains("?by="));
}

fn waiting<'a>(theme: &'a Theme, locale: Locale, method: ResetMethod, waits_for: WaitFor<'a>) -> WaitPage<'a> {
    WaitPage {
        layout: layout(theme, locale),
        method,
        typed: "+6281200000001",
        reference: "KTMR",
        stage: WaitStage::Waiting,
        waits_for,
        seconds_left: 600,
        choices: Choices::default(),
        attempts_left: 5,
        problem: None,
    }
}

fn message(mode: InboundMode, bare_code: bool) -> WaitFor<'static> {
    let text = "Kirim kodeK7MX2Q";
    WaitFor::Message(MessageToSend { mode, number: NUMBER, code: KODE, text, wa_me: WA_ME, bare_code })
}

#[test]
fn a_code_is_one_field_that_browsers_fill_in() {
    let theme = theme(&VALUES);
    for (method, waits_for, digits) in [
        (ResetMethod::Email, WaitFor::Mail, "8"),
        (ResetMethod::WhatsAppCode, WaitFor::WhatsAppCode, "8"),
        (ResetMethod::WhatsApp, message(InboundMode::TypeBack, false), "6"),
    ] {
        let page = parse(DefaultTemplates.wait(&waiting(&theme, Locale::ENGLISH, method, waits_for)));
        assert_eq!(page.all("input").filter(|input| input.attribute("name") == Some("code")).count(), 1);
        let field = page.field("code").unwrap();
        assert_eq!(field.attribute("autocomplete"), Some("one-time-code"));
        assert_eq!(field.attribute("inputmode"), Some("numeric"));
        let label = page.all("label").find(|label| label.attribute("for") == Some("code")).unwrap();
        assert!(label.shown().starts_with(digits), "{}", label.shown());
    }
}

#[test]
fn without_attempts_left_there_is_no_field_but_a_new_start() {
    let theme = theme(&VALUES);
    for waits_for in [WaitFor::Mail, WaitFor::WhatsAppCode, message(InboundMode::TypeBack, false)] {
        let page = waiting(&theme, Locale::ENGLISH, ResetMethod::WhatsApp, waits_for);
        let page =
            parse(DefaultTemplates.wait(&WaitPage { attempts_left: 0, problem: Some(WaitProblem::WrongCode), ..page }));
        assert!(page.field("code").is_none());
        assert_eq!(page.field("identifier").unwrap().attribute("value"), Some("+6281200000001"));
    }
}

#[test]
fn trying_again_needs_no_typing() {
    let theme = theme(&VALUES);
    let page = waiting(&theme, Locale::ENGLISH, ResetMethod::WhatsApp, message(InboundMode::PageAdvances, true));
    let page = parse(DefaultTemplates.wait(&WaitPage { stage: WaitStage::Expired, ..page }));
    assert_eq!(page.field("identifier").unwrap().attribute("type"), Some("hidden"));
    assert_eq!(page.field("by").unwrap().attribute("value"), Some("whatsapp"));
}

#[test]
fn the_message_page_shows_number_code_link_and_qr_code() {
    let theme = theme(&VALUES);
    let page = parse(DefaultTemplates.wait(&waiting(
        &theme,
        Locale::INDONESIAN,
        ResetMethod::WhatsApp,
        message(InboundMode::PageAdvances, true),
    )));
    assert_eq!(page.by_id("number").unwrap().shown(), "+62 811 0000 0000");
    assert_eq!(page.by_id("kode").unwrap().shown(), KODE);
    let copies: Vec<_> = page.all("button").filter_map(|button| button.attribute("data-copy")).collect();
    assert_eq!(copies, [NUMBER, KODE]);
    assert!(page.all("a").any(|link| link.attribute("href") == Some(WA_ME)));
    assert_eq!(page.all("svg").filter(|svg| svg.attribute("role") == Some("img")).count(), 2);
    assert!(page.all("details").any(|details| details.attribute("class").unwrap().contains("scan-narrow")));
    assert!(page.all("form").any(|form| form.attribute("action") == Some("/reset/claim")));
}

#[test]
fn the_whole_message_is_shown_where_the_code_alone_is_not_accepted() {
    let theme = theme(&VALUES);
    let page = parse(DefaultTemplates.wait(&waiting(
        &theme,
        Locale::INDONESIAN,
        ResetMethod::WhatsApp,
        message(InboundMode::TypeBack, false),
    )));
    assert_eq!(page.by_id("kode").unwrap().shown(), "Kirim kodeK7MX2Q");
    assert!(!page.all("form").any(|form| form.attribute("action") == Some("/reset/claim")));
}

#[test]
fn waiting_pages_show_the_remaining_time() {
    let theme = theme(&VALUES);
    let page = parse(DefaultTemplates.wait(&waiting(&theme, Locale::ENGLISH, ResetMethod::Email, WaitFor::Mail)));
    let timer = page.elements.iter().find(|element| element.attribute("role") == Some("timer")).unwrap();
    assert_eq!((timer.shown().as_str(), timer.attribute("data-seconds-left")), ("10 minutes", Some("600")));
}

fn new_password(locale: Locale, policy: &PasswordPolicy, violations: &Violations) -> Document {
    let theme = theme(&VALUES);
    let layout = layout(&theme, locale);
    let username = "ani@toko.example";
    let page = NewPasswordPage { layout, username, policy, violations, problem: None, seconds_left: 900 };
    parse(DefaultTemplates.new_password(&page))
}

#[test]
fn password_managers_can_read_account_rules_and_both_fields() {
    let policy = PasswordPolicy::four_classes();
    let page = new_password(Locale::ENGLISH, &policy, &Violations::default());
    let username = page.field("username").unwrap();
    assert_eq!(username.attribute("autocomplete"), Some("username"));
    assert_eq!(username.attribute("value"), Some("ani@toko.example"));
    assert_ne!(username.attribute("type"), Some("hidden"));
    for name in ["password", "again"] {
        let field = page.field(name).unwrap();
        assert_eq!(field.attribute("type"), Some("password"));
        assert_eq!(field.attribute("autocomplete"), Some("new-password"));
        assert!(!field.has("value"), "a password is never sent back");
    }
    assert_eq!(page.field("password").unwrap().attribute("passwordrules"), Some(policy.passwordrules().as_str()));
}

#[test]
fn the_second_field_is_there_when_the_policy_requires_it() {
    let policy = PasswordPolicy::four_classes().without(password_reset::policy::RuleKind::Confirmed);
    assert!(new_password(Locale::ENGLISH, &policy, &Violations::default()).field("again").is_none());
}

#[test]
fn every_broken_rule_has_one_warning_beside_the_field() {
    let policy = PasswordPolicy::four_classes();
    for locale in [Locale::ENGLISH, Locale::INDONESIAN] {
        let violations = policy.check(&NewPassword::new("abc"), &[]);
        let page = new_password(locale, &policy, &violations);
        let rules = page.by_id("rules").unwrap().shown();
        for violation in &violations {
            let (place, warning) = if violation.code() == "not_confirmed" {
                (page.by_id("again-error").unwrap().shown(), texts(locale).again_wrong.to_string())
            } else {
                (rules.clone(), violation.sentence(Languages::default().get(locale)))
            };
            assert_eq!(place.matches(&warning).count(), 1, "{warning}");
        }
        let broken = page.all("li").filter(|line| line.attribute("class") == Some("broken")).count();
        assert_eq!(broken, violations.len() - 1);
    }
}

fn texts(locale: Locale) -> Texts {
    Texts::new(Languages::default().get(locale))
}

/// A whole sentence, and not the rule without its subject: the second field has no "Your password" above it.
#[test]
fn a_mistyped_repetition_alone_is_named_above_and_beside_its_field() {
    let policy = PasswordPolicy::four_classes();
    for locale in [Locale::ENGLISH, Locale::INDONESIAN] {
        let violations = policy.check(&NewPassword::confirmed("Correct-Horse7", "correct-horse7"), &[]);
        let page = new_password(locale, &policy, &violations);
        let wrong = texts(locale).again_wrong.to_string();
        assert_eq!(page.by_id("again-error").unwrap().shown(), wrong);
        let summary = page.all("a").find(|link| link.attribute("href") == Some("#again")).unwrap();
        assert_eq!(summary.shown(), wrong);
        assert!(page.all("li").all(|line| line.attribute("class") != Some("broken")));
    }
}

#[test]
fn a_warning_can_turn_back_into_its_rule() {
    let policy = PasswordPolicy::nist_800_63b();
    let violations = policy.check(&NewPassword::new("password"), &[]);
    let page = new_password(Locale::ENGLISH, &policy, &violations);
    let line = page.all("li").find(|line| line.attribute("data-rule") == Some("too_weak")).unwrap();
    assert_eq!(line.shown(), "Not met: is too easy to guess");
    assert_eq!(line.attribute("data-hint"), Some("must be hard to guess"));
}

#[test]
fn upper_limits_are_shown_when_they_are_broken() {
    let policy = PasswordPolicy::four_classes();
    let violations = policy.check(&NewPassword::new("Aa1!".repeat(300)), &[]);
    let page = new_password(Locale::ENGLISH, &policy, &violations);
    assert!(page.by_id("rules").unwrap().shown().contains("must not be longer than 1024 bytes"));
}

#[test]
fn rules_are_shown_before_the_first_attempt() {
    let page = new_password(Locale::ENGLISH, &PasswordPolicy::four_classes(), &Violations::default());
    let rules = page.by_id("rules").unwrap().shown();
    for rule in ["at least 8 characters", "an uppercase letter", "a lowercase letter", "a number", "a symbol"] {
        assert!(rules.contains(rule), "{rule}");
    }
    assert!(!rules.contains("256") && !rules.contains("1024"), "upper limits are shown when they are broken");
}

#[test]
fn cancelling_and_locking_require_a_tick() {
    let theme = theme(&VALUES);
    let layout = layout(&theme, Locale::ENGLISH);
    let cancel = DefaultTemplates.cancel(&CancelPage { layout, problem: None });
    let lock = DefaultTemplates.lock(&LockPage { layout, problem: None });
    for page in [cancel, lock] {
        let page = parse(page);
        let confirm = page.field("confirm").unwrap();
        assert_eq!(confirm.attribute("type"), Some("checkbox"));
        assert!(!confirm.has("checked"));
    }
}
