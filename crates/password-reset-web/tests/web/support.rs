//! An application with one user, and browsers.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::BodyExt;
use password_reset::inbound::{Assurance, InboundMessage, Sender};
use password_reset::ports::{AccountLock, AccountLocker};
use password_reset::{
    Account, AccountId, AccountStatus, Builder, Contact, ContactKind, Inbound, PasswordReset, PortError, Site, Worker,
};
use password_reset_web::{Peer, ResetMethod, Web};
use password_reset_testkit::sample::keys;
use password_reset_testkit::{FakeClock, Faults, FaultyStore, MemoryAccounts, MemoryStore, PlainHasher, RecordingNotifier, Sent};
use tower::ServiceExt;
use tower::util::BoxCloneSyncService;

/// The pages as the mount under test serves them. Requests have a `Peer`.
pub(crate) type Served = BoxCloneSyncService<Request<Body>, Response<Body>, Infallible>;

pub(crate) const OLD: &str = "an old and long password";
pub(crate) const NEW: &str = "quiet umbrella festival 92";
pub(crate) const EMAIL: &str = "ani@toko.example";
pub(crate) const PHONE: &str = "+6281200000001";
pub(crate) const NUMBER: &str = "+6281100000000";
pub(crate) const ORIGIN: &str = "https://toko.example";

/// Records the accounts that it is asked to lock.
#[derive(Clone, Debug, Default)]
pub(crate) struct Locked(pub(crate) Arc<Mutex<Vec<String>>>);

#[async_trait]
impl AccountLocker for Locked {
    async fn lock(&self, lock: &AccountLock) -> Result<(), PortError> {
        self.0.lock().unwrap().push(lock.account.as_str().to_owned());
        Ok(())
    }
}

pub(crate) struct App {
    pub(crate) accounts: MemoryAccounts,
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) clock: FakeClock,
    pub(crate) mail: RecordingNotifier,
    pub(crate) phone: RecordingNotifier,
    /// Counts the calls to the store.
    pub(crate) calls: Faults,
    pub(crate) reset: PasswordReset,
    pub(crate) worker: Worker,
    pub(crate) served: Served,
}

/// The settings of an application.
pub(crate) struct Setup {
    pub(crate) accounts: MemoryAccounts,
    pub(crate) base_url: &'static str,
    pub(crate) inbound: Option<Inbound>,
    /// Of the store.
    pub(crate) faults: Faults,
    pub(crate) site: Box<dyn FnOnce(Site) -> Site>,
    pub(crate) build: Box<dyn FnOnce(Builder) -> Builder>,
    pub(crate) web: Box<dyn FnOnce(Web) -> Web>,
    /// As `web`, for what needs the service.
    pub(crate) web_of: fn(&PasswordReset, Web) -> Web,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            accounts: MemoryAccounts::new().with_home_country(password_reset::CallingCode::INDONESIA),
            base_url: "https://toko.example/reset",
            inbound: None,
            faults: Faults::none(),
            site: Box::new(|site| site),
            build: Box::new(|builder| builder),
            web: Box::new(|web| web.reset_methods([ResetMethod::Email, ResetMethod::Username])),
            web_of: |_, web| web,
        }
    }
}

pub(crate) fn ani() -> Account {
    Account::new("7", AccountStatus::Active)
        .with_contact(Contact::email(EMAIL))
        .with_contact(Contact::phone(PHONE))
        .with_hash(PlainHasher::hash_of(OLD, 1))
}

impl App {
    pub(crate) fn new() -> Self {
        Self::with(|_| ())
    }

    pub(crate) fn with(change: impl FnOnce(&mut Setup)) -> Self {
        let mut setup = Setup::default();
        change(&mut setup);
        let accounts = setup.accounts;
        accounts.add_named("ani", ani());
        let store = Arc::new(MemoryStore::new());
        let calls = setup.faults;
        let clock = FakeClock::at(chrono::DateTime::from_timestamp_millis(1_800_000_000_000).unwrap());
        let mail = RecordingNotifier::new();
        let phone = RecordingNotifier::reaching(ContactKind::Phone);
        let site = (setup.site)(Site::new("Toko Contoh", setup.base_url));
        let counted = FaultyStore::new(Arc::clone(&store), &calls);
        let mut builder = PasswordReset::builder(accounts.clone(), counted, keys(), site)
            .notifier(mail.clone())
            .notifier(phone.clone())
            .clock(clock.clone())
            .hash_pool(PlainHasher::salted().pool());
        if let Some(inbound) = setup.inbound {
            builder = builder.inbound(inbound);
        }
        let (reset, worker) = (setup.build)(builder).build().unwrap();
        let pages = (setup.web_of)(&reset, (setup.web)(Web::new(reset.clone()))).build().unwrap();
        let served = crate::mount::pages(pages);
        Self { accounts, store, clock, mail, phone, calls, reset, worker, served }
    }

    /// With inbound WhatsApp.
    pub(crate) fn with_inbound(inbound: Inbound) -> Self {
        Self::with(|setup| {
            setup.inbound = Some(inbound);
            setup.web = Box::new(|web| web.reset_methods([ResetMethod::WhatsApp, ResetMethod::Email]));
        })
    }

    pub(crate) fn browser(&self) -> Browser {
        Browser {
            served: self.served.clone(),
            cookies: BTreeMap::new(),
            headers: vec![("sec-fetch-site".to_owned(), "same-origin".to_owned())],
            peer: "203.0.113.7:4711".parse().unwrap(),
            seen: Vec::new(),
        }
    }

    /// Requests a reset by email, runs the worker, and returns the address of the waiting page and the email.
    pub(crate) async fn mailed(&self, browser: &mut Browser) -> (String, Sent) {
        let asked = browser.post("/reset", &[("by", "email"), ("identifier", EMAIL)]).await;
        assert_eq!(asked.status, StatusCode::SEE_OTHER, "{}", asked.body);
        self.worker.run_once().await.unwrap();
        // A notification about an earlier reset may be sent with it.
        let with_link = self.mail.delivered().into_iter().rev().find(|sent| sent.link().is_some());
        (asked.location().to_owned(), with_link.unwrap())
    }

    /// A message from the phone number of the account.
    pub(crate) fn message(&self, text: &str) -> InboundMessage {
        use password_reset::ports::Clock;
        InboundMessage::new(Assurance::Signed, Sender::phone(PHONE).unwrap(), self.clock.now(), text)
    }

    pub(crate) fn signs_in_with(&self, password: &str) -> bool {
        let account = self.accounts.get(&AccountId::new("7")).unwrap();
        account.hash().unwrap().as_str().splitn(3, '$').nth(2).unwrap() == password
    }

    pub(crate) fn later(&self, minutes: u64) {
        self.clock.advance(Duration::from_secs(60 * minutes));
    }
}

/// A browser: it keeps cookies, and sends true headers unless a test changes them.
#[derive(Clone)]
pub(crate) struct Browser {
    served: Served,
    pub(crate) cookies: BTreeMap<String, String>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) peer: SocketAddr,
    /// Every answer, to search for text that must not be in one.
    pub(crate) seen: Vec<String>,
}

impl Browser {
    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path, None, Body::empty()).await
    }

    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.send(Method::POST, path, Some("application/x-www-form-urlencoded"), Body::from(encode(fields))).await
    }

    /// Posts a form, and shows the page that it leads to, as a browser does.
    pub(crate) async fn submit(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let answer = self.post(path, fields).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}: {}", answer.body);
        self.get(answer.location()).await
    }

    pub(crate) async fn json(&mut self, path: &str, body: serde_json::Value) -> Answer {
        self.send(Method::POST, path, Some("application/json"), Body::from(body.to_string())).await
    }

    pub(crate) async fn send(&mut self, method: Method, path: &str, media_type: Option<&str>, body: Body) -> Answer {
        let answer = Answer::read(self.raw(method, path, media_type, body).await).await;
        self.seen.push(answer.text());
        answer
    }

    /// The answer without reading its body.
    pub(crate) async fn raw(
        &mut self,
        method: Method,
        path: &str,
        media_type: Option<&str>,
        body: Body,
    ) -> Response<Body> {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(media_type) = media_type {
            request = request.header("content-type", media_type);
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        if !self.cookies.is_empty() {
            let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header("cookie", cookies.join("; "));
        }
        let mut request = request.body(body).unwrap();
        request.extensions_mut().insert(Peer(self.peer));
        let response = self.served.clone().oneshot(request).await.unwrap();
        for cookie in response.headers().get_all("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            if cookie.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        response
    }

    pub(crate) fn without_header(mut self, name: &str) -> Self {
        self.headers.retain(|(header, _)| header != name);
        self
    }

    pub(crate) fn with_header(self, name: &str, value: &str) -> Self {
        let mut browser = self.without_header(name);
        browser.headers.push((name.to_owned(), value.to_owned()));
        browser
    }

    /// Loads a page with a form, and returns its form token.
    pub(crate) async fn form_token(&mut self) -> String {
        self.get("/reset").await;
        self.cookies["__Host-pr-form"].clone()
    }
}

pub(crate) fn encode(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// The `reset` of an address.
pub(crate) fn named(location: &str) -> &str {
    location.split_once("reset=").unwrap().1
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    async fn read(response: Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        let body: Bytes = body.collect().await.unwrap().to_bytes();
        Self { status: parts.status, headers: parts.headers, body: String::from_utf8(body.to_vec()).unwrap() }
    }

    /// The whole answer as text.
    pub(crate) fn text(&self) -> String {
        let header = |(name, value): (_, &HeaderValue)| format!("{name}: {}\n", value.to_str().unwrap());
        let headers: String = self.headers.iter().map(header).collect();
        format!("{}\n{headers}\n{}", self.status, self.body)
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn location(&self) -> &str {
        self.header("location")
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// The stable code of a problem document.
    pub(crate) fn code(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.body);
        self.json()["code"].as_str().unwrap().to_owned()
    }
}
