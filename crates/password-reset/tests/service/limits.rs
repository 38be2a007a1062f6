//! Limits: of sources, of messages, of the node.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt};
use futures_util::{FutureExt, future};
use password_reset::flow::AuditEvent;
use password_reset::secret::{Code, RequesterToken};
use password_reset::{Limits, PasswordReset, Proof, RequestError, ResetRequest, VerifyError};
use password_reset_testkit::{Fault, Faults, FaultyStore, Log, MemoryStore};
use tracing::Level;

use crate::support::{App, EMAIL, email, source};

fn from(address: &str) -> ResetRequest {
    ResetRequest::email_link(email(EMAIL), address.parse::<IpAddr>().unwrap())
}

#[tokio::test]
async fn a_source_is_limited_for_everybody_alike_and_nothing_is_stored() {
    let app = App::with(MemoryStore::new(), |builder| builder.limits(Limits::default().requests_per_source(5)));
    for at in 0..5 {
        app.ask_for(email(&format!("nobody{at}@toko.example"))).await;
    }
    for identifier in [email(EMAIL), email("nobody@toko.example")] {
        let error = app.reset.request(ResetRequest::email_link(identifier, source())).await.unwrap_err();
        let RequestError::TooMany { retry_after } = error else { panic!("{error:?}") };
        assert!(retry_after <= Duration::from_secs(3_600) && retry_after > Duration::ZERO);
    }
    assert_eq!(app.store.resets().unwrap().len(), 5);
    app.reset.request(from("203.0.113.8")).await.expect("another source");
    app.later(60);
    app.ask().await;
}

#[tokio::test]
async fn an_ipv6_network_is_one_source() {
    let app = App::with(MemoryStore::new(), |builder| builder.limits(Limits::default().requests_per_source(2)));
    app.reset.request(from("2001:db8:1:2:aaaa::1")).await.unwrap();
    app.reset.request(from("2001:db8:1:2:bbbb::2")).await.unwrap();
    assert!(app.reset.request(from("2001:db8:1:2:cccc::3")).await.is_err());
    assert!(app.reset.request(from("2001:db8:1:3::1")).await.is_ok());
    app.reset.request(from("203.0.113.9")).await.unwrap();
    app.reset.request(from("::ffff:203.0.113.9")).await.unwrap();
    assert!(app.reset.request(from("203.0.113.9")).await.is_err(), "a mapped address is the address");
}

#[tokio::test]
async fn a_challenge_is_asked_for_before_the_limit_and_is_never_the_only_one() {
    let app = App::with(MemoryStore::new(), |builder| {
        builder.limits(Limits::default().requests_per_source(5).challenge_from(Some(2)))
    });
    app.ask().await;
    app.ask().await;
    let error = app.reset.request(from("203.0.113.7")).await.unwrap_err();
    assert!(matches!(error, RequestError::ChallengeRequired), "{error:?}");
    for _ in 0..3 {
        app.reset.request(from("203.0.113.7").challenge_passed()).await.unwrap();
    }
    let error = app.reset.request(from("203.0.113.7").challenge_passed()).await.unwrap_err();
    assert!(matches!(error, RequestError::TooMany { .. }), "{error:?}");
}

#[tokio::test]
async fn without_the_service_of_a_challenge_the_limits_are_those_without_one() {
    let app = App::with(MemoryStore::new(), |builder| {
        builder.limits(Limits::default().requests_per_source(5).challenge_from(Some(0)))
    });
    for _ in 0..5 {
        let error = app.reset.request(from("203.0.113.7")).await.unwrap_err();
        assert!(matches!(error, RequestError::ChallengeRequired), "{error:?}");
        app.reset.request(from("203.0.113.7").challenge_unavailable()).await.unwrap();
    }
    let error = app.reset.request(from("203.0.113.7").challenge_unavailable()).await.unwrap_err();
    assert!(matches!(error, RequestError::TooMany { .. }), "{error:?}");
}

#[tokio::test]
async fn without_the_service_of_a_challenge_nobody_gets_what_is_reserved() {
    let app = App::with(MemoryStore::new(), |builder| {
        builder.limits(Limits::default().requests_per_minute(100).challenge_from(Some(2)))
    });
    let taken = async |request: fn(ResetRequest) -> ResetRequest, address: &str| {
        app.reset.request(request(from(address))).await
    };
    let mut refused = 0;
    for nth in 0..100 {
        let flood = taken(ResetRequest::challenge_unavailable, &format!("11.0.{}.{}", nth % 2, nth)).await;
        refused += u32::from(matches!(flood, Err(RequestError::TooMany { .. })));
    }
    assert!(refused > 50, "{refused}");
    assert!(taken(ResetRequest::challenge_passed, "11.0.0.1").await.is_ok(), "who passed it may use what is reserved");
    taken(|request| request, "203.0.113.7").await.expect("the owner's network asked for nothing yet");
}

#[tokio::test]
async fn a_node_takes_so_many_requests_a_minute_and_no_more() {
    let app = App::with(MemoryStore::new(), |builder| builder.limits(Limits::default().requests_per_minute(3)));
    for at in 1..=3 {
        app.reset.request(from(&format!("203.0.113.{at}"))).await.unwrap();
    }
    let error = app.reset.request(from("203.0.113.4")).await.unwrap_err();
    let RequestError::TooMany { retry_after } = error else { panic!("{error:?}") };
    app.clock.advance(retry_after);
    app.reset.request(from("203.0.113.4")).await.unwrap();
}

#[tokio::test]
async fn a_flood_of_busy_networks_leaves_the_owner_elsewhere_a_request() {
    let app = App::with(MemoryStore::new(), |builder| builder.limits(Limits::default().requests_per_minute(100)));
    for nth in 0..1_000 {
        let _limited = app.reset.request(from(&format!("11.0.{}.{}", nth % 10, nth / 10))).await;
    }
    app.reset.request(from("203.0.113.7")).await.expect("the owner's network asked for nothing yet");
}

#[tokio::test]
async fn a_full_node_asks_for_the_challenge_where_there_is_one() {
    let app = App::with(MemoryStore::new(), |builder| {
        builder.limits(Limits::default().requests_per_minute(4).challenge_from(Some(2)))
    });
    for at in 1..=3 {
        app.reset.request(from(&format!("203.0.113.{at}"))).await.unwrap();
    }
    let error = app.reset.request(from("203.0.113.4")).await.unwrap_err();
    assert!(matches!(error, RequestError::ChallengeRequired), "{error:?}");
}

#[tokio::test]
async fn codes_sprayed_over_many_accounts_are_compared_so_often_and_no_more() {
    let app = App::new();
    let wrong = |requester_token: &RequesterToken| Proof::Code {
        requester_token: RequesterToken::parse(requester_token.expose()).unwrap(),
        code: Code::parse("00000000").unwrap(),
    };
    for at in 0..100 {
        let requester_token = app.ask_for(email(&format!("user{at}@toko.example"))).await.requester_token;
        for _ in 0..5 {
            app.reset.verify(wrong(&requester_token)).await.unwrap_err();
        }
    }
    let count = |event| app.events().iter().filter(|seen| **seen == event).count();
    assert_eq!((count(AuditEvent::WrongCode), count(AuditEvent::CodesPaused)), (60, 440));
    // Even the right code is refused there, and looks like a wrong one; a link is not, and other sources are not.
    let (requester_token, mail) = app.mailed().await;
    assert!(matches!(app.verify_code(&requester_token, mail.code().unwrap()).await, Err(VerifyError::Refused)));
    assert!(app.verify_link(&mail).await.is_ok());
    let elsewhere = app.reset.request(from("203.0.113.99")).await.unwrap();
    app.worker.run_once().await.unwrap();
    let code = app.mail.last().unwrap().code().unwrap().to_owned();
    assert!(app.verify_code(&elsewhere.requester_token, &code).await.is_ok());
}

#[tokio::test]
async fn one_source_cannot_use_up_what_all_share() {
    let app = App::with(MemoryStore::new(), |builder| {
        builder.limits(Limits::default().requests_per_source(2).requests_per_minute(5))
    });
    for _ in 0..20 {
        let _limited = app.reset.request(from("203.0.113.1")).await;
    }
    app.reset.request(from("203.0.113.2")).await.expect("another source");
}

#[tokio::test]
async fn the_same_request_again_uses_up_nothing_of_what_all_share() {
    let app = App::with(MemoryStore::new(), |builder| builder.limits(Limits::default().requests_per_minute(2)));
    let mut again = app.ask().await.requester_token;
    for _ in 0..20 {
        again = app.reset.request(from("203.0.113.7").again(again)).await.expect("the same reset").requester_token;
    }
    assert_eq!(app.store.resets().unwrap().len(), 1);
    app.reset.request(from("198.51.100.2")).await.expect("another network");
}

/// An owner who tries again while the database is down is not the one who asked too often.
#[tokio::test]
async fn requests_that_the_store_fails_use_up_nothing() {
    let app = App::new();
    let reset = of_four_a_minute(&app, &Faults::from_call(1, Fault::FailBefore));
    for nth in 0..20 {
        let error = reset.request(from("203.0.113.7")).await.unwrap_err();
        assert!(matches!(error, RequestError::Unavailable(_)), "{nth}: {error:?}");
    }
}

/// A node that takes four requests a minute, on a store with these faults.
fn of_four_a_minute(app: &App, faults: &Faults) -> PasswordReset {
    let builder = app.builder_on(FaultyStore::new(Arc::clone(&app.store), faults)).notifier(app.mail.clone());
    builder.limits(Limits::default().requests_per_minute(4)).build().unwrap().0
}

/// A store that answers late must not let in what the limit would not.
#[tokio::test]
async fn requests_that_wait_for_the_store_count_too() {
    let app = App::new();
    let reset = of_four_a_minute(&app, &Faults::from_call(1, Fault::StopBefore));
    let requests: FuturesUnordered<_> = (0..20_u8).map(|nth| reset.request(from(&format!("198.51.{nth}.1")))).collect();
    let mut refused = requests.filter_map(|answer| future::ready(answer.err()));
    let mut count = 0;
    while let Some(Some(error)) = refused.next().now_or_never() {
        assert!(matches!(error, RequestError::TooMany { .. }), "{error:?}");
        count += 1;
    }
    assert_eq!(count, 16, "four wait for the store");
}

#[tokio::test]
async fn no_number_of_sources_gets_more_than_the_messages_of_an_account() {
    let app = App::new();
    for at in 0..1_000_u32 {
        let octets = at.to_be_bytes();
        app.reset.request(from(&format!("198.51.{}.{}", octets[2], octets[3]))).await.unwrap();
    }
    app.worker.run_once().await.unwrap();
    assert_eq!(app.mail.delivered().len(), 3);
    assert_eq!(app.details(AuditEvent::Suppressed), vec!["capped"; 997]);
    app.later(205);
    app.ask().await;
    app.mailed_now().await;
    assert_eq!(app.mail.delivered().len(), 4, "one more after 205 minutes");
}

#[tokio::test]
async fn the_owner_always_has_a_link_that_works_or_can_get_one() {
    let app = App::new();
    // A stranger takes all tokens at once.
    for _ in 0..10 {
        app.ask().await;
    }
    app.worker.run_once().await.unwrap();
    let last = app.mail.last().unwrap();
    app.clock.advance(Duration::from_millis(205 * 60_000 - 1));
    assert!(app.verify_link(&last).await.is_ok(), "the link of the last token lives until the next token comes");
    app.clock.advance(Duration::from_millis(1));
    let (_, fresh) = app.mailed().await;
    assert!(app.verify_link(&fresh).await.is_ok(), "and then there is a token");
}

/// Who watches the log is told, and strangers cannot fill it, nor write into it.
#[tokio::test]
async fn automated_access_raises_one_alert_a_minute_with_a_count_and_nothing_that_was_typed() {
    let (log, _guard) = Log::of_this_thread(Level::INFO);
    let app = App::with(MemoryStore::new(), |builder| {
        builder.limits(Limits::default().requests_per_source(2).requests_per_minute(4))
    });
    let asks = async |times: usize, from: &str| {
        for at in 0..times {
            let typed = email(&format!("typed{at}@toko.example"));
            drop(app.reset.request(ResetRequest::email_link(typed, from.parse::<IpAddr>().unwrap())).await);
        }
    };
    let alerts = || -> Vec<String> {
        let text = log.text();
        text.lines().filter(|line| line.contains("password_reset::alert")).map(str::to_owned).collect()
    };
    asks(2, "203.0.113.7").await;
    assert!(alerts().is_empty(), "{:?}", alerts());
    asks(50, "203.0.113.7").await;
    assert_eq!(alerts().len(), 1);
    assert!(alerts()[0].contains("limit=\"requests_of_source\" hits=1"), "{:?}", alerts());
    asks(2, "203.0.113.8").await;
    asks(20, "203.0.113.9").await;
    assert_eq!(alerts().len(), 2);
    assert!(alerts()[1].contains("limit=\"requests_of_node\" hits=1"), "{:?}", alerts());
    app.later(1);
    asks(1, "203.0.113.7").await;
    assert_eq!(alerts().len(), 3);
    assert!(alerts()[2].contains("limit=\"requests_of_source\" hits=50"), "{:?}", alerts());
    let all = log.text();
    assert!(!all.contains("typed") && !all.contains("203.0.113"), "{all}");
}

#[tokio::test]
async fn sprayed_codes_raise_an_alert_too() {
    let (log, _guard) = Log::of_this_thread(Level::INFO);
    let app = App::with(MemoryStore::new(), |builder| builder.limits(Limits::default().codes_per_source(5)));
    for _ in 0..3 {
        let requester_token = app.ask().await.requester_token;
        for _ in 0..5 {
            assert!(app.verify_code(&requester_token, "00000000").await.is_err());
        }
    }
    let text = log.text();
    assert_eq!(text.matches("codes_of_source").count(), 1, "{text}");
}
