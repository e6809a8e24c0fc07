//! What `init` and `deinit` would change.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use mambox_activate::Shell as Language;

use super::block::{block, with, without};
use super::places::InitContext;
use crate::error::ShellError;
use crate::hook::{csh_profile, hook};
use crate::literal::{filled, literal};
use crate::prefix;
use crate::shell::Shell;

/// Start-up files are written by hand; a larger one is something else.
const LARGEST: u64 = 4 << 20;

/// A file that changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileEdit {
    /// Where it is, links followed.
    pub path: PathBuf,
    /// What it holds; `None` where it is not there.
    pub before: Option<Vec<u8>>,
    /// What it shall hold; `None` where it goes.
    pub after: Option<Vec<u8>>,
    /// Whether the shell works without the change. Files of a root prefix that belongs to somebody else cannot be
    /// written, and only tcsh needs one.
    pub optional: bool,
}

/// The changes by which a shell defines `micromamba` at its start: a block in its start-up file, in the place
/// of an old one, and the hook as a file of the root prefix. Nothing where all is as it should be.
///
/// Section 5 of the reference, "shell init". Nothing is written: see [`crate::apply`].
///
/// # Errors
/// [`ShellError::NoStartFile`] for dash and other shells of POSIX, [`ShellError::BrokenBlock`],
/// [`ShellError::Io`] for files that cannot be read, and those of [`hook`].
pub fn init(shell: Shell, context: &InitContext<'_>) -> Result<Vec<FileEdit>, ShellError> {
    let start = read(&context.start_file(shell)?)?;
    let name = context.executable.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
    let ours = block(name, &start_statements(shell, context)?);
    let after =
        with(start.before.as_deref(), &ours).map_err(|_| ShellError::BrokenBlock(start.path.clone()))?;
    let hook_text = match shell.language() {
        Language::Tcsh => csh_profile(&context.plain_hook()),
        Language::Posix => hook(Shell::Posix, &context.plain_hook()),
        _ => hook(shell, &context.plain_hook()),
    }?;
    let root = read(&context.root_file(shell))?;
    let optional = shell.language() != Language::Tcsh;
    let root = FileEdit { after: Some(hook_text.into_bytes()), optional, ..root };
    Ok(changes([root, FileEdit { after: Some(after), ..start }]))
}

/// The changes that take away what [`init`] made, and leave the rest of the files to the byte.
///
/// # Errors
/// As [`init`].
pub fn deinit(shell: Shell, context: &InitContext<'_>) -> Result<Vec<FileEdit>, ShellError> {
    let start = read(&context.start_file(shell)?)?;
    let after = match &start.before {
        Some(text) => without(text).map_err(|_| ShellError::BrokenBlock(start.path.clone()))?,
        None => None,
    };
    let root = read(&context.root_file(shell))?;
    Ok(changes([FileEdit { after, ..start }, FileEdit { optional: true, ..root }]))
}

fn changes(edits: [FileEdit; 2]) -> Vec<FileEdit> {
    edits.into_iter().filter(|edit| edit.before != edit.after).collect()
}

/// What the start-up file does: names program and root prefix, and evaluates the hook of the moment.
fn start_statements(shell: Shell, context: &InitContext<'_>) -> Result<String, ShellError> {
    let language = shell.language();
    let literal_of = |path: &Path| prefix::text(path).map(|text| literal(language, text));
    let template = match language {
        Language::Posix => include_str!("../../scripts/start.sh"),
        Language::Fish => include_str!("../../scripts/start.fish"),
        Language::Tcsh => include_str!("../../scripts/start.csh"),
        Language::Xonsh => include_str!("../../scripts/start.xsh"),
        Language::PowerShell => include_str!("../../scripts/start.ps1"),
    };
    let values = [
        ("@EXE@", literal_of(context.executable)?),
        ("@ROOT@", literal_of(context.root_prefix)?),
        ("@PROFILE@", literal_of(&context.root_file(shell))?),
        ("@SHELL@", shell.name().to_owned()),
    ];
    Ok(filled(template, &values.each_ref().map(|(mark, value)| (*mark, value.as_str()))))
}

/// A file as it is, with `after` still to be filled in.
fn read(path: &Path) -> Result<FileEdit, ShellError> {
    let fault = |source| ShellError::Io { action: "read", path: path.to_owned(), source };
    let path = followed(path);
    match fs::metadata(&path) {
        Ok(metadata) if metadata.len() > LARGEST => {
            Err(fault(io::Error::other(format!("it is larger than {LARGEST} bytes"))))
        }
        Ok(_) => {
            let before = Some(fs::read(&path).map_err(fault)?);
            Ok(FileEdit { path, before, after: None, optional: false })
        }
        Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Ok(FileEdit { path, before: None, after: None, optional: false })
        }
        Err(e) => Err(fault(e)),
    }
}

/// The file behind links, so that a link into somebody's collection of such files stays one. One that
/// leads nowhere yet leads to where the file will be.
fn followed(path: &Path) -> PathBuf {
    if let Ok(path) = fs::canonicalize(path) {
        return path;
    }
    match (fs::read_link(path), path.parent()) {
        (Ok(target), Some(parent)) => parent.join(target),
        _ => path.to_owned(),
    }
}
