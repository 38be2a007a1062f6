#![allow(clippy::unwrap_used, clippy::expect_used, clippy::arithmetic_side_effects, reason = "test code")]

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::*;
use crate::identity::source::Source;

const LIMIT: u32 = 6_000;

fn network(address: impl Into<IpAddr>) -> Network {
    Source::from(address.into()).network()
}

/// Asks once; `true` when there was room.
fn asks(node: &NodeLimit, at_millis: i64, from: impl Into<IpAddr>) -> bool {
    let now = DateTime::from_timestamp_millis(1_800_000_000_000 + at_millis).expect("in range");
    let network = network(from);
    node.take(now, LIMIT, &network, false).is_ok()
}

/// 1,000 requests a second for two minutes, each address in turn, with an owner from elsewhere right behind the last of each
/// second; how many owners had room.
fn owners_in_a_flood(attacker: impl Fn(u32) -> IpAddr) -> usize {
    let node = NodeLimit::default();
    let mut owners = 0;
    for second in 0..120_u32 {
        for nth in 0..1_000 {
            asks(&node, i64::from(second) * 1_000 + i64::from(nth), attacker(second * 1_000 + nth));
        }
        owners +=
            usize::from(asks(&node, i64::from(second) * 1_000 + 999, Ipv4Addr::from(0xcb00_0000 + (second << 8))));
    }
    owners
}

#[test]
fn a_flood_from_1200_networks_leaves_all_owners_their_requests() {
    assert_eq!(owners_in_a_flood(|nth| Ipv4Addr::from(0x0b00_0000 + ((nth % 1_200) << 8)).into()), 120);
}

#[test]
fn a_flood_from_4000_networks_in_no_order_leaves_all_owners_their_requests() {
    let node = NodeLimit::default();
    let (mut state, mut owners) = (1_u64, 0);
    for milli in 0..60_000_u32 {
        // Xorshift, with a fixed seed.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let network = u32::try_from(state % 4_000).unwrap();
        asks(&node, i64::from(milli), Ipv4Addr::from(0x0b00_0000 + (network << 8)));
        if milli % 100 == 0 {
            owners += usize::from(asks(&node, i64::from(milli), Ipv4Addr::from(0xcb00_0000 + ((milli / 100) << 8))));
        }
    }
    assert_eq!(owners, 600);
}

#[test]
fn a_flood_from_1200_networks_that_ask_all_the_time_leaves_all_owners_their_requests() {
    let node = NodeLimit::default();
    let mut owners = 0;
    for tenth in 0..100_000_u32 {
        let milli = i64::from(tenth / 10);
        asks(&node, milli, Ipv4Addr::from(0x0b00_0000 + ((tenth % 1_200) << 8)));
        if tenth % 1_000 == 0 {
            owners += usize::from(asks(&node, milli, Ipv4Addr::from(0xcb00_0000 + ((tenth / 1_000) << 8))));
        }
    }
    assert_eq!(owners, 100);
}

#[test]
fn a_flood_from_all_of_a_48_leaves_all_owners_their_requests() {
    let prefix = 0x2001_0db8_0007_u128 << 80;
    assert_eq!(owners_in_a_flood(|nth| Ipv6Addr::from(prefix | u128::from(nth % 65_536) << 64).into()), 120);
}

#[test]
fn one_network_gets_its_part_of_what_all_share_and_no_more() {
    let node = NodeLimit::default();
    let admitted = (0..5_000_u32).filter(|nth| asks(&node, 0, Ipv4Addr::from(0x0b00_0000 + nth % 256))).count();
    assert_eq!(admitted, 3 + 375, "three as a new network, and an eighth of one half");
}

#[test]
fn a_quiet_node_takes_its_whole_limit_from_many_networks() {
    let node = NodeLimit::default();
    let admitted = (0..10_000_u32).filter(|nth| asks(&node, 0, Ipv4Addr::from(0x0b00_0000 + (nth << 8)))).count();
    assert_eq!(admitted, LIMIT as usize);
    assert!(asks(&node, 60_000, Ipv4Addr::new(203, 0, 113, 7)), "a minute later there is room again");
}

#[test]
fn a_full_node_has_room_again_in_a_moment_when_the_clock_is_set_back() {
    let node = NodeLimit::default();
    for nth in 0..10_000_u32 {
        asks(&node, 0, Ipv4Addr::from(0x0b00_0000 + (nth << 8)));
    }
    let owner = Ipv4Addr::new(203, 0, 113, 7);
    assert!(!asks(&node, 0, owner));
    let hour_ago = -3_600_000;
    assert!(asks(&node, hour_ago, owner), "one permit of each half");
    let admitted = (0..60_000).filter(|millis| asks(&node, hour_ago + millis, owner)).count();
    assert!(admitted > 300, "{admitted} of 375 in the first minute");
}

#[test]
fn who_passed_a_challenge_may_use_the_reserved_half() {
    let node = NodeLimit::default();
    let now = DateTime::from_timestamp_millis(1_800_000_000_000).expect("in range");
    while asks(&node, 0, Ipv4Addr::new(11, 0, 0, 1)) {}
    let busy = network(Ipv4Addr::new(11, 0, 0, 1));
    let wait = node.take(now, LIMIT, &busy, false).expect_err("its part is used up");
    assert_eq!(wait, MINUTE / 375);
    assert_eq!(node.take(now, LIMIT, &busy, true), Ok(Room::Reserved));
}

#[test]
fn the_memory_is_bounded() {
    let node = NodeLimit::default();
    let more = u32::try_from(MAX_NETWORKS).unwrap() + 1_000;
    for nth in 0..more {
        asks(&node, i64::from(nth) * 100, Ipv4Addr::from(nth << 8));
    }
    assert!(node.state.lock().unwrap().networks.len() <= MAX_NETWORKS);
}

/// So many networks, whose quotas are full at a time.
fn remembering(count: usize, full_at: Option<DateTime<Utc>>) -> NodeLimit {
    let node = NodeLimit::default();
    let seen = Seen { new: full_at, common: None };
    let networks = (0..u32::try_from(count).unwrap()).map(|nth| network(Ipv4Addr::from(0x0b00_0000 + (nth << 8))));
    node.state.lock().unwrap().networks.extend(networks.map(|network| (network, seen)));
    node
}

#[test]
fn when_there_is_no_room_for_another_network_those_that_asked_for_nothing_lately_are_forgotten_and_no_others() {
    let now = DateTime::from_timestamp_millis(1_800_000_000_000).expect("in range");
    let other = Ipv4Addr::new(203, 0, 113, 7);
    let remembered = |node: &NodeLimit| {
        asks(node, 0, other);
        let networks = &node.state.lock().unwrap().networks;
        (networks.len(), networks.contains_key(&network(other)))
    };
    let busy = Some(crate::time::later(now, MINUTE * 5));
    assert_eq!(remembered(&remembering(MAX_NETWORKS - 1, None)), (MAX_NETWORKS, true), "there is room");
    assert_eq!(remembered(&remembering(MAX_NETWORKS, None)), (1, true));
    assert_eq!(remembered(&remembering(MAX_NETWORKS, busy)), (MAX_NETWORKS, false));
    // The next search comes a minute later.
    let searched = remembering(MAX_NETWORKS, None);
    searched.state.lock().unwrap().sweep_at = Some(crate::time::later(now, MINUTE));
    assert_eq!(remembered(&searched), (MAX_NETWORKS, false));
}
