//! A whole site on a database whose user table has a column for disabled users.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use benches::database::Database;
use benches::pool;
use http::header::{COOKIE, LOCATION, SET_COOKIE};
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use password_reset::async_trait;
use password_reset::ports::{Delivery, Notifier};
use password_reset::{ContactKind, Limits, Message, PasswordReset, Worker};
use password_reset_axum::{EdgeLimits, ResetMethod, Web};
use password_reset_testkit::sample::keys;
use tower::ServiceExt;
use url::form_urlencoded;

use crate::{Kind, timed};

/// Each capped account is asked for so often, which is less than would pause its codes.
const VISITS_OF_CAPPED: usize = 20;
/// Messages that use up the quota of a contact.
const MESSAGES: usize = 3;

pub(crate) struct Site {
    router: Router,
    worker: Worker,
}

/// Mailboxes that take everything at once.
#[derive(Debug)]
struct Mailboxes;

#[async_trait]
impl Notifier for Mailboxes {
    fn reaches(&self) -> ContactKind {
        ContactKind::Email
    }

    async fn deliver(&self, _: &Message) -> Delivery {
        Delivery::Delivered
    }
}

/// The address that is named; all are of one length.
fn address(kind: Kind, round: usize) -> String {
    let (letter, number) = match kind {
        Kind::Unknown => ('u', round),
        Kind::UnknownAgain => ('v', round),
        Kind::Planted => ('w', round),
        Kind::Known => ('k', round),
        Kind::Disabled => ('d', round),
        Kind::Capped => ('c', round / VISITS_OF_CAPPED),
    };
    format!("{letter}{number:07}@toko.example")
}

impl Site {
    /// Opens it with the accounts that so many rounds need.
    pub(crate) async fn open(database: &Database, rounds: usize) -> Result<Self> {
        let site = password_reset::Site::new("Toko Contoh", "https://toko.example/reset");
        let (accounts, store) = database.ports().await?;
        let mut limits = Limits::default();
        limits.requests_per_minute = u32::MAX;
        let (reset, worker) = PasswordReset::builder(accounts, store, keys(), site)
            .notifier(Mailboxes)
            .hash_pool(pool())
            .limits(limits)
            .build()?;
        let mut edge = EdgeLimits::default();
        edge.requests = u32::MAX;
        let web = Web::new(reset).reset_methods([ResetMethod::Email]).limits(edge).build()?;
        let site = Self { router: web, worker };
        site.fill(database, rounds + rounds / 20 + 1).await?;
        Ok(site)
    }

    async fn fill(&self, database: &Database, rounds: usize) -> Result<()> {
        let mut rows = Vec::new();
        for round in 0..rounds {
            for (kind, disabled) in [(Kind::Known, 0), (Kind::Disabled, 1)] {
                rows.push(format!("({}, '{}', 'old', {disabled})", rows.len() + 1, address(kind, round)));
            }
        }
        for round in (0..rounds).step_by(VISITS_OF_CAPPED) {
            rows.push(format!("({}, '{}', 'old', 0)", rows.len() + 1, address(Kind::Capped, round)));
        }
        for rows in rows.chunks(500) {
            database.run(&format!("insert into users values {}", rows.join(", "))).await?;
        }
        for round in (0..rounds).step_by(VISITS_OF_CAPPED) {
            for _ in 0..MESSAGES {
                self.ask(Kind::Capped, round, u32::try_from(round)?).await?;
                self.worker.run_once().await?;
            }
        }
        Ok(())
    }

    /// Everything that is measured, for one kind of account: the request first, and the others once the worker has looked the
    /// account up, when rows of accounts differ from others.
    pub(crate) async fn visit(&self, kind: Kind, round: usize) -> Result<[Duration; 4]> {
        // No limit of a source plays a part.
        let from = 0x0b00_0000 + u32::try_from(round * Kind::ALL.len() + kind as usize)?;
        let ((location, cookie), request) = timed(kind, self.ask(kind, round, from)).await?;
        self.worker.run_once().await?;
        let ((), status) = timed(kind, self.see(&location, &cookie, from)).await?;
        let reset = location.split_once("reset=").context("a reset")?.1;
        let ((), code) = timed(kind, self.guess(reset, &cookie, from)).await?;
        let ((), landing) = timed(kind, self.see("/reset/link", &cookie, from)).await?;
        Ok([request, status, code, landing])
    }

    /// The address of the waiting page, and the cookie of the reset.
    async fn ask(&self, kind: Kind, round: usize, from: u32) -> Result<(String, String)> {
        let fields = [("by", "email"), ("identifier", &*address(kind, round))];
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let response = self.send(Request::post("/reset"), body, "", from).await?;
        ensure!(response.status() == StatusCode::SEE_OTHER, "{}", response.status());
        let headers = response.headers();
        let cookie = headers.get(SET_COOKIE).context("a cookie")?.to_str()?.split(';').next().context("a value")?;
        Ok((headers.get(LOCATION).context("a location")?.to_str()?.to_owned(), cookie.to_owned()))
    }

    async fn see(&self, path: &str, cookie: &str, from: u32) -> Result<()> {
        let response = self.send(Request::get(path), String::new(), cookie, from).await?;
        ensure!(response.status() == StatusCode::OK, "{path}: {}", response.status());
        response.into_body().collect().await?;
        Ok(())
    }

    async fn guess(&self, reset: &str, cookie: &str, from: u32) -> Result<()> {
        let fields = [("reset", reset), ("code", "00000000")];
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let response = self.send(Request::post("/reset/code"), body, cookie, from).await?;
        ensure!(response.status() == StatusCode::SEE_OTHER, "{}", response.status());
        response.into_body().collect().await?;
        Ok(())
    }

    async fn send(
        &self,
        request: http::request::Builder,
        body: String,
        cookie: &str,
        from: u32,
    ) -> Result<axum::response::Response> {
        let request = request
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/x-www-form-urlencoded")
            .header(COOKIE, format!("__Host-pr-form=0123456789abcdef0123456789abcdef; {cookie}"))
            .extension(ConnectInfo(SocketAddr::from((Ipv4Addr::from_bits(from), 1))));
        Ok(self.router.clone().oneshot(request.body(Body::from(body))?).await?)
    }
}
