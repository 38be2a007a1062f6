//! The tables, what is past its time, and the cost of hashing.

use std::time::Duration;

use chrono::TimeDelta;
use password_reset::Realm;
use password_reset::hashing::Argon2Params;
use password_reset::ports::{Clock as _, Purge, SystemClock};
use password_reset_config::Settings;
use tokio::task::spawn_blocking;

use crate::failure::Failure;
use crate::output::Output;

/// How often a migration that goes on says so.
const PROGRESS_EVERY: Duration = Duration::from_secs(5);
/// How many rows of each kind are deleted at once; others write in between.
const AT_ONCE: u32 = 1_000;

pub(crate) async fn migrate(settings: &Settings, output: &Output) -> Result<(), Failure> {
    let database = settings.connect().await.map_err(Failure::of)?;
    output.progress("creating or updating the tables of resets, and checking them");
    let mut seconds: u64 = 0;
    let mut migrating = std::pin::pin!(database.migrate());
    loop {
        match tokio::time::timeout(PROGRESS_EVERY, &mut migrating).await {
            Ok(migrated) => {
                migrated.map_err(Failure::of)?;
                return output.done("The tables are there, and are of this version.");
            }
            Err(_still_at_it) => {
                seconds = seconds.saturating_add(PROGRESS_EVERY.as_secs());
                output.progress(&format!("still at it after {seconds} seconds"));
            }
        }
    }
}

pub(crate) async fn purge(settings: &Settings, yes: bool, output: &Output) -> Result<(), Failure> {
    let kept = settings.retention();
    let days = |span: Duration| span.as_secs().div_euclid(24 * 60 * 60);
    let what = format!(
        "This deletes resets that ended over {} days ago, and audit rows from over {} days ago ({} for noise)",
        days(kept.resets),
        days(kept.audit),
        days(kept.audit_noise),
    );
    output.confirm(&what, yes)?;
    let database = settings.connect().await.map_err(Failure::of)?;
    let realm = Realm::new(settings.site().realm());
    let store =
        database.store().in_realm(&realm.ok_or_else(|| Failure::unusable("site.realm: it is empty or too long"))?);
    let now = SystemClock.now();
    let before = |span: Duration| {
        let span = TimeDelta::from_std(span).unwrap_or(TimeDelta::MAX);
        now.checked_sub_signed(span).unwrap_or(chrono::DateTime::UNIX_EPOCH)
    };
    let mut purge = Purge::new(now, before(kept.resets), before(kept.audit), AT_ONCE);
    purge.noise_before = before(kept.audit_noise.min(kept.audit));
    let mut rows: u64 = 0;
    loop {
        let deleted = store.purge(&purge).await.map_err(Failure::of)?;
        rows = rows.saturating_add(deleted);
        if deleted < u64::from(AT_ONCE) {
            return output.done(&format!("{rows} rows are deleted."));
        }
        output.progress(&format!("{rows} rows are deleted so far"));
    }
}

pub(crate) async fn calibrate(target: Duration, max_memory_mib: u32, output: &Output) -> Result<(), Failure> {
    output.progress("hashing some twenty times; let nothing else run on this machine");
    let memory = max_memory_mib.saturating_mul(1024);
    let found = spawn_blocking(move || Argon2Params::calibrate(target, memory)).await.map_err(Failure::of)?;
    let found = found.map_err(Failure::unusable)?;
    if found.each_takes() > target {
        output.progress("this machine is too slow for that time; these are the weakest parameters that are safe");
    }
    let params = found.params();
    output.row(&[
        ("setting", Some(format!("[hash] memory_kib = {}, passes = {}", params.memory_kib(), params.passes()))),
        ("measured", Some(found.to_string())),
    ])
}
