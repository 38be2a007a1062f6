//! The reset methods of a site, and starting a reset by one of them, for pages and API alike.

use std::net::IpAddr;

use password_reset::identity::BadIdentifier;
use password_reset::secret::RequesterToken;
use password_reset::{Channel, Identifier, Locale, PasswordReset, RequestError, Requested, ResetRequest};

use crate::challenge::Outcome;
use crate::contained;
use crate::error::WebError;
use crate::failure::Failure;
use crate::pages::ResetMethod;
use crate::state::AppState;

/// The configured methods, or by default all that the service can carry out.
pub(crate) fn methods(
    reset: &PasswordReset,
    configured: Option<Vec<ResetMethod>>,
) -> Result<Vec<ResetMethod>, WebError> {
    let Some(configured) = configured else {
        let by_default = [ResetMethod::Email, ResetMethod::WhatsApp, ResetMethod::WhatsAppCode];
        let mut methods: Vec<ResetMethod> =
            by_default.into_iter().filter(|method| is_available(reset, *method)).collect();
        // One WhatsApp method is enough; users could not tell which of two to take.
        if methods.contains(&ResetMethod::WhatsApp) {
            methods.retain(|method| *method != ResetMethod::WhatsAppCode);
        }
        return if methods.is_empty() { Err(WebError::NoMethod) } else { Ok(methods) };
    };
    let mut methods = Vec::with_capacity(configured.len());
    for method in configured {
        if !is_available(reset, method) {
            return Err(WebError::MethodUnavailable { method: method.code(), needs: needs(method) });
        }
        if !methods.contains(&method) {
            methods.push(method);
        }
    }
    if methods.is_empty() { Err(WebError::NoMethod) } else { Ok(methods) }
}

/// The site's methods that use one of these channels.
pub(crate) fn methods_by(state: &AppState, channels: &[Channel]) -> Vec<ResetMethod> {
    let uses = |method: &ResetMethod| channel(&state.reset, *method).is_some_and(|it| channels.contains(&it));
    state.methods.iter().copied().filter(uses).collect()
}

/// The channel on which a method sends or receives its proof.
fn channel(reset: &PasswordReset, method: ResetMethod) -> Option<Channel> {
    match method {
        ResetMethod::Email | ResetMethod::Username => Some(Channel::EmailLink),
        ResetMethod::WhatsApp => reset.inbound().map(|inbound| Channel::WhatsAppInbound(inbound.mode())),
        ResetMethod::WhatsAppCode => Some(Channel::WhatsAppCode),
    }
}

fn is_available(reset: &PasswordReset, method: ResetMethod) -> bool {
    channel(reset, method).is_some_and(|channel| reset.offers(channel))
}

fn needs(method: ResetMethod) -> &'static str {
    match method {
        ResetMethod::Email | ResetMethod::Username => "an email notifier",
        ResetMethod::WhatsApp => "`.inbound(…)` on the service",
        ResetMethod::WhatsAppCode => "a WhatsApp notifier",
    }
}

/// Reads what the requester typed. The outer error is a method that this site does not offer.
pub(crate) fn identify(
    state: &AppState,
    method: ResetMethod,
    typed: &str,
) -> Result<Result<Identifier, BadIdentifier>, Failure> {
    if !state.methods.contains(&method) {
        return Err(Failure::ChannelOff);
    }
    Ok(match method {
        ResetMethod::Email => Identifier::email(typed),
        ResetMethod::Username => Identifier::username(typed),
        ResetMethod::WhatsApp | ResetMethod::WhatsAppCode => {
            let home = state.reset.home_country();
            match &state.phones {
                Some(reader) => contained::call("reading a phone number panicked", || reader.read(typed, home))?,
                None => Identifier::phone(typed, home),
            }
        }
    })
}

/// What a client asks for.
pub(crate) struct Asked<'a> {
    pub(crate) method: ResetMethod,
    pub(crate) identifier: Identifier,
    pub(crate) source: IpAddr,
    pub(crate) locale: Locale,
    pub(crate) device: Option<String>,
    pub(crate) earlier: Option<RequesterToken>,
    /// The answer to the challenge, if the client saw one.
    pub(crate) answer: Option<&'a str>,
}

/// What came of it.
pub(crate) enum Started {
    Requested(Requested),
    /// The source must pass the challenge.
    Challenged {
        /// Whether it brought an answer, which was not right.
        failed: bool,
    },
}

impl Asked<'_> {
    fn request(&self) -> Result<ResetRequest, Failure> {
        let (identifier, source) = (self.identifier.clone(), self.source);
        let request = match self.method {
            ResetMethod::Email | ResetMethod::Username => ResetRequest::email_link(identifier, source),
            ResetMethod::WhatsApp => ResetRequest::whatsapp_inbound(identifier, source),
            ResetMethod::WhatsAppCode => ResetRequest::whatsapp_code(identifier, source),
        };
        let request = request.locale(self.locale).from_device(self.device.as_deref().unwrap_or_default());
        Ok(match &self.earlier {
            Some(requester_token) => request.again(RequesterToken::parse(requester_token.expose())?),
            None => request,
        })
    }
}

/// Starts a reset. No account is looked up, so the answer is the same for every identifier.
///
/// The challenge comes second: an answer is checked, and used up, only where one is needed, so below the limit no client can make
/// this site ask the challenge's service anything.
pub(crate) async fn start(state: &AppState, asked: &Asked<'_>) -> Result<Started, Failure> {
    match state.reset.request(asked.request()?).await {
        Err(RequestError::ChallengeRequired) => {}
        requested => return Ok(Started::Requested(requested?)),
    }
    let gate = state.challenge.as_ref().ok_or(Failure::ChallengeRequired(None))?;
    let Some(answer) = asked.answer else { return Ok(Started::Challenged { failed: false }) };
    let request = match gate.verify(answer, asked.source).await {
        Outcome::Passed => asked.request()?.challenge_passed(),
        Outcome::Unavailable => asked.request()?.challenge_unavailable(),
        Outcome::Failed => return Ok(Started::Challenged { failed: true }),
    };
    Ok(Started::Requested(state.reset.request(request).await?))
}
