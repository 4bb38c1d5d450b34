//! Colours: by class and variable for pages, fixed for everything that stands alone.

use std::fmt::Write as _;
use std::sync::LazyLock;

/// How colours are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// By classes, which [`page_style`] gives the colours of the page's variables.
    Css,
    /// Fixed, for a light ground.
    Light,
    /// Fixed, for a dark ground.
    Dark,
    /// By classes with a stylesheet of its own, [`auto_style`], that follows the viewer's system.
    Auto,
}

/// What a shape stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ink {
    /// Views.
    Views,
    /// People who viewed.
    ViewsUniques,
    /// Clones.
    Clones,
    /// People who cloned.
    ClonesUniques,
    /// Stars given, or in all.
    Stars,
    /// Stars taken away.
    Lost,
    /// Forks.
    Forks,
    /// Downloads.
    Downloads,
    /// An earlier range that is laid under another.
    Before,
    /// One of several things of the same kind.
    Series(u8),
}

/// Everything that has a colour: its class, and its values on light and on dark ground.
///
/// Neighbours in a chart differ in lightness as well as in hue, so that they are told apart without
/// seeing colours; every line has a contrast of 3:1 at least with its ground.
const COLOURS: [(&str, &str, &str); 22] = [
    ("views", "#2f7de1", "#58a6ff"),
    ("views-uniques", "#0a3d91", "#b6d7ff"),
    ("clones", "#d1690b", "#f0883e"),
    ("clones-uniques", "#7a3600", "#ffc999"),
    ("stars", "#8250df", "#b392f0"),
    ("lost", "#c2255c", "#ff7b9c"),
    ("forks", "#4d5965", "#a5b1bd"),
    ("downloads", "#0b7f7f", "#3fc1c0"),
    ("before", "#7d8690", "#848d97"),
    ("series-0", "#0072b2", "#4aa8e0"),
    ("series-1", "#c75300", "#ff9d5c"),
    ("series-2", "#00805d", "#34d399"),
    ("series-3", "#8250df", "#b392f0"),
    ("series-4", "#8a6a00", "#e3b341"),
    ("series-5", "#b83280", "#f28bc1"),
    ("series-6", "#4d5965", "#a5b1bd"),
    ("series-7", "#1d4e89", "#9cc9ff"),
    ("paper", "#ffffff", "#151b23"),
    ("grid", "#e3e7ec", "#2a323c"),
    ("axis", "#59636e", "#9aa5b1"),
    ("word", "#1b2027", "#e6edf3"),
    ("gap", "#a7b0ba", "#5a6572"),
];

impl Ink {
    pub(super) const fn class(self) -> &'static str {
        match self {
            Self::Views => "views",
            Self::ViewsUniques => "views-uniques",
            Self::Clones => "clones",
            Self::ClonesUniques => "clones-uniques",
            Self::Stars => "stars",
            Self::Lost => "lost",
            Self::Forks => "forks",
            Self::Downloads => "downloads",
            Self::Before => "before",
            Self::Series(at) => match at % 8 {
                0 => "series-0",
                1 => "series-1",
                2 => "series-2",
                3 => "series-3",
                4 => "series-4",
                5 => "series-5",
                6 => "series-6",
                _ => "series-7",
            },
        }
    }
}

/// The value of a colour that does not change.
pub(super) fn fixed(class: &str, is_dark: bool) -> &'static str {
    let of = COLOURS.iter().find(|(known, ..)| *known == class);
    match of {
        Some((_, light, dark)) => [light, dark][usize::from(is_dark)],
        None => "#888888",
    }
}

fn vars(is_dark: bool) -> String {
    let mut text = String::new();
    for (class, light, dark) in COLOURS {
        let value = if is_dark { dark } else { light };
        let _ = write!(text, "--ink-{class}:{value};");
    }
    text
}

/// The variables of a light page.
#[must_use]
pub fn light_vars() -> String {
    vars(false)
}

/// The variables of a dark page.
#[must_use]
pub fn dark_vars() -> String {
    vars(true)
}

/// Rules for the classes of charts. `f-…` fills and `s-…` strokes with the colour of that name.
#[must_use]
pub fn page_style() -> String {
    let mut text = String::new();
    for (class, ..) in COLOURS {
        let _ = write!(
            text,
            ".f-{class}{{fill:var(--ink-{class})}}.s-{class}{{stroke:var(--ink-{class})}}"
        );
    }
    text
}

static AUTO: LazyLock<String> = LazyLock::new(|| {
    format!(
        ":root{{{}}}@media(prefers-color-scheme:dark){{:root{{{}}}}}{}",
        light_vars(),
        dark_vars(),
        page_style()
    )
});

/// The stylesheet inside of every picture of [`Theme::Auto`], always the same, so that a policy can
/// allow just this one by its hash.
#[must_use]
pub fn auto_style() -> &'static str {
    &AUTO
}

#[cfg(test)]
mod tests {
    use super::*;

    /// *Source*: <https://www.w3.org/TR/WCAG21/#dfn-relative-luminance>
    fn luminance(colour: &str) -> f64 {
        let part = |at: usize| {
            let byte = u8::from_str_radix(&colour[at..at + 2], 16).unwrap();
            let part = f64::from(byte) / 255.0;
            if part <= 0.03928 {
                part / 12.92
            } else {
                ((part + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
    }

    #[test]
    fn every_line_stands_out_from_its_ground() {
        for (class, light, dark) in COLOURS {
            if ["paper", "grid", "gap"].contains(&class) {
                continue;
            }
            for (colour, ground) in [(light, "#ffffff"), (dark, "#151b23")] {
                let (one, other) = (luminance(colour), luminance(ground));
                let contrast = (one.max(other) + 0.05) / (one.min(other) + 0.05);
                assert!(
                    contrast >= 3.0,
                    "{class} {colour} on {ground}: {contrast:.2}"
                );
            }
        }
    }

    #[test]
    fn the_stylesheets_have_no_colour_that_does_not_come_from_a_variable() {
        assert!(!page_style().contains('#'));
        assert!(auto_style().contains("prefers-color-scheme:dark"));
    }
}
