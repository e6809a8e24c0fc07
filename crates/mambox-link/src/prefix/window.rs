//! A part of a file that moves over it from begin to end.

use std::io::{ErrorKind, Read};

use super::ReplaceError;

pub(super) struct Window<R> {
    source: R,
    buffer: Vec<u8>,
    /// Bytes of the buffer that are done with.
    gone: usize,
    /// Offset in the file of what is visible.
    pub(super) base: u64,
    /// Whether the file ends with what is visible.
    pub(super) at_end: bool,
}

impl<R: Read> Window<R> {
    pub(super) fn new(source: R) -> Self {
        Self { source, buffer: Vec::new(), gone: 0, base: 0, at_end: false }
    }

    /// What is visible.
    pub(super) fn data(&self) -> &[u8] {
        &self.buffer[self.gone..]
    }

    /// Makes at least `want` bytes visible, or all that are left.
    pub(super) fn fill(&mut self, want: usize) -> Result<(), ReplaceError> {
        if self.data().len() >= want || self.at_end {
            return Ok(());
        }
        self.buffer.drain(..self.gone);
        self.gone = 0;
        while self.buffer.len() < want {
            let before = self.buffer.len();
            self.buffer.resize(want, 0);
            let read = match self.source.read(&mut self.buffer[before..]) {
                Err(error) if error.kind() == ErrorKind::Interrupted => Ok(None),
                read => read.map(Some),
            };
            self.buffer.truncate(before + read.as_ref().ok().copied().flatten().unwrap_or(0));
            if read.map_err(ReplaceError::Read)? == Some(0) {
                self.at_end = true;
                break;
            }
        }
        Ok(())
    }

    /// Lets go of the first `count` visible bytes.
    pub(super) fn consume(&mut self, count: usize) {
        self.gone += count;
        self.base += count as u64;
    }
}
