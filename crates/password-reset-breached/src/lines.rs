//! Lines of a download: `HASH:COUNT`.

use std::io::{self, BufRead, Read};

use crate::error::LineFault;
use crate::kind::{HashKind, LONGEST};

/// No line of a download is longer. The limit bounds the memory.
const MAX_LINE: u64 = 128;

/// A parsed line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// The whole hash, padded with zeros at the end.
    pub(crate) digest: [u8; LONGEST],
    /// How often the password was seen; 0 in padding lines.
    pub(crate) count: u64,
}

/// Reads the next line into `buffer`; returns its length in bytes, 0 at the end.
pub(crate) fn next(from: &mut impl BufRead, buffer: &mut Vec<u8>) -> io::Result<Result<usize, LineFault>> {
    buffer.clear();
    let read = from.by_ref().take(MAX_LINE).read_until(b'\n', buffer)?;
    let whole = buffer.ends_with(b"\n") || (read as u64) < MAX_LINE;
    Ok(if whole { Ok(read) } else { Err(LineFault::TooLong) })
}

/// Parses a line. `prefix` is the part of the hash in the name of a range file.
pub(crate) fn parse(kind: HashKind, prefix: &[u8], line: &[u8]) -> Result<Line, LineFault> {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let colon = line.iter().position(|byte| *byte == b':').ok_or(LineFault::Form)?;
    let (hex, count) = line.split_at(colon);
    let digits = prefix.len().saturating_add(hex.len());
    if digits != kind.hex_digits() {
        return Err(LineFault::Length { digits, wanted: kind.hex_digits() });
    }
    let mut digest = [0; LONGEST];
    for (at, digit) in prefix.iter().chain(hex).enumerate() {
        let value = char::from(*digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
        let value = value.ok_or(LineFault::NotHexadecimal)?;
        if let Some(byte) = digest.get_mut(at / 2) {
            *byte = *byte << 4 | value;
        }
    }
    let count = count.get(1..).unwrap_or_default();
    if !count.iter().all(u8::is_ascii_digit) {
        return Err(LineFault::Count);
    }
    let count = str::from_utf8(count).ok().and_then(|count| count.parse().ok()).ok_or(LineFault::Count)?;
    Ok(Line { digest, count })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHA1: &str = "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8";

    #[test]
    fn lines_of_downloads_are_parsed() {
        let expected = parse(HashKind::Sha1, b"", format!("{SHA1}:42\n").as_bytes()).unwrap();
        assert_eq!((expected.digest[0], expected.digest[19], expected.count), (0x5b, 0xd8, 42));
        let lower = SHA1.to_lowercase();
        for line in [format!("{SHA1}:42"), format!("{SHA1}:42\r\n"), format!("{lower}:42\n"), format!("{SHA1}:0042")] {
            assert_eq!(parse(HashKind::Sha1, b"", line.as_bytes()), Ok(expected), "{line:?}");
        }
        let rest = format!("{}:42", &SHA1[5..]);
        assert_eq!(parse(HashKind::Sha1, b"5BAA6", rest.as_bytes()), Ok(expected), "a range");
        let ntlm = parse(HashKind::Ntlm, b"", b"8846F7EAEE8FB117AD06BDD830B7586C:7").unwrap();
        assert_eq!((ntlm.digest[15], ntlm.digest[16], ntlm.count), (0x6c, 0, 7));
    }

    #[test]
    fn invalid_lines_are_refused_with_the_fault() {
        let wrong = |line: &str| parse(HashKind::Sha1, b"", line.as_bytes()).unwrap_err();
        for line in ["", "\n", SHA1, "just text"] {
            assert_eq!(wrong(line), LineFault::Form, "{line:?}");
        }
        for (line, digits) in [(format!("{}:1", &SHA1[1..]), 39), (format!("{SHA1}0:1"), 41), (":1".to_owned(), 0)] {
            assert_eq!(wrong(&line), LineFault::Length { digits, wanted: 40 }, "{line:?}");
        }
        for letter in ["G", " ", "+", "\0"] {
            assert_eq!(wrong(&format!("{letter}{}:1", &SHA1[1..])), LineFault::NotHexadecimal, "{letter:?}");
        }
        for count in ["", "-1", "+1", " 1", "1 ", "1:2", "0x1", "99999999999999999999", "1\u{a0}"] {
            assert_eq!(wrong(&format!("{SHA1}:{count}")), LineFault::Count, "{count:?}");
        }
    }

    #[test]
    fn an_endless_line_does_not_fill_the_memory() {
        let mut endless = io::BufReader::new(io::repeat(b'A'));
        let mut buffer = Vec::new();
        assert_eq!(next(&mut endless, &mut buffer).unwrap(), Err(LineFault::TooLong));
        assert!(buffer.capacity() < 1024);
    }
}
