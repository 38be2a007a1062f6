//! Accounts that are disabled.

use password_reset::ports::{Accounts as _, UserTable};
use password_reset::{AccountId, AccountStatus};
use password_reset_sqlite::SqliteAccounts;

use crate::common::World;

#[tokio::test]
async fn an_account_is_disabled_whatever_its_id_and_no_other_is() {
    let world = World::bare();
    let users = || UserTable::new("users");
    let both = users().with_disabled_column("disabled").with_active_column("active");
    for (id_type, rows, id) in [
        ("integer", "(7), (8)", "7"),
        ("text", "('ani'), ('7')", "ani"),
        ("blob", "(x'00ff07'), (x'00ff08')", "00ff07"),
        ("", "(x'00ff07'), ('00FF07')", "00ff07"),
    ] {
        world.run("drop table if exists users");
        world.run(&format!(
            "create table users (id {id_type} primary key, email text, password_hash text, disabled, active not null default 1);
             insert into users (id) values {rows}"
        ));
        let (id, other) = (AccountId::new(id), AccountId::new("00ff09"));
        for (table, written) in [(both.clone(), "disabled"), (users().with_active_column("active"), "not active")] {
            let accounts = SqliteAccounts::open(world.file(), table).unwrap();
            assert!(!accounts.disable(&other).await.unwrap(), "{id_type}");
            assert!(accounts.disable(&id).await.unwrap(), "{id_type}");
            assert_eq!(accounts.load(&id).await.unwrap().unwrap().status(), AccountStatus::Disabled);
            assert_eq!(world.number(&format!("select count(*) from users where {written}")), 1, "{id_type}");
            let written_otherwise = i64::from(written == "not active");
            assert_eq!(world.number("select count(*) from users where not active"), written_otherwise);
        }
        let refused = SqliteAccounts::open(world.file(), "users").unwrap().disable(&id).await.unwrap_err();
        assert!(!refused.is_transient() && refused.to_string().contains("with_disabled_column"), "{refused}");
    }
}
