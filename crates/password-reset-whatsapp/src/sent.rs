//! Which message of a reset a gateway means.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use password_reset::{Message, ResetId};

/// The ids that are kept. Reports come within minutes; a gateway does not send as many messages in a day.
const MAX_MESSAGES: usize = 20_000;
/// The longest id that is kept.
const MAX_ID: usize = 128;

/// A message of a reset, by the ids that the core gave them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MessageOf {
    pub(crate) reset: ResetId,
    /// The first half of [`Message::id`].
    pub(crate) message: [u8; 16],
}

const PREFIX: &str = "message:";

impl MessageOf {
    pub(crate) fn new(message: &Message) -> Self {
        let half = message.id().as_bytes().first_chunk().copied().unwrap_or_default();
        Self { reset: message.reset(), message: half }
    }

    /// What Meta, Twilio and some gateways hand back with their reports.
    pub(crate) fn reference(&self) -> String {
        let hex = base16ct::lower::encode_string;
        format!("{PREFIX}{}-{}", hex(self.reset.as_bytes()), hex(&self.message))
    }

    /// Reads [`reference`](Self::reference); `None` for that of other applications.
    pub(crate) fn of_reference(text: &str) -> Option<Self> {
        let (reset, message) = text.strip_prefix(PREFIX)?.split_once('-')?;
        let read = |hex: &str| {
            let mut bytes = [0; 16];
            let length = base16ct::lower::decode(hex, &mut bytes).ok()?.len();
            (length == 16).then_some(bytes)
        };
        Some(Self { reset: ResetId::from_bytes(read(reset)?), message: read(message)? })
    }
}

/// The messages that a [`GatewayApi`](crate::GatewayApi) has sent, by the ids that the gateway gave them, so that a
/// [`Gateway`](crate::Gateway) knows which message a report is about. Give the same one to both. A clone is the same one.
///
/// In memory of this node: a report about a message that another node sent, or that was sent before a restart, is ignored. Where
/// several nodes send, give each an address of its own for the gateway's reports, or use a gateway that hands `{{reference}}` back.
#[derive(Clone, Default)]
pub struct SentMessages(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    messages: HashMap<String, MessageOf>,
    /// The ids, oldest first.
    order: VecDeque<String>,
}

impl SentMessages {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    pub(crate) fn keep(&self, id: &str, message: MessageOf) {
        let id = bare(id);
        if id.is_empty() || id.len() > MAX_ID {
            return;
        }
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.messages.insert(id.to_owned(), message).is_none() {
            kept.order.push_back(id.to_owned());
        }
        while kept.order.len() > MAX_MESSAGES
            && let Some(oldest) = kept.order.pop_front()
        {
            kept.messages.remove(&oldest);
        }
    }

    pub(crate) fn of(&self, id: &str) -> Option<MessageOf> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).messages.get(bare(id)).copied()
    }
}

impl fmt::Debug for SentMessages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SentMessages(…)")
    }
}

/// WAHA writes an id as `true_62812…@c.us_3EB0…`, in one place with the number of the chat, in another with its hidden name, and in
/// a third without: what is the same everywhere is the end.
fn bare(id: &str) -> &str {
    let of_waha = id.starts_with("true_") || id.starts_with("false_");
    id.rsplit_once('_').filter(|_| of_waha).map_or(id, |(_, bare)| bare)
}

#[cfg(test)]
mod tests {
    use super::{MAX_ID, MAX_MESSAGES, MessageOf, ResetId, SentMessages};

    fn message(first: u8) -> MessageOf {
        MessageOf { reset: ResetId::from_bytes([first; 16]), message: [first.wrapping_add(1); 16] }
    }

    #[test]
    fn a_reference_is_read_back() {
        let text = "message:07070707070707070707070707070707-08080808080808080808080808080808";
        assert_eq!((message(7).reference().as_str(), MessageOf::of_reference(text)), (text, Some(message(7))));
        for other in [
            "",
            "message:",
            "message:-",
            "reset:07070707070707070707070707070707",
            &text[8..],
            &text[..text.len() - 1],
            &format!("{text}00"),
            &text.replace('-', "_"),
            &text.replace("07", "0G"),
        ] {
            assert_eq!(MessageOf::of_reference(other), None, "{other}");
        }
    }

    #[test]
    fn a_message_is_found_by_each_form_of_its_id() {
        let sent = SentMessages::new();
        sent.keep("true_6281200000001@c.us_3EB0A", message(1));
        sent.clone().keep("142223099", message(2));
        sent.keep("a_7", message(3));
        for id in ["true_6281200000001@c.us_3EB0A", "true_251556368777322@lid_3EB0A", "3EB0A"] {
            assert_eq!(sent.of(id), Some(message(1)), "{id}");
        }
        assert_eq!((sent.of("142223099"), sent.of("a_7")), (Some(message(2)), Some(message(3))));
        for id in ["", "3EB0B", "true_3EB0B", "7", "a", "b_7"] {
            assert_eq!(sent.of(id), None, "{id}");
        }
        assert!(!format!("{sent:?}").contains("3EB0"));
    }

    #[test]
    fn ids_are_bounded_in_number_and_length() {
        let sent = SentMessages::new();
        for id in ["", &"x".repeat(MAX_ID + 1)] {
            sent.keep(id, message(1));
            assert_eq!(sent.of(id), None);
        }
        for id in 0..=MAX_MESSAGES {
            // Twice is once.
            sent.keep(&id.to_string(), message(1));
            sent.keep(&id.to_string(), message(2));
        }
        assert_eq!((sent.of("0"), sent.of("1")), (None, Some(message(2))));
        let kept = sent.0.lock().unwrap();
        assert_eq!((kept.order.len(), kept.messages.len()), (MAX_MESSAGES, MAX_MESSAGES));
    }
}
