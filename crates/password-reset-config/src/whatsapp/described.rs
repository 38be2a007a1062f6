//! A gateway of the operator's own, described by a file.
//!
//! The file has the settings of `GatewayApi`, `Gateway` and `Reports`, named as their methods are. It has no secret: those are
//! settings, and stand in its headers as `{{key}}`.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use password_reset_whatsapp::{
    Algorithm, Authentication, Encoding, Expected, Gateway, GatewayApi, Refusal, Reports, SentMessages, TimeFormat,
    WhatsAppConfigError,
};
use serde::Deserialize;
use serde_json::Value as Json;
use zeroize::Zeroizing;

use crate::secret::Secret;

/// What stands for the key of the gateway in a header.
const KEY: &str = "{{key}}";

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Described {
    #[serde(default)]
    official: bool,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    text: Option<Call>,
    template: Option<Call>,
    #[serde(default)]
    answer: Answer,
    receive: Receive,
    reports: Option<Said>,
}

/// How one kind of message is sent.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Call {
    path: String,
    body: Json,
    #[serde(default)]
    form: bool,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Answer {
    accepted: Option<Accepted>,
    message_id: Vec<String>,
    refusals: Vec<Refused>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Accepted {
    at: String,
    is: Json,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Refused {
    at: String,
    word: String,
    #[serde(with = "Means")]
    means: Refusal,
}

#[derive(Deserialize)]
#[serde(remote = "Refusal", rename_all = "snake_case")]
enum Means {
    NoSuchContact,
    Busy,
    Operator,
    Never,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Receive {
    authentication: Authenticated,
    sender: String,
    text: String,
    #[serde(default)]
    other_senders: Vec<String>,
    sender_id: Option<String>,
    sent_at: Option<SentAt>,
    service_number: Option<String>,
    #[serde(default)]
    only_if: BTreeMap<String, Value>,
    #[serde(default)]
    unless: Vec<String>,
    #[serde(default)]
    direct_at: Vec<String>,
    #[serde(default)]
    group_if: Vec<String>,
    #[serde(default)]
    own_if: Vec<String>,
    #[serde(default)]
    forwarded_if: Vec<String>,
    forwarded_below: Option<Below>,
}

/// Where `whatsapp.webhook_secret` stands, or what it signs.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case", tag = "kind")]
enum Authenticated {
    Hmac {
        header: String,
        #[serde(with = "Hash")]
        algorithm: Algorithm,
        #[serde(with = "Written")]
        encoding: Encoding,
        #[serde(default)]
        prefix: String,
    },
    Header {
        header: String,
    },
    Body {
        path: String,
    },
    Query {
        name: String,
    },
}

#[derive(Deserialize)]
#[serde(remote = "Algorithm", rename_all = "snake_case")]
enum Hash {
    Sha1,
    Sha256,
    Sha512,
}

#[derive(Deserialize)]
#[serde(remote = "Encoding", rename_all = "snake_case")]
enum Written {
    Hex,
    Base64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SentAt {
    path: String,
    #[serde(with = "Time")]
    format: TimeFormat,
}

#[derive(Deserialize)]
#[serde(remote = "TimeFormat", rename_all = "snake_case")]
enum Time {
    Seconds,
    Milliseconds,
    Rfc3339,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Below {
    path: String,
    names: Vec<String>,
}

/// Delivery reports.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    id: String,
    status: Vec<String>,
    #[serde(default)]
    only_if: BTreeMap<String, Value>,
    #[serde(default)]
    unless: Vec<String>,
    #[serde(default)]
    delivered: Vec<String>,
    #[serde(default)]
    failed: Vec<String>,
    #[serde(default)]
    no_such_contact: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged, expecting = "a text, true or false")]
enum Value {
    Flag(bool),
    Text(String),
}

/// Shows no headers: a key may stand there.
impl fmt::Debug for Described {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Described(…)")
    }
}

impl Described {
    /// Reads the file.
    pub(super) fn read(file: &Path) -> Result<Self, String> {
        let text =
            std::fs::read_to_string(file).map_err(|error| format!("{} cannot be read: {error}", file.display()))?;
        let described: Self = toml::from_str(&text).map_err(|error| {
            let before = text.get(..error.span().unwrap_or_default().start).unwrap_or_default();
            let line = before.matches('\n').count().saturating_add(1);
            // The line itself may hold a secret that does not belong there.
            format!("{}, line {line}: {}", file.display(), error.message())
        })?;
        described.check().map_err(|reason| format!("{}: {reason}", file.display()))?;
        Ok(described)
    }

    /// What serde cannot say.
    fn check(&self) -> Result<(), String> {
        if !self.headers.values().any(|value| value.contains(KEY)) {
            return Err(format!("headers: one needs {KEY}, where whatsapp.gateway_key is put"));
        }
        let Some(reports) = &self.reports else { return Ok(()) };
        if reports.status.is_empty() {
            return Err("reports.status: name a path".to_owned());
        }
        if [&reports.delivered, &reports.failed, &reports.no_such_contact].iter().all(|words| words.is_empty()) {
            return Err("reports: write the words that mean delivered, failed or no_such_contact".to_owned());
        }
        Ok(())
    }

    /// How it sends.
    pub(super) fn api(&self, url: &str, key: &Secret, sent: &SentMessages) -> Result<GatewayApi, WhatsAppConfigError> {
        let mut api = GatewayApi::new(url)?;
        for (name, value) in &self.headers {
            let value = Zeroizing::new(value.replace(KEY, key.expose()));
            api = api.with_header(name, &value)?;
        }
        if let Some(Call { path, body, form }) = &self.text {
            let body = body.to_string();
            api = if *form { api.with_text_form(path, &body)? } else { api.with_text(path, &body)? };
        }
        if let Some(Call { path, body, .. }) = &self.template {
            api = api.with_template(path, &body.to_string())?;
        }
        if let Some(Accepted { at, is }) = &self.answer.accepted {
            api = api.with_accepted(at, &is.to_string())?;
        }
        for Refused { at, word, means } in &self.answer.refusals {
            api = api.with_refusal(at, word, *means)?;
        }
        for pointer in &self.answer.message_id {
            api = api.with_message_id(pointer)?;
        }
        if self.official {
            api = api.on_official_number();
        }
        // Without an id in the answer, reports name the message by `{{reference}}`.
        if self.reports.is_some() && !self.answer.message_id.is_empty() { api.reporting(sent) } else { Ok(api) }
    }

    /// How it receives.
    pub(super) fn provider(&self, secret: &Secret, sent: &SentMessages) -> Result<Gateway, WhatsAppConfigError> {
        let receive = &self.receive;
        let mut gateway = Gateway::new(receive.authentication.with(secret)?, &receive.sender, &receive.text);
        gateway = all(gateway, &receive.other_senders, Gateway::or_sender_at);
        gateway = all(gateway, &receive.sender_id, Gateway::sender_id_at);
        gateway = all(gateway, &receive.service_number, Gateway::service_number_at);
        gateway = all(gateway, &receive.unless, Gateway::unless);
        gateway = all(gateway, &receive.direct_at, Gateway::direct_at);
        gateway = all(gateway, &receive.group_if, Gateway::group_if);
        gateway = all(gateway, &receive.own_if, Gateway::own_if);
        gateway = all(gateway, &receive.forwarded_if, Gateway::forwarded_if);
        for (path, value) in &receive.only_if {
            gateway = gateway.only_if(path, value.expected());
        }
        if let Some(SentAt { path, format }) = &receive.sent_at {
            gateway = gateway.sent_at(path, *format);
        }
        if let Some(Below { path, names }) = &receive.forwarded_below {
            gateway = gateway.forwarded_below(path, &as_strs(names));
        }
        match &self.reports {
            Some(said) => gateway.with_reports(said.reports()).reporting(sent),
            None => Ok(gateway),
        }
    }
}

/// Tells a gateway each path.
fn all<'a>(
    gateway: Gateway,
    paths: impl IntoIterator<Item = &'a String>,
    tell: fn(Gateway, &str) -> Gateway,
) -> Gateway {
    paths.into_iter().fold(gateway, |gateway, path| tell(gateway, path))
}

fn as_strs(words: &[String]) -> Vec<&str> {
    words.iter().map(String::as_str).collect()
}

impl Authenticated {
    fn with(&self, secret: &Secret) -> Result<Authentication, WhatsAppConfigError> {
        let secret = secret.expose();
        match self {
            Self::Hmac { header, algorithm, encoding, prefix } => {
                Ok(Authentication::hmac(header, *algorithm, *encoding, secret)?.with_prefix(prefix))
            }
            Self::Header { header } => Authentication::header(header, secret),
            Self::Body { path } => Authentication::body(path, secret),
            Self::Query { name } => Authentication::query(name, secret),
        }
    }
}

impl Said {
    fn reports(&self) -> Reports {
        let mut status = self.status.iter();
        let mut reports = Reports::new(&self.id, status.next().map_or("", String::as_str));
        reports = status.fold(reports, |reports, path| reports.or_status_at(path));
        reports = self.unless.iter().fold(reports, |reports, path| reports.unless(path));
        for (path, value) in &self.only_if {
            reports = reports.only_if(path, value.expected());
        }
        reports
            .delivered(&as_strs(&self.delivered))
            .failed(&as_strs(&self.failed))
            .no_such_contact(&as_strs(&self.no_such_contact))
    }
}

impl Value {
    fn expected(&self) -> Expected {
        match self {
            Self::Flag(flag) => (*flag).into(),
            Self::Text(text) => text.as_str().into(),
        }
    }
}
