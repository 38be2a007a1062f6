#![doc = include_str!("../README.md")]

mod deviations;
mod error;
mod json;
mod reader;

pub use crate::deviations::{Deviation, Standard, Weight, deviations};
pub use crate::error::{Fault, PolicyFileError};
pub use crate::json::to_json;
pub use crate::reader::{read_file, read_text};
