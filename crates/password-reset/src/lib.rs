#![doc = include_str!("../README.md")]

mod bounded;
mod builder;
mod config;
mod digest;
mod error;
pub mod flow;
pub mod hashing;
pub mod identity;
pub mod inbound;
pub mod message;
pub mod metrics;
mod node;
pub mod policy;
pub mod ports;
mod quota;
mod random;
mod resets;
pub mod secret;
#[cfg(feature = "serde")]
mod serial;
mod service;
mod text;
pub mod texts;
mod time;
mod worker;

/// For implementers of ports, which then need no dependency for it.
pub use async_trait::async_trait;

pub use crate::bounded::Bounded;
pub use crate::builder::Builder;
pub use crate::config::{Choices, Lifetimes, Limits, Retention, SeveralAccounts, UndeliveredCodes};
pub use crate::error::{BuildError, PortError};
pub use crate::flow::channel::{Channel, InboundMode, ProofKind, StepUp};
pub use crate::hashing::hash_pool::HashPool;
pub use crate::identity::account::{Account, AccountStatus, Contact, ContactKind};
pub use crate::identity::id::{AccountId, ResetId};
pub use crate::identity::identifier::{CallingCode, Identifier};
pub use crate::identity::locale::Locale;
pub use crate::identity::password::{NewPassword, Password};
pub use crate::identity::password_hash::PasswordHash;
pub use crate::identity::realm::Realm;
pub use crate::identity::source::Source;
pub use crate::inbound::Inbound;
pub use crate::message::{Message, Site};
pub use crate::policy::PasswordPolicy;
pub use crate::secret::{Key, KeyRing};
pub use crate::service::PasswordReset;
pub use crate::service::grant::{Grant, PartialGrant};
pub use crate::service::object::{CancelError, LockError, Locked};
pub use crate::service::proof::{Proof, VerifyError};
pub use crate::service::request::{RequestError, Requested, ResetRequest};
pub use crate::service::set_password::{PasswordIsSet, SetPasswordError};
pub use crate::service::status::{Stage, Status};
pub use crate::service::tickets::Tickets;
pub use crate::service::watch::Watch;
pub use crate::texts::{Language, Languages};
pub use crate::worker::Worker;

/// What pages of administrators call.
pub mod admin {
    pub use crate::service::admin::{Admin, AdminRequest, AdminRequestError};
    pub use crate::service::deliveries::{DeliveryOutcome, LastDelivery, NotSent, NotSentReason};
    pub use crate::service::export::{AccountExport, ExportedReset};
}

/// What the application's settings call for contacts.
pub mod contacts {
    pub use crate::service::contacts::{ConfirmationError, Contacts};
}

/// What the application's login calls.
pub mod login {
    pub use crate::service::login::Login;
    pub use crate::service::sign_in::{SignInError, SignedIn};
}

/// What operators and probes ask, and what webhooks report.
pub mod operations {
    pub use crate::node::observers::ObserverHealth;
    pub use crate::node::refusals::{NotifierFailure, NotifierHealth};
    pub use crate::service::health::{Health, HealthProblem};
    pub use crate::service::operations::Operations;
    pub use crate::service::reports::Reports;
}
