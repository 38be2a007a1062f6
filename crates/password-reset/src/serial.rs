//! Ids and names as texts for serde, as `Display` writes them.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::digest::Digest;
use crate::flow::audit::AuditEvent;
use crate::flow::channel::{Channel, ProofKind};
use crate::flow::state::State;
use crate::identity::id::{AccountId, ResetId};
use crate::identity::identifier::{CallingCode, IdentifierKind};
use crate::identity::locale::Locale;
use crate::identity::realm::Realm;
use crate::policy::{Violation, Violations};
use crate::ports::AuditCursor;

macro_rules! as_text {
    ($($name:ident),*) => {$(
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
            }
        }
    )*};
}
as_text!(
    AccountId,
    AuditCursor,
    AuditEvent,
    CallingCode,
    Channel,
    Digest,
    IdentifierKind,
    Locale,
    ProofKind,
    Realm,
    ResetId,
    State
);

/// A map of its code and its numbers: `{"code": "too_short", "min": 15}`.
impl Serialize for Violation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap as _;
        let params = self.params();
        let mut map = serializer.serialize_map(Some(params.len().saturating_add(1)))?;
        map.serialize_entry("code", self.code())?;
        for (name, value) in params {
            map.serialize_entry(name, &value)?;
        }
        map.end()
    }
}

impl Serialize for Violations {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self)
    }
}

/// Durations as seconds, in settings: `1800`, `0.5`.
pub(crate) mod seconds {
    use std::time::Duration;

    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        if duration.subsec_nanos() == 0 {
            serializer.serialize_u64(duration.as_secs())
        } else {
            serializer.serialize_f64(duration.as_secs_f64())
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        Duration::try_from_secs_f64(f64::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}
