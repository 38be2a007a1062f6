//! QR codes.

use password_reset::Locale;
use password_reset::inbound::Challenge;
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};

/// The QR code of a challenge's [`wa.me`](Challenge::wa_me) link, as an SVG image: for a requester whose WhatsApp is on
/// another device than the page. It is drawn here because a QR service on the web would learn the number and the code.
///
/// The image has a white border and no size: set one in the page. Empty if the service's name is so long that the link
/// does not fit into a QR code.
#[must_use]
pub fn qr_svg(challenge: &Challenge, locale: Locale) -> String {
    svg_of(&challenge.wa_me(locale))
}

fn svg_of(text: &str) -> String {
    let Ok(code) = QrCode::with_error_correction_level(text, EcLevel::M) else { return String::new() };
    let image = code.render::<svg::Color<'_>>().module_dimensions(4, 4).quiet_zone(true).build();
    // Without the XML declaration the SVG can be embedded in HTML.
    match image.split_once("?>") {
        Some((_, svg)) => svg.to_owned(),
        None => image,
    }
}

#[cfg(test)]
mod tests {
    use super::svg_of;

    #[test]
    fn the_svg_does_not_contain_the_text() {
        let svg = svg_of("https://wa.me/6281100000000?text=%22%3E%3Cscript%3E\"><script>kodeK7MX2Q");
        assert!(svg.starts_with("<svg") && svg.ends_with("</svg>") && !svg.contains("script"), "{svg}");
        assert_ne!(svg, svg_of("https://wa.me/6281100000000?text=kodeK7MX2R"));
        assert_eq!(svg_of(&"x".repeat(5_000)), "");
    }
}
