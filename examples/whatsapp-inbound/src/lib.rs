//! What both examples share: the application, and a stand-in for Meta.

pub mod app;
pub mod stand_in;
