//! The keys from which every secret is derived.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use password_reset::KeyRing;

/// The variable in which an operator sets keys.
pub const VARIABLE: &str = "PASSWORD_RESET_KEYS";

/// The keys from the environment; without them, random ones that are created once and stored in `folder`.
///
/// # Errors
/// When the keys are invalid, or the file can be neither read nor created.
pub fn load_or_make(folder: &Path) -> Result<KeyRing> {
    if std::env::var_os(VARIABLE).is_some() {
        return Ok(KeyRing::from_env(VARIABLE)?);
    }
    let file = folder.join("keys");
    let text = match fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => make(&file)?,
        Err(error) => return Err(error).with_context(|| format!("{} cannot be read", file.display())),
    };
    KeyRing::parse(text.trim()).with_context(|| {
        format!("{} has no valid keys: delete it to create new ones (open resets stop working)", file.display())
    })
}

/// Writes a new file that only its owner can read.
fn make(file: &Path) -> Result<String> {
    let [issuing, counters] = [(); 2].map(|()| STANDARD.encode(rand::random::<[u8; 32]>()));
    let text = format!("demo:{issuing},counters:{counters}\n");
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
    made.and_then(|mut file| file.write_all(text.as_bytes()))
        .with_context(|| format!("{} cannot be written", file.display()))?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn keys_are_made_once_and_are_the_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        make(&folder.path().join("keys")).unwrap();
        let file = folder.path().join("keys");
        let first = fs::read_to_string(&file).unwrap();
        KeyRing::parse(first.trim()).unwrap();
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(make(&file).is_err(), "existing keys must stay");
    }
}
