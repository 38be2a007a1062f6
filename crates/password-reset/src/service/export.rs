//! A person's data, as it is stored.

use chrono::{DateTime, Utc};

use crate::flow::audit::AuditRow;
use crate::flow::channel::{Channel, ProofKind};
use crate::flow::reset::Reset;
use crate::flow::state::State;
use crate::identity::id::{AccountId, ResetId};
use crate::identity::locale::Locale;
use crate::ports::{AccountRows, KnownSender};

/// What is kept about an account. It has no secret, and nothing from which one can be made.
///
/// Contacts, sources and senders are stored as keyed digests alone, and so they stand here. A digest says that two rows are about
/// the same address and nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct AccountExport {
    /// Its resets, and requests for its contacts that no worker has looked up yet, oldest first.
    pub resets: Vec<ExportedReset>,
    /// What happened, oldest first. Rows of administrators name them.
    pub audit: Vec<AuditRow>,
    /// The numbers from which its messages came, and when the last did.
    pub senders: Vec<KnownSender>,
    /// When each of its counters of messages and failures that is not at zero will be.
    pub counters: Vec<DateTime<Utc>>,
}

/// A reset, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct ExportedReset {
    /// Its id.
    pub id: ResetId,
    /// How the proof was to travel.
    pub channel: Channel,
    /// Where it stands.
    pub state: State,
    /// Whom the requester named.
    pub identifier: String,
    /// The language of the form.
    pub locale: Locale,
    /// Whose account; `None` while no worker has looked it up, and where no message was sent.
    pub account: Option<AccountId>,
    /// By what it was proved.
    pub proved_by: Option<ProofKind>,
    /// The device on which it was asked for or, once it set a password, on which that was done; as its browser names itself.
    pub device: Option<String>,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// When it ends, or ended.
    pub expires_at: DateTime<Utc>,
    /// When it set the password.
    pub set_at: Option<DateTime<Utc>>,
}

impl AccountExport {
    pub(crate) fn of(rows: AccountRows) -> Self {
        let mut counters: Vec<_> = rows.quotas.into_iter().map(|(_, full_at)| full_at).collect();
        counters.sort();
        Self {
            resets: rows.resets.into_iter().map(ExportedReset::of).collect(),
            audit: rows.audit,
            senders: rows.senders,
            counters,
        }
    }
}

impl ExportedReset {
    fn of(reset: Reset) -> Self {
        let row = reset.row;
        Self {
            id: row.id,
            channel: row.channel,
            state: row.state,
            identifier: row.identifier,
            locale: row.locale,
            account: row.binding.map(|binding| binding.account().clone()),
            proved_by: row.proved_by,
            device: row.device,
            created_at: row.created_at,
            expires_at: row.expires_at,
            set_at: row.set_at,
        }
    }
}
