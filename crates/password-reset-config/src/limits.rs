//! Lifetimes, limits and retention, under the names of their fields.

use password_reset::{Lifetimes, Limits, Retention};

use crate::reader::Reader;

macro_rules! read {
    ($reader:ident, $section:literal, $into:ident, $method:ident: $($field:ident),+) => {
        $(if let Some(value) = $reader.$method(concat!($section, ".", stringify!($field))) {
            $into.$field = value;
        })+
    };
}

pub(crate) fn lifetimes(reader: &mut Reader<'_>) -> Lifetimes {
    let mut lifetimes = Lifetimes::default();
    read!(reader, "lifetimes", lifetimes, duration: link, code, inbound, whatsapp, grant, lock);
    lifetimes
}

pub(crate) fn limits(reader: &mut Reader<'_>) -> Limits {
    let mut limits = Limits::default();
    read!(reader, "limits", limits, number: requests_per_source, requests_per_minute, code_attempts, codes_per_source,
        wrong_code_burst, completion_attempts, message_burst, reply_burst, current_password_burst, admin_burst);
    read!(reader, "limits", limits, duration: answer_within, codes_per_source_refill, wrong_code_refill, message_refill,
        reply_refill, current_password_refill, admin_refill);
    limits.challenge_from = reader.number("limits.challenge_from").or(limits.challenge_from);
    limits
}

pub(crate) fn retention(reader: &mut Reader<'_>) -> Retention {
    let mut retention = Retention::default();
    read!(reader, "retention", retention, duration: resets, audit, audit_noise);
    retention
}
