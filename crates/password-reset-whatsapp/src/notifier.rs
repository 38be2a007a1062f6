//! The notifier for WhatsApp.

mod caps;
mod countries;
mod gateway_api;
mod meta_api;
mod outcome;
mod plain;
mod template;
mod texts;
mod twilio_api;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use password_reset::message::{CodeKind, CodeMessage, LinkKind, MessageBody};
use password_reset::ports::{Clock, Delivery, Notifier, SystemClock};
use password_reset::{ContactKind, InboundMode, Lifetimes, Message, PortError};
use password_reset_http_api::HttpClient;

use self::caps::Counts;
pub use self::caps::SendingCaps;
pub use self::countries::Countries;
pub use self::gateway_api::{GatewayApi, Refusal};
pub use self::meta_api::MetaApi;
use self::outcome::{Outcome, PairRates};
pub use self::plain::PlainTexts;
use self::template::{At, UtilityTemplate, Version};
pub use self::template::{Template, TemplateField, UtilityMessage};
pub use self::texts::{DefaultTexts, ReplyTexts};
pub use self::twilio_api::TwilioApi;
use crate::error::WhatsAppConfigError;

const TIMEOUT: Duration = Duration::from_secs(15);
/// The longest time that an authentication template can state.
const MAX_STATED_MINUTES: u8 = 90;

/// Sends messages over WhatsApp.
///
/// | message | goes as |
/// | --- | --- |
/// | a code, also a step-up code | the [code template](Self::with_code_template); without one, never, but free text by a gateway |
/// | the reply to a message: a code, or a link | free text, within the 24 hours that the message opens |
/// | a notice, the confirmation of a new number, an administrator's link | its [utility template](Self::with_utility_template); without one, never, but free text by a gateway |
/// | a reset by mail | never |
///
/// A gateway with an official number sends free text as a reply alone, as Meta and Twilio do.
///
/// # Contract
/// * One message goes to the one number in [`Message::to`], byte for byte as the account has it, if [`Countries`]
///   allows it.
/// * The notifier logs no part of a message, no number and no credential, and keeps only the codes of the API's answers.
/// * The message carries what names it ([`Message::reset`], and a half of [`Message::id`]) as callback data, so that a
///   [`Webhook`](crate::Webhook) can report its delivery status.
///
/// Deliveries need a Tokio runtime with I/O and time enabled. The [crate's documentation](crate) lists the outcomes.
pub struct WhatsAppNotifier {
    api: Api,
    client: HttpClient,
    countries: Countries,
    code: Option<CodeTemplate>,
    utility: Vec<UtilityTemplate>,
    texts: Arc<dyn ReplyTexts>,
    plain: Arc<dyn PlainTexts>,
    counts: Counts,
    pair_rates: PairRates,
    timeout: Duration,
    clock: Arc<dyn Clock>,
}

#[derive(Debug)]
enum Api {
    Meta(MetaApi),
    Twilio(TwilioApi),
    Gateway(Box<GatewayApi>),
}

#[derive(Debug)]
struct CodeTemplate {
    template: Template,
    stated: Duration,
}

/// The content of a request, before the API's format.
pub(crate) enum Content<'a> {
    /// An authentication template and its code.
    Code { version: &'a Version, code: &'a str },
    /// A utility template and its fields.
    Fields { version: &'a Version, fields: Vec<String> },
    /// Free text.
    Text(&'a str),
}

impl WhatsAppNotifier {
    /// Sends through Meta's Cloud API.
    ///
    /// # Errors
    /// [`WhatsAppConfigError`] when TLS cannot be initialised.
    pub fn meta(api: MetaApi, countries: Countries) -> Result<Self, WhatsAppConfigError> {
        Self::over(Api::Meta(api), countries)
    }

    /// Sends through Twilio.
    ///
    /// # Errors
    /// As [`meta`](Self::meta).
    pub fn twilio(api: TwilioApi, countries: Countries) -> Result<Self, WhatsAppConfigError> {
        Self::over(Api::Twilio(api), countries)
    }

    /// Sends through a gateway.
    ///
    /// # Errors
    /// As [`meta`](Self::meta); when it is not described how the gateway sends, and for one with an official number of which it is not
    /// described how templates are sent.
    pub fn gateway(api: GatewayApi, countries: Countries) -> Result<Self, WhatsAppConfigError> {
        api.check()?;
        Self::over(Api::Gateway(Box::new(api)), countries)
    }

    fn over(api: Api, countries: Countries) -> Result<Self, WhatsAppConfigError> {
        Ok(Self {
            api,
            client: HttpClient::new().map_err(|error| WhatsAppConfigError::new("TLS", error.why))?,
            countries,
            code: None,
            utility: Vec::new(),
            texts: Arc::new(DefaultTexts::new()),
            plain: Arc::new(DefaultTexts::new()),
            counts: Counts::new(SendingCaps::default()),
            pair_rates: PairRates::default(),
            timeout: TIMEOUT,
            clock: Arc::new(SystemClock),
        })
    }

    /// Sets the authentication template for codes. Meta fixes its text, which states after how many minutes the code
    /// expires: at most the lifetime of a code, so pass the service's own `lifetimes`.
    ///
    /// # Errors
    /// [`WhatsAppConfigError`] when it states more than that, zero or over 90 minutes, and for a template of the other
    /// API.
    pub fn with_code_template(
        mut self,
        template: Template,
        stated_minutes: u8,
        lifetimes: &Lifetimes,
    ) -> Result<Self, WhatsAppConfigError> {
        let error = |why| Err(WhatsAppConfigError::new("code template", why));
        if !(1..=MAX_STATED_MINUTES).contains(&stated_minutes) {
            return error("must state 1 to 90 minutes");
        }
        let stated = Duration::from_secs(u64::from(stated_minutes).saturating_mul(60));
        if stated > lifetimes.whatsapp {
            return error("states more minutes than a code lives: shorten it, or raise `lifetimes.whatsapp`");
        }
        self.check("code template", &template)?;
        self.code = Some(CodeTemplate { template, stated });
        Ok(self)
    }

    /// Sets the utility template of a message, and the values of its fields `{{1}}`, `{{2}}`, ….
    ///
    /// # Errors
    /// [`WhatsAppConfigError`] for a field that the message does not have, and for a template of the other API.
    pub fn with_utility_template(
        mut self,
        message: impl Into<UtilityMessage>,
        template: Template,
        fields: &[TemplateField],
    ) -> Result<Self, WhatsAppConfigError> {
        let message = message.into();
        self.check("utility template", &template)?;
        let template = UtilityTemplate::new(message, template, fields)?;
        self.utility.retain(|known| known.message() != message);
        self.utility.push(template);
        Ok(self)
    }

    /// Sets the daily caps of this node. Notices do not count.
    #[must_use]
    pub fn with_caps(mut self, caps: SendingCaps) -> Self {
        self.counts = Counts::new(caps);
        self
    }

    /// Replaces the texts of replies.
    #[must_use]
    pub fn with_texts(mut self, texts: impl ReplyTexts) -> Self {
        self.texts = Arc::new(texts);
        self
    }

    /// Replaces the texts that a gateway sends where other APIs need a template.
    #[must_use]
    pub fn with_plain_texts(mut self, texts: impl PlainTexts) -> Self {
        self.plain = Arc::new(texts);
        self
    }

    /// Sets the timeout of one delivery; the default is 15 seconds. The outcome of a timeout is `Later`; if the API had
    /// already accepted the message, it may arrive twice.
    ///
    /// # Errors
    /// [`WhatsAppConfigError`] for zero.
    pub fn with_timeout(mut self, timeout: Duration) -> Result<Self, WhatsAppConfigError> {
        if timeout.is_zero() {
            return Err(WhatsAppConfigError::new("timeout", "must be greater than zero"));
        }
        self.timeout = timeout;
        Ok(self)
    }

    /// Replaces the clock; the default is the operating system's. Use the service's.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    fn check(&self, field: &'static str, template: &Template) -> Result<(), WhatsAppConfigError> {
        let at = match &self.api {
            Api::Meta(_) => At::Meta,
            Api::Twilio(_) => At::Twilio,
            Api::Gateway(api) if !api.has_templates() => {
                let why = "this gateway sends texts, and no template: leave it out, or describe it with `GatewayApi::with_template`";
                return Err(WhatsAppConfigError::new(field, why));
            }
            Api::Gateway(_) => At::Gateway,
        };
        template.check(at).map_err(|why| WhatsAppConfigError::new(field, why))
    }

    /// Whether the API takes a text that is no reply.
    fn sends_plain_texts(&self) -> bool {
        matches!(&self.api, Api::Gateway(api) if api.sends_plain_texts())
    }

    /// Whether the API takes a text as a reply.
    fn sends_replies(&self) -> bool {
        !matches!(&self.api, Api::Gateway(api) if !api.sends_texts())
    }

    fn code<'a>(&'a self, message: &Message, body: &CodeMessage, code: &'a str) -> Result<Content<'a>, &'static str> {
        let template = self.code.as_ref().ok_or("no code template")?;
        // The configuration has checked this, but against lifetimes that may not be the service's.
        if template.stated > body.lives {
            return Err("the code template states more minutes than the lifetime of the code");
        }
        Ok(Content::Code { version: template.template.version(message.locale()), code })
    }

    async fn send(&self, message: &Message, content: &Content<'_>) -> Outcome {
        let request = match &self.api {
            Api::Meta(api) => api.request(message, content),
            Api::Twilio(api) => api.request(message, content),
            Api::Gateway(api) => api.request(message, content, self.clock.now()),
        };
        let request = match request {
            Ok(request) => request,
            Err(error) => return Outcome::OurFault(error),
        };
        match self.client.send(request, self.timeout).await {
            Ok(answer) => match &self.api {
                Api::Gateway(api) => api.outcome(&answer, message),
                _ if answer.status.is_success() => Outcome::Accepted,
                Api::Meta(_) => outcome::of_meta(&answer),
                Api::Twilio(_) => outcome::of_twilio(&answer),
            },
            Err(error) => Outcome::Unknown(error),
        }
    }
}

#[async_trait]
impl Notifier for WhatsAppNotifier {
    fn reaches(&self) -> ContactKind {
        ContactKind::Phone
    }

    fn cannot_reply(&self, mode: InboundMode) -> Option<&'static str> {
        match mode {
            InboundMode::PageAdvances => None,
            _ if self.sends_replies() => None,
            InboundMode::TypeBack if self.code.is_some() => None,
            InboundMode::TypeBack => Some(
                "this mode replies with a code, which this WhatsApp gateway can send in a template alone: name one with \
                 `with_code_template`",
            ),
            _ => Some(
                "this mode replies with a link, which this WhatsApp gateway cannot send: use `Inbound::type_back` with a code \
                 template, or another gateway",
            ),
        }
    }

    async fn deliver(&self, message: &Message) -> Delivery {
        let never = |why: &str| Delivery::Never { why: why.to_owned() };
        let to = message.to();
        if to.kind() != ContactKind::Phone || !countries::is_e164(to.value()) {
            return never("not a phone number");
        }
        if !self.countries.allow(to.value()) {
            return never("country not allowed");
        }
        let text;
        let mut counted = true;
        let content = match message.body() {
            MessageBody::Code(body) if body.kind == CodeKind::Reply && self.sends_replies() => {
                text = self.texts.reply_code(message, body);
                Ok(Content::Text(&text))
            }
            MessageBody::Code(body) if self.code.is_some() || !self.sends_plain_texts() => {
                self.code(message, body, body.code.expose())
            }
            MessageBody::Link(body) if matches!(body.kind, LinkKind::Reply) && self.sends_replies() => {
                text = self.texts.reply_link(message, body);
                Ok(Content::Text(&text))
            }
            body => {
                counted = matches!(body, MessageBody::Code(_));
                match self.utility.iter().find_map(|template| template.content(message)) {
                    Some(content) => Ok(content),
                    None => match self.sends_plain_texts().then(|| self.plain.text(message)).flatten() {
                        Some(plain) => {
                            text = plain;
                            Ok(Content::Text(&text))
                        }
                        None => Err("no template for this message"),
                    },
                }
            }
        };
        let content = match content {
            Ok(content) => content,
            Err(why) => return never(why),
        };
        let now = self.clock.now();
        if counted && let Err(why) = self.counts.take(to.value(), now) {
            return never(why);
        }
        let outcome = self.send(message, &content).await;
        if counted && outcome.was_not_sent() {
            self.counts.uncount(to.value(), now);
        }
        self.pair_rates.delivery(to.value(), now, outcome)
    }
}

/// Does not show credentials or numbers.
impl fmt::Debug for WhatsAppNotifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WhatsAppNotifier")
            .field("api", &self.api)
            .field("countries", &self.countries)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

fn not_a_request(error: http::Error) -> PortError {
    PortError::permanent("invalid request to the provider: check URL and token").because(error)
}
