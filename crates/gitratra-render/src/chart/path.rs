//! Path data in as few characters as one decimal needs.

use std::fmt::Write;

/// A coordinate with at most one decimal: `12`, `12.5`.
pub(super) fn short(number: f64) -> String {
    let mut text = String::new();
    write_tenths(&mut text, tenths(number));
    text
}

/// Path data that grows; lines are relative, and their rounding does not add up.
#[derive(Default)]
pub(super) struct Path {
    text: String,
    at: (i64, i64),
    command: Option<char>,
}

impl Path {
    /// Begins a new line here.
    pub(super) fn move_to(&mut self, x: f64, y: f64) -> &mut Self {
        self.at = (tenths(x), tenths(y));
        self.text.push('M');
        write_tenths(&mut self.text, self.at.0);
        self.pair_with(self.at.1);
        self.command = None;
        self
    }

    /// Goes on in a straight line.
    pub(super) fn line_to(&mut self, x: f64, y: f64) -> &mut Self {
        let to = (tenths(x), tenths(y));
        let by = (to.0 - self.at.0, to.1 - self.at.1);
        self.at = to;
        match by {
            (0, 0) => {}
            (across, 0) => self.single('h', across),
            (0, down) => self.single('v', down),
            (across, down) => {
                if self.command == Some('l') {
                    self.separate(across);
                } else {
                    self.text.push('l');
                    self.command = Some('l');
                }
                write_tenths(&mut self.text, across);
                self.pair_with(down);
            }
        }
        self
    }

    /// Closes the outline.
    pub(super) fn close(&mut self) -> &mut Self {
        self.text.push('z');
        self.command = None;
        self
    }

    /// A closed rectangle; nothing where it has no width or height.
    pub(super) fn rect(&mut self, x: f64, y: f64, width: f64, height: f64) -> &mut Self {
        if tenths(width) <= 0 || tenths(height) <= 0 {
            return self;
        }
        self.move_to(x, y)
            .line_to(x + width, y)
            .line_to(x + width, y + height)
            .line_to(x, y + height)
            .close()
    }

    /// Whether nothing was drawn.
    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The path data.
    pub(super) fn data(&self) -> &str {
        &self.text
    }

    fn single(&mut self, command: char, by: i64) {
        self.text.push(command);
        write_tenths(&mut self.text, by);
        self.command = Some(command);
    }

    fn pair_with(&mut self, second: i64) {
        self.separate(second);
        write_tenths(&mut self.text, second);
    }

    /// A minus separates by itself.
    fn separate(&mut self, next: i64) {
        if next >= 0 {
            self.text.push(' ');
        }
    }
}

fn tenths(number: f64) -> i64 {
    (number * 10.0).round() as i64
}

fn write_tenths(text: &mut String, tenths: i64) {
    if tenths < 0 {
        text.push('-');
    }
    let (whole, tenth) = (tenths.unsigned_abs() / 10, tenths.unsigned_abs() % 10);
    let written = match (whole, tenth) {
        (whole, 0) => write!(text, "{whole}"),
        (0, tenth) => write!(text, ".{tenth}"),
        (whole, tenth) => write!(text, "{whole}.{tenth}"),
    };
    written.expect("a String takes whatever is written");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_have_one_decimal_at_most() {
        let check = |number, expected: &str| assert_eq!(short(number), expected);
        check(12.0, "12");
        check(12.34, "12.3");
        check(0.46, ".5");
        check(-0.04, "0");
        check(-3.25, "-3.3");
    }

    #[test]
    fn lines_are_relative_and_end_where_they_should() {
        let mut path = Path::default();
        path.move_to(0.0, 10.0);
        for step in 1..=30 {
            path.line_to(f64::from(step) * 0.333, 10.0 + f64::from(step % 2));
        }
        // Thirty steps of 0.333 rounded one by one would end at 9.
        let across: f64 = path
            .data()
            .trim_start_matches("M0 10l")
            .replace('-', " -")
            .split_whitespace()
            .step_by(2)
            .map(|number| number.parse::<f64>().unwrap())
            .sum();
        assert!((across - 10.0).abs() < 1e-9, "{across}");
    }

    #[test]
    fn a_rectangle_without_area_is_not_drawn() {
        let mut path = Path::default();
        assert!(path.rect(0.0, 0.0, 10.0, 0.0).is_empty());
        assert_eq!(path.rect(1.0, 2.0, 3.0, 4.0).data(), "M1 2h3v4h-3z");
    }
}
