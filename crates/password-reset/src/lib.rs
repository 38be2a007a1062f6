#![doc = include_str!("../README.md")]

mod account;
mod audit;
mod channel;
mod error;
pub mod flow;
mod id;
mod identifier;
mod locale;
mod message;
mod owes;
mod password;
mod policy;
pub mod ports;
mod random;
mod reset;
mod secret;
mod source;
mod time;

pub use crate::account::{Account, Contact, ContactKind, PasswordHash, Standing};
pub use crate::audit::{AuditEvent, AuditRow};
pub use crate::channel::{Channel, InboundMode, ProofKind, proves};
pub use crate::error::PortError;
pub use crate::id::{AccountId, ResetId};
pub use crate::identifier::{BadIdentifier, CallingCode, Identifier, IdentifierKind, MAX_IDENTIFIER_BYTES};
pub use crate::locale::{Locale, UnknownLocale};
pub use crate::message::{Message, MessageBody, PasswordChanged, ResetLink, SecretUrl, Site};
pub use crate::owes::Owes;
pub use crate::password::{NewPassword, Password, normalize_password};
pub use crate::policy::{Blocklist, PasswordPolicy, PolicyError, Rule, RuleKind, Violation, Violations, Weakness};
pub use crate::reset::{Binding, CloseReason, DamagedRow, NewReset, Reset, State, StoredReset};
pub use crate::secret::{CancelToken, Code, Digest, GrantToken, Handle, Key, KeyError, KeyRing, LinkToken, Malformed};
pub use crate::source::Source;
pub use crate::time::to_millis;
