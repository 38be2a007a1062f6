//! With real credentials: your own message, through Meta.

use anyhow::{Context, Result, bail};
use password_reset::secret::{Code, LinkToken};
use password_reset::{Builder, Inbound, InboundMode, Locale, Proof, Stage};
use password_reset_whatsapp::{Countries, Meta, MetaApi, WhatsAppNotifier};
use tokio::io::{AsyncBufReadExt, BufReader, stdin};
use whatsapp_inbound::app::App;

use crate::mail::Mail;
use crate::{NEW, again, set};

pub async fn run() -> Result<()> {
    let (service, mine) = (variable("WHATSAPP_NUMBER")?, variable("WHATSAPP_MY_NUMBER")?);
    let inbound = match std::env::var("WHATSAPP_MODE").as_deref() {
        Err(_) | Ok("page") => Inbound::page_advances(&service)?,
        Ok("type-back") => Inbound::type_back(&service)?,
        Ok("phone") => Inbound::continue_on_phone(&service)?,
        Ok(_) => bail!("WHATSAPP_MODE is page, type-back or phone"),
    };
    let mode = inbound.mode();
    let number_id = variable("WHATSAPP_PHONE_NUMBER_ID")?;
    let api = MetaApi::new(&number_id, &variable("WHATSAPP_ACCESS_TOKEN")?)?;
    let provider = Meta::new(
        &variable("WHATSAPP_APP_SECRET")?,
        &variable("WHATSAPP_VERIFY_TOKEN")?,
        &number_id,
        &variable("WHATSAPP_BUSINESS_ACCOUNT_ID")?,
    )?;
    let listen = std::env::var("WHATSAPP_LISTEN").unwrap_or_else(|_unset| "127.0.0.1:8080".to_owned());
    let notifier = WhatsAppNotifier::meta(api, Countries::any())?;
    let (mail, _mailbox) = Mail::with_mailbox();
    let set_up = |builder: Builder| builder.inbound(inbound).notifier(mail);
    let app = App::start(&mine, provider, notifier, &listen, set_up).await?;
    println!("The webhook listens on http://{}/webhooks/whatsapp.", app.webhook);

    let asked = app.ask(&mine).await?;
    let challenge = asked.challenge.as_ref().context("the page must have a message to show")?;
    println!("Open this on your phone, and press send within ten minutes:\n{}", challenge.wa_me(Locale::ENGLISH));
    let mut watch = app.reset.watch(again(&asked.requester_token)?).await?.context("the reset is gone")?;
    let status = watch.changed().await?;
    println!("The stage is now {:?}.", status.stage);
    if status.stage == Stage::Expired {
        bail!("no message came in time");
    }
    let grant = match mode {
        InboundMode::PageAdvances => app.reset.verify(Proof::Claim(asked.requester_token)).await?,
        InboundMode::TypeBack => {
            let code = Code::parse(&typed("the six digits of the reply").await?)?;
            app.reset.verify(Proof::Code { requester_token: asked.requester_token, code }).await?
        }
        _ => {
            let link = typed("the link of the reply").await?;
            let secret = link.rsplit_once('#').map_or(link.as_str(), |(_, secret)| secret);
            app.reset.verify(Proof::Link(LinkToken::parse(secret)?)).await?
        }
    };
    set(&app.reset, grant, NEW).await?;
    println!("The password of the example's account was set. Done: every step worked.");
    Ok(())
}

fn variable(name: &str) -> Result<String> {
    std::env::var(name).with_context(|| format!("set {name}"))
}

async fn typed(what: &str) -> Result<String> {
    println!("Type {what}, and press Enter:");
    let mut line = String::new();
    BufReader::new(stdin()).read_line(&mut line).await?;
    Ok(line.trim().to_owned())
}
