//! How far observers are in the trail.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use password_reset::ports::{Feed, FeedLease};

/// The feeds by their names, each with the end of its lease.
#[derive(Clone, Default)]
pub(super) struct Feeds(BTreeMap<String, (Feed, DateTime<Utc>)>);

impl Feeds {
    pub(super) fn lease(&mut self, lease: &FeedLease) -> Option<Feed> {
        let Some((feed, until)) = self.0.get_mut(&lease.name) else {
            let feed = Feed::new(1, None);
            self.0.insert(lease.name.clone(), (feed.clone(), lease.until));
            return Some(feed);
        };
        if lease.held.is_some() && lease.held != Some(feed.lease) {
            return None;
        }
        match lease.held {
            Some(_) => feed.cursor = lease.cursor.clone().or(feed.cursor.take()),
            None if *until > lease.at && *until <= lease.furthest => return None,
            None => feed.lease = feed.lease.saturating_add(1),
        }
        *until = lease.until;
        Some(feed.clone())
    }
}
