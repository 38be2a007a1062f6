#![doc = include_str!("../../../README.md")]

/// The programs in the guide.
#[doc = include_str!("../../guide.md")]
pub mod guide {}

/// The programs in the document for operators.
#[doc = include_str!("../../operations.md")]
pub mod operations {}
