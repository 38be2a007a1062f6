//! `cargo run -p demo`, and open what it prints.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::{Parser, ValueEnum};
use demo::users::Seed;
use demo::{Demo, Mail, Settings, keys};
use password_reset::{Locale, PasswordPolicy};

/// A small application with its own users and login, and every way to reset a password.
///
/// Without settings for mail it runs a mailbox of its own at /dev/mailbox, where anybody who reaches the site can read.
#[derive(Debug, Parser)]
struct Options {
    /// The database; a file is made where there is none.
    #[arg(long, default_value = "sqlite:demo-data/demo.db")]
    database: String,
    /// Where the program keeps the keys that it makes at its first start, unless PASSWORD_RESET_KEYS has them.
    #[arg(long, default_value = "demo-data")]
    data: PathBuf,
    /// The port on this machine; 0 is any free one.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Where people reach the site, if there is a proxy before it: https://demo.example
    #[arg(long, env = "DEMO_ORIGIN")]
    origin: Option<String>,
    /// The language for those whose browser asks for none of ours: en or id.
    #[arg(long, default_value = "en")]
    language: Locale,
    /// The rules for new passwords.
    #[arg(long, value_enum, default_value_t = Policy::FourClasses)]
    policy: Policy,
    /// A real mail server: smtps://user:password@host:465, or smtp://…:587 for STARTTLS. Turns the mailbox off.
    #[arg(long, env = "SMTP_URL", hide_env_values = true, requires = "mail_from")]
    smtp_url: Option<String>,
    /// The sender of mail.
    #[arg(long, env = "MAIL_FROM", hide_env_values = true)]
    mail_from: Option<String>,
    /// Your own address, for the first of the made-up users.
    #[arg(long, env = "DEMO_EMAIL", hide_env_values = true)]
    email: Option<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Policy {
    /// At least 8 characters with upper case, lower case, digit and symbol.
    FourClasses,
    /// NIST SP 800-63B-4: at least 15 characters, of any kind.
    Nist,
}

#[tokio::main]
async fn main() -> Result<()> {
    let options = Options::parse();
    std::fs::create_dir_all(&options.data).with_context(|| format!("{} cannot be made", options.data.display()))?;
    let demo = Demo::start(settings(&options, &options.data)?).await?;
    announce(&demo, options.email.as_deref());
    demo.serve().await
}

fn settings(options: &Options, data: &Path) -> Result<Settings> {
    let mut settings = Settings::new(&options.database, keys::load_or_make(data)?);
    settings.listen = SocketAddr::from((Ipv4Addr::LOCALHOST, options.port));
    settings.origin.clone_from(&options.origin);
    settings.language = options.language;
    settings.policy = match options.policy {
        Policy::FourClasses => PasswordPolicy::four_classes(),
        Policy::Nist => PasswordPolicy::nist_800_63b(),
    };
    if let (Some(url), Some(from)) = (&options.smtp_url, &options.mail_from) {
        settings.mail = Mail::Smtp { url: url.clone(), from: from.clone() };
    }
    if let (Some(email), Some(first)) = (&options.email, settings.seeds.first_mut()) {
        first.email.clone_from(email);
    }
    Ok(settings)
}

fn announce(demo: &Demo, email: Option<&str>) {
    const RED: &str = "\x1b[1;37;41m";
    const PLAIN: &str = "\x1b[0m";
    println!("Toko Contoh is at {}/", demo.origin);
    println!("\nThese people can sign in, until they forget their passwords:");
    for seed in Seed::all() {
        let name = email.filter(|_| seed.id == 1).unwrap_or(seed.name());
        println!("  {:<14} {:<20} {}", seed.full_name, name, seed.password);
    }
    if demo.tools.mailbox.is_some() {
        println!("\n{RED} DEVELOPMENT: {}/dev/mailbox shows all mail to everybody. {PLAIN}", demo.origin);
        println!("Set SMTP_URL and MAIL_FROM to send mail, and the mailbox is gone.");
    }
}
