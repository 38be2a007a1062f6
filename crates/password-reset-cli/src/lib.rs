#![doc = include_str!("../README.md")]

mod account;
mod arguments;
mod breached;
mod doctor;
mod failure;
mod keys;
mod output;
mod service;
mod upkeep;

use std::process::ExitCode;

use clap::Parser;
use password_reset_config::Settings;

use crate::arguments::{Arguments, BreachedCommand, Command};
use crate::failure::Failure;
use crate::output::Output;
use crate::service::Service;

/// Runs the command of this process's arguments.
///
/// The exit code is 0 when all is well, 1 when something is wrong that the output names, and 2 when the arguments or settings
/// cannot be used.
pub async fn run() -> ExitCode {
    let arguments = Arguments::parse();
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_max_level(tracing::Level::WARN)
        .without_time()
        .with_target(false)
        .init();
    let output = Output::new(arguments.json);
    match Box::pin(execute(arguments, &output)).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output.complain(&failure.text);
            ExitCode::from(failure.code)
        }
    }
}

async fn execute(arguments: Arguments, output: &Output) -> Result<(), Failure> {
    let settings = || Settings::load(&arguments.config).map_err(Failure::unusable);
    match arguments.command {
        Command::Keys { command } => keys::run(command, settings, output).await,
        Command::Calibrate { target, max_memory_mib } => upkeep::calibrate(target, max_memory_mib, output).await,
        Command::Breached { command: BreachedCommand::Build(build) } => breached::build(&build, output),
        Command::Breached { command: BreachedCommand::Verify { list } } => breached::verify(list, output),
        Command::Migrate => upkeep::migrate(&settings()?, output).await,
        Command::Purge { yes } => upkeep::purge(&settings()?, yes, output).await,
        Command::Doctor => doctor::run(&settings()?, output).await,
        Command::History { account, limit } => {
            account::history(&Service::open(&settings()?).await?, &account, limit, output).await
        }
        Command::Deliveries { account } => {
            account::deliveries(&Service::open(&settings()?).await?, &account, output).await
        }
        Command::SendLink { account, actor, reason } => {
            account::send_link(&Service::open(&settings()?).await?, &account, &actor, &reason, output).await
        }
        Command::Lock { account, yes } => {
            account::lock(&Service::open(&settings()?).await?, &account, yes, output).await
        }
        Command::Erase { account, yes } => {
            account::erase(&Service::open(&settings()?).await?, &account, yes, output).await
        }
        Command::Export { account } => account::export(&Service::open(&settings()?).await?, &account, output).await,
    }
}
