//! A picture as PNG, drawn by a library with a font of its own, so that no machine's fonts matter.

use std::sync::{Arc, LazyLock};

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};

/// Why there is no PNG.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PngError {
    /// What was given is no picture that can be drawn.
    #[error("the picture cannot be drawn: {0}")]
    Malformed(String),
    /// It would have more than [`MOST_PIXELS`].
    #[error("a picture of {width_px}×{height_px} pixels is too large")]
    TooLarge {
        /// Pixels across.
        width_px: u32,
        /// Pixels down.
        height_px: u32,
    },
}

/// A picture of so many pixels takes some 64 MB while it is drawn.
const MOST_PIXELS: u64 = 16_000_000;

static FONTS: LazyLock<Arc<fontdb::Database>> = LazyLock::new(|| {
    let mut fonts = fontdb::Database::new();
    fonts.load_font_data(dejavu::sans::regular().to_vec());
    fonts.set_sans_serif_family("DejaVu Sans");
    Arc::new(fonts)
});

/// Draws a picture of fixed colours, so many times as large.
///
/// # Errors
/// [`PngError::Malformed`] where it is none, [`PngError::TooLarge`] where it would take too much
/// memory.
pub fn png(svg: &str, scale: f32) -> Result<Vec<u8>, PngError> {
    let options = Options {
        font_family: "DejaVu Sans".to_owned(),
        fontdb: Arc::clone(&FONTS),
        ..Options::default()
    };
    let malformed = |error: &dyn std::fmt::Display| PngError::Malformed(error.to_string());
    let tree = Tree::from_str(svg, &options).map_err(|error| malformed(&error))?;
    let size = tree.size();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "sizes are positive, and casts stop at the largest"
    )]
    let scaled = |length: f32| (length * scale.clamp(0.1, 8.0)).ceil() as u32;
    let (width_px, height_px) = (scaled(size.width()), scaled(size.height()));
    let too_large = PngError::TooLarge {
        width_px,
        height_px,
    };
    if u64::from(width_px) * u64::from(height_px) > MOST_PIXELS {
        return Err(too_large);
    }
    let mut pixels = Pixmap::new(width_px, height_px).ok_or(too_large)?;
    let scale = scale.clamp(0.1, 8.0);
    resvg::render(
        &tree,
        Transform::from_scale(scale, scale),
        &mut pixels.as_mut(),
    );
    pixels.encode_png().map_err(|error| malformed(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_drawn_with_its_text() {
        let with = |text: &str| {
            let svg = format!(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"80\" height=\"20\">\
                 <text x=\"2\" y=\"14\" fill=\"#000\" font-size=\"12\">{text}</text></svg>"
            );
            png(&svg, 1.0).unwrap()
        };
        assert!(with("views").starts_with(b"\x89PNG\r\n\x1a\n"));
        assert_ne!(with("views"), with("clone"));
        assert_ne!(with("views"), with(""));
    }

    #[test]
    fn what_is_no_picture_or_too_large_is_refused() {
        assert!(matches!(png("<b/>", 1.0), Err(PngError::Malformed(_))));
        let large = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9000\" height=\"9000\"/>";
        assert!(matches!(png(large, 1.0), Err(PngError::TooLarge { .. })));
    }
}
