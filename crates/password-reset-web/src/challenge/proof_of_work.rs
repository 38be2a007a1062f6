//! Proof of work: the browser searches for a number, which takes it a while, and no other service is asked.

use std::net::IpAddr;
use std::time::Duration;

use async_trait::async_trait;
use password_reset::{PasswordReset, PortError, Tickets};
use sha2::{Digest, Sha256};

use super::{Challenge, Widget};

/// How long a puzzle lives: a slow phone, and a person who reads the page.
const LIVES: Duration = Duration::from_secs(10 * 60);

/// With more, a phone would search for minutes.
const MAX_BITS: u8 = 26;

/// A challenge that needs no other service and no person: the browser computes SHA-256 until a digest begins with enough zero
/// bits.
///
/// A puzzle is sealed with the service's key for counters, and bound to its source. It lives ten minutes, and its solution counts
/// once, on all nodes together, by a permit in the store that only a right solution takes: see
/// [`Tickets`](password_reset::Tickets).
///
/// ```
/// use password_reset::PasswordReset;
/// use password_reset_web::{Pages, ProofOfWork, Web, WebError};
///
/// // The service has `limits.challenge_from`.
/// fn pages(reset: PasswordReset) -> Result<Pages, WebError> {
///     let challenge = ProofOfWork::new(&reset);
///     Web::new(reset).challenge(challenge).build()
/// }
/// ```
///
/// For a client of the API: the puzzle is text, of which the number before the first dot is `bits`. Search for a whole number
/// `n`, so that SHA-256 of the 32 bytes of SHA-256(puzzle) and the 8 bytes of `n` (big-endian) begins with that many zero bits.
/// The answer is the puzzle, a dot, and `n` in decimal digits.
///
/// # Security
/// It makes requests cost something, and tells browsers from programs that run no script. A program made for it needs 30 times
/// less time than a phone, so it is the limits that stop a flood; this makes it slower.
#[derive(Clone, Debug)]
#[must_use]
pub struct ProofOfWork {
    tickets: Tickets,
    bits: u8,
}

impl ProofOfWork {
    /// Puzzles of 18 bits: a quarter of a million digests on average, in about a second on a phone and a fifth of one on a
    /// computer. One in twenty takes three times as long.
    pub fn new(reset: &PasswordReset) -> Self {
        Self { tickets: reset.tickets("proof of work", LIVES), bits: 18 }
    }

    /// Sets the number of zero bits, from 1 to 26; each doubles the time.
    pub fn bits(mut self, bits: u8) -> Self {
        self.bits = bits.clamp(1, MAX_BITS);
        self
    }
}

#[async_trait]
impl Challenge for ProofOfWork {
    fn widget(&self) -> Widget {
        Widget::own("proof_of_work")
    }

    fn puzzle(&self, source: IpAddr) -> Result<Option<String>, PortError> {
        Ok(Some(format!("{}.{}", self.bits, self.tickets.issue(source)?)))
    }

    async fn verify(&self, answer: &str, source: IpAddr) -> Result<bool, PortError> {
        let Some((puzzle, number)) = answer.rsplit_once('.') else { return Ok(false) };
        let Some((bits, ticket)) = puzzle.split_once('.') else { return Ok(false) };
        // The number of bits is not sealed, so only the one that holds now counts.
        if bits != self.bits.to_string() || !solves(puzzle, number, self.bits) {
            return Ok(false);
        }
        self.tickets.redeem(ticket, source).await
    }
}

fn solves(puzzle: &str, number: &str, bits: u8) -> bool {
    let Ok(number) = number.parse::<u64>() else { return false };
    let digest = Sha256::new().chain_update(Sha256::digest(puzzle)).chain_update(number.to_be_bytes()).finalize();
    let [first, second, third, fourth, ..]: [u8; 32] = digest.into();
    u32::from_be_bytes([first, second, third, fourth]).leading_zeros() >= u32::from(bits)
}

#[cfg(test)]
mod tests {
    use super::solves;

    /// As the script of the page finds it.
    #[test]
    fn a_solution_begins_with_enough_zero_bits() {
        let found = (0..100_000_u64).find(|number| solves("12.puzzle", &number.to_string(), 12)).unwrap();
        assert_eq!(found, 153);
        assert!(!solves("12.puzzlf", &found.to_string(), 12));
        for other in ["", "-1", "1e3", "99999999999999999999", "x"] {
            assert!(!solves("12.puzzle", other, 0), "{other}");
        }
    }
}
