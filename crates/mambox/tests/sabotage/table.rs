//! What is done to a sound image, and which checks must see it.

/// An image that breaks a promise.
pub(crate) struct Sabotage {
    /// What it does.
    pub(crate) name: &'static str,
    /// Instructions on top of the sound image, as root.
    pub(crate) lines: &'static [&'static str],
    /// The checks that fail, and no others, in groups.
    pub(crate) fails: &'static [&'static [&'static str]],
}

/// Only the entrypoint activates; nobody but root may read what nobody may.
const BY_ENTRYPOINT: &[&str] = &[
    "CMD PROGRAM",
    "CMD [\"PROGRAM\"]",
    "ENTRYPOINT [\"_entrypoint.sh\", \"PROGRAM\"]",
    "ENV ENV_NAME=env2, CMD [\"PROGRAM\"]",
    "GitHub Actions, shell: _entrypoint.sh bash",
    "Kubernetes, command: _entrypoint.sh PROGRAM",
    "USER and HOME stay where they are set",
    "exec CONTAINER _entrypoint.sh PROGRAM",
    "run --read-only IMAGE PROGRAM",
    "run --user 1001:1001 IMAGE PROGRAM",
    "run --user 1234:0 --read-only IMAGE PROGRAM",
    "run --user 1234:5678 IMAGE PROGRAM",
    "run -e ENV_NAME=env2 IMAGE PROGRAM",
    "run IMAGE PROGRAM",
    "run IMAGE PROGRAM, found on the PATH",
    "run IMAGE sh -c PROGRAM",
    "run IMAGE sh -lc PROGRAM",
    "run IMAGE bash -lc PROGRAM",
    "useradd in a derived image, run IMAGE PROGRAM",
];

/// The same as root.
const BY_ENTRYPOINT_AS_ROOT: &[&str] = &["root stays root", "run IMAGE su USER -c PROGRAM"];

/// `.bashrc` activates, or makes functions.
const BY_BASHRC: &[&str] = &[
    "bash -ic with MAMBA_SKIP_ACTIVATE=1: micromamba is a function",
    "bash -ic: micromamba activate env2",
    "bash -ic: micromamba is a function",
    "exec CONTAINER bash -ic PROGRAM",
    "run --entrypoint bash IMAGE -ic PROGRAM",
    "run --entrypoint su IMAGE - USER -c 'bash -ic PROGRAM'",
    "run -i --entrypoint bash IMAGE -i: prompt",
    "run -i --user root --entrypoint bash IMAGE -i: prompt",
    "run -i --user root --entrypoint su IMAGE USER -c 'bash -i': prompt",
    "run -i -e ENV_NAME=env2 --entrypoint bash IMAGE -i: prompt",
    "run -i IMAGE bash -i: prompt",
    "the user renamed in a derived image, bash -i: prompt",
    "useradd in a derived image, bash -i: prompt",
];

/// The package manager writes to the prefix, started by the entrypoint.
const PACKAGES: &[&str] = &[
    "micromamba create",
    "micromamba create, as 1001:1001",
    "micromamba install",
    "micromamba install, as 1001:1001",
];

pub(crate) const SABOTAGES: &[Sabotage] = &[
    Sabotage {
        name: "activation that does nothing",
        lines: &["ENV MAMBA_SKIP_ACTIVATE=1", "RUN : >/usr/local/bin/_activate_current_env.sh"],
        fails: &[
            BY_ENTRYPOINT,
            BY_ENTRYPOINT_AS_ROOT,
            BY_BASHRC,
            &[
                "RUN PROGRAM, after ARG MAMBA_DOCKERFILE_ACTIVATE=1",
                "RUN PROGRAM, after ENV ENV_NAME=env2 and ARG MAMBA_DOCKERFILE_ACTIVATE=1",
                "copied into another image: bash -i: prompt",
                "run IMAGE bash -ic PROGRAM",
                "the user renamed in a derived image, run IMAGE PROGRAM",
            ],
        ],
    },
    Sabotage {
        name: "no line in any .bashrc",
        lines: &[
            "RUN sed -i /_activate_current_env.sh/d /root/.bashrc /etc/skel/.bashrc /home/mambauser/.bashrc",
        ],
        fails: &[
            BY_BASHRC,
            &[
                "/etc/skel/.bashrc sources _activate_current_env.sh",
                "/root/.bashrc sources _activate_current_env.sh",
            ],
        ],
    },
    Sabotage {
        name: "an entrypoint that only execs",
        lines: &[r#"RUN printf '#!/bin/bash\nexec "$@"\n' >/usr/local/bin/_entrypoint.sh"#],
        fails: &[
            BY_ENTRYPOINT,
            BY_ENTRYPOINT_AS_ROOT,
            &[
                "USER and HOME are set where a user has none",
                "copied into another image: run --user 1001:1001 IMAGE PROGRAM",
                "copied into another image: run IMAGE PROGRAM",
                "run -e MAMBA_USER=other IMAGE PROGRAM: refused, naming both users",
                "the user renamed in a derived image, run IMAGE PROGRAM",
            ],
        ],
    },
    // The executable does its work under another file's name.
    Sabotage {
        name: "an entrypoint that ignores ENV_NAME",
        lines: &[
            r#"RUN printf '#!/bin/bash\nexport ENV_NAME=base\nexec -a _entrypoint.sh /usr/local/bin/_dockerfile_shell.sh "$@"\n' >/usr/local/bin/_entrypoint.sh"#,
        ],
        fails: &[&["ENV ENV_NAME=env2, CMD [\"PROGRAM\"]", "run -e ENV_NAME=env2 IMAGE PROGRAM"]],
    },
    Sabotage {
        name: "an entrypoint that writes to HOME",
        lines: &[
            r#"RUN printf '#!/bin/bash\ntouch "$HOME/.written" 2>/dev/null\nexec -a _entrypoint.sh /usr/local/bin/_dockerfile_shell.sh "$@"\n' >/usr/local/bin/_entrypoint.sh"#,
        ],
        fails: &[&["nothing is written to HOME", "the account's home stays as it is"]],
    },
    Sabotage {
        name: "an unreadable root prefix",
        lines: &["RUN chmod 0700 /opt/conda"],
        fails: &[
            BY_ENTRYPOINT,
            PACKAGES,
            &[
                "RUN PROGRAM, after ARG MAMBA_DOCKERFILE_ACTIVATE=1",
                "RUN PROGRAM, after ENV ENV_NAME=env2 and ARG MAMBA_DOCKERFILE_ACTIVATE=1",
                "bash -ic: micromamba activate env2",
                "conda-meta is open to 1001:1001",
                "conda-meta is open to the image's user",
                "exec CONTAINER bash -ic PROGRAM",
                "micromamba run -n env2 PROGRAM",
                "run --entrypoint bash IMAGE -ic PROGRAM",
                "run --entrypoint su IMAGE - USER -c 'bash -ic PROGRAM'",
                "run -i -e ENV_NAME=env2 --entrypoint bash IMAGE -i: prompt",
                "run IMAGE bash -ic PROGRAM",
                "the root prefix is open to 1001:1001",
                "the root prefix is open to the image's user",
                "the user renamed in a derived image, run IMAGE PROGRAM",
            ],
        ],
    },
    Sabotage {
        name: "a wrong user file",
        lines: &["RUN echo somebody >/etc/arg_mamba_user"],
        fails: &[
            BY_ENTRYPOINT,
            BY_ENTRYPOINT_AS_ROOT,
            PACKAGES,
            &[
                "/etc/arg_mamba_user holds MAMBA_USER",
                "GitHub Actions, shell: bash",
                "USER and HOME are set where a user has none",
                "exec --user 1234:5678 CONTAINER PROGRAM",
                "exec CONTAINER PROGRAM",
                "exec CONTAINER bash -ic PROGRAM",
                "exec CONTAINER sh -c PROGRAM",
                "micromamba --version",
                "nothing is written to HOME",
                "run -e ENV_NAME=env2 -e MAMBA_SKIP_ACTIVATE=1 IMAGE PROGRAM",
                "run -e MAMBA_SKIP_ACTIVATE=1 IMAGE PROGRAM",
                "run -e MAMBA_USER=other IMAGE PROGRAM: refused, naming both users",
                "run -i IMAGE bash -i: prompt",
                "run IMAGE bash -ic PROGRAM",
                "the account's home stays as it is",
                "the exit status is the program's",
                "words come through as they are",
            ],
        ],
    },
];
