//! Pages: the cost of each on the server, with SQLite and without hashing, relative to one durable insert of a bare row.

use std::cell::{Cell, RefCell};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use benches::ratio;
use benches::site::{self, Pages, email};
use criterion::{BatchSize, Criterion};
use http::header::{COOKIE, LOCATION, SET_COOKIE};
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{Connection, SqliteConnection};
use tokio::runtime::Runtime;
use tower::ServiceExt;
use url::form_urlencoded;

/// Each gets one mail at most, so that no quota applies. The worker looks them up one by one, so no more than links are opened.
const ACCOUNTS: u32 = 5_000;

/// A browser with cookies. Each request has another source address, so that no quota applies.
struct Browser<'a> {
    runtime: &'a Runtime,
    router: Router,
    cookies: RefCell<Vec<String>>,
    from: Cell<u32>,
    person: Cell<u32>,
}

impl Browser<'_> {
    fn send(&self, request: http::request::Builder, body: String, expected: StatusCode) -> Result<String> {
        self.from.set(self.from.get() + 1);
        let peer = SocketAddr::from((Ipv4Addr::from_bits(self.from.get()), 1));
        let request = request
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/x-www-form-urlencoded")
            .header(COOKIE, self.cookies.borrow().join("; "))
            .extension(ConnectInfo(peer));
        let (parts, body) = self.runtime.block_on(async {
            let (parts, body) = self.router.clone().oneshot(request.body(Body::from(body))?).await?.into_parts();
            anyhow::Ok((parts, body.collect().await?.to_bytes()))
        })?;
        ensure!(parts.status == expected, "{} {}", parts.status, String::from_utf8_lossy(&body));
        if parts.status == StatusCode::SEE_OTHER {
            let set = parts.headers.get_all(SET_COOKIE).into_iter().filter_map(|cookie| cookie.to_str().ok());
            // Only the newest: a browser with a thousand resets is not what is measured.
            *self.cookies.borrow_mut() = set.filter_map(|cookie| cookie.split(';').next()).map(str::to_owned).collect();
            return Ok(parts.headers.get(LOCATION).context("a location")?.to_str()?.to_owned());
        }
        Ok(String::new())
    }

    fn see(&self, path: &str) {
        self.send(Request::get(path), String::new(), StatusCode::OK).expect("a page");
    }

    fn post(&self, path: &str, fields: &[(&str, &str)]) -> String {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.send(Request::post(path), body, StatusCode::SEE_OTHER).expect("the next page")
    }

    /// Each time for another account and without cookies: for the browser that has just asked, nothing is written.
    fn ask(&self) -> String {
        self.cookies.borrow_mut().clear();
        self.person.set(self.person.get() + 1);
        self.post("/reset", &[("by", "email"), ("identifier", &email(self.person.get()))])
    }
}

/// Inserts one row durably.
fn bare_insert(runtime: &Runtime, database: &mut SqliteConnection) {
    let insert = sqlx::query("insert into bare (id, payload) values (randomblob(16), randomblob(300))");
    runtime.block_on(insert.execute(database)).expect("a row");
}

async fn bare(file: &std::path::Path) -> Result<SqliteConnection> {
    let options =
        SqliteConnectOptions::new().filename(file).create_if_missing(true).journal_mode(SqliteJournalMode::Wal);
    let mut database = SqliteConnection::connect_with(&options.synchronous(SqliteSynchronous::Full)).await?;
    sqlx::query("create table bare (id blob primary key, payload blob not null)").execute(&mut database).await?;
    Ok(database)
}

fn main() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("pages.db");
    let Pages { router, worker, mail } = runtime.block_on(site::open(&file, "http://localhost:8080", ACCOUNTS))?;
    let (from, person) = (Cell::new(0x0b00_0000), Cell::new(0));
    let browser = Browser { runtime: &runtime, router, cookies: RefCell::default(), from, person };
    let mut bare = runtime.block_on(bare(&folder.path().join("bare.db")))?;

    let wait = browser.ask();
    let waiting = browser.cookies.borrow().clone();
    let sent = || {
        assert!(browser.person.get() < ACCOUNTS, "more accounts are needed");
        runtime.block_on(worker.run_once()).expect("sent");
        mail.last().and_then(|mail| mail.link_secret().map(str::to_owned)).expect("a mail with a link")
    };
    let open_link = |link: &String| browser.post("/reset/link", &[("link", link)]);
    let link = sent();

    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("pages");
    group.bench_function("bare insert", |bencher| bencher.iter(|| bare_insert(&runtime, &mut bare)));
    group.bench_function("the page that asks", |bencher| bencher.iter(|| browser.see("/reset")));
    group.bench_function("the page that waits", |bencher| bencher.iter(|| browser.see(&wait)));
    group.bench_function("the landing page", |bencher| bencher.iter(|| browser.see("/reset/link")));
    browser.cookies.replace(waiting);
    let new = open_link(&link);
    let proved = browser.cookies.borrow().clone();
    group.bench_function("the form for the new password", |bencher| bencher.iter(|| browser.see(&new)));
    group.sample_size(20).warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(1));
    group.bench_function("opening the link", |bencher| {
        let asked_and_sent = || {
            browser.ask();
            sent()
        };
        bencher.iter_batched_ref(asked_and_sent, |link| open_link(link), BatchSize::PerIteration);
    });
    group.finish();
    let mut group = criterion.benchmark_group("pages");
    group.bench_function("asking", |bencher| bencher.iter(|| browser.ask()));
    group.finish();
    criterion.final_summary();

    let mut insert = || bare_insert(&runtime, &mut bare);
    browser.cookies.replace(proved);
    ratio("the form for the new password / bare insert", &mut insert, || browser.see(&new));
    ratio("asking / bare insert", &mut insert, || drop(browser.ask()));
    let wait = browser.ask();
    ratio("the page that waits / bare insert", &mut insert, || browser.see(&wait));
    Ok(())
}
