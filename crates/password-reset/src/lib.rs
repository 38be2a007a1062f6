#![doc = include_str!("../README.md")]

mod builder;
mod config;
mod digest;
mod error;
pub mod flow;
mod hashing;
mod identity;
mod inbound;
pub mod message;
mod node;
mod policy;
pub mod ports;
mod quota;
mod random;
mod resets;
mod secret;
mod service;
mod time;
mod worker;

pub use crate::builder::Builder;
pub use crate::config::{Lifetimes, Limits, Retention};
pub use crate::digest::Digest;
pub use crate::error::{BuildError, PortError};
pub use crate::flow::audit::{AuditEvent, AuditRow};
pub use crate::flow::channel::{Channel, InboundMode, ProofKind, StepUp, proves};
pub use crate::flow::reset::{Binding, DamagedRow, NewReset, Reset, StoredReset};
pub use crate::flow::state::{CloseReason, State};
pub use crate::flow::tasks::Tasks;
pub use crate::hashing::argon2_function::{Argon2Call, Argon2Function, Argon2Worker};
pub use crate::hashing::argon2_hasher::{Argon2Hasher, Argon2Params, Argon2ParamsError};
pub use crate::hashing::calibration::{Calibration, CalibrationError, PoolBounds};
pub use crate::hashing::hash_pool::{HashPool, HashPoolConfig, PoolError, PoolSlot};
pub use crate::hashing::password::{NewPassword, Normalization, Password, normalize_password};
pub use crate::hashing::pepper::PepperedHasher;
pub use crate::identity::account::{Account, AccountStatus, Contact, ContactKind, PasswordHash};
pub use crate::identity::id::{AccountId, ResetId};
pub use crate::identity::identifier::{BadIdentifier, CallingCode, Identifier, IdentifierKind, MAX_IDENTIFIER_BYTES};
pub use crate::identity::locale::{Locale, UnknownLocale};
pub use crate::identity::realm::Realm;
pub use crate::identity::source::Source;
pub use crate::inbound::{Assurance, Challenge, DeliveryReport, Inbound, InboundMessage, Received, Sender};
pub use crate::message::{Message, SecretUrl, Site};
pub use crate::policy::{Blocklist, PasswordPolicy, PolicyError, Rule, RuleKind, Violation, Violations, Weakness};
pub use crate::secret::{
    CancelToken, Code, GrantToken, Key, KeyError, KeyRing, LinkToken, LockToken, Malformed, PartialGrantToken,
    RequesterToken,
};
pub use crate::service::PasswordReset;
pub use crate::service::admin::{AdminRequest, AdminRequestError};
pub use crate::service::contacts::ConfirmationError;
pub use crate::service::grant::{Grant, PartialGrant};
pub use crate::service::object::{CancelError, LockError, Locked};
pub use crate::service::proof::{Proof, VerifyError};
pub use crate::service::request::{RequestError, Requested, ResetRequest};
pub use crate::service::set_password::{PasswordIsSet, SetPasswordError};
pub use crate::service::status::{Stage, Status};
pub use crate::service::trail::{DeliveryOutcome, LastDelivery};
pub use crate::service::watch::Watch;
pub use crate::time::to_millis;
pub use crate::worker::Worker;
