//! The block that is ours in a start-up file. The rest of the file is somebody else's, to the byte.

/// The first line of the block. micromamba's own, so that each replaces the other's.
const BEGIN: &[u8] = b"# >>> mamba initialize >>>";
/// Its last line.
const END: &[u8] = b"# <<< mamba initialize <<<";

/// The lines of the block do not pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unpaired;

/// A block around statements.
pub(super) fn block(name: &str, statements: &str) -> Vec<u8> {
    let managed = format!("\n# Written by '{name} shell init'; '{name} shell deinit' takes it away.\n");
    [BEGIN, managed.as_bytes(), statements.as_bytes(), END, b"\n"].concat()
}

/// The text with the block in the place of the one that is there, else at its end behind one line end.
///
/// The line end closes a last line that has none, or leaves an empty line; [`without`] takes it away again.
/// A file that is not there (`None`) becomes the block alone.
pub(super) fn with(text: Option<&[u8]>, block: &[u8]) -> Result<Vec<u8>, Unpaired> {
    let Some(text) = text else { return Ok(block.to_vec()) };
    match parts(text)? {
        Some((before, after)) => {
            let after = without_all(after)?;
            Ok([before, block, &after].concat())
        }
        None => Ok([text, b"\n", block].concat()),
    }
}

/// The text without our blocks; `None` where it was nothing else, and no file was there before.
pub(super) fn without(text: &[u8]) -> Result<Option<Vec<u8>>, Unpaired> {
    let alone = parts(text)?.is_some_and(|(before, after)| before.is_empty() && after.is_empty());
    if alone { Ok(None) } else { without_all(text).map(Some) }
}

fn without_all(text: &[u8]) -> Result<Vec<u8>, Unpaired> {
    let Some((before, after)) = parts(text)? else { return Ok(text.to_vec()) };
    let before = before.strip_suffix(b"\n").unwrap_or(before);
    // Where something follows, the line end is needed, unless there is one more.
    let gap: &[u8] =
        if after.is_empty() || before.is_empty() || before.ends_with(b"\n") { b"" } else { b"\n" };
    Ok([before, gap, &without_all(after)?].concat())
}

/// Two parts of a text.
type Around<'a> = (&'a [u8], &'a [u8]);

/// What stands before the first block and behind it.
fn parts(text: &[u8]) -> Result<Option<Around<'_>>, Unpaired> {
    let (mut begin, mut start) = (None, 0);
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let end = start + line.len();
        match (line.trim_ascii(), begin) {
            (BEGIN, None) => begin = Some(start),
            (END, Some(begin)) => return Ok(Some((&text[..begin], &text[end..]))),
            (BEGIN | END, _) => return Err(Unpaired),
            _ => {}
        }
        start = end;
    }
    if begin.is_some() { Err(Unpaired) } else { Ok(None) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ours() -> Vec<u8> {
        block("micromamba", "hook\n")
    }

    #[test]
    fn a_block_is_put_behind_what_is_there() {
        let text = with(Some(b"alias x=y"), &ours()).unwrap();
        insta::assert_snapshot!(String::from_utf8(text).unwrap(), @"
        alias x=y
        # >>> mamba initialize >>>
        # Written by 'micromamba shell init'; 'micromamba shell deinit' takes it away.
        hook
        # <<< mamba initialize <<<
        ");
        assert_eq!(with(None, &ours()).unwrap(), ours());
        assert_eq!(without(&ours()).unwrap(), None);
    }

    #[test]
    fn another_block_is_replaced_where_it_stands() {
        let old = block("mamba", "old\n");
        let text = [b"a\n\n", &old[..], b"b\n\n", &old, b"c"].concat();
        assert_eq!(with(Some(&text), &ours()).unwrap(), [b"a\n\n", &ours()[..], b"b\nc"].concat());
        assert_eq!(without(&text).unwrap().unwrap(), b"a\nb\nc");
    }

    #[test]
    fn lines_that_do_not_pair_are_refused() {
        for text in [BEGIN, END, &[END, b"\n", BEGIN].concat(), &[BEGIN, b"\n", BEGIN, b"\n", END].concat()] {
            assert_eq!(with(Some(text), &ours()), Err(Unpaired));
            assert_eq!(without(text), Err(Unpaired));
        }
    }

    proptest! {
        #[test]
        fn taking_the_block_away_restores_every_text(text in "[a\n #é]{0,12}", more in "(x\n){0,2}") {
            let with_block = with(Some(text.as_bytes()), &ours()).unwrap();
            prop_assert_eq!(with(Some(&with_block), &ours()).unwrap(), with_block.clone());
            prop_assert_eq!(without(&with_block).unwrap().unwrap(), text.as_bytes());
            let later = [&with_block[..], more.as_bytes()].concat();
            let left = String::from_utf8(without(&later).unwrap().unwrap()).unwrap();
            prop_assert!(left.starts_with(&text) && left.ends_with(&more), "{left:?}");
        }
    }
}
