//! Text that strangers wrote: what of it is handed on, and how it is marked.
//!
//! Names of referrers, titles of pages, notes and tags may hold anything, also words that are meant
//! for whoever reads them. They are cleaned of what is not seen, cut, and told between quotation marks
//! behind a word of their own, so that a reader can tell them from what this program says.

use serde_json::Value;

/// Characters that are handed on of one text, at most; the longest note has as many.
const LONGEST: usize = 500;
/// Stands before such a text.
pub(crate) const MARK: &str = "quoted:";

/// What of a text can be seen, at most [`LONGEST`] characters of it.
pub(crate) fn clean(text: &str) -> String {
    let mut left = LONGEST;
    let mut cleaned = String::with_capacity(text.len().min(4 * LONGEST));
    for letter in text.chars() {
        let letter = if letter.is_whitespace() { ' ' } else { letter };
        if is_hidden(letter) {
            continue;
        }
        if left == 0 {
            cleaned.push('…');
            break;
        }
        left -= 1;
        cleaned.push(letter);
    }
    cleaned
}

/// A text behind its mark, between quotation marks that it cannot close.
pub(crate) fn quoted(text: &str) -> String {
    let text = Value::String(clean(text));
    format!("{MARK} {text}")
}

/// Cleans every text in a value, wherever it came from.
pub(crate) fn clean_all(value: &mut Value) {
    match value {
        Value::String(text) => {
            let cleaned = clean(text);
            if cleaned != *text {
                *text = cleaned;
            }
        }
        Value::Array(values) => values.iter_mut().for_each(clean_all),
        Value::Object(values) => values.values_mut().for_each(clean_all),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Whether a character changes what is read without being seen: controls, directions, joiners,
/// variation selectors and tags.
///
/// *Source*: <https://www.unicode.org/reports/tr36/>
fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(
            letter,
            '\u{00ad}'
                | '\u{034f}'
                | '\u{061c}'
                | '\u{115f}'..='\u{1160}'
                | '\u{17b4}'..='\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{3164}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff0}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(clean(text), expected, "{text:?}");
    }

    #[test]
    fn what_is_not_seen_is_not_handed_on() {
        check("news.example", "news.example");
        check("Grüße 日本", "Grüße 日本");
        check("two\r\nlines\tand\u{2028}more", "two  lines and more");
        check("a\u{1b}[31mb\u{0}\u{7f}\u{9b}c", "a[31mbc");
        check("\u{202e}evil\u{2066}\u{200b}\u{feff}", "evil");
        check("x\u{e0041}\u{e007f}\u{fe0f}y", "xy");
    }

    #[test]
    fn a_text_is_cut_and_cannot_close_its_quotation() {
        assert_eq!(clean(&"é".repeat(LONGEST)).chars().count(), LONGEST);
        let cut = clean(&"é".repeat(LONGEST + 1));
        assert!(cut.ends_with("é…") && cut.chars().count() == LONGEST + 1);
        assert_eq!(quoted("a\" b\\\nc"), r#"quoted: "a\" b\\ c""#);
    }

    #[test]
    fn every_text_of_an_answer_is_cleaned() {
        let mut value =
            serde_json::json!({"a": ["x\u{0}y", {"b": "\u{202e}z", "n": 1}], "c": null});
        clean_all(&mut value);
        assert_eq!(
            value,
            serde_json::json!({"a": ["xy", {"b": "z", "n": 1}], "c": null})
        );
    }
}
