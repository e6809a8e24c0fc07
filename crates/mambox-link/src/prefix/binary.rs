//! Binary files: the placeholder is replaced inside C strings, whose length must stay.
//!
//! A string that holds the placeholder in UTF-8 is always patched, so it is streamed. Occurrences in the wide
//! encodings are ambiguous (UTF-16-BE of an ASCII path is UTF-16-LE shifted by a byte), and which of several
//! overlapping strings is meant depends on where each ends: from the first such occurrence on, bytes are kept
//! until all strings that overlap have ended, and then judged together.

mod cluster;

use std::io::{self, Read, Write};

use super::window::Window;
use super::{Encoded, ReplaceError, Replacement};

/// Strings in wide encodings that overlap one another over more bytes than this.
const MAX_CLUSTER: usize = 32 * 1024 * 1024;

pub(super) fn replace(
    with: &Replacement,
    source: impl Read,
    mut out: impl Write,
) -> Result<(), ReplaceError> {
    let Some(utf8) = with.encodings.iter().find(|encoded| encoded.is_utf8()) else {
        return copy(source, out);
    };
    let mut window = Window::new(source);
    let mut string = CString { utf8, open: false, owed: 0 };
    loop {
        window.fill(with.sight())?;
        let data = window.data();
        // An occurrence that begins before this offset is visible as a whole.
        let sure = if window.at_end { data.len() } else { data.len() - (with.longest - 1) };
        let wide = first_wide(with, data).filter(|at| *at < sure);
        let done = string.stream(data, wide.unwrap_or(sure), wide.is_some(), &mut out)?;
        window.consume(done);
        if wide.is_some() {
            judge(with, &mut window, &mut string, &mut out)?;
        } else if window.at_end && window.data().is_empty() {
            return string.close(&mut out);
        }
    }
}

/// A file without anything to search for.
fn copy(mut source: impl Read, mut out: impl Write) -> Result<(), ReplaceError> {
    let mut window = Window::new(&mut source);
    while !window.at_end {
        window.fill(super::WINDOW)?;
        out.write_all(window.data()).map_err(ReplaceError::Write)?;
        window.consume(window.data().len());
    }
    Ok(())
}

fn first_wide(with: &Replacement, data: &[u8]) -> Option<usize> {
    let wide = with.encodings.iter().filter(|encoded| !encoded.is_utf8());
    wide.filter_map(|encoded| encoded.finder.find(data)).min()
}

/// Grows the window from a wide occurrence until the strings around it have ended, then patches them.
fn judge<R: Read>(
    with: &Replacement,
    window: &mut Window<R>,
    string: &mut CString<'_>,
    out: &mut impl Write,
) -> Result<(), ReplaceError> {
    if window.data().first() == Some(&0) {
        string.close(out)?;
    }
    let mut want = with.sight();
    let cluster = loop {
        window.fill(want)?;
        match cluster::find(&with.encodings, window.data(), window.base, window.at_end, string.open) {
            Some(cluster) if window.at_end || cluster.end + with.longest <= window.data().len() => {
                break cluster;
            }
            _ if want > MAX_CLUSTER => {
                return Err(ReplaceError::TooComplex("strings in several encodings overlap too far"));
            }
            _ => want *= 2,
        }
    };
    cluster.write(window.data(), std::mem::take(&mut string.owed), out)?;
    string.open = false;
    window.consume(cluster.end);
    Ok(())
}

/// The UTF-8 string that the stream may be inside of.
struct CString<'a> {
    utf8: &'a Encoded,
    /// Whether the placeholder was replaced in it.
    open: bool,
    /// NULs due at its end.
    owed: u64,
}

impl CString<'_> {
    /// Writes `data[..end]` with occurrences replaced; an occurrence that begins before `end` is taken as a
    /// whole, unless a `fence` stands there. Returns how far it came.
    fn stream(
        &mut self,
        data: &[u8],
        end: usize,
        fence: bool,
        out: &mut impl Write,
    ) -> Result<usize, ReplaceError> {
        let length = self.utf8.placeholder.len();
        let mut at = 0;
        while at < end {
            let nul = if self.open { memchr::memchr(0, &data[at..end]).map(|nul| at + nul) } else { None };
            let stop = nul.unwrap_or(end);
            let sight = (stop + length - 1).min(data.len());
            match self.utf8.finder.find(&data[at..sight]).map(|found| at + found) {
                Some(found) => {
                    out.write_all(&data[at..found]).map_err(ReplaceError::Write)?;
                    if fence && found + length > end {
                        return Ok(found);
                    }
                    self.owed += self.utf8.shrinks_by()?;
                    self.open = true;
                    out.write_all(&self.utf8.target).map_err(ReplaceError::Write)?;
                    at = found + length;
                }
                None => {
                    // The last occurrence may have ended behind `stop`.
                    out.write_all(&data[at..stop.max(at)]).map_err(ReplaceError::Write)?;
                    at = stop.max(at);
                    if nul.is_some() {
                        self.close(out)?;
                    }
                }
            }
        }
        Ok(at)
    }

    /// Ends the string with the NULs that keep the file's length.
    fn close(&mut self, out: &mut impl Write) -> Result<(), ReplaceError> {
        self.open = false;
        write_nuls(std::mem::take(&mut self.owed), out)
    }
}

fn write_nuls(count: u64, out: &mut impl Write) -> Result<(), ReplaceError> {
    io::copy(&mut io::repeat(0).take(count), out).map(drop).map_err(ReplaceError::Write)
}
