//! From all sources to one value a key.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::error::ConfigError;
use crate::expand::{absolute, expand_home, expand_variables};
use crate::files::Files;
use crate::key::{Key, Kind};
use crate::keys::{KEYS, find};
use crate::merge::{Resolved, Source, merge};
use crate::parse;
use crate::rc_files::{Places, is_rc_file, usual_places};
use crate::value::Value;

/// Most warnings of one loading; what is wrong a thousand times need not be said so.
const MAX_WARNINGS: usize = 100;

/// What configuration is made of.
pub struct Inputs<'a> {
    /// Values of options, by key.
    pub cli: BTreeMap<&'static str, Value>,
    /// Every environment variable.
    pub environment: &'a BTreeMap<String, String>,
    /// The home directory, where there is one.
    pub home: Option<PathBuf>,
    /// The root prefix, where known.
    pub root_prefix: Option<PathBuf>,
    /// The prefix that is worked on, where known.
    pub target_prefix: Option<PathBuf>,
    /// `--rc-file`, the strongest first.
    pub rc_files: Vec<PathBuf>,
    /// `--no-rc`: no file counts.
    pub no_rc: bool,
    /// `--no-env`: no variable sets a key or names a file. `${NAME}` in files is still replaced.
    pub no_env: bool,
    /// What relative names of rc files are relative to.
    pub cwd: &'a Path,
    /// The file system.
    pub files: &'a dyn Files,
}

/// A configuration file that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RcFile {
    /// Where.
    pub path: PathBuf,
    /// Whether it could be read; if not, a warning says why.
    pub valid: bool,
}

/// Every key's value and where it comes from.
#[derive(Debug, Clone)]
pub struct Config {
    values: BTreeMap<&'static str, Resolved>,
    files: Vec<RcFile>,
    no_rc: bool,
    no_env: bool,
    home: Option<PathBuf>,
}

/// Configuration, and what in its sources was wrong.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The values.
    pub config: Config,
    /// What was passed over, each naming the file and line, or the variable.
    pub warnings: Vec<String>,
}

impl Config {
    /// Reads all sources: options, variables, rc files, defaults, in that order of precedence (section 3 of the
    /// reference). What is wrong in a file or variable is passed over with a warning; unknown keys without.
    ///
    /// # Errors
    /// `--rc-file` together with `--no-rc`, or naming a file that is not there; both of conda's variables for
    /// `envs_dirs`.
    pub fn load(inputs: &Inputs<'_>) -> Result<Loaded, ConfigError> {
        let mut loader = Loader { inputs, no_env: false, warnings: Vec::new() };
        let option = |key: &str| inputs.cli.get(key).and_then(Value::as_bool) == Some(true);
        loader.no_env = inputs.no_env || option("no_env") || loader.flag("no_env");
        let no_rc = inputs.no_rc || option("no_rc") || (!loader.no_env && loader.flag("no_rc"));
        let no_env = loader.no_env;
        if no_rc && !inputs.rc_files.is_empty() {
            return Err(ConfigError::RcFilesDisabled);
        }
        loader.check_envs_dirs()?;
        let (files, documents) = if no_rc { Default::default() } else { loader.read_files()? };
        let mut values = BTreeMap::new();
        for key in KEYS {
            let mut found = loader.options(key);
            found.extend(loader.variables(key));
            if key.rc {
                found.extend(loader.documents(key, &documents));
            }
            let mut resolved = merge(key, found);
            if key.kind == Kind::Paths {
                loader.complete_paths(key, &mut resolved);
            }
            values.insert(key.name, resolved);
        }
        let config = Self { values, files, no_rc, no_env, home: inputs.home.clone() };
        Ok(Loaded { config, warnings: loader.warnings })
    }

    /// What a key is set to; `None` if there is no such key.
    pub fn get(&self, key: &str) -> Option<&Resolved> {
        self.values.get(key)
    }

    /// The configuration files that are there, the strongest first.
    pub fn files(&self) -> &[RcFile] {
        &self.files
    }

    /// Whether files were left out on demand.
    pub fn without_files(&self) -> bool {
        self.no_rc
    }

    /// Whether variables were left out on demand; those of an environment file are then too.
    pub fn without_variables(&self) -> bool {
        self.no_env
    }

    /// The home directory, for display.
    pub fn home(&self) -> Option<&Path> {
        self.home.as_deref()
    }
}

type Document = (PathBuf, String, serde_yaml::Mapping);

struct Loader<'a> {
    inputs: &'a Inputs<'a>,
    no_env: bool,
    warnings: Vec<String>,
}

impl Loader<'_> {
    fn warn(&mut self, warning: String) {
        if self.warnings.len() < MAX_WARNINGS {
            self.warnings.push(warning);
        }
    }

    /// A variable that decides about other variables; it is read before them.
    fn flag(&self, key: &str) -> bool {
        let variables = find(key).map(|key| key.variables).unwrap_or_default();
        variables
            .iter()
            .filter_map(|name| self.inputs.environment.get(*name))
            .any(|text| parse::truth(text) == Some(true))
    }

    fn variable(&self, name: &str) -> Option<&str> {
        let text = self.inputs.environment.get(name)?;
        (!self.no_env && !text.is_empty()).then_some(text)
    }

    /// Section 3: both of conda's names for one key is an error.
    fn check_envs_dirs(&self) -> Result<(), ConfigError> {
        let both = self.variable("CONDA_ENVS_DIRS").is_some() && self.variable("CONDA_ENVS_PATH").is_some();
        if both { Err(ConfigError::EnvsDirsTwice) } else { Ok(()) }
    }

    /// Makes paths absolute and adds the defaults that depend on where we are: `pkgs_dirs` has them if nothing else is
    /// set, `envs_dirs` always as the last.
    fn complete_paths(&self, key: &Key, resolved: &mut Resolved) {
        let (home, root) = (self.inputs.home.as_deref(), self.inputs.root_prefix.as_deref());
        let full = |text: &String| absolute(&expand_home(text, home), self.inputs.cwd);
        let mut paths: Vec<PathBuf> = resolved.value.as_list().iter().map(full).collect();
        let of_root = |folder| root.map(|root| root.join(folder));
        match key.name {
            "pkgs_dirs" if paths.is_empty() => {
                paths.extend(of_root("pkgs"));
                paths.extend(home.map(|home| home.join(".mamba/pkgs")));
            }
            "envs_dirs" => paths.extend(of_root("envs").filter(|envs| !paths.contains(envs))),
            _ => {}
        }
        resolved.parts.resize(paths.len(), Source::Default);
        resolved.value = Value::list(paths.iter().map(|path| path.to_string_lossy()));
    }

    fn options(&self, key: &Key) -> Vec<(Source, Value)> {
        self.inputs.cli.get(key.name).map(|value| (Source::Cli, value.clone())).into_iter().collect()
    }

    fn variables(&mut self, key: &Key) -> Vec<(Source, Value)> {
        let mut found = Vec::new();
        for &name in key.variables {
            match self.variable(name).map(|text| parse::from_text(key, text)) {
                Some(Ok(value)) => found.push((Source::Env(name), value)),
                Some(Err(expected)) => {
                    self.warn(format!("the environment variable {name} is ignored: expected {expected}"));
                }
                None => {}
            }
        }
        found
    }

    fn documents(&mut self, key: &Key, documents: &[Document]) -> Vec<(Source, Value)> {
        let environment = self.inputs.environment;
        let expand = |text: &str| expand_variables(text, environment);
        let mut found = Vec::new();
        for (path, text, document) in documents {
            let Some(node) = document.get(key.name).filter(|node| !node.is_null()) else { continue };
            match parse::from_yaml(key, node, &expand) {
                Ok(value) => found.push((Source::File(path.clone()), value)),
                Err(expected) => {
                    let line = line_of(text, key.name);
                    let name = key.name;
                    self.warn(format!("{}:{line}: {name} is ignored: expected {expected}", path.display()));
                }
            }
        }
        found
    }

    /// Every file that is there and what those that can be read hold, the strongest first.
    fn read_files(&mut self) -> Result<(Vec<RcFile>, Vec<Document>), ConfigError> {
        let mut files = Vec::new();
        let mut documents = Vec::new();
        for (path, wanted) in self.candidates() {
            match self.inputs.files.read(&path) {
                Ok(Some(text)) => {
                    let document = self.parse(&path, text);
                    files.push(RcFile { path, valid: document.is_some() });
                    documents.extend(document);
                }
                Ok(None) if wanted => return Err(ConfigError::RcFileMissing { path }),
                Ok(None) => {}
                Err(error) => {
                    self.warn(format!("{} is skipped: {error}", path.display()));
                    files.push(RcFile { path, valid: false });
                }
            }
        }
        Ok((files, documents))
    }

    /// Files that may be there, the strongest first, and whether they must be.
    fn candidates(&mut self) -> Vec<(PathBuf, bool)> {
        let home = self.inputs.home.as_deref();
        let full = |path: &str| self.inputs.cwd.join(expand_home(path, home));
        let mut named: Vec<_> =
            self.inputs.rc_files.iter().map(|path| (full(&path.to_string_lossy()), true)).collect();
        named.extend(
            ["MAMBARC", "CONDARC"]
                .iter()
                .filter_map(|name| self.variable(name))
                .map(|path| (full(path), false)),
        );
        let replace = self.variable("MAMBA_OVERRIDE_RC_FILES").and_then(parse::truth) != Some(false);
        if !named.is_empty() && replace {
            return self.unfold(named);
        }
        let places = Places {
            home,
            root_prefix: self.inputs.root_prefix.as_deref(),
            target_prefix: self.inputs.target_prefix.as_deref(),
            environment: self.inputs.environment,
        };
        named.extend(usual_places(&places).into_iter().rev().map(|path| (path, false)));
        self.unfold(named)
    }

    /// Folders become the files in them, the last by name the strongest, as in conda.
    fn unfold(&mut self, paths: Vec<(PathBuf, bool)>) -> Vec<(PathBuf, bool)> {
        let mut unfolded = Vec::new();
        for (path, wanted) in paths {
            let is_folder_name = path.extension().is_some_and(|ending| ending == "d");
            if !is_folder_name && !wanted {
                unfolded.push((path, wanted));
                continue;
            }
            match self.inputs.files.list(&path) {
                Ok(Some(mut inside)) => {
                    inside.retain(|file| is_rc_file(file));
                    inside.sort();
                    unfolded.extend(inside.into_iter().rev().map(|file| (file, false)));
                }
                Ok(None) => unfolded.push((path, wanted)),
                Err(error) => self.warn(format!("{} is skipped: {error}", path.display())),
            }
        }
        unfolded
    }

    fn parse(&mut self, path: &Path, text: String) -> Option<Document> {
        use serde_yaml::Value as Yaml;
        match serde_yaml::from_str(&text) {
            Ok(Yaml::Mapping(document)) => Some((path.to_owned(), text, document)),
            Ok(Yaml::Null) => Some((path.to_owned(), text, Default::default())),
            Ok(_) => {
                self.warn(format!("{}:1: skipped: expected keys and values", path.display()));
                None
            }
            Err(error) => {
                let line = error.location().map_or(1, |location| location.line());
                self.warn(format!("{}:{line}: skipped, no valid YAML: {error}", path.display()));
                None
            }
        }
    }
}

/// The line that a key of the document stands in; 1 if it cannot be found.
fn line_of(text: &str, key: &str) -> usize {
    let starts = |line: &str| {
        let line = line.trim_start_matches(['"', '\'']);
        line.strip_prefix(key).is_some_and(|rest| rest.trim_start_matches(['"', '\'', ' ']).starts_with(':'))
    };
    text.lines().position(starts).map_or(1, |at| at + 1)
}

#[cfg(test)]
mod key_tests;
#[cfg(test)]
mod tests;
