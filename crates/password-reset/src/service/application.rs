//! What the application's login, administration and webhooks call.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::digest::Digest;
use crate::error::PortError;
use crate::flow::audit::AuditRow;
use crate::hashing::hash_pool::HashPool;
use crate::hashing::password::Password;
use crate::identity::account::{Account, Contact};
use crate::identity::id::{AccountId, ResetId};
use crate::identity::password_hash::PasswordHash;
use crate::identity::source::Source;
use crate::inbound::{DeliveryReport, Sender};
use crate::message::SecretUrl;
use crate::ports::{AuditCursor, AuditEntry};
use crate::service::PasswordReset;
use crate::service::admin::{AdminRequest, AdminRequestError};
use crate::service::contacts::ConfirmationError;
use crate::service::deliveries::{LastDelivery, NotSent};
use crate::service::export::AccountExport;
use crate::service::health::Health;
use crate::service::proof::VerifyError;

impl PasswordReset {
    /// The threads that hash, to share them with the application's login.
    #[must_use]
    pub fn hash_pool(&self) -> &HashPool {
        &self.parts.completing.pool
    }

    /// A fingerprint for sessions: 64 characters that change with the account's password.
    ///
    /// Store it in a session at sign-in, and compare it on every request with
    /// [`is_session_auth_hash`](Self::is_session_auth_hash): a session then dies with the password by itself, even one that was
    /// being opened while the password was set.
    #[must_use]
    pub fn session_auth_hash(&self, account: &AccountId, hash: &PasswordHash) -> String {
        self.parts.resets.secrets.digests.session(account, hash).to_string()
    }

    /// Whether a text that a session carries is the [`session_auth_hash`](Self::session_auth_hash) of the account's present
    /// password, under any key for counters in the ring. Compares in constant time.
    #[must_use]
    pub fn is_session_auth_hash(&self, text: &str, account: &AccountId, hash: &PasswordHash) -> bool {
        let mut digests = self.parts.resets.secrets.digests.under_each_key();
        digests.any(|digests| is_text_of(digests.session(account, hash), text))
    }

    /// Says that the owner signed in with the password: codes that were paused work again.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn signed_in(&self, account: &AccountId) -> Result<(), PortError> {
        let resets = &self.parts.resets;
        let failures: Vec<_> =
            resets.secrets.digests.under_each_key().flat_map(|digests| digests.quotas().failures(account)).collect();
        resets.in_time("signed_in", resets.store.refill(&failures)).await
    }

    /// Compares a password with the account's present one, and nothing more: for asking who is signed in once more before
    /// they change a contact or the like. For a new password bring it to [`verify`](Self::verify) instead.
    ///
    /// The same limit, the same record of wrong ones, and the same refusal while the account is locked.
    ///
    /// # Errors
    /// [`VerifyError::WrongPassword`], [`TooMany`](VerifyError::TooMany), [`Busy`](VerifyError::Busy),
    /// [`Refused`](VerifyError::Refused) for an account that is disabled, locked, gone or without a password, and
    /// [`Unavailable`](VerifyError::Unavailable).
    pub async fn check_current_password(
        &self,
        account: &AccountId,
        password: Password,
        source: impl Into<Source>,
    ) -> Result<(), VerifyError> {
        let (now, source) = (self.parts.resets.now(), source.into());
        let checking = self.parts.current_password.has_current(account, password, &source, now);
        self.parts.resets.contained("check_current_password", checking).await.map(|_account| ())
    }

    /// Whether the password of an account was reset within the time before now, other than with the current one: ask such
    /// an account for another proof before a payment, a change of contacts or the like.
    ///
    /// Where the trail of the account is so busy that it does not reach back so far, the answer is yes: an attacker who
    /// reset the password must not be able to push that out of sight.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn recently_recovered(&self, account: &AccountId, within: Duration) -> Result<bool, PortError> {
        self.parts.resets.in_time("recently_recovered", self.parts.trail.recently_recovered(account, within)).await
    }

    /// Deletes everything that is kept about an account. Call it when the account is deleted, while its row is still
    /// there: requests for its addresses and numbers that no worker has looked up yet are found by its contacts alone.
    ///
    /// # Errors
    /// When the accounts cannot be read, or the store cannot be written.
    pub async fn erase(&self, account: &AccountId) -> Result<(), PortError> {
        let resets = &self.parts.resets;
        resets.contained("erase", async { resets.store.erase(account, &resets.keys_of(account).await?).await }).await
    }

    /// All that is kept about an account, without secrets: for the person who asks for their data. It is what
    /// [`erase`](Self::erase) deletes; call it while the account's row is still there, for the same reason.
    ///
    /// # Errors
    /// When the accounts or the store cannot be read.
    pub async fn export(&self, account: &AccountId) -> Result<AccountExport, PortError> {
        let resets = &self.parts.resets;
        let reading = async { resets.store.export(account, &resets.keys_of(account).await?).await };
        Ok(AccountExport::of(resets.contained("export", reading).await?))
    }

    /// Starts a reset for another account: a link goes to the account's confirmed mailbox, or to its
    /// number where there is no mailbox or it is known to fail, its other contacts are notified, and
    /// the administrator learns nothing but that. The [risk policy](crate::ports::RiskPolicy::authorize_admin) decides; without one
    /// every administrator is denied. Who asked for whom and why, and what came of it, is on record.
    ///
    /// It takes none of the owner's messages; it has a budget of its own.
    ///
    /// # Errors
    /// [`AdminRequestError`].
    pub async fn request_for(&self, request: AdminRequest) -> Result<(), AdminRequestError> {
        self.parts.resets.in_time("request_for", self.parts.administrating.request_for(&request)).await
    }

    /// Looks whether resets work: the database and its schema, the worker, the notifiers of this node, and the clocks.
    ///
    /// It asks the store once, and waits for it no longer than a verb does: fit for a probe every few seconds. What it says of
    /// notifiers is of this node, since it started, and changes only where a worker runs.
    pub async fn health(&self) -> Health {
        self.parts.looking.health().await
    }

    /// What happened to an account's resets, newest first: for administrators, never for strangers.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn history(&self, account: &AccountId, limit: u32) -> Result<Vec<AuditRow>, PortError> {
        self.parts.resets.in_time("history", self.parts.resets.history(account, limit)).await
    }

    /// What happened to all resets, in the order in which it was written: for exports, and for a copy of the trail elsewhere.
    ///
    /// Rows from before `since` are left out. Go on after the [cursor](AuditEntry::cursor) of the last row, and no row is missed
    /// or comes twice; [`AuditCursor`] says how to keep it. A row appears once every transaction is over that began before its own,
    /// so on Postgres a long transaction of any program on the server delays all later rows. Rows that were purged before they
    /// were read are gone: [`Retention`](crate::Retention) says when.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn audit(
        &self,
        since: DateTime<Utc>,
        after: Option<&AuditCursor>,
        limit: u32,
    ) -> Result<Vec<AuditEntry>, PortError> {
        self.parts.resets.in_time("audit", self.parts.resets.store.audit_after(after, since, limit)).await
    }

    /// Whether a row of the trail was caused from this address, or its network: rows have digests of sources alone.
    #[must_use]
    pub fn is_from(&self, row: &AuditRow, source: impl Into<Source>) -> bool {
        let source = source.into();
        let mut digests = self.parts.resets.secrets.digests.under_each_key();
        digests.any(|digests| row.source == Some(digests.source(&source)))
    }

    /// What became of the last message to each contact of an account: for administrators. Contacts to which nothing was
    /// sent, as far as the audit trail reaches, are not in it.
    ///
    /// # Errors
    /// When the accounts or the store cannot be read.
    pub async fn deliveries(&self, account: &AccountId) -> Result<Vec<LastDelivery>, PortError> {
        self.parts.resets.in_time("deliveries", self.parts.trail.deliveries(account)).await
    }

    /// Why nothing was sent when a reset was last requested for an account; `None` where a message was to go out. For
    /// administrators.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn not_sent(&self, account: &AccountId) -> Result<Option<NotSent>, PortError> {
        self.parts.resets.in_time("not_sent", self.parts.trail.not_sent(account)).await
    }

    /// Says that the application changed an account: its live resets are closed, and every contact of `before` that it has
    /// no more is notified.
    ///
    /// A courtesy: a reset that was issued for the account as it was refuses everything by itself. A password that
    /// was set during an attack stays locked. Call it after the change, once; each call sends one more notice.
    ///
    /// # Errors
    /// When a port failed; one may say it again.
    pub async fn account_changed(&self, account: &AccountId, before: &[Contact]) -> Result<(), PortError> {
        self.parts.resets.in_time("account_changed", self.parts.contacts.account_changed(account, before)).await
    }

    /// A text to put into the message that confirms a *new* contact of an account, as it is now: 64 characters.
    ///
    /// It is good for this account and exactly this address or number, and for nothing any more as soon as the
    /// password or a confirmed contact changed, by a reset or otherwise. How long it may be used, and that only who is
    /// signed in may ask for one, is the application's to see to.
    ///
    /// # Security
    /// A reader of the text can confirm the contact. Compare it with [`confirms`](Self::confirms) alone.
    #[must_use]
    pub fn contact_token(&self, account: &Account, new: &Contact) -> String {
        self.parts.contacts.contact_token(account, new)
    }

    /// Sends the message that asks whether a *new* contact is its owner's, with a link to a page of the application, in the
    /// language of the account. It is sent now, and waited for: the page can say what became of it.
    ///
    /// Put the [`contact_token`](Self::contact_token) into the fragment of the link, and confirm on a press, never when the
    /// page is opened. Send it to whom is signed in and has just typed their password again, and answer the same
    /// where another account has the contact already.
    ///
    /// Each account and each new contact has so many such messages as one number has replies
    /// ([`Limits::reply_burst`](crate::Limits::reply_burst)) or one contact has messages
    /// ([`Limits::message_burst`](crate::Limits::message_burst)).
    ///
    /// # Errors
    /// [`ConfirmationError`].
    pub async fn send_confirmation(
        &self,
        account: &Account,
        new: &Contact,
        link: SecretUrl,
        lives: Duration,
    ) -> Result<(), ConfirmationError> {
        self.parts
            .resets
            .contained("send_confirmation", self.parts.contacts.send_confirmation(account, new, link, lives))
            .await
    }

    /// As [`send_confirmation`](Self::send_confirmation), asked for by an administrator: the contact on record does not work,
    /// and its owner says which one does. Nothing changes until the new contact confirms.
    ///
    /// The [risk policy](crate::ports::RiskPolicy::authorize_admin) decides, as for a reset; without one every administrator is
    /// denied. Who asked and why is on record. When the contact is confirmed, call
    /// [`account_changed`](Self::account_changed): it notifies the previous contact and closes live resets.
    ///
    /// # Errors
    /// [`AdminRequestError`].
    ///
    /// # Security
    /// Who reads the new contact can reset the password from then on. Let the administrator make sure of the owner first.
    pub async fn send_confirmation_for(
        &self,
        request: AdminRequest,
        new: &Contact,
        link: SecretUrl,
        lives: Duration,
    ) -> Result<(), AdminRequestError> {
        let sending = async {
            let account = self.parts.administrating.authorize_correction(&request).await?;
            Ok(self.parts.contacts.send_confirmation(&account, new, link, lives).await?)
        };
        self.parts.resets.contained("send_confirmation_for", sending).await
    }

    /// Whether a text is the [`contact_token`](Self::contact_token) of a new contact, for the account as it is now.
    ///
    /// Ask with the contact that the confirmation is *stored* with, in the transaction that adds it to the account.
    #[must_use]
    pub fn confirms(&self, account: &Account, new: &Contact, text: &str) -> bool {
        let mut digests = self.parts.resets.secrets.digests.under_each_key();
        digests.any(|digests| is_text_of(digests.new_contact(account, new), text))
    }

    /// Puts on record what the provider says of a message that it took: for administrators, never for the requester.
    /// Said again, it changes nothing.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn report_delivery(&self, reset: ResetId, report: DeliveryReport) -> Result<(), PortError> {
        self.parts.resets.in_time(("report_delivery", reset), self.parts.trail.report_delivery(reset, report)).await
    }

    /// Puts on record what a mail says that came back: a bounce. `message` is the first half of [`Message::id`], as the mail
    /// carried it.
    ///
    /// # Errors
    /// When the store or the accounts failed.
    ///
    /// # Security
    /// Anyone can send a bounce, and the requester knows the id of the reset. So it counts only with the id of a message of
    /// this reset, which only the recipient and the servers on its way have seen.
    ///
    /// [`Message::id`]: crate::Message::id
    pub async fn report_bounce(
        &self,
        reset: ResetId,
        message: [u8; 16],
        report: DeliveryReport,
    ) -> Result<(), PortError> {
        self.parts
            .resets
            .in_time(("report_bounce", reset), self.parts.trail.report_bounce(reset, message, report))
            .await
    }

    /// "I did not ask for this", said by a number at a time: closes the WhatsApp resets of its accounts that were asked for
    /// before. Later ones stay: a provider may bring it a week late. Also for "the number has another owner now"; what is
    /// known of the old one stays, and refuses the new one.
    ///
    /// Only for what an authenticated message said.
    ///
    /// # Errors
    /// When a port failed; one may say it again.
    pub async fn report(&self, sender: &Sender, said_at: DateTime<Utc>) -> Result<(), PortError> {
        self.parts.resets.in_time("report", self.parts.receiving.report(sender, said_at)).await
    }

    /// Forgets what was known of a sender. For an application that has just confirmed a number anew: until then a number
    /// that comes with another of the platform's names than before proves nothing, since it may have a new owner.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn forget_sender(&self, sender: &Sender) -> Result<(), PortError> {
        self.parts.resets.in_time("forget_sender", self.parts.receiving.forget_sender(sender)).await
    }
}

fn is_text_of(digest: Digest, text: &str) -> bool {
    crate::secret::same(digest.to_string(), text)
}
