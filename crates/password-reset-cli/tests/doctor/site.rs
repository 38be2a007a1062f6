//! A whole site, with a fault planted somewhere, and what the doctor says of it.

use std::path::Path;
use std::process::Command;

use axum::Router;
use axum::extract::Path as AxumPath;
use axum::http::StatusCode;
use axum::routing::get;
use password_reset_axum::{Server, Web};
use password_reset_config::Settings;
use tokio::net::TcpListener;
use tokio::task::spawn_blocking;

use crate::mail_server;
use crate::proxy::{self, ProxyFault};

pub(crate) const KEYS: &str =
    "a:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=,counters:QEECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const SECRET: &str = "5f3c9a1b7e2d4860a1c3e5f708192a3b";
const OTHER_SECRET: &str = "0d9e8f7a6b5c4d3e2f1a0b9c8d7e6f50";

/// A gateway that writes the secret into what it posts.
const GATEWAY: &str = r#"
[headers]
Authorization = "Bearer {{key}}"
[text]
path = "/send"
[text.body]
to = "{{digits}}"
text = "{{text}}"
[receive]
sender = "data.from"
text = "data.text"
sent_at = { path = "data.time", format = "seconds" }
forwarded_if = ["data.forwarded"]
[receive.authentication]
kind = "body"
path = "auth.token"
"#;

/// Edits the text of settings, or of a mail.
type Edit = fn(String) -> String;

/// What differs from a site in order.
pub(crate) struct Planted {
    /// The application's settings.
    pub(crate) app: Edit,
    /// The doctor's.
    pub(crate) doctor: Edit,
    /// Each mail on its way.
    pub(crate) mail: Edit,
    pub(crate) proxy: ProxyFault,
    pub(crate) has_worker: bool,
    pub(crate) has_other_secret: bool,
    /// Whether the doctor reads mails from the API of Mailpit.
    pub(crate) has_mailpit: bool,
    /// Another mail server, for the doctor alone.
    pub(crate) smtp: Option<&'static str>,
    /// An index that is dropped.
    pub(crate) drops: Option<&'static str>,
}

impl Default for Planted {
    fn default() -> Self {
        let same = |text| text;
        let (proxy, drops) = (ProxyFault::None, None);
        Self {
            app: same,
            doctor: same,
            mail: same,
            proxy,
            has_worker: true,
            has_other_secret: false,
            has_mailpit: false,
            smtp: None,
            drops,
        }
    }
}

/// The exit code, and the names of the findings.
pub(crate) async fn doctor(planted: Planted) -> (Option<i32>, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let mails = folder.path().join("mails");
    std::fs::create_dir(&mails).unwrap();
    users(&folder.path().join("app.db"));
    std::fs::write(folder.path().join("gateway.toml"), GATEWAY).unwrap();
    let smtp = format!("smtp://{}", mail_server::start(&mails, planted.mail));
    let (public, own) =
        (TcpListener::bind("127.0.0.1:0").await.unwrap(), TcpListener::bind("127.0.0.1:0").await.unwrap());
    let port = public.local_addr().unwrap().port();
    let text = settings(folder.path(), port);

    let secret = if planted.has_other_secret { OTHER_SECRET } else { SECRET };
    let variables = environment(&smtp, secret);
    let of = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone());
    let app = Settings::read("app.toml", &(planted.app)(text.clone()), folder.path(), &of).unwrap();
    tokio::spawn(proxy::serve(public, own.local_addr().unwrap(), planted.proxy));
    start(&app, own, planted.has_worker).await;
    if let Some(index) = planted.drops {
        let connection = rusqlite::Connection::open(folder.path().join("app.db")).unwrap();
        connection.execute_batch(&format!("drop index {index}")).unwrap();
    }

    let mut text = (planted.doctor)(text);
    if planted.has_mailpit {
        let folder = mails.clone();
        let mailpit = mailpit(move || in_folder(&folder)).await;
        text = text.replace(&format!("mail_folder = \"{}\"", mails.display()), &format!("mailpit_url = \"{mailpit}\""));
        assert!(text.contains("mailpit_url"), "{text}");
    }
    let smtp = planted.smtp.map_or(smtp, str::to_owned);
    examine(folder.path(), &text, environment(&smtp, SECRET)).await
}

/// Runs the command with these settings and variables; the exit code, and the names of the findings.
pub(crate) async fn examine(
    folder: &Path,
    settings: &str,
    variables: Vec<(&'static str, String)>,
) -> (Option<i32>, Vec<String>) {
    let file = folder.join("doctor.toml");
    std::fs::write(&file, settings).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_password-reset"));
    command.args(["--json", "--config"]).arg(file).arg("doctor").env_clear().envs(variables.clone());
    let output = spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let (said, complained) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    let secrets = variables.iter().filter(|(name, _)| name.starts_with("PASSWORD_RESET_"));
    for secret in secrets.flat_map(|(_, value)| value.split([':', ','])).filter(|part| part.len() > 20) {
        assert!(!said.contains(secret) && !complained.contains(secret), "{said}{complained}");
    }
    println!("{said}{complained}");
    let rows = said.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let names = rows.filter_map(|row| {
        let name = row["finding"].as_str()?.to_owned();
        assert!(row["what"].as_str().is_some_and(|what| !what.is_empty()) && row["change"].is_string(), "{row}");
        Some(name)
    });
    (output.status.code(), names.collect())
}

fn environment(smtp: &str, secret: &str) -> Vec<(&'static str, String)> {
    vec![
        ("PASSWORD_RESET_KEYS", KEYS.to_owned()),
        ("SMTP_URL", smtp.to_owned()),
        ("PASSWORD_RESET_WHATSAPP_APP_SECRET", secret.to_owned()),
        ("PASSWORD_RESET_WHATSAPP_VERIFY_TOKEN", "3b8d1f6a9c2e47508192a3b4c5d6e7f8".to_owned()),
        ("PASSWORD_RESET_WHATSAPP_ACCESS_TOKEN", "c7e1a5093f8b4d62a7c8d9e0f1a2b3c4".to_owned()),
        // Of a number at a gateway.
        ("PASSWORD_RESET_WHATSAPP_GATEWAY_KEY", "c7e1a5093f8b4d62a7c8d9e0f1a2b3c4".to_owned()),
        ("PASSWORD_RESET_WHATSAPP_WEBHOOK_SECRET", secret.to_owned()),
    ]
}

fn settings(folder: &Path, port: u16) -> String {
    let (database, mails) = (folder.join("app.db"), folder.join("mails"));
    let (database, mails) = (database.display(), mails.display());
    format!(
        r#"
[site]
name = "Toko Contoh"
url = "http://127.0.0.1:{port}/reset"
realm = "toko"

[database]
url = "sqlite:{database}"

[mail]
from = "no-reply@toko.example"

[pages]
trusted_proxies = ["127.0.0.2"]

[lifetimes]
link = "30m"

[whatsapp]
number = "+6281200000000"
phone_number_id = "106540352242922"
business_account_id = "102290129340398"

[canary]
email = "canary@toko.example"
mail_folder = "{mails}"
wait = "5s"
authserv_id = "mx.toko.example"
"#
    )
}

/// Mails by their names.
type Mails = Vec<(String, Vec<u8>)>;

fn in_folder(folder: &Path) -> Mails {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.map(|file| (file.file_stem().unwrap().to_str().unwrap().to_owned(), std::fs::read(file).unwrap())).collect()
}

/// Stands in for the API of Mailpit; its address.
pub(crate) async fn mailpit(mails: impl Fn() -> Mails + Clone + Send + Sync + 'static) -> String {
    let of_list = mails.clone();
    let list = move || {
        let messages: Vec<_> = of_list().into_iter().map(|(name, _)| serde_json::json!({ "ID": name })).collect();
        std::future::ready(serde_json::json!({ "total": messages.len(), "messages": messages }).to_string())
    };
    let raw = move |AxumPath(id): AxumPath<String>| {
        let found = mails().into_iter().find(|(name, _)| *name == id);
        std::future::ready(found.map(|(_, mail)| mail).ok_or(StatusCode::NOT_FOUND))
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let app = Router::new().route("/api/v1/messages", get(list)).route("/api/v1/message/{id}/raw", get(raw));
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    url
}

fn users(file: &Path) {
    let connection = rusqlite::Connection::open(file).unwrap();
    let table = "create table users (id integer primary key, email text, password_hash text);
                 create index users_email on users (lower(email));
                 insert into users values (7, 'canary@toko.example', null);";
    connection.execute_batch(table).unwrap();
}

/// Starts the application as any would from its settings.
async fn start(settings: &Settings, listener: TcpListener, has_worker: bool) {
    let database = settings.connect().await.unwrap();
    database.migrate().await.unwrap();
    let (reset, worker) = settings.builder(&database).unwrap().build().unwrap();
    if has_worker {
        tokio::spawn(worker.run());
    }
    let whatsapp = settings.whatsapp().unwrap();
    let webhook = whatsapp.webhook(&reset).unwrap();
    let first = webhook.clone();
    let pages: Web = settings.web(&reset).unwrap();
    let pages = pages.webhook(
        whatsapp.webhook_path.as_str(),
        move |head| first.refuse(head),
        move |request| {
            let webhook = webhook.clone();
            async move { webhook.handle(request).await }
        },
    );
    let links = settings.app_links().unwrap();
    let links = links.map(|links| password_reset_axum::app_links(&links)).unwrap_or_default();
    let app = Router::new().merge(pages.build().unwrap()).merge(links);
    tokio::spawn(Server::new(app).serve(listener, std::future::pending()));
}
