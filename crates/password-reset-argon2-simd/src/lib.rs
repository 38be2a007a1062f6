#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod comparison;
mod function;

pub use crate::comparison::Mismatch;
pub use crate::function::SimdArgon2;
