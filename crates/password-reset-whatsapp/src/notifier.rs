//! The notifier.

mod caps;
mod countries;
mod meta_api;
mod outcome;
mod template;
mod texts;
mod twilio_api;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use password_reset::message::{CodeKind, CodeMessage, LinkKind, MessageBody};
use password_reset::ports::{Clock, Delivery, Notifier, SystemClock};
use password_reset::{ContactKind, Lifetimes, Message, PortError};

use self::caps::Counts;
pub use self::caps::SendingCaps;
pub use self::countries::Countries;
pub use self::meta_api::MetaApi;
use self::outcome::{Outcome, PairRates};
pub use self::template::{Template, TemplateField, UtilityMessage};
use self::template::{UtilityTemplate, Version};
pub use self::texts::{DefaultTexts, ReplyTexts};
pub use self::twilio_api::TwilioApi;
use crate::error::WhatsAppConfigError;
use crate::http_client::HttpClient;

const TIMEOUT: Duration = Duration::from_secs(15);
/// The longest time that an authentication template can state.
const MAX_STATED_MINUTES: u8 = 90;

/// Sends messages over WhatsApp.
///
/// | message | goes as |
/// | --- | --- |
/// | a code, also that of a second proof | the [code template](Self::with_code_template); without one, never |
/// | the reply to a message: a code, or a link | free text, within the 24 hours that the message opened |
/// | a notice, a question whether a number is somebody's, a link that an administrator asked for | its [utility template](Self::with_utility_template); without one, never |
/// | a reset by mail | never: a template can carry no link |
///
/// # Contract
/// * One message goes to the one number in [`Message::to`], in the account's own bytes (R13), if
///   [`Countries`] allows it.
/// * Nothing of a message, no number and no credential is logged, and nothing of what the API says but its codes is kept
///   (R166).
/// * [`Message::reset`] travels along, and a [`Webhook`](crate::Webhook) hands back what became of the message.
///
/// Deliveries need a Tokio runtime with I/O and time enabled. Outcomes are in the [crate's documentation](crate).
pub struct WhatsAppNotifier {
    api: Api,
    client: HttpClient,
    countries: Countries,
    code: Option<CodeTemplate>,
    utility: Vec<UtilityTemplate>,
    texts: Arc<dyn ReplyTexts>,
    counts: Counts,
    pair_rates: PairRates,
    timeout: Duration,
    clock: Arc<dyn Clock>,
}

#[derive(Debug)]
enum Api {
    Meta(MetaApi),
    Twilio(TwilioApi),
}

#[derive(Debug)]
struct CodeTemplate {
    template: Template,
    stated: Duration,
}

/// What is to be sent, once it is decided how.
pub(crate) enum Content<'a> {
    /// An authentication template with its code.
    Code { version: &'a Version, code: &'a str },
    /// A template with the fields of its text.
    Fields { version: &'a Version, fields: Vec<String> },
    /// Free text.
    Text(&'a str),
}

impl WhatsAppNotifier {
    /// Sends through Meta's Cloud API.
    ///
    /// # Errors
    /// [`WhatsAppConfigError`] when TLS cannot be set up.
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

    fn over(api: Api, countries: Countries) -> Result<Self, WhatsAppConfigError> {
        Ok(Self {
            api,
            client: HttpClient::new()?,
            countries,
            code: None,
            utility: Vec::new(),
            texts: Arc::new(DefaultTexts::new()),
            counts: Counts::new(SendingCaps::default()),
            pair_rates: PairRates::default(),
            timeout: TIMEOUT,
            clock: Arc::new(SystemClock),
        })
    }

    /// Names the authentication template for codes: its text is fixed by Meta, and states after how many minutes the
    /// code expires. That may not be more than codes live in truth: give the service's own `lifetimes` (R137).
    ///
    /// # Errors
    /// [`WhatsAppConfigError`] when it states more than that, nothing, or over 90 minutes, or has no version that this
    /// API can send.
    pub fn with_code_template(
        mut self,
        template: Template,
        stated_minutes: u8,
        lifetimes: &Lifetimes,
    ) -> Result<Self, WhatsAppConfigError> {
        let error = |why| Err(WhatsAppConfigError::new("code template", why));
        if !(1..=MAX_STATED_MINUTES).contains(&stated_minutes) {
            return error("it states 1 to 90 minutes");
        }
        let stated = Duration::from_secs(u64::from(stated_minutes).saturating_mul(60));
        if stated > lifetimes.whatsapp {
            return error(
                "it states more minutes than a code lives: shorten the template's or lengthen lifetimes.whatsapp",
            );
        }
        self.check("code template", &template)?;
        self.code = Some(CodeTemplate { template, stated });
        Ok(self)
    }

    /// Names the utility template of a message, and the values of its fields `{{1}}`, `{{2}}`, ….
    ///
    /// # Errors
    /// [`WhatsAppConfigError`] for a field that the message does not have, and for a template without a version that
    /// this API can send.
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

    /// Sets how much may be sent on this node. Notices do not count.
    #[must_use]
    pub fn with_caps(mut self, caps: SendingCaps) -> Self {
        self.counts = Counts::new(caps);
        self
    }

    /// Replaces what replies say.
    #[must_use]
    pub fn with_texts(mut self, texts: impl ReplyTexts) -> Self {
        self.texts = Arc::new(texts);
        self
    }

    /// Sets how long one delivery may take; 15 seconds if not said. After it the outcome is `Later`; if the API had
    /// already taken the message, it may be delivered twice.
    ///
    /// # Errors
    /// [`WhatsAppConfigError`] for zero.
    pub fn with_timeout(mut self, timeout: Duration) -> Result<Self, WhatsAppConfigError> {
        if timeout.is_zero() {
            return Err(WhatsAppConfigError::new("timeout", "it must be longer than nothing"));
        }
        self.timeout = timeout;
        Ok(self)
    }

    /// Takes the time from another clock than the operating system's: the one of the service.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    fn check(&self, field: &'static str, template: &Template) -> Result<(), WhatsAppConfigError> {
        let twilio = matches!(self.api, Api::Twilio(_));
        template.check(twilio).map_err(|why| WhatsAppConfigError::new(field, why))
    }

    fn code<'a>(&'a self, message: &Message, body: &CodeMessage, code: &'a str) -> Result<Content<'a>, &'static str> {
        let template = self.code.as_ref().ok_or("no code template")?;
        // Asked when it was configured; a service that was given other lifetimes still must not say what is not so.
        if template.stated > body.lives {
            return Err("the code template states more minutes than the code lives");
        }
        Ok(Content::Code { version: template.template.version(message.locale()), code })
    }

    async fn send(&self, message: &Message, content: &Content<'_>) -> Outcome {
        let request = match &self.api {
            Api::Meta(api) => api.request(message, content),
            Api::Twilio(api) => api.request(message, content),
        };
        let request = match request {
            Ok(request) => request,
            Err(error) => return Outcome::Ours(error),
        };
        match self.client.send(request, self.timeout).await {
            Ok(answer) if answer.status.is_success() => Outcome::Taken,
            Ok(answer) => match &self.api {
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

    async fn deliver(&self, message: &Message) -> Delivery {
        let never = |why: &str| Delivery::Never { why: why.to_owned() };
        let to = message.to();
        if to.kind() != ContactKind::Phone || !countries::is_e164(to.value()) {
            return never("not a phone number");
        }
        if !self.countries.allow(to.value()) {
            return never("country not allowed");
        }
        let (code, text);
        let mut counted = true;
        let content = match message.body() {
            MessageBody::Code(body) if body.kind == CodeKind::Reply => {
                text = self.texts.reply_code(message.site(), message.locale(), body);
                Ok(Content::Text(&text))
            }
            MessageBody::Code(body) => {
                code = body.code.expose();
                self.code(message, body, &code)
            }
            MessageBody::Link(body) if matches!(body.kind, LinkKind::Reply) => {
                text = self.texts.reply_link(message.site(), message.locale(), body);
                Ok(Content::Text(&text))
            }
            _ => {
                counted = false;
                let content = self.utility.iter().find_map(|template| template.content(message));
                content.ok_or("no template for this message")
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
            self.counts.give_back(to.value(), now);
        }
        self.pair_rates.delivery(to.value(), now, outcome)
    }
}

/// Shows neither credentials nor numbers.
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
    PortError::permanent("a request to the provider cannot be made: see to its settings").because(error)
}
