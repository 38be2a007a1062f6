//! The hash functions, each under its bound.

use password_reset::ports::HashError;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::stored::{Bcrypt, Pbkdf2, Prf, Scrypt};

/// OWASP asks for 1, Django writes 5. Each pass takes the whole time again.
const MAX_SCRYPT_PASSES: u32 = 16;

pub(crate) fn bcrypt(password: &[u8], stored: &Bcrypt<'_>, most: u32) -> Result<bool, HashError> {
    if stored.cost > most {
        return Err(HashError::TooCostly);
    }
    let compare = |password: &[u8]| bcrypt::verify(password, stored.text).map_err(|_malformed| HashError::Unreadable);
    if stored.is_of_sha256 {
        // Django hashes the hexadecimal digest, so that bcrypt's 72 bytes hold all of a long password.
        let digest = Zeroizing::new(<[u8; 32]>::from(Sha256::digest(password)));
        compare(Zeroizing::new(base16ct::lower::encode_string(digest.as_slice())).as_bytes())
    } else {
        compare(password)
    }
}

pub(crate) fn scrypt(password: &[u8], stored: &Scrypt, most_kib: u64) -> Result<bool, HashError> {
    let params = scrypt::Params::new(stored.log_n, stored.r, stored.p).map_err(|_invalid| HashError::Unreadable)?;
    // Beside N blocks, the passes hold one each.
    let blocks = params.n().max(u64::from(stored.p));
    let bytes = blocks.saturating_mul(u64::from(stored.r)).saturating_mul(128);
    if bytes > most_kib.saturating_mul(1024) || stored.p > MAX_SCRYPT_PASSES {
        return Err(HashError::TooCostly);
    }
    let mut tag = Zeroizing::new(vec![0; stored.tag.len()]);
    scrypt::scrypt(password, &stored.salt, &params, &mut tag).map_err(|_length| HashError::Unreadable)?;
    Ok(tag.ct_eq(&stored.tag).into())
}

pub(crate) fn pbkdf2(password: &[u8], stored: &Pbkdf2, most: u32) -> Result<bool, HashError> {
    let block = match stored.prf {
        Prf::Sha1 => 20,
        Prf::Sha256 => 32,
        Prf::Sha512 => 64,
    };
    let blocks = u32::try_from(stored.tag.len().div_ceil(block)).unwrap_or(u32::MAX);
    if stored.iterations.saturating_mul(blocks) > most {
        return Err(HashError::TooCostly);
    }
    let mut tag = Zeroizing::new(vec![0; stored.tag.len()]);
    match stored.prf {
        Prf::Sha1 => pbkdf2::pbkdf2_hmac::<Sha1>(password, &stored.salt, stored.iterations, &mut tag),
        Prf::Sha256 => pbkdf2::pbkdf2_hmac::<Sha256>(password, &stored.salt, stored.iterations, &mut tag),
        Prf::Sha512 => pbkdf2::pbkdf2_hmac::<Sha512>(password, &stored.salt, stored.iterations, &mut tag),
    }
    Ok(tag.ct_eq(&stored.tag).into())
}
