//! Resets that are proved by a message which the requester *sends*, with a real database file and real HTTP.
//!
//! `cargo run -p whatsapp-inbound` needs no set-up: a stand-in for Meta on this machine signs and delivers messages, and
//! accepts the replies. Each mode is shown in use and under attack.
//!
//! With real credentials it waits for your own message. Set these variables, let your tunnel or proxy forward
//! `https://…/webhooks/whatsapp` here, and subscribe it to the field `messages`:
//!
//! | variable | value |
//! | --- | --- |
//! | `WHATSAPP_APP_SECRET` | the app's secret |
//! | `WHATSAPP_VERIFY_TOKEN` | the word that you enter beside the webhook's URL; at least 16 characters |
//! | `WHATSAPP_PHONE_NUMBER_ID`, `WHATSAPP_BUSINESS_ACCOUNT_ID` | from the app's dashboard |
//! | `WHATSAPP_ACCESS_TOKEN` | of a system user that may send messages |
//! | `WHATSAPP_NUMBER` | the business number: `+62811…` |
//! | `WHATSAPP_MY_NUMBER` | your own, which proves the reset |
//! | `WHATSAPP_MODE` | `page` (the default), `type-back` or `phone` |
//! | `WHATSAPP_LISTEN` | where the webhook listens; `127.0.0.1:8080` by default |

mod attacks;
mod mail;
mod real;

use anyhow::{Context, Result, ensure};
use password_reset::secret::{Code, LinkToken, RequesterToken};
use password_reset::{
    Builder, Grant, Inbound, InboundMode, Locale, NewPassword, PasswordReset, Proof, Requested, Stage,
};
use password_reset_whatsapp::{Countries, WhatsAppNotifier, qr_svg};
use tokio::sync::mpsc;
use whatsapp_inbound::app::{App, OLD, SERVICE_NUMBER};
use whatsapp_inbound::stand_in::{Signed, StandIn};

use crate::mail::Mail;

const NEW: &str = "quiet umbrella festival 92";
const ANI: &str = "6281200000001";

/// One mode: the application, and the stand-in as its provider.
struct World {
    app: App,
    /// Cancel links from emails to the account.
    mailbox: mpsc::UnboundedReceiver<String>,
    meta: StandIn,
}

#[tokio::main]
async fn main() -> Result<()> {
    if std::env::var_os("WHATSAPP_APP_SECRET").is_some() {
        return real::run().await;
    }
    let service = SERVICE_NUMBER;
    for inbound in
        [Inbound::page_advances(service)?, Inbound::type_back(service)?, Inbound::continue_on_phone(service)?]
    {
        let mode = inbound.mode();
        println!("\n==== {mode:?} ====");
        let mut world = World::start(inbound).await?;
        world.honest(mode).await.with_context(|| format!("{mode:?} must work"))?;
        world.attacks(mode).await.with_context(|| format!("{mode:?} must hold"))?;
    }
    println!("\nDone: every step worked.");
    Ok(())
}

impl World {
    async fn start(inbound: Inbound) -> Result<Self> {
        let meta = StandIn::start().await?;
        let notifier = WhatsAppNotifier::meta(meta.api()?, Countries::only(&["+62"])?)?;
        let (mail, mailbox) = Mail::with_mailbox();
        let set = |builder: Builder| builder.inbound(inbound).notifier(mail);
        let app = App::start("+6281200000001", meta.provider()?, notifier, "127.0.0.1:0", set).await?;
        println!("The webhook is http://{}/webhooks/whatsapp; Meta is a stand-in on this machine.", app.webhook);
        Ok(Self { app, mailbox, meta })
    }

    /// The owner resets the password, without an attacker.
    async fn honest(&mut self, mode: InboundMode) -> Result<()> {
        println!("\n1. Ani types her number into the form, as people do: 0812-0000-0001.");
        ensure!(self.app.signs_in(OLD).await?, "the old password must work before the reset");
        let asked = self.app.ask("0812-0000-0001").await?;
        let challenge = asked.challenge.as_ref().context("the page must have a message to show")?;
        println!("   The page says: send this to {} on WhatsApp:", challenge.number());
        println!("   \"{}\"", challenge.text(Locale::ENGLISH));
        println!("   {}", challenge.wa_me(Locale::ENGLISH));
        println!("   and a QR code with it ({} bytes of SVG).", qr_svg(challenge, Locale::ENGLISH).len());

        self.refuses_forgeries(&asked).await?;

        println!("3. Ani presses send.");
        let mut watch = self.app.reset.watch(again(&asked.requester_token)?).await?.context("the page must wait")?;
        self.sends(ANI, &self.text(&asked)?, 200).await?;
        let stage = watch.changed().await?.stage;
        let grant = match mode {
            InboundMode::PageAdvances => {
                ensure!(stage == Stage::Proved, "the page must continue");
                ensure!(self.meta.is_silent(), "no reply must come");
                println!("   The page continues by itself to the form for a new password. No reply comes.");
                self.app.reset.verify(Proof::Claim(again(&asked.requester_token)?)).await?
            }
            InboundMode::TypeBack => {
                ensure!(stage == Stage::MessageReceived, "the page must ask for the code");
                let code = self.reply_code().await?;
                println!("   She types {code} on the page.");
                let (requester_token, code) = (again(&asked.requester_token)?, Code::parse(&code)?);
                self.app.reset.verify(Proof::Code { requester_token, code }).await?
            }
            _ => {
                ensure!(stage == Stage::MessageReceived, "the page must refer to the phone");
                let link = self.reply_link().await?;
                println!("   She opens the link on the phone.");
                self.app.reset.verify(Proof::Link(LinkToken::parse(&link)?)).await?
            }
        };
        set(&self.app.reset, grant, NEW).await?;
        ensure!(self.app.signs_in(NEW).await? && !self.app.signs_in(OLD).await?, "the new password must be in force");
        println!("   She sets a new password. It signs in, and the old one does not.");

        println!("4. Meta delivers the same message three more times, as it may for a week.");
        let before = self.stage(&asked).await?;
        for _ in 0..3 {
            self.sends(ANI, &self.text(&asked)?, 200).await?;
        }
        ensure!(self.stage(&asked).await? == before && self.app.signs_in(NEW).await?, "nothing must change");
        ensure!(self.meta.is_silent(), "no second reply must come");
        println!("   Each is answered 200, so that Meta stops; nothing changes.");
        Ok(())
    }

    fn text(&self, asked: &Requested) -> Result<String> {
        Ok(asked.challenge.as_ref().context("no challenge")?.text(Locale::ENGLISH))
    }

    async fn stage(&self, asked: &Requested) -> Result<Stage> {
        Ok(self.app.reset.status(&asked.requester_token).await?.context("the reset is gone")?.stage)
    }

    /// Sends a text from a number, and delivers it as Meta does.
    async fn sends(&self, from: &str, text: &str, expected: u16) -> Result<()> {
        let message = StandIn::message(from, text, password_reset::ports::Clock::now(&self.app.clock));
        let status = self.meta.post(self.app.webhook, message, Signed::Right).await?;
        ensure!(status == expected, "the webhook answered {status}");
        Ok(())
    }

    async fn reply_code(&mut self) -> Result<String> {
        let text = self.reply().await?;
        let six = |word: &&str| word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit());
        Ok(text.split([' ', '\n']).find(six).context("the reply has no code")?.to_owned())
    }

    async fn reply_link(&mut self) -> Result<String> {
        let text = self.reply().await?;
        let secret = text.split_whitespace().find_map(|word| word.split_once("/link#")).map(|(_, secret)| secret);
        Ok(secret.context("the reply has no link")?.to_owned())
    }

    async fn reply(&mut self) -> Result<String> {
        let reply = self.meta.taken().await?;
        ensure!(reply["to"] == "+6281200000001", "replies go to the number on record");
        let text = reply["text"]["body"].as_str().context("the reply has no text")?;
        println!("   Her phone shows a reply:");
        for line in text.lines().filter(|line| !line.is_empty()) {
            println!("      | {line}");
        }
        Ok(text.to_owned())
    }
}

async fn set(reset: &PasswordReset, grant: Grant, password: &str) -> Result<()> {
    reset.set_password(grant, NewPassword::confirmed(password, password)).await?;
    Ok(())
}

/// A copy of the requester token, as the browser's cookie carries it.
fn again(requester_token: &RequesterToken) -> Result<RequesterToken> {
    Ok(RequesterToken::parse(requester_token.expose())?)
}
