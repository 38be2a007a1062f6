//! The texts in which systems store their hashes.

use base64::Engine;
use base64::alphabet::STANDARD as ALPHABET;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use password_reset::ports::HashError;

/// With and without padding, as each system writes it.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &ALPHABET,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// No system writes longer ones; a longer one is not read.
const MAX_TEXT: usize = 1024;

/// Shorter tags match by chance.
const TAG_BYTES: std::ops::RangeInclusive<usize> = 16..=128;

pub(crate) enum Stored<'a> {
    Bcrypt(Bcrypt<'a>),
    Scrypt(Scrypt),
    Pbkdf2(Pbkdf2),
    /// A text of the other hasher, behind a prefix that another system wrote.
    Prefixed(&'a str),
    /// None of the formats.
    Other,
}

pub(crate) struct Bcrypt<'a> {
    pub(crate) text: &'a str,
    pub(crate) cost: u32,
    pub(crate) is_of_sha256: bool,
}

pub(crate) struct Scrypt {
    pub(crate) log_n: u8,
    pub(crate) r: u32,
    pub(crate) p: u32,
    pub(crate) salt: Vec<u8>,
    pub(crate) tag: Vec<u8>,
}

pub(crate) struct Pbkdf2 {
    pub(crate) prf: Prf,
    pub(crate) iterations: u32,
    pub(crate) salt: Vec<u8>,
    pub(crate) tag: Vec<u8>,
}

#[derive(Clone, Copy)]
pub(crate) enum Prf {
    Sha1,
    Sha256,
    Sha512,
}

impl<'a> Stored<'a> {
    /// # Errors
    /// [`HashError::Unreadable`] for a text that begins like a format and is none.
    pub(crate) fn read(text: &'a str) -> Result<Self, HashError> {
        if text.len() > MAX_TEXT {
            return Ok(Self::Other);
        }
        let readers = [spring, bcrypt, django, modular, werkzeug, asp_net];
        readers.iter().find_map(|read| read(text)).unwrap_or(Some(Self::Other)).ok_or(HashError::Unreadable)
    }
}

// Each reader gives `None` where a text is not of its system, and `Some(None)` where it is and cannot be read.

/// `{bcrypt}…`, `{argon2}…`, `{scrypt}$…`, also with `@SpringSecurity_v5_8`.
fn spring(text: &str) -> Option<Option<Stored<'_>>> {
    let (id, rest) = text.strip_prefix('{')?.split_once('}')?;
    match id.strip_suffix("@SpringSecurity_v5_8").unwrap_or(id) {
        "bcrypt" => Some(bcrypt(rest).flatten()),
        "argon2" => Some(Some(Stored::Prefixed(rest))),
        "scrypt" => Some(spring_scrypt(rest)),
        _ => None,
    }
}

/// `$e0801$salt$tag`: the hexadecimal number holds log₂ N, r and p.
fn spring_scrypt(text: &str) -> Option<Stored<'_>> {
    let [params, salt, tag] = fields(text.strip_prefix('$')?, '$')?;
    let params = u32::from_str_radix(params, 16).ok()?;
    let [high, low, r, p] = params.to_be_bytes();
    scrypt(u32::from_be_bytes([0, 0, high, low]), r.into(), p.into(), decoded(salt)?, decoded(tag)?)
}

/// `$2b$12$…`, also `$2a$` and `$2y$`. `$2x$` is of a faulty implementation, and not read.
fn bcrypt(text: &str) -> Option<Option<Stored<'_>>> {
    text.starts_with("$2").then(|| bcrypt_of(text, false))
}

fn bcrypt_of(text: &str, is_of_sha256: bool) -> Option<Stored<'_>> {
    let [version, cost, rest] = fields(text.strip_prefix('$')?, '$')?;
    let is_read = matches!(version, "2a" | "2b" | "2y") && cost.len() == 2 && rest.len() == 53;
    let cost = number(cost)?;
    is_read.then_some(Stored::Bcrypt(Bcrypt { text, cost, is_of_sha256 }))
}

/// `pbkdf2_sha256$1000000$salt$tag`, `scrypt$16384$salt$8$5$tag`, `bcrypt_sha256$$2b$…`, `bcrypt$$2b$…`, `argon2$argon2id$…`.
fn django(text: &str) -> Option<Option<Stored<'_>>> {
    let (id, rest) = text.split_once('$')?;
    Some(match id {
        "pbkdf2_sha256" => django_pbkdf2(Prf::Sha256, rest),
        "pbkdf2_sha1" => django_pbkdf2(Prf::Sha1, rest),
        "bcrypt_sha256" => bcrypt_of(rest, true),
        "bcrypt" => bcrypt_of(rest, false),
        // The other hasher reads it from its dollar sign on.
        "argon2" => text.get(id.len()..).map(Stored::Prefixed),
        "scrypt" => {
            let [n, salt, r, p, tag] = fields(rest, '$')?;
            scrypt_of(n, r, p, salt.as_bytes().to_vec(), decoded(tag)?)
        }
        _ => return None,
    })
}

fn django_pbkdf2(prf: Prf, rest: &str) -> Option<Stored<'_>> {
    let [iterations, salt, tag] = fields(rest, '$')?;
    pbkdf2(prf, iterations, salt.as_bytes().to_vec(), decoded(tag)?)
}

/// `$pbkdf2-sha256$i=600000,l=32$salt$tag`, `$pbkdf2-sha256$29000$salt$tag` and `$scrypt$ln=16,r=8,p=1$salt$tag`, of passlib
/// and of PHC strings.
fn modular(text: &str) -> Option<Option<Stored<'_>>> {
    let (id, rest) = text.strip_prefix('$')?.split_once('$')?;
    let prf = match id {
        "pbkdf2" | "pbkdf2-sha1" => Prf::Sha1,
        "pbkdf2-sha256" => Prf::Sha256,
        "pbkdf2-sha512" => Prf::Sha512,
        "scrypt" => return Some(modular_scrypt(rest)),
        _ => return None,
    };
    Some(modular_pbkdf2(prf, rest))
}

fn modular_pbkdf2(prf: Prf, rest: &str) -> Option<Stored<'_>> {
    let [params, salt, tag] = fields(rest, '$')?;
    let tag = decoded(tag)?;
    let iterations = match params.split_once(',') {
        Some((iterations, length)) if length.strip_prefix("l=")?.parse() == Ok(tag.len()) => iterations,
        Some(_) => return None,
        None => params,
    };
    pbkdf2(prf, iterations.strip_prefix("i=").unwrap_or(iterations), decoded(salt)?, tag)
}

fn modular_scrypt(rest: &str) -> Option<Stored<'_>> {
    let [params, salt, tag] = fields(rest, '$')?;
    let [log_n, r, p] = fields(params, ',')?;
    let (log_n, r, p) = (log_n.strip_prefix("ln=")?, r.strip_prefix("r=")?, p.strip_prefix("p=")?);
    scrypt(number(log_n)?, number(r)?, number(p)?, decoded(salt)?, decoded(tag)?)
}

/// `scrypt:32768:8:1$salt$tag` and `pbkdf2:sha256:1000000$salt$tag`, tags in hexadecimal.
fn werkzeug(text: &str) -> Option<Option<Stored<'_>>> {
    let (method, rest) = text.split_once('$')?;
    let (id, params) = method.split_once(':')?;
    matches!(id, "scrypt" | "pbkdf2").then(|| {
        let [salt, tag] = fields(rest, '$')?;
        let (salt, tag) = (salt.as_bytes().to_vec(), base16ct::mixed::decode_vec(tag).ok()?);
        if id == "scrypt" {
            let [n, r, p] = fields(params, ':')?;
            return scrypt_of(n, r, p, salt, tag);
        }
        let [prf, iterations] = fields(params, ':')?;
        let prf = match prf {
            "sha1" => Prf::Sha1,
            "sha256" => Prf::Sha256,
            "sha512" => Prf::Sha512,
            _ => return None,
        };
        pbkdf2(prf, iterations, salt, tag)
    })
}

/// Base64 of bytes: 0, salt and tag (version 2), or 1, function, iterations, length of the salt, salt and tag (version 3).
fn asp_net(text: &str) -> Option<Option<Stored<'_>>> {
    if !text.starts_with('A') {
        return None;
    }
    let bytes = decoded(text)?;
    match bytes.split_first()? {
        (0, rest) if rest.len() == 48 => {
            let (salt, tag) = rest.split_at_checked(16)?;
            Some(pbkdf2(Prf::Sha1, "1000", salt.to_vec(), tag.to_vec()))
        }
        (1, rest) => asp_net_3(rest).map(Some),
        _ => None,
    }
}

fn asp_net_3<'a>(bytes: &[u8]) -> Option<Stored<'a>> {
    let (&prf, bytes) = bytes.split_first_chunk::<4>()?;
    let (&iterations, bytes) = bytes.split_first_chunk::<4>()?;
    let (&length, bytes) = bytes.split_first_chunk::<4>()?;
    let prf = match u32::from_be_bytes(prf) {
        0 => Prf::Sha1,
        1 => Prf::Sha256,
        2 => Prf::Sha512,
        _ => return None,
    };
    let (salt, tag) = bytes.split_at_checked(usize::try_from(u32::from_be_bytes(length)).ok()?)?;
    checked_pbkdf2(prf, u32::from_be_bytes(iterations), salt.to_vec(), tag.to_vec())
}

fn pbkdf2<'a>(prf: Prf, iterations: &str, salt: Vec<u8>, tag: Vec<u8>) -> Option<Stored<'a>> {
    checked_pbkdf2(prf, number(iterations)?, salt, tag)
}

fn checked_pbkdf2<'a>(prf: Prf, iterations: u32, salt: Vec<u8>, tag: Vec<u8>) -> Option<Stored<'a>> {
    let is_read = iterations > 0 && TAG_BYTES.contains(&tag.len());
    is_read.then_some(Stored::Pbkdf2(Pbkdf2 { prf, iterations, salt, tag }))
}

/// With N itself, which is a power of two.
fn scrypt_of<'a>(n: &str, r: &str, p: &str, salt: Vec<u8>, tag: Vec<u8>) -> Option<Stored<'a>> {
    let n: u32 = number(n)?;
    if !n.is_power_of_two() {
        return None;
    }
    scrypt(n.trailing_zeros(), number(r)?, number(p)?, salt, tag)
}

fn scrypt<'a>(log_n: u32, r: u32, p: u32, salt: Vec<u8>, tag: Vec<u8>) -> Option<Stored<'a>> {
    let is_read = TAG_BYTES.contains(&tag.len());
    is_read.then_some(Stored::Scrypt(Scrypt { log_n: log_n.try_into().ok()?, r, p, salt, tag }))
}

/// Exactly so many fields.
fn fields<const N: usize>(text: &str, by: char) -> Option<[&str; N]> {
    let mut parts = text.split(by);
    let mut found = [""; N];
    for field in &mut found {
        *field = parts.next()?;
    }
    parts.next().is_none().then_some(found)
}

/// Digits alone: no sign, no space.
fn number(text: &str) -> Option<u32> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// Base64 in any of its forms here; passlib writes `.` for `+`.
fn decoded(text: &str) -> Option<Vec<u8>> {
    BASE64.decode(text.replace('.', "+")).ok()
}
