//! How wide text is, without a font: advance widths of `DejaVu Sans`, which is wider than what
//! browsers use for an interface, so that what fits here fits there.

use unicode_width::UnicodeWidthChar;

/// Thousandths of an em for the signs from space to tilde.
const ADVANCES: [u16; 95] = [
    318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337, 636, 636, 636,
    636, 636, 636, 636, 636, 636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632,
    575, 775, 752, 295, 295, 656, 557, 863, 748, 787, 603, 787, 695, 635, 611, 732, 684, 989, 685,
    611, 685, 390, 337, 390, 838, 500, 500, 613, 635, 550, 635, 615, 352, 635, 634, 278, 278, 579,
    278, 974, 634, 612, 635, 635, 411, 521, 392, 634, 592, 818, 592, 592, 525, 636, 337, 636, 838,
];

/// Of a Latin letter beyond ASCII, and of most others that are one column wide.
const OTHER: f64 = 0.7;

/// The width of `text` in pixels at this size.
pub(super) fn width(text: &str, size_px: f64) -> f64 {
    text.chars().map(advance).sum::<f64>() * size_px
}

fn advance(sign: char) -> f64 {
    let code = sign as usize;
    match code.checked_sub(32).and_then(|at| ADVANCES.get(at)) {
        Some(thousandths) => f64::from(*thousandths) / 1000.0,
        None if matches!(sign, '…' | '×' | '≥' | '≤' | '−') => 1.0,
        None if sign == '–' => 0.5,
        None if sign == '·' => 0.32,
        None => match sign.width().unwrap_or(0) {
            0 => 0.0,
            1 => OTHER,
            _ => 1.1,
        },
    }
}

/// As much of the text as fits, with `…` where something was left out; empty where not even that
/// fits.
pub(super) fn shortened(text: &str, size_px: f64, room_px: f64) -> String {
    let text = clean(text);
    if width(&text, size_px) <= room_px {
        return text;
    }
    let room = room_px - width("…", size_px);
    let mut used = 0.0;
    let mut kept = String::new();
    for sign in text.chars() {
        used += advance(sign) * size_px;
        if used > room {
            break;
        }
        kept.push(sign);
    }
    let kept = kept.trim_end();
    if kept.is_empty() {
        return String::new();
    }
    format!("{kept}…")
}

/// Text without what XML forbids and without signs that turn the order of what stands beside them.
pub(super) fn clean(text: &str) -> String {
    let is_fine = |sign: &char| {
        !sign.is_control()
            && !matches!(sign, '\u{fffe}' | '\u{ffff}' | '\u{200e}' | '\u{200f}')
            && !matches!(sign, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars()
        .map(|sign| if sign.is_whitespace() { ' ' } else { sign })
        .filter(is_fine)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use resvg::usvg::{Options, Tree};

    /// How wide the real font sets a line, from the distance of two marks around it.
    fn drawn(text: &str) -> f64 {
        let mut options = Options::default();
        let font = dejavu::sans::regular().to_vec();
        options.fontdb_mut().load_font_data(font);
        let wide = |middle: &str| {
            let svg = format!(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"999\" height=\"99\"><text \
                 font-family=\"DejaVu Sans\" font-size=\"100\" y=\"90\">|{middle}|</text></svg>"
            );
            let tree = Tree::from_str(&svg, &options).unwrap();
            f64::from(tree.root().abs_bounding_box().width())
        };
        (wide(text) - wide("")) / 100.0
    }

    #[test]
    fn widths_are_those_of_the_font() {
        for sign in ('!'..='~').filter(|sign| !matches!(sign, '<' | '&')) {
            // Ten of them: a pair of unlike signs may be kerned.
            let text = sign.to_string().repeat(10);
            let (real, told) = (drawn(&text), width(&text, 1.0));
            assert!((real - told).abs() < 0.3, "{sign}: {real} {told}");
        }
    }

    #[test]
    fn what_does_not_fit_loses_its_end() {
        let check = |text, room, expected: &str| assert_eq!(shortened(text, 10.0, room), expected);
        check("v1.2.0", 100.0, "v1.2.0");
        check("a rather long name", 60.0, "a rather l…");
        check("name", 5.0, "");
        check("世界世界世界", 50.0, "世界世…");
    }

    #[test]
    fn no_text_can_break_a_file_or_turn_its_neighbours() {
        assert_eq!(clean("a\u{0}b\u{1b}c\u{202e}d\ne\u{ffff}"), "abcd e");
    }
}
