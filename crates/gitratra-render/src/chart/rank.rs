//! A bar in the cell of a ranking's table.

use maud::{Markup, html};

use super::path::short;
use super::theme::{Canvas, Ink};

/// A bar for a share between `at_least` and `at_most` of 1; what is not sure is lighter.
///
/// Hidden from assistive technology: the cell beside it has the number.
#[must_use]
pub fn rank_bar(at_least: f64, at_most: f64, ink: Ink, canvas: &Canvas) -> Markup {
    let paint = canvas.theme.paint(ink.role());
    let share = |value: f64| {
        let value = if value.is_finite() { value } else { 0.0 };
        value.clamp(0.0, 1.0) * canvas.width()
    };
    let (sure, most) = (share(at_least), share(at_most.max(at_least)));
    // Something is never drawn as nothing.
    let sure = if sure > 0.0 { sure.max(1.0) } else { 0.0 };
    html! {
        svg class=(paint.beside("rank")) viewBox={ "0 0 " (canvas.width_px) " " (canvas.height_px) }
            width=(canvas.width_px) height=(canvas.height_px) aria-hidden="true"
            color=[paint.color] fill="currentColor" {
            @if sure > 0.0 {
                rect width=(short(sure)) height=(canvas.height_px) rx="1.5" {}
            }
            @if most - sure >= 0.1 {
                rect x=(short(sure)) width=(short(most - sure)) height=(canvas.height_px)
                    rx="1.5" fill-opacity=".3" {}
            }
        }
    }
}
