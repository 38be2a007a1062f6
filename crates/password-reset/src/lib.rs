#![doc = include_str!("../README.md")]

mod account;
mod alarm;
mod argon2_hasher;
mod audit;
mod builder;
mod channel;
mod config;
mod error;
pub mod flow;
mod grant;
mod handover;
mod hash_pool;
mod id;
mod identifier;
mod inbound;
mod locale;
mod message;
mod node_limit;
mod password;
mod pepper;
mod policy;
pub mod ports;
mod quota;
mod random;
mod reset;
mod secret;
mod service;
mod source;
mod state;
mod tasks;
mod time;
mod turns;
mod waiting;
mod wake;
mod worker;

pub use crate::account::{Account, AccountStatus, Contact, ContactKind, PasswordHash};
pub use crate::argon2_hasher::{Argon2Hasher, Argon2Params, Argon2ParamsError};
pub use crate::audit::{AuditEvent, AuditRow};
pub use crate::builder::{BuildError, Builder};
pub use crate::channel::{Channel, InboundMode, ProofKind, StepUp, proves};
pub use crate::config::{Lifetimes, Limits, Retention};
pub use crate::error::PortError;
pub use crate::grant::{Grant, PartialGrant};
pub use crate::hash_pool::{HashPool, HashPoolConfig, PoolError};
pub use crate::id::{AccountId, ResetId};
pub use crate::identifier::{BadIdentifier, CallingCode, Identifier, IdentifierKind, MAX_IDENTIFIER_BYTES};
pub use crate::inbound::{Assurance, Challenge, DeliveryReport, Inbound, InboundMessage, Received, Sender};
pub use crate::locale::{Locale, UnknownLocale};
pub use crate::message::{
    AccountLocked, AdminAsked, AdminLink, CodeAsked, CodeMessage, ConfirmContact, ContactChanged, LockLink, Message,
    MessageBody, PasswordChanged, ReplyLink, ResetCancelled, ResetLink, ResetProved, SecretUrl, Site, StepUpCode,
};
pub use crate::password::{NewPassword, Normalization, Password, normalize_password};
pub use crate::pepper::PepperedHasher;
pub use crate::policy::{
    Blocklist, Deviation, PasswordPolicy, PolicyError, Rule, RuleKind, Standard, Violation, Violations, Weakness,
    Weight,
};
pub use crate::reset::{Binding, DamagedRow, NewReset, Reset, StoredReset};
pub use crate::secret::{
    CancelToken, Code, Digest, GrantToken, Key, KeyError, KeyRing, LinkToken, LockToken, Malformed, PartialGrantToken,
    RequesterToken,
};
pub use crate::service::{
    AdminRequest, AdminRequestError, CancelError, ConfirmationError, DeliveryOutcome, LastDelivery, LockError, Locked,
    PasswordIsSet, PasswordReset, Proof, RequestError, Requested, ResetRequest, SetPasswordError, Stage, Status,
    VerifyError, Watch,
};
pub use crate::source::Source;
pub use crate::state::{CloseReason, State};
pub use crate::tasks::Tasks;
pub use crate::time::to_millis;
pub use crate::worker::Worker;
