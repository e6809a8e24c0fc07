//! The programs, copied one by one into an image that is not of the family.

use super::rows::{SEEN, row, start, typing};
use crate::check::Need;
use crate::family::check::Expect::{Active, PrintsVersion, Prompts};
use crate::family::check::{Expect, FamilyCheck, Group, Look};

pub(super) const ROWS: &[FamilyCheck] = &[
    foreign(
        "copied into another image: run IMAGE PROGRAM",
        Look::Foreign(&[], start(&[], &["{show}"])),
        &[Active("base")],
    ),
    foreign(
        "copied into another image: run --user 1001:1001 IMAGE PROGRAM",
        Look::Foreign(&[], start(&["--user", "1001:1001"], &["{show}"])),
        &[Active("base")],
    ),
    foreign(
        "copied into another image: RUN PROGRAM, after ARG MAMBA_DOCKERFILE_ACTIVATE=1",
        Look::Foreign(&["ARG MAMBA_DOCKERFILE_ACTIVATE=1", "RUN {show} >/tmp/seen"], SEEN),
        &[Active("base")],
    ),
    foreign(
        "copied into another image: micromamba --version",
        Look::Foreign(&[], start(&["--entrypoint", "/bin/micromamba"], &["--version"])),
        &[PrintsVersion],
    ),
    foreign(
        "copied into another image: bash -i: prompt",
        Look::Foreign(&[], typing(&["--entrypoint", "bash"], &["-i"], "exit\n")),
        &[Prompts("(base) ")],
    )
    .needs(&[Need::Sh, Need::Bash]),
];

const fn foreign(name: &'static str, look: Look, expects: &'static [Expect]) -> FamilyCheck {
    row(Group::Foreign, name, look, expects)
}
