//! Every page in every state and language.

use std::sync::LazyLock;

use password_reset::{InboundMode, Locale, NewPassword, PasswordPolicy, Rule, StepUp, Violations};

use crate::pages::{
    Ask, AskPage, AskProblem, Brand, CancelPage, CancelledPage, DonePage, ExpiredPage, LinkPage, LinkProblem, LockPage,
    LockedPage, Look, MessageToSend, NewPasswordPage, NewPasswordProblem, Problem, ProblemPage, SecondPage,
    SecondProblem, Shell, SureProblem, WaitFor, WaitPage, WaitProblem, WaitStage,
};

/// What strangers and applications can put into pages.
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

pub(super) fn look(values: &Values<'_>) -> Look {
    let logo = br##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><circle cx="4" cy="4" r="4"/></svg>"##;
    let brand = Brand::new().logo(logo, "image/svg+xml").logo_dark(logo, "image/svg+xml");
    Look::new(values.site, "/reset", &brand)
        .and_then(|look| look.with_sign_in_url("/sign-in"))
        .and_then(|look| look.with_contact_url("/contact"))
        .unwrap()
}

/// Every page with plain values; written once, for many tests look at them.
pub(super) static PLAIN: LazyLock<Vec<Sample>> = LazyLock::new(|| all(&look(&Values::PLAIN), &Values::PLAIN));

/// Every page in every state, in every language.
pub(super) fn all(look: &Look, values: &Values<'_>) -> Vec<Sample> {
    Locale::ALL
        .into_iter()
        .flat_map(|locale| {
            let mut pages = asks(look, locale, values);
            pages.extend(waits(look, locale, values));
            pages.extend(seconds(look, locale, values));
            pages.extend(links(look, locale, values));
            pages.extend(passwords(look, locale, values));
            pages.extend(endings(look, locale));
            pages.into_iter().map(move |(name, html)| Sample { name: format!("{name} ({locale})"), locale, html })
        })
        .collect()
}

type Named = (String, String);

fn shell<'a>(look: &'a Look, locale: Locale, path: &'a str, values: &Values<'a>) -> Shell<'a> {
    Shell::new(look, locale, path).with_form(values.token, Some(values.reset))
}

fn asks(look: &Look, locale: Locale, values: &Values<'_>) -> Vec<Named> {
    let mut pages = Vec::new();
    let shell = Shell::new(look, locale, "").with_form(values.token, None);
    for chosen in Ask::ALL {
        for problem in [None, Some(AskProblem::Empty), Some(AskProblem::Unreadable)] {
            let typed = if problem == Some(AskProblem::Unreadable) { values.typed } else { "" };
            let page = AskPage { shell, ways: &Ask::ALL, chosen, typed, problem };
            pages.push((format!("ask {} {problem:?}", chosen.code()), page.render().unwrap()));
        }
    }
    let page = AskPage { shell, ways: &[Ask::Email], chosen: Ask::Email, typed: "", problem: None };
    pages.push(("ask email alone".to_owned(), page.render().unwrap()));
    pages
}

fn waits(look: &Look, locale: Locale, values: &Values<'_>) -> Vec<Named> {
    let message = |mode, bare_code| {
        let (number, code, text, wa_me) = (NUMBER, KODE, values.message, WA_ME);
        WaitFor::Message(MessageToSend { mode, number, code, text, wa_me, bare_code })
    };
    let cases = [
        ("mail", Ask::Email, WaitFor::Mail),
        ("username", Ask::Username, WaitFor::Mail),
        ("code", Ask::WhatsAppCode, WaitFor::WhatsAppCode),
        ("advances", Ask::WhatsApp, message(InboundMode::PageAdvances, true)),
        ("type-back", Ask::WhatsApp, message(InboundMode::TypeBack, false)),
        ("on-phone", Ask::WhatsApp, message(InboundMode::ContinueOnPhone, false)),
    ];
    let mut pages = Vec::new();
    for (name, way, waits_for) in cases {
        let page = WaitPage {
            shell: shell(look, locale, "/wait", values),
            way,
            typed: if way.is_phone() && values.typed == Values::PLAIN.typed { "+6281200000001" } else { values.typed },
            stage: WaitStage::Waiting,
            waits_for,
            seconds_left: 1794,
            attempts_left: 5,
            problem: None,
        };
        for stage in [WaitStage::Waiting, WaitStage::MessageReceived, WaitStage::Proved, WaitStage::Expired] {
            pages.push((format!("wait {name} {stage:?}"), WaitPage { stage, ..page }.render().unwrap()));
        }
        for problem in [WaitProblem::UnreadableCode, WaitProblem::WrongCode, WaitProblem::NotYet] {
            let problem = Some(problem);
            pages.push((format!("wait {name} {problem:?}"), WaitPage { problem, ..page }.render().unwrap()));
        }
        let no_attempts = WaitPage { attempts_left: 0, problem: Some(WaitProblem::WrongCode), ..page };
        pages.push((format!("wait {name} no tries"), no_attempts.render().unwrap()));
    }
    pages
}

fn seconds(look: &Look, locale: Locale, values: &Values<'_>) -> Vec<Named> {
    let mut pages = Vec::new();
    for wants in StepUp::ALL {
        for problem in [None, Some(SecondProblem::Unreadable), Some(SecondProblem::Wrong)] {
            for attempts_left in [0, 5] {
                let shell = shell(look, locale, "/second", values);
                let page = SecondPage { shell, wants, seconds_left: 594, attempts_left, problem };
                pages.push((format!("second {wants:?} {problem:?} {attempts_left}"), page.render().unwrap()));
            }
        }
    }
    pages
}

fn links(look: &Look, locale: Locale, values: &Values<'_>) -> Vec<Named> {
    let mut pages = Vec::new();
    for problem in [None, Some(LinkProblem::Unreadable)] {
        let page = LinkPage { shell: shell(look, locale, "/link", values), problem };
        pages.push((format!("link {problem:?}"), page.render().unwrap()));
    }
    for problem in [None, Some(SureProblem::NotTicked), Some(SureProblem::Unreadable)] {
        let page = CancelPage { shell: shell(look, locale, "/cancel", values), problem };
        pages.push((format!("cancel {problem:?}"), page.render().unwrap()));
        let page = LockPage { shell: shell(look, locale, "/lock", values), problem };
        pages.push((format!("undo {problem:?}"), page.render().unwrap()));
    }
    pages
}

fn passwords(look: &Look, locale: Locale, values: &Values<'_>) -> Vec<Named> {
    let policies = [
        ("nist", PasswordPolicy::nist_800_63b()),
        ("classes", PasswordPolicy::four_classes()),
        ("once", PasswordPolicy::from_rules([Rule::MinLength(12)])),
    ];
    let mut pages = Vec::new();
    for (name, policy) in &policies {
        let page = |violations: &Violations, problem| {
            let shell = shell(look, locale, "/new", values);
            let (username, seconds_left) = (values.typed, 894);
            NewPasswordPage { shell, username, policy, violations, problem, seconds_left }.render().unwrap()
        };
        let refused = policy.check(&NewPassword::new("password"), &[]);
        pages.push((format!("new {name}"), page(&Violations::default(), None)));
        pages.push((format!("new {name} refused"), page(&refused, None)));
        pages.push((format!("new {name} busy"), page(&Violations::default(), Some(NewPasswordProblem::Busy))));
    }
    pages
}

fn endings(look: &Look, locale: Locale) -> Vec<Named> {
    let shell = |path| Shell::new(look, locale, path);
    let mut pages = vec![
        ("done".to_owned(), DonePage { shell: shell("/done") }.render().unwrap()),
        ("cancelled".to_owned(), CancelledPage { shell: shell("/cancel") }.render().unwrap()),
        ("locked".to_owned(), LockedPage { shell: shell("/lock"), ways: &Ask::ALL }.render().unwrap()),
        ("undone without a way".to_owned(), LockedPage { shell: shell("/lock"), ways: &[] }.render().unwrap()),
        ("expired".to_owned(), ExpiredPage { shell: shell("/expired") }.render().unwrap()),
    ];
    for problem in Problem::ALL {
        let retry_after = matches!(problem, Problem::TooMany | Problem::Busy).then_some(90);
        let page = ProblemPage { shell: shell(""), problem, retry_after };
        pages.push((format!("problem {problem:?}"), page.render().unwrap()));
    }
    pages
}
