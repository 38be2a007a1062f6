//! The browser of the demo's tests.
#![allow(dead_code, reason = "those tests use more of it")]

#[path = "../../../demo/tests/browser/support/browser.rs"]
pub mod browser;
#[path = "../../../demo/tests/browser/support/driver.rs"]
pub mod driver;
#[path = "../../../demo/tests/browser/support/page.rs"]
pub mod page;
#[path = "../../../demo/tests/browser/support/shapes.rs"]
pub mod shapes;

pub use self::browser::Browser;
pub use self::shapes::Shape;

use std::time::Duration;

/// The timeout for every condition.
pub const LONGEST: Duration = Duration::from_secs(20);

/// The interval at which a condition is checked.
pub const LOOK_AGAIN: Duration = Duration::from_millis(25);
