//! How often and how long: caps on messages, lifetimes, attempts, quotas of failures, and how much there is to guess.

use std::collections::BTreeSet;
use std::time::Duration;

use password_reset::VerifyError;
use password_reset::admin::AdminRequestError;
use password_reset::flow::AuditEvent;
use password_reset::inbound::Received;

use crate::app::{App, ELSEWHERE, HERE, Setup, lifetimes};
use crate::ways::{Begun, Way, message};

const TICK: Duration = Duration::from_millis(1);

fn refused<T: std::fmt::Debug>(outcome: Result<T, VerifyError>) {
    assert!(matches!(outcome, Err(VerifyError::Refused)), "{outcome:?}");
}

fn texts(app: &App) -> usize {
    let all = app.mail.delivered().into_iter().chain(app.phone.delivered());
    all.filter(|sent| sent.link().is_some() || sent.code().is_some()).count()
}

/// Only so many messages go to a contact, whichever way causes them; and one more after a while.
pub(crate) async fn cap(way: Way) {
    let setup = Setup::of(way).limits(|limits| {
        (limits.message_burst, limits.reply_burst, limits.admin_burst) = (2, 2, 2);
        if way == Way::StepUpCode {
            limits.message_burst = 10;
        }
        limits.message_refill = Duration::from_secs(60 * 60);
        limits.reply_refill = Duration::from_secs(60 * 60);
        limits.admin_refill = Duration::from_secs(60 * 60);
    });
    let app = setup.build();
    match way {
        Way::MailLink | Way::MailCode | Way::WhatsAppCode => {
            for _ in 0..4 {
                app.ask(way, HERE).await.unwrap();
                app.work().await;
            }
            assert_eq!(texts(&app), 2);
            app.clock.advance(Duration::from_secs(60 * 60));
            app.ask(way, HERE).await.unwrap();
            app.work().await;
            assert_eq!(texts(&app), 3);
        }
        Way::PageAdvances => {
            app.ask(way, HERE).await.unwrap();
            app.work().await;
            assert_eq!(texts(&app), 0, "nothing is sent for being asked");
        }
        Way::TypeBack | Way::ContinueOnPhone => {
            for at in 0..4 {
                let asked = app.ask(way, HERE).await.unwrap();
                let received = app.send(&asked.challenge.unwrap().text(password_reset::Locale::ENGLISH)).await;
                assert_eq!(received == Received::MessageReceived, at < 2, "{received:?}");
                app.work().await;
            }
            assert_eq!(texts(&app), 2);
        }
        Way::Administrator => {
            for at in 0..4 {
                let asked = app.ask_as_admin(HERE).await;
                assert_eq!(asked.is_ok(), at < 2);
                assert!(at < 2 || matches!(asked, Err(AdminRequestError::TooMany { .. })), "{asked:?}");
                app.work().await;
            }
            assert_eq!(texts(&app), 2);
        }
        Way::StepUpCode => {
            // Each reset has a link of its own to open; only the codes of the second proof are capped here.
            for opened in [true, true, false] {
                app.ask(way, HERE).await.unwrap();
                app.work().await;
                let link = app.mail.last().unwrap().link_secret().unwrap().to_owned();
                assert_eq!(app.first_proof(&link).await.is_some(), opened);
                app.work().await;
            }
            assert_eq!(app.phone.delivered().len(), 2);
            assert!(app.store.trail().iter().any(|row| row.detail.as_deref() == Some("capped")));
        }
        Way::CurrentPassword | Way::StepUpFactor => unreachable!("{way:?}"),
    }
}

/// How long what is brought last lives, from where it begins to.
fn lives(way: Way) -> Duration {
    let lifetimes = lifetimes();
    match way {
        Way::MailLink | Way::Administrator => lifetimes.link,
        Way::MailCode => lifetimes.code,
        Way::PageAdvances => lifetimes.inbound,
        Way::WhatsAppCode | Way::TypeBack | Way::ContinueOnPhone => lifetimes.whatsapp,
        Way::StepUpCode => lifetimes.whatsapp.min(lifetimes.code),
        Way::StepUpFactor | Way::CurrentPassword => lifetimes.grant,
    }
}

/// How long the page of the requester waits, whatever is sent; `None` where no requester waits.
fn waits(way: Way) -> Option<Duration> {
    let lifetimes = lifetimes();
    match way {
        Way::MailLink | Way::MailCode | Way::StepUpCode | Way::StepUpFactor => Some(lifetimes.link),
        Way::WhatsAppCode => Some(lifetimes.whatsapp),
        Way::PageAdvances | Way::TypeBack | Way::ContinueOnPhone => Some(lifetimes.inbound),
        Way::Administrator | Way::CurrentPassword => None,
    }
}

/// To the millisecond: the secret works until its own lifetime ends, and not after; and so does the grant.
pub(crate) async fn lifetime(way: Way) {
    let lives = lives(way);
    let is_capped = |setup: Setup| setup.limits(|limits| limits.message_burst = 10);
    if let Some(waits) = waits(way) {
        let app = Setup::of(way).build();
        let asked = app.ask(way, HERE).await.unwrap();
        assert_eq!(asked.shown_until - app.now(), chrono::TimeDelta::from_std(waits).unwrap());
    }
    if way != Way::CurrentPassword {
        let app = is_capped(Setup::of(way)).build();
        let begun = app.begin(way).await;
        if let Some(sent) = message(&app, way) {
            // A mail says how long its link lives, and holds the code's own time beside it.
            let said = if way == Way::MailCode { lifetimes().link } else { lives };
            assert_eq!(sent.lives, Some(said), "the message says how long");
        }
        app.clock.advance(lives - TICK);
        let grant = app.finish(way, &begun).await.unwrap();
        assert_eq!(grant.until() - app.now(), chrono::TimeDelta::from_std(lifetimes().grant).unwrap());
        let app = is_capped(Setup::of(way)).build();
        let begun = app.begin(way).await;
        app.clock.advance(lives);
        refused(app.finish(way, &begun).await);
    }
    if way.is_inbound() {
        for (after, heard) in [(lifetimes().inbound - TICK, true), (lifetimes().inbound, false)] {
            let app = Setup::of(way).build();
            let asked = app.ask(way, HERE).await.unwrap();
            app.clock.advance(after);
            let received = app.send(&asked.challenge.unwrap().text(password_reset::Locale::ENGLISH)).await;
            assert_eq!(matches!(received, Received::Proved | Received::MessageReceived), heard, "{received:?}");
        }
    }
    for (after, works) in [(lifetimes().grant - TICK, true), (lifetimes().grant, false)] {
        let app = Setup::of(way).build();
        let begun = app.begin(way).await;
        let grant = app.finish(way, &begun).await.unwrap();
        app.clock.advance(after);
        let set = app.reset.set_password(grant, password_reset::NewPassword::new(crate::app::NEW)).await;
        assert_eq!(set.is_ok(), works, "{set:?}");
    }
    if way == Way::StepUpCode {
        // The shorter of two lifetimes, whichever that is.
        let mut setup = Setup::of(way);
        setup.lifetimes.code = Duration::from_secs(3 * 60);
        for (after, works) in [(setup.lifetimes.code - TICK, true), (setup.lifetimes.code, false)] {
            let app = setup.build();
            let begun = app.begin(way).await;
            app.clock.advance(after);
            assert_eq!(app.finish(way, &begun).await.is_ok(), works);
        }
    }
}

/// So many guesses at one reset, and then not even the right one. What cannot be guessed is not counted.
pub(crate) async fn attempts(way: Way) {
    for (guesses, works) in [(2, true), (3, !way.is_guessed())] {
        let app = Setup::of(way).limits(|limits| limits.code_attempts = 3).build();
        let begun = app.begin(way).await;
        for _ in 0..guesses {
            app.guess(way, &begun).await;
        }
        let finished = app.finish(way, &begun).await;
        assert_eq!(finished.is_ok(), works, "after {guesses}: {finished:?}");
    }
}

/// A source that guesses at many accounts gets no further, not even with the right code, until a permit comes back. Where
/// nothing is guessed it limits no other source.
pub(crate) async fn spray(way: Way) {
    let setup = Setup::of(way).limits(|limits| {
        (limits.codes_per_source, limits.codes_per_source_refill) = (5, Duration::from_secs(60));
    });
    for (from, stopped) in [(HERE, way.is_guessed()), (ELSEWHERE, false)] {
        let app = setup.build();
        let begun = app.begin(way).await;
        if let Way::StepUpCode | Way::StepUpFactor = way {
            // First codes are typed by who only asked, so they are another quota.
            let other = app.begin_from(way, from).await;
            for _ in 0..5 {
                app.guess(way, &other).await;
            }
        } else {
            app.spray(from, 5).await;
        }
        let finished = app.finish(way, &begun).await;
        assert_eq!(finished.is_err(), stopped, "{finished:?}");
        if stopped {
            assert!(app.store.trail().iter().any(|row| row.event == AuditEvent::CodesPaused));
            app.clock.advance(Duration::from_secs(61));
            drop(app.finish(way, &begun).await.unwrap());
        }
    }
}

/// Guesses at all resets of an account together pause its codes, from wherever they come; permits come back by themselves.
/// Links go on working.
pub(crate) async fn failures(way: Way) {
    let setup = Setup::of(way).limits(|limits| {
        (limits.wrong_code_burst, limits.wrong_code_refill) = (5, Duration::from_secs(60));
        (limits.message_burst, limits.current_password_refill) = (10, Duration::from_secs(60));
    });
    let app = setup.build();
    let guessed = app.begin_from(way, ELSEWHERE).await;
    let begun = app.begin(way).await;
    for _ in 0..5 {
        app.guess(way, &guessed).await;
    }
    // The current password has a quota of its own, of five too.
    let is_counted = way.is_guessed() || way == Way::CurrentPassword;
    let finished = app.finish(way, &begun).await;
    assert_eq!(finished.is_err(), is_counted, "{finished:?}");
    if is_counted {
        app.clock.advance(Duration::from_secs(61));
        drop(app.finish(way, &begun).await.unwrap());
    }
}

/// What is sent differs as often as its length promises, and uses every character.
pub(crate) async fn entropy(way: Way) {
    const SAMPLES: u64 = 400;
    let mut seen = BTreeSet::new();
    let (mut length, mut used) = (0, Vec::<BTreeSet<char>>::new());
    for seed in 0..SAMPLES {
        let mut setup = Setup::of(way);
        setup.seed = seed + 1;
        let app = setup.build();
        let Begun { secret, .. } = match way {
            // The code is the last word of the text.
            Way::PageAdvances => {
                let begun = app.begin(way).await;
                Begun { secret: begun.secret[begun.secret.len() - 6..].to_owned(), ..begun }
            }
            _ => app.begin(way).await,
        };
        length = secret.chars().count();
        used.resize(length, BTreeSet::new());
        for (at, letter) in secret.chars().enumerate() {
            used[at].insert(letter);
        }
        seen.insert(secret);
    }
    let (characters, alphabet) = match way {
        Way::MailCode | Way::WhatsAppCode | Way::StepUpCode => (8, 10),
        Way::TypeBack => (6, 10),
        Way::PageAdvances => (6, 32),
        _ => (64, 64),
    };
    assert_eq!(length, characters);
    // In a space of 20 bits 400 samples have less than one pair in common on average; in one of 12 bits, eighteen.
    assert!(seen.len() as u64 >= SAMPLES - 2, "only {} of {SAMPLES} differ", seen.len());
    // The first characters of a link are its reset's time; the last 43 are its MAC.
    for letters in used.iter().rev().take(43) {
        assert!(letters.len() * 10 >= alphabet * 8, "one place has only {letters:?}");
    }
}
