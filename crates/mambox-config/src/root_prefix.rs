//! Which root prefix counts: section 3 of the reference, "Root prefix, in order".

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::expand::{absolute, expand_home};
use crate::prefix_error::PrefixError;

/// What the root prefix depends on.
pub struct RootInputs<'a> {
    /// `-r`.
    pub flag: Option<&'a str>,
    /// Variables; read are MAMBA_ROOT_PREFIX and XDG_DATA_HOME.
    pub environment: &'a BTreeMap<String, String>,
    /// The running program, with links resolved.
    pub executable: &'a Path,
    /// The home directory, where there is one.
    pub home: Option<&'a Path>,
    /// What relative paths are relative to.
    pub cwd: &'a Path,
    /// Whether a path exists.
    pub exists: &'a dyn Fn(&Path) -> bool,
}

/// The root prefix, absolute; it need not exist. In order: `-r`, MAMBA_ROOT_PREFIX, the prefix that the executable is
/// installed in, `~/micromamba` if that is a root prefix, `mamba` in XDG_DATA_HOME or `~/.local/share`.
///
/// # Errors
/// All rests on the home directory and there is none.
pub fn root_prefix(inputs: &RootInputs<'_>) -> Result<PathBuf, PrefixError> {
    let variable =
        |name: &str| inputs.environment.get(name).map(String::as_str).filter(|text| !text.is_empty());
    let full = |text: &str| absolute(&expand_home(text, inputs.home), inputs.cwd);
    let given = inputs.flag.filter(|text| !text.is_empty()).or_else(|| variable("MAMBA_ROOT_PREFIX"));
    if let Some(text) = given {
        return Ok(full(text));
    }
    if let Some(prefix) = of_executable(inputs) {
        return Ok(prefix);
    }
    let classic = inputs.home.map(|home| home.join("micromamba"));
    if let Some(classic) = classic.filter(|prefix| looks_like_root(prefix, inputs.exists)) {
        return Ok(classic);
    }
    let data = variable("XDG_DATA_HOME").map(full).or_else(|| Some(inputs.home?.join(".local/share")));
    data.map(|data| data.join("mamba")).ok_or(PrefixError::NoHome)
}

/// `PREFIX/bin/micromamba` where PREFIX has a conda-meta folder. In an environment the root is above `envs`.
fn of_executable(inputs: &RootInputs<'_>) -> Option<PathBuf> {
    let folder = inputs.executable.parent().filter(|folder| folder.ends_with("bin"))?;
    let prefix = folder.parent()?;
    let is_environment = |prefix: &Path| (inputs.exists)(&prefix.join("conda-meta"));
    if !is_environment(prefix) {
        return None;
    }
    let above = prefix.parent().filter(|envs| envs.ends_with("envs")).and_then(Path::parent);
    Some(above.filter(|above| is_environment(above)).unwrap_or(prefix).to_owned())
}

fn looks_like_root(prefix: &Path, exists: &dyn Fn(&Path) -> bool) -> bool {
    ["conda-meta", "pkgs", "envs"].iter().any(|inside| exists(&prefix.join(inside)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Section 3, "Root prefix, in order": each row lacks what the row above was decided by.
    #[test]
    fn the_order() {
        let there = [
            "/opt/conda/conda-meta",
            "/home/me/micromamba/pkgs",
            "/apps/conda-meta",
            "/apps/envs/e/conda-meta",
        ];
        let of = |flag, variables: &[(&str, &str)], executable: &str, home: Option<&str>, there: &[&str]| {
            let environment =
                variables.iter().map(|(name, text)| (name.to_string(), text.to_string())).collect();
            root_prefix(&RootInputs {
                flag,
                environment: &environment,
                executable: Path::new(executable),
                home: home.map(Path::new),
                cwd: Path::new("/here"),
                exists: &|path| there.iter().any(|known| path == Path::new(known)),
            })
            .map(|path| path.display().to_string())
        };
        let (root, data) = (("MAMBA_ROOT_PREFIX", "~/r"), ("XDG_DATA_HOME", "/data"));
        let (opt, home) = ("/opt/conda/bin/micromamba", Some("/home/me"));
        assert_eq!(of(Some("rel/../r"), &[root, data], opt, home, &there).unwrap(), "/here/r");
        assert_eq!(of(Some(""), &[root, data], opt, home, &there).unwrap(), "/home/me/r");
        assert_eq!(of(None, &[("MAMBA_ROOT_PREFIX", ""), data], opt, home, &there).unwrap(), "/opt/conda");
        assert_eq!(of(None, &[], "/apps/envs/e/bin/micromamba", home, &there).unwrap(), "/apps");
        assert_eq!(of(None, &[data], "/bin/micromamba", home, &there).unwrap(), "/home/me/micromamba");
        assert_eq!(of(None, &[data], "/bin/micromamba", home, &[]).unwrap(), "/data/mamba");
        assert_eq!(of(None, &[], "/bin/micromamba", home, &[]).unwrap(), "/home/me/.local/share/mamba");
        assert_eq!(of(None, &[data], "/bin/micromamba", None, &[]).unwrap(), "/data/mamba");
        assert_eq!(of(None, &[], "/bin/micromamba", None, &[]), Err(PrefixError::NoHome));
    }
}
