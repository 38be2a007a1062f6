//! The log, as a test reads it.

use std::io::{self, Write};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use tracing::subscriber::DefaultGuard;
use tracing::{Dispatch, Level};
use tracing_subscriber::fmt::MakeWriter;

/// Collects log lines without colours. Clones share the lines.
///
/// [`of_this_thread`](Self::of_this_thread) is enough for a test whose futures run on its own thread. To collect the log of all
/// threads, give a clone to `tracing_subscriber::fmt().with_writer(…)`, and make that the subscriber of the process.
#[derive(Clone, Debug, Default)]
pub struct Log(Arc<Mutex<Vec<u8>>>);

/// Beside these, the log of one test does not depend on what the others log first: with one subscriber alone, tracing asks the
/// thread that comes to a line first whether the line is wanted.
static OTHERS: LazyLock<[Dispatch; 2]> =
    LazyLock::new(|| std::array::from_fn(|_| Dispatch::new(tracing_subscriber::registry())));

impl Log {
    /// Collects what this thread logs at `level` and above, until the guard is dropped.
    #[must_use]
    pub fn of_this_thread(level: Level) -> (Self, DefaultGuard) {
        LazyLock::force(&OTHERS);
        let log = Self::default();
        let subscriber = tracing_subscriber::fmt().with_max_level(level).with_ansi(false).with_writer(log.clone());
        (log, tracing::subscriber::set_default(subscriber.finish()))
    }

    /// The lines so far.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes()).into_owned()
    }

    /// The lines since the last time.
    #[must_use]
    pub fn take(&self) -> String {
        String::from_utf8_lossy(&std::mem::take(&mut *self.bytes())).into_owned()
    }

    fn bytes(&self) -> MutexGuard<'_, Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}
