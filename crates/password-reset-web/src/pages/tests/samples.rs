//! Every page in every state and language.

use std::sync::LazyLock;

use password_reset::policy::{Rule, Violations};
use password_reset::{
    Choices, InboundMode, Language, Languages, Locale, NewPassword, PasswordPolicy, SeveralAccounts, Site, StepUp,
    UndeliveredCodes,
};

use crate::challenge::Widget;
use crate::pages::{
    Brand, CancelPage, CancelledPage, ChallengePage, ConfirmProblem, DefaultTemplates, DonePage, ExpiredPage,
    ExpiredPurpose, Layout, LinkPage, LinkProblem, LockPage, LockedPage, MessageToSend, NewPasswordPage,
    NewPasswordProblem, Problem, ProblemPage, ResetMethod, StartPage, StartProblem, StepUpPage, StepUpProblem,
    Templates as _, Theme, WaitFor, WaitPage, WaitProblem, WaitStage,
};

/// Text in pages that comes from clients and from the application.
pub(super) struct Values<'a> {
    pub(super) site: &'a str,
    pub(super) typed: &'a str,
    pub(super) token: &'a str,
    pub(super) reset: &'a str,
    pub(super) message: &'a str,
}

impl Values<'static> {
    pub(super) const PLAIN: Self = Self {
        site: "Toko Contoh",
        typed: "ani@toko.example",
        token: "Zm9ybS10b2tlbg",
        reset: "r7Kd02",
        message: "Atur ulang kata sandi akun saya di Toko Contoh. Jangan kirim jika ada yang menyuruh Anda: kodeK7MX2Q",
    };
}

pub(super) const NUMBER: &str = "+6281100000000";
pub(super) const KODE: &str = "kodeK7MX2Q";
pub(super) const WA_ME: &str = "https://wa.me/6281100000000?text=Atur%20ulang%20kata%20sandi%3A%20kodeK7MX2Q";

pub(super) struct Sample {
    pub(super) name: String,
    pub(super) locale: Locale,
    pub(super) html: String,
}

pub(super) fn theme(values: &Values<'_>) -> Theme {
    let logo = br##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><circle cx="4" cy="4" r="4"/></svg>"##;
    let brand = Brand::new().logo(logo, "image/svg+xml").logo_dark(logo, "image/svg+xml");
    let languages = Languages::default().with(Language::malay()).with(Language::arabic());
    let site = Site::new(values.site, "https://toko.example/reset").with_languages(languages);
    Theme::new(&site, "/reset", &brand)
        .and_then(|theme| theme.with_sign_in_url("/sign-in"))
        .and_then(|theme| theme.with_contact_url("/contact"))
        .unwrap()
}

/// Every page with plain values; written once, because many tests read them.
pub(super) static PLAIN: LazyLock<Vec<Sample>> = LazyLock::new(|| all(&theme(&Values::PLAIN), &Values::PLAIN));

/// Every page in every state, in every language.
pub(super) fn all(theme: &Theme, values: &Values<'_>) -> Vec<Sample> {
    let locales = theme.languages().map(Language::locale);
    locales
        .flat_map(|locale| {
            let mut pages = starts(theme, locale, values);
            pages.extend(challenges(theme, locale, values));
            pages.extend(waits(theme, locale, values));
            pages.extend(step_ups(theme, locale, values));
            pages.extend(links(theme, locale, values));
            pages.extend(passwords(theme, locale, values));
            pages.extend(endings(theme, locale));
            pages.into_iter().map(move |(name, html)| Sample { name: format!("{name} ({locale})"), locale, html })
        })
        .collect()
}

type Named = (String, String);

fn layout<'a>(theme: &'a Theme, locale: Locale, path: &'a str, values: &Values<'a>) -> Layout<'a> {
    Layout::new(theme, locale, path).with_form(values.token, Some(values.reset))
}

fn starts(theme: &Theme, locale: Locale, values: &Values<'_>) -> Vec<Named> {
    let mut pages = Vec::new();
    let layout = Layout::new(theme, locale, "").with_form(values.token, None);
    for &chosen in ResetMethod::ALL {
        for problem in [None, Some(StartProblem::Empty), Some(StartProblem::Unreadable)] {
            let typed = if problem == Some(StartProblem::Unreadable) { values.typed } else { "" };
            let page = StartPage { layout, methods: ResetMethod::ALL, chosen, typed, problem };
            pages.push((format!("start {} {problem:?}", chosen.code()), DefaultTemplates.start(&page).unwrap()));
        }
    }
    let page =
        StartPage { layout, methods: &[ResetMethod::Email], chosen: ResetMethod::Email, typed: "", problem: None };
    pages.push(("start email alone".to_owned(), DefaultTemplates.start(&page).unwrap()));
    pages
}

fn challenges(theme: &Theme, locale: Locale, values: &Values<'_>) -> Vec<Named> {
    let (layout, widget) = (Layout::new(theme, locale, "?by=email").with_form(values.token, None), Widget::own("own"));
    let mut pages = Vec::new();
    for &method in ResetMethod::ALL {
        for failed in [false, true] {
            let (typed, widget, puzzle) = (values.typed, &widget, Some(values.reset));
            let page = ChallengePage { layout, method, typed, widget, puzzle, failed, wait: 60 };
            let name = format!("challenge {} {failed}", method.code());
            pages.push((name, DefaultTemplates.challenge(&page).unwrap()));
        }
    }
    pages
}

fn waits(theme: &Theme, locale: Locale, values: &Values<'_>) -> Vec<Named> {
    let message = |mode, bare_code| {
        let (number, code, text, wa_me) = (NUMBER, KODE, values.message, WA_ME);
        WaitFor::Message(MessageToSend { mode, number, code, text, wa_me, bare_code })
    };
    let cases = [
        ("mail", ResetMethod::Email, WaitFor::Mail),
        ("list", ResetMethod::Email, WaitFor::Mail),
        ("username", ResetMethod::Username, WaitFor::Mail),
        ("code", ResetMethod::WhatsAppCode, WaitFor::WhatsAppCode),
        ("advances", ResetMethod::WhatsApp, message(InboundMode::PageAdvances, true)),
        ("type-back", ResetMethod::WhatsApp, message(InboundMode::TypeBack, false)),
        ("on-phone", ResetMethod::WhatsApp, message(InboundMode::ContinueOnPhone, false)),
    ];
    let mut pages = Vec::new();
    for (name, method, waits_for) in cases {
        let mut choices = Choices::default();
        choices.undelivered_codes = UndeliveredCodes::Mail;
        if name == "list" {
            choices.several_accounts = SeveralAccounts::MailList;
        }
        let page = WaitPage {
            layout: layout(theme, locale, "/wait", values),
            method,
            typed: if method.is_phone() && values.typed == Values::PLAIN.typed {
                "+6281200000001"
            } else {
                values.typed
            },
            reference: "KTMR",
            stage: WaitStage::Waiting,
            waits_for,
            seconds_left: 1794,
            choices,
            attempts_left: 5,
            problem: None,
        };
        for stage in [WaitStage::Waiting, WaitStage::MessageReceived, WaitStage::Proved, WaitStage::Expired] {
            pages.push((format!("wait {name} {stage:?}"), DefaultTemplates.wait(&WaitPage { stage, ..page }).unwrap()));
        }
        for problem in [WaitProblem::UnreadableCode, WaitProblem::WrongCode, WaitProblem::NotYet] {
            let problem = Some(problem);
            pages.push((
                format!("wait {name} {problem:?}"),
                DefaultTemplates.wait(&WaitPage { problem, ..page }).unwrap(),
            ));
        }
        let no_attempts = WaitPage { attempts_left: 0, problem: Some(WaitProblem::WrongCode), ..page };
        pages.push((format!("wait {name} no attempts"), DefaultTemplates.wait(&no_attempts).unwrap()));
    }
    pages
}

fn step_ups(theme: &Theme, locale: Locale, values: &Values<'_>) -> Vec<Named> {
    let mut pages = Vec::new();
    for &wants in StepUp::ALL {
        for problem in [None, Some(StepUpProblem::Unreadable), Some(StepUpProblem::Wrong)] {
            for attempts_left in [0, 5] {
                let layout = layout(theme, locale, "/step-up", values);
                let page = StepUpPage { layout, wants, seconds_left: 594, attempts_left, problem };
                pages.push((
                    format!("step-up {wants:?} {problem:?} {attempts_left}"),
                    DefaultTemplates.step_up(&page).unwrap(),
                ));
            }
        }
    }
    pages
}

fn links(theme: &Theme, locale: Locale, values: &Values<'_>) -> Vec<Named> {
    let mut pages = Vec::new();
    for problem in [None, Some(LinkProblem::Unreadable)] {
        let page = LinkPage { layout: layout(theme, locale, "/link", values), problem };
        pages.push((format!("link {problem:?}"), DefaultTemplates.link(&page).unwrap()));
    }
    for problem in [None, Some(ConfirmProblem::NotTicked), Some(ConfirmProblem::Unreadable)] {
        let page = CancelPage { layout: layout(theme, locale, "/cancel", values), problem };
        pages.push((format!("cancel {problem:?}"), DefaultTemplates.cancel(&page).unwrap()));
        let page = LockPage { layout: layout(theme, locale, "/lock", values), problem };
        pages.push((format!("lock {problem:?}"), DefaultTemplates.lock(&page).unwrap()));
    }
    pages
}

fn passwords(theme: &Theme, locale: Locale, values: &Values<'_>) -> Vec<Named> {
    let policies = [
        ("nist", PasswordPolicy::nist_800_63b()),
        ("classes", PasswordPolicy::four_classes()),
        ("once", PasswordPolicy::from_rules([Rule::MinLength(12)])),
    ];
    let mut pages = Vec::new();
    for (name, policy) in &policies {
        let page = |violations: &Violations, problem| {
            let layout = layout(theme, locale, "/new", values);
            let (username, seconds_left) = (values.typed, 894);
            let page = NewPasswordPage { layout, username, policy, violations, problem, seconds_left };
            DefaultTemplates.new_password(&page).unwrap()
        };
        let refused = policy.check(&NewPassword::new("password"), &[]);
        pages.push((format!("new {name}"), page(&Violations::default(), None)));
        pages.push((format!("new {name} refused"), page(&refused, None)));
        let mistyped = policy.check(&NewPassword::confirmed("Correct-Horse7", "correct-horse7"), &[]);
        pages.push((format!("new {name} mistyped"), page(&mistyped, None)));
        pages.push((format!("new {name} busy"), page(&Violations::default(), Some(NewPasswordProblem::Busy))));
    }
    pages
}

fn endings(theme: &Theme, locale: Locale) -> Vec<Named> {
    let layout = |path| Layout::new(theme, locale, path);
    let mut pages = vec![
        ("done".to_owned(), DefaultTemplates.done(&DonePage { layout: layout("/done") }).unwrap()),
        ("cancelled".to_owned(), DefaultTemplates.cancelled(&CancelledPage { layout: layout("/cancel") }).unwrap()),
        (
            "locked".to_owned(),
            DefaultTemplates.locked(&LockedPage { layout: layout("/lock"), methods: ResetMethod::ALL }).unwrap(),
        ),
        (
            "locked without another method".to_owned(),
            DefaultTemplates.locked(&LockedPage { layout: layout("/lock"), methods: &[] }).unwrap(),
        ),
    ];
    for purpose in [ExpiredPurpose::Reset, ExpiredPurpose::Cancel, ExpiredPurpose::Lock] {
        let page = ExpiredPage { layout: layout(purpose.path()), purpose };
        pages.push((format!("expired {purpose:?}"), DefaultTemplates.expired(&page).unwrap()));
    }
    for problem in [
        Problem::NotFound,
        Problem::BadRequest,
        Problem::StaleForm,
        Problem::NoCookies,
        Problem::TooMany,
        Problem::Busy,
        Problem::Internal,
    ] {
        let retry_after = matches!(problem, Problem::TooMany | Problem::Busy).then_some(90);
        let page = ProblemPage { layout: layout(""), problem, retry_after };
        pages.push((format!("problem {problem:?}"), DefaultTemplates.problem(&page).unwrap()));
    }
    pages
}
