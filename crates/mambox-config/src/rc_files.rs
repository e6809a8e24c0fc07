//! Where configuration files lie, and in which order they count: section 3 of the reference, "rc files, low to high".

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The folders that the order depends on.
#[derive(Debug, Clone, Copy)]
pub struct Places<'a> {
    /// The home directory, where there is one.
    pub home: Option<&'a Path>,
    /// The root prefix, where known.
    pub root_prefix: Option<&'a Path>,
    /// The prefix that is worked on, where known.
    pub target_prefix: Option<&'a Path>,
    /// Variables; read are XDG_CONFIG_HOME and CONDA_PREFIX.
    pub environment: &'a BTreeMap<String, String>,
}

/// Paths that may hold configuration, the weakest first, none twice. A name that ends in `.d` is a folder.
pub fn usual_places(places: &Places<'_>) -> Vec<PathBuf> {
    let variable =
        |name: &str| places.environment.get(name).filter(|text| !text.is_empty()).map(PathBuf::from);
    let mut order = Vec::new();
    let mut add = |folder: &Path, names: &[&str]| order.extend(names.iter().map(|name| folder.join(name)));
    let conda = [".condarc", "condarc", "condarc.d"];
    let both = [".condarc", "condarc", "condarc.d", ".mambarc"];
    let mamba = [".mambarc", "mambarc", "mambarc.d"];
    let settings = variable("XDG_CONFIG_HOME")
        .filter(|path| path.is_absolute())
        .or_else(|| places.home.map(|home| home.join(".config")));

    add(Path::new("/etc/conda"), &both);
    add(Path::new("/var/lib/conda"), &both);
    if let Some(root) = places.root_prefix {
        add(root, &both);
    }
    if let Some(settings) = &settings {
        add(&settings.join("conda"), &conda);
    }
    if let Some(home) = places.home {
        add(&home.join(".conda"), &conda);
        add(home, &[".condarc"]);
    }
    if let Some(active) = variable("CONDA_PREFIX") {
        add(&active, &both);
    }
    if let Some(settings) = &settings {
        add(&settings.join("mamba"), &mamba);
    }
    if let Some(home) = places.home {
        add(&home.join(".mamba"), &mamba);
        add(home, &[".mambarc"]);
    }
    if let Some(target) = places.target_prefix {
        add(target, &both);
    }
    strongest_only(order)
}

/// A path that stands twice (the target may be the root) counts where it is strongest.
fn strongest_only(order: Vec<PathBuf>) -> Vec<PathBuf> {
    let mut kept: Vec<PathBuf> = Vec::with_capacity(order.len());
    for path in order.into_iter().rev() {
        if !kept.contains(&path) {
            kept.push(path);
        }
    }
    kept.reverse();
    kept
}

/// Whether a file in a `.d` folder is read: YAML by its ending, or an rc file by its name.
pub(crate) fn is_rc_file(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let by_ending = path.extension().is_some_and(|ending| ending == "yml" || ending == "yaml");
    by_ending || [".condarc", "condarc", ".mambarc", "mambarc"].contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Section 3, "rc files, low to high".
    #[test]
    fn the_order() {
        let environment = [("CONDA_PREFIX".to_owned(), "/active".to_owned())].into();
        let places = Places {
            home: Some(Path::new("/home/me")),
            root_prefix: Some(Path::new("/opt/conda")),
            target_prefix: Some(Path::new("/opt/conda/envs/x")),
            environment: &environment,
        };
        let order: Vec<_> = usual_places(&places).iter().map(|path| path.display().to_string()).collect();
        insta::assert_snapshot!(order.join("\n"), @r##"
        /etc/conda/.condarc
        /etc/conda/condarc
        /etc/conda/condarc.d
        /etc/conda/.mambarc
        /var/lib/conda/.condarc
        /var/lib/conda/condarc
        /var/lib/conda/condarc.d
        /var/lib/conda/.mambarc
        /opt/conda/.condarc
        /opt/conda/condarc
        /opt/conda/condarc.d
        /opt/conda/.mambarc
        /home/me/.config/conda/.condarc
        /home/me/.config/conda/condarc
        /home/me/.config/conda/condarc.d
        /home/me/.conda/.condarc
        /home/me/.conda/condarc
        /home/me/.conda/condarc.d
        /home/me/.condarc
        /active/.condarc
        /active/condarc
        /active/condarc.d
        /active/.mambarc
        /home/me/.config/mamba/.mambarc
        /home/me/.config/mamba/mambarc
        /home/me/.config/mamba/mambarc.d
        /home/me/.mamba/.mambarc
        /home/me/.mamba/mambarc
        /home/me/.mamba/mambarc.d
        /home/me/.mambarc
        /opt/conda/envs/x/.condarc
        /opt/conda/envs/x/condarc
        /opt/conda/envs/x/condarc.d
        /opt/conda/envs/x/.mambarc
        "##);
    }

    #[test]
    fn what_is_unknown_is_left_out_and_nothing_stands_twice() {
        let environment = [("XDG_CONFIG_HOME".to_owned(), "/xdg".to_owned())].into();
        let mut places =
            Places { home: None, root_prefix: None, target_prefix: None, environment: &environment };
        let order = usual_places(&places);
        assert!(order.contains(&"/xdg/mamba/mambarc".into()));
        assert_eq!(order.len(), 8 + 6);
        places.root_prefix = Some(Path::new("/opt/conda"));
        places.target_prefix = places.root_prefix;
        let order = usual_places(&places);
        assert_eq!(order.len(), 8 + 6 + 4);
        assert_eq!(order.last().unwrap(), Path::new("/opt/conda/.mambarc"));
    }
}
