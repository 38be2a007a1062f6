//! The promises of `Accounts`, kept by the table on SeaORM.
#![allow(clippy::unwrap_used, reason = "test code")]

use std::sync::Arc;

use actix_sea_orm::Users;
use password_reset::ports::Accounts;
use password_reset::{AccountId, CallingCode, async_trait};
use password_reset_testkit::suites::{AccountSpec, AccountsFixture};
use sea_orm::SqlxPostgresConnector;
use visitor::Table;

struct Fixture(Table);

async fn fresh() -> Fixture {
    Fixture(Table::empty().await.unwrap())
}

#[async_trait]
impl AccountsFixture for Fixture {
    fn accounts_at(&self, home: Option<CallingCode>) -> Arc<dyn Accounts> {
        Arc::new(Users::new(SqlxPostgresConnector::from_sqlx_postgres_pool(self.0.pool.clone()), home))
    }

    async fn create(&self, spec: AccountSpec) -> AccountId {
        self.0.create(&spec).await.unwrap()
    }
}

password_reset_testkit::accounts_conformance!(fresh);
