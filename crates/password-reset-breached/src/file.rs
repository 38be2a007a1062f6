//! A list, searched where it lies.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::path::Path;

use async_trait::async_trait;
use password_reset::ports::BreachedPasswords;
use password_reset::{Password, PortError};
use sha2::{Digest, Sha256};

use crate::error::{OpenError, VerifyError};
use crate::format::{ENTRY_BYTES, HEADER_BYTES, Header};
use crate::kind::HashKind;
use crate::search;

/// A list of breached passwords in a file, for
/// [`Builder::breached_passwords`](password_reset::Builder::breached_passwords).
///
/// Nothing of it is held in memory but 64 bytes; a look-up reads two or three blocks of 4 KiB, which the operating system
/// mostly has cached. A list that is built anew in the same place is not noticed: open it again.
///
/// # Security
/// Only the length and the header are checked when it is opened, for reading gigabytes takes seconds. Damage inside can
/// make look-ups miss or, rarely, hit; it never makes them panic or run on. [`verify`](Self::verify) finds all of it.
#[derive(Debug)]
pub struct BreachedFile {
    file: File,
    header: Header,
}

impl BreachedFile {
    /// Opens a list that [`ListBuilder`](crate::ListBuilder) or the command built.
    ///
    /// # Errors
    /// When it cannot be read, is no list, is of another version, has a damaged header, or has another length than that
    /// says.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        let mut file = File::open(path)?;
        let mut bytes = [0; HEADER_BYTES];
        match file.read_exact(&mut bytes) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Err(OpenError::NotAList),
            read => read?,
        }
        let header = Header::read(&bytes)?;
        let found = file.metadata()?.len();
        match header.file_bytes() {
            Some(wanted) if wanted == found => Ok(Self { file, header }),
            wanted => Err(OpenError::Length { wanted: wanted.unwrap_or(u64::MAX), found }),
        }
    }

    /// Which hashes it holds.
    #[must_use]
    pub fn kind(&self) -> HashKind {
        self.header.kind
    }

    /// How many passwords it holds.
    #[must_use]
    pub fn entries(&self) -> u64 {
        self.header.entries
    }

    /// Whether a password is in it. One that is not passes as one that is once in 2^64 / `entries` times: with a billion
    /// entries, once in 18 billion.
    ///
    /// # Errors
    /// When the file cannot be read, or became shorter meanwhile.
    pub fn contains(&self, password: &str) -> io::Result<bool> {
        search::contains(self.header.entries, self.header.kind.entry_of(password), |first, bytes| {
            let at = first.saturating_mul(ENTRY_BYTES as u64).saturating_add(HEADER_BYTES as u64);
            self.file.read_exact_at(bytes, at)
        })
    }

    /// Reads the whole list and compares it with its checksum, and its order. Takes seconds for gigabytes.
    ///
    /// # Errors
    /// When anything in it is not as it was built, or it cannot be read.
    pub fn verify(&self) -> Result<(), VerifyError> {
        let mut buffer = vec![0; ENTRY_BYTES << 15];
        let mut digest = Sha256::new();
        let mut before = [0; ENTRY_BYTES];
        let mut sorted = true;
        let mut at = HEADER_BYTES as u64;
        let end = self.header.file_bytes().unwrap_or(u64::MAX);
        while at < end {
            let many = usize::try_from(end.saturating_sub(at)).unwrap_or(usize::MAX).min(buffer.len());
            let bytes = buffer.get_mut(..many).unwrap_or_default();
            self.file.read_exact_at(bytes, at)?;
            digest.update(&*bytes);
            for entry in bytes.as_chunks::<ENTRY_BYTES>().0 {
                sorted &= before <= *entry;
                before = *entry;
            }
            at = at.saturating_add(many as u64);
        }
        if sorted && digest.finalize().as_slice() == self.header.digest {
            return Ok(());
        }
        Err(VerifyError::Damaged { kind: self.header.kind })
    }
}

#[async_trait]
impl BreachedPasswords for BreachedFile {
    // Reads in place and not on another thread: some microseconds from the cache, and one disk access each when not.
    async fn contains(&self, password: &Password) -> Result<bool, PortError> {
        Self::contains(self, password.expose())
            .map_err(|error| PortError::transient("the list of breached passwords cannot be read").because(error))
    }
}
