//! No statement reads a whole table of the store: `explain query plan` of each text.

use sqlx::Row;

use crate::common::World;

#[path = "../../src/sql.rs"]
#[allow(dead_code, reason = "not every text has a plan worth reading")]
mod sql;

#[tokio::test]
async fn every_statement_uses_an_index() {
    let world = World::new().await;
    let mut texts = vec![
        sql::LOAD,
        sql::EXISTS,
        sql::NOTE_SIBLINGS,
        sql::CLOSE_SIBLINGS,
        sql::COUNT_CODE,
        sql::COUNT_COMPLETION,
        sql::COUNT_RUN,
        sql::CLEAR_RUN,
        sql::LEASE,
        sql::FIRST_TOKEN,
        sql::BUCKET,
        sql::SET_BUCKET,
        sql::HISTORY,
        sql::OUTCOMES,
        sql::PURGE_RESETS,
        sql::PURGE_AUDIT,
        sql::PURGE_RUNS,
        sql::PURGE_SENDERS,
        sql::PURGE_SOURCES,
        sql::PURGE_BUCKETS,
    ];
    texts.extend(sql::ERASE);
    let notes = [sql::OPEN, sql::OPEN_COUNTED, sql::ADVANCE, sql::BIND, sql::SETTLE].map(|change| change.noting);
    texts.extend(notes.iter().flat_map(|text| text.split(';')));
    for text in texts {
        let plan = format!("explain query plan {text}");
        for row in sqlx::query(sqlx::AssertSqlSafe(plan)).fetch_all(&world.pool).await.unwrap() {
            let detail: String = row.get("detail");
            let sorts = detail.contains("FOR ORDER BY");
            let scans = detail.contains("SCAN") && detail != "SCAN CONSTANT ROW";
            assert!(!scans && !sorts, "{detail}\n{text}");
        }
    }
}

/// How often statements are planned cannot be seen from here; that no limit is one that SQLite looks at can.
#[test]
fn no_statement_is_planned_anew_for_its_limit() {
    for text in include_str!("../../src/sql.rs").split("limit $").skip(1) {
        let (_, rest) = text.split_once(' ').unwrap();
        assert!(rest.starts_with("+ 0"), "limit ${}", &text[..20]);
    }
}
