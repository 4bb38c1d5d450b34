//! How large the pages of a column become when they are unpacked, told before any of them is.
//!
//! A page says so in its header, and the library believes it: a few bytes could unfold to 2 GiB. So
//! the headers are read first. They are in Thrift's compact protocol; only the two sizes are
//! understood, all else is passed over. *Source*: `parquet.thrift`, `PageHeader`, of
//! <https://github.com/apache/parquet-format>, and Thrift's description of the protocol.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};

use super::{ReadFault, bound};

/// Looks at the pages that lie between two places of a file.
pub(super) fn check(file: &mut File, start: u64, end: u64) -> Result<(), ReadFault> {
    let mut at = start;
    for _ in 0..bound::PAGES {
        if at >= end {
            return Ok(());
        }
        let length = usize::try_from(end - at).unwrap_or(usize::MAX);
        let mut bytes = [0; bound::PAGE_HEADER];
        let bytes = &mut bytes[..length.min(bound::PAGE_HEADER)];
        file.seek(SeekFrom::Start(at)).map_err(ReadFault::Io)?;
        file.read_exact(bytes).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => damaged(),
            _ => ReadFault::Io(error),
        })?;
        let page = PageHeader::read(bytes).ok_or_else(damaged)?;
        if page.unpacked > bound::PAGE {
            return Err(ReadFault::TooLarge {
                what: "the bytes of a page",
                found: page.unpacked,
                limit: bound::PAGE,
            });
        }
        at = at.saturating_add(page.header).saturating_add(page.packed);
    }
    Err(ReadFault::TooLarge {
        what: "the pages of a column",
        found: bound::PAGES + 1,
        limit: bound::PAGES,
    })
}

fn damaged() -> ReadFault {
    ReadFault::Damaged("the header of a page cannot be read".to_owned())
}

/// Bytes of the header and of the page, before and after it is unpacked.
#[derive(Debug, PartialEq, Eq)]
struct PageHeader {
    header: u64,
    packed: u64,
    unpacked: u64,
}

/// How deep a value may lie in others.
const DEPTH: u32 = 8;

impl PageHeader {
    fn read(bytes: &[u8]) -> Option<Self> {
        let mut compact = Compact { bytes, at: 0 };
        let (mut unpacked, mut packed) = (None, None);
        let mut field = 0;
        while let Some(kind) = compact.field(&mut field)? {
            match (field, kind) {
                (2, 5) => unpacked = u64::try_from(compact.zigzag()?).ok(),
                (3, 5) => packed = u64::try_from(compact.zigzag()?).ok(),
                _ => compact.skip(kind, DEPTH)?,
            }
        }
        Some(Self {
            header: compact.at as u64,
            packed: packed?,
            unpacked: unpacked?,
        })
    }
}

/// Bytes in the compact protocol. Nothing where they end too early or cannot be.
struct Compact<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Compact<'_> {
    fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    fn pass(&mut self, bytes: u64) -> Option<()> {
        let at = self.at.checked_add(usize::try_from(bytes).ok()?)?;
        self.at = Some(at).filter(|at| *at <= self.bytes.len())?;
        Some(())
    }

    fn varint(&mut self) -> Option<u64> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    fn zigzag(&mut self) -> Option<i64> {
        let number = self.varint()?;
        Some((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
    }

    /// The kind of the next field, whose number is then in `field`; nothing within at the end.
    fn field(&mut self, field: &mut i64) -> Option<Option<u8>> {
        let byte = self.byte()?;
        let (delta, kind) = (byte >> 4, byte & 0x0f);
        if kind == 0 {
            return Some(None);
        }
        *field = match delta {
            0 => self.zigzag()?,
            delta => field.checked_add(i64::from(delta))?,
        };
        Some(Some(kind))
    }

    fn skip(&mut self, kind: u8, depth: u32) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        match kind {
            // Truth values of fields lie in the kind itself.
            1 | 2 => Some(()),
            3 => self.pass(1),
            4..=6 => self.varint().map(drop),
            7 => self.pass(8),
            8 => {
                let length = self.varint()?;
                self.pass(length)
            }
            9 | 10 => {
                let byte = self.byte()?;
                let size = match byte >> 4 {
                    15 => self.varint()?,
                    size => u64::from(size),
                };
                self.skip_each(size, &[byte & 0x0f], depth)
            }
            11 => match self.varint()? {
                0 => Some(()),
                size => {
                    let byte = self.byte()?;
                    self.skip_each(size, &[byte >> 4, byte & 0x0f], depth)
                }
            },
            12 => {
                let mut field = 0;
                while let Some(kind) = self.field(&mut field)? {
                    self.skip(kind, depth)?;
                }
                Some(())
            }
            _ => None,
        }
    }

    fn skip_each(&mut self, size: u64, kinds: &[u8], depth: u32) -> Option<()> {
        for _ in 0..size {
            for kind in kinds {
                match kind {
                    // Truth values of lists are a byte each.
                    1 | 2 => self.pass(1)?,
                    kind => self.skip(*kind, depth)?,
                }
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_and_all_else_is_passed_over() {
        // Type 0, unpacked 300, packed 20, a structure with a number, a text and a list.
        let bytes = [
            0x15, 0, 0x15, 0xd8, 0x04, 0x15, 40, 0x2c, 0x15, 2, 0x18, 2, b'a', b'b', 0x19, 0x25, 2,
            4, 0, 0, 0xff,
        ];
        let expected = PageHeader {
            header: 20,
            packed: 20,
            unpacked: 300,
        };
        assert_eq!(PageHeader::read(&bytes), Some(expected));
        for end in 0..20 {
            assert_eq!(PageHeader::read(&bytes[..end]), None, "{end}");
        }
    }

    #[test]
    fn what_has_no_sizes_or_no_end_is_refused() {
        assert_eq!(PageHeader::read(&[0]), None);
        assert_eq!(PageHeader::read(&[0x1c; 100]), None);
        // A negative size.
        assert_eq!(PageHeader::read(&[0x25, 1, 0x15, 2, 0]), None);
        // A list of as many as a number can tell.
        let endless = [
            0x19, 0xf1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01,
        ];
        assert_eq!(PageHeader::read(&endless), None);
        // The same of values that take no room.
        let empty = [0x19, 0xfc, 0xff, 0xff, 0xff, 0xff, 0x0f];
        assert_eq!(PageHeader::read(&empty), None);
    }
}
