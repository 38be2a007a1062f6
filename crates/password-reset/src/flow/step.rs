//! One change that a store carries out.

use chrono::{DateTime, Utc};

use super::lease::{LeaseRequest, LeaseTaken, Leased};
use super::{Event, IllegalStep, next};
use crate::digest::Digest;
use crate::flow::audit::AuditRow;
use crate::flow::reset::Reset;
use crate::flow::tasks::Tasks;
use crate::identity::password_change::PasswordChange;
use crate::identity::sender::KnownSender;
use crate::quota::PermitClaim;

/// One change that a store carries out: made here only, so that nothing is stored that [`next`] did not allow.
#[derive(Clone, Debug)]
pub struct Step {
    after: Reset,
    from_version: i64,
    adds: Tasks,
    removes: Tasks,
    at: DateTime<Utc>,
    refuses_expired: bool,
    closes_siblings: bool,
    binds: bool,
    audit: Vec<AuditRow>,
    permit: Option<PermitClaim>,
    refills: Vec<Digest>,
    lease: Option<LeaseRequest>,
    learns: Option<Box<KnownSender>>,
    with_account: Option<Box<WithAccount>>,
}

/// What a store writes instead, when it writes the account in the same transaction.
#[derive(Clone, Debug)]
struct WithAccount {
    change: PasswordChange,
    finished: Step,
}

impl Step {
    /// A step from `before` by `event`.
    ///
    /// # Errors
    /// As [`next`].
    pub fn new(before: &Reset, event: &Event, now: DateTime<Utc>, audit: Vec<AuditRow>) -> Result<Self, IllegalStep> {
        let after = next(before, event, now)?;
        let (refuses_expired, closes_siblings) = match event {
            Event::Issue { .. }
            | Event::Suppress
            | Event::Apply { .. }
            | Event::Prove { .. }
            | Event::RequireStepUp { .. } => (true, false),
            Event::Finish { .. } => (false, true),
            Event::Lock { .. } => (true, true),
            Event::Close(_) => (false, false),
        };
        // Added again even if it is pending already: the task of this attempt must outlive the end of the one before.
        let again = if matches!(event, Event::Apply { .. }) { Tasks::FINISH } else { Tasks::NONE };
        Ok(Self {
            adds: after.tasks().without(before.tasks()).and(again),
            removes: before.tasks().without(after.tasks()),
            from_version: before.version(),
            at: now,
            after,
            refuses_expired,
            closes_siblings,
            binds: matches!(event, Event::Issue { .. }),
            audit,
            permit: None,
            refills: Vec::new(),
            lease: None,
            learns: None,
            with_account: None,
        })
    }

    /// The step that sets a password: `apply`, which leads to `Applying`; or, in a store that writes the account itself, the
    /// change and `finish`, which leads to `PasswordSet`, at once.
    ///
    /// # Errors
    /// As [`next`].
    pub fn apply(
        before: &Reset,
        apply: &Event,
        finish: &Event,
        change: PasswordChange,
        now: DateTime<Utc>,
        audit_finished: Vec<AuditRow>,
    ) -> Result<Self, IllegalStep> {
        let mut step = Self::new(before, apply, now, Vec::new())?;
        let mut finished = Self::new(&step.after, finish, now, audit_finished)?;
        // One transaction does both, so it starts where the first does and refuses what the first refuses.
        finished.from_version = before.version();
        finished.refuses_expired = true;
        finished.adds = finished.after.tasks().without(before.tasks());
        finished.removes = before.tasks().without(finished.after.tasks());
        step.with_account = Some(Box::new(WithAccount { change, finished }));
        Ok(step)
    }

    /// The row to store. Its counters, `delivery_attempts` and `notified` are to be left as they are in the store; its tasks
    /// change by [`adds`](Self::adds) and [`removes`](Self::removes). What was asked for, by whom, when and until when it is
    /// shown, the key and the nonce are the same after every step.
    #[must_use]
    pub fn after(&self) -> &Reset {
        &self.after
    }

    /// The version that the row must have.
    #[must_use]
    pub fn from_version(&self) -> i64 {
        self.from_version
    }

    /// Tasks that the row gets, beside those that are pending already.
    #[must_use]
    pub fn adds(&self) -> Tasks {
        self.adds
    }

    /// Tasks that are no longer pending.
    #[must_use]
    pub fn removes(&self) -> Tasks {
        self.removes
    }

    /// The time of the step.
    #[must_use]
    pub fn at(&self) -> DateTime<Utc> {
        self.at
    }

    /// Whether the row's `expires_at` must be after [`at`](Self::at).
    #[must_use]
    pub fn refuses_expired(&self) -> bool {
        self.refuses_expired
    }

    /// Whether every other open reset of the same account is closed as
    /// [`OtherResetWon`](crate::flow::CloseReason::OtherResetWon), and its tasks dropped.
    #[must_use]
    pub fn closes_siblings(&self) -> bool {
        self.closes_siblings
    }

    /// Whether the row gets its account by it, with the account's fingerprint, the time and the contact of
    /// the first proof. No other step changes these four.
    #[must_use]
    pub fn binds(&self) -> bool {
        self.binds
    }

    /// Takes a permit with it. A step that sets a password claims none, so a store that writes the account never has a
    /// permit and an account to take together.
    #[must_use]
    pub fn claiming(mut self, permit: PermitClaim) -> Self {
        debug_assert!(self.with_account.is_none(), "a step that sets a password claims no permit");
        self.permit = Some(permit);
        self
    }

    /// The permit to take: the step changes nothing if the quota's time is not the one that the claim was computed from.
    #[must_use]
    pub fn permit(&self) -> Option<&PermitClaim> {
        self.permit.as_ref()
    }

    /// Makes quotas full again with it.
    #[must_use]
    pub fn refilling(mut self, quotas: impl IntoIterator<Item = Digest>) -> Self {
        self.refills.extend(quotas);
        if let Some(with) = &mut self.with_account {
            with.finished.refills.clone_from(&self.refills);
        }
        self
    }

    /// Quotas to make full again.
    #[must_use]
    pub fn refills(&self) -> &[Digest] {
        &self.refills
    }

    /// Asks for a lease on the row. A password that is set in two steps leaves nothing to do before the second, so only the
    /// step that finishes takes a lease.
    #[must_use]
    pub fn leasing(mut self, lease: LeaseRequest) -> Self {
        match &mut self.with_account {
            Some(with) => with.finished.lease = Some(lease),
            None => self.lease = Some(lease),
        }
        self
    }

    /// The lease to take or to extend. Whether there is one decides nothing else about the step.
    #[must_use]
    pub fn lease(&self) -> Option<&LeaseRequest> {
        self.lease.as_ref()
    }

    /// The row that the step leads to, under the lease that it took.
    #[must_use]
    pub(crate) fn leased(&self, taken: LeaseTaken) -> Leased {
        let mut reset = self.after.clone();
        reset.row.tasks = taken.tasks;
        reset.row.notified = taken.notified;
        reset.row.delivery_attempts = taken.delivery_attempts;
        Leased::new(reset, taken.lease)
    }

    /// Whether the step leaves a task that is due at once.
    pub(crate) fn has_work(&self, now: DateTime<Utc>) -> bool {
        !self.adds.is_empty() && self.after.stored().due_at.is_some_and(|due_at| due_at <= now)
    }

    /// Adds what an inbound message said about its sender.
    #[must_use]
    pub fn learning(mut self, sender: KnownSender) -> Self {
        self.learns = Some(Box::new(sender));
        self
    }

    /// What is to be known of a sender from now on: replaces what was known of the number, but for what this leaves
    /// open, and is taken from any other number that has the same name.
    #[must_use]
    pub fn learns(&self) -> Option<&KnownSender> {
        self.learns.as_deref()
    }

    /// Audit rows to write with it.
    #[must_use]
    pub fn audit(&self) -> &[AuditRow] {
        &self.audit
    }

    /// The change of the account, and the step to carry out *instead* of this one if the store writes the account in
    /// the same transaction.
    #[must_use]
    pub fn with_account(&self) -> Option<(&PasswordChange, &Self)> {
        self.with_account.as_ref().map(|with| (&with.change, &with.finished))
    }
}
