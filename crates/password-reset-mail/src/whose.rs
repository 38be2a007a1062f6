//! Whose fault a refusal is: the recipient's, the message's or the service's.
//!
//! A mailbox that counts as missing sends the owner's next code elsewhere, so only what says so in so many words counts: an
//! enhanced status code (RFC 3463) about the recipient's address. A bare `550` may mean relaying, a limit or a block list. In
//! doubt it is the service's fault: the message is tried again, and the operator gets an error in the log.

/// Who can change what was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(
    clippy::exhaustive_enums,
    reason = "another one would be another outcome of a delivery, which every notifier must know"
)]
pub enum Whose {
    /// The mailbox or its domain does not exist, has moved, or is disabled.
    Recipient,
    /// This message to this mailbox: a full mailbox, a size, a content that the server does not take.
    Message,
    /// The service or its operator: account, sender, limits, reputation, settings, network.
    Ours,
}

/// What means the service, although some servers write it with a code about the recipient.
const OURS: [&str; 25] = [
    "sender address rejected",
    "sender rejected",
    "sender verify",
    "relay access denied",
    "relaying denied",
    "not permitted to relay",
    "relay not permitted",
    "unable to relay",
    // Google, 5.2.1: the mailbox exists and gets too much.
    "at a rate",
    "too quickly",
    "limit exceeded",
    "blocked using",
    "block list",
    "blacklist",
    "blocklist",
    "blocked by",
    "spamhaus",
    "reputation",
    "rate limit",
    "too many",
    "relaying not allowed",
    "relay denied",
    "client host rejected",
    "helo command rejected",
    "sender denied",
];

/// What large providers write for a missing mailbox together with a code about something else.
const NO_SUCH_USER: [(&str, &str); 13] = [
    // Exchange Online, where the edge knows the directory.
    ("5.4.1", "recipient address rejected: access denied"),
    ("5.4.310", "does not exist"),
    // Outlook.com.
    ("5.5.0", "mailbox unavailable"),
    // Yandex.
    ("5.7.1", "no such user"),
    ("5.7.0", "user unknown"),
    ("5.7.1", "user unknown"),
    // Postfix, for a list of its own.
    ("5.1.0", "user unknown"),
    ("5.1.0", "no such user"),
    ("5.1.0", "recipient not found"),
    ("5.0.0", "user unknown"),
    ("5.0.0", "no such user"),
    ("5.0.0", "mailbox not found"),
    ("5.0.1", "no such user"),
];

/// Whose fault a refusal is, by the enhanced code (RFC 3463) and the text of a server's reply. Without a code that says so in
/// so many words it is the service's own. Keep the code, never the text: it often repeats the address.
#[must_use]
pub fn whose(enhanced: Option<&str>, text: &str) -> Whose {
    let Some(code) = enhanced else { return Whose::Ours };
    // The limit of a mailbox is its own.
    if code != "5.2.2" && is_about_us(text) {
        return Whose::Ours;
    }
    let text = text.to_ascii_lowercase();
    match code {
        // 5.1.351 is Exchange Online's.
        "5.1.1" | "5.1.2" | "5.1.3" | "5.1.4" | "5.1.6" | "5.1.10" | "5.1.351" | "5.2.1" => Whose::Recipient,
        _ if NO_SUCH_USER.iter().any(|(known, phrase)| *known == code && text.contains(phrase)) => Whose::Recipient,
        "5.3.4" => Whose::Message,
        _ if code.starts_with("5.2.") || code.starts_with("5.6.") => Whose::Message,
        _ => Whose::Ours,
    }
}

/// Whether the text of a reply says that the service itself is refused.
pub(crate) fn is_about_us(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    OURS.iter().any(|phrase| text.contains(phrase))
}

/// The enhanced code, such as `5.1.1`, at the start of a reply's text (RFC 2034).
#[must_use]
pub fn enhanced_code(text: &str) -> Option<String> {
    let code = text.split([' ', '\r', '\n']).next()?;
    let mut parts = code.split('.');
    let class_ok = matches!(parts.next(), Some("2" | "4" | "5"));
    let number = |part: Option<&str>| {
        part.is_some_and(|part| (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let rest_ok = number(parts.next()) && number(parts.next()) && parts.next().is_none();
    (class_ok && rest_ok).then(|| code.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Whose, enhanced_code, whose};

    /// Replies that providers document or are known to give (Google's and Microsoft's lists of errors, smtp.codes, the texts
    /// of Postfix, Exim, Exchange and sendmail).
    const REPLIES: &[(&str, Whose)] = &[
        (
            "5.1.1 The email account that you tried to reach does not exist. Please try double-checking",
            Whose::Recipient,
        ),
        ("5.2.1 The email account that you tried to reach is inactive.", Whose::Recipient),
        ("5.1.1 <a@b>: Recipient address rejected: User unknown in virtual mailbox table", Whose::Recipient),
        ("5.1.1 <a@b>... User unknown", Whose::Recipient),
        ("5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup", Whose::Recipient),
        ("5.1.351 Remote server returned unknown recipient or mailbox unavailable", Whose::Recipient),
        ("5.4.1 Recipient address rejected: Access denied. [AM.prod.protection.outlook.com]", Whose::Recipient),
        ("5.5.0 Requested action not taken: mailbox unavailable (S2017062302).", Whose::Recipient),
        ("5.1.1 <a@icloud.com>: user does not exist", Whose::Recipient),
        ("5.7.1 No such user!", Whose::Recipient),
        ("5.1.1 User does not exist - <a@zoho.com>", Whose::Recipient),
        ("5.2.1 <a@prodigy.net>... Addressee unknown, relay=[192.0.2.1]", Whose::Recipient),
        ("5.1.6 recipient no longer on server", Whose::Recipient),
        ("5.1.2 The recipient address a@gmial.example is not a valid RFC-5321 address.", Whose::Recipient),
        ("5.1.3 Bad recipient address syntax", Whose::Recipient),
        ("5.2.2 The recipient's inbox is out of storage space and inactive.", Whose::Message),
        ("5.2.3 Message exceeds the recipient's size limit", Whose::Message),
        ("5.3.4 Message size exceeds fixed limit", Whose::Message),
        ("5.6.0 Mail message is malformed", Whose::Message),
        ("5.2.1 The user you are trying to contact is receiving mail at a rate that prevents", Whose::Ours),
        ("5.2.1 The user you are trying to contact is receiving mail too quickly.", Whose::Ours),
        ("5.4.5 Daily user sending limit exceeded.", Whose::Ours),
        ("5.7.1 Sender address rejected: not owned by user mailer", Whose::Ours),
        ("5.1.1 <no-reply@toko.example>: Sender address rejected: User unknown", Whose::Ours),
        ("5.1.0 <no-reply@toko.example>: Sender address rejected: User unknown in table", Whose::Ours),
        ("5.1.0 Address rejected.", Whose::Ours),
        ("5.1.7 Bad sender's mailbox address syntax", Whose::Ours),
        ("5.1.8 Bad sender's system address", Whose::Ours),
        ("5.1.8 Access denied, bad outbound sender", Whose::Ours),
        ("5.3.0 Mail server not configured", Whose::Ours),
        ("5.3.2 system not accepting network messages", Whose::Ours),
        ("5.3.5 System incorrectly configured", Whose::Ours),
        ("5.4.1 Mail rejected by destination domain", Whose::Ours),
        ("5.4.4 Unable to route", Whose::Ours),
        ("5.4.6 Routing loop detected", Whose::Ours),
        ("5.5.0 Requested action not taken", Whose::Ours),
        ("5.5.1 no valid recipients", Whose::Ours),
        ("5.7.1 Unable to relay", Whose::Ours),
        ("5.7.1 <a@b>: Relay access denied", Whose::Ours),
        ("5.7.1 Our system has detected that this message is likely unsolicited mail.", Whose::Ours),
        ("5.7.1 Service unavailable, Client host [192.0.2.1] blocked using Spamhaus", Whose::Ours),
        ("5.1.1 Client host [192.0.2.1] blocked using Spamhaus", Whose::Ours),
        ("5.7.26 This mail is unauthenticated", Whose::Ours),
        ("5.7.64 TenantAttribution; Relay Access Denied", Whose::Ours),
        ("5.7.501 Service unavailable. Spam abuse detected", Whose::Ours),
        ("5.7.708 Service unavailable. Access denied, traffic not accepted from this IP", Whose::Ours),
        ("5.0.0 Message refused", Whose::Ours),
        ("relay not permitted", Whose::Ours),
        ("Connection frequency limited", Whose::Ours),
        ("Requested action not taken: mailbox unavailable", Whose::Ours),
        ("No such user (a@b)", Whose::Ours),
        ("Message rejected: Email address is not verified.", Whose::Ours),
        ("delivery error: dd This user doesn't have a yahoo.com account (a@yahoo.com)", Whose::Ours),
        ("SC-001 Unfortunately, messages from 192.0.2.1 weren't sent.", Whose::Ours),
        ("Sender verify failed", Whose::Ours),
        // Google
        ("5.1.2 We weren't able to find the recipient domain. Please check for any spelling errors", Whose::Recipient),
        ("5.2.1 The email account that you tried to reach is disabled.", Whose::Recipient),
        ("5.2.2 The email account that you tried to reach is over quota.", Whose::Message),
        ("5.7.25 The IP address sending this message does not have a PTR record setup", Whose::Ours),
        ("5.7.28 Gmail has detected an unusual rate of unsolicited mail", Whose::Ours),
        ("5.7.0 Mail relay denied", Whose::Ours),
        ("5.5.2 Syntax error, cannot decode response", Whose::Ours),
        // Microsoft
        ("5.4.310 DNS domain gmial.example does not exist [Message=InfoDomainNonexistent]", Whose::Recipient),
        ("5.4.312 Message expired, DNS query failed", Whose::Ours),
        ("5.4.14 Hop count exceeded - possible mail loop", Whose::Ours),
        ("5.4.316 Message expired, connection refused", Whose::Ours),
        ("5.7.606 Access denied, banned sending IP [192.0.2.1]", Whose::Ours),
        (
            "5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent. Part of their network is on our block list",
            Whose::Ours,
        ),
        ("5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required", Whose::Ours),
        ("5.7.509 Access denied, sending domain toko.example does not pass DMARC verification", Whose::Ours),
        ("5.1.20 Multiple From addresses", Whose::Ours),
        ("5.2.122 The recipient has exceeded their limit for the number of messages", Whose::Message),
        ("5.1.1 RESOLVER.ADR.RecipNotFound; not found", Whose::Recipient),
        // Yahoo, AOL
        ("5.0.0 Mailbox not found: a@yahoo.com", Whose::Recipient),
        ("5.7.9 Message not accepted for policy reasons", Whose::Ours),
        ("5.7.9 This mail has been blocked because the sender is unauthenticated", Whose::Ours),
        // Yandex, Mail.ru
        ("5.7.1 No such user!", Whose::Recipient),
        ("5.7.1 Message rejected under suspicion of SPAM", Whose::Ours),
        ("5.7.1 Policy rejection on the target address", Whose::Ours),
        ("5.2.2 Mailbox size limit exceeded", Whose::Message),
        (
            "5.1.1 Message was not accepted -- invalid mailbox. Local mailbox a@mail.ru is unavailable: user not found",
            Whose::Recipient,
        ),
        (
            "Message was not accepted -- invalid mailbox. Local mailbox a@mail.ru is unavailable: user is terminated",
            Whose::Ours,
        ),
        // Postfix
        ("5.1.1 <a@b>: Recipient address rejected: User unknown in relay recipient table", Whose::Recipient),
        ("5.1.0 <a@b>: Recipient address rejected: User unknown in local recipient table", Whose::Recipient),
        ("5.1.1 <a@b>: Recipient address rejected: undeliverable address: host mx.b said no", Whose::Recipient),
        ("5.1.10 <a@b>: Recipient address rejected: Domain b does not accept mail (nullMX)", Whose::Recipient),
        ("5.7.1 <a@b>: Recipient address rejected: Access denied", Whose::Ours),
        ("5.7.1 <unknown[192.0.2.1]>: Client host rejected: Access denied", Whose::Ours),
        ("5.1.1 <mail>: Helo command rejected: Host not found", Whose::Ours),
        ("5.5.2 <mail>: Helo command rejected: need fully-qualified hostname", Whose::Ours),
        ("5.1.8 <no-reply@toko.example>: Sender address rejected: Domain not found", Whose::Ours),
        ("5.7.23 <a@b>: Recipient address rejected: Message rejected due to: SPF fail", Whose::Ours),
        ("5.4.6 mail for b loops back to myself", Whose::Ours),
        // Exim
        ("Unrouteable address", Whose::Ours),
        ("5.1.1 Unrouteable address", Whose::Recipient),
        ("5.7.1 Relaying not allowed", Whose::Ours),
        ("5.1.1 relay not permitted", Whose::Ours),
        ("Callback setup failed while verifying <no-reply@toko.example>", Whose::Ours),
        // iCloud, GMX, QQ, ProtonMail, Zoho
        ("5.7.0 Blocked - see https://support.apple.com/en-us/HT204137", Whose::Ours),
        ("5.7.1 [CS01] Message rejected due to local policy.", Whose::Ours),
        ("5.1.1 <a@qq.com> Mailbox unavailable or access denied", Whose::Recipient),
        ("5.7.0 Rejected due to IP reputation", Whose::Ours),
        ("5.1.1 Rejected: your IP has a poor reputation", Whose::Ours),
        ("5.1.1 Too many messages from your host", Whose::Ours),
        ("5.1.2 <a@proton.me>: Recipient address rejected: Address does not exist", Whose::Recipient),
        ("5.7.1 Email cannot be delivered. Reason: Email flagged as Spam.", Whose::Ours),
        ("5.4.6 Unusual sending activity detected. Please try after sometime", Whose::Ours),
        ("", Whose::Ours),
    ];

    #[test]
    fn only_words_about_the_recipient_are_the_recipients_fault() {
        for (text, expected) in REPLIES {
            assert_eq!(whose(enhanced_code(text).as_deref(), text), *expected, "{text}");
            let shouted = text.to_uppercase();
            assert_eq!(whose(enhanced_code(text).as_deref(), &shouted), *expected, "{shouted}");
        }
    }

    #[test]
    fn only_an_enhanced_code_is_taken_from_a_reply() {
        assert_eq!(enhanced_code("5.1.1 <budi@example.com> unknown").as_deref(), Some("5.1.1"));
        assert_eq!(enhanced_code("4.7.28 slow down").as_deref(), Some("4.7.28"));
        assert_eq!(enhanced_code("5.1.1").as_deref(), Some("5.1.1"));
        for text in ["budi@example.com unknown", "5.1", "5.1.1.1 x", "5.1.1234 x", "3.1.1 x", "5.a.1 x", "5.1.1<x>", ""]
        {
            assert_eq!(enhanced_code(text), None, "{text}");
        }
    }
}
