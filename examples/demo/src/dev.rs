//! Stand-ins for mail and WhatsApp on a developer's machine. They exist only when they are switched on, and the site warns
//! of them, because every visitor of these pages can read all messages.

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

/// The stand-ins that are on.
#[derive(Clone, Default)]
pub struct Tools {
    /// Stands in for a mail server.
    pub mailbox: Option<Mailbox>,
    /// Stands in for WhatsApp.
    pub phone: Option<Phone>,
}

impl Tools {
    /// Whether visitors can read messages to other users.
    #[must_use]
    pub fn are_on(&self) -> bool {
        self.mailbox.is_some() || self.phone.is_some()
    }
}

/// The pages of the stand-ins that are on.
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
