//! The image's configuration.

use crate::family::check::{FamilyCheck, Group, Look, Ought};

use Ought::{Is, Number, Same, Set};

/// A custom user and custom ids are chosen when an image is built; all else is the same in every image.
pub(super) const ROWS: &[FamilyCheck] = &[
    variable("ENV MAMBA_USER", "MAMBA_USER", Set),
    variable("ENV MAMBA_USER_ID is a number", "MAMBA_USER_ID", Number),
    variable("ENV MAMBA_USER_GID is a number", "MAMBA_USER_GID", Number),
    variable("ENV LANG=C.UTF-8", "LANG", Is("C.UTF-8")),
    variable("ENV LC_ALL=C.UTF-8", "LC_ALL", Is("C.UTF-8")),
    variable("ENV ENV_NAME=base", "ENV_NAME", Is("base")),
    variable("ENV MAMBA_ROOT_PREFIX=/opt/conda", "MAMBA_ROOT_PREFIX", Is("/opt/conda")),
    variable("ENV MAMBA_EXE=/bin/micromamba", "MAMBA_EXE", Is("/bin/micromamba")),
    variable(
        "ENV CONDA_OVERRIDE_CUDA is CUDA_VERSION, and unset without",
        "CONDA_OVERRIDE_CUDA",
        Same("CUDA_VERSION"),
    ),
    setting("USER is MAMBA_USER", "User", "\"{user}\""),
    setting("WORKDIR /tmp", "WorkingDir", "\"/tmp\""),
    setting("ENTRYPOINT [\"_entrypoint.sh\"]", "Entrypoint", "[\"/usr/local/bin/_entrypoint.sh\"]"),
    setting("CMD [\"/bin/bash\"]", "Cmd", "[\"/bin/bash\"]"),
    setting("SHELL [\"_dockerfile_shell.sh\"]", "Shell", "[\"/usr/local/bin/_dockerfile_shell.sh\"]"),
];

const fn variable(name: &'static str, variable: &'static str, ought: Ought) -> FamilyCheck {
    configuration(name, Look::Variable(variable, ought))
}

const fn setting(name: &'static str, field: &'static str, value: &'static str) -> FamilyCheck {
    configuration(name, Look::Setting(field, value))
}

const fn configuration(name: &'static str, look: Look) -> FamilyCheck {
    FamilyCheck { name, group: Group::Configuration, needs: &[], look, expects: &[] }
}
