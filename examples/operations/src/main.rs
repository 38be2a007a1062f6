//! What an operator sees: metrics for Prometheus, and a probe.
//!
//! `cargo run -p operations` lets people reset their passwords, and prints what Prometheus would scrape. `cargo run -p operations
//! serve` goes on and serves both at `http://127.0.0.1:9464`. Beside it stand `dashboard.json` for Grafana, and `alerts.yml`.

use std::net::IpAddr;

use anyhow::{Context, Result, ensure};
use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::routing::get;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use password_reset::secret::LinkToken;
use password_reset::{
    Account, AccountStatus, Contact, Identifier, Key, KeyRing, NewPassword, PasswordReset, Proof, ResetRequest, Site,
    Worker,
};
use password_reset_testkit::{MemoryAccounts, MemoryStore, RecordingNotifier};
use tokio::sync::oneshot;
use tower::ServiceExt;

/// Seconds: from a statement on a fast disk to a queue that is too long.
const BUCKETS: [f64; 9] = [0.0005, 0.002, 0.005, 0.02, 0.05, 0.2, 0.5, 2.0, 5.0];
const PEOPLE: [&str; 5] = ["ani", "budi", "citra", "dewi", "eka"];

#[tokio::main]
async fn main() -> Result<()> {
    // Before the service is built, which says what each metric means.
    let prometheus = PrometheusBuilder::new().set_buckets(&BUCKETS)?.install_recorder()?;
    let (reset, worker, mail) = application()?;
    // On a port of its own, that only Prometheus and the probes reach.
    let operator = operator(prometheus.clone(), reset.clone());

    let (stop, stopped) = oneshot::channel::<()>();
    let worker = tokio::spawn(worker.run_until(async { stopped.await.unwrap_or_default() }));
    let nobody = Identifier::email("nobody@toko.example")?;
    reset.request(ResetRequest::email_link(nobody, source(0))).await?;
    for (at, name) in PEOPLE.into_iter().enumerate() {
        reset_password(&reset, &mail, at, name).await?;
    }

    if std::env::args().any(|argument| argument == "serve") {
        println!("http://127.0.0.1:9464/metrics and http://127.0.0.1:9464/health");
        let listener = tokio::net::TcpListener::bind("127.0.0.1:9464").await?;
        axum::serve(listener, operator.clone()).await?;
    }
    let probe = operator.oneshot(Request::get("/health").body(Body::empty())?).await?;
    ensure!(probe.status() == StatusCode::OK, "the service must be well");
    drop(stop);
    worker.await?;

    let scraped = prometheus.render();
    for line in scraped.lines().filter(|line| line.starts_with("password_reset_") && !line.contains("_bucket")) {
        println!("{line}");
    }
    let set = r#"password_reset_set_total{channel="email_link",language="en"} 5"#;
    ensure!(scraped.contains(set), "five passwords must be counted");
    ensure!(scraped.contains(r#"why="unknown""#), "the request for nobody must be counted");
    println!("\nDone: every step worked.");
    Ok(())
}

/// What the operator's port serves.
fn operator(prometheus: PrometheusHandle, reset: PasswordReset) -> Router {
    let metrics = get(move || async move {
        prometheus.run_upkeep();
        prometheus.render()
    });
    Router::new().route("/metrics", metrics).merge(password_reset_axum::health(reset))
}

fn application() -> Result<(PasswordReset, Worker, RecordingNotifier)> {
    let accounts = MemoryAccounts::new();
    for name in PEOPLE {
        let account = Account::new(name, AccountStatus::Active);
        accounts.add(account.with_contact(Contact::email(format!("{name}@toko.example"))));
    }
    let mail = RecordingNotifier::new();
    let random = |id| Key::new(id, &rand::random::<[u8; 32]>());
    let keys = KeyRing::new(random("example")?, random("counters")?);
    let site = Site::new("Toko Contoh", "https://toko.example/reset");
    let store = MemoryStore::writing(accounts.clone());
    let (reset, worker) = PasswordReset::builder(accounts, store, keys, site).notifier(mail.clone()).build()?;
    Ok((reset, worker, mail))
}

async fn reset_password(reset: &PasswordReset, mail: &RecordingNotifier, at: usize, name: &str) -> Result<()> {
    let address = format!("{name}@toko.example");
    reset.request(ResetRequest::email_link(Identifier::email(&address)?, source(at))).await?;
    // The link, and after the password is set a notice.
    let sent = mail.until_delivered(2 * at + 1).await;
    let link = sent.last().and_then(|sent| sent.link_secret()).context("a link")?;
    let grant = reset.verify(Proof::Link(LinkToken::parse(link)?)).await?;
    let new = "quiet umbrella festival 92";
    reset.set_password(grant, NewPassword::confirmed(new, new)).await?;
    mail.until_delivered(2 * at + 2).await;
    Ok(())
}

fn source(at: usize) -> IpAddr {
    [203, 0, 113, u8::try_from(at).unwrap_or(0)].into()
}
