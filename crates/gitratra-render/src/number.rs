//! Numbers as people read them, in one way for every reader: no locale.

/// All digits, in groups of three: `12,345`.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// At most five characters for an axis: `950`, `2,500`, `15k`, `1.2M`.
///
/// It rounds, so it never stands where the number itself is told.
#[must_use]
pub fn short(number: u64) -> String {
    if number < 10_000 {
        return grouped(number);
    }
    let units = [
        (1_000_000_000_000, 'T'),
        (1_000_000_000, 'B'),
        (1_000_000, 'M'),
        (1_000, 'k'),
    ];
    let (unit, letter) = units
        .into_iter()
        .find(|(unit, _)| number >= *unit)
        .unwrap_or((1_000, 'k'));
    let tenths = (u128::from(number) * 10 + u128::from(unit) / 2) / u128::from(unit);
    match (tenths / 10, tenths % 10) {
        (whole, 0) => format!("{whole}{letter}"),
        (whole, _) if whole >= 100 => format!("{whole}{letter}"),
        (whole, tenth) => format!("{whole}.{tenth}{letter}"),
    }
}

/// A change with its sign: `+12.3 %`, `−4 %`, `+1,250 %`; `0 %` only where nothing changed.
///
/// `minus` is the sign to use, since not every terminal has a real one.
#[must_use]
pub fn signed_percent(percent: f64, minus: char) -> String {
    let sign = match percent {
        up if up > 0.0 => '+',
        down if down < 0.0 => minus,
        _ => return "0 %".to_owned(),
    };
    let size = percent.abs();
    if size < 0.05 {
        return format!("{sign}<0.1 %");
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a positive number, and casts stop at the largest"
    )]
    let tenths = (size * 10.0).round() as u64;
    match (tenths / 10, tenths % 10) {
        (whole, tenth) if tenth > 0 && whole < 100 => format!("{sign}{whole}.{tenth} %"),
        (whole, _) => format!("{sign}{} %", grouped(whole)),
    }
}

/// A mean, with a tenth where it is small: `3.2`, `120`, `1,250`.
#[must_use]
pub fn with_tenth(number: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "casts stop at nothing and at the largest"
    )]
    let tenths = (number * 10.0).round() as u64;
    match (tenths / 10, tenths % 10) {
        (whole, tenth) if tenth > 0 && whole < 100 => format!("{whole}.{tenth}"),
        _ => grouped((tenths + 5) / 10),
    }
}

/// A number with its noun: `1 day`, `12 days`.
#[must_use]
pub fn counted(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", grouped(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_grouped_by_three() {
        let check = |number, expected: &str| assert_eq!(grouped(number), expected);
        check(0, "0");
        check(999, "999");
        check(1_000, "1,000");
        check(123_456, "123,456");
        check(999_999_999_999, "999,999,999,999");
    }

    #[test]
    fn axis_numbers_are_short() {
        let check = |number, expected: &str| assert_eq!(short(number), expected);
        check(9_999, "9,999");
        check(15_000, "15k");
        check(12_500, "12.5k");
        check(250_000, "250k");
        check(1_200_000, "1.2M");
        check(2_000_000_000, "2B");
    }

    #[test]
    fn a_change_is_never_rounded_to_none() {
        let check = |percent, expected: &str| {
            assert_eq!(signed_percent(percent, '-'), expected);
        };
        check(12.34, "+12.3 %");
        check(-4.0, "-4 %");
        check(0.0, "0 %");
        check(0.01, "+<0.1 %");
        check(-0.01, "-<0.1 %");
        check(1250.4, "+1,250 %");
        check(99.99, "+100 %");
    }

    #[test]
    fn one_is_singular() {
        assert_eq!(counted(1, "day"), "1 day");
        assert_eq!(counted(1_200, "day"), "1,200 days");
    }
}
