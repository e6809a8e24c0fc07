//! What the files of a prefix say about its activation.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use mambox_activate::{
    Activation, Captured, DOCUMENT, Document, Mode, STATE, package_variables, parse_state,
};

use crate::error::ShellError;

/// Where packages keep variables, in a prefix.
const VARIABLES: &str = "etc/conda/env_vars.d";
/// Scripts to source when the prefix becomes active.
pub(crate) const ACTIVATE: &str = "etc/conda/activate.d";
/// Scripts to source before it is left.
pub(crate) const DEACTIVATE: &str = "etc/conda/deactivate.d";

/// No variables file of a package comes near this many bytes.
const LARGEST: u64 = 1 << 20;

/// What activating the prefix sets. A file that is broken is told and counts for nothing, as a shell must
/// start nevertheless; a prefix that is not there has no files.
///
/// Names of variables become upper case, as in micromamba.
pub(crate) fn read(prefix: &str, root: &str, warnings: &mut Vec<String>) -> Activation {
    let mut packages = Vec::new();
    for name in names(Path::new(prefix), VARIABLES, &[".json"]) {
        let file = format!("{VARIABLES}/{name}");
        let variables = parsed(prefix, &file, warnings, |text| package_variables(&file, text));
        packages.extend(variables.unwrap_or_default().into_iter().map(upper));
    }
    let own = parsed(prefix, STATE, warnings, |text| parse_state(text)).unwrap_or_default();
    let own = own.into_iter().map(upper).collect();
    Activation::new(prefix, environment_name(prefix, root), packages, &own)
}

fn upper((name, value): (String, String)) -> (String, String) {
    (name.to_uppercase(), value)
}

/// What `CONDA_DEFAULT_ENV` calls a prefix: `base` for the root prefix, the folder's name where the folder
/// above is called `envs`, wherever that lies, else the path (section 5 of the reference).
pub(crate) fn environment_name<'a>(prefix: &'a str, root: &str) -> &'a str {
    let prefix = if prefix.len() > 1 { prefix.trim_end_matches('/') } else { prefix };
    if prefix == root.trim_end_matches('/') {
        return "base";
    }
    let (above, name) = prefix.rsplit_once('/').unwrap_or(("", prefix));
    if Path::new(above).file_name().is_some_and(|name| name == "envs") { name } else { prefix }
}

/// The scripts of a folder of a prefix whose names end so, as absolute paths in the order of their names.
pub(crate) fn scripts(prefix: &str, folder: &str, endings: &[&str]) -> Vec<String> {
    let names = names(Path::new(prefix), folder, endings);
    names.into_iter().map(|name| format!("{}/{folder}/{name}", prefix.trim_end_matches('/'))).collect()
}

/// Names that are no UTF-8 are left out: no script of a shell could name them on every locale.
fn names(prefix: &Path, folder: &str, endings: &[&str]) -> Vec<String> {
    let Ok(entries) = fs::read_dir(prefix.join(folder)) else { return Vec::new() };
    let texts = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut names: Vec<String> =
        texts.filter(|name| endings.iter().any(|ending| name.ends_with(ending))).collect();
    names.sort_unstable();
    names
}

/// What the `activate.d` scripts change, as mambox learnt when it built the image; `None` where a shell has to
/// find out: scripts came or went since, or what they set depends on the moment. `scripts` are those that are
/// there, as absolute paths.
pub(crate) fn captured(prefix: &str, scripts: &[String], warnings: &mut Vec<String>) -> Option<Captured> {
    if scripts.is_empty() {
        return None;
    }
    let document = parsed(prefix, DOCUMENT, warnings, |text| Document::parse(text))?;
    let known = document.scripts.iter().map(|script| format!("{prefix}/{script}"));
    let same = document.mode == Mode::Captured && known.eq(scripts.iter().cloned());
    (same && document.captured.dynamic.is_empty()).then_some(document.captured)
}

fn parsed<T, E: ToString>(
    prefix: &str,
    file: &str,
    warnings: &mut Vec<String>,
    parse: impl FnOnce(&[u8]) -> Result<T, E>,
) -> Option<T> {
    let path = Path::new(prefix).join(file);
    let problem = match bounded(&path) {
        Ok(text) => match parse(&text) {
            Ok(parsed) => return Some(parsed),
            Err(problem) => problem.to_string(),
        },
        Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => return None,
        Err(e) => format!("{file} cannot be read: {e}"),
    };
    warnings.push(format!("{prefix}: {problem}; it counts for nothing"));
    None
}

fn bounded(path: &Path) -> io::Result<Vec<u8>> {
    if fs::metadata(path)?.len() > LARGEST {
        return Err(io::Error::other(format!("it is larger than {LARGEST} bytes")));
    }
    fs::read(path)
}

/// A path as the text that goes into variables and scripts.
///
/// # Errors
/// Where it is no UTF-8, or holds what would break `PATH` or a line of a script.
pub(crate) fn text(path: &Path) -> Result<&str, ShellError> {
    let bad = || ShellError::Path(path.to_owned());
    let text = path.to_str().ok_or_else(bad)?;
    let text = if text.len() > 1 { text.trim_end_matches('/') } else { text };
    if text.contains([':', '\n', '\0']) { Err(bad()) } else { Ok(text) }
}

/// The prefix that the word of `micromamba activate WORD` means: with a slash a path, else the name of an
/// environment in one of `envs_dirs`; without a word, or as `base`, the root prefix.
///
/// A relative path counts from `current`; links in it stay, as they may be meant to move. A name that no folder has is taken to be in the first.
pub fn target_prefix(
    word: Option<&str>,
    root_prefix: &Path,
    envs_dirs: &[PathBuf],
    current: &Path,
) -> PathBuf {
    match word {
        None | Some("" | "base") => root_prefix.to_owned(),
        Some(path) if path.contains('/') => plain(&current.join(path)),
        Some(name) => {
            let own = [root_prefix.join("envs")];
            let folders = if envs_dirs.is_empty() { &own[..] } else { envs_dirs };
            let mut places = folders.iter().map(|folder| folder.join(name));
            places.find(|place| place.is_dir()).unwrap_or_else(|| folders[0].join(name))
        }
    }
}

/// A path without `.` and `..`, by its words alone, as `cd` goes by them.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            component => plain.push(component),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Section 5 of the reference, "Exported".
    #[test]
    fn environments_have_names() {
        for (prefix, name) in [
            ("/opt/conda", "base"),
            ("/opt/conda/", "base"),
            ("/opt/conda/envs/py", "py"),
            ("/srv/envs/py/", "py"),
            ("/srv/py", "/srv/py"),
            ("/", "/"),
        ] {
            assert_eq!(environment_name(prefix, "/opt/conda/"), name, "{prefix}");
        }
    }

    /// Section 5 of the reference, "Target".
    #[test]
    fn words_mean_prefixes() {
        let folder = tempfile::tempdir().unwrap();
        let second = folder.path().join("second");
        fs::create_dir_all(second.join("py")).unwrap();
        let dirs = [folder.path().join("first"), second];
        let meant = |word| {
            let prefix = target_prefix(word, Path::new("/opt/conda"), &dirs, Path::new("/work"));
            prefix.to_str().unwrap().replace(folder.path().to_str().unwrap(), "DIR")
        };
        assert_eq!([meant(None), meant(Some("base"))], ["/opt/conda", "/opt/conda"]);
        assert_eq!([meant(Some("./x/")), meant(Some("../../y"))], ["/work/x", "/y"]);
        assert_eq!([meant(Some("py")), meant(Some("none"))], ["DIR/second/py", "DIR/first/none"]);
        let own = target_prefix(Some("py"), Path::new("/opt/conda"), &[], Path::new("/"));
        assert_eq!(own, Path::new("/opt/conda/envs/py"));
    }

    #[test]
    fn a_broken_file_is_told_and_the_others_count() {
        let folder = tempfile::tempdir().unwrap();
        let prefix = folder.path().to_str().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("etc/conda/env_vars.d/a.json", r#"{"lower": "1", "B": "package"}"#);
        write("etc/conda/env_vars.d/b.json", "[");
        write("conda-meta/state", r#"{"env_vars": {"b": "own"}}"#);
        let mut warnings = Vec::new();
        let activation = read(prefix, "/r", &mut warnings);
        let expected = [("B", "own"), ("LOWER", "1")].map(|(name, value)| (name.into(), value.into()));
        assert_eq!(activation.variables, expected.into());
        insta::assert_snapshot!(warnings.join("\n").replace(prefix, "P"), @"P: etc/conda/env_vars.d/b.json is no JSON object: invalid type: sequence, expected a map at line 1 column 0; it counts for nothing");
    }
}
