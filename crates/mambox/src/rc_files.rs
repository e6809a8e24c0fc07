//! Where `.condarc` and `.mambarc` files are, in mamba's order.

use std::path::{Path, PathBuf};

use mambox_env::CondaRc;

use crate::machine::Machine;

/// What the rc files say together, and what could not be read in them.
#[derive(Debug, Default)]
pub(crate) struct RcFiles {
    /// The files merged.
    pub(crate) rc: CondaRc,
    /// For the person.
    pub(crate) warnings: Vec<String>,
}

impl RcFiles {
    /// Reads `chosen` if any, else those that mamba would read.
    pub(crate) fn read(machine: &Machine, chosen: &[PathBuf]) -> Self {
        let files = match chosen {
            [] => usual(machine),
            chosen => chosen.iter().map(|file| machine.current_dir.join(file)).collect(),
        };
        let mut read = Self::default();
        for file in files {
            read.add(machine, &file, !chosen.is_empty());
        }
        read
    }

    /// Puts a file over those read so far.
    fn add(&mut self, machine: &Machine, file: &Path, must_exist: bool) {
        let shown = file.display().to_string();
        match std::fs::read_to_string(file) {
            Ok(text) => {
                let lookup = |name: &str| machine.var(name).map(str::to_owned);
                let read = CondaRc::from_yaml(&text, &shown, &lookup);
                self.warnings.extend(read.warnings);
                self.rc = read.rc.merge(std::mem::take(&mut self.rc));
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && !must_exist => {}
            Err(error) => self.warnings.push(format!("{shown}: not read: {error}")),
        }
    }
}

/// The files that there may be, lowest rank first. With `CONDARC` or `MAMBARC` only these count.
fn usual(machine: &Machine) -> Vec<PathBuf> {
    let named: Vec<PathBuf> =
        ["CONDARC", "MAMBARC"].iter().filter_map(|name| machine.path_var(name)).collect();
    if !named.is_empty() {
        return named;
    }
    let mut files = Vec::new();
    for folder in ["/etc/conda", "/var/lib/conda"].map(Path::new) {
        files.extend(conda_folder(folder));
        files.push(folder.join(".mambarc"));
    }
    if let Some(root) = machine.path_var("MAMBA_ROOT_PREFIX") {
        files.extend(conda_folder(&root));
        files.push(root.join(".mambarc"));
    }
    let config = machine.xdg("XDG_CONFIG_HOME", ".config");
    files.extend(config.iter().flat_map(|config| conda_folder(&config.join("conda"))));
    if let Some(home) = &machine.home {
        files.extend(conda_folder(&home.join(".conda")));
        files.push(home.join(".condarc"));
    }
    if let Some(active) = machine.path_var("CONDA_PREFIX") {
        files.extend(conda_folder(&active));
    }
    files.extend(config.iter().map(|config| config.join("mamba/.mambarc")));
    files.extend(config.iter().map(|config| config.join("mamba/mambarc")));
    if let Some(home) = &machine.home {
        files.extend([home.join(".mamba/.mambarc"), home.join(".mamba/mambarc"), home.join(".mambarc")]);
    }
    files
}

/// The files of one folder of conda's: `condarc`, `.condarc`, `condarc.d/*.yml`.
fn conda_folder(folder: &Path) -> Vec<PathBuf> {
    let mut files = vec![folder.join(".condarc"), folder.join("condarc")];
    let is_yaml = |file: &PathBuf| file.extension().is_some_and(|end| end == "yml" || end == "yaml");
    if let Ok(entries) = std::fs::read_dir(folder.join("condarc.d")) {
        let mut found: Vec<PathBuf> =
            entries.filter_map(|entry| Some(entry.ok()?.path())).filter(is_yaml).collect();
        found.sort();
        files.extend(found);
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_home_folders_mambarc_ranks_highest_unless_one_is_named() {
        let files = usual(&Machine::with(&[("MAMBA_ROOT_PREFIX", "/root-prefix")]));
        let place = |file: &str| files.iter().position(|path| path == Path::new(file)).unwrap();
        assert_eq!(place("/home/me/.mambarc"), files.len() - 1);
        let order = [
            "/etc/conda/.condarc",
            "/var/lib/conda/.condarc",
            "/root-prefix/.condarc",
            "/home/me/.config/conda/.condarc",
            "/home/me/.conda/.condarc",
            "/home/me/.condarc",
            "/home/me/.config/mamba/mambarc",
            "/home/me/.mambarc",
        ]
        .map(place);
        assert!(order.is_sorted(), "{order:?}");
        assert_eq!(usual(&Machine::with(&[("MAMBARC", "/x/rc")])), [Path::new("/x/rc")]);
    }

    #[test]
    fn a_higher_file_wins_and_a_missing_named_one_is_a_warning() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let low = write("low", "channel_alias: https://low.example\nchannels: [a]\n");
        let high = write("high", "channels: ['${CHANNEL}']\nchannel_alias: https://high.example\n");
        let machine = Machine::with(&[("CHANNEL", "b")]);
        let read = RcFiles::read(&machine, &[low, high, folder.path().join("missing")]);
        assert_eq!(read.rc.channels, ["b", "a"]);
        assert_eq!(read.rc.channel_alias.as_deref(), Some("https://high.example"));
        assert_eq!(read.warnings.len(), 1, "{:?}", read.warnings);
    }
}
