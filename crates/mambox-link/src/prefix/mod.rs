//! Prefix replacement: the placeholder that a package was built with becomes the environment's prefix.
//!
//! The result is, byte for byte, that of rattler's search-based replacement, which covers UTF-8, UTF-16 and
//! UTF-32 of both byte orders; but files pass through a window here, so that memory does not grow with them.
//! The experimental `offsets` of paths.json (conda/ceps#179) are not used: searching is cheap and cannot be lied to.

mod binary;
mod shebang;
mod text;
mod window;

use std::io::{self, Read, Write};

use memchr::memmem::Finder;
use rattler_conda_types::package::OffsetEncoding;

use crate::error::LinkError;

/// How much of a file is looked at in one go.
const WINDOW: usize = 256 * 1024;

/// What stops a replacement.
#[derive(Debug, thiserror::Error)]
pub enum ReplaceError {
    /// The source cannot be read.
    #[error("it cannot be read: {0}")]
    Read(io::Error),
    /// The result cannot be written.
    #[error("it cannot be written: {0}")]
    Write(io::Error),
    /// The target prefix is longer than the placeholder, which has this length, and the file is binary.
    #[error("it has room for {0} bytes of prefix, but the prefix is longer")]
    NoRoom(usize),
    /// Telling strings apart would need more memory than any honest file asks for.
    #[error("replacing its prefix asks for too much memory: {0}")]
    TooComplex(&'static str),
}

/// A placeholder and what replaces it, in every encoding.
pub struct Replacement {
    placeholder: String,
    target: String,
    encodings: Vec<Encoded>,
    /// Length of the longest encoded placeholder.
    longest: usize,
    window: usize,
}

/// Placeholder and target in one encoding.
struct Encoded {
    encoding: OffsetEncoding,
    placeholder: Vec<u8>,
    target: Vec<u8>,
    finder: Finder<'static>,
}

impl Replacement {
    /// Of what the package was built with, and the prefix it is installed in.
    ///
    /// # Errors
    /// Where the placeholder holds a NUL, which no path does.
    pub fn new(placeholder: &str, target: &str) -> Result<Self, LinkError> {
        if placeholder.contains('\0') {
            return Err(LinkError::path(placeholder, "is a prefix placeholder with a NUL byte"));
        }
        let encode = |encoding: OffsetEncoding| {
            let bytes = encoding.encode(placeholder);
            let finder = Finder::new(&bytes).into_owned();
            Encoded { encoding, placeholder: bytes, target: encoding.encode(target), finder }
        };
        // An empty placeholder is found nowhere.
        let encodings: Vec<_> = match placeholder {
            "" => Vec::new(),
            _ => OffsetEncoding::DEFINED.into_iter().map(encode).collect(),
        };
        let longest = encodings.iter().map(|e| e.placeholder.len()).max().unwrap_or(0);
        Ok(Self {
            placeholder: placeholder.into(),
            target: target.into(),
            encodings,
            longest,
            window: WINDOW,
        })
    }

    /// Replaces in text: the length changes, and a shebang line follows the kernel's rules.
    ///
    /// # Errors
    /// As [`ReplaceError`] says, but never for want of room.
    pub fn text(&self, source: impl Read, out: impl Write) -> Result<(), ReplaceError> {
        text::replace(self, source, out)
    }

    /// Replaces in C strings: what follows moves up and NULs fill the gap, so that the length stays.
    ///
    /// # Errors
    /// As [`ReplaceError`] says.
    pub fn binary(&self, source: impl Read, out: impl Write) -> Result<(), ReplaceError> {
        binary::replace(self, source, out)
    }

    /// Bytes to have in sight: enough for every placeholder.
    fn sight(&self) -> usize {
        self.window.max(4 * self.longest)
    }
}

impl Encoded {
    /// Size of a code unit and so of the NUL that ends a string.
    fn unit(&self) -> usize {
        self.encoding.code_unit_size()
    }

    fn is_utf8(&self) -> bool {
        self.encoding == OffsetEncoding::Utf8
    }

    /// Bytes that a replacement frees; fails where the target is longer.
    fn shrinks_by(&self) -> Result<u64, ReplaceError> {
        let room = self.placeholder.len();
        room.checked_sub(self.target.len()).map(|freed| freed as u64).ok_or(ReplaceError::NoRoom(room))
    }
}

#[cfg(test)]
mod tests;
