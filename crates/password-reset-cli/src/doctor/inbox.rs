//! Where the canary's mail arrives.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use password_reset::ports::{Clock as _, SystemClock};
use password_reset_config::{Canary, Catcher};
use serde_json::Value;

use super::http::Client;
use crate::failure::Failure;

const LOOK_EVERY: Duration = Duration::from_millis(250);

/// The mails that are there, by their names.
pub(super) async fn names(canary: &Canary, client: &Client) -> Result<BTreeSet<String>, Failure> {
    match &canary.catcher {
        Catcher::Mailpit(url) => {
            let found = client.get(&format!("{url}/api/v1/messages?limit=500")).await;
            let found = found.map_err(|error| unreachable(url, &error))?;
            if !found.status.is_success() {
                return Err(unreachable(url, found.status.as_str()));
            }
            let list = found.json();
            let messages = list.get("messages").and_then(Value::as_array).cloned().unwrap_or_default();
            Ok(messages.iter().filter_map(|message| message.get("ID")?.as_str().map(str::to_owned)).collect())
        }
        Catcher::Folder(folder) => in_folder(folder),
        _ => Err(Failure::unusable("canary: this catcher is not known to this version")),
    }
}

fn unreachable(url: &str, why: &str) -> Failure {
    Failure::unusable(format!("canary.mailpit_url: {url} cannot be read: {why}"))
}

fn in_folder(folder: &Path) -> Result<BTreeSet<String>, Failure> {
    let failed = |error| Failure::unusable(format!("canary.mail_folder: {} cannot be read: {error}", folder.display()));
    let mut names = BTreeSet::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        names.insert(entry.map_err(failed)?.file_name().to_string_lossy().into_owned());
    }
    Ok(names)
}

async fn source(canary: &Canary, client: &Client, name: &str) -> Option<Vec<u8>> {
    match &canary.catcher {
        Catcher::Mailpit(url) => {
            let found = client.get(&format!("{url}/api/v1/message/{name}/raw")).await.ok()?;
            found.status.is_success().then_some(found.body)
        }
        Catcher::Folder(folder) => std::fs::read(folder.join(name)).ok(),
        _ => None,
    }
}

/// The first mail to the canary that was not there before.
pub(super) async fn wait(
    canary: &Canary,
    client: &Client,
    before: &BTreeSet<String>,
) -> Result<Option<Vec<u8>>, Failure> {
    let looks = canary.wait.as_millis().div_ceil(LOOK_EVERY.as_millis());
    for _ in 0..=looks {
        for name in names(canary, client).await?.difference(before) {
            if let Some(mail) = source(canary, client, name).await
                && is_to(&mail, &canary.email)
            {
                return Ok(Some(mail));
            }
        }
        SystemClock.sleep(LOOK_EVERY).await;
    }
    Ok(None)
}

/// Whether it is whole, and for the canary: a catcher may have the mails of others.
fn is_to(mail: &[u8], address: &str) -> bool {
    let parsed = mail_parser::MessageParser::default().parse(mail);
    parsed.is_some_and(|mail| {
        let to = mail.to().into_iter().flat_map(|to| to.iter());
        let mut addresses = to.filter_map(|to| to.address().map(str::to_owned));
        addresses.any(|to| to.eq_ignore_ascii_case(address)) && mail.body_text(0).is_some()
    })
}
