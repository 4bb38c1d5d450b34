//! Draws `docs/show.svg`, the README's picture of `gitratra show`, from what the program prints.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use crate::tidy::root;

/// One character of a terminal, in pixels.
const CELL: (f64, f64) = (8.0, 17.0);
const MARGIN: f64 = 18.0;
const BACKGROUND: &str = "#10151c";
const PLAIN: &str = "#d7dde5";

/// Runs the demo and draws one of its pages.
///
/// # Errors
/// Where the program cannot be built or run.
pub(crate) fn draw() -> Result<()> {
    let folder = tempfile::tempdir()?;
    gitratra(folder.path(), &["demo", "--quiet"])?;
    let page = [
        "show",
        "octo/hello",
        "--range",
        "2025-12-29..2026-03-14",
        "--color",
        "always",
    ];
    let printed = gitratra(folder.path(), &page)?;
    std::fs::write(root()?.join("docs/show.svg"), svg(&printed))?;
    Ok(())
}

fn gitratra(folder: &Path, args: &[&str]) -> Result<String> {
    let output = Command::new("cargo")
        .args(["run", "--release", "--quiet", "--package", "gitratra", "--"])
        .args(args)
        .current_dir(root()?)
        .env("GITRATRA_DB", folder.join("demo.db"))
        .env("COLUMNS", "92")
        .env("LC_ALL", "C.UTF-8")
        .output()?;
    if !output.status.success() {
        bail!("{}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// How a character is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Ink {
    fill: &'static str,
    behind: Option<&'static str>,
    is_bold: bool,
    opacity: f64,
}

const INK: Ink = Ink {
    fill: PLAIN,
    behind: None,
    is_bold: false,
    opacity: 1.0,
};

/// A terminal page as SVG: blocks are rectangles, so that no font can leave seams between them.
fn svg(printed: &str) -> String {
    let mut body = String::new();
    let mut columns = 0;
    let mut rows = 0;
    for (row, line) in printed.lines().enumerate() {
        rows = row + 1;
        columns = columns.max(draw_line(line, row, &mut body));
    }
    #[expect(
        clippy::cast_precision_loss,
        reason = "a page has a few thousand cells"
    )]
    let (width, height) = (
        columns as f64 * CELL.0 + 2.0 * MARGIN,
        rows as f64 * CELL.1 + 2.0 * MARGIN,
    );
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         font-family=\"ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace\" font-size=\"13\">\n\
         <title>gitratra show: views and clones of a repository, with a gap that is not zero</title>\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{BACKGROUND}\"/>\n{body}</svg>\n"
    )
}

/// Draws a line and returns how many columns it has.
fn draw_line(line: &str, row: usize, body: &mut String) -> usize {
    let mut ink = INK;
    let mut column = 0;
    let mut run = (String::new(), 0, ink);
    let mut rest = line.chars();
    while let Some(c) = rest.next() {
        if c == '\u{1b}' {
            let code: String = rest.by_ref().skip(1).take_while(|c| *c != 'm').collect();
            ink = inked(ink, &code);
            continue;
        }
        let is_text = block(c).is_none();
        if run.2 != ink || !is_text || c == ' ' {
            text(&run, row, body);
            run = (String::new(), column, ink);
        }
        if let Some(fill) = ink.behind {
            rectangle((0.0, 1.0, 1.0, 1.0), Ink { fill, ..ink }, column, row, body);
        }
        match block(c) {
            Some(part) => rectangle(part, ink, column, row, body),
            None if c != ' ' => {
                if run.0.is_empty() {
                    run.1 = column;
                }
                run.0.push(c);
            }
            None => {}
        }
        column += 1;
        if !is_text {
            run.1 = column;
        }
    }
    text(&run, row, body);
    column
}

fn inked(ink: Ink, codes: &str) -> Ink {
    codes.split(';').fold(ink, |ink, code| match code {
        "1" => Ink {
            is_bold: true,
            ..ink
        },
        "2" => Ink {
            opacity: 0.6,
            ..ink
        },
        _ => match (code.split_at_checked(1), code.get(1..).and_then(tint)) {
            (Some(("3", _)), Some(fill)) => Ink { fill, ..ink },
            (Some(("4", _)), Some(fill)) => Ink {
                behind: Some(fill),
                ..ink
            },
            _ => INK,
        },
    })
}

/// The colours of a terminal by their last digit.
fn tint(digit: &str) -> Option<&'static str> {
    Some(match digit {
        "1" => "#ff7b72",
        "2" => "#7ee787",
        "3" => "#e3b341",
        "4" => "#79b8ff",
        "5" => "#d2a8ff",
        "6" => "#56d4dd",
        _ => return None,
    })
}

/// Which part of its cell a block character fills: from the left, from the top, width, height; and
/// how dense it is.
fn block(c: char) -> Option<(f64, f64, f64, f64)> {
    let code = u32::from(c);
    match c {
        '\u{2581}'..='\u{2588}' => {
            let height = f64::from(code - 0x2580) / 8.0;
            Some((1.0 - height, 1.0, height, 1.0))
        }
        '\u{2589}'..='\u{258f}' => Some((0.0, f64::from(0x2590 - code) / 8.0, 1.0, 1.0)),
        '░' => Some((0.0, 1.0, 1.0, 0.3)),
        '▒' => Some((0.0, 1.0, 1.0, 0.55)),
        _ => None,
    }
}

fn rectangle(
    (top, width, height, density): (f64, f64, f64, f64),
    ink: Ink,
    column: usize,
    row: usize,
    body: &mut String,
) {
    let (x, y) = corner(column, row);
    // A hair more than the cell, so that neighbours touch.
    let _ = writeln!(
        body,
        "<rect x=\"{x}\" y=\"{:.2}\" width=\"{:.2}\" height=\"{:.2}\" fill=\"{}\" opacity=\"{:.2}\"/>",
        y + top * CELL.1,
        width * CELL.0 + if density < 1.0 { 0.0 } else { 0.1 },
        height * CELL.1 + if density < 1.0 { 0.0 } else { 0.1 },
        ink.fill,
        ink.opacity * density
    );
}

fn text((run, column, ink): &(String, usize, Ink), row: usize, body: &mut String) {
    if run.is_empty() {
        return;
    }
    let (x, y) = corner(*column, row);
    let escaped = run
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    #[expect(
        clippy::cast_precision_loss,
        reason = "a line has a few hundred characters"
    )]
    let length = run.chars().count() as f64 * CELL.0;
    let _ = writeln!(
        body,
        "<text x=\"{x}\" y=\"{:.1}\" textLength=\"{length}\" lengthAdjust=\"spacingAndGlyphs\" fill=\"{}\" opacity=\"{}\"{}>{escaped}</text>",
        y + 13.0,
        ink.fill,
        ink.opacity,
        if ink.is_bold {
            " font-weight=\"bold\""
        } else {
            ""
        }
    );
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a page has a few thousand cells"
)]
fn corner(column: usize, row: usize) -> (f64, f64) {
    (
        MARGIN + column as f64 * CELL.0,
        MARGIN + row as f64 * CELL.1,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_text_and_blocks_are_rectangles() {
        let drawn = svg("\u{1b}[1mA<b\u{1b}[0m ▄\n");
        assert!(
            drawn.contains("font-weight=\"bold\">A&lt;b</text>"),
            "{drawn}"
        );
        assert!(
            drawn.contains("<rect x=\"50\" y=\"26.50\" width=\"8.10\" height=\"8.60\""),
            "{drawn}"
        );
    }
}
