//! The names under which stores keep what a row says.

use std::collections::HashSet;
use std::fmt::Debug;

use super::super::*;
use super::{at, digest};
use crate::flow::channel::{Channel, ProofKind};
use crate::identity::id::ResetId;
use crate::identity::identifier::{Identifier, IdentifierKind};
use crate::identity::locale::Locale;

fn read_back<T: Copy + Debug + PartialEq>(all: &[T], code: fn(T) -> &'static str, read: fn(&str) -> Option<T>) {
    let names: HashSet<_> = all.iter().map(|&item| code(item)).collect();
    assert_eq!(names.len(), all.len(), "each has a name of its own: {names:?}");
    for &item in all {
        assert!(code(item).contains(|letter: char| letter.is_ascii_lowercase()), "{item:?}");
        assert_eq!(read(code(item)), Some(item));
    }
    assert_eq!((read("xyzzy"), read("")), (None, None));
}

#[test]
fn each_name_in_a_row_is_read_back_as_what_it_names() {
    read_back(Channel::ALL, Channel::code, Channel::from_code);
    read_back(ProofKind::ALL, ProofKind::code, ProofKind::from_code);
    read_back(State::ALL, State::code, State::from_code);
    read_back(AuditEvent::ALL, AuditEvent::code, AuditEvent::from_code);
    read_back(IdentifierKind::ALL, IdentifierKind::code, IdentifierKind::from_code);
}

/// Who was named is personal data, and the nonce is what the secrets are made from.
#[test]
fn what_is_printed_of_a_reset_says_where_it_stands_and_not_who_was_named() {
    let new = NewReset::new(
        ResetId::from_bytes([1; 16]),
        Channel::EmailLink,
        Identifier::username("toko").expect("a name"),
        Locale::ENGLISH,
        "k1",
        [213; 32],
        digest(3),
        digest(4),
        at(0),
        at(1_800),
    );
    let id = new.id.to_string();
    let new_printed = format!("{new:?}");
    let mut opened = Reset::open(new);
    let printed = format!("{opened:?}");
    assert!(printed.contains("Requested") && printed.contains("{\"resolve\"}"), "{printed}");
    for printed in [printed, new_printed] {
        assert!(printed.contains(&id) && printed.contains("EmailLink"), "{printed}");
        assert!(!printed.contains("toko") && !printed.contains("213"), "{printed}");
    }
    opened.row.tasks = Tasks::from_bits(0x1ff).expect("every task");
    assert_eq!(opened.tasks().bits(), 0x1ff);
    let tasks = format!("{:?}", opened.tasks());
    let names = "{\"resolve\", \"send\", \"finish\", \"end_sessions\", \"notify\", \"notify_of_live\", \"send_step_up_code\", \"lock\", \
                 \"notify_of_lock\"}";
    assert_eq!(tasks, names);
    assert_eq!((Tasks::SEND.name(), Tasks::LOCK_NOTICES.name()), ("send", "notify_of_lock"));
    assert_eq!((Tasks::from_bits(0x200), Tasks::from_bits(-1)), (None, None));
}
