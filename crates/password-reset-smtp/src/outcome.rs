//! Maps the server's replies to the outcome of a delivery.
//!
//! | reply | outcome |
//! | --- | --- |
//! | any 4xx; no connection, dropped connection, timeout, not SMTP | `Later`, transient |
//! | no TLS, wrong certificate; 5xx to greeting, EHLO, STARTTLS, AUTH, MAIL; 530–538 anywhere | `Later`, permanent |
//! | 5xx to RCPT, DATA or the message whose enhanced code is about the mailbox (`5.1.1` and similar) | `NoSuchContact`, with the codes |
//! | … about this message to this mailbox (`5.2.2`, `5.3.4`, `5.6.x`) | `Never`, with the codes |
//! | … about the service (`5.7.1`, `5.4.5` and any other), or without an enhanced code | `Later`, permanent, with the codes |
//!
//! A fault of the operator's settings is `Later`: once the operator has corrected the password or the certificate, the mail
//! goes out, and `Never` would have lost it. The text of a reply is never kept, because it often repeats the address.

use std::error::Error as StdError;
use std::io;

use password_reset::PortError;
use password_reset::ports::Delivery;
use password_reset_mail::{Whose, enhanced_code, whose};

/// The step of the SMTP conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Connecting, TLS from the first byte, greeting, EHLO.
    Connect,
    /// STARTTLS, handshake, EHLO.
    Encrypt,
    /// AUTH.
    SignIn,
    /// MAIL: the sender.
    Sender,
    /// RCPT: the recipient.
    Recipient,
    /// DATA and the message.
    Content,
}

/// Why a message was not sent.
#[derive(Debug, thiserror::Error)]
#[error("{cause} (at {})", stage.name())]
pub(crate) struct Fault {
    pub(crate) stage: Stage,
    pub(crate) cause: Cause,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum Cause {
    /// A reply of the server: its code, and the enhanced code (RFC 3463) if there is one.
    #[error("server replied {0}")]
    Reply(Reply),
    /// An error of the operating system or of TLS.
    #[error("{0}")]
    Io(io::ErrorKind, String),
    /// The server offers no STARTTLS, or no supported way to sign in.
    #[error("required extension not offered")]
    NotOffered,
    /// The server did not speak SMTP, or closed the connection.
    #[error("connection closed, or not an SMTP server")]
    NotSmtp,
}

/// The codes of a reply, without its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    code: u16,
    enhanced: Option<String>,
    whose: Whose,
}

impl std::fmt::Display for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.enhanced {
            Some(enhanced) => write!(f, "{} {enhanced}", self.code),
            None => write!(f, "{}", self.code),
        }
    }
}

impl Stage {
    /// Whether a reply at this step is about the recipient or the content, and not about the sender or the connection.
    const fn is_about_this_message(self) -> bool {
        matches!(self, Self::Recipient | Self::Content)
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Connect => "connecting",
            Self::Encrypt => "STARTTLS",
            Self::SignIn => "signing in",
            Self::Sender => "MAIL",
            Self::Recipient => "RCPT",
            Self::Content => "DATA",
        }
    }
}

impl Fault {
    /// Reads an error of lettre; keeps only codes and errors of the operating system or TLS.
    pub(crate) fn new(stage: Stage, error: &lettre::transport::smtp::Error) -> Self {
        let cause = if let Some(code) = error.status() {
            let text = error.source().map(ToString::to_string).unwrap_or_default();
            let enhanced = enhanced_code(&text);
            let whose = whose(enhanced.as_deref(), &text);
            Cause::Reply(Reply { code: code.into(), enhanced, whose })
        } else if let Some(error) = io_error(error) {
            Cause::Io(error.kind(), error.to_string())
        } else if error.is_client() {
            Cause::NotOffered
        } else {
            Cause::NotSmtp
        };
        Self { stage, cause }
    }

    /// Whether the connection can carry another message after RSET: the server has refused an address without closing the
    /// connection. After a refused message, servers differ in what they expect next.
    pub(crate) fn leaves_connection_usable(&self) -> bool {
        matches!(self.stage, Stage::Sender | Stage::Recipient)
            && matches!(&self.cause, Cause::Reply(reply) if reply.code != 421)
    }

    /// A fault before there was a connection.
    pub(crate) fn io(error: &io::Error) -> Self {
        Self { stage: Stage::Connect, cause: Cause::Io(error.kind(), error.to_string()) }
    }

    pub(crate) fn into_delivery(self) -> Delivery {
        match &self.cause {
            Cause::Reply(reply) if self.stage.is_about_this_message() && reply.is_final() => {
                let why = reply.to_string();
                match reply.whose {
                    Whose::Recipient => Delivery::NoSuchContact { why },
                    Whose::Message => Delivery::Never { why },
                    Whose::Ours => Delivery::Later { after: None, why: self.into_error() },
                }
            }
            _ => Delivery::Later { after: None, why: self.into_error() },
        }
    }

    pub(crate) fn into_error(self) -> PortError {
        let error = match (&self.cause, self.stage) {
            (Cause::Reply(reply), _) if !reply.is_permanent() => {
                PortError::transient("SMTP server deferred the message")
            }
            (Cause::Reply(reply), stage) if stage == Stage::SignIn || reply.asks_for_sign_in() => {
                PortError::permanent("SMTP sign-in rejected: check user name and password in the SMTP URL")
            }
            (Cause::Reply(_), Stage::Sender) => PortError::permanent(
                "SMTP server rejected the sender address: allow it for this account, or change `from`",
            ),
            (Cause::Reply(_), Stage::Recipient | Stage::Content) => PortError::permanent(
                "SMTP server rejected mail of this service: check sender, relaying, limits and reputation",
            ),
            (Cause::Reply(_), _) => PortError::permanent("SMTP server rejected the session: see the reply code"),
            // rustls reports as invalid data: an unknown authority, another name, an expired certificate, a server that
            // does not speak TLS on this port.
            (Cause::Io(io::ErrorKind::InvalidData, _), Stage::Connect | Stage::Encrypt) => PortError::permanent(
                "TLS with the SMTP server failed: check its certificate, and the port \
                 (465 for smtps://, 587 for smtp://)",
            ),
            (Cause::NotOffered, _) => PortError::permanent(
                "SMTP server does not offer STARTTLS or sign-in: use smtps://; a test server on localhost needs neither, \
                 without user and password in the URL",
            ),
            (Cause::Io(..) | Cause::NotSmtp, _) => {
                PortError::transient("cannot connect to the SMTP server: check host and port")
            }
        };
        match &self.cause {
            Cause::Reply(reply) => error.with_code(reply.to_string()),
            _ => error,
        }
        .because(self)
    }
}

impl Reply {
    fn is_permanent(&self) -> bool {
        (500..600).contains(&self.code)
    }

    /// 530 to 538 require authentication or encryption (RFC 4954, RFC 3207), after any command.
    fn asks_for_sign_in(&self) -> bool {
        (530..=538).contains(&self.code)
    }

    /// Whether no retry and no other configuration will change the reply.
    fn is_final(&self) -> bool {
        self.is_permanent() && !self.asks_for_sign_in()
    }
}

fn io_error<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a io::Error> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(error) = error.downcast_ref() {
            return Some(error);
        }
        next = error.source();
    }
    None
}
