//! The result as a small picture: one line for each comparison, from the lower to the upper bound of its effect.

use std::fmt::Write;

use crate::Comparison;

const LINE: usize = 14;
const LEFT: usize = 270;
const WIDTH: usize = 420;
/// The ends of the axis, in microseconds.
const ENDS: f64 = 100.0;

fn x(microseconds: f64) -> f64 {
    LEFT as f64 + (microseconds.clamp(-ENDS, ENDS) + ENDS) / (2.0 * ENDS) * WIDTH as f64
}

pub(crate) fn svg(comparisons: &[Comparison]) -> Result<String, std::fmt::Error> {
    let height = (comparisons.len() + 3) * LINE;
    let width = LEFT + WIDTH + 20;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" font-family=\"sans-serif\" \
         font-size=\"10\"><rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
    );
    for tick in [-100, -50, 0, 50, 100] {
        let at = x(f64::from(tick));
        writeln!(svg, "<path d=\"M{at:.0} 4V{}\" stroke=\"#ddd\"/>", height - 2 * LINE)?;
        writeln!(svg, "<text x=\"{at:.0}\" y=\"{}\" text-anchor=\"middle\">{tick} µs</text>", height - LINE)?;
    }
    for (at, comparison) in comparisons.iter().enumerate() {
        let y = (at + 1) * LINE;
        let effect = comparison.effect;
        let colour = if comparison.is_found() { "#c0392b" } else { "#2c6fbb" };
        writeln!(svg, "<text x=\"4\" y=\"{y}\">{}</text>", comparison.name())?;
        let middle = y - 4;
        let (low, high) = (x(effect.low), x(effect.high));
        writeln!(svg, "<path d=\"M{low:.1} {middle}H{high:.1}\" stroke=\"{colour}\" stroke-width=\"2\"/>")?;
        writeln!(svg, "<circle cx=\"{:.1}\" cy=\"{middle}\" r=\"2.5\" fill=\"{colour}\"/>", x(effect.median))?;
    }
    svg.push_str("</svg>\n");
    Ok(svg)
}
