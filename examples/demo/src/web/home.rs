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

/// The front page.
pub async fn show(State(app): State<App>, page: Page) -> Result<Response, Failure> {
    // Shows passwords only of the fictional users, while the built-in mailbox is on.
    let seeds = if page.in_development() { app.seeds } else { Arc::new([]) };
    Home { page, seeds }.answer()
}
