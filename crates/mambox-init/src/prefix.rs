//! Which prefix is meant, and what its files say.

use std::collections::BTreeMap;
use std::path::Path;

use mambox_activate::{
    Activation, DOCUMENT, Document, Mode, STATE, default_name, package_variables, parse_state,
};

use crate::root::Root;
use crate::world::World;

/// Where images have their root prefix, unless they say otherwise.
pub(crate) const DEFAULT_ROOT_PREFIX: &str = "/opt/conda";

/// Where packages keep scripts, in a prefix.
const SCRIPTS: &str = "etc/conda/activate.d";
/// Where packages keep variables, in a prefix.
const VARIABLES: &str = "etc/conda/env_vars.d";

/// The prefix that the variables mean.
///
/// `ENV_NAME` is `base` (the root prefix), the name of a prefix in `envs` of the root prefix, or a path. The root
/// prefix is `MAMBA_ROOT_PREFIX`, else that of the active prefix, else `/opt/conda`. Where neither variable
/// is set, the active prefix is meant, if it is in this image: Apptainer hands the host's on.
pub(crate) fn wanted(world: &World) -> String {
    let active = world.variable("CONDA_PREFIX").filter(|prefix| is_environment(&world.root, prefix));
    let root = world.variable("MAMBA_ROOT_PREFIX");
    let name = world.variable("ENV_NAME");
    if let (Some(active), None, None) = (active, root, name) {
        return active.into();
    }
    let root = root.or_else(|| active.map(root_of)).unwrap_or(DEFAULT_ROOT_PREFIX).trim_end_matches('/');
    match name.unwrap_or("base") {
        "base" => root.into(),
        path if path.contains('/') => absolute(path),
        name => format!("{root}/envs/{name}"),
    }
}

/// The root prefix of a prefix: itself, unless it lies in a folder `envs`.
fn root_of(prefix: &str) -> &str {
    let above = prefix.rsplit_once('/').and_then(|(folder, _)| folder.strip_suffix("/envs"));
    above.filter(|root| !root.is_empty()).unwrap_or(prefix)
}

/// Whether there is an environment in a folder: by conda's definition, one with a history of its own.
fn is_environment(root: &Root, prefix: &str) -> bool {
    root.is_folder(Path::new(prefix).join("conda-meta"))
}

fn absolute(path: &str) -> String {
    let absolute = std::path::absolute(path).ok().and_then(|path| path.into_os_string().into_string().ok());
    absolute.as_deref().unwrap_or(path).trim_end_matches('/').into()
}

/// What the files of a prefix say.
#[derive(Debug)]
pub(crate) struct Prefix {
    /// Its variables, without those that its scripts set.
    pub(crate) plain: Activation,
    /// Its `activate.d` scripts, relative to the prefix, in order.
    pub(crate) scripts: Vec<String>,
    /// What the build learnt of them; read only where there are some.
    pub(crate) document: Option<Document>,
}

impl Prefix {
    /// Reads a prefix. A file that cannot be read is a problem to tell and counts for nothing; `None` where
    /// there is no environment.
    pub(crate) fn read(world: &World, prefix: &str, problems: &mut Vec<String>) -> Option<Self> {
        let root = &world.root;
        if !is_environment(root, prefix) {
            return None;
        }
        let files = Files { root, prefix, problems };
        Some(files.all(default_name(prefix, world.variable("MAMBA_ROOT_PREFIX").unwrap_or(root_of(prefix)))))
    }

    /// Its variables, with those of its scripts as far as the build captured them.
    pub(crate) fn captured(&self) -> Activation {
        let plain = self.plain.clone();
        match &self.document {
            Some(Document { mode: Mode::Captured, captured, .. }) => plain.with_captured(captured),
            _ => plain,
        }
    }

    /// Whether a shell has to source the scripts: they are not what the build captured, or what they set
    /// depends on the moment. Whoever built with `--activation none` wants none of them.
    pub(crate) fn needs_shell(&self) -> bool {
        match &self.document {
            None => !self.scripts.is_empty(),
            Some(Document { mode: Mode::Entrypoint, .. }) => true,
            Some(Document { mode: Mode::None, .. }) => false,
            Some(Document { mode: Mode::Captured, scripts, captured, .. }) => {
                !captured.dynamic.is_empty() || self.scripts.iter().any(|script| !scripts.contains(script))
            }
        }
    }

    /// The scripts as absolute paths.
    pub(crate) fn script_paths(&self) -> Vec<String> {
        self.scripts.iter().map(|script| format!("{}/{script}", self.plain.prefix)).collect()
    }
}

/// The files of a prefix, and where to complain about them.
struct Files<'a> {
    root: &'a Root,
    prefix: &'a str,
    problems: &'a mut Vec<String>,
}

impl Files<'_> {
    fn all(mut self, name: &str) -> Prefix {
        let mut packages = BTreeMap::new();
        for file in self.names(VARIABLES, ".json") {
            packages.extend(self.parsed(&file, |text| package_variables(&file, text)).unwrap_or_default());
        }
        let own = self.parsed(STATE, |text| parse_state(text)).unwrap_or_default();
        let plain = Activation::new(self.prefix, name, packages, &own);
        let scripts = self.names(SCRIPTS, ".sh");
        let document =
            if scripts.is_empty() { None } else { self.parsed(DOCUMENT, |text| Document::parse(text)) };
        Prefix { plain, scripts, document }
    }

    /// The files of a folder that end so, by name, as paths in the prefix.
    fn names(&mut self, folder: &str, ending: &str) -> Vec<String> {
        let path = Path::new(self.prefix).join(folder);
        let names = self.root.names(&path, ending).unwrap_or_else(|e| {
            self.problems.push(format!("cannot read the folder {}: {e}", path.display()));
            Vec::new()
        });
        names.into_iter().map(|name| format!("{folder}/{name}")).collect()
    }

    /// What a file of the prefix holds; `None` where it is missing or a problem was told.
    fn parsed<T, E: ToString>(&mut self, file: &str, parse: impl FnOnce(&[u8]) -> Result<T, E>) -> Option<T> {
        let bytes = self.root.read(Path::new(self.prefix).join(file)).map_err(|e| format!("{file}: {e}"));
        let parsed = bytes.and_then(|bytes| bytes.map(|b| parse(&b).map_err(|e| e.to_string())).transpose());
        parsed.unwrap_or_else(|problem| {
            self.problems.push(format!("{}: {problem}", self.prefix));
            None
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Image;

    fn meant(variables: &[(&str, &str)]) -> String {
        let image = Image::new(&[("/srv/conda/envs/a/conda-meta/", ""), ("/x/conda-meta/", "")]);
        wanted(&image.world(variables))
    }

    #[test]
    fn a_name_or_a_path_or_what_is_active() {
        let root = ("MAMBA_ROOT_PREFIX", "/srv/conda/");
        assert_eq!(meant(&[]), "/opt/conda");
        assert_eq!(meant(&[root]), "/srv/conda");
        assert_eq!(meant(&[root, ("ENV_NAME", "base")]), "/srv/conda");
        assert_eq!(meant(&[root, ("ENV_NAME", "py")]), "/srv/conda/envs/py");
        assert_eq!(meant(&[root, ("ENV_NAME", "/data/env/")]), "/data/env");
        assert_eq!(meant(&[root, ("ENV_NAME", "")]), "/srv/conda");
    }

    #[test]
    fn the_active_prefix_stands_in_for_the_root_prefix() {
        let active = ("CONDA_PREFIX", "/srv/conda/envs/a");
        assert_eq!(meant(&[active]), "/srv/conda/envs/a");
        assert_eq!(meant(&[active, ("ENV_NAME", "b")]), "/srv/conda/envs/b");
        assert_eq!(meant(&[active, ("ENV_NAME", "base")]), "/srv/conda");
        assert_eq!(meant(&[("CONDA_PREFIX", "/x"), ("ENV_NAME", "b")]), "/x/envs/b");
        assert_eq!(meant(&[active, ("MAMBA_ROOT_PREFIX", "/opt/conda")]), "/opt/conda");
        assert_eq!(meant(&[("CONDA_PREFIX", "/home/kai/miniconda3")]), "/opt/conda", "it is the host's");
    }
}
