//! No statement reads a whole table of the store: `explain query plan` of each text.

use crate::common::World;

#[path = "../../src/sql.rs"]
#[allow(dead_code, reason = "not every text has a plan worth reading")]
mod sql;

#[tokio::test]
async fn every_statement_uses_an_index() {
    let world = World::new().await;
    let mut texts = vec![
        sql::LOAD,
        sql::LOAD_INBOUND,
        sql::HAS_INBOUND_KEY,
        sql::OPEN,
        sql::TRANSITION,
        sql::BIND,
        sql::ACKNOWLEDGE,
        sql::EXISTS,
        sql::VERSIONS,
        sql::NOTE_SIBLINGS,
        sql::CLOSE_SIBLINGS,
        sql::COUNT_CODE,
        sql::COUNT_STEP_UP,
        sql::COUNT_COMPLETION,
        sql::LEASE,
        sql::LEASE_AHEAD,
        sql::HEALTH,
        sql::TAKE_LEASE,
        sql::FIRST_PERMIT,
        sql::QUOTA,
        sql::SET_QUOTA,
        sql::REFILL,
        sql::NEWEST,
        sql::NEWEST_OF_EACH_CONTACT,
        sql::FAILING,
        sql::PURGE_RESETS,
        sql::PURGE_AUDIT,
        sql::PURGE_NOISE,
        sql::PURGE_SENDERS,
        sql::PURGE_QUOTAS,
    ];
    texts.extend(sql::ERASE);
    texts.extend(sql::ERASE_NAMED);
    let connection = world.connect();
    let purges = [sql::PURGE_RESETS, sql::PURGE_AUDIT, sql::PURGE_NOISE, sql::PURGE_SENDERS, sql::PURGE_QUOTAS];
    for text in texts {
        let mut plan = connection.prepare(&format!("explain query plan {text}")).unwrap();
        // Its parameters are not bound, which is null.
        let mut rows = plan.raw_query();
        while let Some(row) = rows.next().unwrap() {
            let detail: String = row.get("detail").unwrap();
            let sorts = detail.contains("FOR ORDER BY");
            // A list of parameters is no table, nor is what a subquery found.
            let list = ["SCAN CONSTANT ROW", "SCAN (subquery-1)"].contains(&detail.as_str())
                || detail.starts_with("SCAN json_each ");
            let scans = detail.contains("SCAN") && !list;
            assert!(!scans && !sorts, "{detail}\n{text}");
            // The indexes for purging have all rows of a realm in them, one beside the other.
            assert!(!detail.contains("_purge") || purges.contains(&text), "{detail}\n{text}");
        }
    }
}
