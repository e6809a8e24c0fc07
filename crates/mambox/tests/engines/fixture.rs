//! A small environment, the bases it is put on, and the command that builds.

use std::path::PathBuf;

use mambox_testkit::{BuiltPackage, LocalChannel, PackageBuilder, RootFs, Run, StaticElf, TestEnv};
use serde_json::Value;

use crate::engines::{base_archives, base_name, skip};

/// A channel and a hermetic place to build in.
pub(crate) struct Fixture {
    pub(crate) env: TestEnv,
    channel: LocalChannel,
}

/// A base image on disk.
pub(crate) struct Base {
    /// `debian-bookworm`, or `imitation`.
    pub(crate) name: String,
    /// For `--base`.
    pub(crate) reference: String,
    /// Whether there is a real distribution in it, with a shell.
    pub(crate) real: bool,
}

impl Fixture {
    /// The channel holds `tool` 1.0 and `tool-data` 1.0 and 2.0.
    pub(crate) fn new() -> Self {
        let channel = LocalChannel::with([&tool(), &data("1.0"), &data("2.0")]);
        let env = TestEnv::new(env!("CARGO_BIN_EXE_mambox"));
        Self { env, channel }
    }

    /// The same, for tests in which mambox itself talks to an engine.
    pub(crate) fn with_engines() -> Self {
        let mut fixture = Self::new();
        for name in ["PATH", "DOCKER_HOST", "CONTAINERS_CONF", "XDG_RUNTIME_DIR"] {
            if let Some(value) = std::env::var_os(name) {
                fixture.env = fixture.env.var(name, value);
            }
        }
        fixture
    }

    /// The bases of this machine, or an imitation that holds nothing to run.
    pub(crate) fn bases(&self) -> Vec<Base> {
        let archives = base_archives();
        if !archives.is_empty() {
            return archives.into_iter().map(Base::real).collect();
        }
        skip("bases", "MAMBOX_TEST_BASES names no folder with .tar files");
        let path = self.env.write("imitation.tar", RootFs::debian("2.36").tar());
        vec![Base { name: "imitation".into(), reference: format!("rootfs:{}", path.display()), real: false }]
    }

    /// Builds `tool` with the given version of its data; `options` are appended.
    pub(crate) fn build(&self, data: &str, base: &str, options: &[&str]) -> Run {
        let channel = self.channel.path().to_string_lossy().into_owned();
        let data = format!("tool-data={data}");
        let packages = ["build", "-p", "tool", "-p", &data, "--no-rc", "--channel", &channel];
        let platform = ["--base", base, "--platform", "linux/amd64"];
        let run = self.env.run([packages.as_slice(), &platform, options].concat());
        assert!(run.success(), "{run}");
        run
    }

    /// Builds with the newest data and returns what `--metadata-file` says.
    pub(crate) fn build_with_metadata(&self, base: &str, options: &[&str]) -> Value {
        self.build("2.0", base, &[&["--metadata-file", "metadata.json"], options].concat());
        serde_json::from_slice(&self.env.read("metadata.json")).expect("the metadata file is JSON")
    }
}

impl Base {
    fn real(path: PathBuf) -> Self {
        Self { name: base_name(&path), reference: format!("rootfs:{}", path.display()), real: true }
    }
}

/// Programs that need no library: they show their environment and the prefix in them.
fn tool() -> BuiltPackage {
    PackageBuilder::new("tool", "1.0")
        .depends("tool-data")
        .executable("bin/show-env", StaticElf::print_environment())
        .binary_with_prefix("bin/show-prefix", StaticElf::print_c_string("{prefix}/share/tool"))
        .env_vars(&[("TOOL_LEVEL", "11")])
        .build()
}

fn data(version: &str) -> BuiltPackage {
    PackageBuilder::new("tool-data", version)
        .noarch_generic()
        .text_with_prefix("share/tool/data.txt", &format!("version {version} in {{prefix}}\n"))
        .read_only("share/tool/sealed.txt", "sealed\n")
        .symlink("share/tool/latest.txt", "data.txt")
        .build()
}
