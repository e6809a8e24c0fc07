//! What Dockerfiles copy from: the programs, a channel, an environment file.

use std::path::{Path, PathBuf};

use mambox_testkit::{LocalChannel, PackageBuilder, StaticElf};

use crate::engines::skip;

/// The names of the entry programs that images of the family have.
const PROGRAMS: [&str; 4] = [
    "_entrypoint.sh",
    "_dockerfile_shell.sh",
    "_dockerfile_initialize_user_accounts.sh",
    "_dockerfile_setup_root_prefix.sh",
];

/// What bash sources.
const SOURCED: &str = "_activate_current_env.sh";

/// A folder for `docker build`.
pub(crate) struct Context {
    folder: tempfile::TempDir,
}

impl Context {
    /// `None` where a program is missing, which is said.
    pub(crate) fn new() -> Option<Self> {
        let program = |name: &str| {
            let found = std::env::var_os(name).map(PathBuf::from);
            if found.is_none() {
                skip("micromamba in images", &format!("{name} names no program: see .ci/build-static"));
            }
            found
        };
        let (micromamba, init) = (program("MAMBOX_MICROMAMBA")?, program("MAMBOX_INIT")?);
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path();
        copy(&micromamba, &path.join("micromamba"));
        std::fs::create_dir_all(path.join("bin")).expect("a folder");
        std::fs::create_dir_all(path.join("tmp")).expect("a folder");
        for name in PROGRAMS {
            copy(&init, &path.join("bin").join(name));
        }
        let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).join("../mambox-init/scripts");
        copy(&checkout.join(SOURCED), &path.join("bin").join(SOURCED));
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
        format!(
            r#"FROM {base}
ENV MAMBA_USER=mambauser MAMBA_USER_ID=57439 MAMBA_USER_GID=57439 LANG=C.UTF-8 LC_ALL=C.UTF-8
ENV ENV_NAME=base MAMBA_ROOT_PREFIX=/opt/conda MAMBA_EXE=/bin/micromamba
COPY micromamba /bin/micromamba
COPY bin/ /usr/local/bin/
RUN ["/usr/local/bin/_dockerfile_initialize_user_accounts.sh"]
RUN ["/usr/local/bin/_dockerfile_setup_root_prefix.sh"]
COPY channel /channel
USER mambauser
WORKDIR /tmp
SHELL ["/usr/local/bin/_dockerfile_shell.sh"]
ENTRYPOINT ["/usr/local/bin/_entrypoint.sh"]
CMD ["/bin/sh"]
"#
        )
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::copy(from, to).unwrap_or_else(|error| panic!("{}: {error}", from.display()));
}
