//! How a proof travels, and what proves what.

use crate::state::State;

/// How the proof of a reset travels. Chosen by the form, never by what the account has (I5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Channel {
    /// A link by mail, with a code beside it.
    EmailLink,
    /// A code sent to a WhatsApp number.
    WhatsAppCode,
    /// A code that the person sends from their WhatsApp number.
    WhatsAppInbound(InboundMode),
    /// The current password, by somebody who is signed in.
    CurrentPassword,
}

/// What an inbound message is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InboundMode {
    /// The message proves it, and the waiting page moves on. Does not stop relay phishing.
    PageAdvances,
    /// The service answers with a code to be typed on the page that asked.
    TypeBack,
    /// The service answers with a link, and the reset goes on where the phone is.
    ContinueOnPhone,
}

/// What somebody brings to prove that an account is theirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProofKind {
    /// The secret of a link.
    Link,
    /// A code, with the handle of its own reset.
    Code,
    /// An authenticated inbound message.
    Message,
    /// The waiting browser's claim of what a message proved.
    Claim,
    /// The code of a reply, with the handle of its own reset.
    ReplyCode,
    /// The current password.
    CurrentPassword,
}

impl Channel {
    /// Every channel.
    pub const ALL: [Self; 6] = [
        Self::EmailLink,
        Self::WhatsAppCode,
        Self::WhatsAppInbound(InboundMode::PageAdvances),
        Self::WhatsAppInbound(InboundMode::TypeBack),
        Self::WhatsAppInbound(InboundMode::ContinueOnPhone),
        Self::CurrentPassword,
    ];

    /// Whether the person sends the proof, and the service waits for it.
    #[must_use]
    pub const fn is_inbound(self) -> bool {
        matches!(self, Self::WhatsAppInbound(_))
    }

    /// Whether issuing a reset of this channel sends something.
    pub(crate) const fn sends_when_issued(self) -> bool {
        matches!(self, Self::EmailLink | Self::WhatsAppCode)
    }

    /// The name under which stores keep it, and audit rows show it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::EmailLink => "email_link",
            Self::WhatsAppCode => "whatsapp_code",
            Self::WhatsAppInbound(InboundMode::PageAdvances) => "inbound_page_advances",
            Self::WhatsAppInbound(InboundMode::TypeBack) => "inbound_type_back",
            Self::WhatsAppInbound(InboundMode::ContinueOnPhone) => "inbound_continue_on_phone",
            Self::CurrentPassword => "current_password",
        }
    }

    /// Reads a channel back from a store.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.code() == code)
    }
}

impl ProofKind {
    /// Every kind.
    pub const ALL: [Self; 6] =
        [Self::Link, Self::Code, Self::Message, Self::Claim, Self::ReplyCode, Self::CurrentPassword];

    /// The name under which stores keep it, and audit rows show it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::Code => "code",
            Self::Message => "message",
            Self::Claim => "claim",
            Self::ReplyCode => "reply_code",
            Self::CurrentPassword => "current_password",
        }
    }

    /// Reads a kind back from a store.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// The table of what proves what: the state that a proof leads to, or `None` for a pair that proves nothing.
///
/// This is the whole of it; any pair that is not here is refused (design, section 3).
#[must_use]
pub const fn proves(channel: Channel, state: State, proof: ProofKind) -> Option<State> {
    use Channel as C;
    use InboundMode as M;
    use ProofKind as P;
    match (channel, state, proof) {
        (C::EmailLink, State::CodeIssued, P::Link | P::Code) => Some(State::Verified),
        (C::EmailLink, State::Verified, P::Link) => Some(State::Verified),
        (C::WhatsAppCode, State::CodeIssued, P::Code) => Some(State::Verified),
        (C::WhatsAppInbound(M::PageAdvances), State::CodeIssued, P::Message) => Some(State::Verified),
        (C::WhatsAppInbound(M::PageAdvances), State::Verified, P::Claim) => Some(State::Verified),
        (C::WhatsAppInbound(M::TypeBack), State::CodeIssued, P::Message) => Some(State::Heard),
        (C::WhatsAppInbound(M::TypeBack), State::Heard, P::ReplyCode) => Some(State::Verified),
        (C::WhatsAppInbound(M::ContinueOnPhone), State::CodeIssued, P::Message) => Some(State::Heard),
        (C::WhatsAppInbound(M::ContinueOnPhone), State::Heard | State::Verified, P::Link) => Some(State::Verified),
        (C::CurrentPassword, State::CodeIssued, P::CurrentPassword) => Some(State::Verified),
        _ => None,
    }
}
