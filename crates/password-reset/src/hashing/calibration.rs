//! Parameters of Argon2 for a time target on this machine.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::hashing::argon2_function::Argon2Function;
use crate::hashing::argon2_hasher::{Argon2Hasher, Argon2Params, Argon2ParamsError};
use crate::hashing::hash_pool::HashPoolConfig;
use crate::identity::password::Password;
use crate::ports::{HashError, PasswordHasher};

/// Each set of parameters is measured this often, and the fastest run counts: other load only ever makes a run slower.
const RUNS: usize = 3;

/// How often a set that came out too slow is corrected before the floor is taken.
const CORRECTIONS: usize = 4;

/// Parameters that [`Argon2Params::calibrate`] found, and how long one hash takes with them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Calibration {
    params: Argon2Params,
    each_takes: Duration,
}

impl Calibration {
    /// The parameters.
    #[must_use]
    pub const fn params(&self) -> Argon2Params {
        self.params
    }

    /// How long one hash takes with them. More than the target where even the floor is too slow for it.
    #[must_use]
    pub const fn each_takes(&self) -> Duration {
        self.each_takes
    }

    /// What a pool of this shape costs with these parameters.
    #[must_use]
    pub fn bounds(&self, pool: &HashPoolConfig) -> PoolBounds {
        let memory_kib = u64::from(self.params.memory_kib()).saturating_mul(pool.thread_count() as u64);
        PoolBounds { memory_kib, longest_wait: pool.each_takes(self.each_takes).longest_wait() }
    }
}

impl fmt::Display for Calibration {
    /// As a line of a log: `m=19456 KiB, t=2, p=1: 16.2 ms a hash`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (params, each) = (self.params, self.each_takes.as_secs_f64() * 1e3);
        let (memory, passes, lanes) = (params.memory_kib(), params.passes(), params.lanes());
        write!(f, "m={memory} KiB, t={passes}, p={lanes}: {each:.1} ms a hash")
    }
}

/// The most that a pool takes, from a [`Calibration`] and a [`HashPoolConfig`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PoolBounds {
    /// Memory of all workers together, in KiB. Verifying a stored hash of higher cost can take more for its time, up to
    /// [`Argon2Hasher::with_bounds`].
    pub memory_kib: u64,
    /// How long a caller waits who takes the last place of the queue. The next caller gets
    /// [`PoolError::Busy`](crate::hashing::PoolError::Busy) at once.
    pub longest_wait: Duration,
}

/// No parameters could be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CalibrationError {
    /// The most memory is under the floor or over 1 GiB.
    #[error(transparent)]
    Params(#[from] Argon2ParamsError),
    /// Hashing failed, probably for want of memory.
    #[error(transparent)]
    Hash(#[from] HashError),
}

impl Argon2Params {
    /// Finds the strongest parameters with which one hash takes at most the target time on this machine.
    ///
    /// Raises the memory first, up to `max_memory_kib`, and then the passes, up to 16, as RFC 9106 §4 advises; one lane,
    /// because lanes are computed one after another here. Never goes below [`Argon2Params::DEFAULT`] (19 MiB, 2 passes, 1
    /// lane), even where that takes longer than the target.
    ///
    /// Hashes on the calling thread, some twenty times: call it in a command of the operator or before the service starts,
    /// write the result into the configuration, and do not calibrate at each start. Two nodes that disagree would each find
    /// the other's hashes outdated.
    ///
    /// ```no_run
    /// use std::time::Duration;
    ///
    /// use password_reset::hashing::{Argon2Params, HashPoolConfig};
    ///
    /// let found = Argon2Params::calibrate(Duration::from_millis(100), 128 * 1024)?;
    /// let pool = HashPoolConfig::default().each_takes(found.each_takes());
    /// let bounds = found.bounds(&pool);
    /// println!("{found}; at most {} MiB, at most {:?} in the queue", bounds.memory_kib / 1024, bounds.longest_wait);
    /// # Ok::<(), password_reset::hashing::CalibrationError>(())
    /// ```
    ///
    /// # Errors
    /// When `max_memory_kib` is under 19 MiB or over 1 GiB, or hashing fails.
    pub fn calibrate(target: Duration, max_memory_kib: u32) -> Result<Calibration, CalibrationError> {
        Self::calibrate_by(target, max_memory_kib, |params| time_one_hash(&Argon2Hasher::new(params)))
    }

    /// [`calibrate`](Self::calibrate) for another implementation of Argon2.
    ///
    /// # Errors
    /// As [`calibrate`](Self::calibrate).
    pub fn calibrate_with(
        target: Duration,
        max_memory_kib: u32,
        function: &Arc<dyn Argon2Function>,
    ) -> Result<Calibration, CalibrationError> {
        let hasher = |params| Argon2Hasher::new(params).with_function(Arc::clone(function));
        Self::calibrate_by(target, max_memory_kib, |params| time_one_hash(&hasher(params)))
    }

    /// `measure` returns how long one hash takes.
    fn calibrate_by(
        target: Duration,
        max_memory_kib: u32,
        mut measure: impl FnMut(Self) -> Result<Duration, HashError>,
    ) -> Result<Calibration, CalibrationError> {
        let floor = Self::DEFAULT;
        // Refuses a limit that is out of range by its name.
        Self::new(max_memory_kib, floor.passes(), floor.lanes())?;
        let mut measured = |params| Ok::<_, HashError>(Calibration { params, each_takes: measure(params)? });
        let base = measured(floor)?;
        if base.each_takes >= target {
            return Ok(base);
        }
        // Time grows in proportion to memory and to passes, so that each measurement says what to try next.
        let mut best = base;
        let mut next = scaled(floor.memory_kib(), target, base.each_takes).min(max_memory_kib);
        for _ in 0..CORRECTIONS {
            if next <= best.params.memory_kib() {
                break;
            }
            let tried = measured(Self::new(next, floor.passes(), floor.lanes())?)?;
            if tried.each_takes <= target {
                best = tried;
                break;
            }
            next = scaled(next, target, tried.each_takes).min(next.saturating_sub(1));
        }
        if best.params.memory_kib() < max_memory_kib {
            return Ok(best);
        }
        let mut passes = scaled(floor.passes(), target, best.each_takes).min(Self::MAX.passes());
        while passes > floor.passes() {
            let tried = measured(Self::new(max_memory_kib, passes, floor.lanes())?)?;
            if tried.each_takes <= target {
                return Ok(tried);
            }
            passes = passes.saturating_sub(1);
        }
        Ok(best)
    }
}

/// A number that took `took`, in proportion to the target, rounded down.
fn scaled(number: u32, target: Duration, took: Duration) -> u32 {
    let scaled = u128::from(number).saturating_mul(target.as_nanos()).checked_div(took.as_nanos());
    scaled.and_then(|scaled| u32::try_from(scaled).ok()).unwrap_or(u32::MAX)
}

#[allow(clippy::disallowed_methods, reason = "measures real time, and decides nothing by it that a reset depends on")]
fn time_one_hash(hasher: &dyn PasswordHasher) -> Result<Duration, HashError> {
    let mut worker = hasher.worker();
    let password = Password::new("a password to measure with");
    // The first hash also takes the memory from the operating system.
    worker.hash(&password)?;
    let mut fastest = Duration::MAX;
    for _ in 0..RUNS {
        let start = Instant::now();
        worker.hash(&password)?;
        fastest = fastest.min(start.elapsed());
    }
    Ok(fastest)
}

#[cfg(test)]
mod tests;
