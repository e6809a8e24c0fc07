//! `${NAME}` and `~` in texts of configuration files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Replaces every `${NAME}` that has a value, once, and `$$` by `$`; all else stays. micromamba does this to
/// the file's text, we to the texts in it, so that a value cannot become YAML.
pub fn expand_variables(text: &str, environment: &BTreeMap<String, String>) -> String {
    let mut expanded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('$') {
        expanded.push_str(&rest[..start]);
        let tail = &rest[start + 1..];
        if let Some(after) = tail.strip_prefix('$') {
            expanded.push('$');
            rest = after;
            continue;
        }
        let name = tail.strip_prefix('{').and_then(|inner| inner.find('}').map(|end| &inner[..end]));
        match name.and_then(|name| Some((name, environment.get(name)?))) {
            Some((name, value)) => {
                expanded.push_str(value);
                rest = &tail[name.len() + 2..];
            }
            None => {
                expanded.push('$');
                rest = tail;
            }
        }
    }
    expanded.push_str(rest);
    expanded
}

/// Replaces a leading `~` or `~/` by the home directory, where there is one.
pub fn expand_home(path: &str, home: Option<&Path>) -> PathBuf {
    match (path.strip_prefix('~'), home) {
        (Some(""), Some(home)) => home.to_owned(),
        (Some(rest), Some(home)) if rest.starts_with('/') => home.join(rest.trim_start_matches('/')),
        _ => PathBuf::from(path),
    }
}

/// The reverse, for display: paths below the home directory begin with `~`.
pub fn shrink_home(path: &Path, home: Option<&Path>) -> String {
    match home.and_then(|home| path.strip_prefix(home).ok()) {
        Some(rest) if rest.as_os_str().is_empty() => "~".to_owned(),
        Some(rest) => format!("~/{}", rest.display()),
        None => path.display().to_string(),
    }
}

/// Makes a path absolute and takes out `.` and `..` by the letters, without looking at the disk. Does not follow
/// links, so that a prefix that is one keeps its name.
pub fn absolute(path: &Path, cwd: &Path) -> PathBuf {
    use std::path::Component;
    let mut clean = PathBuf::new();
    for part in cwd.join(path).components() {
        match part {
            Component::CurDir => {}
            // Below the root there is nothing to go up to: pop leaves `/` alone.
            Component::ParentDir => {
                clean.pop();
            }
            part => clean.push(part),
        }
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of the reference's own behaviour; section 3 of the micromamba reference, "rc files".
    #[test]
    fn variables_are_replaced_once_and_all_else_stays() {
        let environment: BTreeMap<String, String> =
            [("foo", "bar"), ("{foo", "baz1"), ("self", "${self}"), ("empty", "")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into();
        for (text, expected) in [
            ("$", "$"),
            ("$$", "$"),
            ("${foo}bar1", "barbar1"),
            ("$[foo]bar", "$[foo]bar"),
            ("$foo bar", "$foo bar"),
            ("${foo", "${foo"),
            ("${{foo}}2", "baz1}2"),
            ("${nope}/${foo}", "${nope}/bar"),
            ("${self}", "${self}"),
            ("a${empty}b", "ab"),
        ] {
            assert_eq!(expand_variables(text, &environment), expected, "{text}");
        }
    }

    #[test]
    fn home_and_relative_paths() {
        let home = Some(Path::new("/home/me"));
        assert_eq!(expand_home("~/envs", home), Path::new("/home/me/envs"));
        assert_eq!(expand_home("~", home), Path::new("/home/me"));
        assert_eq!(expand_home("~you/envs", home), Path::new("~you/envs"));
        assert_eq!(expand_home("~/envs", None), Path::new("~/envs"));
        assert_eq!(shrink_home(Path::new("/home/me/.condarc"), home), "~/.condarc");
        assert_eq!(shrink_home(Path::new("/home/mean"), home), "/home/mean");
        assert_eq!(absolute(Path::new("../x/./y"), Path::new("/a/b")), Path::new("/a/x/y"));
        assert_eq!(absolute(Path::new("/../x/"), Path::new("/a")), Path::new("/x"));
    }
}
