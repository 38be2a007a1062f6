//! The scenarios, and what each may cost the owners.

use std::time::Duration;

use crate::Engine::{self, Postgres, Sqlite};

/// What runs beside the owners, and how late they may be.
#[derive(Debug)]
pub struct Scenario {
    pub name: &'static str,
    pub on: &'static [Engine],
    pub strangers: &'static [Strangers],
    pub fault: Fault,
    /// Requests a minute that a node takes.
    pub limit: u32,
    /// From the request to the new password at worst, beside the time that something is away.
    pub late: Duration,
}

/// Kinds of strangers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strangers {
    /// 1,000 requests a second for unknown accounts to one node, from 180 networks.
    ManyAddresses,
    /// 300 requests a second for known accounts, in the first nine seconds, each from another network.
    KnownAccounts,
    /// 200 webhook bodies of 3 MiB at a time that never end, half of them without a signature.
    UnfinishedBodies,
    /// 900 connections that send a byte of a head a second.
    SlowHeads,
    /// Forged webhook requests, as many as 16 connections take, 2,000 a second at most.
    ForgedWebhooks,
}

/// What fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    Nothing,
    /// The mail server accepts connections and says nothing.
    MailSilent,
    /// The mail server refuses connections for six seconds.
    MailAway,
    /// Postgres is stopped for six seconds.
    PostgresAway,
}

/// What failed is tried again after five seconds, then ten; a row that a failed call left leased waits ten.
const RETRIED: Duration = Duration::from_secs(15);

const BOTH: &[Engine] = &[Sqlite, Postgres];
const DEFAULT: u32 = 6_000;
/// Small enough for a short run to reach it on a busy machine.
const SMALL: u32 = 900;
/// As many networks for the small limit as 1,200 are for the default.
pub const NETWORKS: u32 = SMALL / 5;
/// Much more than it takes, for a machine that is busy otherwise.
const QUICK: Duration = Duration::from_secs(5);

pub const SCENARIOS: &[Scenario] = &[
    Scenario { name: "quiet", on: BOTH, strangers: &[], fault: Fault::Nothing, limit: DEFAULT, late: QUICK },
    Scenario {
        name: "requests from many networks",
        on: BOTH,
        strangers: &[Strangers::ManyAddresses],
        fault: Fault::Nothing,
        limit: SMALL,
        late: QUICK,
    },
    Scenario {
        name: "requests for known accounts",
        on: BOTH,
        strangers: &[Strangers::KnownAccounts],
        fault: Fault::Nothing,
        limit: DEFAULT,
        late: Duration::from_secs(10),
    },
    Scenario {
        name: "silent mail server",
        on: BOTH,
        strangers: &[Strangers::KnownAccounts],
        fault: Fault::MailSilent,
        limit: DEFAULT,
        late: Duration::from_secs(10),
    },
    Scenario {
        name: "unfinished webhooks",
        on: &[Sqlite],
        strangers: &[Strangers::UnfinishedBodies],
        fault: Fault::Nothing,
        limit: DEFAULT,
        late: QUICK,
    },
    Scenario {
        name: "slow heads",
        on: &[Sqlite],
        strangers: &[Strangers::SlowHeads],
        fault: Fault::Nothing,
        limit: DEFAULT,
        late: QUICK,
    },
    Scenario {
        name: "forged webhooks",
        on: &[Sqlite],
        strangers: &[Strangers::ForgedWebhooks],
        fault: Fault::Nothing,
        limit: DEFAULT,
        late: QUICK,
    },
    Scenario {
        name: "mail server away",
        on: BOTH,
        strangers: &[],
        fault: Fault::MailAway,
        limit: DEFAULT,
        late: RETRIED,
    },
    Scenario {
        name: "Postgres away",
        on: &[Postgres],
        strangers: &[],
        fault: Fault::PostgresAway,
        limit: DEFAULT,
        late: RETRIED,
    },
];

impl Scenario {
    /// How many owners there are a second, where `rate` are usual: no more than the half that is reserved for them lets in.
    pub fn owners(&self, rate: u32) -> u32 {
        if self.limit < DEFAULT { rate.div_ceil(2) } else { rate }
    }

    /// Whether strangers are to reach the limit.
    pub fn reaches_limit(&self) -> bool {
        self.limit < DEFAULT
    }
}
