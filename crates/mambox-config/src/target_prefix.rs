//! Which environment a command works on: section 3 of the reference, "Target prefix, in order".

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::expand::{absolute, expand_home};
use crate::prefix_error::PrefixError;

/// What counts where neither options, nor MAMBA_TARGET_PREFIX, nor an environment file name an environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fallback {
    /// CONDA_PREFIX, CONDA_DEFAULT_ENV, the root prefix: install, update, list, info, run, export, config.
    Active,
    /// CONDA_PREFIX alone: remove.
    CondaPrefixOnly,
    /// Nothing: create.
    None,
}

/// What the target prefix depends on. An empty text counts as none.
pub struct TargetInputs<'a> {
    /// `-p`.
    pub flag_prefix: Option<&'a str>,
    /// `-n`.
    pub flag_name: Option<&'a str>,
    /// `name` of an environment file.
    pub yaml_name: Option<&'a str>,
    /// Variables; read are MAMBA_TARGET_PREFIX, CONDA_PREFIX and CONDA_DEFAULT_ENV.
    pub environment: &'a BTreeMap<String, String>,
    /// The root prefix.
    pub root: &'a Path,
    /// Where environments are searched, in order.
    pub envs_dirs: &'a [PathBuf],
    /// What counts if nothing is named.
    pub fallback: Fallback,
    /// The home directory, where there is one.
    pub home: Option<&'a Path>,
    /// What relative paths are relative to.
    pub cwd: &'a Path,
    /// Whether a path exists.
    pub exists: &'a dyn Fn(&Path) -> bool,
    /// Whether a folder can be written, or made where it is missing.
    pub writable: &'a dyn Fn(&Path) -> bool,
}

/// The environment a command works on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Absolute; need not exist.
    pub prefix: PathBuf,
    /// A doubt to tell, as a full sentence.
    pub warning: Option<String>,
}

/// Chooses the environment.
///
/// # Errors
/// `-p` and `-n` together; a name that is a path; nothing that names an environment.
pub fn target_prefix(inputs: &TargetInputs<'_>) -> Result<Target, PrefixError> {
    let some = |text: Option<&'_ str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
    let variable = |name: &str| some(inputs.environment.get(name).map(String::as_str));
    match (some(inputs.flag_prefix), some(inputs.flag_name)) {
        (Some(prefix), Some(name)) => return Err(PrefixError::Both { prefix, name }),
        (Some(prefix), None) => return Ok(inputs.path_or_name(&prefix, "-p")),
        (None, Some(name)) => return inputs.named(&name),
        (None, None) => {}
    }
    if let Some(prefix) = variable("MAMBA_TARGET_PREFIX") {
        return Ok(inputs.path_or_name(&prefix, "MAMBA_TARGET_PREFIX"));
    }
    if let Some(name) = some(inputs.yaml_name) {
        return inputs.named(&name);
    }
    let active = variable("CONDA_PREFIX").filter(|_| inputs.fallback != Fallback::None);
    if let Some(prefix) = active {
        return Ok(inputs.at(inputs.full(&prefix)));
    }
    if inputs.fallback != Fallback::Active {
        return Err(PrefixError::NoTarget);
    }
    match variable("CONDA_DEFAULT_ENV") {
        Some(path) if path.contains('/') => Ok(inputs.at(inputs.full(&path))),
        Some(name) => inputs.named(&name),
        None => Ok(inputs.at(inputs.root.to_owned())),
    }
}

/// The prefix of an environment by its name: `base` is the root prefix, any other is searched in `envs_dirs`; one that is
/// nowhere is put into the first folder that can be written, else into the last.
///
/// # Errors
/// A name that is a path.
pub fn named_prefix(
    name: &str,
    root: &Path,
    envs_dirs: &[PathBuf],
    exists: &dyn Fn(&Path) -> bool,
    writable: &dyn Fn(&Path) -> bool,
) -> Result<PathBuf, PrefixError> {
    if name == "base" {
        return Ok(root.to_owned());
    }
    if name.contains('/') || name == "." || name == ".." || name.is_empty() {
        return Err(PrefixError::BadName { name: name.to_owned() });
    }
    let existing = envs_dirs.iter().map(|folder| folder.join(name)).find(|prefix| exists(prefix));
    let new = || {
        envs_dirs.iter().find(|folder| writable(folder)).or(envs_dirs.last()).map(|folder| folder.join(name))
    };
    Ok(existing.or_else(new).unwrap_or_else(|| root.join("envs").join(name)))
}

/// How a prefix is called in prompts and lists: `base`, the name if it lies in one of `envs_dirs` or in a folder called
/// `envs` (section 5, "activate"), else the path.
pub fn environment_name(prefix: &Path, root: &Path, envs_dirs: &[PathBuf]) -> String {
    if prefix == root {
        return "base".to_owned();
    }
    let among = |folder: &Path| folder.ends_with("envs") || envs_dirs.iter().any(|known| known == folder);
    match (prefix.parent(), prefix.file_name()) {
        (Some(folder), Some(name)) if among(folder) => name.to_string_lossy().into_owned(),
        _ => prefix.display().to_string(),
    }
}

impl TargetInputs<'_> {
    fn full(&self, path: &str) -> PathBuf {
        absolute(&expand_home(path, self.home), self.cwd)
    }

    fn at(&self, prefix: PathBuf) -> Target {
        Target { prefix, warning: None }
    }

    fn named(&self, name: &str) -> Result<Target, PrefixError> {
        // A shell does not expand ~ everywhere, and nobody means a name by it.
        if name.starts_with('~') {
            return Err(PrefixError::BadName { name: name.to_owned() });
        }
        named_prefix(name, self.root, self.envs_dirs, self.exists, self.writable)
            .map(|prefix| self.at(prefix))
    }

    /// A word without a slash is the name of an environment, if there is one of that name.
    fn path_or_name(&self, text: &str, origin: &str) -> Target {
        let full = self.full(text);
        if text.contains('/') || text.starts_with('~') {
            return self.at(full);
        }
        match named_prefix(text, self.root, self.envs_dirs, self.exists, &|_| false) {
            Ok(prefix) if text == "base" || (self.exists)(&prefix) => {
                let warning = format!(
                    "'{text}' of {origin} is taken as the name of the environment {}: use -n {text} for that, or \
                     ./{text} for a path",
                    prefix.display()
                );
                Target { prefix, warning: Some(warning) }
            }
            _ => self.at(full),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    struct Case<'a> {
        prefix: Option<&'a str>,
        name: Option<&'a str>,
        yaml: Option<&'a str>,
        variables: &'a [(&'a str, &'a str)],
        fallback: Fallback,
    }

    const NOTHING: Case<'static> =
        Case { prefix: None, name: None, yaml: None, variables: &[], fallback: Fallback::Active };

    /// `/e1/old` and `/e2/both` and `/e1/both` are there; only `/e2` can be written.
    fn target(case: &Case<'_>) -> Result<Target, PrefixError> {
        let environment =
            case.variables.iter().map(|(name, text)| (name.to_string(), text.to_string())).collect();
        target_prefix(&TargetInputs {
            flag_prefix: case.prefix,
            flag_name: case.name,
            yaml_name: case.yaml,
            environment: &environment,
            root: Path::new("/opt/conda"),
            envs_dirs: &["/e1", "/e2", "/opt/conda/envs"].map(PathBuf::from),
            fallback: case.fallback,
            home: Some(Path::new("/home/me")),
            cwd: Path::new("/here"),
            exists: &|path| ["/e1/old", "/e1/both", "/e2/both"].iter().any(|known| path == Path::new(known)),
            writable: &|path| path == Path::new("/e2"),
        })
    }

    fn path(case: Case<'_>) -> String {
        target(&case).unwrap().prefix.display().to_string()
    }

    /// Section 3, "Target prefix, in order": each row lacks what the row above was decided by.
    #[test]
    fn the_order() {
        let all = [("MAMBA_TARGET_PREFIX", "/t"), ("CONDA_PREFIX", "/c"), ("CONDA_DEFAULT_ENV", "old")];
        let full = Case { prefix: None, name: None, yaml: Some("yaml"), variables: &all, ..NOTHING };
        assert_eq!(path(Case { prefix: Some("/p"), ..full }), "/p");
        assert_eq!(path(Case { name: Some("old"), ..full }), "/e1/old");
        assert_eq!(path(Case { ..full }), "/t");
        assert_eq!(path(Case { variables: &all[1..], ..full }), "/e2/yaml");
        assert_eq!(path(Case { variables: &all[1..], ..NOTHING }), "/c");
        assert_eq!(path(Case { variables: &all[2..], ..NOTHING }), "/e1/old");
        assert_eq!(path(Case { variables: &[("CONDA_DEFAULT_ENV", "/x/y")], ..NOTHING }), "/x/y");
        assert_eq!(path(NOTHING), "/opt/conda");
    }

    /// Section 3: remove falls back only to CONDA_PREFIX, create to nothing.
    #[test]
    fn the_fallback_depends_on_the_command() {
        let active = [("CONDA_PREFIX", "/c"), ("CONDA_DEFAULT_ENV", "old")];
        let remove = Case { variables: &active, fallback: Fallback::CondaPrefixOnly, ..NOTHING };
        assert_eq!(target(&remove).unwrap().prefix, Path::new("/c"));
        assert_eq!(target(&Case { variables: &active[1..], ..remove }), Err(PrefixError::NoTarget));
        let create = Case { variables: &active, fallback: Fallback::None, ..NOTHING };
        assert_eq!(target(&create), Err(PrefixError::NoTarget));
        assert_eq!(path(Case { variables: &[("MAMBA_TARGET_PREFIX", "/t")], ..create }), "/t");
    }

    /// Section 3: `base`, slashes, the search in envs_dirs, new names.
    #[test]
    fn names() {
        let named = |name| target(&Case { name: Some(name), ..NOTHING }).map(|target| target.prefix);
        assert_eq!(named("base").unwrap(), Path::new("/opt/conda"));
        assert_eq!(named("both").unwrap(), Path::new("/e1/both"));
        assert_eq!(named("new").unwrap(), Path::new("/e2/new"));
        assert_eq!(named("").unwrap(), Path::new("/opt/conda"), "an empty option counts as none");
        for bad in ["a/b", "/abs", "..", ".", "~"] {
            assert_eq!(named(bad), Err(PrefixError::BadName { name: bad.to_owned() }), "{bad}");
        }
        let nowhere = named_prefix("x", Path::new("/r"), &["/a".into(), "/b".into()], &|_| false, &|_| false);
        assert_eq!(nowhere.unwrap(), Path::new("/b/x"));
    }

    /// Section 3: `-p` without a slash is taken as an environment's name, with a warning.
    #[test]
    fn paths() {
        let at = |prefix| target(&Case { prefix: Some(prefix), ..NOTHING }).unwrap();
        assert_eq!(at("~/x").prefix, Path::new("/home/me/x"));
        assert_eq!(at("./x").prefix, Path::new("/here/x"));
        assert_eq!(at("x/../y/").prefix, Path::new("/here/y"));
        assert_eq!(at("new"), Target { prefix: "/here/new".into(), warning: None });
        assert_eq!(at("base").prefix, Path::new("/opt/conda"));
        let old = at("old");
        assert_eq!(old.prefix, Path::new("/e1/old"));
        insta::assert_snapshot!(old.warning.unwrap(), @"'old' of -p is taken as the name of the environment /e1/old: use -n old for that, or ./old for a path");
    }

    #[test]
    fn both_options() {
        let error = target(&Case { prefix: Some("/p"), name: Some("n"), ..NOTHING }).unwrap_err();
        insta::assert_snapshot!(error, @"Cannot set both prefix and name: leave out either -p /p or -n n");
    }

    #[test]
    fn names_for_display() {
        let name = |prefix| environment_name(Path::new(prefix), Path::new("/r"), &["/mine".into()]);
        assert_eq!(name("/r"), "base");
        assert_eq!(name("/r/envs/a"), "a");
        assert_eq!(name("/mine/b"), "b");
        assert_eq!(name("/other/c"), "/other/c");
        assert_eq!(name("/"), "/");
    }

    proptest! {
        #[test]
        fn a_name_never_leaves_its_folder(name in "[a-z./~]{0,8}") {
            if let Ok(prefix) = named_prefix(&name, Path::new("/r"), &["/e".into()], &|_| false, &|_| true) {
                prop_assert!(prefix == Path::new("/r") || prefix.parent() == Some(Path::new("/e")));
            }
        }
    }
}
