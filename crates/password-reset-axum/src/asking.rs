//! Asking for a reset, for pages and API alike.

use std::net::IpAddr;

use password_reset::{BadIdentifier, Identifier, Locale, Requested, RequesterToken, ResetRequest};

use crate::failure::Failure;
use crate::pages::Ask;
use crate::shared::Shared;

/// Reads what was typed. The outer error is a way that this site does not offer.
pub(crate) fn identify(web: &Shared, way: Ask, typed: &str) -> Result<Result<Identifier, BadIdentifier>, Failure> {
    if !web.ways.contains(&way) {
        return Err(Failure::ChannelOff);
    }
    Ok(match way {
        Ask::Email => Identifier::email(typed),
        Ask::Username => Identifier::username(typed.trim()),
        Ask::WhatsApp | Ask::WhatsAppCode => web.phones.read(typed),
    })
}

/// Asks. Nothing is looked up, and the answer is the same for every identifier.
pub(crate) async fn ask(
    web: &Shared,
    way: Ask,
    identifier: Identifier,
    source: IpAddr,
    locale: Locale,
    again: Option<RequesterToken>,
) -> Result<Requested, Failure> {
    let request = match way {
        Ask::Email | Ask::Username => ResetRequest::email_link(identifier, source),
        Ask::WhatsApp => ResetRequest::whatsapp_inbound(identifier, source),
        Ask::WhatsAppCode => ResetRequest::whatsapp_code(identifier, source),
    };
    let request = request.locale(locale);
    let request = match again {
        Some(requester_token) => request.again(requester_token),
        None => request,
    };
    Ok(web.reset.request(request).await?)
}
