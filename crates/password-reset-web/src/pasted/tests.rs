use std::cell::Cell;

use super::{in_pieces, secret_in_link};

const SECRET: &str = "k3J_9-xQAbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_ab-23defGHIJKLMNOp";
const OTHER: &str = "AAA_9-xQAbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_ab-23defGHIJKLMNO2";

fn found(pasted: &str) -> Option<String> {
    let parse = |secret: &str| (secret.len() == SECRET.len()).then(|| secret.to_owned());
    secret_in_link(pasted, "/link", parse)
}

/// The ways in which links come back from filters, mail programs and chats.
fn rewritten() -> Vec<String> {
    let link = format!("https://toko.example/reset/link#{SECRET}");
    let encoded: String = url::form_urlencoded::byte_serialize(link.as_bytes()).collect();
    let twice: String = url::form_urlencoded::byte_serialize(encoded.as_bytes()).collect();
    let lower = encoded.replace("%3A", "%3a").replace("%2F", "%2f");
    let v2 = link.replace('_', "-5F").replace('-', "-2D").replace("-2D5F", "-5F");
    let v2 = v2.replace(':', "-3A").replace('/', "_").replace('#', "-23");
    let v3 = link.replace('#', "*");
    let base64 = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &link);
    let (head, tail) = SECRET.split_at(30);
    let mut all = vec![
        SECRET.to_owned(),
        link.clone(),
        encoded.clone(),
        twice.clone(),
        format!("https://toko.example/reset/link%23{SECRET}"),
        format!("https://toko.example/reset/link%2523{SECRET}"),
        format!("https://toko.example/reset/link%252523{SECRET}"),
        format!("https://toko.example/reset/link/#{SECRET}"),
        format!("https://toko.example/reset/link?lang=id#{SECRET}"),
        format!("HTTPS://TOKO.EXAMPLE/RESET/LINK#{SECRET}"),
        format!("#{SECRET}"),
        format!("##{SECRET}"),
        format!("/reset/link/{SECRET}"),
        // Microsoft Safe Links, and Outlook's own
        format!(
            "https://eur01.safelinks.protection.outlook.com/?url={encoded}&data=05%7C02%7Cani%40toko.example%7C{}%7C84df9e7f\
             e9f640afb435aaaaaaaaaaaa%7C1%7C0%7C638000000000000000%7CUnknown%7CTWFpbGZsb3d8eyJWIjoiMC4wLjAwMDAiLCJQIjoiV2lu\
             MzIiLCJBTiI6Ik1haWwiLCJXVCI6Mn0%3D%7C0%7C%7C%7C&sdata=qL3rbhP2mL7ZzJt8yT4y3e1o8Q0v5b6n7m8k9j0h1g2%3D&reserved=0",
            "f".repeat(32)
        ),
        format!("https://nam02.safelinks.protection.outlook.com/?url={twice}&amp;data=05|01&amp;reserved=0"),
        format!("https://outlook.office.com/mail/safelink.html?url={encoded}&corid=0a1b"),
        // Proofpoint
        format!(
            "https://urldefense.proofpoint.com/v1/url?u={encoded}&k=Ab%2FCd%3D%3D%0A&r=x%0A&m=y%3D%0A&s={}",
            "a".repeat(64)
        ),
        format!(
            "https://urldefense.proofpoint.com/v2/url?u={v2}&d=DwMFaQ&c=euGZstcaTDllvimEN8b7jXrwqOf-v5A_CdpgnVfiiMM&e="
        ),
        format!("https://urldefense.com/v3/__{v3}__;Iw!!PIZeeW5wscynRQ!abcDEF$"),
        format!("https://urldefense.us/v3/__{v3}__;Iw!!PIZeeW5wscynRQ!abcDEF$ "),
        // others
        format!("https://linkprotect.cudasvc.com/url?a={lower}&c=E,1,abc-def,&typo=1"),
        format!("https://secure-web.cisco.com/1abcDEF-{}/{encoded}", "x".repeat(120)),
        format!("https://protect2.fireeye.com/v1/url?k=1-2-3&q=1&e=4&u={encoded}"),
        format!(
            "https://ca-1234.url.protection.trendmicro.com/wis/clicktime/v1/query?url={lower}&umid=1&auth={}",
            "b".repeat(40)
        ),
        format!("https://clicktime.symantec.com/3abc?u={encoded}"),
        format!(
            "https://eu-west-1.protection.sophos.com/?d=toko.example&u={base64}&i=NWY&t=abc&h={}&s=A",
            "0".repeat(32)
        ),
        format!("https://www.google.com/url?q={encoded}&source=gmail&ust=1700000000000000&usg=AOvVaw0abc"),
        format!("https://l.facebook.com/l.php?u={encoded}&h=AT0abc"),
        format!("https://slack-redir.net/link?url={encoded}"),
        format!("https://click.mail.example/?redirect={encoded}#top"),
        format!(
            "https://gcc02.safelinks.protection.outlook.com/ap/t-59584e83/?url={encoded}&data=05%7C02%7C&reserved=0"
        ),
        format!(
            "https://statics.teams.cdn.office.net/evergreen-assets/safelinks/2/atp-safelinks.html?url={encoded}&locale=id-id&dest={twice}"
        ),
        format!("https://outlook.live.com/owa/redir.aspx?REF=abc&URL={lower}"),
        format!("https://url.avanan.click/v2/___{link}___.YXAzOmFiYzphOm86NDU2"),
        format!("https://url.avanan.click/v2/r01/___{encoded}___.YXAzOmFiYzphOm86NDU2"),
        format!("https://urlsand.esvalabs.com/?u={encoded}&e=52342f8a&h=a9ee89c8&f=n&p=y"),
        format!("https://deref-gmx.net/mail/client/abc-DEF/dereferrer/?redirectUrl={encoded}"),
        format!("https://vk.com/away.php?to={encoded}&cc_key="),
        format!("https://www.google.com/url?sa=D&q={encoded}&ust=1700000000000000&usg=AOvVaw0abc&hl=id"),
        format!("https://t.umblr.com/redirect?z={encoded}&t=abc"),
        format!("https://www.youtube.com/redirect?event=comments&q={lower}"),
        format!("https://steamcommunity.com/linkfilter/?u={encoded}"),
        format!("intent://toko.example/reset/link#{SECRET}#Intent;scheme=https;package=com.android.chrome;end"),
        format!("googlechrome://navigate?url={encoded}"),
        // as mail programs and chats write and break them
        format!("{head}\n{tail}"),
        format!("https://toko.example/reset/li\nnk#{SECRET}"),
        format!("https://toko.example/reset/link#{head}\r\n{tail}"),
        format!("https://toko.example/reset/link#\n{SECRET}"),
        format!("https://toko.example/reset/link#{head}\n{tail}\nIt works for 30 minutes."),
        format!("> https://toko.example/reset/link#{head}\n> {tail}\n> thanks"),
        format!("https://toko.example/reset/link#{head}=\r\n{tail}"),
        format!("https://toko.example/reset/link#{head}\u{200b}{tail}"),
        format!("\u{feff}https://toko.example/reset/link#{SECRET}\u{2069}"),
        format!("https://toko.example/reset/link#{head}\u{ad}{tail}"),
        format!("Reset Password: {link} (30 minutes)\nNot you? https://toko.example/reset/cancel#{OTHER}"),
        format!("{link}\n{link}"),
        format!("[Reset Password]({link})"),
        format!("<a href=\"{link}\">Reset</a>"),
        format!("_{link}_"),
        format!("**{link}**"),
        format!("please open {link} today"),
    ];
    for (before, after) in [
        ("", "."),
        ("", ","),
        ("", ";"),
        ("", "!"),
        ("", "?"),
        ("", ":"),
        ("", "…"),
        ("", ">"),
        ("", "_"),
        ("", "--"),
        ("(", ")"),
        ("[", "]"),
        ("{", "}"),
        ("<", ">"),
        ("«", "»"),
        ("“", "”"),
        ("‘", "’."),
        ("„", "“"),
        ("‹", "›"),
        ("\"", "\""),
        ("'", "',"),
        ("`", "`"),
        ("「", "」。"),
        (" ", " "),
        ("\t", "\n"),
        ("\u{a0}", "\u{a0}"),
        ("<URL:", ">"),
        ("\u{2066}", "\u{2069}"),
        ("\u{200f}", "\u{200e}"),
        ("\u{2060}", "\u{ad}"),
        ("（", "）"),
        ("【", "】"),
        ("～", "～"),
        ("|", "|"),
        ("~", "~"),
        ("–", "—"),
        ("\u{3000}", "\u{3000}"),
        ("= ", " ="),
        ("", "\u{ff0e}"),
        ("", "\u{61f}"),
        ("-", "-"),
    ] {
        all.extend([&link, &encoded, &SECRET.to_owned()].map(|text| format!("{before}{text}{after}")));
    }
    all
}

#[test]
fn a_link_is_read_in_all_forms_in_which_it_comes_back() {
    for pasted in rewritten() {
        assert_eq!(found(&pasted).as_deref(), Some(SECRET), "{pasted}");
    }
}

#[test]
fn a_link_that_was_cut_or_altered_is_not_completed() {
    let cut = &SECRET[..SECRET.len() - 1];
    for pasted in [
        "".to_owned(),
        "#".to_owned(),
        "https://toko.example/reset/link".to_owned(),
        format!("https://toko.example/reset/link#{cut}"),
        format!("https://toko.example/reset/link#{cut}."),
        format!("https://toko.example/reset/link#{SECRET}x"),
        format!("https://toko.example/reset/link#{SECRET}{SECRET}"),
        format!("https://toko.example/reset/link#{}", SECRET.replace('_', "*")),
    ] {
        assert_eq!(found(&pasted), None, "{pasted}");
    }
}

#[test]
fn of_several_links_the_one_to_this_page_counts_and_then_the_last() {
    let (cancel, link) = ("https://toko.example/reset/cancel", "https://toko.example/reset/link");
    for text in [format!("{link}#{SECRET} {cancel}#{OTHER}"), format!("{cancel}#{OTHER} {link}#{SECRET}")] {
        assert_eq!(found(&text).as_deref(), Some(SECRET), "{text}");
    }
    assert_eq!(found(&format!("{cancel}#{SECRET} {cancel}#{OTHER}")).as_deref(), Some(OTHER));
}

/// Pages that an application has elsewhere, by the address that its site has for them.
#[test]
fn links_to_pages_elsewhere_are_read_too() {
    let parse = |secret: &str| (secret.len() == SECRET.len()).then(|| secret.to_owned());
    for (link, cancel) in [
        ("app.toko.example/reset#", "app.toko.example/cancel#"),
        ("app.toko.example#", "app.toko.example/cancel#"),
        ("app.toko.example/#/reset/", "app.toko.example/#/cancel/"),
        ("app.toko.example/?lang=id#reset=", "app.toko.example/?lang=id#cancel="),
    ] {
        let (ours, theirs) = (format!("https://{link}{SECRET}"), format!("https://{cancel}{OTHER}"));
        let encoded: String = url::form_urlencoded::byte_serialize(ours.as_bytes()).collect();
        let twice: String = url::form_urlencoded::byte_serialize(encoded.as_bytes()).collect();
        let (head, tail) = ours.split_at(ours.len() - 20);
        for pasted in [
            ours.clone(),
            format!("<{ours}>."),
            format!("https://safelinks.example/?url={encoded}&data=05"),
            format!("https://safelinks.example/?url={twice}&data=05"),
            format!("{head}=\r\n{tail}"),
            format!("{head}\n{tail}\nIt works for 30 minutes."),
            format!("{ours} not you? {theirs}"),
            format!("not you? {theirs} else {ours}"),
            ours.to_uppercase().replace(&SECRET.to_uppercase(), SECRET),
        ] {
            assert_eq!(secret_in_link(&pasted, link, parse).as_deref(), Some(SECRET), "{link}: {pasted}");
        }
    }
}

#[test]
fn the_longest_body_costs_a_bounded_number_of_attempts() {
    for unit in ["#", "%23", "-", "#-", "a", "# ", "%25", "aHR0cHM6Ly", "\u{200b}", "_#a"] {
        let (long, attempts) = (unit.repeat(crate::post::MAX_BODY / unit.len()), Cell::new(0_u32));
        let never = |_: &str| {
            attempts.set(attempts.get() + 1);
            None::<()>
        };
        assert_eq!(secret_in_link(&long, "/link", never), None);
        assert!(attempts.get() < 200_000, "{unit:?} takes {} attempts", attempts.get());
    }
}

#[test]
fn what_stands_behind_other_text_does_not_continue_a_secret() {
    let parse = |secret: &str| (secret == SECRET).then(|| secret.to_owned());
    let (head, tail) = SECRET.split_at(SECRET.len() / 2);
    assert!(in_pieces(&format!("{head}\n{tail}"), parse).is_some());
    assert_eq!(in_pieces(&format!("{head}. It works for 30 minutes.\n{tail}"), parse), None);
    assert_eq!(in_pieces(&format!("{head}.\n{tail}"), parse), None);
}
