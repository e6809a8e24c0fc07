//! What images of the micromamba family are made of in tests: the programs for inside an image, and a Dockerfile.
#![allow(dead_code, unreachable_pub, reason = "not every test uses every helper")]
#![allow(clippy::disallowed_methods, reason = "the variables that name the programs")]

use std::path::{Path, PathBuf};

use mambox_activate::family_scripts;

use crate::engines::skip;

/// The names of the program for inside an image. Each is a copy, as where it is copied alone into a foreign image.
const PROGRAMS: [&str; 6] = [
    "mambox-init",
    "_entrypoint.sh",
    "_dockerfile_shell.sh",
    "_apptainer_shell.sh",
    "_dockerfile_initialize_user_accounts.sh",
    "_dockerfile_setup_root_prefix.sh",
];

/// What bash sources.
const SOURCED: &str = "_activate_current_env.sh";

/// The static program that a variable names; `None` where it names none, which is said.
pub fn program(variable: &str, what: &str) -> Option<PathBuf> {
    let found = std::env::var_os(variable).map(PathBuf::from);
    if found.is_none() {
        skip(what, &format!("{variable} names no program: see .ci/build-static"));
    }
    found
}

/// Lays the entry programs into `bin/` of a Dockerfile's context, by every name, and what shells source by
/// themselves into `root/`.
pub fn lay_programs(context: &Path, init: &Path) {
    let folder = context.join("bin");
    std::fs::create_dir(&folder).expect("a folder");
    for name in PROGRAMS {
        copy(init, &folder.join(name));
    }
    for (path, text) in family_scripts() {
        let place = context.join("root").join(path.trim_start_matches('/'));
        std::fs::create_dir_all(place.parent().expect("a folder")).expect("a folder");
        std::fs::write(&place, text).unwrap_or_else(|error| panic!("{}: {error}", place.display()));
    }
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).join("../mambox-init/scripts");
    copy(&checkout.join(SOURCED), &folder.join(SOURCED));
}

/// As the family's images are made, out of `bin/`, `root/` and what else is copied.
pub fn dockerfile(base: &str, copies: &[&str]) -> String {
    format!(
        r#"FROM {base}
ENV MAMBA_USER=mambauser MAMBA_USER_ID=57439 MAMBA_USER_GID=57439 LANG=C.UTF-8 LC_ALL=C.UTF-8
ENV ENV_NAME=base MAMBA_ROOT_PREFIX=/opt/conda MAMBA_EXE=/bin/micromamba
{}
COPY bin/ /usr/local/bin/
COPY root/ /
RUN ["/usr/local/bin/_dockerfile_initialize_user_accounts.sh"]
RUN ["/usr/local/bin/_dockerfile_setup_root_prefix.sh"]
USER mambauser
WORKDIR /tmp
SHELL ["/usr/local/bin/_dockerfile_shell.sh"]
ENTRYPOINT ["/usr/local/bin/_entrypoint.sh"]
CMD ["/bin/bash"]
"#,
        copies.join("\n")
    )
}

/// Copies a file, with its mode.
pub fn copy(from: &Path, to: &Path) {
    std::fs::copy(from, to).unwrap_or_else(|error| panic!("{}: {error}", from.display()));
}
