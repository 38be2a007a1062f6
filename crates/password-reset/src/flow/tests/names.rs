//! The names under which stores keep what a row says.

use std::collections::HashSet;
use std::fmt::Debug;

use super::super::*;
use crate::flow::channel::{Channel, ProofKind};
use crate::identity::identifier::IdentifierKind;

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
