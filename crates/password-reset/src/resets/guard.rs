//! What an application's port may do without harm to others: panic, and never answer.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;

use futures_util::FutureExt;
use futures_util::future::{Either, select};
use tracing::Instrument;

use crate::error::PortError;
use crate::resets::Resets;
use crate::resets::spans::Call;

impl Resets {
    /// As [`contained`](Self::contained), for as long as a verb may take. What was begun by then may be done all the same.
    pub(crate) fn in_time<T, E: From<PortError>>(
        &self,
        what: impl Into<Call>,
        call: impl Future<Output = Result<T, E>>,
    ) -> impl Future<Output = Result<T, E>> {
        let call = self.contained(what, call);
        async move {
            match select(pin!(call), self.clock.sleep(self.limits.answer_within)).await {
                Either::Left((done, _)) => done,
                Either::Right(_) => Err(PortError::transient("a port did not answer in time").into()),
            }
        }
    }

    /// Runs what calls ports. A panic is an error like any other: of this call alone, and worth another try.
    ///
    /// Nothing of the panic goes into the error or the log, since it may name an address. The program's panic hook has it.
    pub(crate) fn contained<T, E: From<PortError>>(
        &self,
        what: impl Into<Call>,
        call: impl Future<Output = Result<T, E>>,
    ) -> impl Future<Output = Result<T, E>> {
        let what = what.into();
        // On the heap, so that the future of a verb is no larger for it.
        let call = Box::pin(call.instrument(what.span()));
        let what = what.name;
        async move {
            // The call owns what it changes, and locks that a panic poisons are used all the same.
            AssertUnwindSafe(call).catch_unwind().await.unwrap_or_else(|panic| {
                // Dropping what the panic carries may panic too.
                let _dropped = catch_unwind(AssertUnwindSafe(move || drop(panic)));
                if let Some(hits) = self.panics.count(self.now()) {
                    let alert = "a port panicked; the call counts as failed";
                    tracing::error!(target: "password_reset::alert", what, hits, "{alert}");
                }
                Err(PortError::transient("a port panicked").with_code("panicked").into())
            })
        }
    }
}
