//! What all requests of a node share: so much in all, and so much of it for one source.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use password_reset::Source;

/// An amount that all sources share.
#[derive(Debug)]
pub(crate) struct Shares {
    per_source: u32,
    max: u32,
    taken: Arc<Mutex<Taken>>,
}

#[derive(Debug, Default)]
struct Taken {
    by_source: HashMap<Source, u32>,
    total: u32,
}

/// A part of the amount; dropping it gives it back.
#[derive(Debug)]
pub(crate) struct Share {
    source: Source,
    amount: u32,
    taken: Arc<Mutex<Taken>>,
}

impl Shares {
    pub(crate) fn new(per_source: u32, max: u32) -> Self {
        Self { per_source, max, taken: Arc::default() }
    }

    /// Takes so much, if the source and the node have it left.
    pub(crate) fn take(&self, source: IpAddr, amount: u32) -> Option<Share> {
        let source = Source::from(source);
        let mut taken = lock(&self.taken);
        let of_source = taken.by_source.get(&source).copied().unwrap_or(0).checked_add(amount)?;
        let total = taken.total.checked_add(amount)?;
        if total > self.max || of_source > self.per_source {
            return None;
        }
        taken.total = total;
        taken.by_source.insert(source.clone(), of_source);
        Some(Share { source, amount, taken: Arc::clone(&self.taken) })
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut taken = lock(&self.taken);
        taken.total = taken.total.saturating_sub(self.amount);
        if let Some(of_source) = taken.by_source.get_mut(&self.source) {
            *of_source = of_source.saturating_sub(self.amount);
            if *of_source == 0 {
                taken.by_source.remove(&self.source);
            }
        }
    }
}

fn lock(taken: &Mutex<Taken>) -> MutexGuard<'_, Taken> {
    taken.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_limited_by_source_and_by_node() {
        let shares = Shares::new(2, 3);
        let [one, two, three]: [IpAddr; 3] =
            ["203.0.113.7", "203.0.113.8", "203.0.113.9"].map(|text| text.parse().unwrap());
        assert!(shares.take(one, 3).is_none(), "more than a source may have");
        let of_one = [shares.take(one, 1), shares.take(one, 1)];
        assert!(of_one.iter().all(Option::is_some));
        assert!(shares.take(one, 1).is_none(), "the source has two");
        let third = shares.take(two, 1);
        assert!(third.is_some());
        assert!(shares.take(three, 1).is_none(), "the node has three");
        assert!(shares.take(three, u32::MAX).is_none());
        drop(of_one);
        assert!(shares.take(one, 2).is_some());
        drop(third);
        assert!(lock(&shares.taken).by_source.is_empty(), "what is given back leaves nothing behind");
    }
}
