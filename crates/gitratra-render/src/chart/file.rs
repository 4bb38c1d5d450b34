//! A chart as a file: SVG that stands alone, and PNG.

use std::sync::Arc;

use maud::Markup;
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{ImageHrefResolver, Options, Tree, fontdb};

/// A chart that could not become a picture.
#[derive(Debug, thiserror::Error)]
pub enum PngError {
    /// Its colours are a page's; [`Theme::Light`](super::Theme::Light) and
    /// [`Theme::Dark`](super::Theme::Dark) have their own.
    #[error("a chart whose colours are the page's has none of its own")]
    NoColours,
    /// More pixels than a chart needs.
    #[error("a picture of {width_px} × {height_px} pixels is too large")]
    TooLarge {
        /// In pixels.
        width_px: u64,
        /// In pixels.
        height_px: u64,
    },
    /// It is no SVG.
    #[error("the chart is not well-formed")]
    Malformed(#[from] resvg::usvg::Error),
    /// The library did not write it.
    #[error("the picture was not written")]
    Unwritten,
}

/// About 64 MB while it is drawn.
const MOST_PIXELS: u64 = 16_000_000;

/// A stand-alone SVG file of a chart.
#[must_use]
pub fn document(markup: Markup) -> String {
    let svg = with_namespace(&markup.into_string());
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{svg}")
}

/// Says that it is SVG, which HTML knows without being told.
pub(super) fn with_namespace(svg: &str) -> String {
    svg.replacen("<svg ", "<svg xmlns=\"http://www.w3.org/2000/svg\" ", 1)
}

/// A picture of an SVG file that has its own colours, `scale` times as large.
///
/// The only font is `DejaVu Sans`, which comes with the program; nothing is read from anywhere.
///
/// *Source*: the font may be embedded and passed on, <https://dejavu-fonts.github.io/License.html>.
///
/// # Errors
/// [`PngError`], each for its reason.
pub fn png(svg: &str, scale: f32) -> Result<Vec<u8>, PngError> {
    if svg.contains("class=\"ink-") || svg.contains("class=\"chart-") {
        return Err(PngError::NoColours);
    }
    let tree = Tree::from_str(svg, &options())?;
    let size = tree.size();
    let scale = if scale.is_finite() {
        scale.clamp(0.1, 8.0)
    } else {
        1.0
    };
    let pixels = |length: f32| (f64::from(length) * f64::from(scale)).ceil().max(1.0) as u64;
    let (width_px, height_px) = (pixels(size.width()), pixels(size.height()));
    let too_large = PngError::TooLarge {
        width_px,
        height_px,
    };
    if width_px.saturating_mul(height_px) > MOST_PIXELS {
        return Err(too_large);
    }
    let (Ok(wide), Ok(high)) = (u32::try_from(width_px), u32::try_from(height_px)) else {
        return Err(too_large);
    };
    let mut picture = Pixmap::new(wide, high).ok_or(too_large)?;
    let transform = Transform::from_scale(scale, scale);
    resvg::render(&tree, transform, &mut picture.as_mut());
    picture.encode_png().map_err(|_| PngError::Unwritten)
}

fn options() -> Options<'static> {
    let mut fonts = fontdb::Database::new();
    let font: &'static [u8] = dejavu::sans::regular();
    fonts.load_font_source(fontdb::Source::Binary(Arc::new(font)));
    fonts.set_sans_serif_family("DejaVu Sans");
    Options {
        font_family: "DejaVu Sans".to_owned(),
        fontdb: Arc::new(fonts),
        // A chart has no pictures inside; nothing that a text smuggled in is ever opened.
        image_href_resolver: ImageHrefResolver {
            resolve_data: Box::new(|_, _, _| None),
            resolve_string: Box::new(|_, _| None),
        },
        ..Options::default()
    }
}
