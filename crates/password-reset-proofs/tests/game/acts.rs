//! The moves of the game, and what must hold of each.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use futures_util::future::{Either, select};
use password_reset::flow::Reset;
use password_reset::{AccountId, ResetId, StepUp};
use password_reset_testkit::{Fault, Faults};

use crate::jobs::{Job, Outcome, WRONG, Way, run};
use crate::play::{Known, OWNER, PHONE, Pair, Play, reset_of};
use crate::ports::block_on;

/// What a player does; numbers of mails, pairs and messages count from the newest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    StrangerAsks(Way),
    /// Types as many wrong codes as a reset takes, and one more, with every token of their own.
    StrangerGuesses,
    /// Types one wrong code with the token of the newest pair.
    StrangerGuessesOnce,
    /// Types the right code with the token of the newest pair, by luck.
    StrangerIsLucky,
    StrangerForges,
    /// Sends the text of their own request from their own phone.
    StrangerSends,
    Asks(usize, Way),
    Opens(usize, usize),
    Types(usize),
    StepsUp(usize),
    Sets(usize),
    SetsWeak(usize),
    Cancels(usize),
    /// Sends the text that the browser shows from the owner's phone.
    Sends(usize),
    /// The provider brings a message, for the first time or again.
    Receives(usize),
    Claims(usize),
    ChangesElsewhere,
    Works,
    Rotates,
    Waits(u64),
    GoesBack,
}

impl Verb {
    pub(crate) const fn is_strangers(self) -> bool {
        matches!(
            self,
            Self::StrangerAsks(_)
                | Self::StrangerGuesses
                | Self::StrangerGuessesOnce
                | Self::StrangerIsLucky
                | Self::StrangerForges
                | Self::StrangerSends
        )
    }
}

/// What happens in the middle of a verb, before one of its calls of the databases; the first is 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    Nothing,
    /// The node dies.
    Crash(usize),
    /// The other node does this, from its beginning to its end.
    Race(usize, Verb),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Act {
    pub(crate) verb: Verb,
    pub(crate) node: u8,
    pub(crate) cut: Cut,
}

impl Act {
    pub(crate) fn of(verb: Verb, node: u8) -> Self {
        Self { verb, node, cut: Cut::Nothing }
    }

    /// Whether a stranger may guess right in it: what follows is no game any more.
    pub(crate) fn is_lucky(self) -> bool {
        self.verb == Verb::StrangerIsLucky || matches!(self.cut, Cut::Race(_, Verb::StrangerIsLucky))
    }

    pub(crate) fn cut(mut self, cut: Cut) -> Self {
        self.cut = cut;
        self
    }
}

/// What an act came to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// Of the verb, and of the one in its middle; a crashed verb comes to nothing.
    pub(crate) outcomes: Vec<Outcome>,
    pub(crate) mails: Vec<&'static str>,
    /// The calls of the databases.
    pub(crate) calls: Vec<&'static str>,
}

/// A property that does not hold: its name, and how.
pub(crate) type Violation = String;

fn newest<T>(all: &[T], back: usize) -> Option<&T> {
    all.len().checked_sub(back + 1).map(|at| &all[at])
}

impl Known {
    /// The tokens of the pairs of which both have seen the same.
    pub(crate) fn tokens(&self) -> Vec<(String, String)> {
        let even = self.pairs.iter().filter(|pair| pair.is_even);
        even.map(|pair| (pair.owners.clone(), pair.unknowns.clone())).collect()
    }

    pub(crate) fn links(&self, back: usize) -> Option<(ResetId, String)> {
        let mut links = self.mails.iter().rev().filter_map(|mail| Some((mail.reset, mail.link.clone()?)));
        links.nth(back)
    }

    fn code_of(&self, reset: ResetId) -> Option<String> {
        let mail = self.mails.iter().rev().find(|mail| mail.reset == reset && !mail.is_step_up)?;
        mail.code.clone()
    }

    pub(crate) fn step_up_code_of(&self, reset: ResetId) -> Option<String> {
        self.mails.iter().rev().find(|mail| mail.reset == reset && mail.is_step_up)?.code.clone()
    }

    /// What the owner brings is right, whether or not the answer arrives.
    fn intend(&mut self, verb: Verb) {
        let browser = |at: usize| self.browsers[at].clone();
        match verb {
            Verb::Opens(_, mail) => {
                let mut links = self.mails.iter().rev().filter(|mail| mail.link.is_some());
                self.facts.proved.extend(links.nth(mail).map(|mail| mail.reset));
            }
            Verb::Types(at) => self.facts.proved.extend(browser(at).requester_token.as_deref().map(reset_of)),
            Verb::Receives(sent) => self.facts.proved.extend(newest(&self.sent, sent).map(|(_, reset, _)| *reset)),
            Verb::StepsUp(at) => self.facts.stepped_up.extend(browser(at).partial_grant.as_deref().map(reset_of)),
            Verb::Cancels(mail) => {
                let reset = newest(&self.mails, mail).map(|mail| mail.reset);
                self.facts.cancelled.extend(reset);
            }
            _ => {}
        }
    }

    /// A reset acts only on the account as it was when it was issued.
    fn as_it_was(&self, reset: ResetId, generation: u32) -> Result<(), Violation> {
        match self.facts.issued.get(&reset) {
            Some(issued) if *issued != generation => {
                Err("I8: a reset acted on an account that has changed since it was issued".to_owned())
            }
            _ => Ok(()),
        }
    }
}

impl Play {
    /// The job of a verb; `None` when the player has not what it takes.
    pub(crate) fn job(&self, verb: Verb) -> Option<Job> {
        let known = &self.known;
        Some(match verb {
            Verb::StrangerAsks(way) => Job::AskTwice(way),
            Verb::StrangerGuesses if !known.tokens().is_empty() => {
                Job::Guess { tokens: known.tokens(), times: self.setting.code_attempts + 1 }
            }
            Verb::StrangerGuessesOnce => {
                Job::Type { token: newest(&known.pairs, 0)?.owners.clone(), code: WRONG.to_owned() }
            }
            Verb::StrangerIsLucky => {
                let token = newest(&known.pairs, 0)?.owners.clone();
                let code = known.code_of(reset_of(&token))?;
                Job::Type { token, code }
            }
            Verb::StrangerForges => Job::Forge(newest(&known.pairs, 0)?.owners.clone()),
            Verb::StrangerSends => {
                let text = newest(&known.pairs, 0)?.challenge.clone()?;
                Job::Receive { text, from: "+6281200000002", at: self.now() }
            }
            Verb::Asks(browser, way) => Job::Ask { way, again: known.browsers[browser].requester_token.clone() },
            Verb::Opens(_, mail) => Job::Open(known.links(mail)?.1),
            Verb::Types(browser) => {
                let token = known.browsers[browser].requester_token.clone()?;
                let code = known.code_of(reset_of(&token))?;
                Job::Type { token, code }
            }
            Verb::StepsUp(browser) => {
                let partial = known.browsers[browser].partial_grant.clone()?;
                let code = match self.setting.step_up {
                    Some(StepUp::Code) => Some(known.step_up_code_of(reset_of(&partial))?),
                    _ => None,
                };
                Job::StepUp { partial, code }
            }
            Verb::Sets(browser) => Job::Set {
                grant: known.browsers[browser].grant.clone()?,
                // Another for each browser, and after each change: so that it shows whose is in force.
                password: format!("password {} of browser {browser}", known.facts.passwords),
            },
            Verb::SetsWeak(browser) => {
                Job::Set { grant: known.browsers[browser].grant.clone()?, password: "weak".to_owned() }
            }
            Verb::Cancels(mail) => Job::Cancel(newest(&known.mails, mail)?.cancel.clone()?),
            Verb::Receives(sent) => {
                let (text, _, at) = newest(&known.sent, sent)?.clone();
                Job::Receive { text, from: PHONE, at }
            }
            Verb::Claims(browser) => Job::Claim(known.browsers[browser].requester_token.clone()?),
            Verb::ChangesElsewhere => Job::ChangeElsewhere(format!("elsewhere {}", known.facts.passwords)),
            Verb::Works => Job::Work,
            Verb::StrangerGuesses | Verb::Sends(_) | Verb::Rotates | Verb::Waits(_) | Verb::GoesBack => return None,
        })
    }

    /// Verbs that need no service.
    fn by_hand(&mut self, verb: Verb, node: u8) -> bool {
        match verb {
            Verb::Waits(minutes) => self.wait(minutes),
            Verb::GoesBack => {
                self.clock.set(self.now() - chrono::TimeDelta::hours(1));
                self.known.facts.was_set_back = true;
            }
            Verb::Rotates => self.known.phase[usize::from(node)] += 1,
            Verb::Sends(browser) => {
                let Some(text) = self.known.browsers[browser].challenge.clone() else { return false };
                let Some(token) = &self.known.browsers[browser].requester_token else { return false };
                let sent = (text, reset_of(token), self.now());
                self.known.sent.push(sent);
            }
            _ => return false,
        }
        true
    }

    /// Whether the act can be done here.
    pub(crate) fn can(&self, verb: Verb) -> bool {
        match verb {
            Verb::Waits(_) | Verb::GoesBack | Verb::Rotates => true,
            Verb::Sends(browser) => self.known.browsers[browser].challenge.is_some(),
            verb => self.job(verb).is_some(),
        }
    }

    /// Does an act, learns from it, and checks what must hold of every act.
    pub(crate) async fn act(&mut self, act: Act) -> Result<Seen, Violation> {
        let mut seen = Seen::default();
        if self.by_hand(act.verb, act.node) {
            return Ok(seen);
        }
        let Some(job) = self.job(act.verb) else { return Ok(seen) };
        let before = self.rows();
        let (hash_before, writes_before) = self.hash().await;
        let generation = self.known.facts.generation;
        self.known.intend(act.verb);
        let second: Arc<Mutex<Option<Outcome>>> = Arc::default();
        let (faults, raced) = match act.cut {
            Cut::Nothing => (Faults::none(), None),
            Cut::Crash(call) => (Faults::at(call, Fault::StopBefore), None),
            Cut::Race(call, verb) => {
                let Some(other) = self.job(verb) else { return Ok(seen) };
                self.known.intend(verb);
                let node = self.healthy(1 - act.node);
                let waiting = Mutex::new(Some((other, node)));
                let (accounts, second) = (Arc::clone(&self.databases.accounts), Arc::clone(&second));
                let hook = move || {
                    if let Some((job, node)) = waiting.lock().unwrap().take() {
                        *second.lock().unwrap() = Some(block_on(run(job, &node, Arc::clone(&accounts))));
                    }
                };
                (Faults::at(call, Fault::RunBefore(Arc::new(hook))), Some(verb))
            }
        };
        let node = Arc::new(self.node(act.node, &faults));
        let running = Box::pin(run(job, &node, Arc::clone(&self.databases.accounts)));
        let first = match act.cut {
            Cut::Crash(_) => match select(running, Box::pin(faults.until_struck())).await {
                Either::Left((outcome, _)) => Some(outcome),
                Either::Right(((), _)) => None,
            },
            _ => Some(running.await),
        };
        seen.calls = faults.calls();
        let completed = match act.cut {
            Cut::Crash(_) if faults.struck() => seen.calls.len() - 1,
            Cut::Race(call, _) => call - 1,
            _ => seen.calls.len(),
        };
        if act.verb == Verb::StrangerGuessesOnce && seen.calls[..completed].contains(&"store.attempt") {
            let pair = self.known.pairs.last_mut().unwrap();
            pair.is_even = false;
            *self.known.facts.guesses.entry(reset_of(&pair.owners)).or_default() += 1;
        }
        if act.verb == Verb::StrangerGuesses {
            let after = self.rows();
            for (id, was) in &before {
                let compared = after.get(id).map_or(0, |is| is.stored().code_attempts - was.stored().code_attempts);
                *self.known.facts.guesses.entry(*id).or_default() += compared;
            }
        }
        seen.mails = self.read().await;
        let (hash, writes) = self.hash().await;
        let written = writes - writes_before + u32::from(writes == writes_before && hash != hash_before);
        self.known.facts.generation += written;
        self.known.facts.passwords += written;
        self.bind();
        let mut fresh = 0;
        let raced = raced.and_then(|verb| Some((verb, second.lock().unwrap().take()?)));
        for (verb, outcome) in raced.into_iter().chain(first.map(|first| (act.verb, first))) {
            fresh += u32::from(matches!(outcome, Outcome::Set { repeated: false, .. }));
            let is_overtaken = matches!(act.cut, Cut::Race(_, Verb::ChangesElsewhere));
            match outcome {
                Outcome::Set { in_force: false, .. } if is_overtaken => {}
                _ => self.settle(verb, &outcome, generation)?,
            }
            seen.outcomes.push(outcome);
        }
        let sets = |verb| matches!(verb, Verb::Sets(_) | Verb::SetsWeak(_) | Verb::ChangesElsewhere);
        let may_write = sets(act.verb) || matches!(act.cut, Cut::Race(_, verb) if sets(verb));
        if written > 0 && !may_write {
            return Err(format!("I1: {:?} changed the password", act.verb));
        }
        // A change by the application in the middle is not the reset's: either comes first, and then the reset fails.
        let elsewhere = u32::from(matches!(act.cut, Cut::Race(_, Verb::ChangesElsewhere)));
        if written > 1 + elsewhere || fresh + elsewhere > written.max(1) {
            return Err(format!("I2: {written} passwords were written, and {fresh} attempts succeeded"));
        }
        if !act.is_lucky() {
            self.check_stranger(act.verb, &before)?;
        }
        Ok(seen)
    }

    /// Takes what an outcome gave, and checks that it may be.
    fn settle(&mut self, verb: Verb, outcome: &Outcome, generation: u32) -> Result<(), Violation> {
        match (verb, outcome) {
            (Verb::StrangerAsks(_), Outcome::Twice { owners, unknowns, challenge }) => {
                let (owners, unknowns) = (owners.clone(), unknowns.clone());
                let pair = Pair { owners, unknowns, challenge: challenge.clone(), is_even: true };
                self.known.pairs.push(pair);
            }
            (Verb::StrangerIsLucky, Outcome::Granted(_) | Outcome::StepUp(_)) => {
                let reset = reset_of(&newest(&self.known.pairs, 0).unwrap().owners);
                let compared = self.known.facts.guesses.get(&reset).copied().unwrap_or_default();
                if compared >= self.setting.code_attempts {
                    return Err(format!("I4, every guess counts: the code opened after {compared} guesses"));
                }
            }
            (Verb::StrangerSends, Outcome::Said(said)) if !said.contains("Ignored") => {
                return Err(format!("I1: a message from another number was taken: {said}"));
            }
            (_, Outcome::Compared(compared)) => {
                if let Some((owners, unknowns)) = compared.iter().find(|(owners, unknowns)| owners != unknowns) {
                    return Err(format!("I5: with the owner's name {owners}, with a name of no account {unknowns}"));
                }
            }
            (_, Outcome::Forged(accepted)) if !accepted.is_empty() => {
                return Err(format!("I1: accepted from a stranger: {accepted:?}"));
            }
            (_, Outcome::Granted(_) | Outcome::StepUp(_) | Outcome::Set { .. }) if verb.is_strangers() => {
                return Err(format!("I1: {verb:?} came to {outcome:?}"));
            }
            (Verb::Asks(browser, _), Outcome::Requested { token, challenge }) => {
                let browser = &mut self.known.browsers[browser];
                (browser.requester_token, browser.challenge) = (Some(token.clone()), challenge.clone());
            }
            (
                Verb::Opens(browser, _) | Verb::Types(browser) | Verb::Claims(browser) | Verb::StepsUp(browser),
                Outcome::Granted(token),
            ) => {
                self.known.as_it_was(reset_of(token), generation)?;
                if self.setting.step_up.is_some() && !matches!(verb, Verb::StepsUp(_)) {
                    let reset = reset_of(token);
                    if !self.known.facts.stepped_up.contains(&reset) {
                        return Err("I1: a grant without the step-up that the policy requires".to_owned());
                    }
                }
                self.known.browsers[browser].grant = Some(token.clone());
            }
            (Verb::Opens(browser, _) | Verb::Types(browser) | Verb::Claims(browser), Outcome::StepUp(token)) => {
                self.known.as_it_was(reset_of(token), generation)?;
                self.known.browsers[browser].partial_grant = Some(token.clone());
            }
            (Verb::Sets(_) | Verb::SetsWeak(_), Outcome::Set { in_force: false, .. }) => {
                return Err("I7: success was said of a password that is not in force".to_owned());
            }
            (Verb::Sets(browser), Outcome::Set { repeated: false, .. }) => {
                let reset = self.known.browsers[browser].grant.as_deref().map(reset_of);
                self.known.as_it_was(reset.unwrap(), generation)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// A stranger's verb leaves all rows as they were, but for the counter of first proofs of their own resets.
    fn check_stranger(&self, verb: Verb, before: &BTreeMap<ResetId, Reset>) -> Result<(), Violation> {
        if !verb.is_strangers() {
            return Ok(());
        }
        let own = self.known.pairs.iter().flat_map(|pair| [&pair.owners, &pair.unknowns]);
        let own: Vec<ResetId> = own.map(|token| reset_of(token)).collect();
        let after = self.rows();
        for (id, was) in before {
            let same = after.get(id).is_some_and(|is| {
                let (mut was, mut is) = (was.stored().clone(), is.stored().clone());
                if own.contains(id) {
                    (was.code_attempts, is.code_attempts) = (0, 0);
                }
                was == is
            });
            if !same {
                return Err(format!("I4: {verb:?} changed a reset that is not the stranger's"));
            }
        }
        Ok(())
    }

    /// The rows of a store in memory.
    pub(crate) fn rows(&self) -> BTreeMap<ResetId, Reset> {
        let Some((store, _)) = &self.databases.memory else { return BTreeMap::new() };
        store.resets().unwrap().into_iter().map(|reset| (reset.id(), reset)).collect()
    }

    /// The hash in force, and how many there were before it.
    async fn hash(&self) -> (Option<String>, u32) {
        let account = self.databases.accounts.load(&AccountId::new(OWNER)).await.unwrap().unwrap();
        let hash = account.hash().map(|hash| hash.as_str().to_owned());
        (hash, u32::try_from(account.earlier_hashes().len()).unwrap())
    }

    /// Notes for which account resets were issued, and forgets those that are gone.
    fn bind(&mut self) {
        if self.databases.memory.is_none() {
            return;
        }
        let rows = self.rows();
        let facts = &mut self.known.facts;
        for (id, row) in &rows {
            if row.account().is_some() {
                facts.issued.entry(*id).or_insert(facts.generation);
            }
        }
        facts.issued.retain(|id, _| rows.contains_key(id));
    }
}
