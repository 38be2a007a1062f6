//! The limit on requests from all sources together, for each node, in memory.
//!
//! Half of it is reserved for networks that asked for little lately, so that a flood, from however many addresses of busy
//! networks, leaves the owners elsewhere their requests. Of the other half one network gets an eighth. The times are those
//! of [`Quota`], here of this node alone.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::digest::Digest;
use crate::identity::source::Network;
use crate::ports::{PermitTaken, Quota};

const MINUTE: Duration = Duration::from_secs(60);
/// A network is new while it has one of these: three at once, or [fewer](State::few), and one more every three minutes.
const NEW_BURST: u32 = 3;
const NEW_REFILL: Duration = Duration::from_secs(3 * 60);
/// What part of the common half one network gets.
const NETWORK_PART: u32 = 8;
/// How many networks are remembered; beyond that all others count as new. Some 10 MiB.
const MAX_NETWORKS: usize = 1 << 16;

/// Which half a request takes its permit from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Room {
    /// The half for networks that asked for little.
    Reserved,
    /// The half for all.
    Common,
}

#[derive(Debug, Default)]
pub(crate) struct NodeLimit {
    state: Mutex<State>,
}

/// When each quota is full again.
#[derive(Debug, Default)]
struct State {
    reserved: Option<DateTime<Utc>>,
    common: Option<DateTime<Utc>>,
    networks: HashMap<Network, Seen>,
    /// When networks whose quotas are full may be forgotten again: a search of all costs too much for every request.
    sweep_at: Option<DateTime<Utc>>,
}

/// The quotas of one network.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    new: Option<DateTime<Utc>>,
    common: Option<DateTime<Utc>>,
}

impl Seen {
    fn asked_less_than(self, few: u32, now: DateTime<Utc>) -> bool {
        let most = NEW_REFILL.saturating_mul(few.saturating_sub(1));
        few >= NEW_BURST || self.new.is_none_or(|full_at| crate::time::until(now, full_at) <= most)
    }
}

impl State {
    /// How many requests a network may make and still count as new: fewer, the less is left of the reserved half. Otherwise
    /// a thousand networks would have all of it with three requests each, and owners none.
    fn few(&self, now: DateTime<Utc>) -> u32 {
        // The half is full after a minute, so this time over a minute is the part that is taken.
        let taken = self.reserved.map_or(Duration::ZERO, |full_at| crate::time::until(now, full_at));
        match taken.as_secs() {
            0..20 => NEW_BURST,
            20..40 => 2,
            _ => 1,
        }
    }

    /// Changes the quotas that a request of this network has its permits from.
    fn change(
        &mut self,
        now: DateTime<Utc>,
        limit: u32,
        network: &Network,
        room: Room,
        change: impl Fn(Quota, &mut Option<DateTime<Utc>>),
    ) {
        if self.networks.len() >= MAX_NETWORKS && self.sweep_at.is_none_or(|at| crate::time::has_come(now, at, MINUTE))
        {
            self.sweep_at = Some(crate::time::later(now, MINUTE));
            let ahead = NEW_REFILL.saturating_mul(NEW_BURST);
            let is_full = |full_at| crate::time::has_come(now, full_at, ahead);
            self.networks.retain(|_, seen| !seen.new.max(seen.common).is_none_or(is_full));
        }
        match room {
            Room::Reserved => change(half(limit, now), &mut self.reserved),
            Room::Common => change(half(limit, now), &mut self.common),
        }
        if self.networks.len() < MAX_NETWORKS || self.networks.contains_key(network) {
            let seen = self.networks.entry(network.clone()).or_default();
            change(new(now), &mut seen.new);
            if room == Room::Common {
                change(part(limit, now), &mut seen.common);
            }
        }
    }
}

impl NodeLimit {
    /// Takes a permit for a request, and returns of which half; otherwise the time until there is one. A `known` caller, who
    /// passed the application's challenge, may use the reserved half whatever the network asked for.
    ///
    /// The permit is taken before the request is stored, so that requests on their way to a slow store count too.
    pub(crate) fn take(
        &self,
        now: DateTime<Utc>,
        limit: u32,
        network: &Network,
        known: bool,
    ) -> Result<Room, Duration> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = state.networks.get(network).copied().unwrap_or_default();
        let has_room = |quota: Quota, full_at| match quota.take(full_at).1 {
            PermitTaken::Granted { .. } => Ok(()),
            PermitTaken::RateLimited { next_at } => Err(next_at),
        };
        let is_new = known || (seen.asked_less_than(state.few(now), now) && has_room(new(now), seen.new).is_ok());
        let room = if is_new && has_room(half(limit, now), state.reserved).is_ok() {
            Room::Reserved
        } else {
            has_room(half(limit, now), state.common)
                .and_then(|()| has_room(part(limit, now), seen.common))
                .map_err(|next_at| crate::time::until(now, next_at))?;
            Room::Common
        };
        state.change(now, limit, network, room, |quota, full_at| *full_at = quota.take(*full_at).0);
        Ok(room)
    }

    /// Gives back the permit of a request that left no row: the limit of its source refused it, so that no single source can fill
    /// the node, or its reset was there before, or the store failed. One that ran out of time may have left a row, and counts.
    pub(crate) fn give_back(&self, now: DateTime<Utc>, limit: u32, network: &Network, room: Room) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.change(now, limit, network, room, |quota, full_at| {
            *full_at = full_at.map(|full_at| crate::time::earlier(full_at, quota.refill));
        });
    }
}

/// Half of the node's requests.
fn half(limit: u32, now: DateTime<Utc>) -> Quota {
    each_minute(limit.div_ceil(2), now)
}

/// The part of the common half that one network may use.
fn part(limit: u32, now: DateTime<Utc>) -> Quota {
    each_minute(limit.div_ceil(2).div_ceil(NETWORK_PART), now)
}

fn new(now: DateTime<Utc>) -> Quota {
    Quota::new(Digest::from_bytes([0; 32]), NEW_BURST, NEW_REFILL, now)
}

/// So many at once, and as many again in the course of a minute.
fn each_minute(permits: u32, now: DateTime<Utc>) -> Quota {
    let refill = MINUTE.checked_div(permits).unwrap_or(MINUTE);
    Quota::new(Digest::from_bytes([0; 32]), permits, refill, now)
}

#[cfg(test)]
mod tests;
