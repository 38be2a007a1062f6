//! Letters as HTML: one column of tables with inline styles, which all mail programs support.
//!
//! There are no images, fonts, scripts, or URLs other than those of the message. Every text has a colour and a
//! background with a contrast of at least 7 to 1, so that dark modes invert complete pairs.

use super::letter::{Letter, Link, Part};

const FONT: &str = "font-family:-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";
const MONO: &str = "font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,'Liberation Mono',monospace";
const INK: &str = "color:#1f2937";
const MUTED: &str = "color:#4b5563";

pub(super) fn write(letter: &Letter) -> String {
    let parts: String = letter.parts.iter().map(part).collect();
    let (locale, dir) = (letter.language.locale(), letter.language.direction().attribute());
    let subject = escaped(&letter.subject);
    let site = escaped(&letter.site);
    let preheader = escaped(&letter.preheader);
    let heading = escaped(&letter.heading);
    let footer = escaped(&letter.footer);
    format!(
        r##"<!DOCTYPE html>
<html lang="{locale}" dir="{dir}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<meta name="format-detection" content="telephone=no,date=no,address=no,email=no,url=no">
<title>{subject}</title>
</head>
<body style="margin:0;padding:0;background-color:#f3f4f6;{INK}">
<div style="display:none;max-height:0;overflow:hidden;font-size:1px;line-height:1px;color:#f3f4f6">{preheader}</div>
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"
 style="background-color:#f3f4f6">
<tr><td align="center" style="padding:32px 16px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"
 style="max-width:560px;width:100%">
<tr><td style="padding:0 4px 16px;{FONT};font-size:17px;line-height:24px;font-weight:700;{INK}">{site}</td></tr>
<tr><td style="padding:36px 32px 12px;background-color:#ffffff;border-radius:12px;border:1px solid #e5e7eb">
<h1 style="margin:0 0 16px;{FONT};font-size:24px;line-height:32px;font-weight:700;color:#111827">{heading}</h1>
{parts}</td></tr>
<tr><td style="padding:16px 4px 0;{FONT};font-size:13px;line-height:20px;color:#374151">{footer}</td></tr>
</table>
</td></tr>
</table>
</body>
</html>
"##
    )
}

fn part(part: &Part) -> String {
    match part {
        Part::Paragraph(sentence) => paragraph(sentence),
        Part::Name(name) => self::name(name),
        Part::Link(link) => self::link(link),
        Part::Action { button, otherwise, url, .. } => action(button, otherwise, url),
        Part::Code { sentence, code } => self::code(sentence, code),
        Part::Advice { heading, sentence, link } => advice(heading, sentence, link.as_ref()),
    }
}

fn paragraph(sentence: &str) -> String {
    let sentence = escaped(sentence);
    format!("<p style=\"margin:0 0 16px;{FONT};font-size:16px;line-height:25px;{INK}\">{sentence}</p>\n")
}

fn name(name: &str) -> String {
    let name = escaped(name);
    format!(
        r##"<p style="margin:0 0 4px;padding:20px 0 0;border-top:1px solid #e5e7eb;{FONT};font-size:16px;line-height:25px;{INK}">
<strong>{name}</strong></p>
"##
    )
}

fn link(Link { label, url, .. }: &Link) -> String {
    let (label, url) = (escaped(label), escaped(url));
    format!(
        r##"<p style="margin:0 0 28px;{FONT};font-size:14px;line-height:21px"><a href="{url}"
 style="color:#1e40af;text-decoration:underline">{label}</a></p>
"##
    )
}

fn action(button: &str, otherwise: &str, url: &str) -> String {
    let (button, otherwise, url) = (escaped(button), escaped(otherwise), escaped(url));
    format!(
        r##"<table role="presentation" cellpadding="0" cellspacing="0" border="0" style="margin:24px 0">
<tr><td align="center" bgcolor="#1e40af" style="background-color:#1e40af;border-radius:8px">
<a href="{url}"
 style="display:inline-block;padding:14px 28px;{FONT};font-size:16px;line-height:20px;font-weight:600;
color:#ffffff;background-color:#1e40af;text-decoration:none;border-radius:8px">{button}</a>
</td></tr>
</table>
<p style="margin:0 0 4px;{FONT};font-size:14px;line-height:21px;{MUTED}">{otherwise}</p>
<p style="margin:0 0 28px;{FONT};font-size:14px;line-height:21px;word-break:break-all">
<a dir="ltr" href="{url}"
 style="display:inline-block;text-align:left;color:#1e40af;text-decoration:underline">{url}</a></p>
"##
    )
}

fn code(sentence: &str, code: &str) -> String {
    let (sentence, code) = (escaped(sentence), escaped(code));
    format!(
        r##"<p style="margin:0 0 8px;{FONT};font-size:16px;line-height:25px;{INK}">{sentence}</p>
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="margin:0 0 28px">
<tr><td dir="ltr" align="center" style="padding:16px;background-color:#f3f4f6;border-radius:8px;
{MONO};font-size:28px;line-height:36px;font-weight:700;letter-spacing:3px;white-space:nowrap;color:#111827">{code}</td></tr>
</table>
"##
    )
}

fn advice(heading: &str, sentence: &str, link: Option<&Link>) -> String {
    let (heading, sentence) = (escaped(heading), escaped(sentence));
    let link = link.map_or_else(String::new, |Link { label, url, .. }| {
        let (label, url) = (escaped(label), escaped(url));
        format!(
            r##"
<a href="{url}"
 style="color:#1e40af;text-decoration:underline">{label}</a>"##
        )
    });
    format!(
        r##"<p style="margin:0 0 16px;padding:16px 0 0;border-top:1px solid #e5e7eb;{FONT};font-size:14px;line-height:22px;
{MUTED}"><strong style="{INK}">{heading}</strong> {sentence}{link}</p>
"##
    )
}

/// Escapes text for elements and quoted attributes.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn markup_becomes_text() {
        assert_eq!(escaped(r#"<a href="x" id='y'>&"#), "&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;");
    }
}
