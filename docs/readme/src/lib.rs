#![doc = include_str!("../../../README.md")]

/// The programs in the guide.
#[doc = include_str!("../../guide.md")]
pub mod guide {}
