//! The ways to prove an account, each in two parts: up to where its secret is in the owner's hands, and bringing it.

use std::net::IpAddr;

use password_reset::admin::{AdminRequest, AdminRequestError};
use password_reset::inbound::{Assurance, InboundMessage, Received, Sender};
use password_reset::ports::Clock;
use password_reset::secret::{Code, LinkToken, PartialGrantToken, RequesterToken};
use password_reset::{
    AccountId, CallingCode, Grant, Identifier, Locale, Password, Proof, RequestError, Requested, ResetRequest, Source,
    VerifyError,
};
use password_reset_testkit::Sent;

use crate::app::{ADMIN, App, EMAIL, FACTOR, HERE, OLD, OTHER_EMAIL, OWNER, PHONE};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    MailLink,
    MailCode,
    WhatsAppCode,
    PageAdvances,
    TypeBack,
    ContinueOnPhone,
    Administrator,
    CurrentPassword,
    /// A link by mail, and a code to the phone as the second proof.
    StepUpCode,
    /// A link by mail, and a factor of the application as the second proof.
    StepUpFactor,
}

impl Way {
    pub(crate) const ALL: [Self; 10] = [
        Self::MailLink,
        Self::MailCode,
        Self::WhatsAppCode,
        Self::PageAdvances,
        Self::TypeBack,
        Self::ContinueOnPhone,
        Self::Administrator,
        Self::CurrentPassword,
        Self::StepUpCode,
        Self::StepUpFactor,
    ];

    pub(crate) const fn is_inbound(self) -> bool {
        matches!(self, Self::PageAdvances | Self::TypeBack | Self::ContinueOnPhone)
    }

    /// Whether what is brought can be guessed, and is counted.
    pub(crate) const fn is_guessed(self) -> bool {
        matches!(self, Self::MailCode | Self::WhatsAppCode | Self::TypeBack | Self::StepUpCode | Self::StepUpFactor)
    }
}

/// A reset that waits for the last proof of its way.
#[derive(Clone, Debug, Default)]
pub(crate) struct Begun {
    pub(crate) token: String,
    /// The text to send, the link, the code or what is typed as the factor.
    pub(crate) secret: String,
    pub(crate) partial_grant: String,
}

/// What a way's message says about itself, if one was sent.
pub(crate) fn message(app: &App, way: Way) -> Option<Sent> {
    let by_mail = matches!(way, Way::MailLink | Way::MailCode | Way::Administrator);
    let sent = if by_mail { app.mail.last() } else { app.phone.last() };
    sent.filter(|sent| sent.link().is_some() || sent.code().is_some())
}

pub(crate) fn code(text: &str) -> Code {
    Code::parse(text).unwrap()
}

pub(crate) fn partial(text: &str) -> PartialGrantToken {
    PartialGrantToken::parse(text).unwrap()
}

pub(crate) fn token(text: &str) -> RequesterToken {
    RequesterToken::parse(text).unwrap()
}

/// A code of the same length that is another.
pub(crate) fn wrong(code: &str) -> String {
    let plain: String = code.chars().filter(char::is_ascii_digit).collect();
    let number: u64 = plain.parse().unwrap();
    format!("{:0width$}", (number + 1) % 10_u64.pow(u32::try_from(plain.len()).unwrap()), width = plain.len())
}

impl App {
    pub(crate) async fn ask(&self, way: Way, from: IpAddr) -> Result<Requested, RequestError> {
        let phone = || Identifier::phone(PHONE, CallingCode::INDONESIA).unwrap();
        let request = match way {
            Way::WhatsAppCode => ResetRequest::whatsapp_code(phone(), from),
            _ if way.is_inbound() => ResetRequest::whatsapp_inbound(phone(), from),
            _ => ResetRequest::email_link(Identifier::email(EMAIL).unwrap(), from),
        };
        self.reset.request(request).await
    }

    pub(crate) async fn ask_as_admin(&self, from: IpAddr) -> Result<(), AdminRequestError> {
        self.reset.admin().request(AdminRequest::new(ADMIN, OWNER, "a ticket", from)).await
    }

    pub(crate) async fn send(&self, text: &str) -> Received {
        let sender = Sender::phone(PHONE).unwrap();
        let message = InboundMessage::new(Assurance::Signed, sender, self.clock.now(), text);
        self.reset.receive(message).await.unwrap()
    }

    /// Everything but the last proof.
    pub(crate) async fn begin(&self, way: Way) -> Begun {
        self.begin_from(way, HERE).await
    }

    pub(crate) async fn begin_from(&self, way: Way, from: IpAddr) -> Begun {
        match way {
            Way::CurrentPassword => return Begun { secret: OLD.to_owned(), ..Begun::default() },
            Way::Administrator => {
                self.ask_as_admin(from).await.unwrap();
                self.work().await;
                let mail = self.mail.last().unwrap();
                return Begun { secret: mail.link_secret().unwrap().to_owned(), ..Begun::default() };
            }
            _ => {}
        }
        let asked = self.ask(way, from).await.unwrap();
        let token = asked.requester_token.expose().to_owned();
        self.work().await;
        let text = asked.challenge.map(|challenge| challenge.text(Locale::ENGLISH)).unwrap_or_default();
        let (mail, phone) = (self.mail.last(), self.phone.last());
        let code = |sent: Option<Sent>| sent.unwrap().code().unwrap().to_owned();
        let link = |sent: Option<Sent>| sent.unwrap().link_secret().unwrap().to_owned();
        let begun = |secret| Begun { token: token.clone(), secret, partial_grant: String::new() };
        match way {
            Way::MailLink | Way::Administrator | Way::CurrentPassword => begun(link(mail)),
            Way::MailCode => begun(code(mail)),
            Way::WhatsAppCode => begun(code(phone)),
            Way::PageAdvances => begun(text),
            Way::TypeBack | Way::ContinueOnPhone => {
                assert_eq!(self.send(&text).await, Received::MessageReceived);
                self.work().await;
                let reply = self.phone.last();
                begun(if way == Way::TypeBack { code(reply) } else { link(reply) })
            }
            Way::StepUpCode | Way::StepUpFactor => {
                let partial_grant = self.first_proof(&link(mail)).await.unwrap();
                self.work().await;
                let secret = if way == Way::StepUpCode { code(self.phone.last()) } else { FACTOR.to_owned() };
                Begun { partial_grant, ..begun(secret) }
            }
        }
    }

    /// Opens a link for which a second step is required. `None` when it is refused.
    pub(crate) async fn first_proof(&self, link: &str) -> Option<String> {
        match self.reset.verify(Proof::Link(LinkToken::parse(link).unwrap())).await {
            Err(VerifyError::StepUpRequired(partial_grant)) => Some(partial_grant.into_token().expose().to_owned()),
            Err(VerifyError::Refused) => None,
            other => panic!("{other:?}"),
        }
    }

    /// The last proof.
    pub(crate) async fn finish(&self, way: Way, begun: &Begun) -> Result<Grant, VerifyError> {
        let secret = begun.secret.as_str();
        let proof = match way {
            Way::MailLink | Way::ContinueOnPhone | Way::Administrator => Proof::Link(LinkToken::parse(secret).unwrap()),
            Way::MailCode | Way::WhatsAppCode | Way::TypeBack => {
                Proof::Code { requester_token: token(&begun.token), code: code(secret) }
            }
            Way::PageAdvances => {
                self.send(secret).await;
                Proof::Claim(token(&begun.token))
            }
            Way::CurrentPassword => Proof::CurrentPassword {
                account: AccountId::new(OWNER),
                password: Password::new(secret),
                source: Source::from(HERE),
                locale: Locale::ENGLISH,
            },
            Way::StepUpCode => Proof::StepUpCode { partial_grant: partial(&begun.partial_grant), code: code(secret) },
            Way::StepUpFactor => {
                let counted = self.reset.attempt_factor(partial(&begun.partial_grant)).await?;
                assert_eq!(counted.account().as_str(), OWNER);
                if secret != FACTOR {
                    return Err(VerifyError::Refused);
                }
                Proof::HostFactor(counted.into_token())
            }
        };
        self.reset.verify(proof).await
    }

    /// The last proof, but wrong.
    pub(crate) async fn guess(&self, way: Way, begun: &Begun) {
        let secret = match way {
            Way::StepUpFactor => "000000".to_owned(),
            Way::CurrentPassword => "not the password at all".to_owned(),
            _ if way.is_guessed() => wrong(&begun.secret),
            Way::PageAdvances => return assert!(self.reset.verify(Proof::Claim(token(&begun.token))).await.is_err()),
            _ => {
                // Another link: the same with its last bits changed.
                let (head, tail) = begun.secret.split_at(begun.secret.len() - 4);
                format!("{head}{}", if tail == "AAAA" { "BBBB" } else { "AAAA" })
            }
        };
        let guess = Begun { secret, ..begun.clone() };
        assert!(self.finish(way, &guess).await.is_err(), "a wrong proof is refused");
    }

    /// Uses up what a source may guess, at another account.
    pub(crate) async fn spray(&self, from: IpAddr, times: u32) {
        let request = ResetRequest::email_link(Identifier::email(OTHER_EMAIL).unwrap(), from);
        let asked = self.reset.request(request).await.unwrap();
        for _ in 0..times {
            let requester_token = token(asked.requester_token.expose());
            let proof = Proof::Code { requester_token, code: code("00000000") };
            assert!(matches!(self.reset.verify(proof).await, Err(VerifyError::Refused)));
        }
    }
}
