//! Calls of what the application provides. A panic there is an error of the one request, and worth another try.

use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};

use futures_util::FutureExt;
use password_reset::PortError;

/// Calls what answers at once. `panicked` is what the error says.
pub(crate) fn call<T>(panicked: &'static str, call: impl FnOnce() -> T) -> Result<T, PortError> {
    catch_unwind(AssertUnwindSafe(call)).map_err(|panic| error(panicked, panic))
}

/// As [`call`], for what is waited for.
pub(crate) async fn wait<T, F>(panicked: &'static str, call: impl FnOnce() -> F) -> Result<T, PortError>
where
    F: Future<Output = Result<T, PortError>>,
{
    let answered = AssertUnwindSafe(async { call().await }).catch_unwind().await;
    answered.unwrap_or_else(|panic| Err(error(panicked, panic)))
}

/// Nothing of the panic goes into the error, since it may hold a secret. The program's panic hook has it.
fn error(panicked: &'static str, panic: Box<dyn Any + Send>) -> PortError {
    // Dropping what the panic carries may panic too.
    let _dropped = catch_unwind(AssertUnwindSafe(move || drop(panic)));
    PortError::transient(panicked)
}
