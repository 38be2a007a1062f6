//! Faults at the calls of ports: every one in turn.

mod wrappers;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use password_reset::PortError;
use tokio::sync::watch;

pub use self::wrappers::{FaultyAccounts, FaultyNotifier, FaultyRandom, FaultyStore};

/// A plan of faults, shared by the wrappers [`FaultyStore`], [`FaultyAccounts`], [`FaultyNotifier`] and
/// [`FaultyRandom`]. Clones are the same plan.
///
/// It counts the calls of all of them together, so that a test can let each call fail in turn, until there is none
/// left:
///
/// ```
/// use std::sync::Arc;
/// use password_reset::ports::ResetStore;
/// use password_reset_testkit::{Fault, Faults, FaultyStore, MemoryStore, sample};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let mut failures = 0;
/// for call in 1.. {
///     let faults = Faults::at(call, Fault::FailAfter);
///     let store = FaultyStore::new(Arc::new(MemoryStore::new()), &faults);
///     let reset = sample::requested(sample::noon());
///     let opened = store.open(&reset, None, &[]).await; // … and here what is tested
///     if !faults.struck() {
///         break; // There is no such call: all were tried.
///     }
///     failures += 1;
///     assert!(opened.is_err());
/// }
/// assert_eq!(failures, 1);
/// # });
/// ```
#[derive(Clone)]
pub struct Faults {
    at: Option<usize>,
    lasting: bool,
    fault: Fault,
    calls: Arc<Mutex<Vec<&'static str>>>,
    struck: Arc<watch::Sender<bool>>,
}

/// What goes wrong at a call.
#[derive(Clone)]
#[non_exhaustive]
pub enum Fault {
    /// The call fails, and nothing was done.
    FailBefore,
    /// The call is carried out, and fails: the answer was lost.
    FailAfter,
    /// The call never returns, and nothing was done: what a process that is killed leaves. Drop the task.
    StopBefore,
    /// The call is carried out, and never returns: killed before it could read the answer. Drop the task.
    StopAfter,
    /// Something is run before the call is carried out: it may end the process, or change what the call finds.
    RunBefore(Hook),
    /// Something is run after the call was carried out.
    RunAfter(Hook),
}

/// What [`Fault::RunBefore`] and [`Fault::RunAfter`] run.
pub type Hook = Arc<dyn Fn() + Send + Sync>;

impl Faults {
    /// No fault; only counts.
    #[must_use]
    pub fn none() -> Self {
        Self::plan(None, false, Fault::FailBefore)
    }

    /// A fault at one call; the first is number 1.
    #[must_use]
    pub fn at(call: usize, fault: Fault) -> Self {
        Self::plan(Some(call), false, fault)
    }

    /// A fault at every call from one on; the first is number 1.
    #[must_use]
    pub fn from_call(call: usize, fault: Fault) -> Self {
        Self::plan(Some(call), true, fault)
    }

    fn plan(at: Option<usize>, lasting: bool, fault: Fault) -> Self {
        Self { at, lasting, fault, calls: Arc::default(), struck: Arc::new(watch::Sender::new(false)) }
    }

    /// The calls so far, as `port.method`, in their order.
    #[must_use]
    pub fn calls(&self) -> Vec<&'static str> {
        self.lock().clone()
    }

    /// Whether the call was reached at which the fault is.
    #[must_use]
    pub fn struck(&self) -> bool {
        *self.struck.borrow()
    }

    /// Returns as soon as the fault has struck: before the call, or, for those that strike after it, when it was
    /// carried out.
    pub async fn until_struck(&self) {
        // The sender is held by `self`, so waiting cannot end for want of one.
        self.struck.subscribe().wait_for(|struck| *struck).await.map(drop).unwrap_or_default();
    }

    fn lock(&self) -> MutexGuard<'_, Vec<&'static str>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a call, and says what is to go wrong with it.
    fn count(&self, call: &'static str) -> Option<&Fault> {
        let mut calls = self.lock();
        calls.push(call);
        let strikes = self.at.is_some_and(|at| calls.len() == at || self.lasting && calls.len() > at);
        strikes.then_some(&self.fault)
    }

    fn strike(&self) {
        self.struck.send_replace(true);
    }

    /// What happens before a call. `Err` is its answer; otherwise it is to be carried out.
    async fn before(&self, call: &'static str) -> Result<Armed<'_>, PortError> {
        let fault = self.count(call);
        match fault {
            Some(Fault::FailBefore) => {
                self.strike();
                return Err(PortError::transient("the test let this call fail before anything was done"));
            }
            Some(Fault::StopBefore) => {
                self.strike();
                std::future::pending::<()>().await;
            }
            Some(Fault::RunBefore(hook)) => {
                self.strike();
                hook();
            }
            Some(Fault::FailAfter | Fault::StopAfter | Fault::RunAfter(_)) | None => {}
        }
        Ok(Armed { faults: self, fault })
    }

    /// The same for a port whose methods are not asynchronous: a call that never returns is one that fails.
    fn before_blocking(&self, call: &'static str) -> Result<Armed<'_>, PortError> {
        let fault = self.count(call);
        match fault {
            Some(Fault::FailBefore | Fault::StopBefore) => {
                self.strike();
                return Err(PortError::transient("the test let this call fail before anything was done"));
            }
            Some(Fault::RunBefore(hook)) => {
                self.strike();
                hook();
            }
            Some(Fault::FailAfter | Fault::StopAfter | Fault::RunAfter(_)) | None => {}
        }
        Ok(Armed { faults: self, fault })
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Faults")
            .field("at", &self.at)
            .field("lasting", &self.lasting)
            .field("fault", &self.fault)
            .field("calls", &self.lock().len())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FailBefore => "FailBefore",
            Self::FailAfter => "FailAfter",
            Self::StopBefore => "StopBefore",
            Self::StopAfter => "StopAfter",
            Self::RunBefore(_) => "RunBefore(…)",
            Self::RunAfter(_) => "RunAfter(…)",
        })
    }
}

/// A call that is being carried out.
struct Armed<'a> {
    faults: &'a Faults,
    fault: Option<&'a Fault>,
}

impl Armed<'_> {
    /// What happens after the call. `Err` is its answer; otherwise its own answer stands.
    async fn after(self) -> Result<(), PortError> {
        if let Some(Fault::StopAfter) = self.fault {
            self.faults.strike();
            std::future::pending::<()>().await;
        }
        self.after_blocking()
    }

    fn after_blocking(self) -> Result<(), PortError> {
        match self.fault {
            Some(Fault::FailAfter | Fault::StopAfter) => {
                self.faults.strike();
                Err(PortError::transient("the test lost the answer of this call"))
            }
            Some(Fault::RunAfter(hook)) => {
                self.faults.strike();
                hook();
                Ok(())
            }
            Some(Fault::FailBefore | Fault::StopBefore | Fault::RunBefore(_)) | None => Ok(()),
        }
    }
}
