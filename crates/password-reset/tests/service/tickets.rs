//! Tickets count once, on all nodes, for whom they were made and as long as they live.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use password_reset::{KeyRing, Tickets};

use crate::support::{App, key, source, start};

const LIVES: Duration = Duration::from_secs(600);

fn of(app: &App) -> Tickets {
    app.reset.tickets("puzzles", LIVES)
}

fn neighbour() -> IpAddr {
    "203.0.113.8".parse().unwrap()
}

#[tokio::test]
async fn a_ticket_counts_once_on_all_nodes() {
    let app = App::new();
    let ticket = of(&app).issue(source()).unwrap();
    assert!(ticket.len() <= 120 && ticket.bytes().all(|byte| byte == b'.' || byte.is_ascii_hexdigit()), "{ticket}");
    let other = app.another_node().tickets("puzzles", LIVES);
    assert!(other.redeem(&ticket, source()).await.unwrap(), "another node knows it");
    assert!(!of(&app).redeem(&ticket, source()).await.unwrap() && !other.redeem(&ticket, source()).await.unwrap());
    app.later(9);
    assert!(!of(&app).redeem(&ticket, source()).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_attempts_at_once_one_redeems_it() {
    let app = App::new();
    let ticket: Arc<str> = of(&app).issue(source()).unwrap().into();
    let barrier = Arc::new(tokio::sync::Barrier::new(16));
    let mut attempts = tokio::task::JoinSet::new();
    for _ in 0..16 {
        let (tickets, ticket, barrier) = (of(&app), Arc::clone(&ticket), Arc::clone(&barrier));
        attempts.spawn(async move {
            barrier.wait().await;
            tickets.redeem(&ticket, source()).await.unwrap()
        });
    }
    assert_eq!(attempts.join_all().await.into_iter().filter(|redeemed| *redeemed).count(), 1);
}

#[tokio::test]
async fn it_is_for_one_source_one_purpose_and_a_time() {
    let app = App::new();
    let ticket = of(&app).issue(source()).unwrap();
    assert!(!of(&app).redeem(&ticket, neighbour()).await.unwrap());
    assert!(!app.reset.tickets("others", LIVES).redeem(&ticket, source()).await.unwrap());
    let (end, rest) = ticket.split_once('.').unwrap();
    let later = i64::from_str_radix(end, 16).unwrap() + 60_000;
    for forged in
        [format!("{later:x}.{rest}"), format!("{ticket}0"), format!("{end}.{rest}.{rest}"), ticket.to_uppercase()]
    {
        assert!(!of(&app).redeem(&forged, source()).await.unwrap(), "{forged}");
    }
    for text in ["", ".", "..", "a.b.c", &"0".repeat(10_000)] {
        assert!(!of(&app).redeem(text, source()).await.unwrap(), "{text}");
    }
    app.later(10);
    assert!(!of(&app).redeem(&ticket, source()).await.unwrap(), "it has expired");
    app.clock.set(start() + Duration::from_secs(540));
    assert!(of(&app).redeem(&ticket, source()).await.unwrap(), "none of these redeemed it");
}

/// Nodes have the two keys in one order or the other while a key for counters is rotated.
#[tokio::test]
async fn a_ticket_counts_once_while_keys_are_rotated() {
    let app = App::new();
    let node = |first: (&str, u8), second: (&str, u8)| {
        let keys = KeyRing::new(key("k1", 1), key(first.0, first.1)).verifying_counters(key(second.0, second.1));
        app.with_keys(keys).0.tickets("puzzles", LIVES)
    };
    let (before, after) = (node(("counters", 2), ("new", 3)), node(("new", 3), ("counters", 2)));
    for (one, other) in [(&before, &after), (&after, &before)] {
        let ticket = one.issue(source()).unwrap();
        assert!(other.redeem(&ticket, source()).await.unwrap());
        assert!(!one.redeem(&ticket, source()).await.unwrap());
    }
}
