//! Requirements as uv gets them, and what has to be known of them besides: hashes, indexes, and the variables they name.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use mambox_env::expand_variables;
use url::Url;

use crate::{
    error::PipError,
    hashes::Hashes,
    indexes,
    mask::{Masks, mask_urls, passwords},
    request::PipRequest,
};

/// Most lines of a pip section.
const MAX_LINES: usize = 10_000;
/// Most bytes of a pip section with all files that it includes.
const MAX_TEXT: usize = 8 * 1024 * 1024;
/// How deep files include one another; a loop goes deeper.
const MAX_DEPTH: usize = 16;

/// The requirements of a pip section.
#[derive(Debug, Default)]
pub(crate) struct Requirements {
    /// One line each, for uv's standard input.
    pub(crate) text: String,
    /// Pinned hashes, those of included files too.
    pub(crate) hashes: Hashes,
    /// Where distributions are looked for, one line each.
    pub(crate) index_options: Vec<String>,
    /// Names of variables, as in `${NAME}`.
    pub(crate) variables: BTreeSet<String>,
    /// Passwords and tokens in URLs.
    pub(crate) passwords: BTreeSet<String>,
    /// What a person should know.
    pub(crate) warnings: Vec<String>,
}

/// The section, or a file that is included.
struct Source<'a> {
    /// For messages.
    name: &'a str,
    /// Where its relative paths start.
    folder: &'a Path,
    /// How many files are around it.
    depth: usize,
    /// Whether `-c` led here; uv takes no options from constraints.
    is_constraints: bool,
}

impl Requirements {
    /// Reads the section and the files that it includes with `-r` and `-c`.
    ///
    /// # Errors
    /// Where an included file cannot be read, a hash cannot be checked, or there is too much of it.
    pub(crate) fn read(request: &PipRequest<'_>) -> Result<Self, PipError> {
        let mut text = request.requirements.join("\n");
        text.push('\n');
        if request.requirements.len() > MAX_LINES || text.len() > MAX_TEXT {
            let what = format!("more than {MAX_LINES} requirements or {MAX_TEXT} bytes");
            return Err(PipError::TooMuch { file: request.file.to_owned(), what });
        }
        let mut read = Self::default();
        let mut left = MAX_TEXT - text.len();
        let section = Source { name: request.file, folder: request.folder, depth: 0, is_constraints: false };
        read.take(request, &text, &section, &mut left)?;
        read.text = text;
        Ok(read)
    }

    /// What must not be shown of them.
    pub(crate) fn masks(&self, request: &PipRequest<'_>) -> Masks {
        Masks::new(&self.variables, &self.passwords, request.variables)
    }

    /// The line at a position of [`Requirements::text`].
    pub(crate) fn line_at(&self, position: usize) -> Option<&str> {
        let before = self.text.get(..position)?;
        self.line(before.matches('\n').count() + 1)
    }

    /// A line by its number, from 1.
    pub(crate) fn line(&self, number: usize) -> Option<&str> {
        self.text.lines().nth(number.checked_sub(1)?).map(str::trim)
    }

    fn take(
        &mut self,
        request: &PipRequest<'_>,
        text: &str,
        source: &Source<'_>,
        left: &mut usize,
    ) -> Result<(), PipError> {
        for line in logical_lines(text) {
            self.variables.extend(variables(&line));
            self.passwords.extend(passwords(&line).map(str::to_owned));
            if let Some(path) = included(&line) {
                let value = |name: &str| request.variables.get(name).cloned();
                let path = expand_variables(path, &value).unwrap_or_else(|_| path.to_owned());
                let Some(path) = self.local(&path, source.folder) else { continue };
                let text = self.open(request, &path, &line, source, left)?;
                let inner = Source {
                    name: &path.display().to_string(),
                    folder: path.parent().unwrap_or(source.folder),
                    depth: source.depth + 1,
                    is_constraints: source.is_constraints || is_constraint(&line),
                };
                self.take(request, &text, &inner, left)?;
            } else if line.starts_with('-') {
                // Several options may stand in one line.
                self.hashes.required |= line.split_whitespace().any(|word| word == "--require-hashes");
                if !source.is_constraints {
                    indexes::add(&mut self.index_options, &line, source.folder, request);
                }
            } else {
                self.hashes.add(&line).map_err(|said| PipError::Requirement {
                    file: source.name.to_owned(),
                    line: self.shown(request, &line),
                    said: format!(" {said}"),
                })?;
            }
        }
        Ok(())
    }

    /// The path of an included file; `None` for one that only uv can read.
    fn local(&mut self, written: &str, folder: &Path) -> Option<PathBuf> {
        if !written.contains("://") {
            return Some(folder.join(written));
        }
        let path = Url::parse(written).ok().filter(|url| url.scheme() == "file");
        let path = path.and_then(|url| url.to_file_path().ok());
        if path.is_none() {
            self.warnings.push(format!(
                "hashes in {} are not checked, and its indexes do not hold for what sources are built with: it is not on this \
                 machine",
                mask_urls(written)
            ));
        }
        path
    }

    fn open(
        &self,
        request: &PipRequest<'_>,
        path: &Path,
        line: &str,
        source: &Source<'_>,
        left: &mut usize,
    ) -> Result<String, PipError> {
        let refuse = |said: String| PipError::Missing {
            file: source.name.to_owned(),
            said: self.shown(request, &format!("{line}: {said}")),
            unset: String::new(),
        };
        if source.depth >= MAX_DEPTH {
            return Err(refuse(format!("files include one another more than {MAX_DEPTH} deep")));
        }
        let shown = path.display();
        let metadata =
            std::fs::metadata(path).map_err(|error| refuse(format!("cannot read {shown}: {error}")))?;
        if !metadata.is_file() {
            return Err(refuse(format!("{shown} is no file")));
        }
        let file =
            std::fs::File::open(path).map_err(|error| refuse(format!("cannot read {shown}: {error}")))?;
        let mut bytes = Vec::new();
        let limit = u64::try_from(*left).unwrap_or(u64::MAX);
        file.take(limit.saturating_add(1))
            .read_to_end(&mut bytes)
            .map_err(|error| refuse(format!("cannot read {shown}: {error}")))?;
        *left = left.checked_sub(bytes.len()).ok_or_else(|| PipError::TooMuch {
            file: shown.to_string(),
            what: format!("requirements of more than {MAX_TEXT} bytes altogether"),
        })?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn shown(&self, request: &PipRequest<'_>, line: &str) -> String {
        self.masks(request).clean(line)
    }
}

/// Lines without comments, joined where one ends in a backslash, as in pip's requirements files.
fn logical_lines(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut joined = String::new();
    for line in text.lines() {
        let comment = line.trim_start().starts_with('#');
        if let Some(begun) = line.trim_end().strip_suffix('\\').filter(|_| !comment) {
            joined.push_str(begun);
            joined.push(' ');
            continue;
        }
        joined.push_str(if comment { "" } else { line });
        lines.push(std::mem::take(&mut joined));
    }
    lines.push(joined);
    let lines = lines.iter().map(|line| without_comment(line).trim().to_owned());
    lines.filter(|line| !line.is_empty()).collect()
}

/// A comment begins with `#` behind a space; without one it is a URL's fragment.
fn without_comment(line: &str) -> &str {
    let mut before = ' ';
    for (at, c) in line.char_indices() {
        if c == '#' && before.is_whitespace() {
            return &line[..at];
        }
        before = c;
    }
    line
}

/// The file that a line includes.
fn included(line: &str) -> Option<&str> {
    let long = ["--requirement", "--constraint"].iter().find_map(|option| line.strip_prefix(option));
    let path = match long {
        Some(rest) => rest.strip_prefix([' ', '\t', '='])?,
        None => ["-r", "-c"].iter().find_map(|option| line.strip_prefix(option))?,
    };
    Some(path.trim().trim_matches(['"', '\'']))
}

/// Whether a line that includes a file does so for constraints.
fn is_constraint(line: &str) -> bool {
    line.starts_with("-c") || line.starts_with("--c")
}

/// Names in `${NAME}`: capital letters, digits and `_`, as pip and uv have them.
fn variables(line: &str) -> impl Iterator<Item = String> {
    let names = line.split("${").skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name);
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    names.filter(move |name| !name.is_empty() && name.chars().all(plain)).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_are_joined_and_lose_comments() {
        let text = "a==1 \\\n  --hash=sha256:00 # why\n# alone \\\nb @ https://h/x.whl#sha256=00\n\n c\\";
        assert_eq!(logical_lines(text), ["a==1    --hash=sha256:00", "b @ https://h/x.whl#sha256=00", "c"]);
    }

    #[test]
    fn files_are_included_by_two_options_of_two_spellings() {
        for line in ["-r x.txt", "-rx.txt", "-c 'x.txt'", "--requirement=x.txt", "--constraint  x.txt"] {
            assert_eq!(included(line), Some("x.txt"), "{line}");
            assert_eq!(is_constraint(line), line.contains("-c"), "{line}");
        }
        for line in ["--require-hashes", "-e ./x", "x", "--requirements x"] {
            assert_eq!(included(line), None, "{line}");
        }
    }

    #[test]
    fn variables_are_named_in_braces() {
        let line = "--index-url https://${USER_1}:${PW}@h/${a b}/$HOME/${}";
        assert_eq!(variables(line).collect::<Vec<_>>(), ["USER_1", "PW"]);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[-rc#\\\\ =:/@$\\{\\}\\n\\PC]{0,60}") {
            for line in logical_lines(&text) {
                let _ = (included(&line), variables(&line).count(), passwords(&line).count());
                let _ = Hashes::default().add(&format!("{line} --hash=sha256:{line}"));
            }
        }
    }
}
