//! Bounces as servers write them (RFC 3464), of mails as they are sent.

use password_reset::ResetId;
use password_reset::inbound::DeliveryReport;
use password_reset_mail::{Bounce, MailWriter};
use password_reset_testkit::messages::reset;

use crate::FROM;

/// Postfix: the whole mail comes back.
const POSTFIX: (&str, &str) = (
    "Content-Type: multipart/report; report-type=delivery-status;\n\tboundary=\"9B7\"",
    "--9B7\nContent-Description: Notification\nContent-Type: text/plain; charset=us-ascii\n\nThis is the mail system.\n\n\
     --9B7\nContent-Description: Delivery report\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mail.toko.example\n\
     X-Postfix-Queue-ID: 9B7\nArrival-Date: Sat, 21 Nov 2026 06:50:09 +0000 (UTC)\n\n{FIELDS}\n\n\
     --9B7\nContent-Description: Undelivered Message\nContent-Type: message/rfc822\n\n{MAIL}\n\n--9B7--\n",
);

/// Google and Exim: only the headers come back.
const HEADERS_ALONE: (&str, &str) = (
    "CONTENT-TYPE: Multipart/Report; boundary=\"0000\"; Report-Type=\"delivery-status\"",
    "--0000\nContent-Type: multipart/related; boundary=\"0001\"\n\n--0001\nContent-Type: text/html\n\n<p>Address not found</p>\n--0001--\n\
     --0000\nContent-type: Message/Delivery-Status\n\nReporting-MTA: dns; googlemail.com\n\n{FIELDS}\n\n\
     --0000\nContent-Type: text/rfc822-headers\n\n{HEAD}\n\n--0000--\n",
);

/// Exchange: the mail is named in the bounce's own headers.
const EXCHANGE: (&str, &str) = (
    "Content-Type: multipart/report; report-type=delivery-status; boundary=\"E\"\nIn-Reply-To: {ID}\nReferences: {ID}",
    "--E\nContent-Type: text/plain\n\nYour message couldn't be delivered.\n\n--E\nContent-Type: message/delivery-status\n\n\
     Reporting-MTA: dns;AM0PR01.prod.outlook.com\n\n{FIELDS}\n\n--E--\n",
);

fn no_such(why: &str) -> DeliveryReport {
    DeliveryReport::NoSuchContact { why: why.to_owned() }
}

fn failed(why: &str) -> DeliveryReport {
    DeliveryReport::Failed { why: why.to_owned() }
}

/// The fields of the recipient, and what they mean.
fn reports() -> Vec<(&'static str, Option<DeliveryReport>)> {
    vec![
        (
            "Final-Recipient: rfc822; budi@pelanggan.example\nAction: failed\nStatus: 5.1.1\nRemote-MTA: dns; mx.pelanggan.example\n\
             Diagnostic-Code: smtp; 550-5.1.1 The email account that you tried to reach does not exist.\n 550 5.1.1 Please try again",
            Some(no_such("5.1.1")),
        ),
        (
            "final-recipient: RFC822;\n budi@pelanggan.example\naction: Failed\nstatus: 5.0.0\n\
             diagnostic-code: SMTP;550 5.2.1 mailbox disabled",
            Some(no_such("5.2.1")),
        ),
        (
            "Final-Recipient: rfc822;budi@pelanggan.example\nAction: failed\nStatus: 5.1.10\n\
             Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found",
            Some(no_such("5.1.10")),
        ),
        ("Action: failed\nStatus: 5.1.1", Some(no_such("5.1.1"))),
        ("Action: failed (bad address)\nStatus: 5.1.1", None),
        ("Action: failed\nStatus: 5.2.2\nDiagnostic-Code: smtp; 552 5.2.2 over quota", Some(failed("5.2.2"))),
        ("Action: failed\nStatus: 5.7.1\nDiagnostic-Code: smtp; 550 5.7.1 looks like spam", Some(failed("5.7.1"))),
        ("Action: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; 550 relay not permitted", Some(failed("5.0.0"))),
        (
            "Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 <a@b>: Sender address rejected: User unknown",
            Some(failed("5.1.1")),
        ),
        ("Action: failed\nStatus: 4.4.7\nDiagnostic-Code: smtp; 451 4.7.1 greylisted", Some(failed("4.7.1"))),
        ("Action: failed", Some(failed("bounced"))),
        ("Action: delivered\nStatus: 2.0.0", Some(DeliveryReport::Delivered)),
        ("Action: delayed\nStatus: 4.4.1\nWill-Retry-Until: Sun, 22 Nov 2026 06:50:09 +0000", None),
        ("Action: relayed\nStatus: 2.0.0", None),
        ("Status: 5.1.1", None),
    ]
}

/// A mail as a server gets it.
fn sent() -> String {
    let mail = MailWriter::new(FROM).unwrap().write(&reset(7)).unwrap();
    format!("From: {FROM}\nMessage-ID: {}\nSubject: {}\n\n{}", mail.message_id(), mail.subject(), mail.text())
}

fn bounce((kind, body): (&str, &str), mail: &str, fields: &str) -> String {
    let (head, _) = mail.split_once("\n\n").unwrap();
    let id = head.lines().find_map(|line| line.strip_prefix("Message-ID: ")).unwrap();
    format!("Return-Path: <>\nFrom: MAILER-DAEMON@mail.toko.example\nTo: {FROM}\nMessage-ID: <1@mail.toko.example>\n{kind}\nMIME-Version: 1.0\n\n{body}")
        .replace("{FIELDS}", fields)
        .replace("{MAIL}", mail)
        .replace("{HEAD}", head)
        .replace("{ID}", id)
}

#[test]
fn a_bounce_names_the_mail_and_what_became_of_it() {
    let mail = sent();
    for form in [POSTFIX, HEADERS_ALONE, EXCHANGE] {
        for (fields, expected) in reports() {
            let bounced = bounce(form, &mail, fields);
            for raw in [bounced.clone(), bounced.replace('\n', "\r\n")] {
                let read = Bounce::parse(raw.as_bytes());
                assert_eq!(read.as_ref().map(|bounce| bounce.report.clone()), expected, "{raw}");
                if let Some(bounce) = read {
                    assert_eq!((bounce.reset, bounce.message), (ResetId::from_bytes([7; 16]), [7; 16]));
                }
            }
        }
    }
}

#[test]
fn other_mails_are_no_bounces() {
    let mail = sent();
    let right = bounce(POSTFIX, &mail, "Action: failed\nStatus: 5.1.1");
    assert!(Bounce::parse(right.as_bytes()).is_some());
    for other in [
        String::new(),
        "\n\n".to_owned(),
        mail.clone(),
        right.replace("multipart/report", "multipart/mixed"),
        right.replace("report-type=delivery-status", "report-type=disposition-notification"),
        right.replace("message/delivery-status", "text/plain"),
        right.replace("Content-Type: multipart/report", "X-Type: multipart/report"),
        right.replace("Message-ID: <07", "Message-ID: <x7"),
        right.replace("07-07", "0707"),
        right.replace("07@toko", "0707@toko"),
        right.replace("07@toko", "@toko"),
    ] {
        assert_eq!(Bounce::parse(other.as_bytes()), None, "{other}");
    }
    // Any bytes are read without a panic, in time that grows with their number alone.
    for cut in 0..right.len() {
        let _read = Bounce::parse(&right.as_bytes()[..cut]);
    }
    for odd in [vec![0xff; 1 << 20], b"<".repeat(1 << 20), [right.as_bytes(), &b"<\n:".repeat(1 << 18)].concat()] {
        let _read = Bounce::parse(&odd);
    }
}
