//! Writes JSON objects field by field.
//!
//! A long run in a debug build asks hundreds of thousands of times, and building a tree of
//! values for each answer would cost more than all the rest.

/// Writes a list of objects.
pub(crate) fn array<T>(
    text: &mut Vec<u8>,
    items: impl Iterator<Item = T>,
    fill: impl Fn(&mut Object<'_>, T),
) {
    text.push(b'[');
    let start = text.len();
    for item in items {
        if text.len() > start {
            text.push(b',');
        }
        let mut object = Object::open(text);
        fill(&mut object, item);
        object.close();
    }
    text.push(b']');
}

/// An object under way; its names need no escapes.
pub(crate) struct Object<'a> {
    text: &'a mut Vec<u8>,
    is_empty: bool,
}

impl<'a> Object<'a> {
    pub(crate) fn open(text: &'a mut Vec<u8>) -> Self {
        text.push(b'{');
        let is_empty = true;
        Self { text, is_empty }
    }

    pub(crate) fn close(self) {
        self.text.push(b'}');
    }

    fn name(&mut self, name: &str) -> &mut Vec<u8> {
        let start: &[u8] = if self.is_empty { b"\"" } else { b",\"" };
        self.is_empty = false;
        self.text.extend_from_slice(start);
        self.text.extend_from_slice(name.as_bytes());
        self.text.extend_from_slice(b"\":");
        self.text
    }

    /// A text of any letters.
    pub(crate) fn text(&mut self, name: &str, value: &str) -> &mut Self {
        let text = self.name(name);
        let is_plain = |byte: &u8| *byte >= b' ' && *byte != b'"' && *byte != b'\\';
        if value.as_bytes().iter().all(is_plain) {
            text.push(b'"');
            text.extend_from_slice(value.as_bytes());
            text.push(b'"');
        } else {
            serde_json::to_writer(text, value).expect("a vector can always be written to");
        }
        self
    }

    /// A text of several pieces that need no escapes.
    pub(crate) fn pieces(&mut self, name: &str, pieces: &[&[u8]]) -> &mut Self {
        let text = self.name(name);
        text.push(b'"');
        for piece in pieces {
            text.extend_from_slice(piece);
        }
        text.push(b'"');
        self
    }

    pub(crate) fn number(&mut self, name: &str, value: u64) -> &mut Self {
        let mut digits = [0; 20];
        let mut start = digits.len();
        let mut rest = value;
        loop {
            start -= 1;
            digits[start] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        self.name(name).extend_from_slice(&digits[start..]);
        self
    }

    pub(crate) fn is(&mut self, name: &str, value: bool) -> &mut Self {
        self.raw(name, if value { "true" } else { "false" })
    }

    /// Something that is JSON already.
    pub(crate) fn raw(&mut self, name: &str, value: &str) -> &mut Self {
        self.name(name).extend_from_slice(value.as_bytes());
        self
    }

    /// A list of objects in the object.
    pub(crate) fn array<T>(
        &mut self,
        name: &str,
        items: impl Iterator<Item = T>,
        fill: impl Fn(&mut Object<'_>, T),
    ) -> &mut Self {
        array(self.name(name), items, fill);
        self
    }

    /// An object in the object.
    pub(crate) fn object(&mut self, name: &str, fill: impl FnOnce(&mut Object<'_>)) -> &mut Self {
        let mut inner = Object::open(self.name(name));
        fill(&mut inner);
        inner.close();
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_written_as_json_wants_them() {
        let mut text = Vec::new();
        let mut object = Object::open(&mut text);
        object
            .text("plain", "a·b")
            .text("escaped", "say \"hi\"\n")
            .pieces("pieces", &[b"o", b"/", b"r"])
            .number("zero", 0)
            .number("number", 1_234_567_890)
            .is("is", true)
            .raw("nothing", "null")
            .object("inner", |inner| {
                inner.number("n", 1);
            })
            .array("list", [2, 3].into_iter(), |item, value| {
                item.number("n", value);
            });
        object.close();
        let expected = r#"{"plain":"a·b","escaped":"say \"hi\"\n","pieces":"o/r","zero":0,"number":1234567890,"is":true,"nothing":null,"inner":{"n":1},"list":[{"n":2},{"n":3}]}"#;
        assert_eq!(String::from_utf8(text).unwrap(), expected);
    }
}
