//! Colours and their contrast, as WCAG 2.2 defines it.

use std::fmt;

/// The minimum contrast of text to its background (WCAG 2.2, 1.4.3).
pub(super) const MIN_CONTRAST: f64 = 4.5;

/// An opaque sRGB colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Colour(pub(super) u8, pub(super) u8, pub(super) u8);

impl Colour {
    const BLACK: Self = Self(0, 0, 0);
    const WHITE: Self = Self(0xff, 0xff, 0xff);

    /// Reads `#rgb` or `#rrggbb`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let digits: Vec<u8> = text
            .strip_prefix('#')?
            .chars()
            .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
            .collect::<Option<_>>()?;
        let pair = |high: u8, low: u8| (high << 4) | low;
        match *digits.as_slice() {
            [r, g, b] => Some(Self(pair(r, r), pair(g, g), pair(b, b))),
            [r1, r2, g1, g2, b1, b2] => Some(Self(pair(r1, r2), pair(g1, g2), pair(b1, b2))),
            _ => None,
        }
    }

    /// The contrast to another colour, from 1 to 21.
    pub(super) fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    /// Black or white, whichever has more contrast on it; at least 4.58:1 for every colour.
    pub(super) fn ink(self) -> Self {
        if self.contrast(Self::WHITE) >= self.contrast(Self::BLACK) { Self::WHITE } else { Self::BLACK }
    }

    /// The nearest mix with black or white that has enough contrast on all surfaces.
    pub(super) fn readable_on(self, surfaces: &[Self]) -> Self {
        let end = if surfaces.iter().all(|surface| surface.ink() == Self::BLACK) { Self::BLACK } else { Self::WHITE };
        (0..=20_u8)
            .map(|step| self.mixed(end, step))
            .find(|mix| surfaces.iter().all(|surface| mix.contrast(*surface) >= MIN_CONTRAST))
            .unwrap_or(end)
    }

    /// `step` twentieths of the way to another colour.
    fn mixed(self, other: Self, step: u8) -> Self {
        let part = |from: u8, to: u8| {
            let (step, rest) = (u32::from(step.min(20)), u32::from(20_u8.saturating_sub(step)));
            let sum = u32::from(from).saturating_mul(rest).saturating_add(u32::from(to).saturating_mul(step));
            u8::try_from(sum / 20).unwrap_or(to)
        };
        Self(part(self.0, other.0), part(self.1, other.1), part(self.2, other.2))
    }

    /// Relative luminance, as WCAG 2.2 defines it.
    fn luminance(self) -> f64 {
        let linear = |channel: u8| {
            let value = f64::from(channel) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(self.0) + 0.7152 * linear(self.1) + 0.0722 * linear(self.2)
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }
}

#[cfg(test)]
mod tests {
    use super::{Colour, MIN_CONTRAST};

    #[test]
    fn contrast_follows_wcag() {
        assert!((Colour::BLACK.contrast(Colour::WHITE) - 21.0).abs() < 1e-9);
        // The darkest grey on white that passes, and the next one, which does not.
        assert!(Colour(0x76, 0x76, 0x76).contrast(Colour::WHITE) >= MIN_CONTRAST);
        assert!(Colour(0x77, 0x77, 0x77).contrast(Colour::WHITE) < MIN_CONTRAST);
    }

    #[test]
    fn ink_has_enough_contrast_on_every_colour() {
        for r in (0..=255).step_by(15) {
            for g in (0..=255).step_by(15) {
                for b in (0..=255).step_by(15) {
                    let colour = Colour(r, g, b);
                    assert!(colour.contrast(colour.ink()) >= MIN_CONTRAST, "{colour}");
                }
            }
        }
    }
}
