//! Look-ups in a list on disk.

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
/// Holds 64 bytes in memory. A look-up reads two or three blocks of 4 KiB, which the operating system usually has cached.
/// After a list is rebuilt under the same name, open it again.
///
/// # Security
/// [`open`](Self::open) checks only the length and the header, because reading gigabytes takes seconds. Damaged entries can
/// make look-ups miss or, rarely, hit wrongly; they never cause a panic or an endless search. [`verify`](Self::verify) finds
/// all damage.
#[derive(Debug)]
pub struct BreachedFile {
    file: File,
    header: Header,
}

impl BreachedFile {
    /// Opens a list that [`ListBuilder`](crate::ListBuilder) or the command built.
    ///
    /// # Errors
    /// When the file cannot be read, is not a list, has another version, a damaged header, or another length than the header
    /// states.
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

    /// The kind of hashes in the list.
    #[must_use]
    pub fn kind(&self) -> HashKind {
        self.header.kind
    }

    /// The number of passwords in the list.
    #[must_use]
    pub fn entries(&self) -> u64 {
        self.header.entries
    }

    /// Whether a password is in the list. The chance of a false positive is `entries` in 2^64: with a billion entries, one in
    /// 18 billion.
    ///
    /// # Errors
    /// When the file cannot be read, or has become shorter.
    pub fn contains(&self, password: &str) -> io::Result<bool> {
        search::contains(self.header.entries, self.header.kind.entry_of(password), |first, bytes| {
            let at = first.saturating_mul(ENTRY_BYTES as u64).saturating_add(HEADER_BYTES as u64);
            self.file.read_exact_at(bytes, at)
        })
    }

    /// Reads the whole list, and checks its checksum and its order. Takes seconds for gigabytes.
    ///
    /// # Errors
    /// When the list is damaged, or cannot be read.
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
    // Blocks the thread: some microseconds if the blocks are cached, and one disk access for each that is not.
    async fn contains(&self, password: &Password) -> Result<bool, PortError> {
        Self::contains(self, password.expose())
            .map_err(|error| PortError::transient("cannot read the list of breached passwords").because(error))
    }
}
