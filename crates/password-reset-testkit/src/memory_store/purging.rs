//! How much a purge takes out of a table.

use std::collections::BTreeMap;

/// Removes up to `limit` entries that may go, and says how many.
pub(super) fn taken_out<K: Ord + Copy, V>(map: &mut BTreeMap<K, V>, limit: u32, may_go: impl Fn(&V) -> bool) -> u64 {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let keys: Vec<K> = map.iter().filter(|(_, value)| may_go(value)).map(|(key, _)| *key).take(limit).collect();
    for key in &keys {
        map.remove(key);
    }
    u64::try_from(keys.len()).unwrap_or(u64::MAX)
}
