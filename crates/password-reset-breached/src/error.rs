//! What can go wrong, and where.

use std::io;

use crate::kind::HashKind;

/// A list was not built. Nothing was written; a list that was there before still is.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// A line is not what it should be.
    #[error("{file}, line {line}: {fault}")]
    Line {
        /// The file, or what was given as its name.
        file: String,
        /// Which line, the first being 1.
        line: u64,
        /// What is wrong with it.
        fault: LineFault,
    },
    /// The download cannot be read.
    #[error("{file} cannot be read")]
    Read {
        /// Which file.
        file: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The list cannot be written.
    #[error("the list cannot be written")]
    Write {
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A folder of ranges has something else in it.
    #[error("{name} is no range: a range is named by five hexadecimal digits, as 0A1B2.txt")]
    NoRange {
        /// Which file.
        name: String,
    },
    /// A folder of ranges is not whole.
    #[error("the range {first} is missing, and {more} more; download them, or allow that")]
    MissingRanges {
        /// The first that is missing.
        first: String,
        /// How many more are.
        more: usize,
    },
    /// Nothing is left to build a list from.
    #[error("there is no hash in it that was seen {seen_at_least} times or more")]
    Empty {
        /// The least count that was asked for.
        seen_at_least: u64,
    },
}

/// What is wrong with a line of a download.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LineFault {
    /// There is no colon.
    #[error("it is not HASH:COUNT")]
    Form,
    /// The hash has another length than its kind has.
    #[error("the hash has {digits} hexadecimal digits, and not {wanted}; is it a list of another kind?")]
    Length {
        /// What it has.
        digits: usize,
        /// What its kind has.
        wanted: usize,
    },
    /// The hash has other characters.
    #[error("the hash is not hexadecimal")]
    NotHexadecimal,
    /// What stands behind the colon is no number.
    #[error("the count is no number")]
    Count,
    /// The hash is before the one of the line before.
    #[error("the hash is lower than the one before; sort the list by hash, not by count")]
    NotSorted,
    /// The hash is that of the line before.
    #[error("the hash is the same as the one before")]
    Twice,
    /// The line is longer than any line of a download.
    #[error("it is longer than any line of a download")]
    TooLong,
}

/// A file cannot be opened as a list.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// It cannot be read at all.
    #[error("the list cannot be read")]
    Read(#[from] io::Error),
    /// It does not begin as a list does.
    #[error("this is no list of breached passwords; build one with password-reset-breached build")]
    NotAList,
    /// It was made by another version of this crate.
    #[error("the list has format {found}, and this version reads 1; build it again")]
    Version {
        /// The format that it says it has.
        found: u64,
    },
    /// Its header is damaged.
    #[error("the header of the list is damaged; build it again")]
    Header,
    /// It is shorter or longer than its header says.
    #[error("the list has {found} bytes, and its header says {wanted}; it was cut or added to, build it again")]
    Length {
        /// How long it should be.
        wanted: u64,
        /// How long it is.
        found: u64,
    },
}

/// A list is not as it was built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// It cannot be read.
    #[error("the list cannot be read")]
    Read(#[from] io::Error),
    /// Its entries are damaged.
    #[error("the list of {kind} hashes is damaged; build it again", kind = .kind.code())]
    Damaged {
        /// What it holds.
        kind: HashKind,
    },
}
