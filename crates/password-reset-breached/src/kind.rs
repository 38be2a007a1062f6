//! The kinds of hashes.

use md4::Md4;
use sha1::Sha1;
use sha2::Digest;
use zeroize::Zeroizing;

/// The kind of hashes in a download or list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HashKind {
    /// SHA-1 of the UTF-8 text, 40 hexadecimal digits.
    Sha1,
    /// MD4 of the UTF-16 text in little-endian order, as in Windows, 32 hexadecimal digits.
    Ntlm,
}

/// The longest digest of all kinds, in bytes.
pub(crate) const LONGEST: usize = 20;

impl HashKind {
    /// Every kind.
    pub const ALL: &'static [Self] = &[Self::Sha1, Self::Ntlm];

    /// A stable name: `sha1`, `ntlm`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Sha1 => "sha1",
            Self::Ntlm => "ntlm",
        }
    }

    pub(crate) const fn hex_digits(self) -> usize {
        match self {
            Self::Sha1 => 40,
            Self::Ntlm => 32,
        }
    }

    /// The entry of a password: the first eight bytes of its hash, as a number.
    pub(crate) fn entry_of(self, password: &str) -> u64 {
        match self {
            Self::Sha1 => first_eight(&Sha1::digest(password.as_bytes())),
            Self::Ntlm => {
                let units = Zeroizing::new(password.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>());
                first_eight(&Md4::digest(&*units))
            }
        }
    }
}

/// The first eight bytes of a digest, as a number that sorts as the digest does.
pub(crate) fn first_eight(digest: &[u8]) -> u64 {
    digest.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hashes_are_those_of_the_downloads() {
        // Well-known hashes.
        assert_eq!(HashKind::Sha1.entry_of("password"), 0x5baa_61e4_c9b9_3f3f);
        assert_eq!(HashKind::Ntlm.entry_of("password"), 0x8846_f7ea_ee8f_b117);
        assert_eq!(HashKind::Sha1.entry_of(""), 0xda39_a3ee_5e6b_4b0d);
        assert_eq!(HashKind::Ntlm.entry_of(""), 0x31d6_cfe0_d16a_e931);
    }
}
