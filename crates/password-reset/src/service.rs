//! The service: what an application calls.
//!
//! [`PasswordReset`] hands each verb to a collaborator, which has its own data.

pub(crate) mod admin;
pub(crate) mod assess;
pub(crate) mod attempts;
mod candidate;
pub(crate) mod contacts;
pub(crate) mod current_password;
pub(crate) mod deliveries;
pub(crate) mod export;
pub(crate) mod grant;
pub(crate) mod health;
mod http;
pub(crate) mod login;
pub(crate) mod object;
pub(crate) mod operations;
pub(crate) mod proof;
pub(crate) mod prove;
pub(crate) mod receive;
pub(crate) mod reports;
pub(crate) mod request;
pub(crate) mod set_password;
pub(crate) mod sign_in;
pub(crate) mod status;
pub(crate) mod step_up;
pub(crate) mod tickets;
pub(crate) mod trail;
pub(crate) mod verify;
pub(crate) mod watch;

use std::fmt;
use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::config::Choices;
use crate::error::PortError;
use crate::flow::channel::Channel;
use crate::identity::identifier::CallingCode;
use crate::identity::password::NewPassword;
use crate::inbound::{Inbound, InboundMessage, Received};
use crate::message::Site;
use crate::metrics;
use crate::policy::PasswordPolicy;
use crate::resets::Resets;
use crate::resets::spans::Call;
use crate::secret::{CancelToken, LockToken, NamesReset, PartialGrantToken, RequesterToken};
use crate::service::admin::{Admin, Administrating};
use crate::service::contacts::{ChangingContacts, Contacts};
use crate::service::current_password::CurrentPassword;
use crate::service::grant::{Grant, PartialGrant};
use crate::service::health::Looking;
use crate::service::login::Login;
use crate::service::object::{CancelError, LockError, Locked, Objecting};
use crate::service::operations::Operations;
use crate::service::proof::{Proof, VerifyError};
use crate::service::receive::Receiving;
use crate::service::reports::Reports;
use crate::service::request::{Asking, RequestError, Requested, ResetRequest};
use crate::service::set_password::{Completing, PasswordIsSet, SetPasswordError};
use crate::service::sign_in::SigningIn;
use crate::service::status::{Showing, Status};
use crate::service::step_up::SteppingUp;
use crate::service::trail::Trail;
use crate::service::verify::Verifying;
use crate::service::watch::Watch;

/// Forgotten-password flows for one application. Cheap to clone; keep one in the application's state.
///
/// Its own verbs are those of a reset; each gives the same answer for accounts that exist and accounts that do not. The rest stands
/// by who calls it: [`login`](Self::login), [`contacts`](Self::contacts), [`admin`](Self::admin),
/// [`operations`](Self::operations), [`reports`](Self::reports).
#[derive(Clone, Debug)]
pub struct PasswordReset {
    pub(crate) parts: Arc<Parts>,
}

/// The collaborators behind the verbs.
pub(crate) struct Parts {
    pub(crate) resets: Arc<Resets>,
    pub(crate) showing: Arc<Showing>,
    pub(crate) asking: Asking,
    pub(crate) receiving: Receiving,
    pub(crate) verifying: Verifying,
    pub(crate) stepping_up: SteppingUp,
    pub(crate) current_password: CurrentPassword,
    pub(crate) completing: Completing,
    pub(crate) signing_in: SigningIn,
    pub(crate) objecting: Objecting,
    pub(crate) administrating: Administrating,
    pub(crate) changing_contacts: ChangingContacts,
    pub(crate) trail: Trail,
    pub(crate) looking: Looking,
}

impl PasswordReset {
    /// The country of phone numbers without one, in the account table and in what requesters type.
    #[must_use]
    pub fn home_country(&self) -> Option<CallingCode> {
        self.parts.resets.accounts.home_country()
    }

    /// The rules for new passwords, to show them before anything is typed.
    #[must_use]
    pub fn policy(&self) -> &PasswordPolicy {
        &self.parts.completing.policy
    }

    /// The service, as messages and pages name it.
    #[must_use]
    pub fn site(&self) -> &Site {
        &self.parts.resets.site
    }

    /// How inbound messages are received, if they are.
    #[must_use]
    pub fn inbound(&self) -> Option<&Inbound> {
        self.parts.showing.inbound.as_ref()
    }

    /// How long a source that must pass a [challenge](ResetRequest::challenge_passed), and cannot, waits for one more request without
    /// it, if no other request of that source takes it first. `None` where no request needs a challenge.
    #[must_use]
    pub fn without_challenge_after(&self) -> Option<Duration> {
        let limits = &self.parts.resets.limits;
        limits.challenge_from.map(|_| limits.source_refill())
    }

    /// What happens in the cases that pages tell visitors of.
    #[must_use]
    pub fn choices(&self) -> Choices {
        self.parts.trail.issuing.choices
    }

    /// Whether resets of this channel can be asked for: pages offer no others.
    #[must_use]
    pub fn offers(&self, channel: Channel) -> bool {
        self.parts.showing.offers(channel)
    }

    /// The time, by the service's clock: to say how long something still lives.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.parts.resets.now()
    }

    /// Asks for a reset. Looks nothing up and sends nothing: it stores one row, wakes the worker and returns, whichever
    /// account was named and whatever the mail server does.
    ///
    /// # Errors
    /// [`RequestError`]; limits count before anything is stored, and count every requester alike.
    pub async fn request(&self, request: ResetRequest) -> Result<Requested, RequestError> {
        self.parts.resets.in_time("request", self.parts.asking.request(request)).await.inspect_err(|error| {
            metrics::error("request", error.word());
        })
    }

    /// Says where a reset stands. Changes nothing.
    ///
    /// `None` when the token is of no reset, or of one whose own time ended longer ago than rows are kept.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn status(&self, requester_token: &RequesterToken) -> Result<Option<Status>, PortError> {
        let Parts { resets, showing, .. } = &*self.parts;
        resets.in_time(("status", requester_token.reset_id()), showing.status(requester_token)).await
    }

    /// Begins to wait for a reset. `None` when the token belongs to no reset that is kept.
    ///
    /// What happens on this node wakes the wait at once, and so does a message that another node received, if the store
    /// gives hints and a worker runs here. Everything else is seen within about two seconds, by one statement a second
    /// for every five hundred resets that this node waits for.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn watch(&self, requester_token: RequesterToken) -> Result<Option<Watch>, PortError> {
        let Parts { resets, showing, .. } = &*self.parts;
        resets.in_time(("watch", requester_token.reset_id()), showing.watch(requester_token)).await
    }

    /// Receives an inbound message.
    ///
    /// Ordinary chat costs nothing: no store is asked before a text is found to be a code. A message with the code of a
    /// live reset, sent after that was asked for and from the number that was typed, which must be a confirmed number of
    /// the account as it was, proves it; any other changes nothing. The same message again finds it proved.
    ///
    /// # Errors
    /// Only when a port failed: nothing was changed, and the provider should bring the message again.
    pub async fn receive(&self, message: InboundMessage) -> Result<Received, PortError> {
        let receiving = &self.parts.receiving;
        match receiving.code_of(&message) {
            Ok(code) => self.parts.resets.in_time("receive", receiving.receive(&code, message)).await,
            Err(no_proof) => Ok(no_proof),
        }
    }

    /// Takes a proof, and yields the right to set the password. The proof is not used up: that happens when the
    /// password is stored.
    ///
    /// Call it for a POST that a person caused, never for a GET or HEAD.
    ///
    /// # Errors
    /// [`VerifyError`]. A wrong code or password is counted; nothing else changes anything.
    pub async fn verify(&self, proof: Proof) -> Result<Grant, VerifyError> {
        // Comparing a password waits for its turn in the hash pool, which bounds that by itself.
        let hashes = matches!(proof, Proof::CurrentPassword { .. });
        let call = proof.reset_id().map_or("verify".into(), |reset| Call::from(("verify", reset)));
        let proving = self.parts.prove(proof);
        let verified = match hashes {
            true => self.parts.resets.contained(call, proving).await,
            false => self.parts.resets.in_time(call, proving).await,
        };
        verified.inspect_err(|error| metrics::error("verify", error.word()))
    }

    /// What the first proof yielded, in a later request: to show what is wanted once more.
    ///
    /// # Errors
    /// [`VerifyError`]; `Refused` when nothing is wanted any more.
    pub async fn partial_grant(&self, token: PartialGrantToken) -> Result<PartialGrant, VerifyError> {
        let Parts { resets, stepping_up, .. } = &*self.parts;
        resets.in_time(("partial_grant", token.reset_id()), stepping_up.partial_grant(token)).await
    }

    /// Counts one attempt at a factor that the application is about to check itself, against the same limits as typed codes:
    /// so many for each reset, and so many wrong ones in a row for each account. Check the factor of
    /// [`PartialGrant::account`] only after this, and bring [`Proof::HostFactor`] if it was right.
    ///
    /// # Errors
    /// [`VerifyError`]; `Refused` when no factor is wanted, or none may be tried any more.
    pub async fn attempt_factor(&self, token: PartialGrantToken) -> Result<PartialGrant, VerifyError> {
        let Parts { resets, stepping_up, .. } = &*self.parts;
        resets.in_time(("attempt_factor", token.reset_id()), stepping_up.count_factor(token, resets.now())).await
    }

    /// Sets the password of the grant's account; the worker then ends its sessions and notifies its contacts. Does not
    /// sign anybody in.
    ///
    /// Success is said only when the password is in force. Of any number of attempts with all secrets of one account,
    /// exactly one succeeds; the same attempt again within two minutes gets the same success, without a second write.
    ///
    /// # Errors
    /// [`SetPasswordError`]. All but `Refused` give the grant back.
    pub async fn set_password(&self, grant: Grant, new: NewPassword) -> Result<PasswordIsSet, SetPasswordError> {
        let set = self.parts.completing.set_password(grant, new).await;
        set.inspect_err(|error| metrics::error("set_password", error.word()))
    }

    /// Closes the reset that a message belongs to, and nothing else. Twice is the same as once.
    ///
    /// Call it for a POST that a person caused, never for a GET.
    ///
    /// # Errors
    /// [`CancelError`].
    pub async fn cancel(&self, token: &CancelToken) -> Result<(), CancelError> {
        self.parts.resets.in_time(("cancel", token.reset_id()), self.parts.objecting.cancel(token)).await
    }

    /// Locks the account for a password that a notice reported: the worker has the application lock it, live resets end, and
    /// for a while nothing is sent to where the proof came from. A reset by another way makes the account usable again, and
    /// so does one that an administrator asks for. Twice is the same as once.
    ///
    /// Call it for a POST that a person caused, never for a GET. It needs no login: the attacker may have that.
    ///
    /// # Errors
    /// [`LockError`].
    pub async fn lock(&self, token: &LockToken) -> Result<Locked, LockError> {
        self.parts.resets.in_time(("lock", token.reset_id()), self.parts.objecting.lock(token)).await
    }

    /// What the application's own login calls.
    pub fn login(&self) -> Login<'_> {
        Login { parts: &self.parts }
    }

    /// What the application calls where a user changes an address or a number.
    pub fn contacts(&self) -> Contacts<'_> {
        Contacts { parts: &self.parts }
    }

    /// What pages of administrators call.
    pub fn admin(&self) -> Admin<'_> {
        Admin { parts: &self.parts }
    }

    /// What operators, their probes and their exports ask.
    pub fn operations(&self) -> Operations<'_> {
        Operations { parts: &self.parts }
    }

    /// What webhooks bring besides [messages](Self::receive): what became of a message, and what its recipient said of it.
    pub fn reports(&self) -> Reports<'_> {
        Reports { parts: &self.parts }
    }
}

impl Debug for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parts").field("site", &self.resets.site).finish_non_exhaustive()
    }
}

impl Parts {
    async fn prove(&self, proof: Proof) -> Result<Grant, VerifyError> {
        let (first, second, now) = (&self.verifying, &self.stepping_up, self.resets.now());
        match proof {
            Proof::Link(link) => first.verify_link(&link, now).await,
            Proof::Claim(requester_token) => first.verify_claim(&requester_token, now).await,
            Proof::Code { requester_token, code } => first.verify_code(&requester_token, &code, now).await,
            Proof::CurrentPassword { account, password, source, locale } => {
                self.current_password.verify_current(&account, password, &source, locale, now).await
            }
            Proof::StepUpCode { partial_grant, code } => second.verify_step_up_code(&partial_grant, &code, now).await,
            Proof::HostFactor(partial_grant) => second.verify_factor(&partial_grant, now).await,
            Proof::Grant(token) => first.verify_grant(token, now).await,
        }
    }
}
