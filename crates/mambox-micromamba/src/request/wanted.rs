//! The two ways to ask: by specs, which are solved, or by an exact list, which is not.

use std::collections::BTreeMap;

use mambox_env::{EnvSpec, ExplicitPackage, Lock};

use super::PipSection;

/// What is asked for.
#[derive(Debug)]
pub(crate) enum Asked {
    /// To be solved.
    Specs(Specs),
    /// To be taken as it is.
    Exact(Exact),
}

/// Match specs, and what stands beside them in environment files.
#[derive(Debug, Default)]
pub(crate) struct Specs {
    /// Channels of files, match specs, name and variables.
    pub(crate) spec: EnvSpec,
    /// The match specs as written.
    pub(crate) texts: Vec<String>,
    /// `pip:` sections, each of its own file.
    pub(crate) pip: Vec<PipSection>,
}

/// An exact list of packages.
#[derive(Debug, Default)]
pub(crate) struct Exact {
    /// Of `@EXPLICIT` files: known by address alone.
    pub(crate) addresses: Vec<ExplicitPackage>,
    /// Of lock files: with their records.
    pub(crate) locks: Vec<Lock>,
    /// What a lock file has for pip.
    pub(crate) pip: Vec<PipSection>,
    /// Variables of the environment.
    pub(crate) variables: BTreeMap<String, String>,
}

impl Specs {
    /// Adds a spec of the command line.
    pub(crate) fn add(&mut self, text: &str) -> Result<(), mambox_env::SpecError> {
        self.spec.add_spec(text, "the command line")?;
        self.texts.push(text.to_owned());
        Ok(())
    }

    /// Adds what an environment file asks for; what came before has the higher rank.
    pub(crate) fn add_file(&mut self, file: EnvSpec) {
        self.texts.extend(file.specs.iter().map(ToString::to_string));
        self.spec = std::mem::take(&mut self.spec).merge(file);
    }

    /// Names of the specs, in order, each once.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for name in self.spec.specs.iter().filter_map(|spec| spec.name.as_exact()) {
            if !names.iter().any(|known| known == name.as_normalized()) {
                names.push(name.as_normalized().to_owned());
            }
        }
        names
    }
}
