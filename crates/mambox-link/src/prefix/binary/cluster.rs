//! Which of several overlapping strings, in several encodings, is meant.

use std::collections::BTreeMap;
use std::io::Write;

use memchr::memmem::Finder;

use super::{Encoded, ReplaceError, write_nuls};

/// Strings that overlap, from the begin of the data, and those of them that are patched.
pub(super) struct Cluster<'a> {
    /// Where the last of them ends.
    pub(super) end: usize,
    /// By start; disjoint.
    patches: BTreeMap<usize, CString<'a>>,
}

/// A string that holds the placeholder.
struct CString<'a> {
    encoded: &'a Encoded,
    start: usize,
    occurrences: Vec<usize>,
    /// Where its NUL begins, or the end of the data.
    end: usize,
    /// Whether it has one.
    ended: bool,
    /// How likely this reading is; lower is better.
    rank: u8,
}

/// The cluster at the begin of `data`, which lies at `base` in the file; `None` where a string of it does not
/// end within the data although the file goes on. `open` says that the data begins inside a UTF-8 string.
pub(super) fn find<'a>(
    encodings: &'a [Encoded],
    data: &[u8],
    base: u64,
    at_end: bool,
    open: bool,
) -> Option<Cluster<'a>> {
    let mut strings: Vec<CString<'a>> = encodings
        .iter()
        .flat_map(|encoded| find_strings(encoded, data, base, open && encoded.is_utf8()))
        .collect();
    strings.sort_by_key(|string| string.start);
    let mut end = 0;
    let mut count = 0;
    for string in &strings {
        if count > 0 && string.start >= end {
            break;
        }
        if !string.ended && !at_end {
            return None;
        }
        end = end.max(string.end);
        count += 1;
    }
    strings.truncate(count);
    Some(Cluster { end, patches: choose(strings) })
}

/// The strings in which the placeholder occurs in one encoding.
fn find_strings<'a>(encoded: &'a Encoded, data: &[u8], base: u64, open: bool) -> Vec<CString<'a>> {
    let unit = encoded.unit();
    let length = encoded.placeholder.len();
    let mut strings = Vec::new();
    // Per alignment, the end of the last string: what occurs before it belongs to that string.
    let mut covered = vec![0; unit];
    let mut make = |start: usize, first: Option<usize>, covered: &mut usize| {
        let behind = first.map_or(start, |first| first + length);
        let nul = string_end(data, behind, unit);
        let end = nul.unwrap_or(data.len());
        let more = encoded.finder.find_iter(&data[behind..end]).map(|at| behind + at);
        let aligned = (base + start as u64).is_multiple_of(unit as u64);
        let rank = match (encoded.is_utf8(), aligned, nul.is_some()) {
            (true, _, _) => 0,
            (_, true, true) => 1,
            (_, true, false) => 2,
            (_, false, true) => 3,
            (_, false, false) => 4,
        };
        *covered = end;
        let occurrences = first.into_iter().chain(more).collect();
        strings.push(CString { encoded, start, occurrences, end, ended: nul.is_some(), rank });
    };
    if open {
        make(0, None, &mut covered[0]);
    }
    for at in encoded.finder.find_iter(data) {
        let alignment = ((base + at as u64) % unit as u64) as usize;
        if at >= covered[alignment] {
            make(at, Some(at), &mut covered[alignment]);
        }
    }
    strings
}

/// Where the first zero code unit begins, in steps of the unit.
fn string_end(data: &[u8], from: usize, unit: usize) -> Option<usize> {
    if unit == 1 {
        return memchr::memchr(0, &data[from..]).map(|nul| from + nul);
    }
    // A run of NULs shorter than a unit ends nothing; memmem finds the long ones quickly.
    let zeros = [0u8; 4];
    let finder = Finder::new(&zeros[..unit]);
    let mut at = from;
    while let Some(found) = finder.find(&data[at..]).map(|found| at + found) {
        let aligned = from + (found - from).next_multiple_of(unit);
        if aligned + unit > data.len() {
            return None;
        }
        if data[aligned..aligned + unit].iter().all(|byte| *byte == 0) {
            return Some(aligned);
        }
        at = found + 1;
    }
    None
}

/// Keeps, from the best reading on, each string that overlaps no better one.
fn choose(mut strings: Vec<CString<'_>>) -> BTreeMap<usize, CString<'_>> {
    strings.sort_by_key(|string| (string.rank, string.start));
    let mut kept: BTreeMap<usize, CString<'_>> = BTreeMap::new();
    for string in strings {
        let before = kept.range(..=string.start).next_back();
        let behind = kept.range(string.start..).next();
        let overlaps = before.is_some_and(|(_, other)| string.start < other.end)
            || behind.is_some_and(|(start, _)| *start < string.end);
        if !overlaps {
            kept.insert(string.start, string);
        }
    }
    kept
}

impl Cluster<'_> {
    /// Writes the data up to the cluster's end. `owed` NULs are due at the end of a string that was open.
    pub(super) fn write(&self, data: &[u8], mut owed: u64, out: &mut impl Write) -> Result<(), ReplaceError> {
        let mut done = 0;
        for string in self.patches.values() {
            for at in &string.occurrences {
                out.write_all(&data[done..*at]).map_err(ReplaceError::Write)?;
                out.write_all(&string.encoded.target).map_err(ReplaceError::Write)?;
                done = at + string.encoded.placeholder.len();
            }
            out.write_all(&data[done..string.end]).map_err(ReplaceError::Write)?;
            done = string.end;
            if !string.occurrences.is_empty() {
                owed += string.occurrences.len() as u64 * string.encoded.shrinks_by()?;
            }
            write_nuls(std::mem::take(&mut owed), out)?;
        }
        out.write_all(&data[done..self.end]).map_err(ReplaceError::Write)
    }
}
