//! Shared by all tests: the application, a browser, and a record of its requests.

pub mod accessibility;
pub mod browser;
pub mod driver;
pub mod page;
pub mod record;
pub mod reset;
pub mod shapes;
pub mod site;

pub use self::browser::Browser;
pub use self::shapes::Shape;
pub use self::site::{Site, browse, random_keys};

use std::time::Duration;

/// The timeout for every condition.
pub const LONGEST: Duration = Duration::from_secs(20);

/// The interval at which a condition is checked.
pub const LOOK_AGAIN: Duration = Duration::from_millis(25);
