//! Tests over every page.

mod document;
mod escaping;
mod forms;
mod samples;
mod structure;
mod templates;
mod texts;
