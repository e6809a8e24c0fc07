//! A part of a file that moves over it from begin to end.

use std::io::Read;

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
        // Not resized and read into: that would zero a whole buffer for each small file, twice.
        let lacking = want - self.buffer.len();
        self.buffer.reserve(lacking);
        let mut part = self.source.by_ref().take(lacking as u64);
        self.at_end = part.read_to_end(&mut self.buffer).map_err(ReplaceError::Read)? < lacking;
        Ok(())
    }

    /// Lets go of the first `count` visible bytes.
    pub(super) fn consume(&mut self, count: usize) {
        self.gone += count;
        self.base += count as u64;
    }
}
