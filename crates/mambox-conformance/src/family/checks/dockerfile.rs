//! `RUN` lines in the shell form.

use super::rows::{SEEN, row};
use crate::check::{Need, Words};
use crate::family::check::Expect::{Active, NotActive, PrintsOnly};
use crate::family::check::{Expect, FamilyCheck, Group, Look};

pub(super) const ROWS: &[FamilyCheck] = &[
    step("RUN false | true: fails", Look::FailingBuild(&["RUN false | true"]), &[]),
    step("RUN false, then another line: fails", Look::FailingBuild(&["RUN false; true"]), &[]),
    step(
        "RUN is run by bash",
        seen(&["RUN [[ -n $BASH_VERSION ]] && echo bash >/tmp/seen"]),
        &[PrintsOnly("bash")],
    ),
    step(
        "RUN PROGRAM, after ENV ENV_NAME=env2 and ARG MAMBA_DOCKERFILE_ACTIVATE=1",
        seen(&["ENV ENV_NAME=env2", "ARG MAMBA_DOCKERFILE_ACTIVATE=1", "RUN {show} >/tmp/seen"]),
        &[Active("env2")],
    ),
    step(
        "RUN PROGRAM, after ARG MAMBA_DOCKERFILE_ACTIVATE=0",
        seen(&["ARG MAMBA_DOCKERFILE_ACTIVATE=0", "RUN {show} >/tmp/seen"]),
        &[NotActive],
    ),
];

const fn step(name: &'static str, look: Look, expects: &'static [Expect]) -> FamilyCheck {
    row(Group::Dockerfile, name, look, expects).needs(&[Need::Sh, Need::Bash])
}

const fn seen(instructions: Words) -> Look {
    Look::Derived(instructions, SEEN)
}
