//! `docs/defaults.md` says the numbers that the code has.
#![allow(clippy::unwrap_used, reason = "test code")]

use std::time::Duration;

use password_reset::hashing::Argon2Params;
use password_reset::{Lifetimes, Limits, PasswordPolicy, Retention};

fn minutes(time: Duration) -> u64 {
    time.as_secs() / 60
}

fn days(time: Duration) -> u64 {
    time.as_secs() / (24 * 60 * 60)
}

#[test]
fn the_document_says_the_numbers_of_the_code() {
    let text = include_str!("../../defaults.md").split_whitespace().collect::<Vec<_>>().join(" ");
    let (lives, limits, kept) = (Lifetimes::default(), Limits::default(), Retention::default());
    assert_eq!(limits.challenge_from, None);
    let (policy, argon2) = (PasswordPolicy::default(), Argon2Params::DEFAULT);
    for said in [
        format!("| `lifetimes.link` | {} minutes |", minutes(lives.link)),
        format!("| `lifetimes.code` | {} minutes |", minutes(lives.code)),
        format!("| `lifetimes.inbound` | {} minutes |", minutes(lives.inbound)),
        format!("| `lifetimes.whatsapp` | {} minutes |", minutes(lives.whatsapp)),
        format!("| `lifetimes.grant` | {} minutes |", minutes(lives.grant)),
        format!("| `lifetimes.lock` | {} days |", days(lives.lock)),
        format!("| `limits.requests_per_source` | {0} at once and {0} an hour |", limits.requests_per_source),
        "| `limits.challenge_from` | off |".to_owned(),
        format!("| `limits.requests_per_minute` | {} |", limits.requests_per_minute),
        format!("| `limits.code_attempts` | {} |", limits.code_attempts),
        format!("| `limits.codes_per_source` | {} |", limits.codes_per_source),
        format!("| `limits.codes_per_source_refill` | {} seconds |", limits.codes_per_source_refill.as_secs()),
        format!("| `limits.wrong_code_burst` | {} |", limits.wrong_code_burst),
        format!("| `limits.wrong_code_refill` | {} minutes |", minutes(limits.wrong_code_refill)),
        format!("| `limits.completion_attempts` | {} |", limits.completion_attempts),
        format!("| `limits.message_burst` | {} |", limits.message_burst),
        format!("| `limits.message_refill` | {} minutes |", minutes(limits.message_refill)),
        format!("| `limits.reply_burst` | {} |", limits.reply_burst),
        format!("| `limits.reply_refill` | {} minutes |", minutes(limits.reply_refill)),
        format!("| `limits.current_password_burst` | {} |", limits.current_password_burst),
        format!("| `limits.current_password_refill` | {} minutes |", minutes(limits.current_password_refill)),
        format!("| `limits.admin_burst` | {} |", limits.admin_burst),
        format!("| `limits.admin_refill` | {} minutes |", minutes(limits.admin_refill)),
        format!("| `retention.resets` | {} day |", days(kept.resets)),
        format!("| `retention.audit` | {} days |", days(kept.audit)),
        format!("| `retention.audit_noise` | {} days |", days(kept.audit_noise)),
        format!("Why does a link live {} minutes?", minutes(lives.link)),
        format!("one more every {} minutes?", minutes(limits.message_refill)),
        format!("Why {} requests an hour", limits.requests_per_source),
        format!(
            "Why are audit rows kept for {} days, and those that strangers cause at will for {}?",
            days(kept.audit),
            days(kept.audit_noise)
        ),
        format!("Why {} characters without classes?", policy.min_length().unwrap()),
        format!("Why Argon2id with {} MiB, t={}, p={}?", argon2.memory_kib() / 1024, argon2.passes(), argon2.lanes()),
    ] {
        assert!(text.contains(&said), "docs/defaults.md does not say: {said}");
    }
}
