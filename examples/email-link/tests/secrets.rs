//! Neither the stored files nor the log hold a usable secret (I6).

#[allow(dead_code, reason = "the example uses all of it")]
#[path = "../src/mailbox.rs"]
mod mailbox;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use password_reset::hashing::{Argon2Hasher, HashPoolConfig};
use password_reset::secret::{Code, LinkToken, RequesterToken};
use password_reset::{
    HashPool, Identifier, Key, KeyRing, Locale, NewPassword, Password, PasswordReset, Proof, ResetRequest, Site,
};
use password_reset_smtp::SmtpNotifier;
use password_reset_sqlite::SqliteStore;
use password_reset_testkit::Log;
use rusqlite::Connection;

const EMAIL: &str = "ani.secret-address@toko.example";
const OLD: &str = "an old and long password";
const NEW: &str = "quiet umbrella festival 92";
const NEWER: &str = "seven purple kettles sing";

/// The forms in which a secret could be stored: its text and, of a key or a token, its bytes without the id.
fn forms(secret: &str) -> Vec<Vec<u8>> {
    let mut forms = vec![secret.as_bytes().to_vec()];
    if let Ok(bytes) = URL_SAFE_NO_PAD.decode(secret)
        && bytes.len() >= 32
    {
        let mac = bytes[bytes.len() - 32..].to_vec();
        forms.push(mac.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into_bytes());
        forms.push(URL_SAFE_NO_PAD.encode(&mac).into_bytes());
        forms.push(mac);
    }
    forms
}

fn holds(text: &[u8], secret: &str) -> bool {
    forms(secret).iter().any(|form| text.windows(form.len()).any(|window| window == form))
}

/// The files of the database, as a thief would copy them.
fn stolen(folder: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        bytes.extend(std::fs::read(file.unwrap().path()).unwrap());
    }
    assert!(bytes.len() > 10_000, "there is a database");
    bytes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn neither_the_file_nor_the_log_holds_a_secret() {
    let log = Log::default();
    tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(log.clone()).with_ansi(false).init();
    let folder = tempfile::tempdir().unwrap();
    let mut mailbox = mailbox::Mailbox::start().unwrap();
    let file = folder.path().join("app.db");
    let db = Connection::open(&file).unwrap();
    db.execute_batch("create table users (id integer primary key, email text, password_hash text)").unwrap();
    let hasher = Arc::new(Argon2Hasher::default());
    let pool = HashPool::new(hasher, HashPoolConfig::default().threads(1)).unwrap();
    let old_hash = pool.hash(&Password::new(OLD)).await.unwrap();
    db.execute("insert into users values (7, ?1, ?2)", (EMAIL, old_hash.as_str())).unwrap();
    let keys: [[u8; 32]; 2] = [rand::random(), rand::random()];
    let ring = KeyRing::new(Key::new("k1", &keys[0]).unwrap(), Key::new("counters", &keys[1]).unwrap());
    let store = SqliteStore::open(&file).unwrap();
    let accounts = store.accounts("users");
    let store = store.writing(accounts.clone());
    store.migrate().await.unwrap();
    let url = format!("smtp://{}", mailbox.address());
    let notifier = SmtpNotifier::new(&url, "no-reply@toko.example").unwrap();
    let site = Site::new("Toko Contoh", "https://toko.example/reset");
    let (reset, worker) =
        PasswordReset::builder(accounts, store, ring, site).notifier(notifier).hash_pool(pool).build().unwrap();

    let mut secrets: BTreeMap<&str, String> = BTreeMap::new();
    let mut keep = |what, secret: &str| assert_eq!(secrets.insert(what, secret.to_owned()), None, "{what} stands once");
    let source: std::net::IpAddr = [203, 0, 113, 7].into();
    let ask = async || {
        let request = ResetRequest::email_link(Identifier::email(EMAIL).unwrap(), source).locale(Locale::INDONESIAN);
        let asked = reset.request(request).await.unwrap();
        worker.run_once().await.unwrap();
        asked.requester_token
    };
    // By link, with a wrong code, a rejected password and a used link in between.
    let requester_token = ask().await;
    let mail = mailbox.wait(|mail| mail.code().is_some()).await.unwrap();
    let (link, code) = (mail.link_secret().unwrap(), mail.code().unwrap());
    keep("requester_token", requester_token.expose());
    keep("link", &link);
    keep("code", &code);
    let live = stolen(folder.path());
    let wrong = Proof::Code { requester_token, code: Code::parse("00000000").unwrap() };
    reset.verify(wrong).await.unwrap_err();
    let prove = async || reset.verify(Proof::Link(LinkToken::parse(&link).unwrap())).await;
    let refused = reset.set_password(prove().await.unwrap(), NewPassword::confirmed("short", "other")).await;
    let grant = refused.unwrap_err().into_grant().unwrap();
    keep("grant", prove().await.unwrap().into_token().expose());
    reset.set_password(grant, NewPassword::confirmed(NEW, NEW)).await.unwrap();
    worker.run_once().await.unwrap();
    prove().await.unwrap_err();
    // By code.
    let requester_token = ask().await;
    let mail = mailbox.wait(|mail| mail.code().is_some()).await.unwrap();
    keep("second link", &mail.link_secret().unwrap());
    keep("second code", &mail.code().unwrap());
    let again = RequesterToken::parse(requester_token.expose()).unwrap();
    let proof = Proof::Code { requester_token: again, code: Code::parse(&mail.code().unwrap()).unwrap() };
    let grant = reset.verify(proof).await.unwrap();
    reset.set_password(grant, NewPassword::confirmed(NEWER, NEWER)).await.unwrap();
    worker.run_once().await.unwrap();
    for (what, key) in [("the issuing key", keys[0]), ("the counters key", keys[1])] {
        keep(what, &URL_SAFE_NO_PAD.encode(key));
    }
    for (what, password) in [("old password", OLD), ("new password", NEW), ("newer password", NEWER)] {
        keep(what, password);
    }
    let over = stolen(folder.path());
    for (what, secret) in &secrets {
        assert!(!holds(&live, secret), "the file of a live reset holds: {what}");
        assert!(!holds(&over, secret), "the file holds: {what}");
    }

    let logged = log.text();
    // The test's own mail server logs the emails that it receives; that is not a log of this project.
    let logged: Vec<u8> = logged
        .lines()
        .filter(|line| !line.contains(" mailin"))
        .flat_map(|line| format!("{line}\n").into_bytes())
        .collect();
    assert!(logged.len() > 1_000, "the log was written: {} bytes", logged.len());
    let hash: String = db.query_row("select password_hash from users", [], |row| row.get(0)).unwrap();
    for (what, secret) in secrets.iter().map(|(what, secret)| (*what, secret.as_str())).chain([
        ("the address", EMAIL),
        ("the old hash", old_hash.as_str()),
        ("the new hash", hash.as_str()),
    ]) {
        assert!(!holds(&logged, secret), "the log holds: {what}");
    }
}

#[test]
fn the_search_finds_what_is_there() {
    let secret = URL_SAFE_NO_PAD.encode([7_u8; 48]);
    assert!(holds(format!("x{secret}y").as_bytes(), &secret));
    assert!(holds(&[[1_u8; 8].as_slice(), &[7; 32]].concat(), &secret));
    assert!(holds("07".repeat(32).as_bytes(), &secret));
    assert!(!holds(&[7; 31], &secret));
    let key = URL_SAFE_NO_PAD.encode([7_u8; 32]);
    assert!(holds(&[7; 32], &key) && holds("07".repeat(32).as_bytes(), &key));
}
