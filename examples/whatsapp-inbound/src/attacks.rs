//! Typical attacks.

use anyhow::{Context, Result, ensure};
use password_reset::ports::Clock;
use password_reset::secret::{CancelToken, Code};
use password_reset::{InboundMode, Proof, Requested, Stage};
use whatsapp_inbound::stand_in::{Signed, StandIn};

use crate::{ANI, NEW, World, again, set};

const MALLORY: &str = "6281200000009";

impl World {
    /// Neither the address of the webhook nor the code on a screen is secret.
    pub async fn refuses_forgeries(&self, asked: &Requested) -> Result<()> {
        let (webhook, text) = (self.app.webhook, self.text(asked)?);
        let message = StandIn::message(ANI, &text, self.app.clock.now());
        println!("2. An attacker who saw the code posts a forged message from Ani to the webhook.");
        for (how, signed) in [("without a signature", Signed::No), ("signed with another secret", Signed::Forged)] {
            let status = self.meta.post(webhook, message.clone(), signed).await?;
            ensure!(status == 401, "a forgery must be refused");
            println!("   {how}: {status}");
        }
        self.sends(MALLORY, &text, 200).await?;
        println!("   The attacker really sends it by WhatsApp, from another number: 200, and nothing happens.");
        ensure!(self.stage(asked).await? == Stage::Waiting, "the page must still wait");
        Ok(())
    }

    pub async fn attacks(&mut self, mode: InboundMode) -> Result<()> {
        self.late().await?;
        println!(
            "6. Relay: Mallory opens the page with Ani's number, and writes to her: \"You have won! Send this to claim it.\""
        );
        let mallorys = self.app.ask("+62 812 0000 0001").await?;
        println!(
            "   Ani falls for it. The text says \"Never send this message because someone told you to\", and she sends it."
        );
        self.sends(ANI, &self.text(&mallorys)?, 200).await?;
        match mode {
            InboundMode::PageAdvances => self.relayed_to_the_page(&mallorys).await?,
            InboundMode::TypeBack => self.relayed_to_a_code(&mallorys).await?,
            _ => self.relayed_to_the_phone(&mallorys).await?,
        }
        ensure!(self.app.signs_in(NEW).await?, "Ani's password must be in force");
        println!("   Ani's password is unchanged.");
        Ok(())
    }

    async fn late(&self) -> Result<()> {
        println!("5. Ani requests another reset and sends the message, but Meta cannot deliver it for half an hour.");
        let asked = self.app.ask("81200000001").await?;
        let message = StandIn::message(ANI, &self.text(&asked)?, self.app.clock.now());
        self.app.clock.advance(30);
        let status = self.meta.post(self.app.webhook, message, Signed::Right).await?;
        ensure!(status == 200 && self.stage(&asked).await? == Stage::Expired, "it must be too late");
        println!("   Answered {status}; the reset has expired, and the message proves nothing.");
        Ok(())
    }

    /// The first mode does not stop relay phishing. What remains is the notification, and the time until the password is set.
    async fn relayed_to_the_page(&mut self, mallorys: &Requested) -> Result<()> {
        let grant = self.app.reset.verify(Proof::Claim(again(&mallorys.requester_token)?)).await?;
        println!("   Mallory's page continues: this mode does not stop relay phishing.");
        let cancel = loop {
            // The notification of the earlier reset came first.
            let cancel = self.mailbox.recv().await.context("the mailbox ended")?;
            let secret = cancel.split_once('#').context("the notification has no secret")?.1.to_owned();
            if self.app.reset.cancel(&CancelToken::parse(&secret)?).await.is_ok() {
                break cancel;
            }
        };
        println!("   But an email notifies Ani at once, with a link to cancel: {}#…", before_secret(&cancel));
        println!("   She presses it before Mallory has typed a password.");
        ensure!(set(&self.app.reset, grant, "mallory was here 1").await.is_err(), "a cancelled reset must be refused");
        println!(
            "   Mallory's password is refused. Had Ani been slower, it would have been set: choose this mode knowingly."
        );
        Ok(())
    }

    async fn relayed_to_a_code(&mut self, mallorys: &Requested) -> Result<()> {
        let code = self.reply_code().await?;
        ensure!(
            self.app.reset.verify(Proof::Claim(again(&mallorys.requester_token)?)).await.is_err(),
            "nothing to claim"
        );
        println!("   Mallory's page asks for the code that is on Ani's phone.");
        for guess in ["000000", "111111", "123456", "654321", "999999"] {
            if guess == code {
                continue;
            }
            let proof = Proof::Code { requester_token: again(&mallorys.requester_token)?, code: Code::parse(guess)? };
            ensure!(self.app.reset.verify(proof).await.is_err(), "a wrong code must be refused");
        }
        println!(
            "   Five guesses are refused. Mallory gets in only if Ani gives away the code too, against the warning of the reply."
        );
        Ok(())
    }

    async fn relayed_to_the_phone(&mut self, mallorys: &Requested) -> Result<()> {
        drop(self.reply_link().await?);
        ensure!(
            self.app.reset.verify(Proof::Claim(again(&mallorys.requester_token)?)).await.is_err(),
            "nothing to claim"
        );
        println!(
            "   Mallory's browser gets nothing: the link is on Ani's phone, and the reset can continue only there."
        );
        Ok(())
    }
}

fn before_secret(link: &str) -> &str {
    link.split_once('#').map_or(link, |(before, _)| before)
}
