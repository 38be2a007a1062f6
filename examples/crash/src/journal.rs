//! Files that survive a killed node beside the databases: the answers to users, and the delivered emails.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// A file to which each line is appended with one write, so that it is complete or absent.
#[derive(Clone, Debug)]
pub struct Journal {
    file: PathBuf,
}

impl Journal {
    pub fn new(folder: &Path, name: &str) -> Self {
        Self { file: folder.join(name) }
    }

    pub fn write(&self, line: &str) -> std::io::Result<()> {
        let mut file = OpenOptions::new().create(true).append(true).open(&self.file)?;
        file.write_all(format!("{line}\n").as_bytes())
    }
}

/// The words of every line of all files in a folder with this prefix.
pub fn lines(folder: &Path, prefix: &str) -> Result<Vec<Vec<String>>> {
    let mut lines = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(prefix) {
            let text = std::fs::read_to_string(entry.path())?;
            lines.extend(text.lines().map(|line| line.split(' ').map(str::to_owned).collect::<Vec<_>>()));
        }
    }
    Ok(lines)
}

/// The folder of the emails: a file for each reset, with a line for each message.
pub fn mailbox(folder: &Path) -> PathBuf {
    folder.join("mails")
}

/// Prefix of the files with the emails to one address; the other files hold those of one reset.
pub const LATEST: &str = "to-";

/// The journal of the observer, to which all nodes append.
pub const OBSERVED: &str = "observed";

/// The link that was sent for a reset.
pub fn link(folder: &Path, reset: &str) -> Option<String> {
    last_link(&mailbox(folder).join(reset))
}

/// The last link that was sent to an address.
pub fn latest(folder: &Path, address: &str) -> Option<String> {
    last_link(&mailbox(folder).join(format!("{LATEST}{address}")))
}

fn last_link(file: &Path) -> Option<String> {
    let text = std::fs::read_to_string(file).ok()?;
    text.lines().rev().find_map(|line| line.split(" link ").nth(1).map(str::to_owned))
}

/// The id of the reset that a long secret is for, in hexadecimal: its first 16 bytes.
pub fn reset_of(secret: &str) -> Result<String> {
    let bytes = URL_SAFE_NO_PAD.decode(secret)?;
    Ok(hex(bytes.get(..16).context("too short for a secret")?))
}

/// The part after the id, in hexadecimal.
pub fn mac_of(secret: &str) -> Result<String> {
    let bytes = URL_SAFE_NO_PAD.decode(secret)?;
    Ok(hex(bytes.get(bytes.len().saturating_sub(32)..).context("too short for a secret")?))
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
