//! What an operator sees: metrics for Prometheus, a probe, and each event as a signed webhook.
//!
//! `cargo run -p operations` lets people reset their passwords, and prints what Prometheus would scrape. `cargo run -p operations
//! serve` goes on and serves both at `http://127.0.0.1:9464`. Beside it stand `dashboard.json` for Grafana, and `alerts.yml`.

mod webhooks;

use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use anyhow::{Context, Result, ensure};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use axum::routing::{get, post};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use password_reset::ports::{Clock, SystemClock};
use password_reset::secret::LinkToken;
use password_reset::{
    Account, AccountStatus, Contact, Identifier, Key, KeyRing, NewPassword, PasswordReset, Proof, ResetRequest, Site,
    Worker,
};
use password_reset_testkit::{MemoryAccounts, MemoryStore, RecordingNotifier};
use tokio::sync::oneshot;
use tower::ServiceExt;

use crate::webhooks::{Checked, Receiver, Secret, Webhooks};

/// Seconds: from a statement on a fast disk to a queue that is too long.
const BUCKETS: [f64; 9] = [0.0005, 0.002, 0.005, 0.02, 0.05, 0.2, 0.5, 2.0, 5.0];
const PEOPLE: [&str; 5] = ["ani", "budi", "citra", "dewi", "eka"];

#[tokio::main]
async fn main() -> Result<()> {
    // Before the service is built, which says what each metric means.
    let prometheus = PrometheusBuilder::new().set_buckets(&BUCKETS)?.install_recorder()?;
    let secret = Secret::new(rand::random());
    let (url, events) = receiver(secret.clone()).await?;
    let (reset, worker, mail) = application(Webhooks::new(url, secret)?)?;
    // On a port of its own, that only Prometheus and the probes reach.
    let operator = operator(prometheus.clone(), reset.clone());

    let (stop, stopped) = oneshot::channel::<()>();
    let worker = tokio::spawn(worker.run_until(async { stopped.await.unwrap_or_default() }));
    let unknown = Identifier::email("nobody@toko.example")?;
    reset.request(ResetRequest::email_link(unknown, source(0))).await?;
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
    // Within a second after a row was written it is posted.
    while events.lock().map_or(0, |events| *events) < 5 {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    drop(stop);
    worker.await?;

    let scraped = prometheus.render();
    for line in scraped.lines().filter(|line| line.starts_with("password_reset_") && !line.contains("_bucket")) {
        println!("{line}");
    }
    let set = r#"password_reset_set_total{channel="email_link",language="en"} 5"#;
    ensure!(scraped.contains(set), "five passwords must be counted");
    ensure!(scraped.contains(r#"why="unknown""#), "the request for an unknown account must be counted");
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

/// What receives the events, on another server in real life: it counts passwords that were set.
async fn receiver(secret: Secret) -> Result<(String, Arc<Mutex<usize>>)> {
    let (receiver, set) = (Arc::new(Mutex::new(Receiver::new(secret))), Arc::new(Mutex::new(0)));
    let counted = Arc::clone(&set);
    let receive = move |headers: HeaderMap, body: Bytes| {
        let now = SystemClock.now().timestamp();
        let checked = receiver.lock().map_or(Checked::Refused, |mut receiver| receiver.check(&headers, &body, now));
        let is_set = body.windows(12).any(|part| part == b"password_set");
        if let (Checked::New, true, Ok(mut counted)) = (&checked, is_set, counted.lock()) {
            *counted += 1;
        }
        let is_refused = checked == Checked::Refused;
        std::future::ready(if is_refused { StatusCode::UNAUTHORIZED } else { StatusCode::NO_CONTENT })
    };
    let app = Router::new().route("/events", post(receive));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/events", listener.local_addr()?);
    tokio::spawn(async move { axum::serve(listener, app).await });
    Ok((url, set))
}

fn application(webhooks: Webhooks) -> Result<(PasswordReset, Worker, RecordingNotifier)> {
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
    let (reset, worker) = PasswordReset::builder(accounts, store, keys, site)
        .notifier(mail.clone())
        .observer("webhooks", webhooks)
        .build()?;
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
