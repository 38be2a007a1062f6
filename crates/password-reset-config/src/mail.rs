//! How mail is sent: by an SMTP server, or by the HTTP API of a mail service.

use std::path::PathBuf;

use password_reset_mail_http::{
    AmazonSes, HttpMailNotifier, JsonApi, MailConfigError, MailService, Mailgun, Postmark, Resend, SendGrid,
};
use password_reset_smtp::SmtpNotifier;

use crate::error::SettingsError;
use crate::reader::Reader;
use crate::secret::Secret;

/// The settings of mail.
#[derive(Clone, Debug)]
pub(crate) struct Mail {
    from: String,
    reply_to: Option<String>,
    by: By,
}

#[derive(Clone, Debug)]
enum By {
    Smtp(Secret),
    Service { service: Service, key: Secret },
}

/// The name of a service, and what it needs beside its key.
#[derive(Clone, Debug)]
enum Service {
    Postmark { api_url: Option<String>, message_stream: Option<String> },
    Resend { api_url: Option<String> },
    SendGrid { api_url: Option<String> },
    Mailgun { api_url: Option<String>, domain: String },
    Ses { api_url: Option<String>, region: String, access_key_id: String, configuration_set: Option<String> },
    Json { api_url: String, body_file: PathBuf, key_header: String },
}

impl Mail {
    pub(crate) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        reader.know(&["mail.api_url", "mail.message_stream", "mail.domain", "mail.region", "mail.access_key_id"]);
        reader.know(&["mail.configuration_set", "mail.body_file", "mail.key_header"]);
        let (from, reply_to) = (reader.text("mail.from"), reader.text("mail.reply_to"));
        let service = reader.text("mail.service");
        let Some(from) = from else {
            let has_secret = [reader.secret("mail.url"), reader.secret("mail.api_key")].iter().any(Option::is_some);
            if has_secret || service.is_some() {
                reader.required("mail.from", "Toko Contoh <no-reply@toko.example>");
            }
            return None;
        };
        let by = match service.as_deref() {
            None => {
                reader.secret("mail.api_key");
                By::Smtp(reader.required_secret("mail.url")?)
            }
            Some(name) => {
                reader.secret("mail.url");
                let service = Service::read(name, reader);
                let key = reader.required_secret("mail.api_key");
                By::Service { service: service?, key: key? }
            }
        };
        Some(Self { from, reply_to, by })
    }

    /// Sends by SMTP; `None` where a service sends.
    pub(crate) fn smtp(&self) -> Result<Option<SmtpNotifier>, SettingsError> {
        let By::Smtp(url) = &self.by else { return Ok(None) };
        let failed = |error| SettingsError::one("mail", error);
        let made = SmtpNotifier::new(url.expose(), &self.from).map_err(failed)?;
        match &self.reply_to {
            Some(reply_to) => made.with_reply_to(reply_to).map(Some).map_err(failed),
            None => Ok(Some(made)),
        }
    }

    /// Sends by a service; `None` where an SMTP server sends.
    pub(crate) fn service(&self) -> Result<Option<HttpMailNotifier>, SettingsError> {
        let By::Service { service, key } = &self.by else { return Ok(None) };
        let failed = |error: MailConfigError| SettingsError::one("mail", error);
        let service = service.made(key)?;
        let made = HttpMailNotifier::new(service, &self.from).map_err(failed)?;
        match &self.reply_to {
            Some(reply_to) => made.with_reply_to(reply_to).map(Some).map_err(failed),
            None => Ok(Some(made)),
        }
    }
}

impl Service {
    /// `None` only where a fault was noted.
    fn read(name: &str, reader: &mut Reader<'_>) -> Option<Self> {
        Some(match name {
            "postmark" => Self::Postmark {
                api_url: reader.text("mail.api_url"),
                message_stream: reader.text("mail.message_stream"),
            },
            "resend" => Self::Resend { api_url: reader.text("mail.api_url") },
            "sendgrid" => Self::SendGrid { api_url: reader.text("mail.api_url") },
            "mailgun" => {
                let api_url = reader.text("mail.api_url");
                Self::Mailgun { api_url, domain: reader.required("mail.domain", "mg.toko.example")? }
            }
            "ses" => {
                let (api_url, configuration_set) = (reader.text("mail.api_url"), reader.text("mail.configuration_set"));
                let region = reader.required("mail.region", "ap-southeast-1");
                let access_key_id = reader.required("mail.access_key_id", "AKIA…");
                Self::Ses { api_url, region: region?, access_key_id: access_key_id?, configuration_set }
            }
            "json" => {
                let api_url = reader.required("mail.api_url", "https://api.mail.example/v3/email");
                let body_file = reader.path("mail.body_file");
                if body_file.is_none() {
                    let reason =
                        "it is missing: write body_file = \"mail.json\" in [mail], a file with the JSON of a mail";
                    reader.fault("mail.body_file", reason);
                }
                let key_header = reader.text("mail.key_header").unwrap_or_else(|| "Authorization".to_owned());
                Self::Json { api_url: api_url?, body_file: body_file?, key_header }
            }
            _ => {
                let reason = "write \"postmark\", \"resend\", \"sendgrid\", \"mailgun\", \"ses\" or \"json\", or leave it \
                              out for an SMTP server";
                reader.fault("mail.service", reason);
                return None;
            }
        })
    }

    fn made(&self, key: &Secret) -> Result<MailService, SettingsError> {
        let failed = |error: MailConfigError| SettingsError::one("mail", error);
        let key = key.expose();
        macro_rules! at {
            ($api_url:ident, $service:expr) => {
                match $api_url {
                    Some(url) => $service.with_base_url(url).map_err(failed)?.into(),
                    None => $service.into(),
                }
            };
        }
        Ok(match self {
            Self::Postmark { api_url, message_stream } => {
                let service = Postmark::new(key).map_err(failed)?;
                at!(api_url, message_stream.iter().fold(service, Postmark::with_message_stream))
            }
            Self::Resend { api_url } => at!(api_url, Resend::new(key).map_err(failed)?),
            Self::SendGrid { api_url } => at!(api_url, SendGrid::new(key).map_err(failed)?),
            Self::Mailgun { api_url, domain } => at!(api_url, Mailgun::new(domain, key).map_err(failed)?),
            Self::Ses { api_url, region, access_key_id, configuration_set } => {
                let service = AmazonSes::new(region, access_key_id, key).map_err(failed)?;
                at!(api_url, configuration_set.iter().fold(service, AmazonSes::with_configuration_set))
            }
            Self::Json { api_url, body_file, key_header } => {
                let body = std::fs::read_to_string(body_file).map_err(|error| {
                    SettingsError::one("mail.body_file", format!("{} cannot be read: {error}", body_file.display()))
                })?;
                let service = JsonApi::new(api_url, &body).map_err(failed)?;
                service.with_header(key_header, key).map_err(failed)?.into()
            }
        })
    }
}
