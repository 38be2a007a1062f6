//! Only a proof makes a grant.
use password_reset::secret::GrantToken;
use password_reset::{AccountId, Grant, Identifier, ProofKind, ResetId};

fn forge(token: GrantToken, identifier: Identifier) -> Grant {
    Grant::new(token, ResetId::from_bytes([0; 16]), AccountId::new("7"), ProofKind::Link, None, identifier)
}

fn main() {}
