//! Proving that an account is one's own.

use std::fmt::Debug;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::digest::Digest;
use crate::flow::audit::{AuditEvent, AuditRow};
use crate::flow::channel::{Channel, InboundMode, ProofKind};
use crate::flow::reset::Binding;
use crate::flow::state::State;
use crate::identity::id::AccountId;
use crate::message::CodeKind;
use crate::ports::AttemptKind;
use crate::resets::Resets;
use crate::secret::{Code, Digests, GrantToken, LinkToken, NamesReset, RequesterToken};
use crate::service::attempts::Attempts;
use crate::service::grant::{Grant, is_usable};
use crate::service::proof::VerifyError;
use crate::service::prove::Proving;
use crate::service::status::waits_until;

/// Takes first proofs.
#[derive(Debug)]
pub(crate) struct Verifying {
    pub(crate) resets: Arc<Resets>,
    pub(crate) proving: Arc<Proving>,
    pub(crate) attempts: Arc<Attempts>,
}

impl Verifying {
    pub(crate) async fn verify_link(&self, link: &LinkToken, now: DateTime<Utc>) -> Result<Grant, VerifyError> {
        let loaded = self.resets.load_with_account(link.reset_id()).await?.ok_or(VerifyError::Refused)?;
        let binding = loaded.reset.binding().ok_or(VerifyError::Refused)?;
        if !self.resets.secrets.is_link(link, &loaded.reset, binding) || now >= binding.link_until() {
            return Err(VerifyError::Refused);
        }
        self.proving.prove_for_grant(loaded, ProofKind::Link, now).await
    }

    pub(crate) async fn verify_claim(
        &self,
        requester_token: &RequesterToken,
        now: DateTime<Utc>,
    ) -> Result<Grant, VerifyError> {
        let loaded = self.resets.load_with_account(requester_token.reset_id()).await?.ok_or(VerifyError::Refused)?;
        if !self.resets.secrets.is_requester_token(requester_token, &loaded.reset) {
            return Err(VerifyError::Refused);
        }
        self.proving.prove_for_grant(loaded, ProofKind::Claim, now).await
    }

    pub(crate) async fn verify_code(
        &self,
        requester_token: &RequesterToken,
        code: &Code,
        now: DateTime<Utc>,
    ) -> Result<Grant, VerifyError> {
        let seen = self.resets.load(requester_token.reset_id()).await?.ok_or(VerifyError::Refused)?;
        if !self.resets.secrets.is_requester_token(requester_token, &seen) || now >= waits_until(&seen) {
            return Err(VerifyError::Refused);
        }
        // Only where this channel at this step has a code can an attempt be counted (I4).
        let replied = seen.channel() == Channel::WhatsAppInbound(InboundMode::TypeBack);
        let (kind, from) =
            if replied { (ProofKind::ReplyCode, State::MessageReceived) } else { (ProofKind::Code, State::CodeIssued) };
        let is_expected = !replied || seen.stored().proved_by == Some(ProofKind::Message);
        if !is_expected || crate::flow::channel::proves(seen.channel(), from, kind).is_none() {
            return Err(VerifyError::Refused);
        }
        let of_source = self.resets.secrets.digests.quotas().codes_from(&seen.stored().source);
        let failures = |digests: &Digests| digests.subject(&seen);
        let (loaded, paused) = self.attempts.count(&seen, AttemptKind::Code, of_source, failures, now).await?;
        let reset = &loaded.reset;
        // A reset without an account has no code; it takes the same work to find that nothing matches (I5).
        let no_account = Binding::new(AccountId::new(""), Digest::from_bytes([0; 32]), now, now, now);
        let binding = reset.binding().unwrap_or(&no_account);
        let sent_as = if replied { CodeKind::Reply } else { CodeKind::Reset };
        let matches = self.resets.secrets.is_code(sent_as, code, reset, binding);
        if matches && !paused && reset.state() == from && now < binding.code_until() {
            return self.proving.prove_for_grant(loaded, kind, now).await;
        }
        let event = if paused { AuditEvent::CodesPaused } else { AuditEvent::WrongCode };
        self.resets.store.record(&AuditRow::new(now, event).of(reset)).await?;
        Err(VerifyError::Refused)
    }

    pub(crate) async fn verify_grant(&self, token: GrantToken, now: DateTime<Utc>) -> Result<Grant, VerifyError> {
        let reset = self.resets.load(token.reset_id()).await?.ok_or(VerifyError::Refused)?;
        if is_usable(&self.resets.secrets, &token, &reset, now) {
            Proving::grant_of(&reset, token)
        } else {
            Err(VerifyError::Refused)
        }
    }
}
