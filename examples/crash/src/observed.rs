//! What the observer got: every row of the trail, and each first in its order, whichever nodes died.

use std::collections::HashSet;
use std::collections::hash_map::{Entry, HashMap};
use std::fmt;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::database::Database;
use crate::journal::{OBSERVED, lines};

/// The server may be down.
const END_WITHIN: Duration = Duration::from_millis(200);

#[derive(Debug)]
pub struct Counts {
    rows: usize,
    again: usize,
    /// Rows that the server forgot when it crashed: their commits did not wait for the disk.
    forgotten: usize,
    processes: usize,
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rows, again, forgotten, processes } = self;
        writeln!(f, "    {rows} audit rows reached the observer from {processes} processes: none lost, all in order,")?;
        writeln!(f, "    {again} came again, {forgotten} were forgotten by a server that crashed")
    }
}

/// Ends the lease of the feed, as its minute would: else one process would hand over all that a short run writes. The process
/// that had it may live, and then two hand rows over.
pub async fn end_lease(resets: &str) {
    let ending = async {
        let database = Database::open(resets).await?;
        let text = match database {
            Database::Sqlite(_) => "update password_reset_feeds set leased_until = 0",
            Database::Postgres(_) => "update password_reset_feeds set leased_until = 'epoch'",
        };
        database.run(text).await
    };
    let _tried = tokio::time::timeout(END_WITHIN, ending).await;
}

/// Compares the journal of the observer with the trail.
pub async fn everything(folder: &Path, resets: &Database, kills: u32) -> Result<Counts> {
    let text = match resets {
        Database::Sqlite(_) => {
            "select cast(id as text), coalesce(lower(hex(reset_id)), '') || '/' || event from password_reset_audit order by id"
        }
        Database::Postgres(_) => {
            "select written_by::text || '-' || id, coalesce(replace(reset_id::text, '-', ''), '') || '/' || event
             from password_reset_audit order by written_by, id"
        }
    };
    let trail = resets.texts(text).await?;
    let (mut first, mut processes, mut again) = (HashMap::new(), HashSet::new(), 0);
    for (place, line) in lines(folder, OBSERVED)?.into_iter().enumerate() {
        let [cursor, what, process] = line.try_into().ok().context("three words")?;
        processes.insert(process);
        match first.entry(cursor) {
            Entry::Vacant(entry) => _ = entry.insert((place, what)),
            Entry::Occupied(_) => again += 1,
        }
    }
    let mut before = None;
    for row in &trail {
        let [cursor, what] = row.as_slice() else { anyhow::bail!("two columns") };
        let (place, observed) = first.get(cursor).with_context(|| format!("the row {cursor} never came"))?;
        ensure!(observed == what, "the row {cursor} came as {observed} and is {what}");
        ensure!(before < Some(*place), "the row {cursor} came before one that was written earlier");
        before = Some(*place);
    }
    let forgotten = first.len() - trail.len();
    ensure!(forgotten == 0 || matches!(resets, Database::Postgres(_)), "{forgotten} rows came that were not committed");
    let few = usize::try_from(kills.min(50) / 10)?;
    ensure!(processes.len() > few, "only {} processes handed rows over: the run shows nothing", processes.len());
    Ok(Counts { rows: trail.len(), again, forgotten, processes: processes.len() })
}
