//! Fault injection at the calls of ports.

mod wrappers;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use password_reset::PortError;
use tokio::sync::watch;

pub use self::wrappers::{FaultyAccounts, FaultyNotifier, FaultyRandom, FaultyStore};

/// A fault plan, shared by the wrappers [`FaultyStore`], [`FaultyAccounts`], [`FaultyNotifier`] and
/// [`FaultyRandom`]. Clones share the plan.
///
/// It counts the calls of all of them together, so that a test can make each call fail in turn:
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
///     let opened = store.open(&reset, None, None, &[]).await; // … or the code under test
///     if !faults.struck() {
///         break; // There is no such call: every call has failed once.
///     }
///     failures += 1;
///     assert!(opened.is_err());
/// }
/// assert_eq!(failures, 1);
/// # });
/// ```
#[derive(Clone)]
pub struct Faults {
    /// The call that is counted; all of them, where it is none.
    of: Option<&'static str>,
    at: Option<usize>,
    lasting: bool,
    fault: Fault,
    calls: Arc<Mutex<Vec<&'static str>>>,
    struck: Arc<watch::Sender<bool>>,
}

/// A fault at a call.
#[derive(Clone)]
#[non_exhaustive]
pub enum Fault {
    /// The call fails without effect.
    FailBefore,
    /// The call takes effect and fails: its answer is lost.
    FailAfter,
    /// The call never returns and has no effect, as in a process that is killed before it. Drop the task.
    StopBefore,
    /// The call takes effect and never returns, as in a process that is killed before it reads the answer. Drop the task.
    StopAfter,
    /// The hook runs before the call; it may end the process, or change what the call finds.
    RunBefore(Hook),
    /// The hook runs after the call.
    RunAfter(Hook),
}

/// The hook of [`Fault::RunBefore`] and [`Fault::RunAfter`].
pub type Hook = Arc<dyn Fn() + Send + Sync>;

impl Faults {
    /// No fault; counts the calls.
    #[must_use]
    pub fn none() -> Self {
        Self::plan(None, None, false, Fault::FailBefore)
    }

    /// A fault at one call; the first is number 1.
    #[must_use]
    pub fn at(call: usize, fault: Fault) -> Self {
        Self::plan(None, Some(call), false, fault)
    }

    /// A fault at the nth call of one method, named as in [`calls`](Self::calls): `"store.transition"`. The first is number 1.
    #[must_use]
    pub fn at_nth(call: &'static str, nth: usize, fault: Fault) -> Self {
        Self::plan(Some(call), Some(nth), false, fault)
    }

    /// A fault at every call from this one on; the first is number 1.
    #[must_use]
    pub fn from_call(call: usize, fault: Fault) -> Self {
        Self::plan(None, Some(call), true, fault)
    }

    fn plan(of: Option<&'static str>, at: Option<usize>, lasting: bool, fault: Fault) -> Self {
        Self { of, at, lasting, fault, calls: Arc::default(), struck: Arc::new(watch::Sender::new(false)) }
    }

    /// The calls so far, as `port.method`, in order.
    #[must_use]
    pub fn calls(&self) -> Vec<&'static str> {
        self.lock().clone()
    }

    /// Whether the faulty call was reached.
    #[must_use]
    pub fn struck(&self) -> bool {
        *self.struck.borrow()
    }

    /// Returns as soon as the fault has struck: before the call, or after it has taken effect.
    pub async fn until_struck(&self) {
        // `self` holds the sender, so the channel stays open.
        self.struck.subscribe().wait_for(|struck| *struck).await.map(drop).unwrap_or_default();
    }

    fn lock(&self) -> MutexGuard<'_, Vec<&'static str>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a call; returns its fault, if it has one.
    fn count(&self, call: &'static str) -> Option<&Fault> {
        let mut calls = self.lock();
        calls.push(call);
        let is_counted = |name: &str| self.of.is_none_or(|of| of == name);
        let number = calls.iter().filter(|name| is_counted(name)).count();
        let strikes = self.at.is_some_and(|at| number == at || self.lasting && number > at);
        (is_counted(call) && strikes).then_some(&self.fault)
    }

    fn strike(&self) {
        self.struck.send_replace(true);
    }

    /// Runs the faults before a call. `Err` is the call's answer; otherwise the call goes ahead.
    async fn before(&self, call: &'static str) -> Result<Armed<'_>, PortError> {
        let fault = self.count(call);
        if let Some(Fault::StopBefore) = fault {
            self.strike();
            std::future::pending::<()>().await;
        }
        self.armed(fault)
    }

    /// The same for ports with synchronous methods, where a call that never returns fails instead.
    fn before_blocking(&self, call: &'static str) -> Result<Armed<'_>, PortError> {
        self.armed(self.count(call))
    }

    fn armed<'a>(&'a self, fault: Option<&'a Fault>) -> Result<Armed<'a>, PortError> {
        match fault {
            Some(Fault::FailBefore | Fault::StopBefore) => {
                self.strike();
                return Err(PortError::transient("the test made this call fail before it took effect"));
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
            .field("of", &self.of)
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

/// A call in progress.
struct Armed<'a> {
    faults: &'a Faults,
    fault: Option<&'a Fault>,
}

impl Armed<'_> {
    /// Runs the faults after the call. `Err` replaces the call's answer.
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
