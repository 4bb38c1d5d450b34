//! Keeps a reader from holding more than it should: a part of a file that does not end within
//! [`LONGEST_LINE`] is an error instead of memory.

use std::cell::Cell;
use std::io::{self, BufRead, Read};
use std::rc::Rc;

use super::LONGEST_LINE;

/// How much a reader behind this one takes at once, and may be ahead by.
pub(super) const AHEAD: usize = 64 << 10;

/// Where reading is.
#[derive(Debug, Default)]
pub(super) struct Place {
    /// Bytes handed out.
    pub(super) given: Cell<u64>,
    /// Where the part began that is being read.
    pub(super) began: Cell<u64>,
    /// The newest byte handed out.
    pub(super) last: Cell<u8>,
}

/// What [`Guarded`] says about a part that does not end.
#[derive(Debug, thiserror::Error)]
#[error("longer than 1 MiB")]
pub(super) struct TooLong;

impl TooLong {
    /// Whether an error of reading is this one.
    pub(super) fn is(error: &io::Error) -> bool {
        error.get_ref().is_some_and(|inner| inner.is::<Self>())
    }
}

/// Bytes of a file, handed out as long as its parts end.
pub(super) struct Guarded<'a> {
    inner: &'a mut dyn BufRead,
    place: Rc<Place>,
    ends_parts: bool,
}

impl<'a> Guarded<'a> {
    /// Parts end where the owner of the place says so.
    pub(super) fn new(inner: &'a mut dyn BufRead) -> (Self, Rc<Place>) {
        let place = Rc::new(Place::default());
        let guarded = Self {
            inner,
            place: Rc::clone(&place),
            ends_parts: false,
        };
        (guarded, place)
    }

    /// Parts are lines. A file smaller than `free` bytes may be one line.
    pub(super) fn of_lines(inner: &'a mut dyn BufRead, free: u64) -> Self {
        let (guarded, place) = Self::new(inner);
        place.began.set(free);
        Self {
            ends_parts: true,
            ..guarded
        }
    }
}

impl Read for Guarded<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let place = &self.place;
        let part = place.given.get().saturating_sub(place.began.get());
        if part > (LONGEST_LINE + AHEAD) as u64 {
            return Err(io::Error::new(io::ErrorKind::InvalidData, TooLong));
        }
        let most = bytes.len().min(AHEAD);
        let read = self.inner.read(&mut bytes[..most])?;
        let bytes = &bytes[..read];
        if let Some(last) = bytes.last() {
            place.last.set(*last);
        }
        if self.ends_parts
            && let Some(at) = bytes.iter().rposition(|byte| *byte == b'\n')
        {
            let began = place.given.get() + at as u64 + 1;
            place.began.set(place.began.get().max(began));
        }
        place.given.set(place.given.get() + read as u64);
        Ok(read)
    }
}
