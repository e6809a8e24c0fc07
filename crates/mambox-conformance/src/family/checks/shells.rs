//! Interactive shells, and the functions in them. The prompt is bash's own, on its errors, where it prompts without a
//! terminal, too.

use super::rows::{row, run, typing};
use crate::check::{Need, Words};
use crate::family::check::Expect::{NotActive, Prints, PrintsOnly, Prompts};
use crate::family::check::{Expect, FamilyCheck, Group, Look};

/// Prompts once and ends.
const EXIT: &str = "exit\n";

pub(super) const ROWS: &[FamilyCheck] = &[
    shell("run -i IMAGE bash -i: prompt", typed(&[], &["bash", "-i"]), PROMPT),
    shell("run -i --entrypoint bash IMAGE -i: prompt", typed(&["--entrypoint", "bash"], &["-i"]), PROMPT),
    shell(
        "run -i --user root --entrypoint bash IMAGE -i: prompt",
        typed(&["--user", "root", "--entrypoint", "bash"], &["-i"]),
        PROMPT,
    ),
    shell(
        "run -i --user root --entrypoint su IMAGE USER -c 'bash -i': prompt",
        typed(&["--user", "root", "--entrypoint", "su"], &["{user}", "-c", "bash -i"]),
        PROMPT,
    )
    .needs(&[Need::Sh, Need::Bash, Need::Su]),
    shell(
        "run -i -e ENV_NAME=env2 --entrypoint bash IMAGE -i: prompt",
        typed(&["-e", "ENV_NAME=env2", "--entrypoint", "bash"], &["-i"]),
        &[Prompts("(env2) ")],
    ),
    shell(
        "bash -ic: micromamba is a function",
        run(&["--entrypoint", "bash"], &["-ic", "declare -F micromamba"]),
        &[Prints("micromamba")],
    ),
    shell(
        "bash -ic with MAMBA_SKIP_ACTIVATE=1: micromamba is a function",
        run(&["-e", "MAMBA_SKIP_ACTIVATE=1", "--entrypoint", "bash"], &["-ic", "declare -F micromamba"]),
        &[Prints("micromamba")],
    ),
    shell(
        "bash -ic with MAMBA_SKIP_ACTIVATE=1: not active",
        run(&["-e", "MAMBA_SKIP_ACTIVATE=1", "--entrypoint", "bash"], &["-ic", "{show}"]),
        &[NotActive],
    ),
    shell(
        "bash -ic: micromamba activate env2",
        run(
            &["--entrypoint", "bash"],
            &["-ic", "micromamba activate env2 && echo \"$CONDA_DEFAULT_ENV $PROBE_SCRIPT\""],
        ),
        &[PrintsOnly("env2 {prefix}/envs/env2/share")],
    ),
];

const PROMPT: &[Expect] = &[Prompts("(base) ")];

const fn shell(name: &'static str, look: Look, expects: &'static [Expect]) -> FamilyCheck {
    row(Group::Shells, name, look, expects).needs(&[Need::Sh, Need::Bash])
}

const fn typed(options: Words, command: Words) -> Look {
    Look::Run(typing(options, command, EXIT))
}
