//! The site in a real browser: Chromium without a window, driven through WebDriver.
//!
//! `scripts/browser` installs what these tests need. Every test has an application, a database and a browser profile of
//! its own; pictures of the pages are written to the folder that `SCREENSHOTS` names.

mod contacts;
mod flows;
mod help;
mod own_pages;
mod support;
