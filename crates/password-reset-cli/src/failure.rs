//! Why a command ends without success.

use std::error::Error;
use std::fmt::Display;

/// Something is wrong that the output names.
pub(crate) const WRONG: u8 = 1;
/// The arguments or settings cannot be used.
pub(crate) const UNUSABLE: u8 = 2;

/// A sentence for the operator, and the exit code.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) code: u8,
    pub(crate) text: String,
}

impl Failure {
    pub(crate) fn wrong(text: impl Into<String>) -> Self {
        Self { code: WRONG, text: text.into() }
    }

    pub(crate) fn unusable(text: impl Display) -> Self {
        Self { code: UNUSABLE, text: text.to_string() }
    }

    /// An error with its causes.
    pub(crate) fn of(error: impl Error) -> Self {
        Self::wrong(causes(&error))
    }
}

/// What errors of the stores name for a program, and the setting of it.
const SETTINGS: [(&str, &str); 3] = [
    ("`UserTable::new`", "accounts.table"),
    ("`UserTable::with_…_column`", "accounts.…_column"),
    ("`PostgresAccounts::in_schema`", "accounts.schema"),
];

/// An error and its causes in one sentence, for an operator.
pub(crate) fn causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(because) = cause {
        text = format!("{text}: {because}");
        cause = because.source();
    }
    SETTINGS.iter().fold(text, |text, (program, setting)| text.replace(program, setting))
}
