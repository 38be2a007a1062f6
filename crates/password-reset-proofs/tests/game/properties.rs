//! What must hold in every position.

use std::sync::Arc;
use std::time::Duration;

use password_reset::flow::State;
use password_reset::{AccountId, InboundMode};
use password_reset_testkit::PlainHasher;

use crate::acts::{Act, Verb, Violation};
use crate::jobs::{Job, Outcome, Way, run};
use crate::play::{OWNER, Play, Position, Setting, reset_of};
use crate::ports::{Machine, block_on};

/// Beside what the limits say: a lease that a dead worker left, and the wait before a task is tried again.
const SLACK_MINUTES: u64 = 15;

/// How long the owner needs at the most from any position: until the next message may be sent, an hour more where the clock
/// was set back by one, and the slack.
fn stated(setting: &Setting, position: &Position) -> u64 {
    let refill = setting.limits().message_refill.as_secs() / 60;
    refill + SLACK_MINUTES + if position.known.facts.was_set_back { 60 } else { 0 }
}

/// Checks every property of a position.
pub(crate) fn check(setting: &Setting, machine: &Machine, position: &Position) -> Result<(), Violation> {
    let resume = || Play::resume(setting, machine, position);
    block_on(async {
        only_proofs_verify(&resume())?;
        resume().pairs_look_alike().await?;
        links_work(setting, machine, position).await?;
        used_up_codes_open_nothing(setting, machine, position).await?;
        resume().rescue().await
    })
}

/// I7: an attempt to set a password that would have succeeded, and whose node died, succeeds when it is made again: the reset
/// can still finish, or is spent and says so.
pub(crate) fn again(setting: &Setting, machine: &Machine, position: &Position, attempt: Job) -> Result<(), Violation> {
    let mut play = Play::resume(setting, machine, position);
    let Job::Set { grant, .. } = &attempt else { return Ok(()) };
    let row = play.rows().remove(&reset_of(grant));
    let limit = setting.limits().completion_attempts;
    if row.is_some_and(|row| row.stored().completion_attempts >= limit) {
        return Ok(());
    }
    match block_on(play.job_now(attempt)) {
        Outcome::Set { in_force: true, .. } => Ok(()),
        other => Err(format!("I7: the attempt of a node that died, made again, came to {other:?}")),
    }
}

/// I1: no row is verified for which the owner did not bring a right proof, and the step-up where the policy requires one.
fn only_proofs_verify(play: &Play) -> Result<(), Violation> {
    let facts = &play.known.facts;
    for (id, row) in play.rows() {
        let verified = matches!(row.state(), State::Verified | State::Applying | State::PasswordSet | State::Locked);
        let by_message = row.channel().is_inbound();
        let proved = facts.proved.contains(&id);
        let stepped_up = play.setting.step_up.is_none() || by_message || facts.stepped_up.contains(&id);
        if verified && !(proved && stepped_up) {
            return Err(format!("I1: a reset is {} without its proofs", row.state().code()));
        }
    }
    Ok(())
}

/// I4: every link that the owner has not opened works until its time is over, as long as the account is as it was.
async fn links_work(setting: &Setting, machine: &Machine, position: &Position) -> Result<(), Violation> {
    let facts = &position.known.facts;
    // Nodes that differ by their keys are checked by the rescue.
    if position.known.phase != [0, 0] {
        return Ok(());
    }
    for mail in &position.known.mails {
        let Some(link) = &mail.link else { continue };
        let is_untouched = !facts.proved.contains(&mail.reset) && !facts.cancelled.contains(&mail.reset);
        if position.now < mail.until && is_untouched && mail.generation == facts.generation {
            let mut play = Play::resume(setting, machine, position);
            if let Err(why) = play.finish_by_link(link).await {
                return Err(format!("I4: a link that lives until {} does not work: {why}", mail.until));
            }
        }
    }
    Ok(())
}

/// I4: when all guesses at a code were made, the right code opens nothing.
async fn used_up_codes_open_nothing(
    setting: &Setting,
    machine: &Machine,
    position: &Position,
) -> Result<(), Violation> {
    let Some(pair) = position.known.pairs.last() else { return Ok(()) };
    let guesses = position.known.facts.guesses.get(&reset_of(&pair.owners)).copied().unwrap_or_default();
    if guesses >= setting.code_attempts {
        Play::resume(setting, machine, position).act(Act::of(Verb::StrangerIsLucky, 0)).await?;
    }
    Ok(())
}

impl Play {
    async fn job_now(&mut self, job: Job) -> Outcome {
        let node = self.healthy(0);
        let outcome = run(job, &node, Arc::clone(&self.databases.accounts)).await;
        self.read().await;
        outcome
    }

    /// I5: the tokens of a pair show the same.
    async fn pairs_look_alike(&mut self) -> Result<(), Violation> {
        if self.known.tokens().is_empty() {
            return Ok(());
        }
        match self.job_now(Job::Look(self.known.tokens())).await {
            Outcome::Compared(seen) => match seen.into_iter().find(|(owners, unknowns)| owners != unknowns) {
                None => Ok(()),
                Some((owners, unknowns)) => Err(format!(
                    "I5: the token of the owner's reset shows {owners:?}, that of an account that does not exist {unknowns:?}"
                )),
            },
            outcome => Err(format!("I5: {outcome:?}")),
        }
    }

    /// Opens a link, brings the step-up if one is required, and sets a password.
    async fn finish_by_link(&mut self, link: &str) -> Result<(), String> {
        let opened = self.job_now(Job::Open(link.to_owned())).await;
        self.finish_from(opened).await
    }

    async fn finish_from(&mut self, opened: Outcome) -> Result<(), String> {
        let grant = match opened {
            Outcome::Granted(grant) => grant,
            Outcome::StepUp(partial) => {
                self.job_now(Job::Work).await;
                let code = self.known.step_up_code_of(reset_of(&partial));
                match self.job_now(Job::StepUp { partial, code }).await {
                    Outcome::Granted(grant) => grant,
                    other => return Err(format!("the step-up came to {other:?}")),
                }
            }
            other => return Err(format!("the proof came to {other:?}")),
        };
        let password = "what the owner will remember";
        match self.job_now(Job::Set { grant, password: password.to_owned() }).await {
            Outcome::Set { in_force: true, .. } => Ok(()),
            other => Err(format!("the password came to {other:?}")),
        }
    }

    /// I10 and I7: the owner, alone from now on, finishes within the stated time; and then sessions end and contacts are
    /// notified.
    async fn rescue(&mut self) -> Result<(), Violation> {
        let until = self.position();
        let minutes = stated(&self.setting, &until);
        let (accounts, owner) = (self.databases.memory.clone().unwrap().1, AccountId::new(OWNER));
        let over = self.now() + Duration::from_secs(60 * minutes);
        accounts.begin_session(&owner, self.now() - Duration::from_secs(24 * 60 * 60));
        // Both nodes end with the key that is furthest: the operator goes on, whatever the owner does.
        let phase = self.known.phase[0].max(self.known.phase[1]);
        self.known.phase = [phase; 2];
        loop {
            let Err(last) = self.try_all().await else { break };
            if self.now() >= over {
                return Err(format!("I10: the owner cannot finish within {minutes} minutes: {last}"));
            }
            self.wait(15);
        }
        self.notified(&accounts, &owner).await
    }

    /// Everything that the owner can try at one time.
    async fn try_all(&mut self) -> Result<(), String> {
        self.job_now(Job::Work).await;
        if let Some(InboundMode::PageAdvances) = self.setting.inbound {
            let asked = self.job_now(Job::Ask { way: Way::Inbound, again: None }).await;
            let Outcome::Requested { token, challenge: Some(text) } = asked else { return Err(format!("{asked:?}")) };
            let (from, at) = (crate::play::PHONE, self.now());
            self.job_now(Job::Receive { text, from, at }).await;
            let claimed = self.job_now(Job::Claim(token)).await;
            return self.finish_from(claimed).await;
        }
        let mut why = String::new();
        for round in 0..2 {
            let links: Vec<String> =
                (0..).map_while(|back| self.known.links(back)).map(|(_, link)| link).take(4).collect();
            for link in links {
                match self.finish_by_link(&link).await {
                    Ok(()) => return Ok(()),
                    Err(this) => why = this,
                }
            }
            if round == 0 {
                self.job_now(Job::Ask { way: Way::Mail, again: None }).await;
                self.job_now(Job::Work).await;
            }
        }
        Err(why)
    }

    async fn notified(
        &mut self,
        accounts: &password_reset_testkit::MemoryAccounts,
        owner: &AccountId,
    ) -> Result<(), Violation> {
        for _ in 0..3 {
            self.job_now(Job::Work).await;
            self.wait(6);
        }
        let hash = accounts.get(owner).unwrap().hash().cloned().unwrap();
        if PlainHasher::password_of(&hash) != Some("what the owner will remember") {
            return Err("I7: the password that was set is not in force".to_owned());
        }
        if !accounts.sessions(owner).is_empty() {
            return Err("I7: a session from before the password lives on".to_owned());
        }
        let notices = |sent: &password_reset_testkit::Sent| sent.kind() == "password_changed";
        if !self.mail.delivered().iter().any(notices) {
            return Err("I7: the owner was not notified of the new password".to_owned());
        }
        Ok(())
    }
}
