//! Writes of several callers in one transaction.
//!
//! What a durable write costs is one wait for the disk and one lock on the file, whatever is written meanwhile. So whoever
//! comes while another transaction is on its way to the disk goes with all others who came, in the next one. Nobody waits
//! for company: who comes alone is written alone.
//!
//! They share the commit and nothing else. When one of them fails, or must be taken back, nothing of that transaction
//! stays, and each is carried out once more in one of its own, where its failure is its own.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use password_reset::PortError;
use tokio::sync::{Notify, oneshot};

use crate::error::failed;
use crate::writer::{Turn, Writer};
use crate::writes::Write;

/// How many writes one transaction has at the most.
const AT_ONCE: usize = 64;
/// How many transactions follow each other before others get a turn: purges, migrations, other pools.
const IN_A_ROW: usize = 16;

/// For so long a connection is kept for those who come next: whoever does one thing here mostly does another.
const LINGERS: Duration = Duration::from_millis(1);

/// A write on its way.
pub(crate) type Writing<'c, T> = Pin<Box<dyn Future<Output = Result<Wrote<T>, PortError>> + Send + 'c>>;

/// Whether somebody is told something that must then be true for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Haste {
    /// It is on the disk before the answer.
    OnDisk,
    /// A loss of power may take it back: it is then done again.
    Unhurried,
}

/// How much a write is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// One text, and nothing of it is ever taken back: alone it begins and ends its transaction itself.
    OneText,
    Several,
}

impl Shape {
    pub(crate) fn of(is_one_text: bool) -> Self {
        if is_one_text { Self::OneText } else { Self::Several }
    }
}

/// What a write came to.
pub(crate) enum Wrote<T> {
    /// What it wrote is to stay, if it wrote anything.
    Keep(T),
    /// Nothing of it is to stay.
    TakeBack(T),
}

/// Collects writes, and carries them out.
#[derive(Clone, Debug)]
pub(crate) struct Together {
    writer: Writer,
    waiting: Arc<Mutex<Waiting>>,
    came: Arc<Notify>,
}

#[derive(Default)]
struct Waiting {
    calls: Vec<Box<dyn Call>>,
    /// A task is carrying calls out, and looks here for more before it ends.
    is_led: bool,
}

impl Together {
    pub(crate) fn new(writer: &Writer) -> Self {
        Self { writer: writer.clone(), waiting: Arc::default(), came: Arc::default() }
    }

    /// Carries a write out in a transaction, maybe with those of others; returns when it is committed.
    ///
    /// It may be carried out twice, the first time without effect. When the caller goes away before it began, it is not
    /// carried out at all.
    pub(crate) async fn write<T, W>(&self, haste: Haste, shape: Shape, work: W) -> Result<T, PortError>
    where
        T: Send + Sync + 'static,
        W: for<'c> Fn(Write<'c>) -> Writing<'c, T> + Send + Sync + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let leads = {
            let mut waiting = self.lock();
            waiting.calls.push(Box::new(Asked { haste, shape, work, reply, result: None }));
            !std::mem::replace(&mut waiting.is_led, true)
        };
        if leads {
            // A task of its own: a caller who goes away must not take the writes of others along.
            tokio::spawn(Leader { together: self.clone(), leads: true }.lead());
        } else {
            self.came.notify_one();
        }
        answer.await.map_err(|gone| PortError::transient("a write was given up").because(gone))?
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Waiting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Waiting").field("calls", &self.calls.len()).field("is_led", &self.is_led).finish()
    }
}

/// Carries calls out until there are none.
struct Leader {
    together: Together,
    leads: bool,
}

impl Leader {
    async fn lead(mut self) {
        'turns: loop {
            let mut turn = match self.together.writer.turn().await {
                Ok(turn) => turn,
                Err(error) => match self.next() {
                    Some(calls) => {
                        refuse(calls, error);
                        continue;
                    }
                    None => return,
                },
            };
            for _ in 0..IN_A_ROW {
                if self.together.lock().calls.is_empty() && self.together.writer.has_others() {
                    let _nobody = tokio::time::timeout(LINGERS, self.together.came.notified()).await;
                }
                let Some(calls) = self.next() else { return turn.end().await };
                if let Err(again) = carry_out(&mut turn, calls).await {
                    drop(turn);
                    self.one_by_one(again).await;
                    continue 'turns;
                }
            }
            turn.end().await;
        }
    }

    /// Those who wait; when there are none, whoever comes next leads.
    fn next(&mut self) -> Option<Vec<Box<dyn Call>>> {
        let mut waiting = self.together.lock();
        self.leads = !waiting.calls.is_empty();
        waiting.is_led = self.leads;
        let most = waiting.calls.len().min(AT_ONCE);
        self.leads.then(|| waiting.calls.drain(..most).collect())
    }

    async fn one_by_one(&self, calls: Vec<Box<dyn Call>>) {
        for call in calls {
            match self.together.writer.turn().await {
                // Alone, a call is answered whatever becomes of it.
                Ok(mut turn) => drop(carry_out(&mut turn, vec![call]).await),
                Err(error) => call.refuse(error),
            }
        }
    }
}

impl Drop for Leader {
    /// When its runtime ends in the middle, those who wait are told so, and whoever comes next leads.
    fn drop(&mut self) {
        if self.leads {
            let mut waiting = self.together.lock();
            waiting.is_led = false;
            let gone = std::mem::take(&mut waiting.calls);
            // Whoever is told so may ask again at once.
            drop(waiting);
            drop(gone);
        }
    }
}

/// Carries calls out in one transaction. After a failure the turn is worth nothing any more, and those calls are given
/// back of which nothing was written because of another.
async fn carry_out(turn: &mut Turn, mut calls: Vec<Box<dyn Call>>) -> Result<(), Vec<Box<dyn Call>>> {
    let is_one_text = matches!(calls.as_slice(), [call] if call.shape() == Shape::OneText);
    if is_one_text && let Some(call) = calls.pop() {
        return carry_out_alone(turn, call).await;
    }
    let is_unhurried = calls.iter().all(|call| call.haste() == Haste::Unhurried);
    let begun = if is_unhurried { turn.begin_unhurried().await } else { turn.begin().await };
    let mut transaction = match begun {
        Ok(transaction) => transaction,
        Err(error) => {
            refuse(calls, error);
            return Err(Vec::new());
        }
    };
    calls.retain(|call| !call.is_abandoned());
    for call in &mut calls {
        if !call.carry_out(Write { connection: &mut transaction, is_one_text: false }).await {
            // That it cannot be rolled back is no news: when the disk is full, SQLite does so by itself.
            let _undone = transaction.rollback().await;
            if calls.len() == 1 {
                calls.drain(..).for_each(|call| call.answer());
            }
            return Err(calls);
        }
    }
    match transaction.commit().await {
        Ok(()) => {
            calls.into_iter().for_each(|call| call.answer());
            Ok(())
        }
        // Nobody knows whether it was written.
        Err(error) => {
            refuse(calls, failed("cannot write resets")(error));
            Err(Vec::new())
        }
    }
}

/// Carries a call out that is one text.
async fn carry_out_alone(turn: &mut Turn, mut call: Box<dyn Call>) -> Result<(), Vec<Box<dyn Call>>> {
    if call.is_abandoned() {
        return Ok(());
    }
    let connection = match turn.alone(call.haste() == Haste::Unhurried).await {
        Ok(connection) => connection,
        Err(error) => {
            call.refuse(error);
            return Err(Vec::new());
        }
    };
    let stays = call.carry_out(Write { connection, is_one_text: true }).await;
    turn.was_alone(stays).await;
    call.answer();
    if stays { Ok(()) } else { Err(Vec::new()) }
}

/// Tells all of them why nothing is known to be written.
fn refuse(calls: Vec<Box<dyn Call>>, error: PortError) {
    let calls = match <[_; 1]>::try_from(calls) {
        Ok([call]) => return call.refuse(error),
        Err(calls) => calls,
    };
    let error = Arc::new(error);
    for call in calls {
        let what = "several writes failed together";
        let made = if error.is_transient() { PortError::transient(what) } else { PortError::permanent(what) };
        call.refuse(made.because(Arc::clone(&error)));
    }
}

/// A write that somebody waits for.
#[async_trait]
trait Call: Send + Sync {
    fn haste(&self) -> Haste;

    fn shape(&self) -> Shape;

    fn is_abandoned(&self) -> bool;

    /// `false` when nothing of it is to stay.
    async fn carry_out(&mut self, write: Write<'_>) -> bool;

    /// Says what the last try came to.
    fn answer(self: Box<Self>);

    fn refuse(self: Box<Self>, error: PortError);
}

struct Asked<W, T> {
    haste: Haste,
    shape: Shape,
    work: W,
    reply: oneshot::Sender<Result<T, PortError>>,
    result: Option<Result<T, PortError>>,
}

#[async_trait]
impl<W, T> Call for Asked<W, T>
where
    T: Send + Sync + 'static,
    W: for<'c> Fn(Write<'c>) -> Writing<'c, T> + Send + Sync + 'static,
{
    fn haste(&self) -> Haste {
        self.haste
    }

    fn shape(&self) -> Shape {
        self.shape
    }

    fn is_abandoned(&self) -> bool {
        self.reply.is_closed()
    }

    async fn carry_out(&mut self, write: Write<'_>) -> bool {
        let (keeps, result) = match (self.work)(write).await {
            Ok(Wrote::Keep(result)) => (true, Ok(result)),
            Ok(Wrote::TakeBack(result)) => (false, Ok(result)),
            Err(error) => (false, Err(error)),
        };
        self.result = Some(result);
        keeps
    }

    fn answer(self: Box<Self>) {
        if let Some(result) = self.result {
            // Whoever is gone does not want to know.
            let _unread = self.reply.send(result);
        }
    }

    fn refuse(self: Box<Self>, error: PortError) {
        let _unread = self.reply.send(Err(error));
    }
}
