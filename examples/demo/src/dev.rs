//! What stands in for the outside world on a developer's machine. None of it exists unless it is switched on, and it says
//! so loudly: whoever reaches these pages can read everybody's mail.

mod graph;
pub mod mailbox;
mod mailbox_pages;
pub mod phone;
mod phone_pages;

use axum::Router;
use axum::http::header;
use axum::routing::get;

use self::mailbox::Mailbox;
use self::phone::Phone;
use crate::web::App;

/// What stands in for the outside world; nothing unless put here.
#[derive(Clone, Default)]
pub struct Tools {
    /// In place of a mail server.
    pub mailbox: Option<Mailbox>,
    /// In place of WhatsApp.
    pub phone: Option<Phone>,
}

impl Tools {
    /// Whether anybody can read here what is sent to others.
    #[must_use]
    pub fn are_on(&self) -> bool {
        self.mailbox.is_some() || self.phone.is_some()
    }
}

/// The pages of those tools that are on. Those that are not have no pages.
pub fn router(tools: &Tools) -> Router<App> {
    let mut router = Router::new();
    if tools.are_on() {
        router = router.route("/dev/live.js", get(async || ([(header::CONTENT_TYPE, "text/javascript")], SCRIPT)));
    }
    if tools.mailbox.is_some() {
        router = router.merge(mailbox_pages::router());
    }
    if tools.phone.is_some() {
        router = router.merge(phone_pages::router());
    }
    router
}

const SCRIPT: &str = include_str!("../assets/live.js");
