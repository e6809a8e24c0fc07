//! The base images.

use std::path::PathBuf;

use mambox_conformance::Need;
use mambox_testkit::RootFs;

use crate::engines::{base_archives, base_name, skip};
use crate::workshop::{Workshop, wanted};

/// A root file system that environments are put on.
pub(crate) struct Base {
    /// `debian-bookworm`.
    pub(crate) name: String,
    /// The tar archive.
    pub(crate) path: PathBuf,
    /// What it has.
    pub(crate) offers: &'static [Need],
}

impl Base {
    /// Those of this machine, and one without any program.
    pub(crate) fn all(workshop: &Workshop) -> Vec<Self> {
        for expected in ["debian-bookworm", "debian-trixie", "musl-busybox"] {
            if !base_archives().iter().any(|path| base_name(path) == expected) {
                skip(expected, "it is not in the folder that MAMBOX_TEST_BASES names: see .ci/setup-engines");
            }
        }
        let shell_less = workshop.env.write("shell-less.tar", RootFs::shell_less().tar());
        let archives = std::iter::once(shell_less).chain(base_archives());
        archives.map(Self::new).filter(|base| wanted(&base.name, Self::is_name)).collect()
    }

    fn new(path: PathBuf) -> Self {
        let name = base_name(&path);
        let offers: &[Need] = match name.as_str() {
            "shell-less" => &[Need::Nothing],
            "musl-busybox" => &[Need::Nothing, Need::Sh, Need::Su],
            _ => &[Need::Nothing, Need::Sh, Need::Su, Need::Bash],
        };
        Self { name, path, offers }
    }

    /// Whether a word is the name of a base.
    fn is_name(word: &str) -> bool {
        word == "shell-less" || base_archives().iter().any(|path| base_name(path) == word)
    }
}
