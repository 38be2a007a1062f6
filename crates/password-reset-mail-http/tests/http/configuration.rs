//! Settings that are refused, and how they are named.

use std::time::Duration;

use password_reset_mail_http::{
    AmazonSes, HttpMailNotifier, JsonApi, MailConfigError, Mailgun, Postmark, Resend, SendGrid,
};

use crate::services::{ALL, FROM, KEY};

#[track_caller]
fn field<T: std::fmt::Debug>(refused: Result<T, MailConfigError>) -> &'static str {
    let error = refused.unwrap_err();
    assert!(!error.to_string().contains("hunter2"), "{error}");
    error.field
}

#[test]
fn keys_that_are_guessable_or_examples_are_refused() {
    for key in ["", "hunter2", "your-api-key-goes-here", "hunter2 hunter2 hunter2", "hunter2-hunter2-hunter2\n"] {
        assert_eq!(field(Postmark::new(key)), "server token");
        assert_eq!(field(Resend::new(key)), "API key");
        assert_eq!(field(SendGrid::new(key)), "API key");
        assert_eq!(field(Mailgun::new("mg.toko.example", key)), "sending key");
        assert_eq!(field(AmazonSes::new("eu-west-1", "AKIDEXAMPLE", key)), "secret access key");
    }
}

#[test]
fn what_is_no_address_name_or_region_is_refused() {
    for url in
        ["http://api.mail.example", "ftp://localhost", "https://hunter2@api.mail.example", "https://x?hunter2", ""]
    {
        for named in ALL {
            let refused = named.at(url);
            assert!(matches!(field(refused), "base URL" | "URL"), "{named:?} {url}");
        }
    }
    assert_eq!(field(Mailgun::new("toko.example/v3/other", KEY)), "domain");
    assert_eq!(field(AmazonSes::new("eu-west-1.evil.example/", "AKIDEXAMPLE", KEY)), "region");
    assert_eq!(field(AmazonSes::new("eu-west-1", "AKID/EXAMPLE", KEY)), "access key id");
    let notifier = || HttpMailNotifier::new(Postmark::new(KEY).unwrap(), FROM);
    assert_eq!(field(notifier().unwrap().with_timeout(Duration::ZERO)), "timeout");
    assert_eq!(field(notifier().unwrap().with_reply_to("help")), "reply-to");
    let refused = HttpMailNotifier::new(Postmark::new(KEY).unwrap(), "a@b.example, c@d.example");
    assert_eq!(field(refused), "sender (from)");
}

#[test]
fn a_json_api_needs_what_a_mail_needs_and_knows_its_placeholders() {
    let api = |body: &str| JsonApi::new("https://api.mail.example", body);
    for body in [
        "",
        "[]",
        "{",
        "{}",
        r#"{"to":"{{to}}","text":"{{text}}"}"#,
        r#"{"subject":"{{subject}}","text":"{{text}}"}"#,
        r#"{"to":"{{to}}","subject":"{{subject}}"}"#,
        r#"{"to":"{{to}}","subject":"{{subject}}","text":"{{text}}","x":"{{link}}"}"#,
        r#"{"to":"{{to}}","subject":"{{subject}}","text":"{{text}}","x":"{{ to }}"}"#,
        r#"{"to":"{{to}}","subject":"{{subject}}","text":"{{text}}","x":"{{to"}"#,
        // Names of fields are not filled.
        r#"{"{{to}}":"x","subject":"{{subject}}","text":"{{text}}"}"#,
    ] {
        assert_eq!(field(api(body)), "JSON body", "{body}");
    }
    let right = || api(r#"{"to":"{{to}}","subject":"{{subject}}","html":"{{html}}"}"#).unwrap();
    for (name, value) in [
        ("a b", "x"),
        ("", "x"),
        ("x", ""),
        ("x", "a\r\nb: c"),
        ("x", "kunci-é"),
        ("x", "{{secret}}"),
        // Every text of a mail has lines, which no header can have.
        ("x", "{{text}}"),
        ("x", "a {{html}}"),
    ] {
        assert_eq!(field(right().with_header(name, value)), "header", "{name} {value}");
    }
    assert_eq!(field(right().with_invalid_recipient("code", "1")), "invalid recipient");
    let shown = format!("{:?}", right().with_header("x-key", KEY).unwrap());
    assert!(!shown.contains(KEY), "{shown}");
}
