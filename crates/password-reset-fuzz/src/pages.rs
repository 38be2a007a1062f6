//! Requests to the pages and the JSON API.

use std::cell::RefCell;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderName, HeaderValue, Method, Request};
use password_reset::flow::Reset;
use password_reset::{Account, AccountStatus, Contact, Identifier, PasswordReset, ResetRequest, Site};
use password_reset_axum::{ResetMethod, Web};
use password_reset_testkit::{FakeClock, MemoryAccounts, MemoryStore, RecordingNotifier, sample};
use tokio::runtime::Runtime;
use tower::ServiceExt;

use crate::webhooks::split;

thread_local! {
    static APP: RefCell<App> = RefCell::new(App::new());
}

/// An application in which the owner's reset waits for its proof.
struct App {
    runtime: Runtime,
    router: Router,
    store: Arc<MemoryStore>,
    before: MemoryStore,
    owners: Reset,
}

impl App {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let accounts = MemoryAccounts::new();
        accounts.add_named(
            "ani",
            Account::new("7", AccountStatus::Active)
                .with_contact(Contact::email("ani@toko.example"))
                .with_hash(sample::hash()),
        );
        let store = Arc::new(MemoryStore::new());
        let (reset, worker) = PasswordReset::builder(
            accounts,
            Arc::clone(&store),
            sample::keys(),
            Site::new("Toko", "https://toko.example/reset"),
        )
        .notifier(RecordingNotifier::new())
        .clock(FakeClock::at(sample::noon()))
        .build()
        .unwrap();
        let owners = runtime.block_on(async {
            let email = Identifier::email("ani@toko.example").unwrap();
            reset.request(ResetRequest::email_link(email, IpAddr::from([192, 0, 2, 1]))).await.unwrap();
            worker.run_once().await.unwrap();
            store.resets().unwrap().into_iter().next().unwrap()
        });
        let router = Web::new(reset)
            .reset_methods([ResetMethod::Email, ResetMethod::Username])
            .trusted_proxies(["203.0.113.0/24"])
            .build()
            .unwrap();
        Self { runtime, router, before: store.copy(), store, owners }
    }
}

/// `METHOD /path`, header lines, an empty line, and the body. No request is a server error, and none changes the owner's reset, because
/// its secrets are in no input.
pub(crate) fn check(bytes: &[u8]) {
    let Some(request) = request(bytes) else { return };
    APP.with_borrow(|app| {
        app.store.restore(&app.before);
        let response = app.runtime.block_on(app.router.clone().oneshot(request)).unwrap();
        assert!(!response.status().is_server_error(), "{}", response.status());
        assert!(response.headers().contains_key("content-security-policy"), "no policy for the content");
        let now = app.store.resets().unwrap().into_iter().find(|row| row.id() == app.owners.id());
        assert_eq!(now.as_ref(), Some(&app.owners), "the owner's reset changed");
    });
}

fn request(bytes: &[u8]) -> Option<Request<Body>> {
    let (head, body) = split(bytes);
    let mut lines = head.split(|byte| *byte == b'\n');
    let first = lines.next()?;
    let space = first.iter().position(|byte| *byte == b' ')?;
    let (method, path) = (Method::from_bytes(&first[..space]).ok()?, &first[space.saturating_add(1)..]);
    // Everything else is outside of where the pages are mounted.
    if !matches!(path.first(), None | Some(b'/' | b'?')) {
        return None;
    }
    let mut request = Request::builder().method(method).uri([b"/reset", path].concat());
    for line in lines {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
        let (name, value) = (HeaderName::from_bytes(&line[..colon]), line[colon.saturating_add(1)..].trim_ascii());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(value)) {
            request = request.header(name, value);
        }
    }
    let mut request = request.body(Body::from(body.to_vec())).ok()?;
    request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([203, 0, 113, 7], 4711))));
    Some(request)
}
