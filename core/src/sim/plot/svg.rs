//! Writing SVG: a few shapes, with text that is always escaped.

use std::fmt::Write;

/// A picture under way. Writing into a text does not fail.
#[derive(Default)]
pub(super) struct Svg {
    body: String,
}

/// Where a text is fastened.
#[derive(Clone, Copy)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// A text as it may stand in SVG, without what XML cannot hold.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

impl Svg {
    /// A filled rectangle; `says` is shown when one points at it.
    pub fn rect(&mut self, x: f64, y: f64, width: f64, height: f64, fill: &str, says: &str) {
        let radius = if height > 40.0 {
            0.0
        } else {
            (width / 2.0).min(2.0)
        };
        let _ = write!(
            self.body,
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"{radius:.1}\" fill=\"{fill}\""
        );
        if says.is_empty() {
            self.body.push_str("/>\n");
        } else {
            let _ = writeln!(self.body, "><title>{}</title></rect>", escape(says));
        }
    }

    pub fn text(&mut self, x: f64, y: f64, anchor: Anchor, size: u32, fill: &str, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let _ = writeln!(
            self.body,
            "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" font-size=\"{size}\" fill=\"{fill}\">{}</text>",
            escape(text)
        );
    }

    /// A line straight down.
    pub fn down(&mut self, x: f64, from: f64, to: f64, colour: &str, is_dashed: bool) {
        let dashes = if is_dashed {
            " stroke-dasharray=\"4 3\""
        } else {
            ""
        };
        let _ = writeln!(
            self.body,
            "<path d=\"M{x:.1} {from:.1}V{to:.1}\" stroke=\"{colour}\"{dashes}/>"
        );
    }

    /// A line across.
    pub fn across(&mut self, y: f64, from: f64, to: f64, colour: &str) {
        let _ = writeln!(
            self.body,
            "<path d=\"M{from:.1} {y:.1}H{to:.1}\" stroke=\"{colour}\"/>"
        );
    }

    /// A disc with white strokes in it, given relative to its middle.
    pub fn badge(&mut self, x: f64, y: f64, fill: &str, strokes: &str, says: &str) {
        let _ = writeln!(
            self.body,
            "<g transform=\"translate({x:.1} {y:.1})\"><title>{}</title><circle r=\"6.5\" fill=\"{fill}\" stroke=\"#fff\" stroke-width=\"1.2\"/><path d=\"{strokes}\" fill=\"none\" stroke=\"#fff\" stroke-width=\"1.7\" stroke-linecap=\"round\" stroke-linejoin=\"round\"/></g>",
            escape(says)
        );
    }

    /// The whole file.
    pub fn finish(self, width: f64, height: f64, label: &str, paper: &str, frame: &str) -> String {
        let label = escape(label);
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"0 0 {width:.0} {height:.0}\" role=\"img\" aria-label=\"{label}\" font-family=\"system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'DejaVu Sans', sans-serif\">\n\
             <rect x=\"0.5\" y=\"0.5\" width=\"{:.0}\" height=\"{:.0}\" rx=\"10\" fill=\"{paper}\" stroke=\"{frame}\"/>\n{}</svg>\n",
            width - 1.0,
            height - 1.0,
            self.body
        )
    }
}
