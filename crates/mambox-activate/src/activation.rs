//! The variables of an active prefix.

use std::collections::{BTreeMap, BTreeSet};

use crate::captured::Captured;
use crate::quote::is_shell_name;
use crate::search_path::{folders, once};

/// Exported variables by name.
pub type Environment = BTreeMap<String, String>;

/// The search path of an image that sets none: what Docker itself assumes on Linux.
pub const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// A prefix and the variables that belong to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activation {
    /// The absolute prefix, `/opt/conda`.
    pub prefix: String,
    /// What `CONDA_DEFAULT_ENV` says: `base` for a root prefix.
    pub name: String,
    /// Variables of the packages and of the environment, merged, and those that scripts set.
    pub variables: BTreeMap<String, String>,
    /// Variables that scripts unset; an image's Env loses them.
    pub unset: BTreeSet<String>,
    /// Folders that scripts put in front of the prefix's own in `PATH`.
    pub path_first: Vec<String>,
    /// Folders that scripts put behind all others in `PATH`.
    pub path_last: Vec<String>,
}

/// What `conda-meta/state` gives a variable that was taken back: the packages' value is not set either.
const TAKEN_BACK: &str = "***unset***";

impl Activation {
    /// Merges the variables of packages with those of the environment; the latter win.
    ///
    /// Neither may set `PATH`, which would hide the base's programs, nor conda's own marks. A value of
    /// `***unset***`, as conda writes it into `conda-meta/state`, takes the variable back.
    pub fn new(
        prefix: &str,
        name: &str,
        packages: impl IntoIterator<Item = (String, String)>,
        environment: &BTreeMap<String, String>,
    ) -> Self {
        let own = environment.iter().map(|(key, value)| (key.clone(), value.clone()));
        let mut variables: BTreeMap<_, _> = packages.into_iter().chain(own).collect();
        variables.retain(|key, value| may_be_set(key) && value != TAKEN_BACK);
        Self {
            prefix: prefix.into(),
            name: name.into(),
            variables,
            unset: BTreeSet::new(),
            path_first: Vec::new(),
            path_last: Vec::new(),
        }
    }

    /// Adds what the `activate.d` scripts change, which run last and win. What is dynamic is left out.
    pub fn with_captured(mut self, captured: &Captured) -> Self {
        self.variables.retain(|key, _| !captured.unset.contains(key));
        self.unset.retain(|key| !captured.variables.contains_key(key));
        let variables = captured.variables.iter().filter(|(key, _)| may_be_set(key));
        self.variables.extend(variables.map(|(key, value)| (key.clone(), value.clone())));
        self.unset.extend(captured.unset.iter().filter(|key| may_be_set(key)).cloned());
        self.path_first.splice(0..0, captured.path_first.iter().cloned());
        self.path_last.extend(captured.path_last.iter().cloned());
        self
    }

    /// The variables to set over a base whose `PATH` is `base_path`, in a fixed order.
    pub fn env(&self, base_path: Option<&str>) -> Vec<(String, String)> {
        let mut env = vec![("PATH".to_owned(), self.path(base_path))];
        env.extend(self.marks().map(|(key, value)| (key.to_owned(), value)));
        env.extend(self.variables.iter().map(|(key, value)| (key.clone(), value.clone())));
        env
    }

    /// The variables by which conda's tools know that a prefix is active.
    pub(crate) fn marks(&self) -> [(&'static str, String); 4] {
        [
            ("CONDA_PREFIX", self.prefix.clone()),
            ("CONDA_SHLVL", "1".into()),
            ("CONDA_DEFAULT_ENV", self.name.clone()),
            ("CONDA_PROMPT_MODIFIER", format!("({}) ", self.name)),
        ]
    }

    /// The folder of the prefix's programs.
    pub(crate) fn bin(&self) -> String {
        format!("{}/bin", self.prefix)
    }

    /// The folders that come first in `PATH`, in its order: the scripts' and the prefix's own.
    pub(crate) fn front(&self) -> Vec<String> {
        let bin = self.bin();
        let all = self.path_first.iter().map(String::as_str).chain([bin.as_str()]);
        once(all).into_iter().map(str::to_owned).collect()
    }

    /// The folders that come last in `PATH`, in its order.
    pub(crate) fn back(&self) -> Vec<&str> {
        once(self.path_last.iter().map(String::as_str))
    }

    /// What scripts unset and a shell can.
    pub(crate) fn shell_unset(&self) -> impl Iterator<Item = &str> {
        self.unset.iter().map(String::as_str).filter(|name| is_shell_name(name))
    }

    /// The variables of packages and environment that a shell can export, by name.
    pub(crate) fn shell_variables(&self) -> impl Iterator<Item = (&str, &str)> {
        self.variables.iter().filter(|(key, _)| is_shell_name(key)).map(|(key, value)| (&**key, &**value))
    }

    /// The names that no script can set, so that only the image's Env carries them.
    pub fn names_no_shell_can_set(&self) -> impl Iterator<Item = &str> {
        self.variables.keys().map(String::as_str).filter(|key| !is_shell_name(key))
    }

    /// The scripts' folders and the prefix's programs, the base's, the scripts' last ones; each once.
    fn path(&self, base_path: Option<&str>) -> String {
        let front = self.front();
        let base = base_path.filter(|path| !path.is_empty()).unwrap_or(DEFAULT_PATH);
        once(front.iter().map(String::as_str).chain(folders(base)).chain(self.back())).join(":")
    }
}

/// What `CONDA_DEFAULT_ENV` calls a prefix: `base` for the root prefix, the folder's name for
/// `<root>/envs/NAME`, and the prefix itself for any other.
pub fn default_name<'a>(prefix: &'a str, root: &str) -> &'a str {
    let prefix = prefix.trim_end_matches('/');
    let in_root = prefix.strip_prefix(root.trim_end_matches('/'));
    if in_root == Some("") {
        return "base";
    }
    let name = in_root.and_then(|rest| rest.strip_prefix("/envs/"));
    name.filter(|name| !name.contains('/')).unwrap_or(prefix)
}

/// Whether a variable is for packages, environments and scripts to set.
fn may_be_set(name: &str) -> bool {
    name != "PATH" && !is_conda_bookkeeping(name)
}

/// The names of [`Activation::marks`].
pub(crate) const MARKS: [&str; 4] =
    ["CONDA_PREFIX", "CONDA_SHLVL", "CONDA_DEFAULT_ENV", "CONDA_PROMPT_MODIFIER"];

/// The names by which conda's tools know what is active, what was before, and what they have to restore.
pub(crate) fn is_conda_bookkeeping(name: &str) -> bool {
    let numbered = |start: &str| {
        name.strip_prefix(start).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    };
    MARKS.contains(&name) || ["CONDA_PREFIX_", "CONDA_STACKED_", "__CONDA_SHLVL_"].into_iter().any(numbered)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair((key, value): (&str, &str)) -> (String, String) {
        (key.into(), value.into())
    }

    fn text(env: Vec<(String, String)>) -> String {
        env.into_iter().map(|(key, value)| format!("{key}={value}\n")).collect()
    }

    #[test]
    fn an_active_prefix_comes_first_and_the_environment_wins() {
        let packages = [("GDAL_DATA".to_owned(), "/a".to_owned()), ("X".to_owned(), "package".to_owned())];
        let own = BTreeMap::from([("X".into(), "environment".into()), ("PATH".into(), "/evil".into())]);
        let activation = Activation::new("/opt/conda", "base", packages, &own);
        insta::assert_snapshot!(text(activation.env(Some("/usr/bin:/opt/conda/bin:/bin"))), @r"
        PATH=/opt/conda/bin:/usr/bin:/bin
        CONDA_PREFIX=/opt/conda
        CONDA_SHLVL=1
        CONDA_DEFAULT_ENV=base
        CONDA_PROMPT_MODIFIER=(base) 
        GDAL_DATA=/a
        X=environment
        ");
    }

    #[test]
    fn captured_values_come_last_and_folders_stand_around_the_base() {
        let own = BTreeMap::from([("X".into(), "environment".into()), ("GONE".into(), "1".into())]);
        let captured = Captured {
            variables: [("X", "script"), ("Y", "1"), ("CONDA_SHLVL", "9")].map(pair).into(),
            unset: ["GONE", "LANG", "PATH"].map(String::from).into(),
            path_first: vec!["/opt/conda/x".into(), "/bin".into()],
            path_last: vec!["/usr/bin".into(), "/opt/conda/late".into()],
            dynamic: ["CACHE".to_owned()].into(),
        };
        let activation = Activation::new("/opt/conda", "base", [], &own).with_captured(&captured);
        insta::assert_snapshot!(text(activation.env(Some("/usr/bin:/bin"))), @r"
        PATH=/opt/conda/x:/bin:/opt/conda/bin:/usr/bin:/opt/conda/late
        CONDA_PREFIX=/opt/conda
        CONDA_SHLVL=1
        CONDA_DEFAULT_ENV=base
        CONDA_PROMPT_MODIFIER=(base) 
        X=script
        Y=1
        ");
        assert_eq!(activation.unset, ["GONE", "LANG"].map(String::from).into());
    }

    #[test]
    fn a_variable_that_was_taken_back_hides_the_packages() {
        let own = [("A", "***unset***"), ("CONDA_PREFIX", "/evil")].map(pair).into();
        let activation = Activation::new("/opt/conda", "base", [pair(("A", "1"))], &own);
        assert!(activation.variables.is_empty());
    }

    #[test]
    fn prefixes_have_conda_s_names() {
        for (prefix, name) in [
            ("/opt/conda", "base"),
            ("/opt/conda/", "base"),
            ("/opt/conda/envs/py", "py"),
            ("/opt/conda/envs/py/envs/x", "/opt/conda/envs/py/envs/x"),
            ("/opt/conda/envs", "/opt/conda/envs"),
            ("/opt/conda2", "/opt/conda2"),
            ("/srv/envs/py", "/srv/envs/py"),
        ] {
            assert_eq!(default_name(prefix, "/opt/conda/"), name, "{prefix}");
        }
    }

    #[test]
    fn a_base_without_a_path_gets_the_usual_one() {
        let activation = Activation::new("/opt/conda", "base", [], &BTreeMap::new());
        let expected = ("PATH".to_owned(), format!("/opt/conda/bin:{DEFAULT_PATH}"));
        assert_eq!(activation.env(None)[0], expected);
        assert_eq!(activation.env(Some(""))[0], expected);
    }
}
