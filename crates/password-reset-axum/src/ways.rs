//! Which ways of asking a site offers.

use password_reset::{Channel, PasswordReset};

use crate::error::WebError;
use crate::pages::Ask;

/// The ways that were asked for, or all that need no more than the service has.
pub(crate) fn check(reset: &PasswordReset, asked: Option<Vec<Ask>>) -> Result<Vec<Ask>, WebError> {
    let Some(asked) = asked else {
        let by_default = [Ask::Email, Ask::WhatsApp, Ask::WhatsAppCode];
        let mut ways: Vec<Ask> = by_default.into_iter().filter(|way| is_on(reset, *way)).collect();
        // One way by WhatsApp is enough; the person would not know which to take.
        if ways.contains(&Ask::WhatsApp) {
            ways.retain(|way| *way != Ask::WhatsAppCode);
        }
        return if ways.is_empty() { Err(WebError::NoWay) } else { Ok(ways) };
    };
    let mut ways = Vec::with_capacity(asked.len());
    for way in asked {
        if !is_on(reset, way) {
            return Err(WebError::WayOff { way: way.code(), needs: needs(way) });
        }
        if !ways.contains(&way) {
            ways.push(way);
        }
    }
    if ways.is_empty() { Err(WebError::NoWay) } else { Ok(ways) }
}

/// The channel by which a way leads to the new password.
pub(crate) fn channel(reset: &PasswordReset, way: Ask) -> Option<Channel> {
    match way {
        Ask::Email | Ask::Username => Some(Channel::EmailLink),
        Ask::WhatsApp => reset.inbound().map(|inbound| Channel::WhatsAppInbound(inbound.mode())),
        Ask::WhatsAppCode => Some(Channel::WhatsAppCode),
    }
}

fn is_on(reset: &PasswordReset, way: Ask) -> bool {
    channel(reset, way).is_some_and(|channel| reset.offers(channel))
}

fn needs(way: Ask) -> &'static str {
    match way {
        Ask::Email | Ask::Username => "a notifier that reaches mailboxes",
        Ask::WhatsApp => "inbound WhatsApp settings",
        Ask::WhatsAppCode => "a notifier that reaches phones",
    }
}
