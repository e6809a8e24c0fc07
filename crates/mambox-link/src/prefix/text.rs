//! Text files: every occurrence is replaced, and the length changes.

use std::io::{Read, Write};

use rattler_conda_types::package::OffsetEncoding;

use super::window::Window;
use super::{ReplaceError, Replacement, shebang};

/// A first line longer than this is not one that a kernel or a person reads.
const MAX_FIRST_LINE: usize = 16 * 1024 * 1024;

/// An occurrence, by offset in the file and index of its encoding.
#[derive(Clone, Copy)]
struct Occurrence {
    at: u64,
    end: u64,
    encoding: usize,
    /// Of two that overlap, the lower one is kept, else the earlier.
    rank: u8,
}

pub(super) fn replace(with: &Replacement, source: impl Read, out: impl Write) -> Result<(), ReplaceError> {
    let mut text = Text {
        with,
        window: Window::new(source),
        out,
        written: 0,
        shebang_end: 0,
        last: None,
        search_from: vec![0; with.encodings.len()],
    };
    text.shebang()?;
    while !text.step()? {}
    Ok(())
}

struct Text<'a, R, W> {
    with: &'a Replacement,
    window: Window<R>,
    out: W,
    /// Offset in the source up to which the output is complete.
    written: u64,
    /// End of the shebang line, which is not searched for occurrences.
    shebang_end: u64,
    /// An occurrence that one behind it may still push aside.
    last: Option<Occurrence>,
    /// Where each encoding's next occurrence may begin.
    search_from: Vec<u64>,
}

impl<R: Read, W: Write> Text<'_, R, W> {
    fn shebang(&mut self) -> Result<(), ReplaceError> {
        let mut want = self.with.sight();
        self.window.fill(want)?;
        if !self.window.data().starts_with(b"#!") {
            return Ok(());
        }
        let end = loop {
            match memchr::memchr(b'\n', self.window.data()) {
                Some(newline) => break newline,
                None if self.window.at_end => break self.window.data().len(),
                None if want > MAX_FIRST_LINE => {
                    return Err(ReplaceError::TooComplex("the first line is too long"));
                }
                None => want *= 2,
            }
            self.window.fill(want)?;
        };
        let line = &self.window.data()[..end];
        let written = match self.with.encodings.is_empty() {
            true => self.out.write_all(line),
            false => self
                .out
                .write_all(shebang::replace(line, &self.with.placeholder, &self.with.target).as_bytes()),
        };
        written.map_err(ReplaceError::Write)?;
        // The newline itself is copied like any other byte.
        self.written = end as u64;
        self.shebang_end = end as u64 + u64::from(end < self.window.data().len());
        Ok(())
    }

    /// Handles what is visible; true at the end of the file.
    fn step(&mut self) -> Result<bool, ReplaceError> {
        self.window.fill(self.with.sight())?;
        let visible = self.window.data().len();
        // An occurrence that begins before this offset is visible as a whole.
        let hidden = if self.window.at_end { 0 } else { self.with.longest.saturating_sub(1) };
        let sure = self.window.base + (visible - hidden) as u64;
        for next in self.occurrences(sure) {
            match self.last {
                Some(last) if next.at < last.end => {
                    if next.rank < last.rank {
                        self.last = Some(next);
                    }
                }
                last => {
                    self.splice(last)?;
                    self.last = Some(next);
                }
            }
        }
        if self.window.at_end || self.last.is_some_and(|last| last.end <= sure) {
            let last = self.last.take();
            self.splice(last)?;
        }
        let done = self.last.map_or(sure, |last| last.at);
        self.copy_until(done)?;
        self.window.consume((done - self.window.base) as usize);
        Ok(self.window.at_end)
    }

    /// Per encoding the leftmost occurrences that do not overlap, as far as they are visible.
    fn occurrences(&mut self, sure: u64) -> Vec<Occurrence> {
        let (data, base) = (self.window.data(), self.window.base);
        let mut found = Vec::new();
        for (index, encoded) in self.with.encodings.iter().enumerate() {
            let from = &mut self.search_from[index];
            let begin = (*from - base) as usize;
            let length = encoded.placeholder.len() as u64;
            for at in encoded.finder.find_iter(&data[begin.min(data.len())..]) {
                let at = base + (begin + at) as u64;
                if at >= sure {
                    break;
                }
                let aligned = at.is_multiple_of(encoded.unit() as u64);
                let rank = match encoded.encoding {
                    OffsetEncoding::Utf8 => 0,
                    _ if aligned => 1,
                    _ => 2,
                };
                found.push(Occurrence { at, end: at + length, encoding: index, rank });
                *from = at + length;
            }
            *from = (*from).max(sure);
        }
        found.sort_by_key(|occurrence| occurrence.at);
        found
    }

    fn splice(&mut self, occurrence: Option<Occurrence>) -> Result<(), ReplaceError> {
        let Some(occurrence) = occurrence.filter(|occurrence| occurrence.at >= self.shebang_end) else {
            return Ok(());
        };
        self.copy_until(occurrence.at)?;
        let target = &self.with.encodings[occurrence.encoding].target;
        self.out.write_all(target).map_err(ReplaceError::Write)?;
        self.written = occurrence.end;
        Ok(())
    }

    fn copy_until(&mut self, end: u64) -> Result<(), ReplaceError> {
        if end > self.written {
            let range = (self.written - self.window.base) as usize..(end - self.window.base) as usize;
            self.out.write_all(&self.window.data()[range]).map_err(ReplaceError::Write)?;
            self.written = end;
        }
        Ok(())
    }
}
