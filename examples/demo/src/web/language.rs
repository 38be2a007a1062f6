//! The language of a page: the chosen one, else the one that the browser prefers, else that of the site.

use axum::extract::Query;
use axum::http::header::ACCEPT_LANGUAGE;
use axum::http::request::Parts;
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use password_reset::{Languages, Locale};
use serde::Deserialize;

const COOKIE: &str = "demo_language";

/// The language of a page.
pub struct Language {
    /// The language.
    pub locale: Locale,
    /// The cookie to set, when the user has just chosen the language.
    pub chosen: Option<Cookie<'static>>,
}

#[derive(Deserialize)]
struct Asked {
    lang: Option<String>,
}

impl Language {
    /// The language in which this request is answered.
    pub fn of(request: &Parts, otherwise: Locale, ours: &Languages) -> Self {
        let asked = Query::<Asked>::try_from_uri(&request.uri).ok().and_then(|query| query.0.lang);
        let asked = asked.and_then(|tag| ours.parse(&tag));
        let jar = CookieJar::from_headers(&request.headers);
        let kept = jar.get(COOKIE).and_then(|cookie| ours.parse(cookie.value()));
        let accepted = request.headers.get(ACCEPT_LANGUAGE).and_then(|value| first_of(ours, value.to_str().ok()?));
        let keep =
            |locale: Locale| Cookie::build((COOKIE, locale.to_string())).path("/").same_site(SameSite::Lax).build();
        Self { locale: asked.or(kept).or(accepted).unwrap_or(otherwise), chosen: asked.map(keep) }
    }
}

/// Browsers list the preferred language first.
fn first_of(ours: &Languages, header: &str) -> Option<Locale> {
    header.split(',').find_map(|part| ours.parse(part.split(';').next()?.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_language_that_we_have_is_taken() {
        assert_eq!(first_of(&Languages::default(), "fr-FR, id-ID;q=0.9, en;q=0.8"), Some(Locale::INDONESIAN));
        assert_eq!(first_of(&Languages::default(), "en-GB"), Some(Locale::ENGLISH));
        assert_eq!(first_of(&Languages::default(), "fr, *;q=0.1"), None);
    }
}
