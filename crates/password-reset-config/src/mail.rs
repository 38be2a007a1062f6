//! How mail is sent: by an SMTP server, or by the HTTP API of a mail service.

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
    Service(MailService),
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
                By::Service(http_service(name, reader)?)
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
        let By::Service(service) = &self.by else { return Ok(None) };
        let failed = |error| SettingsError::one("mail", error);
        let made = HttpMailNotifier::new(service.clone(), &self.from).map_err(failed)?;
        match &self.reply_to {
            Some(reply_to) => made.with_reply_to(reply_to).map(Some).map_err(failed),
            None => Ok(Some(made)),
        }
    }
}

/// Reads all that a service needs before its key; `None` only where a fault was noted.
fn http_service(name: &str, reader: &mut Reader<'_>) -> Option<MailService> {
    let key = |reader: &mut Reader<'_>| reader.required_secret("mail.api_key");
    let made = match name {
        "postmark" => {
            let (url, stream) = (reader.text("mail.api_url"), reader.text("mail.message_stream"));
            let made = Postmark::new(key(reader)?.expose());
            let made = made.map(|made| stream.into_iter().fold(made, Postmark::with_message_stream));
            at(made, url, Postmark::with_base_url)
        }
        "resend" => {
            let url = reader.text("mail.api_url");
            at(Resend::new(key(reader)?.expose()), url, Resend::with_base_url)
        }
        "sendgrid" => {
            let url = reader.text("mail.api_url");
            at(SendGrid::new(key(reader)?.expose()), url, SendGrid::with_base_url)
        }
        "mailgun" => {
            let (url, domain) = (reader.text("mail.api_url"), reader.required("mail.domain", "mg.toko.example"));
            let key = key(reader);
            at(Mailgun::new(&domain?, key?.expose()), url, Mailgun::with_base_url)
        }
        "ses" => {
            let (url, set) = (reader.text("mail.api_url"), reader.text("mail.configuration_set"));
            let region = reader.required("mail.region", "ap-southeast-1");
            let key_id = reader.required("mail.access_key_id", "AKIA…");
            let key = key(reader);
            let made = AmazonSes::new(&region?, &key_id?, key?.expose());
            at(
                made.map(|made| set.into_iter().fold(made, AmazonSes::with_configuration_set)),
                url,
                AmazonSes::with_base_url,
            )
        }
        "json" => {
            let url = reader.required("mail.api_url", "https://api.mail.example/v3/email");
            let body = body(reader);
            let header = reader.text("mail.key_header").unwrap_or_else(|| "Authorization".to_owned());
            let key = key(reader);
            let (url, body, key) = (url?, body?, key?);
            JsonApi::new(&url, &body).and_then(|made| made.with_header(&header, key.expose())).map(Into::into)
        }
        _ => {
            let reason = "write \"postmark\", \"resend\", \"sendgrid\", \"mailgun\", \"ses\" or \"json\", or leave it \
                          out for an SMTP server";
            reader.fault("mail.service", reason);
            key(reader);
            return None;
        }
    };
    reader.checked("mail", made)
}

/// The service at another address of its API, if there is one.
fn at<S: Into<MailService>>(
    made: Result<S, MailConfigError>,
    url: Option<String>,
    with: fn(S, &str) -> Result<S, MailConfigError>,
) -> Result<MailService, MailConfigError> {
    url.into_iter().try_fold(made?, |made, url| with(made, &url)).map(Into::into)
}

/// The JSON of a mail.
fn body(reader: &mut Reader<'_>) -> Option<String> {
    let Some(file) = reader.path("mail.body_file") else {
        let reason = "it is missing: write body_file = \"mail.json\" in [mail], a file with the JSON of a mail";
        reader.fault("mail.body_file", reason);
        return None;
    };
    let text = std::fs::read_to_string(&file);
    reader.checked("mail.body_file", text.map_err(|error| format!("{} cannot be read: {error}", file.display())))
}
