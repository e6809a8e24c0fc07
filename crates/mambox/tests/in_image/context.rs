//! What Dockerfiles copy from: the programs, a channel, an environment file.

use std::path::Path;

use mambox_testkit::{LocalChannel, PackageBuilder, StaticElf};

use crate::family_files::{copy, dockerfile, lay_programs, program};

/// A folder for `docker build`.
pub(crate) struct Context {
    folder: tempfile::TempDir,
}

impl Context {
    /// `None` where a program is missing, which is said.
    pub(crate) fn new() -> Option<Self> {
        let what = "micromamba in images";
        let (micromamba, init) = (program("MAMBOX_MICROMAMBA", what)?, program("MAMBOX_INIT", what)?);
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path();
        copy(&micromamba, &path.join("micromamba"));
        std::fs::create_dir(path.join("tmp")).expect("a folder");
        lay_programs(path, &init);
        // A program that needs nothing of the base.
        let greet = PackageBuilder::new("greet", "1.0")
            .executable("bin/greet", StaticElf::message("hello\n"))
            .build();
        let tool = PackageBuilder::new("tool", "2.0")
            .depends("greet >=1")
            .executable("bin/tool", StaticElf::message("tool 2\n"))
            .env_vars(&[("TOOL_DATA", "/data")])
            .build();
        let channel = LocalChannel::with([&greet, &tool]);
        let copied =
            std::process::Command::new("cp").arg("-r").arg(channel.path()).arg(path.join("channel")).status();
        assert!(copied.expect("cp starts").success());
        let file = "name: base\nchannels: [\"file:///channel\", nodefaults]\ndependencies:\n- tool\n";
        std::fs::write(path.join("env.yaml"), file).expect("a file");
        Some(Self { folder })
    }

    /// The folder.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// An image of the family on a base, as Dockerfiles name it behind FROM.
    pub(crate) fn family(&self, base: &str) -> String {
        let copies = ["COPY micromamba /bin/micromamba", "COPY channel /channel"];
        // Not every base has bash.
        dockerfile(base, &copies) + "CMD [\"/bin/sh\"]\n"
    }
}
