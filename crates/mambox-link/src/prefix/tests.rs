//! Our replacement against rattler's, with windows so small that everything crosses their edges.

use proptest::collection::vec;
use proptest::prelude::*;
use rattler::install::link::copy_and_replace_placeholders;
use rattler_conda_types::Subdir;
use rattler_conda_types::package::{FileMode, OffsetEncoding};

use super::{ReplaceError, Replacement};

/// Ours with a given window; `None` where the prefix does not fit.
fn ours(source: &[u8], from: &str, to: &str, mode: FileMode, window: usize) -> Option<Vec<u8>> {
    let replacement = Replacement { window, ..Replacement::new(from, to).unwrap() };
    let mut out = Vec::new();
    let done = match mode {
        FileMode::Text => replacement.text(source, &mut out),
        FileMode::Binary => replacement.binary(source, &mut out),
    };
    match done {
        Ok(()) => Some(out),
        Err(ReplaceError::NoRoom(_)) => None,
        Err(error) => panic!("{error:?}"),
    }
}

fn rattlers(source: &[u8], from: &str, to: &str, mode: FileMode) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    copy_and_replace_placeholders(source, &mut out, from, to, &Subdir::Linux64, mode).ok().map(|()| out)
}

#[track_caller]
fn assert_same(source: &[u8], from: &str, to: &str) {
    for mode in [FileMode::Text, FileMode::Binary] {
        let theirs = rattlers(source, from, to, mode);
        for window in [1, 64, super::WINDOW] {
            assert_eq!(ours(source, from, to, mode, window), theirs, "{mode:?}, window {window}");
        }
    }
}

/// Pieces of which files with difficult occurrences consist.
#[derive(Debug, Clone)]
enum Piece {
    Placeholder(OffsetEncoding),
    PartOfPlaceholder(OffsetEncoding, usize),
    Nuls(usize),
    Bytes(Vec<u8>),
    Text(String),
}

fn pieces() -> impl Strategy<Value = Vec<Piece>> {
    let encoding = || prop::sample::select(OffsetEncoding::DEFINED.to_vec());
    let piece = prop_oneof![
        4 => encoding().prop_map(Piece::Placeholder),
        1 => (encoding(), 0..40usize).prop_map(|(encoding, length)| Piece::PartOfPlaceholder(encoding, length)),
        3 => (1..9usize).prop_map(Piece::Nuls),
        1 => vec(any::<u8>(), 0..12).prop_map(Piece::Bytes),
        1 => vec(prop::sample::select(b"\0\0a/\nb".to_vec()), 0..40).prop_map(Piece::Bytes),
        1 => "[a-z/ \n:]{0,80}".prop_map(Piece::Text),
    ];
    vec(piece, 0..12)
}

fn assemble(pieces: &[Piece], placeholder: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Placeholder(encoding) => bytes.extend(encoding.encode(placeholder)),
            Piece::PartOfPlaceholder(encoding, length) => {
                bytes.extend(encoding.encode(placeholder).into_iter().take(*length));
            }
            Piece::Nuls(count) => bytes.resize(bytes.len() + count, 0),
            Piece::Bytes(more) => bytes.extend(more),
            Piece::Text(text) => bytes.extend(text.as_bytes()),
        }
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) })]

    #[test]
    fn any_file_is_patched_as_rattler_does(
        pieces in pieces(),
        from in prop::sample::select(vec!["/pfx", "a", "aa", "aba", "/a/a/", "/höme/x", "/x😀"]),
        to in prop::sample::select(vec!["/p", "", "/opt/conda", "/y z", "b"]),
        shebang in prop::sample::select(vec!["", "", "#!", "#! ", "#!/pfx/bin/python3.12 -E\n"]),
    ) {
        let source = [shebang.as_bytes(), &assemble(&pieces, from)].concat();
        assert_same(&source, from, to);
    }

    #[test]
    fn any_shebang_is_rewritten_as_rattler_does(
        line in "#?!?[ ]{0,2}(/pfx)?/?([a-z/. \\\\\t\r-]|/pfx|python[0-9.]{0,4}){0,20}",
        padding in 0..150usize,
        rest in "(\n[a-z/ ]{0,20}(/pfx)?)?",
        to in prop::sample::select(vec!["/opt/conda", "/with space/conda", "/a"]),
    ) {
        let source = format!("{line}{}{rest}", "/x".repeat(padding));
        assert_same(source.as_bytes(), "/pfx", to);
        let source = format!("{line}{}/bin/python3 -E{rest}", "/x".repeat(padding));
        assert_same(source.as_bytes(), "/pfx", to);
    }
}

#[test]
fn an_empty_placeholder_is_found_nowhere() {
    assert_same(b"#!/bin/sh\ntext\0more", "", "/opt/conda");
}

#[test]
fn a_string_longer_than_any_window_is_streamed() {
    let source = [b"/pfx/".to_vec(), vec![b'x'; 1 << 20], b":/pfx\0rest".to_vec()].concat();
    assert_same(&source, "/pfx", "/p");
}

#[test]
fn a_prefix_that_does_not_fit_is_an_error_only_where_the_placeholder_occurs() {
    assert_same(b"lib/pfx/x\0", "/pfx", "/opt/conda");
    assert_same(b"lib/other/x\0", "/pfx", "/opt/conda");
}
