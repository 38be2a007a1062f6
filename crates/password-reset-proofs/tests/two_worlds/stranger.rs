//! The stranger: does what the script says, and writes down every answer.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::FutureExt;
use password_reset::inbound::{Assurance, InboundMessage, Sender};
use password_reset::ports::Clock;
use password_reset::secret::{CancelToken, Code, GrantToken, LinkToken, LockToken, PartialGrantToken, RequesterToken};
use password_reset::{
    AccountId, Grant, Identifier, Locale, NewPassword, Password, Proof, ResetRequest, Source, VerifyError, Watch,
};
use password_reset_testkit::Sent;

use crate::browser::Browser;
use crate::script::{Act, Forged, How, Typed, Via, Who};
use crate::world::{OWN, OWN_MAIL, OWN_PHONE, TARGET, TARGET_MAIL, TARGET_PHONE, World};

/// A reset that the stranger asked for.
struct Asked {
    token: String,
    /// What is to be sent, where the proof is a message.
    text: Option<String>,
}

#[derive(Default)]
pub(crate) struct Stranger {
    asked: Vec<Asked>,
    pub(crate) mail: Vec<Sent>,
    grant: Option<String>,
    partial_grant: Option<String>,
    watches: Vec<Watch>,
    pub(crate) browser: Browser,
}

/// The name that is typed; of the same length for all, so that answers can be compared byte by byte.
fn name(who: Who, how: How) -> &'static str {
    match (who, how) {
        (Who::Target, How::Email) => TARGET_MAIL,
        (Who::Target, How::Username) => TARGET,
        (Who::Target, How::WhatsAppCode | How::Inbound) => TARGET_PHONE,
        (Who::Own, How::Email) => OWN_MAIL,
        (Who::Own, How::Username) => OWN,
        (Who::Own, How::WhatsAppCode | How::Inbound) => OWN_PHONE,
        (Who::Missing, How::Email) => "nobody@toko.example",
        (Who::Missing, How::Username) => "nobody",
        (Who::Missing, How::WhatsAppCode | How::Inbound) => "+6281200000003",
    }
}

fn source(number: u8) -> std::net::IpAddr {
    std::net::IpAddr::from([203, 0, 113, number])
}

impl Stranger {
    pub(crate) async fn act(&mut self, world: &World, act: Act) -> String {
        match act {
            Act::Ask { who, how, via, again, source: number } => self.ask(world, (who, how), via, again, number).await,
            Act::Status { of, via } => self.status(world, of, via).await,
            Act::Watch { of, via } => self.watch(world, of, via).await,
            Act::Code { of, typed, via } => self.code(world, of, typed, via).await,
            Act::Claim { of, via } => self.claim(world, of, via).await,
            Act::Forge { of, forged, via } => self.forge(world, of, forged, via).await,
            Act::Send { of, with_id } => self.send(world, of, with_id).await,
            Act::Report => {
                let sender = Sender::phone(OWN_PHONE).unwrap();
                format!("{:?}\n", world.reset.reports().unrequested(&sender, world.clock.now()).await)
            }
            Act::OpenOwn { via } => self.open_own(world, via).await,
            Act::SetOwn { via } => self.set_own(world, via).await,
            Act::CancelOwn => {
                let secret = self.mail.iter().rev().find_map(|sent| sent.cancel_secret().map(str::to_owned));
                match secret.and_then(|secret| CancelToken::parse(&secret).ok()) {
                    Some(token) => format!("{:?}\n", world.reset.cancel(&token).await),
                    None => String::new(),
                }
            }
            Act::LockOwn => {
                let secret = self.mail.iter().rev().find_map(|sent| sent.lock_secret().map(str::to_owned));
                match secret.and_then(|secret| LockToken::parse(&secret).ok()) {
                    Some(token) => format!("{:?}\n", world.reset.lock(&token).await),
                    None => String::new(),
                }
            }
            Act::CurrentOwn { right } => {
                let password = Password::new(if right { "a password of my own" } else { "another one" });
                let account = AccountId::new(OWN);
                let (source, locale) = (Source::from(source(1)), Locale::ENGLISH);
                let proof = Proof::CurrentPassword { account, password, source, locale };
                self.verified(world.reset.verify(proof).await)
            }
            Act::Page { path, of } => {
                let reset = self.reset_name(of);
                self.browser.page(&world.router, path, &reset).await
            }
            Act::Work | Act::Wait(_) => String::new(),
        }
    }

    /// What is seen without doing anything: events of what is watched.
    pub(crate) async fn look(&mut self) -> String {
        let mut seen = String::new();
        let mut going = Vec::new();
        for mut watch in std::mem::take(&mut self.watches) {
            match watch.changed().now_or_never() {
                None => going.push(watch),
                Some(Ok(status)) => {
                    seen += &format!("watch {status:?}\n");
                    going.push(watch);
                }
                Some(Err(error)) => seen += &format!("watch ended: {error}\n"),
            }
        }
        self.watches = going;
        seen + &self.browser.events()
    }

    fn asked(&self, of: usize) -> Option<&Asked> {
        self.asked.iter().rev().nth(of)
    }

    fn token(&self, of: usize) -> Option<RequesterToken> {
        RequesterToken::parse(&self.asked(of)?.token).ok()
    }

    /// The first characters of the reset's secrets, by which pages name it.
    fn reset_name(&self, of: usize) -> String {
        self.asked(of).map_or_else(|| "AAAAAAAAAAAAAAAA".to_owned(), |asked| asked.token[..16].to_owned())
    }

    async fn ask(&mut self, world: &World, (who, how): (Who, How), via: Via, again: bool, number: u8) -> String {
        let name = name(who, how);
        let (by, identifier) = match how {
            How::Email => ("email", Identifier::email(name)),
            How::Username => ("username", Identifier::username(name)),
            How::WhatsAppCode => ("whatsapp-code", Identifier::phone(name, password_reset::CallingCode::INDONESIA)),
            How::Inbound => ("whatsapp", Identifier::phone(name, password_reset::CallingCode::INDONESIA)),
        };
        let (identifier, again) = (identifier.unwrap(), again.then(|| self.token(0)).flatten());
        self.browser.source = source(number);
        match via {
            Via::Verbs => {
                let request = match how {
                    How::Email | How::Username => ResetRequest::email_link(identifier, source(number)),
                    How::WhatsAppCode => ResetRequest::whatsapp_code(identifier, source(number)),
                    How::Inbound => ResetRequest::whatsapp_inbound(identifier, source(number)),
                };
                let request = match again {
                    Some(token) => request.again(token),
                    None => request,
                };
                match world.reset.request(request).await {
                    Ok(requested) => {
                        let token = requested.requester_token.expose().to_owned();
                        let text = requested.challenge.as_ref().map(|challenge| challenge.text(Locale::ENGLISH));
                        let seen = format!("asked {token} {:?} {:?}\n", requested.shown_until, requested.challenge);
                        self.asked.push(Asked { token, text });
                        seen
                    }
                    Err(error) => format!("{error:?}\n"),
                }
            }
            Via::Api => {
                let mut body = serde_json::json!({"by": by, "identifier": name});
                if let Some(token) = again {
                    body["requester_token"] = token.expose().to_owned().into();
                }
                let (seen, answer) = self.browser.json(&world.router, "/reset/api/requests", &body).await;
                if let Some(token) = answer["requester_token"].as_str() {
                    let text = answer["challenge"]["text"].as_str().map(str::to_owned);
                    self.asked.push(Asked { token: token.to_owned(), text });
                }
                seen
            }
            Via::Pages => {
                let before: BTreeMap<_, _> = self.browser.cookies.clone();
                if again.is_none() {
                    // The page takes the newest reset of the browser for the same one asked for again.
                    self.browser.cookies.retain(|name, _| !name.contains("-r-"));
                }
                let seen = self.browser.form(&world.router, "/reset", &[("by", by), ("identifier", name)]).await;
                let new =
                    self.browser.cookies.iter().find(|(name, _)| name.contains("-r-") && !before.contains_key(*name));
                if let Some((_, token)) = new {
                    self.asked.push(Asked { token: token.clone(), text: None });
                }
                for (name, value) in before {
                    self.browser.cookies.entry(name).or_insert(value);
                }
                seen
            }
        }
    }

    async fn status(&mut self, world: &World, of: usize, via: Via) -> String {
        let Some(token) = self.token(of) else { return String::new() };
        match via {
            Via::Verbs => format!("{:?}\n", world.reset.status(&token).await),
            Via::Api => self.browser.get(&world.router, "/reset/api/status", Some(token.expose())).await,
            Via::Pages => {
                let path = format!("/reset/wait?reset={}", self.reset_name(of));
                self.browser.get(&world.router, &path, None).await
            }
        }
    }

    async fn watch(&mut self, world: &World, of: usize, via: Via) -> String {
        let Some(token) = self.token(of) else { return String::new() };
        match via {
            Via::Verbs => match world.reset.watch(token).await {
                Ok(Some(watch)) => {
                    let seen = format!("watches {:?}\n", watch.seen());
                    self.watches.push(watch);
                    seen
                }
                other => format!("{other:?}\n"),
            },
            Via::Api => self.browser.open_events(&world.router, "/reset/api/events", Some(token.expose())).await,
            Via::Pages => {
                let path = format!("/reset/events?reset={}", self.reset_name(of));
                self.browser.open_events(&world.router, &path, None).await
            }
        }
    }

    async fn code(&mut self, world: &World, of: usize, typed: Typed, via: Via) -> String {
        let Some(token) = self.token(of) else { return String::new() };
        let typed = match typed {
            Typed::Eight => "00000000".to_owned(),
            Typed::Six => "000000".to_owned(),
            Typed::Mailed => match self.mail.iter().rev().find_map(Sent::code) {
                Some(code) => code.to_owned(),
                None => return String::new(),
            },
        };
        match via {
            Via::Verbs => {
                let code = Code::parse(&typed).unwrap();
                self.verified(world.reset.verify(Proof::Code { requester_token: token, code }).await)
            }
            Via::Api => {
                let body = serde_json::json!({"requester_token": token.expose(), "code": typed});
                self.prove(world, &body).await
            }
            Via::Pages => {
                let reset = self.reset_name(of);
                self.browser.form(&world.router, "/reset/code", &[("reset", &reset), ("code", &typed)]).await
            }
        }
    }

    async fn claim(&mut self, world: &World, of: usize, via: Via) -> String {
        let Some(token) = self.token(of) else { return String::new() };
        match via {
            Via::Verbs => self.verified(world.reset.verify(Proof::Claim(token)).await),
            Via::Api => self.prove(world, &serde_json::json!({"requester_token": token.expose()})).await,
            Via::Pages => {
                let reset = self.reset_name(of);
                self.browser.form(&world.router, "/reset/claim", &[("reset", &reset)]).await
            }
        }
    }

    async fn send(&mut self, world: &World, of: usize, with_id: bool) -> String {
        let Some(text) = self.asked(of).and_then(|asked| asked.text.clone()) else { return String::new() };
        let sender = if with_id { Sender::phone_and_id(OWN_PHONE, "ID.1") } else { Sender::phone(OWN_PHONE) };
        let message = InboundMessage::new(Assurance::Signed, sender.unwrap(), world.clock.now(), text);
        // The answer is the provider's. The stranger sees what comes of it.
        world.reset.receive(message).await.unwrap();
        String::new()
    }

    async fn open_own(&mut self, world: &World, via: Via) -> String {
        let secret = self.mail.iter().rev().find_map(|sent| sent.link_secret().map(str::to_owned));
        let Some(secret) = secret else { return String::new() };
        match via {
            Via::Verbs => {
                let link = LinkToken::parse(&secret).unwrap();
                self.verified(world.reset.verify(Proof::Link(link)).await)
            }
            Via::Api => self.prove(world, &serde_json::json!({"link": secret})).await,
            Via::Pages => self.browser.form(&world.router, "/reset/link", &[("link", &secret)]).await,
        }
    }

    async fn set_own(&mut self, world: &World, via: Via) -> String {
        const NEW: &str = "a password of my own";
        match via {
            Via::Verbs => {
                let Some(token) = self.grant.as_ref().and_then(|text| GrantToken::parse(text).ok()) else {
                    return String::new();
                };
                match world.reset.verify(Proof::Grant(token)).await {
                    Ok(grant) => format!("{:?}\n", world.reset.set_password(grant, NewPassword::new(NEW)).await),
                    Err(error) => format!("{error:?}\n"),
                }
            }
            Via::Api => {
                let Some(grant) = &self.grant else { return String::new() };
                let body = serde_json::json!({"grant": grant, "password": NEW});
                self.browser.json(&world.router, "/reset/api/password", &body).await.0
            }
            Via::Pages => {
                let reset = self.browser.granted().unwrap_or_else(|| self.reset_name(0));
                let fields = [("reset", reset.as_str()), ("username", OWN), ("password", NEW), ("again", NEW)];
                self.browser.form(&world.router, "/reset/new", &fields).await
            }
        }
    }

    async fn prove(&mut self, world: &World, body: &serde_json::Value) -> String {
        let (seen, answer) = self.browser.json(&world.router, "/reset/api/verify", body).await;
        if let Some(grant) = answer["grant"].as_str() {
            self.grant = Some(grant.to_owned());
        }
        if let Some(partial_grant) = answer["partial_grant"].as_str() {
            self.partial_grant = Some(partial_grant.to_owned());
        }
        seen
    }

    fn verified(&mut self, verified: Result<Grant, VerifyError>) -> String {
        let seen = format!("{verified:?}\n");
        match verified {
            Ok(grant) => {
                let token = grant.into_token().expose().to_owned();
                self.grant = Some(token.clone());
                format!("{seen}{token}\n")
            }
            Err(VerifyError::StepUpRequired(partial_grant)) => {
                let token = partial_grant.into_token().expose().to_owned();
                self.partial_grant = Some(token.clone());
                format!("{seen}{token}\n")
            }
            Err(_) => seen,
        }
    }

    async fn forge(&mut self, world: &World, of: usize, forged: Forged, via: Via) -> String {
        let Some(asked) = self.asked(of) else { return String::new() };
        let mut bytes = URL_SAFE_NO_PAD.decode(&asked.token).unwrap();
        bytes[40] ^= 1;
        let short = URL_SAFE_NO_PAD.encode(&bytes);
        let until = world.clock.now().timestamp_millis().saturating_add(600_000).to_be_bytes();
        let long = URL_SAFE_NO_PAD.encode([&bytes[..16], &until, &bytes[16..]].concat());
        let (reset, router) = (&world.reset, &world.router);
        let code = || Code::parse("00000000").unwrap();
        let partial = || PartialGrantToken::parse(&long).unwrap();
        let name = asked.token[..16].to_owned();
        match (forged, via) {
            (Forged::Token, Via::Verbs) => {
                let token = RequesterToken::parse(&short).unwrap();
                format!("{:?}\n{:?}\n", reset.status(&token).await, reset.verify(Proof::Claim(token)).await)
            }
            (Forged::Token, _) => self.browser.get(router, "/reset/api/status", Some(&short)).await,
            (Forged::Link, Via::Verbs) => {
                format!("{:?}\n", reset.verify(Proof::Link(LinkToken::parse(&short).unwrap())).await)
            }
            (Forged::Link, Via::Api) => {
                self.browser.json(router, "/reset/api/verify", &serde_json::json!({"link": short})).await.0
            }
            (Forged::Link, Via::Pages) => self.browser.form(router, "/reset/link", &[("link", &short)]).await,
            (Forged::Cancel, Via::Verbs) => {
                format!("{:?}\n", reset.cancel(&CancelToken::parse(&short).unwrap()).await)
            }
            (Forged::Cancel, _) => self.browser.form(router, "/reset/cancel", &[("link", &short)]).await,
            (Forged::Lock, Via::Verbs) => format!("{:?}\n", reset.lock(&LockToken::parse(&short).unwrap()).await),
            (Forged::Lock, _) => self.browser.form(router, "/reset/lock", &[("link", &short)]).await,
            (Forged::Grant, Via::Pages) => {
                self.browser.with_cookie(&format!("__Host-pr-g-{name}"), &long);
                let fields = [("reset", name.as_str()), ("password", "a password of my own")];
                let seen = self.browser.form(router, "/reset/new", &fields).await;
                self.browser.cookies.remove(&format!("__Host-pr-g-{name}"));
                seen
            }
            (Forged::Grant, _) => {
                format!("{:?}\n", reset.verify(Proof::Grant(GrantToken::parse(&long).unwrap())).await)
            }
            (Forged::PartialGrant, Via::Pages) => {
                self.browser.with_cookie(&format!("__Host-pr-p-{name}"), &long);
                let seen = self.browser.get(router, &format!("/reset/step-up?reset={name}"), None).await;
                self.browser.cookies.remove(&format!("__Host-pr-p-{name}"));
                seen
            }
            (Forged::PartialGrant, _) => format!("{:?}\n", reset.partial_grant(partial()).await),
            (Forged::Factor, _) => {
                let counted = reset.attempt_factor(partial()).await;
                format!("{counted:?}\n{:?}\n", reset.verify(Proof::HostFactor(partial())).await)
            }
            (Forged::StepUpCode, Via::Verbs) => {
                let proof = Proof::StepUpCode { partial_grant: partial(), code: code() };
                format!("{:?}\n", reset.verify(proof).await)
            }
            (Forged::StepUpCode, _) => {
                let body = serde_json::json!({"partial_grant": long, "code": "00000000"});
                self.browser.json(router, "/reset/api/verify", &body).await.0
            }
        }
    }
}
