//! What the packages of an environment say together: who wins a contested path, which variables they set,
//! which scripts they would run. It costs a look into every archive, so it is remembered.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use mambox_activate::package_variables;
use mambox_layer::{Claims, Conflicts};
use mambox_oci::{Digest, Layer};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::plans::Plans;
use crate::{BuildError, embedded};

const VARIABLES: &str = "etc/conda/env_vars.d/";
const SCRIPTS: &str = "etc/conda/activate.d/";

/// The facts, as they lie in `<cache>/environments/<key>.json`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EnvironmentFacts {
    /// Who wins.
    pub(crate) conflicts: Conflicts,
    /// Variables of the packages; where several files set one, the last file by name wins.
    pub(crate) variables: BTreeMap<String, String>,
    /// `activate.d` scripts, relative to the prefix, in the order in which they are sourced: by name.
    pub(crate) scripts: Vec<String>,
    /// Scripts that would run at installation, dependencies first.
    pub(crate) link_scripts: Vec<LinkScript>,
}

/// A script that a package runs when it is installed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LinkScript {
    /// The package's name.
    pub(crate) package: String,
    /// Relative to the prefix: `bin/.NAME-post-link.sh`.
    pub(crate) path: String,
}

impl LinkScript {
    /// The script among what a package installs; `when` is `pre-link` or `post-link`.
    fn among(claims: &Claims, when: &str) -> Option<Self> {
        let path = format!("bin/.{}-{when}.sh", claims.package());
        let found = claims.paths().any(|claimed| claimed == path);
        found.then(|| Self { package: claims.package().to_owned(), path })
    }

    /// Whether it would run before its package is there, as only old conda did it.
    pub(crate) fn is_pre_link(&self) -> bool {
        self.path.ends_with("-pre-link.sh")
    }
}

/// What is known before the layers are made.
pub(crate) struct Contents {
    /// Who wins.
    pub(crate) conflicts: Conflicts,
    /// Files with variables, sorted by name, with their package.
    variable_files: BTreeMap<String, String>,
    scripts: Vec<String>,
    link_scripts: Vec<LinkScript>,
}

impl Contents {
    /// Goes through what the packages claim.
    pub(crate) fn of(claims: &[Claims], conflicts: Conflicts) -> Self {
        let mut variable_files = BTreeMap::new();
        let mut scripts = Vec::new();
        for claim in claims {
            for path in claim.paths() {
                if path.starts_with(VARIABLES) && path.ends_with(".json") {
                    variable_files.insert(path.to_owned(), claim.package().to_owned());
                } else if path.starts_with(SCRIPTS) && path.ends_with(".sh") {
                    scripts.push(path.to_owned());
                }
            }
        }
        scripts.sort();
        scripts.dedup();
        let link_scripts = |claim| ["pre-link", "post-link"].map(|when| LinkScript::among(claim, when));
        let link_scripts = claims.iter().flat_map(link_scripts).flatten().collect();
        Self { conflicts, variable_files, scripts, link_scripts }
    }

    /// Reads the variables from the finished layers.
    pub(crate) fn facts(self, plans: &Plans, layers: &[Layer]) -> Result<EnvironmentFacts, BuildError> {
        let mut variables = BTreeMap::new();
        for (path, package) in &self.variable_files {
            let full = format!("{}/{path}", plans.packages.prefix().relative());
            for (planned, layer) in plans.layers().into_iter().zip(layers) {
                if !planned.holds(package) {
                    continue;
                }
                let [found] = embedded::files(layer, [&full])
                    .map_err(|e| BuildError::io("cannot read the layer of", package, e))?;
                let read = |text: Vec<u8>| package_variables(path, &text);
                let set = found.map(read).transpose();
                let set = set.map_err(|source| BuildError::Variables { package: package.clone(), source })?;
                variables.extend(set.unwrap_or_default());
            }
        }
        let Self { conflicts, scripts, link_scripts, .. } = self;
        Ok(EnvironmentFacts { conflicts, variables, scripts, link_scripts })
    }
}

/// What is remembered of environments.
pub(crate) struct FactsCache(PathBuf);

impl FactsCache {
    /// Below `cache_dir`.
    pub(crate) fn new(cache_dir: &Path) -> Self {
        Self(cache_dir.join("environments"))
    }

    /// The facts, if they are remembered.
    pub(crate) fn get(&self, key: Digest) -> Option<EnvironmentFacts> {
        self.recall(key)
    }

    /// What is remembered under a key; anything unreadable counts as forgotten.
    pub(crate) fn recall<T: DeserializeOwned>(&self, key: Digest) -> Option<T> {
        serde_json::from_slice(&fs::read(self.file(key)).ok()?).ok()
    }

    /// Remembers. A cache that cannot be written is no reason to fail: it only costs time.
    pub(crate) fn put<T: Serialize>(&self, key: Digest, facts: &T) {
        let write = || -> std::io::Result<()> {
            fs::create_dir_all(&self.0)?;
            let mut file = tempfile::NamedTempFile::new_in(&self.0)?;
            file.write_all(&serde_json::to_vec(facts)?)?;
            file.as_file().sync_all()?;
            file.persist(self.file(key))?;
            Ok(())
        };
        let _ = write();
    }

    fn file(&self, key: Digest) -> PathBuf {
        self.0.join(format!("{}.json", key.hex()))
    }
}
