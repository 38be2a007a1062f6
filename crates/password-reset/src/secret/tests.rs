//! What the one primitive promises.

use std::collections::{BTreeMap, HashSet};
use std::net::IpAddr;

use super::*;
use crate::flow::channel::{Channel, InboundMode};
use crate::flow::reset::NewReset;
use crate::identity::id::AccountId;
use crate::identity::identifier::{CallingCode, Identifier};
use crate::identity::locale::Locale;
use crate::identity::source::Source;

fn bytes(seed: u8) -> [u8; 32] {
    std::array::from_fn(|at| seed.wrapping_mul(31).wrapping_add(u8::try_from(at).unwrap()))
}

fn key(id: &str, seed: u8) -> Key {
    Key::new(id, &bytes(seed)).unwrap()
}

fn secrets(realm: &str) -> Secrets {
    Secrets::new(KeyRing::new(key("a", 1), key("counters", 2)), realm)
}

fn time(millis: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(millis).unwrap()
}

fn reset_of(id: u8, nonce: u8, key_id: &str, channel: Channel) -> Reset {
    let digest = Digest::from_bytes([0; 32]);
    let identifier = Identifier::username("budi").unwrap();
    let id = ResetId::from_bytes([id; 16]);
    let (at, until) = (time(1_000), time(2_000));
    Reset::open(NewReset::new(
        id,
        channel,
        identifier,
        Locale::ENGLISH,
        key_id,
        bytes(nonce),
        digest,
        digest,
        at,
        until,
    ))
}

fn reset() -> Reset {
    reset_of(1, 1, "a", Channel::EmailLink)
}

fn binding_of(account: &str, until: i64) -> Binding {
    let fingerprint = Digest::from_bytes([9; 32]);
    Binding::new(AccountId::new(account), fingerprint, time(1_000), time(until), time(until))
}

fn binding() -> Binding {
    binding_of("7", 2_000)
}

#[test]
fn one_secret_is_right_and_every_other_is_wrong() {
    let (secrets, reset, binding) = (secrets("toko"), reset(), binding());
    let until = time(3_000);
    assert!(secrets.is_requester_token(&secrets.requester_token(&reset).unwrap(), &reset));
    assert!(secrets.is_link(&secrets.link(&reset, &binding).unwrap(), &reset, &binding));
    assert!(secrets.is_cancel(&secrets.cancel(&reset, &binding).unwrap(), &reset, &binding));
    assert!(secrets.is_code(
        CodeKind::Reset,
        &secrets.code(CodeKind::Reset, &reset, &binding).unwrap(),
        &reset,
        &binding
    ));
    assert!(secrets.is_grant(&secrets.grant(&reset, &binding, until).unwrap(), &reset, &binding));

    let link = secrets.link(&reset, &binding).unwrap();
    assert_eq!(link.expose().len(), 64);
    assert!(secrets.is_link(&LinkToken::parse(link.expose()).unwrap(), &reset, &binding), "also after its journey");
    let grant = GrantToken::parse(secrets.grant(&reset, &binding, until).unwrap().expose()).unwrap();
    assert!(secrets.is_grant(&grant, &reset, &binding) && grant.until() == until && grant.reset_id() == reset.id());

    // Anything that it was made from is another: realm, reset, nonce, channel, account, expiry, key.
    let elsewhere = self::secrets("toko lain");
    assert!(!elsewhere.is_link(&secrets.link(&reset, &binding).unwrap(), &reset, &binding));
    let others = [
        (reset_of(2, 1, "a", Channel::EmailLink), binding.clone()),
        (reset_of(1, 2, "a", Channel::EmailLink), binding.clone()),
        (reset_of(1, 1, "a", Channel::WhatsAppCode), binding.clone()),
        (reset_of(1, 1, "gone", Channel::EmailLink), binding.clone()),
        (reset_of(1, 1, "counters", Channel::EmailLink), binding.clone()),
        (reset.clone(), binding_of("8", 2_000)),
        (reset.clone(), binding_of("7", 2_001)),
    ];
    for (reset, binding) in &others {
        let (reset_before, binding_before) = (self::reset(), self::binding());
        let link = secrets.link(&reset_before, &binding_before).unwrap();
        let code = secrets.code(CodeKind::Reset, &reset_before, &binding_before).unwrap();
        let cancel = secrets.cancel(&reset_before, &binding_before).unwrap();
        assert!(!secrets.is_link(&link, reset, binding));
        assert!(!secrets.is_code(CodeKind::Reset, &code, reset, binding));
        assert!(!secrets.is_cancel(&cancel, reset, binding));
    }
    // A grant whose expiry was put off is no grant.
    let later = GrantToken::new(reset.id(), time(9_000), mac_of(grant.expose()));
    assert!(!secrets.is_grant(&later, &reset, &binding));
}

/// The last 32 bytes that a text stands for.
fn mac_of(text: &str) -> [u8; 32] {
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(text).unwrap();
    *bytes.last_chunk().unwrap()
}

#[test]
fn no_purpose_is_another() {
    // Each kind where each other kind is wanted; the macs are moved by hand, as an attacker would.
    let (secrets, reset, binding) = (secrets("toko"), reset(), binding());
    let macs: Vec<[u8; 32]> = [
        secrets.requester_token(&reset).unwrap().expose(),
        secrets.link(&reset, &binding).unwrap().expose(),
        secrets.cancel(&reset, &binding).unwrap().expose(),
        secrets.grant(&reset, &binding, binding.link_until()).unwrap().expose(),
        secrets.partial_grant(&reset, &binding, binding.link_until()).unwrap().expose(),
        secrets.lock(&reset, &binding, binding.link_until()).unwrap().expose(),
    ]
    .map(mac_of)
    .to_vec();
    for (at, mac) in macs.iter().enumerate() {
        let id = reset.id();
        let right = [
            secrets.is_requester_token(&RequesterToken::new(id, *mac), &reset),
            secrets.is_link(&LinkToken::new(id, *mac), &reset, &binding),
            secrets.is_cancel(&CancelToken::new(id, *mac), &reset, &binding),
            secrets.is_grant(&GrantToken::new(id, binding.link_until(), *mac), &reset, &binding),
            secrets.is_partial_grant(&PartialGrantToken::new(id, binding.link_until(), *mac), &reset, &binding),
            secrets.is_lock(&LockToken::new(id, *mac), &reset, &binding, binding.link_until()),
        ];
        assert_eq!(right, std::array::from_fn(|kind| kind == at), "only the diagonal");
        assert!(!secrets.is_code(CodeKind::Reset, &Code::sent(mac), &reset, &binding));
        assert!(!secrets.is_code(CodeKind::StepUp, &Code::sent(mac), &reset, &binding));
    }
    let hash = PasswordHash::new("x");
    let account = AccountId::new("budi");
    let name = Identifier::username("budi").unwrap();
    let digests = [
        *secrets.new_hash(&reset, &hash).unwrap().as_bytes(),
        *secrets.message_id(&reset, MessageName::Reset).unwrap().as_bytes(),
        *secrets.digests.account(&account).as_bytes(),
        *secrets.digests.quotas().current_password(&account).as_bytes(),
        *secrets.digests.identifier(&name).as_bytes(),
        *secrets.digests.quotas().no_destination(&name).as_bytes(),
        *secrets.digests.session(&account, &hash).as_bytes(),
        *secrets.digests.quotas().destination(&account, &Contact::email("x")).as_bytes(),
        *secrets.digests.quotas().destination(&account, &Contact::phone("x")).as_bytes(),
        *secrets.digests.contact(&account, &Contact::email("x")).as_bytes(),
        *secrets.digests.quotas().step_up_codes(&account, &Contact::email("x")).as_bytes(),
        *secrets.digests.quotas().replies(&account, &Contact::email("x")).as_bytes(),
        *secrets.digests.quotas().admin_asks(&account).as_bytes(),
        *secrets.digests.source(&Source::from(IpAddr::from([192, 0, 2, 1]))).as_bytes(),
    ];
    let all: HashSet<[u8; 32]> = macs.into_iter().chain(digests).collect();
    assert_eq!(all.len(), 20);
}

#[test]
fn fields_cannot_flow_into_one_another() {
    let key = key("a", 1);
    let fields: [&[&[u8]]; 8] =
        [&[b"ab", b"c"], &[b"a", b"bc"], &[b"abc"], &[b"abc", b""], &[b"", b"abc"], &[], &[b""], &[b"", b""]];
    let mut seen: HashSet<[u8; 32]> = fields.iter().map(|fields| mac(&key, "p", "r", fields)).collect();
    seen.insert(mac(&key, "pr", "", &[b"abc"]));
    seen.insert(mac(&key, "", "pr", &[b"abc"]));
    seen.insert(mac(&key, "p", "rabc", &[]));
    // A length that stands where a field would.
    seen.insert(mac(&key, "p", "r", &[b"\0\0\0\0\0\0\0\x03abc"]));
    assert_eq!(seen.len(), 12);
    assert_ne!(mac(&key, "p", "r", &[]), mac(&self::key("a", 3), "p", "r", &[]));
    assert_ne!(mac(&key, "p", "r", &[]), [0; 32]);
}

#[test]
fn the_mac_is_the_one_documented() {
    // HMAC-SHA256 over length-prefixed fields, written out once more.
    let key = key("a", 1);
    let mut message = Vec::new();
    for field in [b"password-reset 1".as_slice(), b"link", b"toko", b"more"] {
        message.extend_from_slice(&(field.len() as u64).to_be_bytes());
        message.extend_from_slice(field);
    }
    let mut hmac = Hmac::<Sha256>::new_from_slice(key.bytes()).unwrap();
    hmac.update(&message);
    assert_eq!(mac(&key, "link", "toko", &[b"more"]), <[u8; 32]>::from(hmac.finalize().into_bytes()));
}

#[test]
fn codes_are_uniform_and_keep_leading_zeros() {
    // Chi-square of every digit's place over 200,000 codes from MACs that never repeat.
    let key = key("a", 1);
    let codes = 200_000_u32;
    let mut counts = [[0_u32; 10]; 8];
    let mut zeros = 0_u32;
    for number in 0..codes {
        let code = Code::sent(&mac(&key, "code", "toko", &[&number.to_be_bytes()]));
        assert!(code.expose().bytes().all(|digit| digit.is_ascii_digit()) && code.expose().len() == 8);
        for (place, digit) in counts.iter_mut().zip(code.expose().bytes()) {
            place[usize::from(digit - b'0')] += 1;
        }
        zeros += u32::from(code.expose().starts_with("00"));
    }
    let expected = f64::from(codes) / 10.0;
    for place in counts {
        let chi: f64 = place.iter().map(|count| (f64::from(*count) - expected).powi(2) / expected).sum();
        // Nine degrees of freedom: under 33.7 with a chance of 99.99 %, and the codes are the same every time.
        assert!(chi < 33.7, "{chi} {place:?}");
    }
    assert!((1_800..2_200).contains(&zeros), "one in a hundred begins with two zeros: {zeros}");
}

#[test]
fn the_lowest_and_the_highest_code_can_be_reached() {
    let code = |head: u128| {
        let mut mac = [0xff; 32];
        mac[..16].copy_from_slice(&head.to_be_bytes());
        Code::sent(&mac).expose().to_owned()
    };
    assert_eq!(code(0), "00000000");
    assert_eq!(code(42), "00000042");
    assert_eq!(code(99_999_999), "99999999");
    assert_eq!(code(100_000_000), "00000000");
    // 2¹²⁸ − 1 ends in these.
    assert_eq!(code(u128::MAX), "68211455");
    let typed = Code::parse("0000 0042").unwrap();
    assert_eq!(typed.expose(), "00000042");
}

#[test]
fn the_same_reset_always_gives_the_same_secrets_and_no_two_resets_do() {
    let (secrets, binding) = (secrets("toko"), binding());
    let links: Vec<String> = (0..=255_u8)
        .flat_map(|nonce| [1, 2].map(|id| reset_of(id, nonce, "a", Channel::EmailLink)))
        .map(|reset| {
            let link = secrets.link(&reset, &binding).unwrap();
            assert_eq!(link.expose(), secrets.link(&reset, &binding).unwrap().expose());
            link.expose()[22..].to_owned()
        })
        .collect();
    assert_eq!(links.iter().collect::<HashSet<_>>().len(), links.len());
}

/// One in 32 would end otherwise, and lose its end in mail programs and chats.
#[test]
fn no_secret_ends_in_punctuation_and_each_is_right_after_its_journey() {
    let (secrets, binding) = (secrets("toko"), binding());
    let mut ends = HashSet::new();
    for reset in (0..=255_u8).flat_map(|id| (0..16).map(move |nonce| reset_of(id, nonce, "a", Channel::EmailLink))) {
        let link = secrets.link(&reset, &binding).unwrap().expose().to_owned();
        let cancel = secrets.cancel(&reset, &binding).unwrap().expose().to_owned();
        let lock = secrets.lock(&reset, &binding, time(4_000)).unwrap().expose().to_owned();
        let requester = secrets.requester_token(&reset).unwrap().expose().to_owned();
        let grant = secrets.grant(&reset, &binding, time(4_000)).unwrap().expose().to_owned();
        for text in [&link, &cancel, &lock, &requester, &grant] {
            assert!(text.ends_with(|last: char| last.is_ascii_alphanumeric()), "{text}");
        }
        ends.extend(link.chars().last());
        assert!(secrets.is_link(&LinkToken::parse(&link).unwrap(), &reset, &binding));
        assert!(secrets.is_cancel(&CancelToken::parse(&cancel).unwrap(), &reset, &binding));
        assert!(secrets.is_lock(&LockToken::parse(&lock).unwrap(), &reset, &binding, time(4_000)));
        assert!(secrets.is_requester_token(&RequesterToken::parse(&requester).unwrap(), &reset));
    }
    assert_eq!(ends.len(), 62, "every letter and digit occurs");
}

#[test]
fn keys_that_verify_still_do_and_keys_that_are_gone_do_not() {
    let before = secrets("toko");
    let (reset, binding) = (reset(), binding());
    let link = before.link(&reset, &binding).unwrap();
    let rotated = Secrets::new(KeyRing::new(key("b", 5), key("counters", 2)).verifying(key("a", 1)), "toko");
    assert_eq!(rotated.issuing_key(), "b");
    assert!(rotated.is_link(&link, &reset, &binding));
    let dropped = Secrets::new(KeyRing::new(key("b", 5), key("counters", 2)), "toko");
    assert!(!dropped.is_link(&link, &reset, &binding) && dropped.link(&reset, &binding).is_err());
    // Another key of the same name is another key.
    let replaced = Secrets::new(KeyRing::new(key("a", 5), key("counters", 2)), "toko");
    assert!(!replaced.is_link(&link, &reset, &binding));
}

#[test]
fn a_fingerprint_changes_with_everything_that_it_covers() {
    let secrets = secrets("toko");
    let plain = || Account::new("7", AccountStatus::Active);
    let fingerprint = |account: &Account| secrets.fingerprint("a", account).unwrap();
    let accounts = [
        plain(),
        Account::new("8", AccountStatus::Active),
        Account::new("7", AccountStatus::Disabled),
        plain().with_hash(PasswordHash::new("")),
        plain().with_hash(PasswordHash::new("contacts")),
        plain().with_hash(PasswordHash::new("x")),
        plain().with_contact(Contact::email("a")),
        plain().with_contact(Contact::phone("a")),
        plain().with_contact(Contact::email("a")).with_contact(Contact::email("b")),
        plain().with_contact(Contact::email("ab")),
        plain().with_hash(PasswordHash::new("contacts")).with_contact(Contact::email("a")),
    ];
    let fingerprints: BTreeMap<_, _> = accounts.iter().map(|account| (fingerprint(account), account)).collect();
    assert_eq!(fingerprints.len(), accounts.len());
    // The order in which a database returns contacts, languages, names, words and earlier hashes are no change.
    let one = plain().with_contact(Contact::email("a")).with_contact(Contact::phone("b"));
    let other = plain().with_contact(Contact::phone("b")).with_contact(Contact::email("a"));
    assert_eq!(fingerprint(&one), fingerprint(&other));
    let notified = plain()
        .with_locale(Locale::INDONESIAN)
        .with_zone("WIB")
        .with_name("Budi")
        .with_username("budi")
        .with_context_word("b");
    let notified = notified.with_earlier_hash(PasswordHash::new("y"));
    assert_eq!(fingerprint(&plain()), fingerprint(&notified));
    assert!(secrets.fingerprint("gone", &plain()).is_err());
}

#[test]
fn one_network_is_one_source() {
    let secrets = secrets("toko");
    let source = |text: &str| secrets.digests.source(&Source::from(text.parse::<IpAddr>().unwrap()));
    assert_eq!(source("192.0.2.1"), source("::ffff:192.0.2.1"));
    assert_eq!(source("2001:db8:1:2::1"), source("2001:db8:1:2:ffff::9"));
    assert_ne!(source("2001:db8:1:2::1"), source("2001:db8:1:3::1"));
    assert_ne!(source("192.0.2.1"), source("192.0.2.2"));
}

#[test]
fn secrets_are_compared_over_their_full_length() {
    assert!(same(b"", b"") && same(b"abc", b"abc"));
    for (left, right) in [("abc", "abd"), ("abc", "ab"), ("abc", "abcd"), ("", "a"), ("bbc", "abc"), ("abc", "ABC")] {
        assert!(!same(left.as_bytes(), right.as_bytes()) && !same(right.as_bytes(), left.as_bytes()));
    }
}

#[test]
fn debug_shows_no_secret() {
    let (secrets, reset, binding) = (secrets("toko"), reset(), binding());
    let said = [
        (format!("{:?}", secrets.requester_token(&reset).unwrap()), "RequesterToken(…)"),
        (format!("{:?}", secrets.link(&reset, &binding).unwrap()), "LinkToken(…)"),
        (format!("{:?}", secrets.cancel(&reset, &binding).unwrap()), "CancelToken(…)"),
        (format!("{:?}", secrets.code(CodeKind::Reset, &reset, &binding).unwrap()), "Code(…)"),
        (format!("{:?}", secrets.grant(&reset, &binding, time(3_000)).unwrap()), "GrantToken(…)"),
        (format!("{:?}", key("a", 1)), "Key(a, …)"),
        (format!("{:?}", crate::Password::new("sandi")), "Password(…)"),
        (format!("{:?}", PasswordHash::new("$argon2id$")), "PasswordHash(…)"),
        (
            format!("{:?}", crate::NewPassword::confirmed("sandi", "sandi")),
            "NewPassword { password: Password(…), again: Some(Password(…)), device: None }",
        ),
    ];
    for (said, wanted) in said {
        assert_eq!(said, wanted);
    }
    let ring = format!("{secrets:?}");
    let shown = bytes(1).map(|byte| byte.to_string()).join(", ");
    assert!(!ring.contains(&shown[..20]) && ring.contains("Key(a, …)"), "{ring}");
    assert_eq!(format!("{:?}", Digest::from_bytes([7; 32])), "Digest(07070707…)");
    let phone = Identifier::phone("08123456789", CallingCode::INDONESIA).unwrap();
    assert!(!format!("{phone:?}").contains("812"));
    let inbound = reset_of(1, 1, "a", Channel::WhatsAppInbound(InboundMode::PageAdvances));
    assert!(!format!("{:?}", Contact::email("budi@toko.example")).contains("budi"), "{inbound:?}");
}

#[test]
fn the_first_key_for_counters_counts_and_the_others_are_recognised() {
    let part = |id: &str, seed: u8| {
        use base64::Engine as _;
        let bytes: Vec<u8> = (seed..seed + 32).collect();
        format!("{id}:{}", base64::engine::general_purpose::STANDARD.encode(bytes))
    };
    let parse = |parts: [String; 3]| Secrets::new(KeyRing::parse(&parts.join(",")).unwrap(), "realm");
    let (key, new, old) = (|| part("a", 1), || part("counters-2", 40), || part("counters", 80));
    let (before, after) = (parse([old(), key(), new()]), parse([key(), new(), old()]));
    let account = AccountId::new("7");
    let digests =
        |secrets: &Secrets| secrets.digests.under_each_key().map(|one| one.account(&account)).collect::<Vec<_>>();
    let (mut before, after) = (digests(&before), digests(&after));
    before.reverse();
    assert_eq!(before, after);
    assert_ne!(after[0], after[1]);
}

#[test]
fn of_a_mac_that_would_end_in_punctuation_one_bit_changes() {
    let ending = |last| std::array::from_fn(|at| if at == 31 { last } else { 0xa5 });
    for (last, kept) in [(0b1111_1110, 0b1101_1110), (0b1011_1111, 0b1001_1111), (0b0011_1101, 0b0011_1101), (0, 0)] {
        assert_eq!(token::without_punctuation(ending(last)), ending(kept));
    }
}
