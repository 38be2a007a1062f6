//! The account that the doctor resets, and where its mail arrives.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::reader::Reader;

/// The settings of `password-reset doctor`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Canary {
    /// The mail address of an account that is there for this alone: its password is set to a random one.
    pub email: String,
    /// Where its mail arrives.
    pub catcher: Catcher,
    /// How long to wait for a mail.
    pub wait: Duration,
    /// The address from which the public address sees the doctor; the connection's own unless said.
    pub seen_from: Option<IpAddr>,
    /// The name with which the receiving mail server signs its `Authentication-Results` (RFC 8601 §2.2); without it SPF, DKIM and
    /// DMARC are not checked.
    pub authserv_id: Option<String>,
}

/// Where mail arrives.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Catcher {
    /// In a folder, a file for each mail: a catcher's, or the `new` of a Maildir.
    Folder(PathBuf),
    /// In Mailpit, whose HTTP API is below this URL.
    Mailpit(String),
}

impl Canary {
    pub(crate) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let email = reader.text("canary.email");
        let (folder, mailpit) = (reader.path("canary.mail_folder"), reader.text("canary.mailpit_url"));
        let wait = reader.duration("canary.wait").unwrap_or(Duration::from_secs(60));
        let seen_from = reader.text("canary.seen_from");
        let seen_from = seen_from.and_then(|text| {
            let address = text.parse().map_err(|_no_address| "write an address, as in \"198.51.100.7\"");
            reader.checked("canary.seen_from", address)
        });
        let authserv_id = reader.text("canary.authserv_id");
        let email = email?;
        let catcher = match (folder, mailpit) {
            (Some(folder), None) => Catcher::Folder(folder),
            (None, Some(url)) => Catcher::Mailpit(url.trim_end_matches('/').to_owned()),
            _ => {
                let reason = "say where the canary's mail arrives: write either mail_folder or mailpit_url in [canary]";
                reader.fault("canary.email", reason);
                return None;
            }
        };
        Some(Self { email, catcher, wait, seen_from, authserv_id })
    }
}
