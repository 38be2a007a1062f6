//! Run `cargo run -p demo`, and open the address that it prints.

use std::io::{IsTerminal, stdout};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::{Args, Parser, ValueEnum};
use demo::users::Seed;
use demo::whatsapp::{MetaAccount, NOTICES};
use demo::{Demo, Mail, Settings, WhatsApp, keys};
use password_reset::{InboundMode, Locale, PasswordPolicy};
use password_reset_whatsapp::UtilityMessage;

/// A small application with its own users and sign-in, and every method to reset a password.
///
/// Without settings for mail and WhatsApp it runs a mailbox at /dev/mailbox and phones at /dev/whatsapp, which anyone who can
/// open the site can use.
#[derive(Debug, Parser)]
struct Options {
    /// The database: sqlite: and a file, which is created where it is missing, or postgres://user:password@host/name.
    #[arg(long, env = "DEMO_DATABASE", hide_env_values = true, default_value = "sqlite:demo-data/demo.db")]
    database: String,
    /// The folder of the keys that the program creates at its first start, unless PASSWORD_RESET_KEYS has them.
    #[arg(long, default_value = "demo-data")]
    data: PathBuf,
    /// The port on this machine; 0 is any free one.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// The address of the site, if there is a proxy in front: https://demo.example
    #[arg(long, env = "DEMO_ORIGIN")]
    origin: Option<String>,
    /// A proxy in front, as an address or network; its X-Forwarded-For is believed. Repeat it for more.
    #[arg(long = "trusted-proxy", env = "DEMO_TRUSTED_PROXY", value_delimiter = ',')]
    proxies: Vec<String>,
    /// The language for browsers that prefer neither: en or id.
    #[arg(long, default_value = "en")]
    language: Locale,
    /// The rules for new passwords.
    #[arg(long, value_enum, default_value_t = Policy::FourClasses)]
    policy: Policy,
    /// A real mail server: smtps://user:password@host:465, or smtp://…:587 for STARTTLS. Turns /dev/mailbox off.
    #[arg(long, env = "SMTP_URL", hide_env_values = true, requires = "mail_from")]
    smtp_url: Option<String>,
    /// The sender of mail.
    #[arg(long, env = "MAIL_FROM", hide_env_values = true)]
    mail_from: Option<String>,
    /// What happens after someone sends the code by WhatsApp.
    #[arg(long, value_enum, default_value_t = OnMessage::PageAdvances)]
    inbound: OnMessage,
    #[command(flatten)]
    whatsapp: WhatsAppOptions,
    /// Keep the built-in mailbox or phone next to a real one. Anyone who can open the site can then take over accounts that
    /// use it.
    #[arg(long)]
    dev_tools: bool,
    /// Your own address, for the first of the fictional users.
    #[arg(long, env = "DEMO_EMAIL", hide_env_values = true)]
    email: Option<String>,
    /// Your own WhatsApp number, with its country code, for the third.
    #[arg(long, env = "DEMO_PHONE", hide_env_values = true)]
    phone: Option<String>,
}

/// A business number at Meta. Turns the phone at /dev/whatsapp off.
#[derive(Args, Debug)]
struct WhatsAppOptions {
    /// The number, as +62….
    #[arg(long, env = "WHATSAPP_NUMBER", requires_all = [
        "whatsapp_phone_number_id", "whatsapp_business_account_id", "whatsapp_app_secret", "whatsapp_verify_token",
        "whatsapp_access_token",
    ])]
    whatsapp_number: Option<String>,
    /// Its id, from the dashboard.
    #[arg(long, env = "WHATSAPP_PHONE_NUMBER_ID", hide_env_values = true)]
    whatsapp_phone_number_id: Option<String>,
    /// The id of the business account.
    #[arg(long, env = "WHATSAPP_BUSINESS_ACCOUNT_ID", hide_env_values = true)]
    whatsapp_business_account_id: Option<String>,
    /// The secret that signs incoming requests.
    #[arg(long, env = "WHATSAPP_APP_SECRET", hide_env_values = true)]
    whatsapp_app_secret: Option<String>,
    /// The word beside the webhook's address in the dashboard.
    #[arg(long, env = "WHATSAPP_VERIFY_TOKEN", hide_env_values = true)]
    whatsapp_verify_token: Option<String>,
    /// The token for sending.
    #[arg(long, env = "WHATSAPP_ACCESS_TOKEN", hide_env_values = true)]
    whatsapp_access_token: Option<String>,
    /// The authentication template for codes, in en and id.
    #[arg(long, env = "WHATSAPP_CODE_TEMPLATE")]
    whatsapp_code_template: Option<String>,
    /// Utility templates for notifications and links, in en and id: confirm-contact=name,admin-link=name, and so on. Without
    /// the first, numbers cannot be changed; without the second, links of administrators are not sent to phones.
    #[arg(long, env = "WHATSAPP_NOTICE_TEMPLATES", value_delimiter = ',', value_parser = notice_template)]
    whatsapp_notice_templates: Vec<(UtilityMessage, String)>,
}

fn notice_template(text: &str) -> Result<(UtilityMessage, String), String> {
    let found = text.split_once('=').and_then(|(known, name)| {
        NOTICES.into_iter().find(|(it, _)| *it == known).map(|(_, notice)| (notice, name.to_owned()))
    });
    let names: Vec<_> = NOTICES.into_iter().map(|(name, _)| name).collect();
    found.ok_or_else(|| format!("write what=template, where what is one of {}", names.join(", ")))
}

/// What happens after someone sends the code by WhatsApp.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum OnMessage {
    /// The page continues by itself; no reply.
    PageAdvances,
    /// We reply with a code to enter on the page.
    TypeBack,
    /// We reply with a link to open on the phone.
    ContinueOnPhone,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Policy {
    /// At least 8 characters with uppercase, lowercase, number and symbol.
    FourClasses,
    /// NIST SP 800-63B-4: at least 15 characters, of any kind.
    Nist,
}

#[tokio::main]
async fn main() -> Result<()> {
    let options = Options::parse();
    std::fs::create_dir_all(&options.data).with_context(|| format!("{} cannot be made", options.data.display()))?;
    let settings = settings(&options, &options.data)?;
    let seeds = settings.seeds.clone();
    let demo = Demo::start(settings).await?;
    announce(&demo, &seeds);
    demo.serve().await
}

fn settings(options: &Options, data: &Path) -> Result<Settings> {
    let mut settings = Settings::new(&options.database, keys::load_or_make(data)?);
    settings.listen = SocketAddr::from((Ipv4Addr::LOCALHOST, options.port));
    settings.origin.clone_from(&options.origin);
    settings.proxies.clone_from(&options.proxies);
    settings.language = options.language;
    settings.policy = match options.policy {
        Policy::FourClasses => PasswordPolicy::four_classes(),
        Policy::Nist => PasswordPolicy::nist_800_63b(),
    };
    settings.inbound = match options.inbound {
        OnMessage::PageAdvances => InboundMode::PageAdvances,
        OnMessage::TypeBack => InboundMode::TypeBack,
        OnMessage::ContinueOnPhone => InboundMode::ContinueOnPhone,
    };
    let real_mail = options.smtp_url.clone().zip(options.mail_from.clone());
    let real_account = options.whatsapp.account();
    // Where one of them is real, so are the people: the other must not be open to all.
    let pretend = options.dev_tools || (real_mail.is_none() && real_account.is_none());
    settings.mail = match real_mail {
        Some((url, from)) => Mail::Smtp { url, from },
        None if pretend => Mail::Development,
        None => Mail::Off,
    };
    settings.whatsapp = match real_account {
        Some(account) => WhatsApp::Meta(Box::new(account)),
        None if pretend => WhatsApp::Development,
        None => WhatsApp::Off,
    };
    if let (Some(email), Some(first)) = (&options.email, settings.seeds.first_mut()) {
        first.email.clone_from(email);
    }
    let by_phone = settings.seeds.iter_mut().find(|seed| seed.phone.is_some());
    if let (Some(phone), Some(third)) = (&options.phone, by_phone) {
        third.phone = Some(phone.clone());
    }
    Ok(settings)
}

impl WhatsAppOptions {
    fn account(&self) -> Option<MetaAccount> {
        Some(MetaAccount {
            number: self.whatsapp_number.clone()?,
            phone_number_id: self.whatsapp_phone_number_id.clone()?,
            business_account_id: self.whatsapp_business_account_id.clone()?,
            app_secret: self.whatsapp_app_secret.clone()?,
            verify_token: self.whatsapp_verify_token.clone()?,
            access_token: self.whatsapp_access_token.clone()?,
            code_template: self.whatsapp_code_template.clone(),
            notice_templates: self.whatsapp_notice_templates.clone(),
            base_url: None,
        })
    }
}

fn announce(demo: &Demo, seeds: &[Seed]) {
    println!("Open {}/", demo.origin);
    println!("\nSign in as:");
    for seed in seeds {
        let reached = seed.phone.as_ref().map(|phone| format!(", WhatsApp to {phone}")).unwrap_or_default();
        let (name, email) = (seed.name(), &seed.email);
        println!("  {:<14} {name:<18} {:<17} email to {email}{reached}", seed.full_name, seed.password);
    }
    let (red, plain) = if stdout().is_terminal() { ("\x1b[1;37;41m", "\x1b[0m") } else { ("", "") };
    let (mailbox, phone) = (demo.tools.mailbox.is_some(), demo.tools.phone.is_some());
    if mailbox || phone {
        println!("\n{red} DEVELOPMENT TOOLS ARE ON. Anyone who can open this site {plain}");
    }
    if mailbox {
        println!("{red}   can read all its email:                  {}/dev/mailbox {plain}", demo.origin);
    }
    if phone {
        println!("{red}   can send WhatsApp messages as anyone:    {}/dev/whatsapp {plain}", demo.origin);
    }
    if mailbox || phone {
        println!("To send real messages: cargo run -p demo -- --help");
    }
    if mailbox {
        let gone = demo::dev::mailbox::GONE;
        println!("Email to {gone} always bounces. See its delivery status at {}/admin", demo.origin);
    }
}

#[cfg(test)]
mod tests;
