#![doc = include_str!("../README.md")]

mod deviations;
mod error;
mod json;
mod reader;

use std::fs;
use std::path::Path;

use password_reset::PasswordPolicy;

pub use crate::deviations::{Deviation, Standard, Weight, deviations};
pub use crate::error::{Fault, PolicyFileError};
pub use crate::json::to_json;

/// Reads a policy from a TOML file.
///
/// # Errors
/// When the file cannot be read or is invalid; the error has all faults, each with its line.
pub fn read_file(path: impl AsRef<Path>) -> Result<PasswordPolicy, PolicyFileError> {
    let path = path.as_ref();
    let name = path.display().to_string();
    match fs::read_to_string(path) {
        Ok(text) => reader::read(&name, &text),
        Err(error) => Err(PolicyFileError::unread(name, error)),
    }
}

/// Reads a policy from the text of a TOML file; errors show `name` as its name.
///
/// # Errors
/// When the text is invalid; the error has all faults, each with its line.
pub fn read_text(name: &str, text: &str) -> Result<PasswordPolicy, PolicyFileError> {
    reader::read(name, text)
}
