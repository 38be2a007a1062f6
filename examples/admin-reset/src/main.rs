//! An administrator helps a user who cannot sign in, and never sees a password or a secret.
//!
//! `cargo run -p admin-reset` needs no set-up: accounts and resets are in memory, and emails are recorded instead of sent.

use std::net::IpAddr;

use anyhow::{Context, Result, bail, ensure};
use chrono::TimeDelta;
use password_reset::admin::{AdminRequest, AdminRequestError};
use password_reset::async_trait;
use password_reset::ports::{AdminContext, AdminDecision, Decision, ProofContext, RiskPolicy};
use password_reset::secret::LinkToken;
use password_reset::{
    Account, AccountId, AccountStatus, Contact, Key, KeyRing, Language, NewPassword, PasswordReset, PortError, Proof,
    Site,
};
use password_reset_testkit::{MemoryAccounts, MemoryStore, RecordingNotifier};

const USER: &str = "ani";
const ADMIN: &str = "budi";
const OWNER: &str = "citra";

/// The application decides which administrator may act on which account. Without a risk policy every such reset is denied.
#[derive(Debug)]
struct Roles;

fn rank(account: &AccountId) -> u8 {
    match account.as_str() {
        OWNER => 2,
        ADMIN => 1,
        _ => 0,
    }
}

#[async_trait]
impl RiskPolicy for Roles {
    async fn assess(&self, _proof: &ProofContext) -> Result<Decision, PortError> {
        Ok(Decision::Allow)
    }

    /// Only an administrator of a higher rank than the target, who signed in within the last five minutes.
    async fn authorize_admin(&self, context: &AdminContext) -> Result<AdminDecision, PortError> {
        let higher = rank(&context.actor) > rank(context.target.id());
        let recent = context.authenticated_at.is_some_and(|at| context.at - at < TimeDelta::minutes(5));
        Ok(if higher && recent { AdminDecision::Allow } else { AdminDecision::Deny })
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let accounts = MemoryAccounts::new();
    let person = |name, addresses: &[&str]| {
        let account = Account::new(name, AccountStatus::Active);
        addresses.iter().fold(account, |account, address| account.with_contact(Contact::email(*address)))
    };
    accounts.add_named(USER, person(USER, &["ani.lama@toko.example", "ani@toko.example"]));
    accounts.add_named(ADMIN, person(ADMIN, &["budi@toko.example"]));
    accounts.add_named(OWNER, person(OWNER, &["citra@toko.example"]));
    let mail = RecordingNotifier::new();
    let random = |id| Key::new(id, &rand::random::<[u8; 32]>());
    let (reset, worker) = PasswordReset::builder(
        accounts.clone(),
        MemoryStore::writing(accounts.clone()),
        KeyRing::new(random("example")?, random("counters")?),
        Site::new("Toko Contoh", "https://toko.example/reset"),
    )
    .notifier(mail.clone())
    .risk_policy(Roles)
    .build()?;

    println!("1. {USER} cannot sign in, and calls {ADMIN}, who presses Reset password and enters the reason.");
    mail.no_such_contact("550 5.1.1");
    reset.admin().request(asks(&reset, ADMIN, USER)).await?;
    worker.run_once().await?;
    println!("   The administration page says:");
    for last in reset.admin().deliveries(&USER.into()).await? {
        let words = last.words(&Language::english());
        println!("     - {}: {words} ({})", last.contact.value(), last.why.unwrap_or_else(|| "accepted".to_owned()));
    }

    println!("2. So {ADMIN} presses it again, and the link goes to the next confirmed address.");
    reset.admin().request(asks(&reset, ADMIN, USER)).await?;
    worker.run_once().await?;
    let link = mail.delivered().into_iter().find(|sent| sent.kind() == "admin_link").context("a link")?;
    ensure!(link.to.value() == "ani@toko.example", "the link must go to the mailbox that exists");
    ensure!(link.code().is_none(), "the email must hold a link and no code");

    println!("3. {USER} opens it and chooses a password. {ADMIN} has seen neither.");
    let secret = link.link_secret().context("a secret in the link")?;
    let grant = reset.verify(Proof::Link(LinkToken::parse(secret)?)).await?;
    let new = "quiet umbrella festival 92";
    reset.set_password(grant, NewPassword::confirmed(new, new).from_device("Firefox on Android")).await?;
    worker.run_once().await?;
    ensure!(mail.delivered().iter().any(|sent| sent.kind() == "password_changed"), "the user must be notified");

    println!("4. {ADMIN} may not do the same to {OWNER}, nor without a recent sign-in.");
    let stale = AdminRequest::new(ADMIN, USER, "ticket 4712", here());
    for refused in [asks(&reset, ADMIN, OWNER), stale] {
        match reset.admin().request(refused).await {
            Err(AdminRequestError::Denied) => {}
            other => bail!("this must be denied, got: {other:?}"),
        }
    }

    println!("5. The audit trail has every step:");
    let mut history = reset.admin().history(&USER.into(), 100).await?;
    history.reverse();
    for row in history {
        let by = row.actor.map(|actor| format!(" by {}", actor.as_str())).unwrap_or_default();
        println!("     - {}{by} {}", row.event.code(), row.detail.unwrap_or_default());
    }
    println!("\nDone: every step worked.");
    Ok(())
}

/// The button on the administration page, for an administrator who has just signed in.
fn asks(reset: &PasswordReset, actor: &str, target: &str) -> AdminRequest {
    AdminRequest::new(actor, target, "ticket 4711", here()).authenticated_at(reset.now())
}

fn here() -> IpAddr {
    [127, 0, 0, 1].into()
}
