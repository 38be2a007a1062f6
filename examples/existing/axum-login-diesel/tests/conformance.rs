//! The promises of `Accounts`, kept by the table on Diesel.
#![allow(clippy::unwrap_used, reason = "test code")]

use std::sync::Arc;

use axum_login_diesel::Users;
use diesel_async::AsyncPgConnection;
use diesel_async::pooled_connection::AsyncDieselConnectionManager;
use diesel_async::pooled_connection::bb8::Pool;
use password_reset::ports::Accounts;
use password_reset::{AccountId, CallingCode, async_trait};
use password_reset_testkit::suites::{AccountSpec, AccountsFixture};
use visitor::Table;

struct Fixture {
    pool: Pool<AsyncPgConnection>,
    table: Table,
}

async fn fresh() -> Fixture {
    let table = Table::empty().await.unwrap();
    let manager = AsyncDieselConnectionManager::<AsyncPgConnection>::new(table.url());
    Fixture { pool: Pool::builder().max_size(4).build(manager).await.unwrap(), table }
}

#[async_trait]
impl AccountsFixture for Fixture {
    fn accounts_at(&self, home: Option<CallingCode>) -> Arc<dyn Accounts> {
        Arc::new(Users::new(self.pool.clone(), home))
    }

    async fn create(&self, spec: AccountSpec) -> AccountId {
        self.table.create(&spec).await.unwrap()
    }
}

password_reset_testkit::accounts_conformance!(fresh);
