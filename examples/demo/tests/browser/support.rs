//! What every test here needs: the application, a browser, and a record of what the browser asked for.

pub mod accessibility;
pub mod browser;
pub mod driver;
pub mod record;
pub mod reset;
pub mod shapes;
pub mod site;

pub use self::browser::Browser;
pub use self::shapes::Shape;
pub use self::site::{Site, browse, random_keys};

use std::time::Duration;

/// Nothing here takes so long that is not broken.
pub const LONGEST: Duration = Duration::from_secs(20);

/// How often a condition is looked at again.
pub const LOOK_AGAIN: Duration = Duration::from_millis(25);
