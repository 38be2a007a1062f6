//! Delivery reports of a gateway, described by configuration.

use password_reset::inbound::DeliveryReport;
use serde_json::Value;

use super::condition::{Condition, Expected};
use super::path::{self, JsonPath};
use crate::provider::Event;
use crate::sent::{MessageOf, SentMessages};

/// How a gateway reports what became of a message: the paths of its id and of its status, and the words of the status.
///
/// ```
/// use password_reset_whatsapp::Reports;
///
/// let reports = Reports::new("data.id", "data.status")
///     .only_if("event", "status")
///     .delivered(&["delivered", "read"])
///     .failed(&["failed"])
///     .no_such_contact(&["not_on_whatsapp"]);
/// # let _ = reports;
/// ```
///
/// The id is the one in the gateway's answer to the request that sent the message, or the `{{reference}}` of that request, where the
/// gateway hands it back. There may be several in an array. Upper and lower case of a word are the same; any other word is ignored.
#[derive(Clone, Debug)]
pub struct Reports {
    id: JsonPath,
    status: Vec<JsonPath>,
    conditions: Vec<Condition>,
    words: Vec<(String, Meaning)>,
    /// Not even where the gateway's messages have one.
    pub(super) lack_body_secret: bool,
}

/// What a word, in lower case, says.
type Meaning = fn(String) -> DeliveryReport;

impl Reports {
    /// The id of the message is at one path, and the status at another.
    #[must_use]
    pub fn new(id: &str, status: &str) -> Self {
        Self {
            id: JsonPath::new(id),
            status: vec![JsonPath::new(status)],
            conditions: Vec::new(),
            words: Vec::new(),
            lack_body_secret: false,
        }
    }

    /// Another path of the status. The first at which there is a known word counts.
    #[must_use]
    pub fn or_status_at(mut self, path: &str) -> Self {
        self.status.push(JsonPath::new(path));
        self
    }

    /// Only a post with exactly this value at the path is a report.
    #[must_use]
    pub fn only_if(mut self, path: &str, value: impl Into<Expected>) -> Self {
        self.conditions.push(Condition::Equals(JsonPath::new(path), value.into()));
        self
    }

    /// A post with a value at the path is no report, in the sense of [`Gateway::unless`](crate::Gateway::unless).
    #[must_use]
    pub fn unless(mut self, path: &str) -> Self {
        self.conditions.push(Condition::Empty(JsonPath::new(path)));
        self
    }

    /// These words say that the message is on the recipient's phone.
    #[must_use]
    pub fn delivered(self, words: &[&str]) -> Self {
        self.with(words, |_word| DeliveryReport::Delivered)
    }

    /// These words say that the message will not be delivered.
    #[must_use]
    pub fn failed(self, words: &[&str]) -> Self {
        self.with(words, |why| DeliveryReport::Failed { why })
    }

    /// These words say that the number is not on WhatsApp: the account's next message goes to another contact. Name only what
    /// says nothing else.
    #[must_use]
    pub fn no_such_contact(self, words: &[&str]) -> Self {
        self.with(words, |why| DeliveryReport::NoSuchContact { why })
    }

    /// Says that reports have no secret in the body.
    pub(super) fn without_body_secret(mut self) -> Self {
        self.lack_body_secret = true;
        self
    }

    fn with(mut self, words: &[&str], meaning: Meaning) -> Self {
        self.words.extend(words.iter().map(|word| (word.to_ascii_lowercase(), meaning)));
        self
    }

    /// The events of a report; `None` for a post that is none.
    pub(super) fn read(&self, body: &Value, sent: Option<&SentMessages>) -> Option<Vec<Event>> {
        if !self.conditions.iter().all(|condition| condition.is_met(body)) {
            return None;
        }
        let ids: Vec<String> = match self.id.get(body)? {
            Value::Array(ids) => ids.iter().filter_map(path::text).collect(),
            id => path::text(id).into_iter().collect(),
        };
        let mut said = self.status.iter().filter_map(|path| path.text(body)).peekable();
        said.peek()?;
        let Some(report) = said.find_map(|said| self.report(&said)) else {
            return Some(vec![Event::Ignored("a report that says nothing new")]);
        };
        Some(ids.iter().map(|id| event(id, sent, report.clone())).collect())
    }

    fn report(&self, said: &str) -> Option<DeliveryReport> {
        let said = said.to_ascii_lowercase();
        let (word, meaning) = self.words.iter().find(|(word, _)| *word == said)?;
        Some(meaning(word.clone()))
    }
}

fn event(id: &str, sent: Option<&SentMessages>, report: DeliveryReport) -> Event {
    match MessageOf::of_reference(id).or_else(|| sent?.of(id)) {
        Some(of) => Event::DeliveryOf(of.reset, of.message, report),
        None => Event::Ignored("a report of another message"),
    }
}
