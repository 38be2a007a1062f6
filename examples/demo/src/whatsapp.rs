//! Messages to and from a WhatsApp number, through Meta's Cloud API.

use std::sync::Arc;

use anyhow::{Context, Result, bail};
use password_reset::message::NoticeKind;
use password_reset::ports::Clock;
use password_reset::{Inbound, InboundMode, Lifetimes, Locale, PasswordReset};
use password_reset_whatsapp::{
    Countries, Meta, MetaApi, Template, TemplateField, UtilityMessage, Webhook, WhatsAppNotifier,
};

/// The path of the webhook, below that of the reset.
pub const WEBHOOK: &str = "/webhooks/whatsapp";

/// The account of a business number, as Meta's dashboard shows it.
#[derive(Clone)]
pub struct MetaAccount {
    /// The number, in E.164 form.
    pub number: String,
    /// Its id.
    pub phone_number_id: String,
    /// The id of the business account that it belongs to.
    pub business_account_id: String,
    /// The secret that signs incoming requests.
    pub app_secret: String,
    /// The word that is entered in the dashboard beside the webhook's address.
    pub verify_token: String,
    /// The token for sending.
    pub access_token: String,
    /// The authentication template for codes, in English and Indonesian. Without it no code is sent by WhatsApp.
    pub code_template: Option<String>,
    /// The utility templates of notices and links, in English and Indonesian. What has none is not sent by WhatsApp. Their
    /// fields are those of [`fields`].
    pub notice_templates: Vec<(UtilityMessage, String)>,
    /// Another address than Meta's.
    pub base_url: Option<String>,
}

impl MetaAccount {
    /// How messages to the number are handled.
    pub(crate) fn inbound(&self, mode: InboundMode) -> Result<Inbound> {
        let inbound = match mode {
            InboundMode::PageAdvances => Inbound::page_advances(&self.number),
            InboundMode::TypeBack => Inbound::type_back(&self.number),
            InboundMode::ContinueOnPhone => Inbound::continue_on_phone(&self.number),
            _ => bail!("unsupported inbound mode"),
        };
        inbound.with_context(|| format!("{} is not an international number: write it like +62…", self.number))
    }

    /// Sends from the number.
    pub(crate) fn notifier(&self, clock: Arc<dyn Clock>, lifetimes: &Lifetimes) -> Result<WhatsAppNotifier> {
        let mut api = MetaApi::new(&self.phone_number_id, &self.access_token)?;
        if let Some(url) = &self.base_url {
            api = api.with_base_url(url)?;
        }
        let in_both = |name: &str| Template::meta(name, Locale::INDONESIAN, "id").and_meta(name, Locale::ENGLISH, "en");
        let mut notifier = WhatsAppNotifier::meta(api, Countries::only(&["+62"])?)?.with_clock(clock);
        if let Some(name) = &self.code_template {
            notifier = notifier.with_code_template(in_both(name), 10, lifetimes)?;
        }
        for (notice, name) in &self.notice_templates {
            notifier = notifier.with_utility_template(*notice, in_both(name), fields(*notice))?;
        }
        Ok(notifier)
    }

    /// Whether there is a template for this.
    pub(crate) fn sends(&self, message: UtilityMessage) -> bool {
        self.notice_templates.iter().any(|(known, _)| *known == message)
    }

    /// The webhook for Meta.
    pub(crate) fn webhook(&self, reset: &PasswordReset, clock: Arc<dyn Clock>) -> Result<Webhook> {
        let meta = Meta::new(&self.app_secret, &self.verify_token, &self.phone_number_id, &self.business_account_id)?;
        Ok(Webhook::new(reset.clone(), meta)?.with_clock(clock))
    }
}

/// The fields of a template: the service, the time or nothing, and the link.
#[must_use]
pub const fn fields(message: UtilityMessage) -> &'static [TemplateField] {
    match message {
        UtilityMessage::Notice(NoticeKind::PasswordChanged) => {
            &[TemplateField::Service, TemplateField::At, TemplateField::LockUrl]
        }
        UtilityMessage::Notice(kind) if kind.can_cancel() => {
            &[TemplateField::Service, TemplateField::At, TemplateField::CancelUrl]
        }
        UtilityMessage::Notice(_) => &[TemplateField::Service, TemplateField::At, TemplateField::AskUrl],
        _ => &[TemplateField::Service, TemplateField::LinkUrl],
    }
}

/// The messages that can have a utility template, by their names on the command line.
pub const NOTICES: [(&str, UtilityMessage); 9] = [
    ("password-changed", UtilityMessage::Notice(NoticeKind::PasswordChanged)),
    ("reset-proved", UtilityMessage::Notice(NoticeKind::ResetProved)),
    ("reset-cancelled", UtilityMessage::Notice(NoticeKind::ResetCancelled)),
    ("code-requested", UtilityMessage::Notice(NoticeKind::CodeRequested)),
    ("admin-requested", UtilityMessage::Notice(NoticeKind::AdminRequested)),
    ("admin-link", UtilityMessage::AdminLink),
    ("contact-changed", UtilityMessage::Notice(NoticeKind::ContactChanged)),
    ("confirm-contact", UtilityMessage::ConfirmContact),
    ("account-locked", UtilityMessage::Notice(NoticeKind::AccountLocked)),
];

/// Shows the number and no secret.
impl std::fmt::Debug for MetaAccount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MetaAccount").field("number", &self.number).finish_non_exhaustive()
    }
}
