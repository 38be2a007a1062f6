//! Webhooks of Meta's Cloud API.

mod payload;

use std::borrow::Cow;
use std::fmt;

use password_reset::inbound::{Assurance, DeliveryReport};
use serde::Deserialize;
use serde_json::value::RawValue;

use self::payload::{
    Change, ChangeValue, Contact, Entry, Envelope, Message, Status, UserIdUpdate, elements, text, text_of,
};
use crate::error::WhatsAppConfigError;
use crate::provider::{
    Event, Fact, Provider, ReceiveContext, SenderInfo, TextMessage, WebhookRequest, failure, seconds,
};
use crate::secret::{checked, same};
use crate::sent::MessageOf;
use crate::signature::{Algorithm, Encoding, Keys};
use crate::webhook::MAX_BODY_BYTES;

/// Payload of the "I did not request a code" button of an authentication template.
pub(crate) const DID_NOT_REQUEST: &str = "DID_NOT_REQUEST_CODE";
/// The number is not on WhatsApp, or its app is too old.
pub(crate) const NO_SUCH_CONTACT: [i64; 1] = [131_026];
/// Meta's own maximum of updates in one request; the rest of a longer one is ignored.
const MAX_MESSAGES: usize = 1_000;
/// Meta's challenge is a number; a longer one is not from Meta.
const MAX_CHALLENGE: usize = 64;

/// Webhooks of Meta's WhatsApp Cloud API, and of providers that forward its requests unchanged.
///
/// Meta signs the raw body with HMAC-SHA256 in `X-Hub-Signature-256`. The signature covers no time, so a replayed request
/// is valid; the time in each message, and codes that work once, make it harmless.
#[derive(Clone)]
pub struct Meta {
    keys: Keys,
    verify_token: String,
    phone_number_id: String,
    business_account_id: String,
}

impl Meta {
    /// Accepts requests signed with the app secret, for one phone number of one WhatsApp business account.
    ///
    /// `verify_token` is the token that the operator enters in the app's dashboard with the webhook's URL. The dashboard
    /// shows the two ids, which are numbers.
    ///
    /// # Errors
    /// [`WhatsAppConfigError`] for a secret or token that is empty, short or from an example, and for
    /// ids that are not numbers.
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

    /// Also accepts requests signed with the previous secret, during a rotation.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with_previous_secret(mut self, app_secret: &str) -> Result<Self, WhatsAppConfigError> {
        self.keys = self.keys.and("previous app secret", app_secret)?;
        Ok(self)
    }

    fn change(&self, change: &RawValue, context: &ReceiveContext<'_>, events: &mut Vec<Event>) {
        let Ok(Change { field, value }) = Change::deserialize(change) else {
            events.push(Event::Ignored("an unreadable change"));
            return;
        };
        match field.as_str() {
            Some("messages") => self.messages(&value, context, events),
            Some("user_id_update") => events.extend(each(value.user_id_update, |update: &UserIdUpdate| {
                let previous = text_of(&update.user_id, "previous");
                let reported_at = text(&update.timestamp).and_then(|time| seconds(&time));
                let from = SenderInfo::new(text(&update.wa_id).as_deref(), previous.as_deref());
                Event::Reported(from, reported_at.unwrap_or(context.arrived_at))
            })),
            _ => events.push(Event::Ignored("a change of another field")),
        }
    }

    fn messages(&self, received: &ChangeValue<'_>, context: &ReceiveContext<'_>, events: &mut Vec<Event>) {
        let displayed = text_of(&received.metadata, "display_phone_number");
        let ours = text_of(&received.metadata, "phone_number_id").as_deref() == Some(self.phone_number_id.as_str())
            && (context.service_number.is_none()
                || displayed.is_none_or(|displayed| context.is_service_number(&displayed)));
        if !ours {
            events.push(Event::Ignored("to another number"));
            return;
        }
        let contacts = elements(received.contacts).into_iter().take(MAX_MESSAGES);
        let contacts: Vec<Contact> = contacts.filter_map(|contact| Contact::deserialize(contact).ok()).collect();
        events.extend(each(received.messages, |message| message_event(message, &contacts, context)));
        events.extend(each(received.statuses, status_event));
    }
}

impl Provider for Meta {
    fn assurance(&self) -> Assurance {
        Assurance::Signed
    }

    fn cannot_say(&self) -> Vec<Fact> {
        Vec::new()
    }

    fn handshake(&self, query: &str) -> Option<String> {
        let (mut mode, mut token, mut challenge) = (None, None, None);
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let parameter = match name.as_ref() {
                "hub.mode" => &mut mode,
                "hub.verify_token" => &mut token,
                "hub.challenge" => &mut challenge,
                _ => continue,
            };
            // A repeated parameter is ambiguous.
            if parameter.replace(value).is_some() {
                return None;
            }
        }
        let challenge: Cow<'_, str> = challenge?;
        let a_number =
            (1..=MAX_CHALLENGE).contains(&challenge.len()) && challenge.bytes().all(|byte| byte.is_ascii_digit());
        let ours = same(token?.as_bytes(), self.verify_token.as_bytes());
        (mode? == "subscribe" && a_number && ours).then(|| challenge.into_owned())
    }

    fn max_body(&self) -> usize {
        MAX_BODY_BYTES
    }

    fn may_have_sent(&self, head: &WebhookRequest<'_>) -> bool {
        mac(head).is_some_and(|mac| mac.len() == 64)
    }

    fn authenticates(&self, request: &WebhookRequest<'_>) -> bool {
        mac(request).is_some_and(|mac| self.keys.verify(&[request.body], mac, Encoding::Hex))
    }

    fn events(&self, request: &WebhookRequest<'_>, context: &ReceiveContext<'_>) -> Vec<Event> {
        let envelope = match serde_json::from_slice::<Envelope<'_>>(request.body) {
            Ok(envelope) => envelope,
            Err(_quotes_the_body) => return vec![Event::Ignored("not JSON")],
        };
        if envelope.object != "whatsapp_business_account" {
            return vec![Event::Ignored("not about a WhatsApp business account")];
        }
        let mut events = Vec::new();
        for entry in &envelope.entry {
            let entry = Entry::deserialize(*entry).unwrap_or_default();
            if text(&entry.id).as_deref() == Some(self.business_account_id.as_str()) {
                for change in &entry.changes {
                    self.change(change, context, &mut events);
                    if events.len() > MAX_MESSAGES {
                        break;
                    }
                }
            } else {
                events.push(Event::Ignored("of another account"));
            }
            if events.len() > MAX_MESSAGES {
                events.truncate(MAX_MESSAGES);
                events.push(Event::Ignored("more than a thousand updates in one request"));
                break;
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

/// Checks that an id is a number, which catches a secret passed in its place.
pub(crate) fn id(field: &'static str, id: &str) -> Result<String, WhatsAppConfigError> {
    if (1..=32).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(id.to_owned())
    } else {
        Err(WhatsAppConfigError::new(field, "must be digits only, as shown in the dashboard"))
    }
}

/// Reads the elements one by one, so that an invalid one does not lose the others. Stops one element over the limit, which
/// is how the caller notices.
fn each<'a, T: Deserialize<'a>>(
    list: Option<&'a RawValue>,
    event: impl Fn(&T) -> Event,
) -> impl Iterator<Item = Event> {
    elements(list).into_iter().take(MAX_MESSAGES.saturating_add(1)).map(move |element| match T::deserialize(element) {
        Ok(element) => event(&element),
        Err(_quotes_the_body) => Event::Ignored("an unreadable element"),
    })
}

fn message_event(message: &Message, contacts: &[Contact], context: &ReceiveContext<'_>) -> Event {
    let (phone, id) = (text(&message.from), text(&message.from_user_id));
    let contact = contacts.iter().find(|contact| match (&phone, &id) {
        (Some(_), _) => text(&contact.wa_id) == phone,
        (None, Some(_)) => text(&contact.user_id) == id,
        (None, None) => false,
    });
    let id = id.or_else(|| text(&contact?.user_id));
    let from = SenderInfo::new(phone.as_deref(), id.as_deref());
    if from == SenderInfo::default() {
        return Event::Ignored("without a sender");
    }
    if phone.is_some_and(|phone| context.is_service_number(&phone)) {
        return Event::Ignored("an echo of a message of the service");
    }
    let sent_at = text(&message.timestamp).and_then(|time| seconds(&time));
    // A report only closes resets, so one without a time is safe to accept.
    let reported_at = sent_at.unwrap_or(context.arrived_at);
    match message.kind.as_str() {
        Some("text") => {}
        Some("button") if text_of(&message.button, "payload").as_deref() == Some(DID_NOT_REQUEST) => {
            return Event::Reported(from, reported_at);
        }
        Some("button") => return Event::Ignored("another button"),
        Some("system") => {
            return match text_of(&message.system, "type").as_deref() {
                Some(
                    "user_changed_number"
                    | "user_changed_user_id"
                    | "customer_changed_number"
                    | "customer_identity_changed",
                ) => Event::Reported(from, reported_at),
                _ => Event::Ignored("a system message"),
            };
        }
        _ => return Event::Ignored("not a text message"),
    }
    if !message.group_id.is_null() {
        return Event::Ignored("in a group");
    }
    if !message.errors.is_null() {
        return Event::Ignored("with an error");
    }
    let Some(body) = text_of(&message.text, "body") else { return Event::Ignored("without a text") };
    let Some(sent_at) = sent_at else { return Event::Ignored("without a time") };
    let mut read = TextMessage::new(from, sent_at, body);
    let is_true = |flag| message.context.get(flag).is_some_and(|value| value == true);
    read.forwarded = is_true("forwarded") || is_true("frequently_forwarded");
    read.identity = contact.and_then(|contact| text(&contact.identity_key_hash)).map(Cow::into_owned);
    Event::Text(read)
}

/// The signature in hexadecimal.
fn mac<'a>(request: &WebhookRequest<'a>) -> Option<&'a [u8]> {
    request.header("x-hub-signature-256").and_then(|value| value.strip_prefix(b"sha256="))
}

fn status_event(status: &Status) -> Event {
    let Some(of) = status.biz_opaque_callback_data.as_str().and_then(MessageOf::of_reference) else {
        return Event::Ignored("a status of a message that is not from this service");
    };
    match status.status.as_str() {
        // A message that the user reads at once may get no `delivered` status.
        Some("delivered" | "read") => Event::DeliveryOf(of.reset, of.message, DeliveryReport::Delivered),
        Some("failed") => {
            let code = status.errors.pointer("/0/code").and_then(text);
            Event::DeliveryOf(of.reset, of.message, failure(code.as_deref(), &NO_SUCH_CONTACT))
        }
        _ => Event::Ignored("an intermediate status"),
    }
}

#[cfg(test)]
mod tests;
