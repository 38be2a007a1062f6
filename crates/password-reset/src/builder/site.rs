//! What a site must be, because messages with secrets lead there.

use url::{Host, Url};

use crate::error::BuildError;
use crate::identity::realm::Realm;
use crate::message::Site;

/// Where the secret stands in the address of a page.
const SECRET: &str = Site::SECRET;

pub(super) fn check(site: &Site) -> Result<Realm, BuildError> {
    let wrong = |reason: &str| Err(BuildError::new("site", reason));
    let name = site.name();
    if name.trim().is_empty() || name.chars().count() > 80 || name.chars().any(char::is_control) {
        return wrong("`name` must be 1 to 80 characters without control characters");
    }
    let Some(realm) = Realm::new(site.realm()) else {
        return wrong("`realm` must be 1 to 255 bytes without control characters");
    };
    if !site.zone().is_valid() {
        return wrong(
            "`zone` must have an abbreviation of 1 to 10 letters, digits, +, - or :, and be at most \
                 14 hours from UTC",
        );
    }
    let url = address("base_url", site.base_url(), "https://www.example.com/reset")?;
    if url.query().is_some() || url.fragment().is_some() {
        return wrong("remove the query and fragment from `base_url`");
    }
    if let Some(start) = site.own_start_page() {
        plain("start_page", start)?;
        address("start_page", start, "https://app.example.com/forgot")?;
        if start.contains(SECRET) {
            return wrong("remove {secret} from `start_page`: a visitor starts there without one");
        }
    }
    for (page, template) in site.own_pages() {
        check_page(page, template)?;
    }
    Ok(realm)
}

/// The address of a page with a secret: one `{secret}`, behind the `#`, and nothing beside it that a reader could take for a
/// part of it.
fn check_page(page: &str, template: &str) -> Result<(), BuildError> {
    let field = format!("{page}_page");
    let wrong = |reason: &str| Err(BuildError::new("site", format!("`{field}` {reason}")));
    let like = format!("https://app.example.com/{page}#{SECRET}");
    let Some((before, after)) = template.split_once(SECRET).filter(|(_, after)| !after.contains(SECRET)) else {
        return wrong(&format!("must have {SECRET} once: write it like {like}"));
    };
    plain(&field, before)?;
    plain(&field, after)?;
    if !before.contains('#') {
        return wrong(&format!(
            "must have {SECRET} behind a #: browsers send what stands there neither to servers nor in Referer, so no log \
             has it. Write it like {like}"
        ));
    }
    if before.matches('#').count() > 1 || after.contains('#') || before.contains('%') || after.contains('%') {
        return wrong(&format!("must have one # and no %, so that pasted links can be read: write it like {like}"));
    }
    let of_secret = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
    if before.ends_with(of_secret) || after.starts_with(of_secret) {
        return wrong(&format!("must have a character like / or = between {SECRET} and the letters beside it"));
    }
    address(&field, before, &like).map(drop)
}

/// Every character as it stands in an email, a page and a chat.
fn plain(field: &str, text: &str) -> Result<(), BuildError> {
    let stays = |letter: char| {
        letter.is_ascii_graphic() && !matches!(letter, '"' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}')
    };
    if text.chars().all(stays) {
        return Ok(());
    }
    let reason = format!("`{field}` has a character that no URL has: encode it, and write the host in its ASCII form");
    Err(BuildError::new("site", reason))
}

/// A URL with TLS, or of this machine, without a password.
fn address(field: &str, text: &str, like: &str) -> Result<Url, BuildError> {
    let wrong = |reason: &str| Err(BuildError::new("site", reason));
    let Ok(url) = Url::parse(text) else {
        return wrong(&format!("`{field}` is not a valid URL: write it like {like}"));
    };
    let loopback = match url.host() {
        Some(Host::Domain(domain)) => domain == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => return wrong(&format!("`{field}` has no host: write it like {like}")),
    };
    match url.scheme() {
        "https" => {}
        "http" if loopback => {}
        _ => return wrong(&format!("`{field}` must start with https:// (http:// is allowed on localhost only)")),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return wrong(&format!("remove the user name and password from `{field}`"));
    }
    Ok(url)
}
