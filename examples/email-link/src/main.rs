//! A whole password reset by email, with a real database file and a real SMTP server.
//!
//! `cargo run -p email-link` needs no set-up: it starts a mail server of its own on this machine. With
//! `--smtp URL --to ADDRESS` it sends to a real mailbox and asks you for the link and the code.

mod app;
mod mailbox;

use anyhow::{Context, Result, ensure};
use clap::Parser;
use password_reset::secret::{Code, LinkToken, RequesterToken};
use password_reset::{Identifier, NewPassword, PasswordReset, Proof, ResetRequest, SetPasswordError};
use password_reset_smtp::SmtpNotifier;
use tokio::io::{AsyncBufReadExt, BufReader, stdin};

use crate::app::App;
use crate::mailbox::Mailbox;

const OLD: &str = "an old forgotten password";
const BY_LINK: &str = "quiet umbrella festival 92";
const BY_CODE: &str = "seven purple kettles sing";

/// Runs a whole password reset by email, once by the link and once by the typed code.
#[derive(Debug, Parser)]
struct Options {
    /// A real mail server: smtps://user:password@host:465, or smtp://user:password@host:587 for STARTTLS.
    #[arg(long, requires = "to")]
    smtp: Option<String>,
    /// The mailbox to send to.
    #[arg(long, requires = "smtp")]
    to: Option<String>,
    /// The address to send from; by default the --to address.
    #[arg(long)]
    from: Option<String>,
}

/// How the user reads email.
enum Reader {
    /// The mail server that this program started.
    Local(Mailbox),
    /// You, from the terminal.
    Person,
}

#[tokio::main]
async fn main() -> Result<()> {
    let options = Options::parse();
    let address = options.to.clone().unwrap_or_else(|| "ani@toko.example".to_owned());
    let (notifier, mut reader) = match &options.smtp {
        Some(url) => {
            let from = options.from.clone().unwrap_or_else(|| address.clone());
            let notifier = SmtpNotifier::new(url, &from)?;
            notifier.check().await.context("the mail server cannot be used")?;
            (notifier, Reader::Person)
        }
        None => {
            let mailbox = Mailbox::start()?;
            println!("A mail server listens on {}. Email to {address} arrives there.", mailbox.address());
            // The connection stays on this machine, so it needs no TLS.
            let url = format!("smtp://{}", mailbox.address());
            (SmtpNotifier::new(&url, "Toko Contoh <no-reply@toko.example>")?, Reader::Local(mailbox))
        }
    };
    let app = App::start(&address, OLD, notifier).await?;
    println!("The application's database is {}.", app.file().display());

    println!("\n1. The owner of {address} forgot the password, and types the address into the form.");
    ensure!(app.signs_in(&address, OLD).await?, "the old password must work before the reset");
    let requester_token = ask(&app.reset, &address).await?;
    println!("   The page says: Request Success, Please check your email to change your password");
    let link = reader.read("the link (or the part after #)", Mail::Link).await?;
    println!("2. The email arrived. The owner presses its button, and types a new password.");
    refuse_a_weak_password(&app.reset, &link).await?;
    set_by_link(&app.reset, &link, BY_LINK).await.context("the link must set the password")?;
    println!("   The password is set.");
    ensure!(app.signs_in(&address, BY_LINK).await?, "the new password must sign in");
    println!("3. The new password signs in.");
    ensure!(!app.signs_in(&address, OLD).await?, "the old password must be refused");
    println!("   The old password does not.");
    ensure!(set_by_link(&app.reset, &link, OLD).await.is_err(), "the used link must be refused");
    ensure!(app.signs_in(&address, BY_LINK).await?, "a second use must change nothing");
    println!("   The used link does not work a second time.");
    drop(requester_token);

    println!("\n4. The owner forgets it again. This time the email is on the phone, and the owner types its code.");
    let requester_token = ask(&app.reset, &address).await?;
    let code = reader.read("the code of eight digits", Mail::Code).await?;
    set_by_code(&app.reset, &requester_token, &code, BY_CODE).await.context("the code must set the password")?;
    println!("   The password is set.");
    ensure!(app.signs_in(&address, BY_CODE).await?, "the new password must sign in");
    println!("5. The new password signs in.");
    ensure!(!app.signs_in(&address, BY_LINK).await?, "the password before must be refused");
    println!("   The previous one does not.");
    ensure!(set_by_code(&app.reset, &requester_token, &code, OLD).await.is_err(), "the used code must be refused");
    println!("   The used code does not work a second time.");

    if let Reader::Local(mailbox) = &mut reader {
        let notice = mailbox.wait(|mail| mail.code().is_none()).await?;
        println!("\n6. An email notifies the owner that the password was changed: \"{}\".", notice.subject());
    }
    println!("\nDone: every step worked.");
    Ok(())
}

/// The "Forgot Password" form.
async fn ask(reset: &PasswordReset, address: &str) -> Result<RequesterToken> {
    let source: std::net::IpAddr = [127, 0, 0, 1].into();
    let request = ResetRequest::email_link(Identifier::email(address)?, source);
    Ok(reset.request(request).await?.requester_token)
}

/// The button of the link page.
async fn set_by_link(reset: &PasswordReset, link: &str, password: &str) -> Result<()> {
    let grant = reset.verify(Proof::Link(LinkToken::parse(link)?)).await?;
    reset.set_password(grant, NewPassword::confirmed(password, password)).await?;
    Ok(())
}

/// What the page that asked does when a code is typed.
async fn set_by_code(
    reset: &PasswordReset,
    requester_token: &RequesterToken,
    code: &str,
    password: &str,
) -> Result<()> {
    let requester_token = RequesterToken::parse(requester_token.expose())?;
    let grant = reset.verify(Proof::Code { requester_token, code: Code::parse(code)? }).await?;
    reset.set_password(grant, NewPassword::confirmed(password, password)).await?;
    Ok(())
}

/// All broken rules are reported at once, and the link stays valid.
async fn refuse_a_weak_password(reset: &PasswordReset, link: &str) -> Result<()> {
    let grant = reset.verify(Proof::Link(LinkToken::parse(link)?)).await?;
    match reset.set_password(grant, NewPassword::confirmed("password", "passwort")).await {
        Err(SetPasswordError::Rejected { violations, .. }) => {
            println!("   \"password\" is refused, and the page says why:");
            for violation in violations.iter() {
                println!("     - The password {}.", violation.sentence(&password_reset::Language::english()));
            }
            Ok(())
        }
        other => anyhow::bail!("a weak password must be refused, but: {other:?}"),
    }
}

/// What to find in an email.
#[derive(Clone, Copy)]
enum Mail {
    Link,
    Code,
}

impl Reader {
    async fn read(&mut self, what: &str, look_for: Mail) -> Result<String> {
        match self {
            Self::Local(mailbox) => {
                let mail = mailbox.wait(|mail| mail.code().is_some()).await?;
                let found = match look_for {
                    Mail::Link => mail.link_secret(),
                    Mail::Code => mail.code(),
                };
                found.with_context(|| format!("the mail does not hold {what}"))
            }
            Self::Person => {
                println!("   Type {what} from the mail, and press Enter:");
                let mut typed = String::new();
                BufReader::new(stdin()).read_line(&mut typed).await?;
                let typed = typed.trim();
                Ok(typed.rsplit_once('#').map_or(typed, |(_, secret)| secret).to_owned())
            }
        }
    }
}
