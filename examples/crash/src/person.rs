//! A simulated user who resets passwords.

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use password_reset::ports::{Clock, SystemClock};
use password_reset::secret::{GrantToken, LinkToken};
use password_reset::{Identifier, NewPassword, PasswordReset, Proof, ResetRequest, SetPasswordError};

use crate::journal::{Journal, latest, link, reset_of};

/// The number of accounts.
pub const USERS: u32 = 6_000;
/// Users on all nodes reset the passwords of the same few accounts for a while, and then of the next few.
const AT_ONCE: u32 = 4;
const FOR_MILLIS: i64 = 400;
/// How often a user looks into the mailbox before giving up.
const LOOKS: u32 = 60;

/// Microseconds, by the clock that all processes of this machine share.
pub fn moment() -> i64 {
    SystemClock.now().timestamp_micros()
}

/// Resets passwords until the node ends. A failed call counts as a missing answer.
pub async fn reset_forever(reset: PasswordReset, folder: PathBuf, journal: Journal) {
    loop {
        let few = u32::try_from(SystemClock.now().timestamp_millis() / FOR_MILLIS % i64::from(USERS / AT_ONCE));
        let user = few.unwrap_or_default() * AT_ONCE + rand::random_range(1..=AT_ONCE);
        if reset_one(&reset, user, &folder, &journal).await.is_err() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

async fn reset_one(reset: &PasswordReset, user: u32, folder: &Path, journal: &Journal) -> Result<()> {
    let address = format!("user{user}@toko.example");
    // Half of the users have the mailbox open on two devices, and continue on both, with the same link.
    if rand::random()
        && let Some(link) = latest(folder, &address)
    {
        return follow(reset, user, &link, journal).await;
    }
    let identifier = Identifier::email(&address)?;
    let source = Ipv4Addr::from(rand::random_range(0x0b00_0000..0x7f00_0000_u32));
    let asked = reset.request(ResetRequest::email_link(identifier, std::net::IpAddr::from(source))).await?;
    let requester_token = asked.requester_token.expose();
    journal.write(&format!("asked {} {}", requester_token, user))?;
    let id = reset_of(requester_token)?;
    for _ in 0..LOOKS {
        if let Some(link) = link(folder, &id) {
            return follow(reset, user, &link, journal).await;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

async fn follow(reset: &PasswordReset, user: u32, link: &str, journal: &Journal) -> Result<()> {
    let grant = reset.verify(Proof::Link(LinkToken::parse(link)?)).await?;
    let token = grant.into_token();
    // The cookie of the browser, with which the user can continue after the node is killed.
    journal.write(&format!("grant {} {}", reset_of(link)?, token.expose()))?;
    set_password(reset, user, &reset_of(link)?, token, journal).await
}

/// Sets a unique password. Writes the attempt into the journal beforehand, and the answer afterwards.
pub async fn set_password(
    reset: &PasswordReset,
    user: u32,
    id: &str,
    token: GrantToken,
    journal: &Journal,
) -> Result<()> {
    let mut grant = reset.verify(Proof::Grant(token)).await?;
    let password = format!("quiet umbrella festival {:016x}", rand::random::<u64>());
    let hash = crate::node::hash_of(&password);
    journal.write(&format!("try {user} {id} {hash} {} {}", moment(), password.replace(' ', "_")))?;
    for _ in 0..3 {
        match reset.set_password(grant, NewPassword::confirmed(password.as_str(), password.as_str())).await {
            Ok(_) => {
                journal.write(&format!("set {user} {id} {hash} {}", moment()))?;
                return Ok(());
            }
            // The same attempt again: if the first one wrote the password, this one succeeds.
            Err(error @ SetPasswordError::Unavailable { .. }) => grant = error.into_grant().context("no grant")?,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
