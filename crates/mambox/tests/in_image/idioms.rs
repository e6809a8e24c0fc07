//! What public Dockerfiles say, by how often they say it.

use std::path::Path;

use mambox_conformance::{Engine, unique};

/// One way of using the program in a Dockerfile.
pub(crate) struct Idiom {
    pub(crate) name: &'static str,
    /// Behind `FROM`.
    dockerfile: &'static str,
    /// Options of `run`, the program, and what it prints.
    runs: &'static [Run],
    /// Whether the base must have bash.
    pub(crate) bash: bool,
}

type Run = (&'static [&'static str], &'static [&'static str], &'static str);

impl Idiom {
    const fn new(name: &'static str, dockerfile: &'static str, runs: &'static [Run]) -> Self {
        Self { name, dockerfile, runs, bash: false }
    }

    /// Builds and runs it.
    pub(crate) fn try_on(&self, engine: Engine, base: &str, context: &Path) -> Result<(), String> {
        let name = format!("localhost/{}:1", unique("idiom"));
        let dockerfile = format!("FROM {base}\n{}", self.dockerfile);
        let image = engine.build(&dockerfile, Some(context), &name).map_err(|error| error.to_string())?;
        for (options, program, expected) in self.runs {
            let printed = image.run(options, program).map_err(|error| error.to_string())?;
            if printed != *expected {
                return Err(format!("{program:?} printed {printed:?}, not {expected:?}"));
            }
        }
        Ok(())
    }
}

/// All of them.
pub(crate) fn all() -> Vec<Idiom> {
    vec![
        Idiom::new(
            "install from a file, then clean",
            "COPY env.yaml /tmp/env.yaml
RUN micromamba install -y -n base -f /tmp/env.yaml && micromamba clean --all --yes
ARG MAMBA_DOCKERFILE_ACTIVATE=1
RUN tool > /tmp/built",
            &[
                (&[], &["tool"], "tool 2\n"),
                (&[], &["sh", "-c", "cat /tmp/built; echo $TOOL_DATA $CONDA_PREFIX"], "tool 2\n/data /opt/conda\n"),
                (&["--user", "1234:0"], &["tool"], "tool 2\n"),
            ],
        ),
        Idiom::new(
            "install specs quietly, clean by short flags",
            "RUN micromamba install -qy -n base -c file:///channel 'tool>=2' && micromamba clean -afy",
            &[(&[], &["greet"], "hello\n")],
        ),
        Idiom::new(
            "a new environment",
            "RUN micromamba create -y -n work -c file:///channel greet && micromamba clean -ay
ENV ENV_NAME=work",
            &[(&[], &["greet"], "hello\n"), (&[], &["micromamba", "run", "-n", "work", "greet"], "hello\n")],
        ),
        Idiom::new(
            "run as SHELL and as ENTRYPOINT",
            "RUN micromamba create -y -n work -c file:///channel tool
SHELL [\"micromamba\", \"run\", \"-n\", \"work\", \"/bin/sh\", \"-c\"]
RUN tool && test \"$TOOL_DATA\" = /data
ENTRYPOINT [\"micromamba\", \"run\", \"-n\", \"work\"]",
            &[(&[], &["tool"], "tool 2\n"), (&["--user", "4321", "--read-only"], &["tool"], "tool 2\n")],
        ),
        Idiom::new(
            "configuration first",
            "RUN micromamba config set extract_threads 1 && micromamba config append channels file:///channel \\
 && micromamba config set channel_priority strict && micromamba install -yn base tool",
            &[(&[], &["tool"], "tool 2\n")],
        ),
        Idiom::new(
            "env create, export and an exact copy",
            "RUN micromamba create -y -n one -c file:///channel tool && micromamba env export --explicit -n one > /tmp/lock.txt \\
 && micromamba create -y -n two -f /tmp/lock.txt && micromamba env remove -y -n one",
            &[(&["--env", "ENV_NAME=two"], &["tool"], "tool 2\n")],
        ),
        Idiom::new(
            "update and remove as root",
            "USER root
RUN micromamba install -y -n base -c file:///channel tool && micromamba update -y -n base -c file:///channel --all \\
 && micromamba remove -y -n base tool && micromamba clean --all --yes
USER $MAMBA_USER",
            &[(&[], &["sh", "-c", "micromamba list -n base | grep -c tool || true"], "0\n")],
        ),
        Idiom {
            bash: true,
            ..Idiom::new(
                "shell init, and a hook by hand",
                "RUN micromamba install -y -n base -c file:///channel tool && micromamba shell init -s bash -r /opt/conda
RUN eval \"$(micromamba shell hook --shell=bash)\" && micromamba activate && tool",
                &[(&["--entrypoint", ""], &["bash", "-ic", "micromamba activate base && tool"], "tool 2\n")],
            )
        },
    ]
}
