//! Only a proof makes a grant.
use password_reset::secret::GrantToken;
use password_reset::{AccountId, Grant, Identifier, ProofKind, ResetId};

fn forge(token: GrantToken, identifier: Identifier) -> Grant {
    Grant { token, id: ResetId::from_bytes([0; 16]), account: AccountId::new("7"), proved_by: ProofKind::Link, step_up: None, identifier }
}

fn main() {}
