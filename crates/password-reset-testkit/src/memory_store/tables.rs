//! The maps behind the lock, and what each method of the port does to them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use password_reset::flow::{AuditEvent, AuditRow, CloseReason, Event, Reset, State, Step, StoredReset};
use password_reset::ports::{
    AccountRows, AccountState, Ack, Acknowledged, Attempt, AttemptKind, Changed, Digest, Due, LeaseRequest, LeaseTaken,
    Leased, Opened, PasswordChange, PermitTaken, Purge, Quota, StoreHealth, Transitioned, to_millis,
};
use password_reset::{AccountId, PortError, ResetId};

use super::feeds::Feeds;
use super::purging::taken_out;
use super::quotas::Quotas;
use super::senders::KnownSenders;
use super::trail::Trail;
use crate::memory_accounts::MemoryAccounts;

/// Everything that the store holds. Each method is one transaction: it checks before it writes.
#[derive(Clone, Default)]
pub(super) struct Tables {
    resets: BTreeMap<ResetId, Row>,
    pub(super) quotas: Quotas,
    pub(super) trail: Trail,
    pub(super) senders: KnownSenders,
    pub(super) feeds: Feeds,
}

#[derive(Clone)]
struct Row {
    reset: StoredReset,
    /// The number of the last lease.
    lease: i64,
    /// Until when a worker holds it.
    leased_until: Option<DateTime<Utc>>,
}

/// What an attempt found.
pub(super) enum Counted {
    Yes(Box<Reset>, Vec<PermitTaken>),
    LimitReached,
    Unknown,
}

impl Row {
    fn reset(&self) -> Result<Reset, PortError> {
        Reset::from_stored(self.reset.clone())
            .map_err(|damaged| PortError::permanent("a stored reset is damaged").because(damaged))
    }

    /// Whether it has tasks that are due, and no worker holds it.
    fn is_due(&self, at: DateTime<Utc>) -> bool {
        let free = self.leased_until.is_none_or(|until| until <= at);
        free && !self.reset.tasks.is_empty() && self.reset.due_at.is_some_and(|due_at| due_at <= at)
    }

    fn take_lease(&mut self, request: &LeaseRequest, at: DateTime<Utc>) -> Option<LeaseTaken> {
        let is_held = request.held == Some(self.lease) && self.leased_until.is_some();
        if !is_held && self.leased_until.is_some_and(|until| until > at) {
            return None;
        }
        if !is_held {
            self.lease = self.lease.saturating_add(1);
        }
        self.leased_until = Some(request.until);
        let row = &self.reset;
        Some(LeaseTaken::new(self.lease, row.tasks, row.notified, row.delivery_attempts))
    }

    /// Replaces the row by the step's, but for what others write.
    fn write(&mut self, step: &Step) {
        let old = &self.reset;
        let mut new = step.after().stored().clone();
        new.code_attempts = old.code_attempts;
        new.step_up_attempts = old.step_up_attempts;
        new.completion_attempts = old.completion_attempts;
        new.delivery_attempts = old.delivery_attempts;
        new.notified = old.notified;
        new.tasks = old.tasks.without(step.removes()).and(step.adds());
        if step.adds().is_empty() {
            new.due_at = old.due_at;
        }
        self.reset = new;
    }
}

impl Tables {
    pub(super) fn resets(&self) -> Result<Vec<Reset>, PortError> {
        self.resets.values().map(Row::reset).collect()
    }

    pub(super) fn leases(&self) -> Vec<(ResetId, DateTime<Utc>)> {
        self.resets.iter().filter_map(|(id, row)| Some((*id, row.leased_until?))).collect()
    }

    pub(super) fn open(
        &mut self,
        reset: &Reset,
        permit: Option<&Quota>,
        lease_until: Option<DateTime<Utc>>,
        audit: &[AuditRow],
    ) -> Result<Opened, PortError> {
        if self.resets.contains_key(&reset.id()) {
            return Err(PortError::permanent("a reset with this id is stored already"));
        }
        let key = reset.stored().inbound_key;
        if key.is_some() && self.resets.values().any(|row| row.reset.inbound_key == key) {
            return Ok(Opened::DuplicateKey);
        }
        if let Some(quota) = permit
            && let PermitTaken::RateLimited { next_at } = self.quotas.take_permit(quota)
        {
            return Ok(Opened::RateLimited { next_at });
        }
        let lease = i64::from(lease_until.is_some());
        let row = Row { reset: reset.stored().clone(), lease, leased_until: lease_until };
        self.resets.insert(reset.id(), row);
        self.trail.write(audit);
        Ok(Opened::Stored)
    }

    pub(super) fn load(&self, id: ResetId) -> Result<Option<Reset>, PortError> {
        self.resets.get(&id).map(Row::reset).transpose()
    }

    pub(super) fn load_inbound(&self, key: &Digest) -> Result<Option<Reset>, PortError> {
        self.resets.values().find(|row| row.reset.inbound_key.as_ref() == Some(key)).map(Row::reset).transpose()
    }

    pub(super) fn account_state(
        &self,
        account: &AccountId,
        quotas: &[Digest],
        at: DateTime<Utc>,
    ) -> Result<AccountState, PortError> {
        let failing = self.trail.newest_of_each_contact(account).into_iter();
        let failing = failing.filter(|row| row.event == AuditEvent::NoSuchContact).filter_map(|row| row.contact);
        let mut locked = self.live(account, at, u32::MAX)?;
        locked.retain(|reset| reset.state() == State::Locked);
        let full_at = quotas.iter().map(|key| self.quotas.full_at(key)).collect();
        Ok(AccountState::new(failing.collect(), locked, full_at))
    }

    pub(super) fn live(&self, account: &AccountId, at: DateTime<Utc>, limit: u32) -> Result<Vec<Reset>, PortError> {
        let mut live = Vec::new();
        let of_account = |row: &&Row| row.reset.binding.as_ref().is_some_and(|binding| binding.account() == account);
        for row in self.resets.values().filter(of_account) {
            let reset = row.reset()?;
            if reset.is_live(at) {
                live.push(reset);
            }
        }
        live.sort_by_key(|reset| (reset.created_at(), reset.id()));
        live.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(live)
    }

    pub(super) fn keys_in_use(&self, at: DateTime<Utc>) -> Vec<String> {
        let live = self.resets.values().map(|row| &row.reset).filter(|reset| reset.expires_at > at);
        live.map(|reset| reset.key_id.clone()).collect::<BTreeSet<_>>().into_iter().collect()
    }

    pub(super) fn versions(&self, resets: &[ResetId]) -> Vec<(ResetId, i64)> {
        resets.iter().filter_map(|id| Some((*id, self.resets.get(id)?.reset.version))).collect()
    }

    pub(super) fn attempt(&mut self, attempt: &Attempt) -> Result<Counted, PortError> {
        let Some(row) = self.resets.get_mut(&attempt.id) else {
            return Ok(Counted::Unknown);
        };
        let counter = match attempt.kind {
            AttemptKind::Code => &mut row.reset.code_attempts,
            AttemptKind::StepUp => &mut row.reset.step_up_attempts,
            AttemptKind::Completion => &mut row.reset.completion_attempts,
        };
        if *counter >= attempt.limit {
            return Ok(Counted::LimitReached);
        }
        *counter = counter.saturating_add(1);
        let reset = Box::new(row.reset()?);
        let permits = attempt.quotas.iter().map(|quota| self.quotas.take_permit(quota)).collect();
        Ok(Counted::Yes(reset, permits))
    }

    pub(super) fn transition(&mut self, step: &Step) -> Result<Transitioned, PortError> {
        if !self.takes(step) {
            return Ok(Transitioned::Conflict);
        }
        Ok(Transitioned::Moved { lease: self.carry_out(step)? })
    }

    /// Carries out the finished step, and writes the account with it.
    pub(super) fn transition_with_account(
        &mut self,
        finished: &Step,
        change: &PasswordChange,
        accounts: &MemoryAccounts,
    ) -> Result<Transitioned, PortError> {
        if !self.takes(finished) {
            return Ok(Transitioned::Conflict);
        }
        match accounts.write(change) {
            Changed::Updated => Ok(Transitioned::Finished { lease: self.carry_out(finished)? }),
            _ => Ok(Transitioned::StaleAccount),
        }
    }

    /// The compare of the compare-and-set.
    fn takes(&self, step: &Step) -> bool {
        let is_claimed = step.permit().is_none_or(|claim| self.quotas.full_at(&claim.key) == claim.was_full_at);
        is_claimed
            && self.resets.get(&step.after().id()).is_some_and(|row| {
                let expired = row.reset.expires_at <= step.at();
                row.reset.version == step.from_version() && !(step.refuses_expired() && expired)
            })
    }

    /// The set of the compare-and-set, for a step that [`takes`](Self::takes) let through.
    fn carry_out(&mut self, step: &Step) -> Result<Option<LeaseTaken>, PortError> {
        let siblings = if step.closes_siblings() { self.closed_siblings(step)? } else { Vec::new() };
        for step in std::iter::once(step).chain(&siblings) {
            if let Some(row) = self.resets.get_mut(&step.after().id()) {
                row.write(step);
            }
            self.trail.write(step.audit());
        }
        if let Some(learnt) = step.learns() {
            self.senders.learn(learnt);
        }
        if let Some(claim) = step.permit() {
            self.quotas.claim(claim);
        }
        self.quotas.refill(step.refills());
        let row = self.resets.get_mut(&step.after().id());
        Ok(step.lease().zip(row).and_then(|(request, row)| row.take_lease(request, step.at())))
    }

    /// The steps that close every other open reset of the step's account.
    fn closed_siblings(&self, step: &Step) -> Result<Vec<Step>, PortError> {
        let Some(account) = step.after().account() else {
            return Ok(Vec::new());
        };
        let mut closed = Vec::new();
        for row in self.resets.values() {
            let is_sibling = row.reset.id != step.after().id()
                && row.reset.state.is_open()
                && row.reset.binding.as_ref().is_some_and(|binding| binding.account() == account);
            if is_sibling {
                let sibling = row.reset()?;
                let audit = AuditRow::new(step.at(), AuditEvent::Closed).of(&sibling).detail("other_reset_won");
                let event = Event::Close(CloseReason::OtherResetWon);
                let close = Step::new(&sibling, &event, step.at(), vec![audit])
                    .map_err(|illegal| PortError::permanent("an open reset could not be closed").because(illegal))?;
                closed.push(close);
            }
        }
        Ok(closed)
    }

    pub(super) fn health(&self, at: DateTime<Utc>) -> StoreHealth {
        let due = self.resets.values().filter(|row| row.is_due(at)).filter_map(|row| row.reset.due_at);
        let (count, oldest) = (due.clone().count(), due.min());
        let most = u64::from(StoreHealth::MAX_OVERDUE);
        StoreHealth::new(None, u64::try_from(count).unwrap_or(most).min(most), oldest)
    }

    pub(super) fn lease(&mut self, due: &Due) -> Result<Vec<Leased>, PortError> {
        let mut waiting: Vec<&mut Row> = self
            .resets
            .values_mut()
            .filter(|row| {
                let has_come = |at| at <= due.at || at > due.furthest;
                let free = row.leased_until.is_none_or(has_come);
                free && !row.reset.tasks.is_empty() && row.reset.due_at.is_some_and(has_come)
            })
            .collect();
        waiting.sort_by_key(|row| (row.reset.due_at, row.reset.id));
        let mut leased = Vec::new();
        for row in waiting.into_iter().take(usize::try_from(due.limit).unwrap_or(usize::MAX)) {
            let reset = row.reset()?;
            row.lease = row.lease.saturating_add(1);
            row.leased_until = Some(due.lease_until);
            leased.push(Leased::new(reset, row.lease));
        }
        Ok(leased)
    }

    pub(super) fn acknowledge(&mut self, ack: &Ack) -> Acknowledged {
        let held = |row: &&mut Row| row.lease == ack.lease && row.leased_until.is_some();
        let Some(row) = self.resets.get_mut(&ack.id).filter(held) else {
            return Acknowledged::LeaseLost;
        };
        let reset = &mut row.reset;
        reset.tasks = reset.tasks.without(ack.done);
        reset.notified |= ack.notified;
        reset.delivery_attempts = ack.delivery_attempts;
        let came_meanwhile = !reset.tasks.without(ack.seen).is_empty();
        reset.due_at = Some(to_millis(if came_meanwhile { ack.at } else { ack.retry_at }));
        row.leased_until = ack.keep_until.filter(|_| came_meanwhile).map(to_millis);
        self.trail.write(&ack.audit);
        if !came_meanwhile {
            return Acknowledged::Done;
        }
        let now_stored = row.leased_until.and_then(|_| row.reset().ok());
        Acknowledged::MoreTasks { kept: now_stored.map(|reset| Box::new(Leased::new(reset, row.lease))) }
    }

    pub(super) fn purge(&mut self, purge: &Purge) -> u64 {
        let resets = taken_out(&mut self.resets, purge.limit, |row| {
            row.reset.tasks.is_empty() && row.reset.expires_at < purge.resets_before
        });
        let (quotas, senders) = (self.quotas.purge(purge), self.senders.purge(purge));
        let (mut audit, mut noise) = (0_u32, 0_u32);
        self.trail.retain(|row| {
            let (gone, before) = match row.is_noise() {
                true => (&mut noise, purge.noise_before),
                false => (&mut audit, purge.audit_before),
            };
            let goes = *gone < purge.limit && row.at < before;
            *gone = gone.saturating_add(u32::from(goes));
            !goes
        });
        [resets, quotas, senders, u64::from(audit), u64::from(noise)].into_iter().fold(0, u64::saturating_add)
    }

    pub(super) fn remove(&mut self, id: ResetId) {
        self.resets.remove(&id);
    }

    pub(super) fn export(&self, account: &AccountId, keys: &[Digest]) -> Result<AccountRows, PortError> {
        let (ids, full) = self.of_account(account, keys);
        let mut resets = Vec::new();
        for (_, row) in self.resets.iter().filter(|(id, _)| ids.contains(id)) {
            resets.push(row.reset()?);
        }
        resets.sort_by_key(|reset| (reset.created_at(), reset.id()));
        let mut audit: Vec<_> = self.trail.rows().filter(|row| is_of(row, account, &ids)).cloned().collect();
        audit.sort_by_key(|row| row.at);
        let quotas = full.iter().filter_map(|key| Some((*key, self.quotas.full_at(key)?))).collect();
        Ok(AccountRows::new(resets, audit, self.senders.of(account), quotas))
    }

    pub(super) fn erase(&mut self, account: &AccountId, keys: &[Digest]) {
        let (ids, full) = self.of_account(account, keys);
        self.resets.retain(|id, _| !ids.contains(id));
        self.quotas.refill(&Vec::from_iter(full));
        self.senders.erase(account);
        self.trail.retain(|row| !is_of(row, account, &ids));
    }

    /// The resets of an account, also those that were purged, and the keys of its quotas.
    fn of_account(&self, account: &AccountId, keys: &[Digest]) -> (BTreeSet<ResetId>, BTreeSet<Digest>) {
        // Rows from before the account was known name only the reset; the reset itself may be purged by now.
        let of_account = |row: &&AuditRow| row.account.as_ref() == Some(account);
        let mut ids: BTreeSet<ResetId> = self.trail.rows().filter(of_account).filter_map(|row| row.reset).collect();
        let mut full: BTreeSet<Digest> = keys.iter().copied().collect();
        for (id, row) in &self.resets {
            let is_of = match &row.reset.binding {
                Some(binding) => binding.account() == account,
                None => keys.contains(&row.reset.subject),
            };
            if is_of || ids.contains(id) {
                ids.insert(*id);
                full.insert(row.reset.subject);
            }
        }
        (ids, full)
    }
}

fn is_of(row: &AuditRow, account: &AccountId, resets: &BTreeSet<ResetId>) -> bool {
    row.account.as_ref() == Some(account) || row.reset.is_some_and(|reset| resets.contains(&reset))
}
