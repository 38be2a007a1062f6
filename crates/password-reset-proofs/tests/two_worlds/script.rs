//! What the stranger does, drawn from a seed before anything runs, so that a script can be shortened.

use std::time::Duration;

use password_reset_proofs::Dice;

/// Whom the stranger names.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Who {
    /// The account in which the worlds differ.
    Target,
    /// An account of the stranger's own.
    Own,
    /// An account that no world has.
    Missing,
}

/// How the stranger asks.
#[derive(Clone, Copy, Debug)]
pub(crate) enum How {
    Email,
    Username,
    WhatsAppCode,
    Inbound,
}

/// Through what the stranger acts.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Via {
    Verbs,
    Api,
    Pages,
}

/// A secret that the stranger makes out of a requester token.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Forged {
    /// The requester token with one bit changed.
    Token,
    /// Its bytes, brought as a secret of another kind.
    Link,
    Cancel,
    Lock,
    Grant,
    PartialGrant,
    Factor,
    StepUpCode,
}

/// Which code the stranger types.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Typed {
    Eight,
    Six,
    /// The newest code that came to the stranger's own contacts.
    Mailed,
}

/// One act of the stranger. Resets are named by how many the stranger asked for after them.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Act {
    Ask {
        who: Who,
        how: How,
        via: Via,
        again: bool,
        source: u8,
    },
    Status {
        of: usize,
        via: Via,
    },
    Watch {
        of: usize,
        via: Via,
    },
    Code {
        of: usize,
        typed: Typed,
        via: Via,
    },
    Claim {
        of: usize,
        via: Via,
    },
    Forge {
        of: usize,
        forged: Forged,
        via: Via,
    },
    /// Sends the code of an inbound reset from the stranger's own number.
    Send {
        of: usize,
        with_id: bool,
    },
    /// Reports the messages to the stranger's own number.
    Report,
    /// Opens the newest link in the stranger's own mailbox.
    OpenOwn {
        via: Via,
    },
    /// Sets the password of the stranger's own account with what was proved last.
    SetOwn {
        via: Via,
    },
    CancelOwn,
    LockOwn,
    /// Brings the stranger's own password.
    CurrentOwn {
        right: bool,
    },
    Page {
        path: u8,
        of: usize,
    },
    /// The workers run. Not an act of the stranger, who sees only what comes of it.
    Work,
    Wait(Duration),
}

const PATHS: u64 = 16;

/// Whatever two resets have to do with each other happens among the last few.
fn of(dice: &mut Dice) -> usize {
    usize::try_from(if dice.chance(70) { dice.below(2) } else { dice.below(12) }).unwrap()
}

fn via(dice: &mut Dice) -> Via {
    dice.pick(&[Via::Verbs, Via::Verbs, Via::Api, Via::Pages])
}

/// An act, and a number of its own from which the owner of each world draws what to do after it. So a script from which acts
/// are taken out leaves what follows the others as it was.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    pub(crate) act: Act,
    pub(crate) number: u64,
}

pub(crate) fn script(dice: &mut Dice, length: usize) -> Vec<Step> {
    (0..length).map(|_| Step { act: act(dice), number: dice.draw() }).collect()
}

fn act(dice: &mut Dice) -> Act {
    match dice.below(100) {
        0..20 => Act::Ask {
            who: dice.pick(&[Who::Target, Who::Target, Who::Target, Who::Own, Who::Missing]),
            how: dice.pick(&[How::Email, How::Email, How::Username, How::WhatsAppCode, How::Inbound, How::Inbound]),
            via: via(dice),
            again: dice.chance(20),
            source: u8::try_from(dice.below(3)).unwrap(),
        },
        20..34 => Act::Status { of: of(dice), via: via(dice) },
        34..38 => Act::Watch { of: of(dice), via: dice.pick(&[Via::Verbs, Via::Api, Via::Pages]) },
        38..50 => {
            Act::Code { of: of(dice), typed: dice.pick(&[Typed::Eight, Typed::Six, Typed::Mailed]), via: via(dice) }
        }
        50..53 => Act::Claim { of: of(dice), via: via(dice) },
        53..59 => Act::Forge {
            of: of(dice),
            forged: dice.pick(&[
                Forged::Token,
                Forged::Link,
                Forged::Cancel,
                Forged::Lock,
                Forged::Grant,
                Forged::PartialGrant,
                Forged::Factor,
                Forged::StepUpCode,
            ]),
            via: via(dice),
        },
        59..62 => Act::Send { of: of(dice), with_id: dice.chance(50) },
        62..63 => Act::Report,
        63..66 => Act::OpenOwn { via: via(dice) },
        66..69 => Act::SetOwn { via: via(dice) },
        69..70 => Act::CancelOwn,
        70..71 => Act::LockOwn,
        71..72 => Act::CurrentOwn { right: dice.chance(50) },
        72..77 => Act::Page { path: u8::try_from(dice.below(PATHS)).unwrap(), of: of(dice) },
        77..89 => Act::Work,
        _ => Act::Wait(wait(dice)),
    }
}

/// Mostly moments; now and then past the end of every lifetime and retention.
fn wait(dice: &mut Dice) -> Duration {
    const MINUTE: u64 = 60;
    const HOUR: u64 = 60 * MINUTE;
    const DAY: u64 = 24 * HOUR;
    let seconds = match dice.below(4) {
        0 => dice.pick(&[31 * MINUTE, HOUR, 4 * HOUR, DAY, 25 * HOUR, 3 * DAY, 8 * DAY, 401 * DAY]),
        _ => dice.pick(&[1, 20, 61, 3 * MINUTE, 5 * MINUTE, 11 * MINUTE, 16 * MINUTE]),
    };
    Duration::from_millis(seconds * 1000 + dice.below(1000))
}
