//! How large a chart is, and how its colours are written: as classes of the page, or as colours.

use maud::{Markup, PreEscaped, html};

/// How colours are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// As classes that the page's stylesheet colours; no ground, the page has one.
    Css,
    /// As fixed colours on white.
    Light,
    /// As fixed colours on a dark ground.
    Dark,
    /// As classes with the one constant stylesheet [`AUTO_STYLE`] inside, which follows
    /// `prefers-color-scheme`.
    Auto,
}

/// The surface of a chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Canvas {
    /// In CSS pixels.
    pub width_px: u32,
    /// In CSS pixels.
    pub height_px: u32,
    /// How colours are written.
    pub theme: Theme,
}

/// What a stroke stands for; the colours are the theme's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ink {
    /// Views.
    Views,
    /// Uniques of views.
    ViewsUniques,
    /// Clones.
    Clones,
    /// Uniques of clones.
    ClonesUniques,
    /// Stars.
    Stars,
    /// What was lost: stars taken back.
    Lost,
    /// Forks, and watchers where they stand alone.
    Forks,
    /// Downloads.
    Downloads,
    /// An earlier range.
    Before,
    /// One of the things that are compared, from 0 to 7; larger numbers begin again.
    Series(u8),
}

/// Everything that has a colour, and its colours: the one list of them.
macro_rules! palette {
    ($($role:ident $class:literal $light:literal $dark:literal)*) => {
        /// Something that has a colour.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Role { $($role),* }

        impl Role {
            const fn class(self) -> &'static str {
                match self { $(Self::$role => $class),* }
            }

            const fn light(self) -> &'static str {
                match self { $(Self::$role => $light),* }
            }

            const fn dark(self) -> &'static str {
                match self { $(Self::$role => $dark),* }
            }

            #[cfg(test)]
            const ALL: &[Self] = &[$(Self::$role),*];
        }

        /// Declarations of the variables for a light ground; they stand between braces.
        pub const LIGHT_VARS: &str = concat!($("--", $class, ":", $light, ";"),*);

        /// Declarations of the variables for a dark ground.
        pub const DARK_VARS: &str = concat!($("--", $class, ":", $dark, ";"),*);

        /// Rules for a page's stylesheet: each class takes its colour from the variable of its
        /// name. They set `color`, so that the classes also serve a legend written in HTML.
        pub const PAGE_STYLE: &str = concat!(
            "svg.chart{display:block;width:100%;height:auto;forced-color-adjust:none}",
            "svg.chart text{font-variant-numeric:tabular-nums}",
            "svg.chart a{cursor:pointer}",
            $(".", $class, "{color:var(--", $class, ")}"),*
        );

        /// The stylesheet inside a chart of [`Theme::Auto`]: constant, so that a policy can name
        /// it by its hash.
        pub const AUTO_STYLE: &str = concat!(
            "svg{", $("--", $class, ":", $light, ";"),*, "}",
            "@media(prefers-color-scheme:dark){svg{", $("--", $class, ":", $dark, ";"),*, "}}",
            $(".", $class, "{color:var(--", $class, ")}"),*
        );
    };
}

palette! {
    Views "ink-views" "#2f6fdb" "#6cb0ff"
    ViewsUniques "ink-views-uniques" "#163f8f" "#2f7be6"
    Clones "ink-clones" "#d4680a" "#f7a04b"
    ClonesUniques "ink-clones-uniques" "#853c00" "#c96b16"
    Stars "ink-stars" "#8250df" "#b78bff"
    Lost "ink-lost" "#c93a5b" "#ff7b93"
    Forks "ink-forks" "#55740f" "#a5c252"
    Downloads "ink-downloads" "#0b7a75" "#3dcabd"
    Before "ink-before" "#737c86" "#8b949e"
    Series0 "ink-series-0" "#0072b2" "#4aa8e8"
    Series1 "ink-series-1" "#d55e00" "#f58b3c"
    Series2 "ink-series-2" "#00896a" "#2fc9a0"
    Series3 "ink-series-3" "#b8478f" "#e590c5"
    Series4 "ink-series-4" "#8a6d00" "#e3c53d"
    Series5 "ink-series-5" "#5b4fc4" "#a49bff"
    Series6 "ink-series-6" "#7a4a2b" "#c79a78"
    Series7 "ink-series-7" "#4a545e" "#c3ccd6"
    MarkRelease "mark-release" "#1a7f37" "#3fb950"
    MarkTag "mark-tag" "#1a7f37" "#3fb950"
    MarkNote "mark-note" "#6e4bc4" "#b392f0"
    MarkSpike "mark-spike" "#c2255c" "#ff7aa8"
    Ground "chart-ground" "#ffffff" "#0d1117"
    Grid "chart-grid" "#e4e8ec" "#252b34"
    Axis "chart-axis" "#9aa3ad" "#5b6572"
    Text "chart-text" "#57606a" "#9aa4b0"
    Title "chart-title" "#1f2328" "#e6edf3"
    Gap "chart-gap" "#b4bcc6" "#4b5562"
    Open "chart-open" "#8c959f" "#6e7681"
}

impl Ink {
    /// The class that colours it in a page, for a legend written in HTML.
    #[must_use]
    pub const fn class(self) -> &'static str {
        self.role().class()
    }

    pub(super) const fn role(self) -> Role {
        match self {
            Self::Views => Role::Views,
            Self::ViewsUniques => Role::ViewsUniques,
            Self::Clones => Role::Clones,
            Self::ClonesUniques => Role::ClonesUniques,
            Self::Stars => Role::Stars,
            Self::Lost => Role::Lost,
            Self::Forks => Role::Forks,
            Self::Downloads => Role::Downloads,
            Self::Before => Role::Before,
            Self::Series(number) => match number % 8 {
                0 => Role::Series0,
                1 => Role::Series1,
                2 => Role::Series2,
                3 => Role::Series3,
                4 => Role::Series4,
                5 => Role::Series5,
                6 => Role::Series6,
                _ => Role::Series7,
            },
        }
    }

    /// Whether it is drawn in front of the total that it is a part of.
    pub(super) const fn is_uniques(self) -> bool {
        matches!(self, Self::ViewsUniques | Self::ClonesUniques)
    }

    /// Dashes that tell a compared line apart where colours cannot.
    pub(super) const fn dashes(self) -> Option<&'static str> {
        match self {
            Self::Series(number) => match number % 8 {
                4 => Some("7 3"),
                5 => Some("2 3"),
                6 => Some("8 3 2 3"),
                7 => Some("12 4"),
                _ => None,
            },
            _ => None,
        }
    }
}

/// The attributes that colour a group; its elements are painted with `currentColor`.
pub(super) struct Paint {
    pub(super) class: Option<&'static str>,
    pub(super) color: Option<&'static str>,
}

impl Paint {
    /// The classes of an element that has one of its own.
    pub(super) fn beside(&self, own: &str) -> String {
        match self.class {
            Some(class) => format!("{own} {class}"),
            None => own.to_owned(),
        }
    }
}

impl Theme {
    pub(super) const fn paint(self, role: Role) -> Paint {
        let (class, color) = match self {
            Self::Css | Self::Auto => (Some(role.class()), None),
            Self::Light => (None, Some(role.light())),
            Self::Dark => (None, Some(role.dark())),
        };
        Paint { class, color }
    }

    /// Whether the chart stands alone: with a ground, a title that is seen, and fonts of its own.
    pub(super) const fn stands_alone(self) -> bool {
        !matches!(self, Self::Css)
    }

    /// The fonts to ask for; inside a page they are the page's.
    pub(super) const fn fonts(self) -> Option<&'static str> {
        match self {
            Self::Css => None,
            _ => Some("system-ui,-apple-system,Segoe UI,Helvetica,Arial,DejaVu Sans,sans-serif"),
        }
    }

    /// The stylesheet inside the chart, where the theme has one.
    pub(super) fn style(self) -> Markup {
        match self {
            Self::Auto => html! { style { (PreEscaped(AUTO_STYLE)) } },
            _ => html! {},
        }
    }
}

impl Canvas {
    /// A page's canvas.
    #[must_use]
    pub const fn page(width_px: u32, height_px: u32) -> Self {
        Self {
            width_px,
            height_px,
            theme: Theme::Css,
        }
    }

    pub(super) fn width(&self) -> f64 {
        f64::from(self.width_px)
    }

    pub(super) fn height(&self) -> f64 {
        f64::from(self.height_px)
    }

    /// `<title>`, `<desc>`, stylesheet and ground: what every chart begins with.
    pub(super) fn head(&self, id: &str, title: &str, description: &str, height: f64) -> Markup {
        let ground = self.theme.paint(Role::Ground);
        html! {
            title id={ (id) "-t" } { (super::glyph::clean(title)) }
            desc id={ (id) "-d" } { (super::glyph::clean(description)) }
            (self.theme.style())
            @if self.theme.stands_alone() {
                rect class=[ground.class] color=[ground.color] fill="currentColor"
                    width=(self.width_px) height=(super::path::short(height)) rx="6" {}
            }
        }
    }
}

/// An id that can stand in `url(#…)`: letters, digits, `-` and `_`.
pub(super) fn safe_id(id: &str) -> String {
    let safe = |sign: char| sign.is_ascii_alphanumeric() || sign == '-' || sign == '_';
    id.chars()
        .map(|sign| if safe(sign) { sign } else { '-' })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The light of a channel whose two digits stand at `at`.
    fn channel(colour: &str, at: usize) -> f64 {
        let byte = u8::from_str_radix(&colour[at..at + 2], 16).unwrap();
        let share = f64::from(byte) / 255.0;
        if share <= 0.040_45 {
            share / 12.92
        } else {
            ((share + 0.055) / 1.055).powf(2.4)
        }
    }

    fn luminance(colour: &str) -> f64 {
        let [red, green, blue] = [1, 3, 5].map(|at| channel(colour, at));
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    fn contrast(one: &str, other: &str) -> f64 {
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn every_ink_is_seen_on_both_grounds() {
        for role in Role::ALL {
            let least = match role {
                Role::Ground | Role::Grid | Role::Axis | Role::Gap | Role::Open => continue,
                Role::Text | Role::Title => 4.5,
                _ => 3.0,
            };
            let (on_light, on_dark) = (
                contrast(role.light(), Role::Ground.light()),
                contrast(role.dark(), Role::Ground.dark()),
            );
            assert!(on_light >= least, "{role:?} on white: {on_light}");
            assert!(on_dark >= least, "{role:?} on dark: {on_dark}");
        }
    }

    #[test]
    fn uniques_differ_in_brightness_from_their_total() {
        for (total, uniques) in [
            (Role::Views, Role::ViewsUniques),
            (Role::Clones, Role::ClonesUniques),
        ] {
            assert!(contrast(total.light(), uniques.light()) > 1.5);
            assert!(contrast(total.dark(), uniques.dark()) > 1.5);
        }
    }

    /// What a person sees who lacks one kind of cone, in linear light.
    ///
    /// *Source*: Machado, Oliveira and Fernandes, "A Physiologically-based Model for Simulation of
    /// Color Vision Deficiency", 2009, at full severity.
    const EYES: [[[f64; 3]; 3]; 3] = [
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ],
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.01182, 0.04294, 0.968881],
        ],
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.3039],
        ],
    ];

    /// How far apart two colours are to such an eye, in CIELAB; about 2 is just seen.
    fn distance(eye: &[[f64; 3]; 3], one: &str, other: &str) -> f64 {
        let seen = |colour: &str| {
            let light = [1, 3, 5].map(|at| channel(colour, at));
            let light = eye.map(|row| {
                let sum: f64 = row
                    .iter()
                    .zip(light)
                    .map(|(part, light)| part * light)
                    .sum();
                sum.clamp(0.0, 1.0)
            });
            let xyz = [
                [0.4124 / 0.9505, 0.3576 / 0.9505, 0.1805 / 0.9505],
                [0.2126, 0.7152, 0.0722],
                [0.0193 / 1.089, 0.1192 / 1.089, 0.9505 / 1.089],
            ];
            let [x, y, z] = xyz.map(|row| {
                let sum: f64 = row
                    .iter()
                    .zip(light)
                    .map(|(part, light)| part * light)
                    .sum();
                if sum > 0.008_856 {
                    sum.cbrt()
                } else {
                    7.787 * sum + 16.0 / 116.0
                }
            });
            [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
        };
        let squares = seen(one)
            .into_iter()
            .zip(seen(other))
            .map(|(a, b)| (a - b).powi(2));
        squares.sum::<f64>().sqrt()
    }

    #[test]
    fn lines_that_only_colour_tells_apart_differ_to_every_eye() {
        let mut pairs = vec![
            (Ink::Views, Ink::Clones),
            (Ink::Views, Ink::ViewsUniques),
            (Ink::Clones, Ink::ClonesUniques),
            (Ink::ViewsUniques, Ink::ClonesUniques),
            (Ink::Stars, Ink::Lost),
        ];
        for one in 0..8 {
            for other in one + 1..8 {
                let (one, other) = (Ink::Series(one), Ink::Series(other));
                if one.dashes() == other.dashes() {
                    pairs.push((one, other));
                }
            }
        }
        assert_eq!(
            pairs.len(),
            5 + 6,
            "four of the series are dashed, each in its way"
        );
        for (one, other) in pairs {
            let (one, other) = (one.role(), other.role());
            for eye in &EYES {
                let on_light = distance(eye, one.light(), other.light());
                let on_dark = distance(eye, one.dark(), other.dark());
                assert!(
                    on_light > 10.0 && on_dark > 10.0,
                    "{one:?} {other:?}: {on_light} {on_dark}"
                );
            }
        }
    }

    #[test]
    fn the_page_style_names_no_colour_but_variables() {
        assert!(!PAGE_STYLE.contains('#'));
        for role in Role::ALL {
            assert!(PAGE_STYLE.contains(&format!(".{0}{{color:var(--{0})}}", role.class())));
            assert!(LIGHT_VARS.contains(&format!("--{}:{};", role.class(), role.light())));
            assert!(DARK_VARS.contains(&format!("--{}:{};", role.class(), role.dark())));
        }
    }

    #[test]
    fn an_id_cannot_leave_its_reference() {
        assert_eq!(safe_id("a\")b c"), "a--b-c");
    }
}
