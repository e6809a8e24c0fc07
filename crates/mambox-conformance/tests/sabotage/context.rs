//! A sound image of the family: a base, the programs for inside an image, and what a Dockerfile makes of them.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use mambox_conformance::{Engine, Image};

/// The names of the entry programs. Each is a copy, as where it is copied alone into a foreign image.
const PROGRAMS: [&str; 5] = [
    "_entrypoint.sh",
    "_dockerfile_shell.sh",
    "_apptainer_shell.sh",
    "_dockerfile_initialize_user_accounts.sh",
    "_dockerfile_setup_root_prefix.sh",
];

/// What bash sources.
const SOURCED: &str = "_activate_current_env.sh";

/// Certificates, as far as anything is looked at here.
const CERTIFICATES: &str = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n";

/// What images are made of.
pub(crate) struct Context {
    folder: tempfile::TempDir,
    base: PathBuf,
}

/// Says what is not tested here. Not captured by the test runner, so that it is seen in a passing run, too.
pub(crate) fn skip(what: &str, why: &str) {
    say(&format!("skipped: {what}: {}", why.trim()));
}

/// Says something, not captured by the test runner either.
pub(crate) fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

impl Context {
    /// `None` where something is missing, which is said.
    pub(crate) fn new() -> Option<Self> {
        let (micromamba, init) = (program("MAMBOX_MICROMAMBA")?, program("MAMBOX_INIT")?);
        let base = base()?;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path();
        std::fs::create_dir(path.join("bin")).expect("a folder");
        copy(&micromamba, &path.join("micromamba"));
        for name in PROGRAMS {
            copy(&init, &path.join("bin").join(name));
        }
        let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../mambox-init/scripts");
        copy(&scripts.join(SOURCED), &path.join("bin").join(SOURCED));
        std::fs::write(path.join("ca-certificates.crt"), CERTIFICATES).expect("a file");
        Some(Self { folder, base })
    }

    /// The base as it is, under a name.
    pub(crate) fn import(&self, engine: Engine, name: &str) -> Image {
        must(engine.import(&self.base, name))
    }

    /// An image of the family on that base.
    pub(crate) fn family(&self, engine: Engine, base: &str, name: &str) -> Image {
        must(engine.build(&dockerfile(base), Some(self.folder.path()), name))
    }
}

/// As the family's images are made.
fn dockerfile(base: &str) -> String {
    format!(
        r#"FROM {base}
ENV MAMBA_USER=mambauser MAMBA_USER_ID=57439 MAMBA_USER_GID=57439 LANG=C.UTF-8 LC_ALL=C.UTF-8
ENV ENV_NAME=base MAMBA_ROOT_PREFIX=/opt/conda MAMBA_EXE=/bin/micromamba
COPY micromamba /bin/micromamba
COPY ca-certificates.crt /etc/ssl/certs/
COPY bin/ /usr/local/bin/
RUN ["/usr/local/bin/_dockerfile_initialize_user_accounts.sh"]
RUN ["/usr/local/bin/_dockerfile_setup_root_prefix.sh"]
USER mambauser
WORKDIR /tmp
SHELL ["/usr/local/bin/_dockerfile_shell.sh"]
ENTRYPOINT ["/usr/local/bin/_entrypoint.sh"]
CMD ["/bin/bash"]
"#
    )
}

/// A program for inside images that a variable names.
fn program(variable: &str) -> Option<PathBuf> {
    let found = std::env::var_os(variable).map(PathBuf::from);
    if found.is_none() {
        skip("checks of the family", &format!("{variable} names no program: see .ci/build-static"));
    }
    found
}

/// A root file system with bash.
fn base() -> Option<PathBuf> {
    let folder = std::env::var_os("MAMBOX_TEST_BASES").map(PathBuf::from).unwrap_or_default();
    let files = ["debian-bookworm.tar", "debian-trixie.tar"].map(|name| folder.join(name));
    let found = files.into_iter().find(|path| path.is_file());
    if found.is_none() {
        skip("checks of the family", "MAMBOX_TEST_BASES has no Debian: see .ci/setup-engines");
    }
    found
}

/// What must have worked.
pub(crate) fn must<T, E: std::fmt::Display>(result: Result<T, E>) -> T {
    result.unwrap_or_else(|error| panic!("{error}"))
}

fn copy(from: &Path, to: &Path) {
    std::fs::copy(from, to).unwrap_or_else(|error| panic!("{}: {error}", from.display()));
}
