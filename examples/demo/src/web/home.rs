//! The front page.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::page::{Content, Page};
use super::{App, Failure};
use crate::users::Seed;

#[derive(Template)]
#[template(path = "home.html")]
struct Home {
    page: Page,
    seeds: Arc<[Seed]>,
}

impl Content for Home {
    fn page(&self) -> &Page {
        &self.page
    }
}

/// What can be done here.
pub async fn show(State(app): State<App>, page: Page) -> Result<Response, Failure> {
    // Real users' passwords are nobody's to see; the made-up ones go with the made-up mailbox.
    let seeds = if page.in_development() { app.seeds } else { Arc::new([]) };
    Home { page, seeds }.answer()
}
