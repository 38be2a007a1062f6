//! What the command says, asks and does, on a SQLite database.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "test code")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Output, Stdio};

use rusqlite::Connection;
use tempfile::TempDir;

const FILE: &str = r#"
keys_file = "keys"

[site]
name = "Toko Contoh"
url = "https://toko.example/reset"

[accounts]
disabled_column = "disabled"
sessions_table = "sessions"
sessions_account_column = "user_id"
"#;

/// An application's database, and the settings beside it.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        let ring = place.run(&["keys", "new"]);
        fs::write(place.0.path().join("keys"), said(&ring)).unwrap();
        fs::set_permissions(place.0.path().join("keys"), fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(place.0.path().join("password-reset.toml"), FILE).unwrap();
        let table = "create table users (id integer primary key, email text, password_hash text, disabled integer not null default 0);
                     create index users_email on users (lower(email));
                     create table sessions (user_id integer); create index sessions_user on sessions (user_id);
                     insert into users values (7, 'ani@toko.example', 'x', 0); insert into sessions values (7), (8);";
        place.database().execute_batch(table).unwrap();
        assert_eq!(code(&place.run(&["migrate"])), 0);
        place
    }

    fn database(&self) -> Connection {
        Connection::open(self.0.path().join("app.db")).unwrap()
    }

    fn count(&self, of: &str) -> i64 {
        self.database().query_row(&format!("select count(*) from {of}"), [], |row| row.get(0)).unwrap()
    }

    fn ring(&self) -> String {
        fs::read_to_string(self.0.path().join("keys")).unwrap().trim().to_owned()
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_password-reset"));
        command.args(arguments).current_dir(self.0.path()).env_clear().env("DATABASE_URL", "sqlite:app.db");
        command.stdin(Stdio::null()).output().unwrap()
    }
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn complained(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().expect("killed by no signal")
}

#[test]
fn settings_that_cannot_be_used_are_named_and_exit_with_2() {
    let place = Place::new();
    fs::write(place.0.path().join("password-reset.toml"), FILE.replace("name =", "nam =")).unwrap();
    let output = place.run(&["history", "7"]);
    assert_eq!((code(&output), said(&output)), (2, String::new()));
    let complained = complained(&output);
    assert!(complained.contains("site.name: it is missing: write name = "), "{complained}");
    assert!(complained.contains("site.nam: there is no such setting"), "{complained}");
    assert_eq!(code(&place.run(&["no-such-verb"])), 2);
    let gone = place.run(&["--config", "gone.toml", "history", "7"]);
    assert!(code(&gone) == 2 && self::complained(&gone).contains("gone.toml: it cannot be read"));
}

/// Other programs read `DATABASE_URL` too, and look from where they run.
#[test]
fn paths_are_beside_the_settings_but_for_that_of_the_variable() {
    let place = Place::new();
    let folder = place.0.path().join("etc");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("password-reset.toml"), FILE.replace("\"keys\"", "\"../keys\"")).unwrap();
    let output = place.run(&["--config", "etc/password-reset.toml", "migrate"]);
    assert_eq!(code(&output), 0, "{}", complained(&output));
    assert!(!folder.join("app.db").exists());
}

/// A link that an operator sends stands in the trail, and is seen, exported and erased.
#[test]
fn an_operator_sends_a_link_and_sees_exports_and_erases_what_is_kept() {
    let place = Place::new();
    let sent = place.run(&["send-link", "ani@toko.example", "--actor", "operator:dewi", "--reason", "ticket 81"]);
    assert_eq!(code(&sent), 0, "{}", complained(&sent));
    let rows = said(&place.run(&["--json", "history", "7"]));
    let rows: Vec<serde_json::Value> = rows.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&rows[0]["event"], &rows[1]["event"]), (&"issued".into(), &"requested".into()));
    assert_eq!((&rows[1]["actor"], &rows[1]["detail"]), (&"operator:dewi".into(), &"ticket 81".into()));
    assert!(said(&place.run(&["history", "ani@toko.example"])).contains("  admin_link  "));
    assert_eq!(code(&place.run(&["deliveries", "7"])), 0);
    let export: serde_json::Value = serde_json::from_str(&said(&place.run(&["export", "7"]))).unwrap();
    assert_eq!((export["resets"].as_array().unwrap().len(), export["audit"].as_array().unwrap().len()), (1, 2));
    let refused = place.run(&["erase", "7"]);
    assert_eq!((code(&refused), place.count("password_reset_resets")), (2, 1), "{}", complained(&refused));
    let names = "This deletes all resets, audit rows and counters of the account 7. Add --yes";
    assert!(complained(&refused).contains(names), "{}", complained(&refused));
    assert_eq!(code(&place.run(&["erase", "7", "--yes"])), 0);
    assert_eq!((place.count("password_reset_resets"), place.count("password_reset_audit")), (0, 0));
    let nobody = place.run(&["deliveries", "nobody@toko.example"]);
    assert!(code(&nobody) == 1 && complained(&nobody).contains("there is no account with this address"));
}

#[test]
fn locking_disables_the_account_and_ends_its_sessions_alone() {
    let place = Place::new();
    assert_eq!((code(&place.run(&["lock", "7"])), place.count("users where disabled")), (2, 0));
    assert_eq!(code(&place.run(&["lock", "7", "--yes"])), 0);
    assert_eq!((place.count("users where disabled"), place.count("sessions")), (1, 1));
    let sent = place.run(&["send-link", "7", "--actor", "operator:dewi", "--reason", "ticket 82"]);
    assert!(code(&sent) == 1 && complained(&sent).contains("account is disabled"), "{}", complained(&sent));
    let text = FILE.replace("disabled_column = \"disabled\"\n", "");
    fs::write(place.0.path().join("password-reset.toml"), text).unwrap();
    let unnamed = place.run(&["lock", "7", "--yes"]);
    assert!(code(&unnamed) == 2 && complained(&unnamed).contains("accounts.disabled_column"));
}

#[test]
fn locking_finds_accounts_by_binary_ids() {
    let place = Place::new();
    let table = "drop table users; create table users (id blob primary key, email text, password_hash text, disabled integer);
                 create index users_email on users (lower(email));
                 insert into users values (x'00ff07', 'ani@toko.example', 'x', null), (x'00ff08', 'budi@toko.example', 'x', null);";
    place.database().execute_batch(table).unwrap();
    let output = place.run(&["lock", "ani@toko.example", "--yes"]);
    assert_eq!(code(&output), 0, "{}", complained(&output));
    assert_eq!((place.count("users where disabled and id = x'00ff07'"), place.count("users where disabled")), (1, 1));
    let unknown = place.run(&["lock", "00ff09", "--yes"]);
    assert!(code(&unknown) == 1 && complained(&unknown).contains("there is no account with this id"));
}

/// In three steps, in the file; no key is printed, and none that a live reset needs is removed.
#[test]
fn keys_rotate_in_the_file() {
    let place = Place::new();
    let first = place.ring();
    assert!(said(&place.run(&["keys", "rotate"])).contains("keys rotate --add NAME"));
    let mut printed = String::new();
    let mut step = |arguments: &[&str]| {
        let output = place.run(arguments);
        printed = format!("{printed}{}{}", said(&output), complained(&output));
        code(&output)
    };
    assert_eq!(step(&["keys", "rotate", "--add", "b"]), 0);
    assert!(place.ring().starts_with(&first) && place.ring().contains(",b:"));
    assert_eq!(step(&["keys", "rotate", "--add", "b"]), 2, "twice the same name");
    assert_eq!(step(&["send-link", "7", "--actor", "operator:dewi", "--reason", "ticket"]), 0);
    assert_eq!(step(&["keys", "rotate", "--retire", "a"]), 2, "it issues");
    assert_eq!(step(&["keys", "rotate", "--issue", "b"]), 0);
    assert!(place.ring().starts_with("b:"));
    assert_eq!(step(&["keys", "rotate", "--retire", "a"]), 1, "a live reset needs it");
    assert_eq!(step(&["keys", "check"]), 0);
    place.database().execute_batch("update password_reset_resets set expires_at = issued_at + 1").unwrap();
    assert_eq!(step(&["keys", "rotate", "--retire", "a"]), 0);
    assert!(!place.ring().contains("a:") && place.ring().contains("counters:"));
    assert_eq!(step(&["keys", "rotate", "--issue", "z"]), 2);
    for key in first.split(',').chain(place.ring().split(',')) {
        assert!(!printed.contains(key.split_once(':').unwrap().1), "{printed}");
    }
    assert_eq!(fs::metadata(place.0.path().join("keys")).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn the_first_key_that_does_not_count_issues() {
    let place = Place::new();
    for step in [["--add", "b"], ["--add", "counters-2"], ["--issue", "counters-2"]] {
        assert_eq!(code(&place.run(&[&["keys", "rotate"], &step[..]].concat())), 0);
    }
    assert_eq!(said(&place.run(&["keys", "check"])), "counters-2  counts\na  issues\ncounters  counts\nb  verifies\n");
}

/// Where the database is away nothing is done, and what is said before anything is done needs none.
#[test]
fn a_rotation_without_its_database_leaves_the_file_as_it_is() {
    let place = Place::new();
    fs::remove_file(place.0.path().join("app.db")).unwrap();
    fs::create_dir(place.0.path().join("app.db")).unwrap();
    assert!(said(&place.run(&["keys", "rotate"])).contains("keys rotate --add NAME"));
    assert_eq!(code(&place.run(&["keys", "rotate", "--add", "b"])), 0);
    let ring = place.ring();
    let output = place.run(&["keys", "rotate", "--issue", "b"]);
    assert_eq!((code(&output), place.ring()), (1, ring), "{}", complained(&output));
}

#[test]
fn a_key_that_live_resets_need_is_missed() {
    let place = Place::new();
    assert_eq!(code(&place.run(&["send-link", "7", "--actor", "operator:dewi", "--reason", "ticket"])), 0);
    let counters = place.ring().split(',').find(|key| key.starts_with("counters:")).unwrap().to_owned();
    let key = said(&place.run(&["keys", "new", "--only", "--name", "c"]));
    fs::write(place.0.path().join("keys"), format!("{},{counters}", key.trim())).unwrap();
    let output = place.run(&["keys", "check"]);
    assert!(code(&output) == 1 && complained(&output).contains("put back a"), "{}", complained(&output));
}

#[test]
fn a_purge_names_what_it_deletes_and_deletes_what_is_past_its_time() {
    let place = Place::new();
    assert_eq!(code(&place.run(&["send-link", "7", "--actor", "operator:dewi", "--reason", "ticket"])), 0);
    place.database().execute_batch("update password_reset_resets set tasks = 0, due_at = null, expires_at = issued_at + 1, created_at = 1, issued_at = 1, shown_until = 2, link_until = 2, code_until = 2, expires_at = 2").unwrap();
    let refused = place.run(&["purge"]);
    assert!(code(&refused) == 2 && complained(&refused).contains("resets that ended over 1 days ago"));
    assert_eq!(code(&place.run(&["purge", "--yes"])), 0);
    assert_eq!((place.count("password_reset_resets"), place.count("password_reset_audit")), (0, 2));
}

#[test]
fn the_cost_of_hashing_is_measured_as_lines_for_the_settings() {
    let place = Place::new();
    let output = place.run(&["calibrate", "--target", "1ms", "--max-memory-mib", "19"]);
    assert_eq!(code(&output), 0);
    assert!(said(&output).starts_with("[hash] memory_kib = 19456, passes = 2"), "{}", said(&output));
    assert!(complained(&output).contains("too slow for that time"));
}

#[test]
fn what_is_missing_is_named_with_its_setting_and_an_index_is_a_warning() {
    let place = Place::new();
    place.database().execute_batch("drop index users_email").unwrap();
    let output = place.run(&["migrate"]);
    assert!(code(&output) == 0 && complained(&output).contains("run `create index"), "{}", complained(&output));
    for (change, named) in [
        (
            "alter table users rename column email to mail",
            "no column email: add it, or name another with accounts.…_column",
        ),
        (
            "alter table users rename to people",
            "table \"users\" not found: create it, or name another in accounts.table",
        ),
    ] {
        place.database().execute_batch(change).unwrap();
        let output = place.run(&["migrate"]);
        assert!(code(&output) == 1 && complained(&output).contains(named), "{}", complained(&output));
    }
}
