//! Scripts that are the same in every SIF file.
//!
//! Apptainer runs its own actions since 1.0 and sources `env/*.sh`; older Singularity runs the actions in the
//! image. Variables named `SINGULARITY_…` and `SING_…` are what both set.

/// `/.singularity.d/actions/`.
pub(super) const ACTIONS: [(&str, &str); 5] = [
    ("exec", include_str!("scripts/exec.sh")),
    ("run", include_str!("scripts/run.sh")),
    ("shell", include_str!("scripts/shell.sh")),
    ("start", include_str!("scripts/start.sh")),
    ("test", include_str!("scripts/test.sh")),
];

/// `/.singularity.d/env/`, but for the image's variables.
pub(super) const ENVIRONMENT: [(&str, &str); 6] = [
    ("01-base.sh", "#!/bin/sh\n"),
    ("90-environment.sh", CUSTOM),
    ("94-appsbase.sh", ""),
    ("95-apps.sh", include_str!("scripts/apps.sh")),
    ("99-base.sh", include_str!("scripts/base.sh")),
    ("99-runtimevars.sh", include_str!("scripts/runtime.sh")),
];

/// `/.singularity.d/env/90-environment.sh`, which a definition file's `%environment` is added to.
pub(super) const CUSTOM: &str = "#!/bin/sh\n# Variables of one's own come here.\n";

/// `/.singularity.d/startscript`, which `apptainer instance start` runs: an image has none.
pub(super) const START: &str = "#!/bin/sh\n";
