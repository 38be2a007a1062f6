//! How a proof travels, and what proves what.

use crate::flow::state::State;

/// How the proof of a reset travels. Chosen by the form, never by what the account has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Channel {
    /// A link by mail, with a code beside it.
    EmailLink,
    /// A link, and nothing beside it, that an administrator asked for: by mail, or by WhatsApp where there is no mailbox or it
    /// is known to fail.
    AdminLink,
    /// A code sent to a WhatsApp number.
    WhatsAppCode,
    /// A code that the person sends from their WhatsApp number.
    WhatsAppInbound(InboundMode),
    /// The current password, by a user who is signed in.
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

/// What a requester brings to prove that an account is theirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProofKind {
    /// The secret of a link.
    Link,
    /// A code, with the requester token of its own reset.
    Code,
    /// An authenticated inbound message.
    Message,
    /// The waiting browser's claim of what a message proved.
    Claim,
    /// The code of a reply, with the requester token of its own reset.
    ReplyCode,
    /// The current password.
    CurrentPassword,
    /// A second proof: the code that went to another contact, with what the first proof yielded.
    StepUpCode,
    /// A second proof: a factor that the application checked, such as a passkey, with what the first proof yielded.
    HostFactor,
}

/// What a second proof is to be, by another method than the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum StepUp {
    /// A code that goes to a confirmed contact of another kind than the first proof came by.
    Code,
    /// A factor that the application checks itself: a passkey, a one-time password.
    HostFactor,
}

impl StepUp {
    /// Every kind.
    pub const ALL: &'static [Self] = &[Self::Code, Self::HostFactor];

    /// The state in which a reset waits for it.
    pub(crate) const fn state(self) -> State {
        match self {
            Self::Code => State::AwaitingCode,
            Self::HostFactor => State::AwaitingFactor,
        }
    }
}

impl Channel {
    /// Every channel.
    pub const ALL: &'static [Self] = &[
        Self::EmailLink,
        Self::AdminLink,
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
        matches!(self, Self::EmailLink | Self::AdminLink | Self::WhatsAppCode)
    }

    /// The name under which stores keep it, and audit rows show it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::EmailLink => "email_link",
            Self::AdminLink => "admin_link",
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
        Self::ALL.iter().copied().find(|channel| channel.code() == code)
    }
}

impl ProofKind {
    /// Every kind.
    pub const ALL: &'static [Self] = &[
        Self::Link,
        Self::Code,
        Self::Message,
        Self::Claim,
        Self::ReplyCode,
        Self::CurrentPassword,
        Self::StepUpCode,
        Self::HostFactor,
    ];

    /// Whether it can only come after another proof.
    #[must_use]
    pub const fn is_step_up(self) -> bool {
        matches!(self, Self::StepUpCode | Self::HostFactor)
    }

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
            Self::StepUpCode => "step_up_code",
            Self::HostFactor => "host_factor",
        }
    }

    /// Reads a kind back from a store.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.code() == code)
    }
}

/// The table of what proves what: the state that a proof leads to, or `None` for a pair that proves nothing.
///
/// This is the whole of it; any pair that is not here is refused. Where the risk policy requires a second
/// proof, a first one that would lead to `Verified` leads to `AwaitingCode` or `AwaitingFactor` instead; a link that is opened
/// again is a first proof again.
#[must_use]
pub const fn proves(channel: Channel, state: State, proof: ProofKind) -> Option<State> {
    use Channel as C;
    use InboundMode as M;
    use ProofKind as P;
    use State as S;
    match (channel, state, proof) {
        (C::EmailLink, S::CodeIssued, P::Link | P::Code) => Some(S::Verified),
        (C::AdminLink, S::CodeIssued, P::Link) => Some(S::Verified),
        (C::EmailLink | C::AdminLink, S::AwaitingCode | S::AwaitingFactor | S::Verified, P::Link) => Some(S::Verified),
        (C::WhatsAppCode, S::CodeIssued, P::Code) => Some(S::Verified),
        (C::WhatsAppInbound(M::PageAdvances), S::CodeIssued, P::Message) => Some(S::Verified),
        (C::WhatsAppInbound(M::PageAdvances), S::Verified, P::Claim) => Some(S::Verified),
        (C::WhatsAppInbound(M::TypeBack), S::CodeIssued, P::Message) => Some(S::MessageReceived),
        (C::WhatsAppInbound(M::TypeBack), S::MessageReceived, P::ReplyCode) => Some(S::Verified),
        (C::WhatsAppInbound(M::ContinueOnPhone), S::CodeIssued, P::Message) => Some(S::MessageReceived),
        (
            C::WhatsAppInbound(M::ContinueOnPhone),
            S::MessageReceived | S::AwaitingCode | S::AwaitingFactor | S::Verified,
            P::Link,
        ) => Some(S::Verified),
        (C::CurrentPassword, S::CodeIssued, P::CurrentPassword) => Some(S::Verified),
        (_, S::AwaitingCode, P::StepUpCode) => Some(S::Verified),
        (_, S::AwaitingFactor, P::HostFactor) => Some(S::Verified),
        _ => None,
    }
}
