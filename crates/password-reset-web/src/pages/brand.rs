//! The brand that an application sets.

mod colour;

use self::colour::{Colour, MIN_CONTRAST};

/// The surfaces under accent colours, light and dark: the page, the card, and a tinted panel. They equal those of the
/// style sheet.
const LIGHT_SURFACES: [Colour; 3] = [Colour(0xf4, 0xf6, 0xf5), Colour(0xff, 0xff, 0xff), Colour(0xee, 0xf2, 0xf0)];
const DARK_SURFACES: [Colour; 3] = [Colour(0x0f, 0x13, 0x12), Colour(0x18, 0x1e, 0x1c), Colour(0x20, 0x28, 0x26)];

/// The media types of logos, and how the names of their files end.
const LOGO_TYPES: [(&str, &str); 4] =
    [("image/svg+xml", "svg"), ("image/png", "png"), ("image/jpeg", "jpg"), ("image/webp", "webp")];

const LIGHT_ACCENT: &str = "#0b6b53";
const DARK_ACCENT: &str = "#66d4b3";

/// The brand of a site: logo and accent colours. The name comes from [`Site`](password_reset::Site).
///
/// ```
/// use password_reset_web::Brand;
///
/// let logo = br#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><circle cx="4" cy="4" r="4"/></svg>"#;
/// let brand = Brand::new().logo(logo, "image/svg+xml").accent("#0a5fb4").accent_dark("#8fc4ff");
/// # let _ = brand;
/// ```
#[derive(Clone, Debug, Default)]
pub struct Brand {
    accent: Option<String>,
    accent_dark: Option<String>,
    logo: Option<(Vec<u8>, String)>,
    logo_dark: Option<(Vec<u8>, String)>,
}

/// An invalid setting of the brand.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BrandError {
    /// The colour is neither `#rgb` nor `#rrggbb`.
    #[error("{setting}: invalid colour: write #rgb or #rrggbb")]
    Colour {
        /// The setting.
        setting: &'static str,
    },
    /// Text in the colour has too little contrast (WCAG 2.2, 1.4.3).
    #[error("{setting}: {colour} on {surface} has a contrast of {contrast}:1, but 4.5:1 is required: use {instead}")]
    Contrast {
        /// The setting.
        setting: &'static str,
        /// The colour.
        colour: String,
        /// The surface under it.
        surface: String,
        /// The contrast, rounded down to a tenth.
        contrast: String,
        /// The nearest tone of the colour with enough contrast.
        instead: String,
    },
    /// The media type of the logo is not a supported image type.
    #[error("{setting}: unsupported image type: use image/svg+xml, image/png, image/jpeg or image/webp")]
    LogoType {
        /// The setting.
        setting: &'static str,
    },
}

impl Brand {
    /// No logo, so that pages show the name as text, and the default colours.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the logo and its media type. Light pages show it 40 CSS pixels high, and dark pages too without a
    /// [`logo_dark`](Self::logo_dark).
    #[must_use]
    pub fn logo(mut self, bytes: impl Into<Vec<u8>>, media_type: impl Into<String>) -> Self {
        self.logo = Some((bytes.into(), media_type.into()));
        self
    }

    /// Sets the logo for dark pages.
    #[must_use]
    pub fn logo_dark(mut self, bytes: impl Into<Vec<u8>>, media_type: impl Into<String>) -> Self {
        self.logo_dark = Some((bytes.into(), media_type.into()));
        self
    }

    /// Sets the colour of buttons, links and marks: `#rgb` or `#rrggbb`. It must have a contrast of 4.5:1 to light
    /// surfaces; text on it becomes black or white.
    #[must_use]
    pub fn accent(mut self, colour: impl Into<String>) -> Self {
        self.accent = Some(colour.into());
        self
    }

    /// Sets the colour for dark pages; derived from [`accent`](Self::accent) by default.
    #[must_use]
    pub fn accent_dark(mut self, colour: impl Into<String>) -> Self {
        self.accent_dark = Some(colour.into());
        self
    }

    /// The custom properties that the style sheet uses.
    pub(super) fn variables(&self) -> Result<String, BrandError> {
        let light = read("accent", self.accent.as_deref().unwrap_or(LIGHT_ACCENT), &LIGHT_SURFACES)?;
        let dark = match (&self.accent_dark, &self.accent) {
            (Some(dark), _) => read("accent_dark", dark, &DARK_SURFACES)?,
            (None, Some(_)) => light.readable_on(&DARK_SURFACES),
            (None, None) => read("accent_dark", DARK_ACCENT, &DARK_SURFACES)?,
        };
        Ok(format!(
            ":root{{--accent:{light};--on-accent:{}}}\n\
             @media (prefers-color-scheme:dark){{:root{{--accent:{dark};--on-accent:{}}}}}\n",
            light.ink(),
            dark.ink()
        ))
    }

    /// The logos, each with the source name of its asset.
    pub(super) fn logos(&self) -> Result<Vec<(&'static str, Logo<'_>)>, BrandError> {
        let mut logos = Vec::new();
        for (source, setting, logo) in [("logo", "logo", &self.logo), ("logo-dark", "logo_dark", &self.logo_dark)] {
            let Some((bytes, media_type)) = logo else { continue };
            let known = LOGO_TYPES.iter().find(|(known, _)| known == media_type);
            let (media_type, extension) = *known.ok_or(BrandError::LogoType { setting })?;
            logos.push((source, Logo { media_type, extension, bytes }));
        }
        Ok(logos)
    }
}

pub(super) struct Logo<'a> {
    pub(super) media_type: &'static str,
    pub(super) extension: &'static str,
    pub(super) bytes: &'a Vec<u8>,
}

fn read(setting: &'static str, text: &str, surfaces: &[Colour]) -> Result<Colour, BrandError> {
    let colour = Colour::parse(text).ok_or(BrandError::Colour { setting })?;
    match surfaces.iter().find(|surface| colour.contrast(**surface) < MIN_CONTRAST) {
        None => Ok(colour),
        Some(surface) => Err(BrandError::Contrast {
            setting,
            colour: colour.to_string(),
            surface: surface.to_string(),
            contrast: format!("{:.1}", (colour.contrast(*surface) * 10.0).floor() / 10.0),
            instead: colour.readable_on(surfaces).to_string(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::{Brand, BrandError, Colour, DARK_SURFACES, LIGHT_SURFACES, MIN_CONTRAST};

    #[test]
    fn the_style_sheet_has_the_surfaces_that_accents_are_checked_against() {
        let css = include_str!("../../assets/reset.css");
        for surface in LIGHT_SURFACES.iter().chain(&DARK_SURFACES) {
            assert!(css.contains(&surface.to_string()), "{surface} is missing in the style sheet");
        }
    }

    /// The custom properties of the style sheet, first for light pages, then for dark ones.
    fn palettes() -> [HashMap<&'static str, Colour>; 2] {
        let css = include_str!("../../assets/reset.css");
        let (light, rest) = css.split_once("@media (prefers-color-scheme: dark)").unwrap();
        let dark = rest.split_once("/* The page */").unwrap().0;
        [light, dark].map(|part| {
            let properties = part.lines().filter_map(|line| line.trim().strip_prefix("--")?.split_once(": "));
            properties.filter_map(|(name, value)| Some((name, Colour::parse(value.trim_end_matches(';'))?))).collect()
        })
    }

    #[test]
    fn the_default_colours_have_enough_contrast() {
        let text_on = [
            ("ink", vec!["page", "card", "panel", "bad-panel"]),
            ("soft", vec!["page", "card", "panel"]),
            ("bad", vec!["card", "bad-panel"]),
            ("good", vec!["card", "good-panel"]),
        ];
        for palette in palettes() {
            for (text, surfaces) in &text_on {
                for surface in surfaces {
                    let contrast = palette[text].contrast(palette[surface]);
                    assert!(contrast >= MIN_CONTRAST, "{text} on {surface}: {contrast:.2}");
                }
            }
            // Edges of fields are no text (WCAG 2.2, 1.4.11).
            assert!(palette["edge"].contrast(palette["card"]) >= 3.0);
        }
    }

    #[test]
    fn a_colour_of_low_contrast_is_refused_and_another_suggested() {
        let error = Brand::new().accent("#0b6").variables().unwrap_err();
        let BrandError::Contrast { setting, colour, instead, .. } = error else { panic!("{error}") };
        assert_eq!((setting, colour.as_str()), ("accent", "#00bb66"));
        Brand::new().accent(instead).variables().unwrap();
    }

    #[test]
    fn the_dark_colour_is_derived_from_the_light_one() {
        let css = Brand::new().accent("#123a8c").variables().unwrap();
        let dark = css.rsplit("--accent:").next().unwrap().split(';').next().unwrap();
        let dark = Colour::parse(dark).unwrap();
        assert!(DARK_SURFACES.iter().all(|surface| dark.contrast(*surface) >= MIN_CONTRAST));
    }

    #[test]
    fn an_invalid_colour_never_reaches_the_style_sheet() {
        for text in ["", "red", "#12", "#12345", "#1234567", "#ggg", "#000}body{display:none", "rgb(0,0,0)", "#é00"] {
            let refused = BrandError::Colour { setting: "accent" };
            assert_eq!(Brand::new().accent(text).variables().unwrap_err(), refused, "{text}");
        }
    }

    #[test]
    fn a_logo_of_another_type_is_refused() {
        let brand = Brand::new().logo(b"<html>", "text/html");
        assert!(brand.logos().is_err());
    }
}
