//! The statements of the guide's chapter on Postgres make what its program needs.
#![allow(clippy::unwrap_used, reason = "test code")]

use password_reset::ports::UserTable;
use password_reset::{Identifier, PasswordReset, ResetRequest, Site};
use password_reset_postgres::{PostgresAccounts, PostgresClock, PostgresStore};
use password_reset_postgres_server::Server;
use password_reset_testkit::{RecordingNotifier, sample};
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool, Row};

/// The statements that the chapter has, a block each.
fn blocks() -> Vec<String> {
    let text = include_str!("../../guide/postgres.md");
    let blocks = text.split("```sql").skip(1).map(|rest| rest.split("```").next().unwrap().to_owned());
    blocks.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_database_leads_to_a_first_email() {
    let [users, rights, trail] = blocks().try_into().unwrap();
    let database = Server::shared().unwrap().database().await.unwrap();
    let mut owner = PgConnection::connect_with(&database.options()).await.unwrap();
    let role = format!("shop_{}", std::process::id());
    let mut run = async |sql: String| sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut owner).await.unwrap();

    run(users).await;
    let as_owner = PgPool::connect_with(database.options()).await.unwrap();
    let accounts =
        |db: &PgPool| PostgresAccounts::new(db, UserTable::new("users").with_email_confirmed_column("email_confirmed"));
    PostgresStore::new(&as_owner).writing(accounts(&as_owner)).migrate().await.unwrap();
    run(format!("create role {role}")).await;
    run(rights.replace(" to shop;", &format!(" to {role};"))).await;

    let db = PgPool::connect_with(database.options().options([("role", role.as_str())])).await.unwrap();
    let store = PostgresStore::new(&db).writing(accounts(&db));
    store.check().await.unwrap();
    let mail = RecordingNotifier::new();
    let site = Site::new("Toko Contoh", "https://toko.example/reset");
    let (reset, worker) = PasswordReset::builder(accounts(&db), store, sample::keys(), site)
        .notifier(mail.clone())
        .clock(PostgresClock::start(&db).await.unwrap())
        .build()
        .unwrap();
    let client: std::net::IpAddr = "203.0.113.7".parse().unwrap();
    reset.request(ResetRequest::email_link(Identifier::email("ani@toko.example").unwrap(), client)).await.unwrap();
    worker.run_once().await.unwrap();

    let sent = mail.last().unwrap();
    assert_eq!(sent.to.value(), "ani@toko.example");
    let events = sqlx::raw_sql(AssertSqlSafe(trail)).fetch_all(&as_owner).await.unwrap();
    let events: Vec<String> = events.iter().map(|row| row.get("event")).collect();
    assert_eq!(events, ["sent", "issued", "requested"]);

    // As that role, the password can be set, and nothing else of the user changed.
    let grant = reset.verify(password_reset::Proof::Link(
        password_reset::secret::LinkToken::parse(sent.link_secret().unwrap()).unwrap(),
    ));
    let new = password_reset::NewPassword::confirmed("quiet umbrella festival", "quiet umbrella festival");
    reset.set_password(grant.await.unwrap(), new).await.unwrap();
    assert!(sqlx::query("update users set email = ''").execute(&db).await.is_err());
    run(format!("drop owned by {role}; drop role {role}")).await;
}
