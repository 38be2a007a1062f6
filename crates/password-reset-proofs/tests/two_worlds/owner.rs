//! The owner of the target account and all other users but the stranger: what they do must not show.
//!
//! They do not erase the account. That deletes requests before their time, and the requester of one sees it: erasing goes
//! before hiding that there was an account (`docs/invariants.md`, I5).

use password_reset::admin::AdminRequest;
use password_reset::inbound::{Assurance, InboundMessage, Sender};
use password_reset::ports::Clock;
use password_reset::secret::{CancelToken, Code, LinkToken, LockToken, PartialGrantToken, RequesterToken};
use password_reset::{
    AccountId, CallingCode, Identifier, Locale, NewPassword, Password, Proof, ResetRequest, Source, VerifyError,
};
use password_reset_proofs::Dice;
use password_reset_testkit::{PlainHasher, Sent};

use crate::world::{TARGET, TARGET_MAIL, TARGET_PHONE, Target, World};

#[derive(Default)]
pub(crate) struct Owner {
    pub(crate) mail: Vec<Sent>,
    asked: Vec<(String, Option<String>)>,
    partial_grant: Option<String>,
    passwords: u64,
}

fn source() -> Source {
    Source::from(std::net::IpAddr::from([198, 51, 100, 1]))
}

fn elsewhere() -> Source {
    Source::from(std::net::IpAddr::from([192, 0, 2, 1]))
}

impl Owner {
    pub(crate) async fn act(&mut self, world: &World, number: u64) {
        if matches!(world.setting.target, Target::Capped | Target::Paused) && number.is_multiple_of(8) {
            self.others(world).await;
        }
        let Some(seed) = world.setting.owner else { return };
        let mut dice = Dice::new(seed ^ number);
        if dice.chance(35) {
            self.act_now(world, &mut dice).await;
        }
    }

    /// Other strangers keep an account capped or paused.
    async fn others(&self, world: &World) {
        let request = || ResetRequest::email_link(Identifier::email(TARGET_MAIL).unwrap(), elsewhere());
        for _ in 0..2 {
            let Ok(asked) = world.reset.request(request()).await else { return };
            if world.setting.target == Target::Paused {
                for _ in 0..5 {
                    let requester_token = RequesterToken::parse(asked.requester_token.expose()).unwrap();
                    let code = Code::parse("11111111").unwrap();
                    drop(world.reset.verify(Proof::Code { requester_token, code }).await);
                }
            }
        }
    }

    /// Errors are what the owner sees of it, and are of no interest here.
    async fn act_now(&mut self, world: &World, dice: &mut Dice) {
        let (reset, account) = (&world.reset, AccountId::new(TARGET));
        match dice.below(20) {
            0 | 1 => self.ask(world, dice).await,
            2..7 => {
                let link = self.newest(dice, Sent::link_secret).and_then(|link| LinkToken::parse(&link).ok());
                if let Some(link) = link {
                    self.proved(world, reset.verify(Proof::Link(link)).await, dice).await;
                }
            }
            7..9 => {
                let (code, token) = (self.newest(dice, Sent::code), self.asked.last().map(|(token, _)| token.clone()));
                if let (Some(code), Some(token)) = (code, token) {
                    let requester_token = RequesterToken::parse(&token).unwrap();
                    let proof = Proof::Code { requester_token, code: Code::parse(&code).unwrap() };
                    self.proved(world, reset.verify(proof).await, dice).await;
                }
            }
            9 | 10 => {
                let (code, half) = (self.newest(dice, Sent::code), self.partial_grant.clone());
                if let (Some(code), Some(half)) = (code, half) {
                    let partial = || PartialGrantToken::parse(&half).unwrap();
                    let code = Code::parse(if dice.chance(30) { "11111111" } else { &code }).unwrap();
                    self.proved(world, reset.verify(Proof::HostFactor(partial())).await, dice).await;
                    let proof = Proof::StepUpCode { partial_grant: partial(), code };
                    self.proved(world, reset.verify(proof).await, dice).await;
                }
            }
            11 => {
                if let Some(token) = self.newest(dice, Sent::cancel_secret).and_then(|it| CancelToken::parse(&it).ok())
                {
                    drop(reset.cancel(&token).await);
                }
            }
            12 => {
                if let Some(token) = self.newest(dice, Sent::lock_secret).and_then(|it| LockToken::parse(&it).ok()) {
                    drop(reset.lock(&token).await);
                }
            }
            13 | 14 => {
                if let Some((token, Some(text))) = self.asked.last() {
                    let sender = Sender::phone(TARGET_PHONE).unwrap();
                    let message = InboundMessage::new(Assurance::Signed, sender, world.clock.now(), text.clone());
                    let claim = Proof::Claim(RequesterToken::parse(token).unwrap());
                    reset.receive(message).await.unwrap();
                    self.proved(world, reset.verify(claim).await, dice).await;
                }
            }
            15 => {
                let sender = Sender::phone(TARGET_PHONE).unwrap();
                reset.reports().unrequested(&sender, world.clock.now()).await.unwrap();
            }
            16 => reset.login().signed_in(&account).await.unwrap(),
            17 => {
                let request = AdminRequest::new("admin", account, "a ticket", source());
                drop(reset.admin().request(request).await);
            }
            18 => {
                let password = Password::new("an old password");
                let proof = Proof::CurrentPassword { account, password, source: source(), locale: Locale::ENGLISH };
                self.proved(world, reset.verify(proof).await, dice).await;
            }
            _ => {
                self.passwords += 1;
                let hash = PlainHasher::hash_of(&format!("set elsewhere {}", self.passwords), 0);
                let _known = world.accounts.update(&account, |account| account.with_hash(hash));
            }
        }
    }

    /// A secret of one of the newest messages: also of those that the stranger caused.
    fn newest(&self, dice: &mut Dice, part: impl Fn(&Sent) -> Option<&str>) -> Option<String> {
        let with_it: Vec<&Sent> = self.mail.iter().rev().filter(|sent| part(sent).is_some()).take(3).collect();
        if with_it.is_empty() {
            return None;
        }
        part(dice.pick(&with_it)).map(str::to_owned)
    }

    async fn ask(&mut self, world: &World, dice: &mut Dice) {
        let phone = || Identifier::phone(TARGET_PHONE, CallingCode::INDONESIA).unwrap();
        let request = match dice.below(4) {
            0 => ResetRequest::email_link(Identifier::email(TARGET_MAIL).unwrap(), source()),
            1 => ResetRequest::email_link(Identifier::username(TARGET).unwrap(), source()),
            2 => ResetRequest::whatsapp_code(phone(), source()),
            _ => ResetRequest::whatsapp_inbound(phone(), source()),
        };
        if let Ok(asked) = world.reset.request(request).await {
            let text = asked.challenge.map(|challenge| challenge.text(Locale::ENGLISH));
            self.asked.push((asked.requester_token.expose().to_owned(), text));
        }
    }

    async fn proved(&mut self, world: &World, proved: Result<password_reset::Grant, VerifyError>, dice: &mut Dice) {
        match proved {
            Ok(grant) if dice.chance(70) => {
                self.passwords += 1;
                let new = format!("a new password {}", self.passwords);
                drop(world.reset.set_password(grant, NewPassword::new(new)).await);
            }
            Ok(_) => {}
            Err(VerifyError::StepUpRequired(half)) => {
                self.partial_grant = Some(half.into_token().expose().to_owned());
            }
            Err(_) => {}
        }
    }
}
