//! Meta's Cloud API: what arrives.

mod payload;

use std::borrow::Cow;
use std::fmt;

use password_reset::{Assurance, DeliveryReport};
use serde::Deserialize;
use serde_json::value::RawValue;

use self::payload::{Change, Contact, Envelope, Message, Received, Status, UserIdUpdate};
use crate::error::WhatsAppConfigError;
use crate::provider::{Event, Own, Post, Provider, TextMessage, Who, carried_back, failure, seconds};
use crate::secret::{checked, same};
use crate::signature::{Algorithm, Encoding, Keys};

/// What the "I did not request a code" button of an authentication template sends.
pub(crate) const DID_NOT_REQUEST: &str = "DID_NOT_REQUEST_CODE";
/// The number is not on WhatsApp, or its app cannot take this.
pub(crate) const NO_SUCH_CONTACT: [i64; 1] = [131_026];
/// Meta puts at most so many updates into one post; the rest of a longer one is not read.
const MAX_MESSAGES: usize = 1_000;
/// A challenge is a number; longer ones are not Meta's.
const MAX_CHALLENGE: usize = 64;

/// Webhooks of Meta's WhatsApp Cloud API, and of providers that forward them as they are.
///
/// Posts are signed with HMAC-SHA256 in `X-Hub-Signature-256`, over the raw body. The signature has no time in it, so a
/// message counts by its own time, and codes work once.
#[derive(Clone)]
pub struct Meta {
    keys: Keys,
    verify_token: String,
    phone_number_id: String,
    business_account_id: String,
}

impl Meta {
    /// Takes posts that are signed with the app secret, about one phone number of one WhatsApp business account.
    ///
    /// `verify_token` is the word that is typed into the app's dashboard beside the webhook's URL. The two ids are
    /// numbers, shown there too.
    ///
    /// # Errors
    /// [`WhatsAppConfigError`] for a secret or token that is empty, short or from an example, and for ids that are none.
    pub fn new(
        app_secret: &str,
        verify_token: &str,
        phone_number_id: &str,
        business_account_id: &str,
    ) -> Result<Self, WhatsAppConfigError> {
        checked("verify token", verify_token)?;
        Ok(Self {
            keys: Keys::new("app secret", Algorithm::Sha256, app_secret)?,
            verify_token: verify_token.to_owned(),
            phone_number_id: id("phone number id", phone_number_id)?,
            business_account_id: id("business account id", business_account_id)?,
        })
    }

    /// Also takes posts that are signed with the secret before this one, while it is being replaced.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with_previous_secret(mut self, app_secret: &str) -> Result<Self, WhatsAppConfigError> {
        self.keys = self.keys.and("previous app secret", app_secret)?;
        Ok(self)
    }

    fn change(&self, change: &Change<'_>, own: &Own<'_>, events: &mut Vec<Event>) {
        let Ok(received) = Received::deserialize(change.value) else {
            events.push(Event::Ignored("a change that cannot be read"));
            return;
        };
        match change.field.get() {
            Some("messages") => self.messages(&received, own, events),
            Some("user_id_update") => {
                events.extend(each(&received.user_id_update.0, |update: UserIdUpdate<'_>| {
                    let previous = update.user_id.0.map(|id| id.previous).unwrap_or_default();
                    let said_at = update.timestamp.get().and_then(seconds).unwrap_or(own.arrived_at);
                    Event::LockRequested(Who::new(update.wa_id.get(), previous.get()), said_at)
                }));
            }
            _ => events.push(Event::Ignored("another field")),
        }
    }

    fn messages(&self, received: &Received<'_>, own: &Own<'_>, events: &mut Vec<Event>) {
        let ours = received.metadata.0.as_ref().is_some_and(|metadata| {
            let displayed = metadata.display_phone_number.get();
            metadata.phone_number_id.is(&self.phone_number_id)
                && (own.number.is_none() || displayed.is_none_or(|displayed| own.is(displayed)))
        });
        if !ours {
            events.push(Event::Ignored("to another number"));
            return;
        }
        let contacts: Vec<Contact<'_>> = received
            .contacts
            .0
            .iter()
            .take(MAX_MESSAGES)
            .filter_map(|contact| Contact::deserialize(*contact).ok())
            .collect();
        events.extend(each(&received.messages.0, |message| of_message(&message, &contacts, own)));
        events.extend(each(&received.statuses.0, |status| of_status(&status)));
    }
}

impl Provider for Meta {
    fn assurance(&self) -> Assurance {
        Assurance::Signed
    }

    fn handshake(&self, query: &str) -> Option<String> {
        let (mut mode, mut token, mut challenge) = (None, None, None);
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let place = match name.as_ref() {
                "hub.mode" => &mut mode,
                "hub.verify_token" => &mut token,
                "hub.challenge" => &mut challenge,
                _ => continue,
            };
            // What comes twice could be read in two ways.
            if place.replace(value).is_some() {
                return None;
            }
        }
        let challenge: Cow<'_, str> = challenge?;
        let a_number =
            (1..=MAX_CHALLENGE).contains(&challenge.len()) && challenge.bytes().all(|byte| byte.is_ascii_digit());
        let ours = same(token?.as_bytes(), self.verify_token.as_bytes());
        (mode? == "subscribe" && a_number && ours).then(|| challenge.into_owned())
    }

    fn authenticates(&self, post: &Post<'_>) -> bool {
        let mac = post.header("x-hub-signature-256").and_then(|value| value.strip_prefix(b"sha256="));
        mac.is_some_and(|mac| self.keys.verify(&[post.body], mac, Encoding::Hex))
    }

    fn events(&self, post: &Post<'_>, own: &Own<'_>) -> Vec<Event> {
        let envelope = match serde_json::from_slice::<Envelope<'_>>(post.body) {
            Ok(envelope) => envelope,
            Err(_says_what_it_read) => return vec![Event::Ignored("not JSON")],
        };
        if !envelope.object.is("whatsapp_business_account") {
            return vec![Event::Ignored("another object")];
        }
        let mut events = Vec::new();
        for entry in &envelope.entry.0 {
            if !entry.id.is(&self.business_account_id) {
                events.push(Event::Ignored("of another account"));
                continue;
            }
            for change in &entry.changes.0 {
                self.change(change, own, &mut events);
                if events.len() > MAX_MESSAGES {
                    events.truncate(MAX_MESSAGES);
                    events.push(Event::Ignored("more than a thousand updates in one post"));
                    return events;
                }
            }
        }
        events
    }
}

impl fmt::Debug for Meta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Meta").field("phone_number_id", &self.phone_number_id).finish_non_exhaustive()
    }
}

/// Ids of Meta are numbers; that they are checked tells a secret from an id when arguments are mixed up.
pub(crate) fn id(field: &'static str, id: &str) -> Result<String, WhatsAppConfigError> {
    if (1..=32).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(id.to_owned())
    } else {
        Err(WhatsAppConfigError::new(field, "it is a number of digits alone, as the dashboard shows it"))
    }
}

/// Reads elements one by one, so that a bad one does not lose the others; one more than may be is enough to notice.
fn each<'a, T: Deserialize<'a>>(
    elements: &'a [&'a RawValue],
    event: impl Fn(T) -> Event,
) -> impl Iterator<Item = Event> {
    elements.iter().take(MAX_MESSAGES.saturating_add(1)).map(move |element| match T::deserialize(*element) {
        Ok(element) => event(element),
        Err(_says_what_it_read) => Event::Ignored("an element that cannot be read"),
    })
}

fn of_message(message: &Message<'_>, contacts: &[Contact<'_>], own: &Own<'_>) -> Event {
    let phone = message.from.get();
    let contact = contacts.iter().find(|contact| match (phone, message.from_user_id.get()) {
        (Some(phone), _) => contact.wa_id.is(phone),
        (None, Some(id)) => contact.user_id.is(id),
        (None, None) => false,
    });
    let id = message.from_user_id.get().or_else(|| contact?.user_id.get());
    let from = Who::new(phone, id);
    if from == Who::default() {
        return Event::Ignored("from nobody");
    }
    if phone.is_some_and(|phone| own.is(phone)) {
        return Event::Ignored("an echo of our own");
    }
    let sent_at = message.timestamp.get().and_then(seconds);
    // What only closes may be believed without a time.
    let said_at = sent_at.unwrap_or(own.arrived_at);
    match message.kind.get() {
        Some("text") => {}
        Some("button") => {
            let payload = message.button.0.as_ref().map(|button| &button.payload);
            return match payload.is_some_and(|payload| payload.is(DID_NOT_REQUEST)) {
                true => Event::LockRequested(from, said_at),
                false => Event::Ignored("a button"),
            };
        }
        Some("system") => {
            return match message.system.0.as_ref().and_then(|system| system.kind.get()) {
                Some(
                    "user_changed_number"
                    | "user_changed_user_id"
                    | "customer_changed_number"
                    | "customer_identity_changed",
                ) => Event::LockRequested(from, said_at),
                _ => Event::Ignored("a notice of the platform"),
            };
        }
        _ => return Event::Ignored("not a text message"),
    }
    if message.group_id.0 {
        return Event::Ignored("in a group");
    }
    if message.errors.0 {
        return Event::Ignored("with an error");
    }
    let Some(text) = message.text.0.as_ref().and_then(|text| text.body.get()) else {
        return Event::Ignored("without a text");
    };
    let Some(sent_at) = sent_at else { return Event::Ignored("without a time") };
    let mut read = TextMessage::new(from, sent_at, text);
    read.forwarded =
        message.context.0.as_ref().is_some_and(|context| context.forwarded.0 || context.frequently_forwarded.0);
    read.identity = contact.and_then(|contact| contact.identity_key_hash.get()).map(str::to_owned);
    Event::Text(read)
}

fn of_status(status: &Status<'_>) -> Event {
    let Some(reset) = status.biz_opaque_callback_data.get().and_then(carried_back) else {
        return Event::Ignored("the status of another message");
    };
    match status.status.get() {
        // What is read at once may never be said to be delivered.
        Some("delivered" | "read") => Event::Delivery(reset, DeliveryReport::Delivered),
        Some("failed") => {
            let code = status.errors.0.first().and_then(|error| error.code.get());
            Event::Delivery(reset, failure(code, &NO_SUCH_CONTACT))
        }
        _ => Event::Ignored("a status between"),
    }
}

#[cfg(test)]
mod tests;
