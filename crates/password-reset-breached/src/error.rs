//! Errors.

use std::io;

use crate::kind::HashKind;

/// A list was not built. A list that was there before is unchanged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// A line is invalid.
    #[error("{file}, line {line}: {fault}")]
    Line {
        /// The name of the file.
        file: String,
        /// The line, starting at 1.
        line: u64,
        /// The fault.
        fault: LineFault,
    },
    /// The download cannot be read.
    #[error("cannot read {file}")]
    Read {
        /// The name of the file.
        file: String,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// The list cannot be written.
    #[error("cannot write the list")]
    Write {
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// A folder of ranges contains another file.
    #[error("{name} is not a range file: its name must be five hexadecimal digits, like 0A1B2.txt")]
    NoRange {
        /// The name of the file.
        name: String,
    },
    /// A folder of ranges is incomplete.
    #[error("range {first} and {more} more are missing: download them, or pass `--allow-missing-ranges`")]
    MissingRanges {
        /// The first missing range.
        first: String,
        /// The number of other missing ranges.
        more: usize,
    },
    /// No hash is left for the list.
    #[error("no hash was seen {seen_at_least} times or more: lower `--seen-at-least`")]
    Empty {
        /// The minimum count.
        seen_at_least: u64,
    },
}

/// The fault of a line in a download.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LineFault {
    /// There is no colon.
    #[error("expected HASH:COUNT")]
    Form,
    /// The length of the hash is not that of its kind.
    #[error("hash has {digits} hexadecimal digits, expected {wanted}: check `--kind`")]
    Length {
        /// The digits of the hash.
        digits: usize,
        /// The digits of its kind.
        wanted: usize,
    },
    /// The hash contains other characters.
    #[error("hash is not hexadecimal")]
    NotHexadecimal,
    /// The text after the colon is not a number.
    #[error("count is not a number")]
    Count,
    /// The hash is lower than the one of the previous line.
    #[error("hash is lower than the previous one: use the list ordered by hash, not by count")]
    NotSorted,
    /// The hash is equal to that of the previous line.
    #[error("hash is the same as the previous one")]
    Twice,
    /// The line is longer than any line of a download.
    #[error("line is too long")]
    TooLong,
}

/// A file cannot be opened as a list.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The file cannot be read.
    #[error("cannot read the list")]
    Read(#[from] io::Error),
    /// The file does not start with the signature of a list.
    #[error("not a breached-password list: build one with `password-reset breached build`")]
    NotAList,
    /// Another version of this crate built the list.
    #[error("list format {found} is not supported (expected 1): build the list again")]
    Version {
        /// The format of the list.
        found: u64,
    },
    /// The header is damaged.
    #[error("the header of the list is damaged: build the list again")]
    Header,
    /// The file is shorter or longer than its header states.
    #[error("list has {found} bytes, expected {wanted}: build the list again")]
    Length {
        /// The size that the header states.
        wanted: u64,
        /// The size of the file.
        found: u64,
    },
}

/// A list is damaged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// The list cannot be read.
    #[error("cannot read the list")]
    Read(#[from] io::Error),
    /// The entries are damaged.
    #[error("the list of {kind} hashes is damaged: build the list again", kind = .kind.code())]
    Damaged {
        /// The kind of hashes.
        kind: HashKind,
    },
}
