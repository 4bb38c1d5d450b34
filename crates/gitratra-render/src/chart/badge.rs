//! A label and a value in one small picture, for a README.

use maud::html;

use super::glyph::{shortened, width};
use super::path::short;

/// A badge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Badge {
    /// What it tells: `views 30d`.
    pub label: String,
    /// The value: `12.3k`.
    pub value: String,
    /// The ground of the value.
    pub colour: BadgeColour,
}

/// The ground of a badge's value; white text stands on each of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadgeColour {
    /// A number as any other.
    Blue,
    /// Clones.
    Orange,
    /// Stars.
    Purple,
    /// Downloads.
    Teal,
    /// All is well.
    Green,
    /// Something is wrong.
    Red,
    /// Not known.
    Grey,
}

impl BadgeColour {
    /// `#` and six digits.
    #[must_use]
    pub const fn hex(self) -> &'static str {
        match self {
            Self::Blue => "#1f62c9",
            Self::Orange => "#b35309",
            Self::Purple => "#7a45d1",
            Self::Teal => "#0b716c",
            Self::Green => "#1a7431",
            Self::Red => "#bb2a3b",
            Self::Grey => "#656d76",
        }
    }
}

/// What shields.io asks an endpoint for.
///
/// *Source*: <https://shields.io/badges/endpoint-badge>
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadgeEndpoint {
    /// `schemaVersion`, always 1.
    pub schema_version: u8,
    /// `label`.
    pub label: String,
    /// `message`.
    pub message: String,
    /// `color`, six digits without `#`.
    pub color: String,
}

const TEXT_PX: f64 = 11.0;
const HEIGHT_PX: u32 = 20;
/// The longest text on either side.
const ROOM_PX: f64 = 220.0;
const LABEL_GROUND: &str = "#444b54";

impl Badge {
    /// A stand-alone SVG file.
    #[must_use]
    pub fn svg(&self) -> String {
        let label = shortened(self.label.trim(), TEXT_PX, ROOM_PX);
        let value = shortened(self.value.trim(), TEXT_PX, ROOM_PX);
        let name = match label.as_str() {
            "" => value.clone(),
            label => format!("{label}: {value}"),
        };
        let side = |text: &str| {
            let wide = width(text, TEXT_PX);
            if text.is_empty() {
                0.0
            } else {
                (wide + 12.0).round()
            }
        };
        let (left, right) = (side(&label), side(&value).max(12.0));
        let all = short(left + right);
        let text = |text: &str, start: f64, wide: f64| {
            html! {
                @if !text.is_empty() {
                    text x=(short(start + wide / 2.0)) y="14"
                        textLength=(short(wide - 12.0)) { (text) }
                }
            }
        };
        let markup = html! {
            svg width=(all) height=(HEIGHT_PX) viewBox={ "0 0 " (all) " " (HEIGHT_PX) }
                role="img" aria-label=(name) {
                title { (name) }
                clipPath id="r" { rect width=(all) height=(HEIGHT_PX) rx="3" {} }
                g clip-path="url(#r)" {
                    rect width=(short(left)) height=(HEIGHT_PX) fill=(LABEL_GROUND) {}
                    rect x=(short(left)) width=(short(right)) height=(HEIGHT_PX)
                        fill=(self.colour.hex()) {}
                }
                g fill="#fff" text-anchor="middle" font-size=(TEXT_PX)
                    font-family="Verdana,DejaVu Sans,Geneva,sans-serif" {
                    (text(&label, 0.0, left))
                    (text(&value, left, right))
                }
            }
        };
        super::file::with_namespace(&markup.into_string())
    }

    /// The same for a service that draws badges itself.
    #[must_use]
    pub fn endpoint(&self) -> BadgeEndpoint {
        BadgeEndpoint {
            schema_version: 1,
            label: self.label.trim().to_owned(),
            message: self.value.trim().to_owned(),
            color: self.colour.hex().trim_start_matches('#').to_owned(),
        }
    }
}
