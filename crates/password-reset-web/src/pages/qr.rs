//! QR codes as the path of an inline SVG, for which the content security policy needs no exception.

use std::fmt::Write;

use qrcode::{Color, EcLevel, QrCode};

/// Light modules around the code, as ISO/IEC 18004 requires.
const QUIET: usize = 4;

/// The `viewBox` size and the path's `d` of the code's dark modules.
#[derive(Debug)]
pub(super) struct Qr {
    pub(super) size: usize,
    pub(super) path: String,
}

impl Qr {
    /// `None` when the text is too long for a QR code.
    pub(super) fn new(text: &str) -> Option<Self> {
        let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
        let width = code.width();
        let colors = code.to_colors();
        let mut path = String::new();
        for (row, y) in colors.chunks(width).zip(QUIET..) {
            let mut x = QUIET;
            for run in row.chunk_by(|left, right| left == right) {
                if run.first() == Some(&Color::Dark) {
                    write!(path, "M{x} {y}h{}v1h-{}z", run.len(), run.len()).ok()?;
                }
                x = x.saturating_add(run.len());
            }
        }
        Some(Self { size: width.saturating_add(QUIET.saturating_mul(2)), path })
    }
}
