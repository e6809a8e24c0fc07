//! The variables of an active prefix.

use std::collections::BTreeMap;

use crate::quote::is_shell_name;

/// The search path of an image that sets none: what Docker itself assumes on Linux.
pub const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// A prefix and the variables that belong to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activation {
    /// The absolute prefix, `/opt/conda`.
    pub prefix: String,
    /// What `CONDA_DEFAULT_ENV` says: `base` for a root prefix.
    pub name: String,
    /// Variables of the packages and of the environment, merged.
    pub variables: BTreeMap<String, String>,
}

impl Activation {
    /// Merges the variables of packages with those of the environment; the latter win.
    ///
    /// `PATH` is never taken from either: a package that sets it would hide the base's programs.
    pub fn new(
        prefix: &str,
        name: &str,
        packages: impl IntoIterator<Item = (String, String)>,
        environment: &BTreeMap<String, String>,
    ) -> Self {
        let own = environment.iter().map(|(key, value)| (key.clone(), value.clone()));
        let variables = packages.into_iter().chain(own).filter(|(key, _)| key != "PATH").collect();
        Self { prefix: prefix.into(), name: name.into(), variables }
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

    /// The variables of packages and environment that a shell can export, by name.
    pub(crate) fn shell_variables(&self) -> impl Iterator<Item = (&str, &str)> {
        self.variables.iter().filter(|(key, _)| is_shell_name(key)).map(|(key, value)| (&**key, &**value))
    }

    /// The names that no script can set, so that only the image's Env carries them.
    pub fn names_no_shell_can_set(&self) -> impl Iterator<Item = &str> {
        self.variables.keys().map(String::as_str).filter(|key| !is_shell_name(key))
    }

    /// The prefix's programs first, then the base's; once, even where the base has the prefix already.
    fn path(&self, base_path: Option<&str>) -> String {
        let bin = self.bin();
        let base = base_path.filter(|path| !path.is_empty()).unwrap_or(DEFAULT_PATH);
        let rest = base.split(':').filter(|folder| *folder != bin);
        std::iter::once(bin.as_str()).chain(rest).collect::<Vec<_>>().join(":")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn a_base_without_a_path_gets_the_usual_one() {
        let activation = Activation::new("/opt/conda", "base", [], &BTreeMap::new());
        let expected = ("PATH".to_owned(), format!("/opt/conda/bin:{DEFAULT_PATH}"));
        assert_eq!(activation.env(None)[0], expected);
        assert_eq!(activation.env(Some(""))[0], expected);
    }
}
