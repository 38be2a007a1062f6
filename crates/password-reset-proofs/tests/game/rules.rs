//! The games: which acts there are, how often, and how deep the search goes in the check.

use password_reset::{InboundMode, StepUp};

use crate::acts::Verb;
use crate::jobs::Way;
use crate::play::{Left, Setting};
use crate::search::Rules;

/// Past the lease of a worker; past a link and its grant; past the refill of a message; past the retention of rows.
const LEASE: u64 = 4;
const EXPIRY: u64 = 31;
const REFILL: u64 = 206;
const RETENTION: u64 = 25 * 60;

fn number(variable: &str) -> Option<usize> {
    std::env::var(variable).ok()?.parse().ok()
}

impl Rules {
    /// As deep as the environment says, beyond the depth of the check.
    pub(crate) fn deeper(mut self) -> Self {
        if let Some(more) = number("GAME_DEPTH") {
            self.depth += more;
            let count = u8::try_from(more).unwrap_or(u8::MAX);
            for left in [&mut self.left.strangers, &mut self.left.owners, &mut self.left.waits] {
                *left = left.saturating_add(count);
            }
        }
        self.most = number("GAME_POSITIONS").unwrap_or(self.most);
        self
    }
}

/// Strangers ask and guess as often as they like, and every proof needs a second one.
pub(crate) fn strangers() -> Rules {
    let mut setting = Setting::new("strangers");
    setting.step_up = Some(StepUp::Code);
    Rules {
        setting,
        verbs: &[
            Verb::StrangerAsks(Way::Mail),
            Verb::StrangerAsks(Way::Code),
            Verb::StrangerGuesses,
            Verb::StrangerForges,
            Verb::Asks(0, Way::Mail),
            Verb::Opens(0, 0),
            Verb::Opens(1, 1),
            Verb::StepsUp(0),
            Verb::Sets(0),
            Verb::Cancels(0),
            Verb::Works,
            Verb::Waits(EXPIRY),
            Verb::Waits(REFILL),
        ],
        nodes: 1,
        races: &[],
        left: Left { strangers: 5, owners: 4, waits: 2, ..Left::default() },
        depth: 6,
        most: 5_000,
    }
}

/// The clock goes past everything that ends, and back; and a disabled account has the owner's address too.
pub(crate) fn times() -> Rules {
    let mut setting = Setting::new("times");
    setting.namesake = true;
    Rules {
        setting,
        verbs: &[
            Verb::StrangerAsks(Way::Mail),
            Verb::StrangerGuesses,
            Verb::Asks(0, Way::Mail),
            Verb::Opens(0, 0),
            Verb::Sets(0),
            Verb::ChangesElsewhere,
            Verb::Works,
            Verb::Waits(LEASE),
            Verb::Waits(EXPIRY),
            Verb::Waits(REFILL),
            Verb::Waits(RETENTION),
            Verb::GoesBack,
        ],
        nodes: 1,
        races: &[],
        left: Left { strangers: 3, owners: 3, waits: 3, set_backs: 1, changes: 1, purges: 1, ..Left::default() },
        depth: 6,
        most: 5_000,
    }
}

/// Two nodes of which one may die, or does something in the middle of what the other does.
pub(crate) fn nodes(writing: bool) -> Rules {
    let mut setting = Setting::new(if writing { "nodes, one database" } else { "nodes" });
    setting.writing = writing;
    Rules {
        setting,
        verbs: &[
            Verb::StrangerAsks(Way::Mail),
            Verb::StrangerGuessesOnce,
            Verb::Asks(0, Way::Mail),
            Verb::Opens(0, 0),
            Verb::Opens(1, 1),
            Verb::Types(0),
            Verb::Sets(0),
            Verb::Sets(1),
            Verb::SetsWeak(0),
            Verb::Cancels(0),
            Verb::ChangesElsewhere,
            Verb::Works,
            Verb::Waits(LEASE),
        ],
        nodes: 2,
        races: &[
            (Verb::Sets(0), Verb::Sets(0)),
            (Verb::Sets(0), Verb::Sets(1)),
            (Verb::Sets(0), Verb::Cancels(0)),
            (Verb::Sets(0), Verb::ChangesElsewhere),
            (Verb::Opens(0, 0), Verb::Opens(1, 1)),
            (Verb::Opens(0, 0), Verb::Types(0)),
            (Verb::Opens(0, 0), Verb::ChangesElsewhere),
            (Verb::StrangerGuessesOnce, Verb::StrangerIsLucky),
            (Verb::Works, Verb::Works),
        ],
        left: Left { faults: 1, strangers: 2, owners: 6, waits: 1, changes: 1, ..Left::default() },
        depth: 7,
        most: 5_000,
    }
}

/// The owner sends a message, and the provider brings it late, and again.
pub(crate) fn inbound() -> Rules {
    let mut setting = Setting::new("inbound");
    setting.inbound = Some(InboundMode::PageAdvances);
    Rules {
        setting,
        verbs: &[
            Verb::StrangerAsks(Way::Inbound),
            Verb::StrangerSends,
            Verb::StrangerForges,
            Verb::StrangerGuesses,
            Verb::Asks(0, Way::Inbound),
            Verb::Asks(1, Way::Inbound),
            Verb::Sends(0),
            Verb::Sends(1),
            Verb::Receives(0),
            Verb::Receives(1),
            Verb::Claims(0),
            Verb::Sets(0),
            Verb::Works,
            Verb::Waits(EXPIRY),
        ],
        nodes: 1,
        races: &[(Verb::Receives(0), Verb::Receives(0)), (Verb::Claims(0), Verb::Claims(0))],
        left: Left { faults: 1, strangers: 2, owners: 5, waits: 1, webhooks: 2, ..Left::default() },
        depth: 7,
        most: 4_000,
    }
}

/// Two nodes get a new key one after the other, in the two phases that the guide says.
pub(crate) fn keys() -> Rules {
    Rules {
        setting: Setting::new("keys"),
        verbs: &[
            Verb::StrangerAsks(Way::Mail),
            Verb::Asks(0, Way::Mail),
            Verb::Opens(0, 0),
            Verb::Sets(0),
            Verb::Works,
            Verb::Rotates,
            Verb::Waits(LEASE),
        ],
        nodes: 2,
        races: &[],
        left: Left { strangers: 1, owners: 4, waits: 1, rotations: 4, ..Left::default() },
        depth: 8,
        most: 3_000,
    }
}
