//! What goes to python and comes back: see `worker.py`.

use mambox_layer::PySource;

/// The program, in python.
pub(crate) const WORKER: &str = include_str!("worker.py");

/// The first words of each answer.
const GREETING: &[u8] = b"mambox-pyc 1 ";
/// Of the first line.
const MAX_GREETING: usize = 64;

/// An answer that is not one.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    /// It is not the worker that speaks: python did not come so far.
    Silent,
    /// The worker ended early.
    Cut {
        /// How many sources it had done.
        done: usize,
    },
}

/// What the worker says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answer {
    /// Python's name for its `.pyc` files: `cpython-313`.
    pub(super) tag: String,
    /// For each source.
    pub(super) results: Vec<Result<Vec<u8>, String>>,
}

/// The sources for the worker; `None` where one is larger than the format can say.
pub(super) fn request(sources: &[PySource]) -> Option<Vec<u8>> {
    let size = sources.iter().map(|source| 8 + source.path.len() + source.text.len()).sum();
    let mut bytes = Vec::with_capacity(size);
    for part in sources.iter().flat_map(|source| [source.path.as_bytes(), &source.text]) {
        bytes.extend(u32::try_from(part.len()).ok()?.to_be_bytes());
        bytes.extend(part);
    }
    Some(bytes)
}

/// Reads what the worker wrote about `count` sources.
pub(super) fn answer(output: &[u8], count: usize) -> Result<Answer, Wrong> {
    let rest = output.strip_prefix(GREETING).ok_or(Wrong::Silent)?;
    let end = rest.iter().take(MAX_GREETING).position(|byte| *byte == b'\n').ok_or(Wrong::Silent)?;
    let tag = String::from_utf8_lossy(&rest[..end]).into_owned();
    let mut rest = &rest[end + 1..];
    let mut results = Vec::with_capacity(count);
    for done in 0..count {
        results.push(result(&mut rest).ok_or(Wrong::Cut { done })?);
    }
    if rest.is_empty() { Ok(Answer { tag, results }) } else { Err(Wrong::Cut { done: count }) }
}

fn result(rest: &mut &[u8]) -> Option<Result<Vec<u8>, String>> {
    let (head, tail) = rest.split_at_checked(5)?;
    let length = u32::from_be_bytes(head[1..].try_into().ok()?);
    let (content, tail) = tail.split_at_checked(usize::try_from(length).ok()?)?;
    *rest = tail;
    match head[0] {
        0 => Some(Ok(content.to_vec())),
        1 => Some(Err(String::from_utf8_lossy(content).into_owned())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_written_with_their_lengths() {
        let source = PySource { path: "/a.py".into(), text: b"x".to_vec() };
        assert_eq!(request(&[source]).unwrap(), b"\0\0\0\x05/a.py\0\0\0\x01x");
    }

    #[test]
    fn answers_are_read() {
        let read = answer(b"mambox-pyc 1 cpython-313\n\0\0\0\0\x02ab\x01\0\0\0\x03why", 2).unwrap();
        assert_eq!(read.tag, "cpython-313");
        assert_eq!(read.results, [Ok(b"ab".to_vec()), Err("why".to_owned())]);
    }

    #[test]
    fn anything_else_is_no_answer() {
        assert_eq!(answer(b"", 1), Err(Wrong::Silent));
        assert_eq!(answer(b"Python 3.13.5\n", 1), Err(Wrong::Silent));
        assert_eq!(answer(&[GREETING, &[b'x'; 1000]].concat(), 1), Err(Wrong::Silent));
        let whole = b"mambox-pyc 1 cpython-313\n\0\0\0\0\x02ab\x01\0\0\0\x03why";
        for end in 25..whole.len() {
            let done = usize::from(end >= 32);
            assert_eq!(answer(&whole[..end], 2), Err(Wrong::Cut { done }), "{end} bytes");
        }
        assert_eq!(answer(whole, 1), Err(Wrong::Cut { done: 1 }), "more than was asked for");
        assert_eq!(answer(b"mambox-pyc 1 x\n\x07\0\0\0\0", 1), Err(Wrong::Cut { done: 0 }));
        assert_eq!(answer(b"mambox-pyc 1 x\n\0\xff\xff\xff\xff", 1), Err(Wrong::Cut { done: 0 }));
    }
}
