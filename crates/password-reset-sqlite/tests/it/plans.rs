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
        sql::ADVANCE,
        sql::NOTE_SIBLINGS,
        sql::CLOSE_SIBLINGS,
        sql::COUNT_CODE,
        sql::COUNT_COMPLETION,
        sql::COUNT_RUN,
        sql::CLEAR_RUN,
        sql::COUNT_SOURCE,
        sql::LEASE,
        sql::SETTLE,
        sql::BUCKET,
        sql::SET_BUCKET,
        sql::HISTORY,
        sql::OUTCOMES,
        sql::PURGE_RESETS,
        sql::PURGE_AUDIT,
        sql::PURGE_RUNS,
        sql::PURGE_SOURCES,
        sql::PURGE_BUCKETS,
    ];
    texts.extend(sql::ERASE);
    for text in texts {
        let plan = format!("explain query plan {text}");
        for row in sqlx::query(sqlx::AssertSqlSafe(plan)).fetch_all(&world.pool).await.unwrap() {
            let detail: String = row.get("detail");
            let sorts = detail.contains("FOR ORDER BY");
            assert!(!detail.contains("SCAN") && !sorts, "{detail}\n{text}");
        }
    }
}
