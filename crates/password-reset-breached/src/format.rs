//! The file format, which the README describes.

use sha2::{Digest, Sha256};

use crate::error::OpenError;
use crate::kind::HashKind;

pub(crate) const HEADER_BYTES: usize = 64;
pub(crate) const ENTRY_BYTES: usize = 8;

const MAGIC: &[u8; 8] = b"PWBREACH";
const VERSION: u32 = 1;

/// The header of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) kind: HashKind,
    pub(crate) entries: u64,
    /// SHA-256 of all entries.
    pub(crate) digest: [u8; 32],
}

impl Header {
    pub(crate) fn to_bytes(self) -> Vec<u8> {
        let kind: u32 = match self.kind {
            HashKind::Sha1 => 1,
            HashKind::Ntlm => 2,
        };
        let mut bytes = Vec::from(*MAGIC);
        bytes.extend(VERSION.to_be_bytes());
        bytes.extend(kind.to_be_bytes());
        bytes.extend(self.entries.to_be_bytes());
        bytes.extend(self.digest);
        bytes.extend(checksum(&bytes));
        bytes
    }

    pub(crate) fn read(bytes: &[u8; 64]) -> Result<Self, OpenError> {
        let (covered, sum) = bytes.split_at(56);
        let (magic, rest) = covered.split_at(8);
        if magic != MAGIC {
            return Err(OpenError::NotAList);
        }
        let (version, rest) = number::<4>(rest);
        if version != u64::from(VERSION) {
            return Err(OpenError::Version { found: version });
        }
        if checksum(covered) != sum {
            return Err(OpenError::Header);
        }
        let (kind, rest) = number::<4>(rest);
        let kind = match kind {
            1 => HashKind::Sha1,
            2 => HashKind::Ntlm,
            _ => return Err(OpenError::Header),
        };
        let (entries, rest) = number::<8>(rest);
        let digest = rest.try_into().map_err(|_cannot_be| OpenError::Header)?;
        Ok(Self { kind, entries, digest })
    }

    /// The size of a file with this header; `None` if it overflows.
    pub(crate) fn file_bytes(&self) -> Option<u64> {
        self.entries.checked_mul(ENTRY_BYTES as u64)?.checked_add(HEADER_BYTES as u64)
    }
}

fn number<const N: usize>(bytes: &[u8]) -> (u64, &[u8]) {
    let (number, rest) = bytes.split_at(N);
    (crate::kind::first_eight(number), rest)
}

fn checksum(bytes: &[u8]) -> Vec<u8> {
    Sha256::digest(bytes).iter().copied().take(8).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_64_bytes_and_every_changed_bit_is_detected() {
        for &kind in HashKind::ALL {
            let header = Header { kind, entries: 1_000_000_007, digest: [7; 32] };
            let bytes: [u8; 64] = header.to_bytes().try_into().unwrap();
            assert_eq!(Header::read(&bytes).unwrap(), header);
            for bit in 0..64 * 8 {
                let mut changed = bytes;
                changed[bit / 8] ^= 1 << (bit % 8);
                assert!(Header::read(&changed).is_err(), "bit {bit}");
            }
        }
    }

    #[test]
    fn a_newer_version_is_named() {
        let mut bytes: [u8; 64] =
            Header { kind: HashKind::Sha1, entries: 1, digest: [0; 32] }.to_bytes().try_into().unwrap();
        bytes[11] = 2;
        assert!(matches!(Header::read(&bytes), Err(OpenError::Version { found: 2 })));
    }
}
