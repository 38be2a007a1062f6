//! The program `password-reset`.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    password_reset_cli::run().await
}
