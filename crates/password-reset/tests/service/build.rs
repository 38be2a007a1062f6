//! What `build()` refuses.

use std::time::Duration;

use password_reset::message::Zone;
use password_reset::policy::{Rule, RuleKind};
use password_reset::secret::KeyError;
use password_reset::{
    BuildError, Builder, ContactKind, Inbound, Key, KeyRing, Lifetimes, Limits, PasswordPolicy, PasswordReset,
    Retention, Site,
};
use password_reset_testkit::mocks::MockBreachedPasswords;
use password_reset_testkit::{MemoryAccounts, MemoryStore, PlainHasher, RecordingNotifier};

use crate::support::{key, keys, site};

fn builder(keys: KeyRing, site: Site) -> Builder {
    PasswordReset::builder(MemoryAccounts::new(), MemoryStore::new(), keys, site)
        .hash_pool(PlainHasher::salted().pool())
}

fn complete() -> Builder {
    builder(keys(), site()).notifier(RecordingNotifier::new())
}

fn refused(builder: Builder) -> BuildError {
    builder.build().map(drop).expect_err("unsafe, and built all the same")
}

#[test]
fn what_is_complete_is_built() {
    complete().build().map(drop).unwrap();
}

#[test]
fn sites_that_links_must_not_lead_to_are_refused() {
    for url in [
        "",
        "toko.example/reset",
        "http://toko.example/reset",
        "ftp://toko.example",
        "https://",
        "https://ani:secret@toko.example",
        "https://toko.example/?next=x",
        "https://toko.example/#x",
        "http://localhost.toko.example",
        "http://127.0.0.1.toko.example",
        "javascript:alert(1)",
    ] {
        let site = Site::new("Toko", url);
        assert_eq!(refused(builder(keys(), site).notifier(RecordingNotifier::new())).field, "site", "{url}");
    }
    for name in ["", "  ", "Toko\r\nBcc: x@y.example", "a\0b"] {
        let site = Site::new(name, "https://toko.example");
        assert_eq!(refused(builder(keys(), site).notifier(RecordingNotifier::new())).field, "site", "{name:?}");
    }
    for zone in [Zone::new("", 0), Zone::new("WIB\n", 420), Zone::new("<b>", 0), Zone::new("FAR", 841)] {
        let site = Site::new("Toko", "https://toko.example").with_zone(zone.clone());
        assert_eq!(refused(builder(keys(), site).notifier(RecordingNotifier::new())).field, "site", "{zone:?}");
    }
    for url in ["http://localhost:8080/reset", "http://127.0.0.1:3000", "http://[::1]/", "https://toko.example/"] {
        builder(keys(), Site::new("Toko", url)).notifier(RecordingNotifier::new()).build().map(drop).expect(url);
    }
}

#[test]
fn the_rule_about_breaches_and_the_list_need_each_other() {
    let rule = || PasswordPolicy::nist_800_63b().with(Rule::NotBreached);
    let missing = refused(complete().policy(rule()));
    assert_eq!(missing.field, "breached_passwords");
    assert!(missing.reason.contains("not_breached") && missing.reason.contains("remove the rule"), "{missing}");
    assert_eq!(refused(complete().policy(PasswordPolicy::asvs_5())).field, "breached_passwords");
    let unread = refused(complete().breached_passwords(MockBreachedPasswords::new()));
    assert_eq!(unread.field, "breached_passwords");
    complete().policy(rule()).breached_passwords(MockBreachedPasswords::new()).build().map(drop).unwrap();
    complete().policy(PasswordPolicy::asvs_5().without(RuleKind::NotBreached)).build().map(drop).unwrap();
}

#[test]
fn nothing_can_be_built_that_cannot_send_or_sends_twice() {
    assert_eq!(refused(builder(keys(), site())).field, "notifier");
    assert_eq!(refused(complete().notifier(RecordingNotifier::new())).field, "notifier");
}

#[test]
fn phones_are_the_only_contacts_if_the_builder_accepts_that() {
    let phone = || RecordingNotifier::reaching(ContactKind::Phone);
    let phones = || builder(keys(), site()).notifier(phone());
    let inbound = || Inbound::type_back("+6281100000000").unwrap();
    for alone in [phones(), phones().inbound(inbound())] {
        let error = refused(alone);
        assert!(error.field == "notifier" && error.reason.contains(".phone_only()"), "{error}");
    }
    // Codes alone could be used up by an attacker.
    let codes = refused(phones().phone_only());
    assert!(codes.field == "inbound" && codes.reason.contains(".inbound(…)"), "{codes}");
    phones().inbound(inbound()).phone_only().build().map(drop).unwrap();
    // A mailbox beside it will do, in any order.
    phones().notifier(RecordingNotifier::new()).build().map(drop).unwrap();
    complete().notifier(phone()).inbound(inbound()).build().map(drop).unwrap();
    // It is no leave to have no way at all.
    assert_eq!(refused(builder(keys(), site()).phone_only()).field, "notifier");
}

#[test]
fn a_mode_that_replies_needs_a_phone_to_reply_to() {
    for inbound in [Inbound::type_back("+6281100000000"), Inbound::continue_on_phone("+6281100000000")] {
        assert_eq!(refused(complete().inbound(inbound.unwrap())).field, "inbound");
    }
    complete().inbound(Inbound::page_advances("+6281100000000").unwrap()).build().map(drop).unwrap();
}

#[test]
fn keys_must_be_keys() {
    assert_eq!(Key::new("k", &[]).unwrap_err(), KeyError::Length { id: "k".into() });
    assert_eq!(Key::new("k", &[1, 2, 3]).unwrap_err(), KeyError::Length { id: "k".into() });
    assert_eq!(Key::new("k", &[0; 32]).unwrap_err(), KeyError::NotRandom { id: "k".into() });
    for id in ["", "a b", "a:b", "a,b", "ä", &"x".repeat(33)] {
        assert_eq!(Key::new(id, key("k", 1).id().repeat(32).as_bytes()).unwrap_err(), KeyError::Name, "{id:?}");
    }
    let twice = KeyRing::new(key("k1", 1), key("counters", 1));
    assert_eq!(refused(builder(twice, site()).notifier(RecordingNotifier::new())).field, "keys");
    let same_name = keys().verifying(key("k1", 9));
    assert_eq!(refused(builder(same_name, site()).notifier(RecordingNotifier::new())).field, "keys");
}

#[test]
fn numbers_beyond_their_bounds_are_refused_with_their_field() {
    let day = Duration::from_secs(86_400);
    let second = Duration::from_secs(1);
    for (field, lives) in [
        ("lifetimes.link", Lifetimes::default().link(day + second)),
        ("lifetimes.link", Lifetimes::default().link(second)),
        ("lifetimes.code", Lifetimes::default().code(Duration::from_secs(3_601))),
        ("lifetimes.code", Lifetimes::default().link(Duration::from_secs(300))),
        ("lifetimes.inbound", Lifetimes::default().inbound(Duration::from_secs(601))),
        ("lifetimes.inbound", Lifetimes::default().inbound(second)),
        ("lifetimes.whatsapp", Lifetimes::default().whatsapp(Duration::from_secs(601))),
        ("lifetimes.whatsapp", Lifetimes::default().whatsapp(second)),
        ("lifetimes.grant", Lifetimes::default().grant(Duration::ZERO)),
    ] {
        assert_eq!(refused(complete().lifetimes(lives)).field, field);
    }
    for (field, limits) in [
        ("limits.requests_per_source", Limits::default().requests_per_source(0)),
        ("limits.challenge_from", Limits::default().challenge_from(Some(301))),
        ("limits.requests_per_minute", Limits::default().requests_per_minute(0)),
        ("limits.code_attempts", Limits::default().code_attempts(11)),
        ("limits.code_attempts", Limits::default().code_attempts(0)),
        ("limits.codes_per_source", Limits::default().codes_per_source(4)),
        ("limits.codes_per_source_refill", Limits::default().codes_per_source_refill(Duration::ZERO)),
        ("limits.wrong_code_burst", Limits::default().wrong_code_burst(101)),
        ("limits.completion_attempts", Limits::default().completion_attempts(51)),
        ("limits.message_burst", Limits::default().message_burst(0)),
        ("limits.message_refill", Limits::default().message_refill(day + second)),
        ("limits.reply_burst", Limits::default().reply_burst(0)),
        ("limits.reply_burst", Limits::default().reply_burst(101)),
        ("limits.reply_refill", Limits::default().reply_refill(second)),
        ("limits.current_password_burst", Limits::default().current_password_burst(0)),
        ("limits.current_password_refill", Limits::default().current_password_refill(second)),
    ] {
        assert_eq!(refused(complete().limits(limits)).field, field);
    }
    for (field, retention) in [
        ("retention.resets", Retention::default().resets(Duration::ZERO)),
        ("retention.audit", Retention::default().audit(Duration::ZERO)),
        ("retention.audit_noise", Retention::default().audit_noise(Duration::ZERO)),
    ] {
        assert_eq!(refused(complete().retention(retention)).field, field);
    }
}

#[test]
fn errors_name_the_field_and_hold_no_key() {
    let error = KeyRing::parse("k1:c2hvcnQ=,counters:c2hvcnQ=").unwrap_err();
    assert_eq!(error, KeyError::Length { id: "k1".into() });
    assert!(!format!("{error} {error:?}").contains("c2hvcnQ"));
    assert!(!format!("{:?}", keys()).contains("31"));
}
