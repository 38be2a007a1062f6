#![doc = include_str!("../README.md")]

mod build;
mod error;
mod file;
mod format;
mod input;
mod kind;
mod lines;
mod search;

pub use crate::build::{Built, ListBuilder, Progress};
pub use crate::error::{BuildError, LineFault, OpenError, VerifyError};
pub use crate::file::BreachedFile;
pub use crate::input::Input;
pub use crate::kind::HashKind;
