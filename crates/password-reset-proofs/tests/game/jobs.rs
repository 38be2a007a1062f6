//! What players do with the service: each job owns all that it needs, so that one can run in the middle of another.

use std::net::IpAddr;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use password_reset::inbound::{Assurance, InboundMessage, Sender};
use password_reset::ports::{Accounts, PasswordChange};
use password_reset::secret::{CancelToken, Code, GrantToken, LinkToken, PartialGrantToken, RequesterToken};
use password_reset::{
    AccountId, CallingCode, Identifier, Locale, NewPassword, PasswordReset, Proof, RequestError, ResetRequest,
    SetPasswordError, VerifyError, Worker,
};
use password_reset_testkit::PlainHasher;

use crate::play::{MAIL, OWNER, PHONE, UNKNOWN_MAIL, UNKNOWN_PHONE};

/// By which form a reset is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Mail,
    Code,
    Inbound,
}

/// A code that is right by a chance of one to a hundred million, which no run has.
pub(crate) const WRONG: &str = "00000000";

#[derive(Clone, Debug)]
pub(crate) enum Job {
    Ask {
        way: Way,
        again: Option<String>,
    },
    /// A stranger asks for the owner's account, and from another source for one that does not exist.
    AskTwice(Way),
    Open(String),
    Claim(String),
    /// The step-up code of a partial grant; or its factor, where there is no code.
    StepUp {
        partial: String,
        code: Option<String>,
    },
    Type {
        token: String,
        code: String,
    },
    /// Wrong codes with both tokens, so many times each.
    Guess {
        tokens: Vec<(String, String)>,
        times: u32,
    },
    /// Everything that can be made of a requester token without a key.
    Forge(String),
    Set {
        grant: String,
        password: String,
    },
    Cancel(String),
    Receive {
        text: String,
        from: &'static str,
        at: DateTime<Utc>,
    },
    Look(Vec<(String, String)>),
    /// The application changes the password by itself.
    ChangeElsewhere(String),
    Work,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Requested {
        token: String,
        challenge: Option<String>,
    },
    Twice {
        owners: String,
        unknowns: String,
        challenge: Option<String>,
    },
    Granted(String),
    StepUp(String),
    Set {
        repeated: bool,
        in_force: bool,
    },
    /// What a stranger got with the owner's name, and with a name of no account.
    Compared(Vec<(String, String)>),
    Forged(Vec<&'static str>),
    Said(String),
}

fn source(last: u8) -> IpAddr {
    IpAddr::from([203, 0, 113, last])
}

fn request(way: Way, mail: &str, phone: &str, source: IpAddr) -> ResetRequest {
    let phone = || Identifier::phone(phone, CallingCode::INDONESIA).unwrap();
    match way {
        Way::Mail => ResetRequest::email_link(Identifier::email(mail).unwrap(), source),
        Way::Code => ResetRequest::whatsapp_code(phone(), source),
        Way::Inbound => ResetRequest::whatsapp_inbound(phone(), source),
    }
}

async fn ask(service: &PasswordReset, request: ResetRequest) -> Result<(String, Option<String>), String> {
    match service.request(request).await {
        Ok(asked) => {
            let challenge = asked.challenge.map(|challenge| challenge.text(Locale::ENGLISH));
            Ok((asked.requester_token.expose().to_owned(), challenge))
        }
        Err(RequestError::TooMany { .. }) => Err("too many".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

async fn verify(service: &PasswordReset, proof: Proof) -> Outcome {
    match service.verify(proof).await {
        Ok(grant) => Outcome::Granted(grant.into_token().expose().to_owned()),
        Err(VerifyError::StepUpRequired(partial)) => Outcome::StepUp(partial.into_token().expose().to_owned()),
        Err(VerifyError::Refused) => Outcome::Said("refused".to_owned()),
        Err(error) => Outcome::Said(error.to_string()),
    }
}

fn requester(token: &str) -> RequesterToken {
    RequesterToken::parse(token).unwrap()
}

async fn type_code(service: &PasswordReset, token: &str, code: &str) -> Outcome {
    verify(service, Proof::Code { requester_token: requester(token), code: Code::parse(code).unwrap() }).await
}

/// Where a reset stands, as its requester sees it.
async fn look(service: &PasswordReset, token: &str) -> String {
    match service.status(&requester(token)).await.unwrap() {
        Some(status) => format!("{:?} {} {}", status.stage, status.shown_until, status.code_attempts_left),
        None => "gone".to_owned(),
    }
}

/// The names of forgeries that were accepted.
async fn forge(service: &PasswordReset, token: &str) -> Vec<&'static str> {
    let id = &URL_SAFE_NO_PAD.decode(token).unwrap()[..16];
    let far = i64::MAX.to_be_bytes().map(|byte| byte >> 4);
    let link = URL_SAFE_NO_PAD.encode([id, &[7; 32]].concat());
    let dated = URL_SAFE_NO_PAD.encode([id, &far, &[7; 32]].concat());
    let mut accepted = Vec::new();
    let mut tried = |name, outcome: bool| {
        if outcome {
            accepted.push(name);
        }
    };
    let right = |outcome: Outcome| matches!(outcome, Outcome::Granted(_) | Outcome::StepUp(_));
    tried("claim", right(verify(service, Proof::Claim(requester(token))).await));
    // The token of the requester in the place of every other.
    tried("link", right(verify(service, Proof::Link(LinkToken::parse(token).unwrap())).await));
    tried("cancel", service.cancel(&CancelToken::parse(token).unwrap()).await.is_ok());
    if let Ok(forged) = LinkToken::parse(&link) {
        tried("forged link", right(verify(service, Proof::Link(forged)).await));
    }
    if let Ok(forged) = CancelToken::parse(&link) {
        tried("forged cancel", service.cancel(&forged).await.is_ok());
    }
    if let Ok(forged) = GrantToken::parse(&dated) {
        tried("forged grant", right(verify(service, Proof::Grant(forged)).await));
    }
    if let Ok(forged) = PartialGrantToken::parse(&dated) {
        tried("forged partial grant", right(verify(service, Proof::HostFactor(forged)).await));
    }
    accepted
}

async fn set(service: &PasswordReset, accounts: &dyn Accounts, grant: &str, password: &str) -> Outcome {
    let grant = match service.verify(Proof::Grant(GrantToken::parse(grant).unwrap())).await {
        Ok(grant) => grant,
        Err(error) => return Outcome::Said(format!("grant: {error}")),
    };
    match service.set_password(grant, NewPassword::confirmed(password, password)).await {
        Ok(set) => {
            let account = accounts.load(&AccountId::new(OWNER)).await.unwrap().unwrap();
            Outcome::Set {
                repeated: set.repeated,
                in_force: account.hash().is_some_and(|it| PlainHasher::password_of(it) == Some(password)),
            }
        }
        Err(SetPasswordError::Refused) => Outcome::Said("refused".to_owned()),
        Err(error) => Outcome::Said(error.to_string()),
    }
}

/// Does a job. `accounts` are those of the application, without faults.
pub(crate) async fn run(job: Job, node: &(PasswordReset, Worker), accounts: Arc<dyn Accounts>) -> Outcome {
    let (service, worker) = node;
    match job {
        Job::Ask { way, again } => {
            let mut asked = request(way, MAIL, PHONE, source(1));
            if let Some(again) = again {
                asked = asked.again(requester(&again));
            }
            match ask(service, asked).await {
                Ok((token, challenge)) => Outcome::Requested { token, challenge },
                Err(why) => Outcome::Said(why),
            }
        }
        Job::AskTwice(way) => {
            let owners = ask(service, request(way, MAIL, PHONE, source(2))).await;
            let unknowns = ask(service, request(way, UNKNOWN_MAIL, UNKNOWN_PHONE, source(3))).await;
            match (owners, unknowns) {
                (Ok((owners, challenge)), Ok((unknowns, _))) => Outcome::Twice { owners, unknowns, challenge },
                (owners, unknowns) => Outcome::Compared(vec![(
                    format!("{:?}", owners.map(|_| ())),
                    format!("{:?}", unknowns.map(|_| ())),
                )]),
            }
        }
        Job::Open(link) => verify(service, Proof::Link(LinkToken::parse(&link).unwrap())).await,
        Job::Claim(token) => verify(service, Proof::Claim(requester(&token))).await,
        Job::StepUp { partial, code } => {
            let partial_grant = PartialGrantToken::parse(&partial).unwrap();
            let proof = match code {
                Some(code) => Proof::StepUpCode { partial_grant, code: Code::parse(&code).unwrap() },
                None => Proof::HostFactor(partial_grant),
            };
            verify(service, proof).await
        }
        Job::Type { token, code } => type_code(service, &token, &code).await,
        Job::Guess { tokens, times } => {
            let mut compared = Vec::new();
            for (owners, unknowns) in tokens {
                for _ in 0..times {
                    let mine = type_code(service, &owners, WRONG).await;
                    let other = type_code(service, &unknowns, WRONG).await;
                    compared.push((format!("{mine:?}"), format!("{other:?}")));
                }
            }
            Outcome::Compared(compared)
        }
        Job::Forge(token) => Outcome::Forged(forge(service, &token).await),
        Job::Set { grant, password } => set(service, &*accounts, &grant, &password).await,
        Job::Cancel(token) => match service.cancel(&CancelToken::parse(&token).unwrap()).await {
            Ok(()) => Outcome::Said("cancelled".to_owned()),
            Err(error) => Outcome::Said(error.to_string()),
        },
        Job::Receive { text, from, at } => {
            let message = InboundMessage::new(Assurance::Signed, Sender::phone(from).unwrap(), at, text);
            Outcome::Said(format!("{:?}", service.receive(message).await))
        }
        Job::Look(tokens) => {
            let mut compared = Vec::new();
            for (owners, unknowns) in tokens {
                compared.push((look(service, &owners).await, look(service, &unknowns).await));
            }
            Outcome::Compared(compared)
        }
        Job::ChangeElsewhere(password) => {
            let account = accounts.load(&AccountId::new(OWNER)).await.unwrap().unwrap();
            let change = PasswordChange::new(account, PlainHasher::hash_of(&password, 1), service.now());
            Outcome::Said(format!("{:?}", accounts.set_password(&change).await))
        }
        Job::Work => Outcome::Said(format!("{:?}", worker.run_once().await.map(|_| ()))),
    }
}
